//! A file of lines that is appended to, continued after a kill, and never written by two runs at once; compressed where its name says so.
//!
//! Each append is one part of a compressed file, whole in itself: a kill loses no more than it does of a plain one, which is what was being written.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::OutputError;
use super::locked::locked;
use super::replace::{beside, is_at, is_stream, target};
use rotescope_trace::jsonl::{self, Line};
use rotescope_trace::packed::{self, MAGIC, Packer, Packing, Parts, unpack};

/// An open file, locked for this process.
#[derive(Debug)]
pub struct Appended {
    path: PathBuf,
    file: File,
    packing: Option<Packing>,
}

/// What the last line of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Whole,
    /// The beginning of a line that a kill cut off.
    Cut,
}

impl Appended {
    /// Opens or creates the file. What it holds already says how it is compressed, otherwise its name does.
    ///
    /// # Errors
    /// A file that another process writes, or that cannot be opened.
    pub fn open(path: &Path) -> Result<Appended, OutputError> {
        let mut opened = Appended {
            path: path.into(),
            file: locked(path, true)?,
            packing: Packing::of_name(path),
        };
        opened.look().map_err(|e| opened.io(e))?;
        Ok(opened)
    }

    /// How what is there is compressed.
    fn look(&mut self) -> io::Result<()> {
        if !self.is_file()? {
            return Ok(());
        }
        let mut head = Vec::new();
        (&self.file).take(MAGIC as u64).read_to_end(&mut head)?;
        self.file.seek(SeekFrom::Start(0))?;
        match (self.packing, head.len()) {
            (_, 0) => {}
            // A kill left less than tells what it is.
            (Some(packing), 1..MAGIC) if packing.is_cut(&head) => self.file.set_len(0)?,
            (named, _) => {
                self.packing = Packing::of_head(&head);
                if named.is_some() && self.packing.is_none() && !head.starts_with(b"{") {
                    let what = "its name says that it is compressed, and what is in it is neither compressed nor records; choose another -o, or remove the file";
                    return Err(io::Error::new(ErrorKind::InvalidData, what));
                }
            }
        }
        Ok(())
    }

    /// Whether it can hold something: a pipe or a device does not.
    ///
    /// # Errors
    /// Those of the system.
    pub fn is_file(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.is_file())
    }

    /// Brings each line to `each`, which says whether it is whole. What is not at the end of the file is taken away, and all before it stays.
    ///
    /// # Errors
    /// A file that cannot be read or mended, compressed data that is damaged; and what `each` says.
    pub fn read<E: From<OutputError>>(
        &mut self,
        each: &mut dyn FnMut(&Line) -> Result<Kept, E>,
    ) -> Result<(), E> {
        let file = self.file.try_clone().map_err(|e| self.io(e))?;
        let from = unpack::content(file);
        let parts = from.get_ref().parts();
        let mut whole = 0;
        for line in jsonl::lines(from) {
            let line = match line {
                Ok(line) => line,
                Err((_, e)) if self.is_cut_off(&e, whole).map_err(|e| self.io(e))? => {
                    self.cut(whole, &parts).map_err(|e| self.io(e))?;
                    break;
                }
                Err((_, e)) => return Err(self.io(e).into()),
            };
            if each(&line)? == Kept::Cut {
                self.cut(line.offset, &parts).map_err(|e| self.io(e))?;
                break;
            }
            if !line.bytes.ends_with(b"\n") {
                // Whole, but for its end.
                self.append(b"\n").map_err(|e| self.io(e))?;
            }
            whole = line.offset + line.bytes.len() as u64;
        }
        Ok(())
    }

    /// Whether a kill or a loss of power can have left compressed data that ends in this error, behind so many bytes that are whole.
    fn is_cut_off(&self, error: &io::Error, whole: u64) -> io::Result<bool> {
        if self.packing.is_none() || error.raw_os_error().is_some() {
            return Ok(false);
        }
        // After a loss of power a file may have its length, and nothing of its end. Compressed data that is whole ends in fewer zeros.
        let zeros = || -> io::Result<bool> {
            let mut end = [1; 16];
            let mut from = File::open(target(&self.path))?;
            from.seek(SeekFrom::End(-(end.len() as i64)))?;
            from.read_exact(&mut end)?;
            Ok(end == [0; 16])
        };
        Ok(error.kind() == ErrorKind::UnexpectedEof || (whole > 0 && zeros()?))
    }

    /// Takes away what stands behind the first `whole` bytes of the content.
    fn cut(&mut self, whole: u64, parts: &Parts) -> io::Result<()> {
        let Some(packing) = self.packing else {
            return self.file.set_len(whole);
        };
        let part = parts.of(whole).unwrap_or_default();
        if self.has_part_behind(packing, part.packed)? {
            let at = part.packed;
            let what = format!(
                "the compressed data is damaged from byte {at} on, and more stands behind; choose another -o"
            );
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        if part.plain == whole {
            return self.file.set_len(part.packed);
        }
        // Lines that are whole in a part that is not: all is written aside, so that they are never gone.
        let place = target(&self.path);
        let mut new = beside(&place)?;
        let mut from = File::open(&place)?;
        io::copy(&mut (&mut from).take(part.packed), new.as_file_mut())?;
        let mut packer = Packer::new(Some(packing), new.as_file_mut())?;
        let mut from = unpack::content(from).take(whole - part.plain);
        io::copy(&mut from, &mut packer)?;
        packer.finish()?;
        self.replace(new)
    }

    /// Whether a part begins somewhere behind this byte: then what was read from here was not cut off by a kill, but is damaged.
    fn has_part_behind(&self, packing: Packing, at: u64) -> io::Result<bool> {
        let mut from = File::open(target(&self.path))?;
        from.seek(SeekFrom::Start(at + 1))?;
        let (begin, mut bytes) = (packing.beginning(), Vec::new());
        while (&mut from).take(1 << 16).read_to_end(&mut bytes)? > 0 {
            if bytes.windows(begin.len()).any(|w| w == begin) {
                return Ok(true);
            }
            bytes.drain(..bytes.len().saturating_sub(begin.len() - 1));
        }
        Ok(false)
    }

    /// Puts a new file into the place of this one, and goes on with it.
    fn replace(&mut self, new: tempfile::NamedTempFile) -> io::Result<()> {
        new.as_file().sync_all()?;
        new.persist(target(&self.path)).map_err(|e| e.error)?;
        self.file = locked(&self.path, false).map_err(io::Error::other)?;
        Ok(())
    }

    /// Appends whole lines, and flushes them.
    ///
    /// # Errors
    /// A full device and other failures to write.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        match self.packing {
            Some(packing) => self.file.write_all(&packed::part(packing, lines)?)?,
            None => self.file.write_all(lines)?,
        }
        self.file.flush()
    }

    /// Leaves only some lines. The file is replaced whole by one written aside.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&Line) -> bool) -> io::Result<()> {
        let place = target(&self.path);
        let mut new = beside(&place)?;
        for line in jsonl::lines(unpack::open(&place)?) {
            let line = line.map_err(|(_, e)| e)?;
            if !keep(&line) {
                continue;
            }
            match self.packing {
                Some(packing) => new.write_all(&packed::part(packing, &line.bytes)?)?,
                None => new.write_all(&line.bytes)?,
            }
        }
        self.replace(new)
    }

    /// Refuses a file that is no longer in its place: what is written to one that nobody can find is lost. `written`: records that it holds.
    ///
    /// # Errors
    /// [`OutputError::Gone`].
    pub fn expect_in_place(&self, written: usize) -> Result<(), OutputError> {
        match is_stream(&self.path) || is_at(&self.file, &self.path) {
            true => Ok(()),
            false => Err(OutputError::Gone {
                path: self.path.clone(),
                written,
            }),
        }
    }

    fn io(&self, source: io::Error) -> OutputError {
        OutputError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// Whether a line without its end is one of ours that was cut off. After a loss of power zeros may follow it, or stand in its place behind others of ours.
pub(super) fn is_cut(line: &Line) -> bool {
    let begin = b"{\"schema\"";
    let zeros = line.bytes.iter().rev().take_while(|b| **b == 0).count();
    let bytes = &line.bytes[..line.bytes.len() - zeros];
    let ours = bytes.starts_with(begin) || begin.starts_with(bytes);
    !line.bytes.ends_with(b"\n") && ours && (line.number > 1 || !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 4] = [
        "{\"schema\":1}\n",
        "{\"schema\":22}\n",
        "{\"schema\":333}\n",
        "{\"schema\":4444}\n",
    ];

    /// All lines of a file, which is whole afterwards.
    fn lines(path: &Path) -> Vec<String> {
        let mut all = Vec::new();
        let mut file = Appended::open(path).unwrap();
        file.read(&mut |line| {
            let text = line.text().unwrap().to_string();
            if is_cut(line) && !text.ends_with('}') {
                return Ok(Kept::Cut);
            }
            all.push(text);
            Ok::<_, OutputError>(Kept::Whole)
        })
        .unwrap();
        all
    }

    /// Files of three lines, plain and compressed, cut at every byte behind the first `from` lines, with `tail` behind: they go on behind the last whole line.
    fn cut_anywhere(from: usize, tail: &[u8]) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut ends = vec![0];
            let mut file = Appended::open(&path).unwrap();
            for line in &LINES[..3] {
                file.append(line.as_bytes()).unwrap();
                ends.push(path.metadata().unwrap().len());
            }
            drop(file);
            let whole = std::fs::read(&path).unwrap();
            for cut in ends[from] as usize..=whole.len() {
                std::fs::write(&path, [&whole[..cut], tail].concat()).unwrap();
                let before = ends.iter().filter(|e| **e <= cut as u64).count() - 1;
                // A plain line may lack nothing but its end, and what is missing may be what stands behind.
                let found = lines(&path);
                assert!(
                    [before, before + 1].contains(&found.len()),
                    "{name} {cut}: {found:?}"
                );
                let mut file = Appended::open(&path).unwrap();
                file.append(LINES[3].as_bytes()).unwrap();
                drop(file);
                let mut wanted: Vec<&str> = LINES[..found.len()].to_vec();
                wanted.push(LINES[3]);
                assert_eq!(lines(&path), wanted, "{name} {cut}");
            }
        }
    }

    #[test]
    fn whatever_byte_a_kill_leaves_it_at_it_goes_on_behind_the_last_whole_part() {
        cut_anywhere(0, &[]);
    }

    #[test]
    fn zeros_that_a_loss_of_power_leaves_are_taken_away_behind_what_is_ours() {
        cut_anywhere(1, &[0; 4096]);
        // Nothing but zeros may be anything.
        let line = |number, bytes: &[u8]| Line {
            number,
            offset: 0,
            bytes: bytes.to_vec(),
        };
        assert!(!is_cut(&line(1, &[0; 64])) && is_cut(&line(2, &[0; 64])));
    }

    #[test]
    fn whole_lines_of_a_part_that_is_cut_off_stay() {
        let folder = tempfile::tempdir().unwrap();
        for packing in [Packing::Gzip, Packing::Zstd] {
            // Of a name that says nothing, and by another program: one part of many lines.
            let path = folder.path().join(format!("{packing:?}"));
            let many: Vec<String> = (0..40_000)
                .map(|i| format!("{{\"schema\":{}}}\n", i * 7919))
                .collect();
            let first = packed::part(packing, LINES[0].as_bytes()).unwrap();
            let mut content = [
                first,
                packed::part(packing, many.concat().as_bytes()).unwrap(),
            ]
            .concat();
            content.truncate(content.len() * 3 / 4);
            std::fs::write(&path, &content).unwrap();
            let found = lines(&path);
            assert!(found.len() > 10_000, "{packing:?}: {}", found.len());
            assert_eq!(found[0], LINES[0]);
            assert_eq!(found[1..], many[..found.len() - 1], "{packing:?}");
            assert_eq!(lines(&path), found, "{packing:?}: mended");
            let mended = std::fs::read(&path).unwrap();
            assert_eq!(Packing::of_head(&mended), Some(packing));
            // What is damaged within is not cut away.
            let mut damaged = mended.clone();
            damaged[mended.len() / 2] ^= 0x40;
            std::fs::write(&path, &damaged).unwrap();
            let mut file = Appended::open(&path).unwrap();
            let read = file.read(&mut |_| Ok::<_, OutputError>(Kept::Whole));
            assert!(read.unwrap_err().to_string().contains("damaged"));
            assert_eq!(std::fs::read(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn damage_before_other_parts_is_no_end() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x.jsonl.gz", "x.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut file = Appended::open(&path).unwrap();
            LINES
                .iter()
                .for_each(|l| file.append(l.as_bytes()).unwrap());
            drop(file);
            let whole = std::fs::read(&path).unwrap();
            // Every bit of the first part: whatever is made of it, nothing is taken away.
            let first =
                packed::part(Packing::of_name(&path).unwrap(), LINES[0].as_bytes()).unwrap();
            for bit in 0..first.len() * 8 {
                let mut damaged = whole.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                std::fs::write(&path, &damaged).unwrap();
                if let Ok(mut file) = Appended::open(&path) {
                    let _ = file.read(&mut |_| Ok::<_, OutputError>(Kept::Whole));
                }
                assert_eq!(std::fs::read(&path).unwrap(), damaged, "{name}, bit {bit}");
            }
        }
    }

    #[test]
    fn lines_are_left_out_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl.zst");
        let mut file = Appended::open(&path).unwrap();
        file.append(LINES[..3].concat().as_bytes()).unwrap();
        file.retain(&mut |line| line.number != 2).unwrap();
        file.append(LINES[3].as_bytes()).unwrap();
        assert!(matches!(
            Appended::open(&path),
            Err(OutputError::Locked { .. })
        ));
        drop(file);
        assert_eq!(lines(&path), [LINES[0], LINES[2], LINES[3]]);
    }
}
