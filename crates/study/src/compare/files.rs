//! Trace files read in pairs: one pass notes where each trace lies, then two traces at a time are in memory.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Line, LineError, Record};
use rotescope_trace::packed::{Part, read_at, unpack};

/// Why trace files cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}, line {line}: {source}; give files that `rotescope score` wrote", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        source: LineError,
    },
    #[error("{}, line {line}: duplicate id {id:?} in this file; remove one of the two lines", path.display())]
    Twice {
        path: PathBuf,
        line: usize,
        id: String,
    },
    #[error("{}: no traces in it; make some with `rotescope score`", path.display())]
    Empty { path: PathBuf },
    #[error("no trace of {} belongs to one of {}: a pair has the same id, or the second's `pair` is the first's id", b.display(), a.display())]
    NoPairs { a: PathBuf, b: PathBuf },
}

/// Where a trace lies.
#[derive(Debug, Clone)]
struct Place {
    id: String,
    pair: Option<String>,
    line: usize,
    offset: u64,
    part: Option<Part>,
    length: usize,
}

/// A file of traces, opened.
#[derive(Debug)]
pub struct TraceFile {
    path: PathBuf,
    file: File,
    places: Vec<Place>,
    by_id: HashMap<String, usize>,
    /// Ids of prompts that the file records as failed.
    pub failed: Vec<String>,
}

/// What is read of a line in the first pass.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    prompt: Option<HeadPrompt>,
}

#[derive(Deserialize)]
struct HeadPrompt {
    id: String,
    #[serde(default)]
    pair: Option<String>,
}

impl TraceFile {
    /// Notes where the traces lie. Memory: the ids.
    pub fn open(path: &Path) -> Result<TraceFile, CompareError> {
        let io = |source| CompareError::Io {
            path: path.into(),
            source,
        };
        let file = File::open(path).map_err(io)?;
        let reader = unpack::content(file.try_clone().map_err(io)?);
        let parts = reader.get_ref().parts();
        let (mut places, mut by_id, mut failed) = (Vec::new(), HashMap::new(), Vec::new());
        for read in jsonl::lines(reader) {
            let at = read.map_err(|(_, e)| io(e))?;
            let line = at.number;
            let bad = |source: LineError| CompareError::Line {
                path: path.into(),
                line,
                source,
            };
            let text = at.text().map_err(bad)?;
            let head: Head = serde_json::from_str(text).map_err(|e| bad(LineError::Json(e)))?;
            match (head.prompt, head.error, head.id) {
                (Some(p), None, _) => {
                    if by_id.insert(p.id.clone(), places.len()).is_some() {
                        return Err(CompareError::Twice {
                            path: path.into(),
                            line,
                            id: p.id,
                        });
                    }
                    places.push(Place {
                        id: p.id,
                        pair: p.pair,
                        line,
                        offset: at.offset,
                        part: parts.of(at.offset),
                        length: at.bytes.len(),
                    });
                }
                (None, Some(_), Some(id)) => failed.push(id),
                _ => return Err(bad(LineError::NotATrace)),
            }
        }
        if places.is_empty() {
            return Err(CompareError::Empty { path: path.into() });
        }
        // Those that failed once and were answered later have not failed.
        failed.retain(|id| !by_id.contains_key(id));
        Ok(TraceFile {
            path: path.into(),
            file,
            places,
            by_id,
            failed,
        })
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Id of the `i`th trace.
    pub fn id(&self, i: usize) -> &str {
        &self.places[i].id
    }

    /// Reads the `i`th trace.
    pub fn load(&mut self, i: usize) -> Result<Trace, CompareError> {
        let place = self.places[i].clone();
        let io = |source| CompareError::Io {
            path: self.path.clone(),
            source,
        };
        let mut bytes = vec![0; place.length];
        read_at(&self.file, place.part, place.offset, &mut bytes).map_err(io)?;
        let bad = |source| CompareError::Line {
            path: self.path.clone(),
            line: place.line,
            source,
        };
        let line = Line {
            number: place.line,
            offset: place.offset,
            bytes,
        };
        match line.record().map_err(bad)? {
            Record::Trace(t) => Ok(*t),
            Record::Failed(_) => Err(bad(LineError::NotATrace)),
        }
    }
}

/// Which traces belong together, and which have nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Places in the first and the second file, in the order of the second.
    pub pairs: Vec<(usize, usize)>,
    /// Ids of the first file that no trace of the second belongs to.
    pub only_a: Vec<String>,
    /// Ids of the second file that belong to no trace of the first.
    pub only_b: Vec<String>,
}

/// Pairs the traces of two files: by the same id, or else by the second's `pair`.
pub fn pair(a: &TraceFile, b: &TraceFile) -> Result<Pairs, CompareError> {
    let of_b = |p: &Place| {
        a.by_id
            .get(&p.id)
            .or_else(|| a.by_id.get(p.pair.as_ref()?))
            .copied()
    };
    paired(a, b, of_b)
}

/// Pairs the traces of one file by `pair`.
pub fn pair_within(file: &TraceFile) -> Result<Pairs, CompareError> {
    let mut found = paired(file, file, |p| file.by_id.get(p.pair.as_ref()?).copied())?;
    // An original is no variant that misses its original.
    found.only_b.retain(|id| {
        let place = &file.places[file.by_id[id]];
        place.pair.is_some()
    });
    found
        .only_a
        .retain(|id| file.places[file.by_id[id]].pair.is_none());
    Ok(found)
}

fn paired(
    a: &TraceFile,
    b: &TraceFile,
    of_b: impl Fn(&Place) -> Option<usize>,
) -> Result<Pairs, CompareError> {
    let mut out = Pairs::default();
    let mut used = vec![false; a.places.len()];
    for (j, place) in b.places.iter().enumerate() {
        match of_b(place) {
            Some(i) => {
                used[i] = true;
                out.pairs.push((i, j));
            }
            None => out.only_b.push(place.id.clone()),
        }
    }
    out.only_a = (0..used.len())
        .filter(|i| !used[*i])
        .map(|i| a.places[i].id.clone())
        .collect();
    if out.pairs.is_empty() {
        return Err(CompareError::NoPairs {
            a: a.path.clone(),
            b: b.path.clone(),
        });
    }
    Ok(out)
}
