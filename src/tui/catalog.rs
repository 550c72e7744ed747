//! Files of traces as a list: their lines are gone through on a thread of its own, so that the first traces are on screen before the last are
//! known.

use std::fs::File;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use rotescope_trace::offsets::{Head, LinePlace, Scanned, ScannedLine, scan, scan_large};
use rotescope_trace::packed::unpack;
use rotescope_trace::record::{LineError, Record};
use rotescope_trace::{Trace, formats};

/// A line of a file that holds a trace, or should.
#[derive(Debug)]
pub struct Listed {
    pub path: Arc<Path>,
    pub place: LinePlace,
    /// What is known of it, or why it cannot be read, with file and line.
    pub line: Result<Known, String>,
}

/// What is known of a trace that is listed.
#[derive(Debug)]
pub enum Known {
    /// What its line says at its beginning and its end; the rest is read when it is looked at.
    Head(Box<Head>),
    /// All: it is of a format whose records cannot be read alone.
    Trace(Box<Trace>),
}

/// What the thread says.
#[derive(Debug)]
pub enum Listing {
    Lines(Vec<Listed>),
    /// All files are gone through; so many lines are prompts that failed, which are not listed.
    Over {
        failed: usize,
    },
}

/// Why there is nothing to list.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {source}", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        source: LineError,
    },
    #[error("no traces in it: {}", path.display())]
    Empty { path: PathBuf },
}

/// Lines told at a time are as many as are gone through in this time.
const MOMENT: Duration = Duration::from_millis(50);

/// Bytes of a file whose lines are gone through on all cores.
const LARGE: u64 = 32 << 20;

/// A line with its file: what it holds, nothing of a prompt that failed, or why it cannot be read.
type Found = (Arc<Path>, LinePlace, Result<Option<Known>, LineError>);

/// Goes through files up to the first trace, and through the rest on a thread of its own.
///
/// # Errors
/// When a file cannot be opened, or none holds a trace: then with the first line that is none.
pub fn open(paths: &[PathBuf]) -> Result<Receiver<Listing>, CatalogError> {
    let mut files = Vec::new();
    for path in paths {
        let lines = File::open(path).and_then(|file| lines(path, file));
        files.push(lines.map_err(|source| io_error(path, source))?);
    }
    let mut lines = files.into_iter().flatten();
    let (mut before, mut failed, mut wrong) = (Vec::new(), 0, None);
    for (path, place, line) in lines.by_ref() {
        match line {
            Ok(None) => failed += 1,
            Ok(Some(known)) => {
                before.push(listed(path, place, Ok(known)));
                let (say, listing) = bounded(4);
                let go = move || tell(before, failed, lines, &say);
                let catalog = thread::Builder::new().name("catalog".into()).spawn(go);
                catalog.map_err(|source| io_error(&paths[0], source))?;
                return Ok(listing);
            }
            Err(source) => {
                before.push(listed(path.clone(), place, Err(source.to_string())));
                wrong.get_or_insert(CatalogError::Line {
                    path: path.to_path_buf(),
                    line: place.line,
                    source,
                });
            }
        }
    }
    let path = paths.first().cloned().unwrap_or_default();
    Err(wrong.unwrap_or(CatalogError::Empty { path }))
}

fn io_error(path: &Path, source: io::Error) -> CatalogError {
    CatalogError::Io {
        path: path.into(),
        source,
    }
}

/// The lines of a file, in whichever format it is.
fn lines(path: &Path, file: File) -> io::Result<Box<dyn Iterator<Item = Found> + Send>> {
    let path: Arc<Path> = path.into();
    let bytes = file.metadata()?.len();
    let mut reader = unpack::content(file);
    if formats::is_json_lines(reader.fill_buf()?) {
        let is_plain = reader.get_ref().parts().of(0).is_none();
        let lines: Box<dyn Iterator<Item = Scanned> + Send> = match is_plain && bytes > LARGE {
            true => Box::new(scan_large(&path, bytes)),
            false => Box::new(scan(reader)),
        };
        return Ok(Box::new(lines.map(move |(place, line)| {
            let known = line.map(|l| match l {
                ScannedLine::Trace(head) => Some(Known::Head(head)),
                ScannedLine::Failed(_) => None,
            });
            (path.clone(), place, known)
        })));
    }
    // Read whole: where its records lie only its reader knows.
    let entries: Vec<_> = formats::read(reader)?.collect();
    Ok(Box::new(entries.into_iter().map(move |(line, entry)| {
        let known = entry.map(|e| match e.record {
            Record::Trace(trace) => Some(Known::Trace(trace)),
            Record::Failed(_) => None,
        });
        let place = LinePlace {
            line,
            at: 0,
            part: None,
            bytes: 0,
        };
        (path.clone(), place, known)
    })))
}

fn listed(path: Arc<Path>, place: LinePlace, line: Result<Known, String>) -> Listed {
    let line = line.map_err(|e| format!("{}, line {}: {e}", path.display(), place.line));
    Listed { path, place, line }
}

/// Tells lines in batches until all are told or nobody hears.
fn tell(
    mut batch: Vec<Listed>,
    mut failed: usize,
    rest: impl Iterator<Item = Found>,
    say: &Sender<Listing>,
) {
    // What is there is told at once.
    let mut last = None::<Instant>;
    for (path, place, line) in rest {
        match line.map_err(|e| e.to_string()).transpose() {
            Some(line) => batch.push(listed(path, place, line)),
            None => failed += 1,
        }
        if last.is_none_or(|l| l.elapsed() > MOMENT) {
            if say
                .send(Listing::Lines(std::mem::take(&mut batch)))
                .is_err()
            {
                return;
            }
            last = Some(Instant::now());
        }
    }
    let _ = say.send(Listing::Lines(batch));
    let _ = say.send(Listing::Over { failed });
}
