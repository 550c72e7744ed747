//! The lines of a large file, gone through on all cores and told in their order: the file is cut into stretches of equal size, and each thread takes
//! every so manyth. A line is one of the stretch in which it begins.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::{Scanned, scanned, unreadable};
use crate::jsonl::Lines;

/// Bytes of a stretch: a millisecond's work, for which the first trace waits.
const STRETCH: u64 = 1 << 20;
/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;
/// More threads than these wait for memory.
const MOST_THREADS: usize = 8;

/// The same as [`super::scan`], of a file of so many bytes that is not compressed, on all cores. Lines that begin behind these bytes are left out.
pub fn scan_large(path: &Path, bytes: u64) -> impl Iterator<Item = Scanned> + Send + use<> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    scan_in(path, bytes, STRETCH, threads.min(MOST_THREADS))
}

fn scan_in(
    path: &Path,
    bytes: u64,
    stretch: u64,
    threads: usize,
) -> impl Iterator<Item = Scanned> + Send + use<> {
    let path = path.to_path_buf();
    let begun = move || match begin(&path, bytes, stretch, threads) {
        Ok(found) => found,
        Err(e) => vec![one(Found::error(e))],
    };
    // Nothing is read of a file before its turn has come.
    std::iter::once_with(begun).flat_map(in_order)
}

/// What a thread has found in a stretch.
#[derive(Default)]
struct Found {
    /// Their numbers are those within the stretch.
    lines: Vec<Scanned>,
    /// How many lines begin there, blank ones too.
    all: usize,
    /// No more can be read.
    failed: bool,
}

impl Found {
    fn error(e: io::Error) -> Self {
        Self {
            lines: vec![unreadable(0, e)],
            all: 0,
            failed: true,
        }
    }
}

/// Starts the threads: each tells what it finds in its stretches, in their order.
fn begin(
    path: &Path,
    bytes: u64,
    stretch: u64,
    threads: usize,
) -> io::Result<Vec<Receiver<Found>>> {
    let threads = (threads as u64).clamp(1, bytes.div_ceil(stretch).max(1));
    let start = |first: u64| {
        let file = File::open(path)?;
        let (say, found) = sync_channel(2);
        let every = (threads * stretch) as usize;
        let starts = (first * stretch..bytes).step_by(every);
        let stretches = starts.map(move |at| (at, (at + stretch).min(bytes)));
        let go = move || tell(&file, stretches, &say);
        thread::Builder::new().name("lines".into()).spawn(go)?;
        Ok(found)
    };
    (0..threads).map(start).collect()
}

fn one(found: Found) -> Receiver<Found> {
    let (say, told) = sync_channel(1);
    let _ = say.send(found);
    told
}

/// Tells what is in stretches until nobody hears.
fn tell(file: &File, stretches: impl Iterator<Item = (u64, u64)>, say: &SyncSender<Found>) {
    for (from, to) in stretches {
        let found = lines(file, from, to).unwrap_or_else(Found::error);
        if say.send(found).is_err() {
            return;
        }
    }
}

/// What the threads have found, in the order of the file.
fn in_order(threads: Vec<Receiver<Found>>) -> impl Iterator<Item = Scanned> {
    let (mut before, mut over) = (0, false);
    let stretches = (0..).map_while(move |n: usize| threads[n % threads.len()].recv().ok());
    stretches
        .take_while(move |found| !std::mem::replace(&mut over, found.failed))
        .flat_map(move |found| {
            let first = before;
            before += found.all;
            found.lines.into_iter().map(move |(mut place, line)| {
                place.line += first;
                (place, line)
            })
        })
}

/// The lines of a file that begin at `from` or behind it, and before `to`.
fn lines(mut file: &File, from: u64, to: u64) -> io::Result<Found> {
    // A line begins behind a line break.
    let before = from.saturating_sub(1);
    file.seek(SeekFrom::Start(before))?;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let begin = match from {
        0 => 0,
        _ => before + skip_line(&mut reader, to - before)?,
    };
    let mut lines = Lines::between(reader, begin, to);
    let mut found = Found::default();
    while let Some(read) = lines.next() {
        match read {
            Ok(()) => found.lines.push(scanned(lines.line(), None)),
            Err((line, e)) => {
                found.lines.push(unreadable(line, e));
                found.failed = true;
            }
        }
    }
    found.all = lines.all();
    Ok(found)
}

/// Goes behind the next line break, or over `most` bytes or to the end where there is none before; says over how many bytes.
fn skip_line(reader: &mut impl BufRead, most: u64) -> io::Result<u64> {
    let mut skipped = 0;
    while skipped < most {
        let there = match reader.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            there => there?,
        };
        let end = memchr::memchr(b'\n', there).map(|at| at + 1);
        let over = end.unwrap_or(there.len());
        reader.consume(over);
        skipped += over as u64;
        if end.is_some() || over == 0 {
            break;
        }
    }
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use super::super::{LineError, scan};
    use super::*;
    use crate::packed::unpack;
    use crate::{SCHEMA, Trace};

    fn said(lines: impl Iterator<Item = Scanned>) -> Vec<String> {
        lines.map(|line| format!("{line:?}")).collect()
    }

    #[test]
    fn stretches_of_any_size_have_the_lines_of_the_file() {
        let trace = |id: &str| {
            let mut trace = Trace {
                schema: SCHEMA.into(),
                ..Trace::default()
            };
            trace.prompt.id = id.into();
            serde_json::to_string(&trace).unwrap()
        };
        let (a, b) = (trace("a"), trace("a longer one"));
        let files = [
            String::new(),
            "\n\n\n".into(),
            format!("{a}\n{b}\n{a}\n"),
            format!("\n\n{a}\r\n \n{b}\n\n\nno trace\n{{}}\n\n{a}"),
            format!("{b}\n{}", "\n".repeat(700)),
            format!("{}{a}", " ".repeat(500)),
        ];
        let mut traces = 0;
        for text in files {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &text).unwrap();
            let wanted = said(scan(unpack::content(text.as_bytes())));
            traces += wanted
                .iter()
                .filter(|line| line.contains("Ok(Trace"))
                .count();
            for stretch in (1..40).chain([100, 333, 1000, 5000]) {
                for threads in 1..=3 {
                    let bytes = text.len() as u64;
                    let found = said(scan_in(file.path(), bytes, stretch, threads));
                    assert_eq!(
                        found, wanted,
                        "{stretch} bytes, {threads} threads: {text:?}"
                    );
                }
            }
        }
        assert_eq!(traces, 8);
    }

    #[test]
    fn lines_that_were_added_are_left_out_and_what_cannot_be_read_is_said_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\ntwo\nthree\n").unwrap();
        let numbers = |bytes, stretch| {
            let lines = scan_in(file.path(), bytes, stretch, 2);
            lines.map(|(place, _)| place.line).collect::<Vec<_>>()
        };
        assert_eq!(numbers(5, 2), [1, 2]);
        assert_eq!(numbers(8, 2), [1, 2]);
        assert_eq!(numbers(9, 2), [1, 2, 3]);
        // A folder opens, and cannot be read.
        for path in [Path::new("nowhere"), std::env::temp_dir().as_path()] {
            let found: Vec<_> = scan_in(path, 9, 2, 2).collect();
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(matches!(found[0].1, Err(LineError::Io(_))), "{found:?}");
        }
    }
}
