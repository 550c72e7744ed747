//! The file of an audit's records: appended portion by portion, continued after a kill.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::error::AuditError;
use crate::run::appended::{Appended, Kept, is_cut};
use crate::run::output::OutputError;
use rotescope_trace::audit::{AuditLine, AuditRun};

/// An open file, locked for this process.
#[derive(Debug)]
pub struct AuditFile<L> {
    path: PathBuf,
    file: Appended,
    /// What it is about already, by the lines' names.
    done: HashSet<String>,
    /// How many it holds.
    records: usize,
    lines: PhantomData<L>,
}

impl<L: AuditLine> AuditFile<L> {
    /// Opens or creates the file; `each` sees the lines that it holds. A last line that was cut off by a kill is removed.
    ///
    /// # Errors
    /// A file that another process writes, that holds something else, or lines of another run.
    pub fn open(
        path: &Path,
        run: &AuditRun,
        each: &mut dyn FnMut(&L),
    ) -> Result<AuditFile<L>, AuditError> {
        let mut out = AuditFile {
            path: path.into(),
            file: Appended::open(path)?,
            done: HashSet::new(),
            records: 0,
            lines: PhantomData,
        };
        let is_file = out.file.is_file().map_err(|e| out.io(e))?;
        if !(is_file && out.read(run, each)?) {
            out.append(&[L::of_run(run.clone())])?;
        }
        Ok(out)
    }

    /// Whether it holds the line that says what was asked.
    fn read(&mut self, run: &AuditRun, each: &mut dyn FnMut(&L)) -> Result<bool, AuditError> {
        let (mut begun, path) = (false, self.path.clone());
        let (done, records) = (&mut self.done, &mut self.records);
        self.file.read(&mut |line| {
            let foreign = |reason: String| AuditError::Foreign {
                path: path.clone(),
                line: line.number,
                reason,
            };
            let read = match serde_json::from_slice::<L>(&line.bytes) {
                Ok(read) if read.schema() == L::SCHEMA => read,
                Ok(read) => return Err(foreign(format!("its schema is {:?}", read.schema()))),
                // What a kill can leave is the beginning of one of our own lines.
                Err(_) if is_cut(line) => return Ok(Kept::Cut),
                Err(e) => return Err(foreign(e.to_string())),
            };
            match (read.run(), begun) {
                (Some(was), _) => {
                    if let Some(difference) = was.difference(run) {
                        let path = path.clone();
                        return Err(AuditError::OtherRun { path, difference });
                    }
                    begun = true;
                }
                (None, false) => return Err(foreign("it does not say what was asked".into())),
                (None, true) => {}
            }
            each(&read);
            done.extend(read.key());
            *records += 1;
            Ok(Kept::Whole)
        })?;
        Ok(begun)
    }

    /// Whether it held a line of this name when it was opened.
    pub fn holds(&self, key: &str) -> bool {
        self.done.contains(key)
    }

    /// Appends lines and flushes them.
    ///
    /// # Errors
    /// A full device, a file that is no longer in its place, and other failures to write.
    pub fn append(&mut self, lines: &[L]) -> Result<(), AuditError> {
        self.file.expect_in_place(self.records)?;
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line).map_err(|e| self.io(e.into()))?;
            bytes.push(b'\n');
        }
        self.file.append(&bytes).map_err(|e| self.io(e))?;
        self.records += lines.len();
        Ok(())
    }

    fn io(&self, source: std::io::Error) -> AuditError {
        match source.kind() {
            std::io::ErrorKind::StorageFull => OutputError::NoSpace {
                path: self.path.clone(),
                written: self.records,
            }
            .into(),
            _ => AuditError::Io {
                path: self.path.clone(),
                source,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::extract::{ExtractLine, ExtractWindow, window_key};
    use serde_json::json;

    fn window(start: usize) -> ExtractLine {
        ExtractLine {
            window: Some(ExtractWindow {
                document: "a".into(),
                start,
                split: [2, 2],
                ..ExtractWindow::default()
            }),
            ..ExtractLine::new()
        }
    }

    #[test]
    fn a_killed_run_goes_on_where_it_was_whatever_byte_it_ended_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let run = AuditRun {
            settings: json!({"seed": 1}).as_object().unwrap().clone(),
            ..AuditRun::default()
        };
        let open = |run: &AuditRun| {
            let mut seen = Vec::new();
            let mut each = |line: &ExtractLine| seen.extend(line.window.as_ref().map(|w| w.start));
            let file = AuditFile::<ExtractLine>::open(&path, run, &mut each);
            file.map(|f| (f, seen))
        };
        let mut file = open(&run).unwrap().0;
        file.append(&[window(0), window(2)]).unwrap();
        // A second process keeps out.
        assert!(
            open(&run)
                .unwrap_err()
                .to_string()
                .contains("is writing it")
        );
        drop(file);
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..whole.len()).filter(|i| whole[*i] == b'\n').collect();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut file, seen) = open(&run).unwrap();
            // A line without its line break is whole.
            let there = ends.iter().filter(|e| cut >= **e).count().saturating_sub(1);
            assert_eq!(seen.len(), there, "{cut}");
            let missing = vec![window(0), window(2)].split_off(there);
            for (i, start) in [0, 2].into_iter().enumerate() {
                assert_eq!(file.holds(&window_key("a", start, [2, 2])), i < there);
            }
            file.append(&missing).unwrap();
            drop(file);
            assert_eq!(std::fs::read(&path).unwrap(), whole, "{cut}");
        }

        let mut other = run.clone();
        other.settings.insert("seed".into(), json!(2));
        let said = open(&other).unwrap_err().to_string();
        assert!(said.contains("seed was 1, now 2"), "{said}");
        for foreign in ["{}\n", "text\n", "{\"schema\":\"rotescope.trace/1\"}\n"] {
            std::fs::write(&path, foreign).unwrap();
            let said = open(&run).unwrap_err().to_string();
            assert!(said.contains("x.jsonl, line 1"), "{said}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
        }
    }
}
