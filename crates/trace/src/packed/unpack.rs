//! Compressed files read; files that are not compressed as they are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder;

use super::packing::{MAGIC, Packing};

/// Bytes read at a time.
const BUFFER: usize = 1 << 16;

/// Where a part of a compressed file begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Bytes of the file before it.
    pub packed: u64,
    /// Bytes of the content before it.
    pub plain: u64,
}

/// Where the parts begin that a reader came to; none where the file is not compressed.
#[derive(Debug, Clone, Default)]
pub struct Parts(Arc<Mutex<Vec<Part>>>);

impl Parts {
    /// The part in which this byte of the content stands.
    pub fn of(&self, at: u64) -> Option<Part> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = all.partition_point(|p| p.plain <= at);
        behind.checked_sub(1).map(|i| all[i])
    }

    fn push(&self, part: Part) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(part);
    }
}

/// The content of a file, whether compressed or not.
pub struct Unpacked<R: BufRead> {
    state: State<R>,
    parts: Parts,
    /// Bytes of content that were read.
    plain: u64,
}

enum State<R: BufRead> {
    /// Before the first part.
    Begin(Ahead<R>),
    Plain(Ahead<R>),
    Gzip(Box<GzDecoder<Ahead<R>>>),
    Zstd(Decoder<'static, Ahead<R>>),
    Over,
}

impl<R: BufRead> Unpacked<R> {
    pub fn new(from: R) -> Unpacked<R> {
        let from = Ahead {
            peeked: Vec::new(),
            from,
            taken: 0,
        };
        Unpacked {
            state: State::Begin(from),
            parts: Parts::default(),
            plain: 0,
        }
    }

    /// Where its parts begin, as far as it has come.
    pub fn parts(&self) -> Parts {
        self.parts.clone()
    }

    /// Goes to the next part; over where there is none.
    fn next(&mut self) -> io::Result<()> {
        let (mut from, first) = match std::mem::replace(&mut self.state, State::Over) {
            State::Begin(from) => (from, true),
            State::Gzip(part) => (part.into_inner(), false),
            State::Zstd(part) => (part.finish(), false),
            State::Plain(_) | State::Over => return Ok(()),
        };
        let part = Part {
            packed: from.taken,
            plain: self.plain,
        };
        let head = from.peek(MAGIC)?;
        let packing = Packing::of_head(head);
        match (packing, first) {
            (None, true) => {
                self.state = State::Plain(from);
                return Ok(());
            }
            (None, false) if head.is_empty() => return Ok(()),
            (None, false) => {
                let cut = [Packing::Gzip, Packing::Zstd].map(|p| p.is_cut(head));
                self.parts.push(part);
                return Err(match head.len() < MAGIC && cut.contains(&true) {
                    true => cut_off(),
                    false => damaged(&format!("byte {} begins no part", part.packed + 1)),
                });
            }
            (Some(_), _) => self.parts.push(part),
        }
        self.state = match packing {
            Some(Packing::Gzip) => State::Gzip(Box::new(GzDecoder::new(from))),
            _ => State::Zstd(Decoder::with_buffer(from)?.single_frame()),
        };
        Ok(())
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                State::Begin(_) => Ok(0),
                State::Plain(from) => return from.read(to),
                State::Gzip(from) => from.read(to),
                State::Zstd(from) => from.read(to),
                State::Over => return Ok(0),
            };
            match read {
                Ok(0) => self.next()?,
                Ok(n) => {
                    self.plain += n as u64;
                    return Ok(n);
                }
                // Of the file, not of what is in it.
                Err(e) if e.raw_os_error().is_some() => return Err(e),
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Err(cut_off()),
                Err(e) => return Err(damaged(&e.to_string())),
            }
        }
    }
}

fn cut_off() -> io::Error {
    let what = "the compressed data is cut off: the file is incomplete, or still being written";
    io::Error::new(ErrorKind::UnexpectedEof, what)
}

fn damaged(what: &str) -> io::Error {
    let what = format!("the compressed data is damaged: {what}");
    io::Error::new(ErrorKind::InvalidData, what)
}

/// A reader whose next bytes can be looked at, and that counts those taken.
struct Ahead<R> {
    peeked: Vec<u8>,
    from: R,
    taken: u64,
}

impl<R: BufRead> Ahead<R> {
    /// The next `n` bytes, or as many as there are.
    fn peek(&mut self, n: usize) -> io::Result<&[u8]> {
        let missing = n.saturating_sub(self.peeked.len()) as u64;
        (&mut self.from)
            .take(missing)
            .read_to_end(&mut self.peeked)?;
        Ok(&self.peeked)
    }
}

impl<R: BufRead> Read for Ahead<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut n = to.len().min(self.peeked.len());
        to[..n].copy_from_slice(&self.peeked[..n]);
        self.peeked.drain(..n);
        // With what follows: who tells a format by the first bytes needs more than those that were looked at.
        match self.from.read(&mut to[n..]) {
            Ok(more) => n += more,
            Err(e) if n == 0 => return Err(e),
            Err(_) => {} // comes again
        }
        self.taken += n as u64;
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.peeked.is_empty() {
            true => self.from.fill_buf(),
            false => Ok(&self.peeked),
        }
    }

    fn consume(&mut self, n: usize) {
        self.taken += n as u64;
        match self.peeked.is_empty() {
            true => self.from.consume(n),
            false => drop(self.peeked.drain(..n)),
        }
    }
}

/// What files are read through.
pub type Opened = BufReader<Unpacked<BufReader<File>>>;

/// A file's content.
///
/// # Errors
/// A file that cannot be opened. Of damaged data the reader says so.
pub fn open(path: &Path) -> io::Result<Opened> {
    Ok(content(File::open(path)?))
}

/// The content of an open file, from where it stands.
pub fn content<R: Read>(from: R) -> BufReader<Unpacked<BufReader<R>>> {
    let from = BufReader::with_capacity(BUFFER, from);
    BufReader::with_capacity(BUFFER, Unpacked::new(from))
}

/// The first bytes of a file's content, at most `n`. Of a file that is cut off or damaged, what can be read.
///
/// # Errors
/// A file that cannot be read.
pub fn head(path: &Path, n: usize) -> io::Result<Vec<u8>> {
    let mut from = open(path)?.take(n as u64);
    let mut head = Vec::with_capacity(n);
    match from.read_to_end(&mut head) {
        Err(e) if e.raw_os_error().is_some() => Err(e),
        _ => Ok(head),
    }
}

/// Fills `to` with the bytes of a file's content from `at` on; `part`, which may be any before, says where reading begins.
///
/// # Errors
/// Those of the file, and `UnexpectedEof` where it has fewer bytes.
pub fn read_at(
    mut file: impl Read + Seek,
    part: Option<Part>,
    at: u64,
    to: &mut [u8],
) -> io::Result<()> {
    let Some(part) = part else {
        file.seek(SeekFrom::Start(at))?;
        return file.read_exact(to);
    };
    file.seek(SeekFrom::Start(part.packed))?;
    let mut from = content(file);
    io::copy(
        &mut (&mut from).take(at.saturating_sub(part.plain)),
        &mut io::sink(),
    )?;
    from.read_exact(to)
}

#[cfg(test)]
mod tests {
    use super::super::pack::{Packer, part};
    use super::*;
    use std::io::Write;

    const TEXTS: [&str; 3] = ["first line\n", "", "second and third\nthird\n"];

    /// All texts, each a part of its own, and where each begins.
    fn parts(packing: Packing) -> (Vec<u8>, Vec<Part>) {
        let (mut all, mut begins, mut plain) = (Vec::new(), Vec::new(), 0);
        for text in TEXTS {
            let packed = all.len() as u64;
            begins.push(Part { packed, plain });
            plain += text.len() as u64;
            all.extend(part(packing, text.as_bytes()).unwrap());
        }
        (all, begins)
    }

    /// A reader that gives a byte at a time, as a slow pipe does.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let n = 1.min(to.len());
            (&mut self.0).take(n as u64).read(&mut to[..n])
        }
    }

    #[test]
    fn parts_are_read_one_behind_the_other_and_found_again() {
        let whole = TEXTS.concat();
        for packing in [Packing::Gzip, Packing::Zstd] {
            let (all, begins) = parts(packing);
            let mut from = Unpacked::new(BufReader::with_capacity(7, Slow(&all)));
            let mut found = String::new();
            from.read_to_string(&mut found).unwrap();
            assert_eq!(found, whole, "{packing:?}");
            let noted = from.parts();
            for at in 0..whole.len() {
                let part = noted.of(at as u64).unwrap();
                assert!(begins.contains(&part), "{packing:?} {at}: {part:?}");
                let mut to = vec![0; whole.len() - at];
                read_at(io::Cursor::new(&all), Some(part), at as u64, &mut to).unwrap();
                assert_eq!(to, whole.as_bytes()[at..], "{packing:?} {at}");
            }
            let last = noted.of(whole.len() as u64 - 1).unwrap();
            assert_eq!(last, begins[2], "{packing:?}: not from the beginning");
        }
    }

    #[test]
    fn what_is_not_compressed_is_left_as_it_is() {
        for text in [
            "",
            "(",
            "{}",
            "\u{1f}",
            "a text that is longer than what is peeked",
        ] {
            let mut found = String::new();
            let mut from = content(text.as_bytes());
            from.read_to_string(&mut found).unwrap();
            assert_eq!(found, text);
            assert_eq!(from.get_ref().parts().of(0), None);
            let mut from = content(text.as_bytes());
            assert_eq!(from.fill_buf().unwrap(), text.as_bytes(), "all at once");
        }
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_says_so_unless_between_parts() {
        for packing in [Packing::Gzip, Packing::Zstd] {
            let (all, begins) = parts(packing);
            for cut in MAGIC..all.len() {
                let mut found = Vec::new();
                let read = content(&all[..cut]).read_to_end(&mut found);
                if begins.iter().any(|b| b.packed == cut as u64) {
                    assert!(read.is_ok(), "{packing:?} {cut}: {read:?}");
                } else {
                    let error = read.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{packing:?} {cut}");
                    assert!(error.to_string().contains("cut off"), "{error}");
                }
                assert!(TEXTS.concat().as_bytes().starts_with(&found));
            }
        }
    }

    #[test]
    fn damage_and_what_stands_behind_are_named() {
        for packing in [Packing::Gzip, Packing::Zstd] {
            let (mut all, begins) = parts(packing);
            all.extend(b"more");
            let error = content(&all[..]).read_to_end(&mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains("begins no part"), "{error}");
            // Every byte of the content is under a checksum.
            let middle = (begins[2].packed as usize + all.len() - 4) / 2;
            all[middle] ^= 0x40;
            let error = content(&all[..]).read_to_end(&mut Vec::new()).unwrap_err();
            // What is damaged may seem to go on behind the end.
            let says = error.to_string();
            assert!(
                says.contains("damaged") || says.contains("cut off"),
                "{packing:?}: {says}"
            );
        }
    }

    #[test]
    fn a_window_that_needs_much_memory_is_refused() {
        // A frame with a window of 2 GiB and no content.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
        let error = content(&frame[..])
            .read_to_end(&mut Vec::new())
            .unwrap_err();
        assert!(error.to_string().contains("too much memory"), "{error}");
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let text = "some text, again and again; ".repeat(10_000);
        for packing in [None, Some(Packing::Gzip), Some(Packing::Zstd)] {
            let mut packer = Packer::new(packing, Vec::new()).unwrap();
            packer.write_all(text.as_bytes()).unwrap();
            let packed = packer.finish().unwrap();
            assert_eq!(packed.len() < text.len() / 50, packing.is_some());
            let mut found = String::new();
            content(&packed[..]).read_to_string(&mut found).unwrap();
            assert_eq!(found, text);
        }
    }
}
