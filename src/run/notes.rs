//! Bookmarks and notes on tokens of traces, kept in a file beside the traces.
//!
//! `x.jsonl` (or `x.jsonl.zst`, `x.json`, ...) has its notes in `x.notes.jsonl`: a line a note, in the order of the traces' ids and tokens. The file of traces itself is never
//! changed.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::replace::{beside, target};
use rotescope_trace::packed::plain_name;
use rotescope_trace::{Span, Trace};

/// What stands in the member `schema` of a note.
pub const NOTE: &str = "rotescope.note/1";

/// A bookmark on a token of a completion, or a note on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// [`NOTE`].
    pub schema: String,
    #[serde(flatten)]
    pub completion: Completion,
    /// Index of the token in the trace.
    pub token: usize,
    /// Its bytes in the output.
    pub span: Span,
    /// Its text.
    pub text: String,
    /// Index of its step in the trace, where it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What was written; absent for a bookmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which completion a note is on. A file may hold several of one prompt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Completion {
    /// Of the prompt.
    pub id: String,
    /// The first 16 hex digits of the SHA-256 of the trace's `output`.
    pub output_sha256: String,
}

impl Completion {
    pub fn of(trace: &Trace) -> Completion {
        let hash = Sha256::digest(trace.output.as_bytes());
        let hex: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Completion {
            id: trace.prompt.id.clone(),
            output_sha256: hex,
        }
    }
}

/// The place of a note: a file has one at most of each.
pub type NotePlace = (Completion, usize);

impl Note {
    pub fn place(&self) -> NotePlace {
        (self.completion.clone(), self.token)
    }
}

/// What is done to a file of notes.
#[derive(Debug, Clone)]
pub enum NoteChange {
    /// A note is put in the place of the one there.
    Put(Note),
    Remove(NotePlace),
}

/// The notes of a file, and its lines that are none, which stay as they are.
#[derive(Debug, Default)]
pub struct NoteFile {
    pub notes: BTreeMap<NotePlace, Note>,
    pub others: Vec<String>,
}

/// Where the notes on the traces of a file lie.
pub fn path_for(traces: &Path) -> PathBuf {
    let plain = plain_name(traces);
    let stem = plain.file_stem().unwrap_or_default().to_string_lossy();
    traces.with_file_name(format!("{stem}.notes.jsonl"))
}

/// Reads a file of notes; one that is not there has none.
///
/// # Errors
/// When it is there and cannot be read as UTF-8.
pub fn read(path: &Path) -> io::Result<NoteFile> {
    let text = match std::fs::read_to_string(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(NoteFile::default()),
        text => text?,
    };
    let mut file = NoteFile::default();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match serde_json::from_str::<Note>(line) {
            Ok(note) if note.schema == NOTE => {
                file.notes.insert(note.place(), note);
            }
            _ => file.others.push(line.into()),
        }
    }
    Ok(file)
}

/// Changes a file of notes; one without any is removed. What others have written to it meanwhile stays. A kill leaves the old file or the new one.
///
/// # Errors
/// When it cannot be read or written; then it is as it was.
pub fn change(path: &Path, change: NoteChange) -> io::Result<()> {
    let path = &target(path);
    let mut file = read(path)?;
    match change {
        NoteChange::Put(note) => {
            file.notes.insert(note.place(), note);
        }
        NoteChange::Remove(place) => {
            file.notes.remove(&place);
        }
    }
    if file.notes.is_empty() && file.others.is_empty() {
        return match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
    }
    let mut new = beside(path)?;
    {
        let mut out = io::BufWriter::new(new.as_file_mut());
        for note in file.notes.values() {
            serde_json::to_writer(&mut out, note)?;
            out.write_all(b"\n")?;
        }
        for line in &file.others {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
    }
    new.as_file().sync_all()?;
    new.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: &str, token: usize, note: Option<&str>) -> Note {
        let mut trace = Trace {
            output: format!("{id} says"),
            ..Trace::default()
        };
        trace.prompt.prompt.id = id.into();
        Note {
            schema: NOTE.into(),
            completion: Completion::of(&trace),
            token,
            span: [0, 1],
            text: "s".into(),
            step: Some(0),
            note: note.map(String::from),
        }
    }

    #[test]
    fn notes_lie_beside_their_traces_whatever_these_are_packed_in() {
        for name in ["a/x.jsonl", "a/x.jsonl.zst", "a/x.json.gz", "a/x"] {
            assert_eq!(path_for(Path::new(name)), Path::new("a/x.notes.jsonl"));
        }
    }

    #[test]
    fn the_last_note_of_a_token_counts_and_foreign_lines_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.notes.jsonl");
        assert!(read(&path).unwrap().notes.is_empty());
        change(&path, NoteChange::Put(note("b", 1, None))).unwrap();
        change(&path, NoteChange::Put(note("a", 7, Some("line\nbreak")))).unwrap();
        let foreign = "{\"schema\":\"rotescope.note/9\",\"id\":\"new\"}\nnot JSON";
        let text = std::fs::read_to_string(&path).unwrap() + foreign + "\n\n";
        std::fs::write(&path, text).unwrap();
        change(&path, NoteChange::Put(note("b", 1, Some("why")))).unwrap();
        change(&path, NoteChange::Put(note("b", 0, None))).unwrap();
        change(&path, NoteChange::Remove(note("b", 0, None).place())).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.ends_with(&format!("{foreign}\n")), "{text}");
        let notes: Vec<Note> = read(&path).unwrap().notes.into_values().collect();
        assert_eq!(
            notes,
            [note("a", 7, Some("line\nbreak")), note("b", 1, Some("why"))]
        );
    }

    #[test]
    fn a_file_without_notes_goes_and_one_that_cannot_be_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.notes.jsonl");
        let one = note("a", 0, None);
        change(&path, NoteChange::Put(one.clone())).unwrap();
        change(&path, NoteChange::Remove(one.place())).unwrap();
        assert!(!path.exists());
        change(&path, NoteChange::Remove(one.place())).unwrap();
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(change(&path, NoteChange::Put(one)).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"\xff\xfe");
    }

    #[test]
    fn the_hash_is_that_of_the_output() {
        let trace = Trace {
            output: "abc".into(),
            ..Trace::default()
        };
        // FIPS 180-2, appendix B.1.
        assert_eq!(Completion::of(&trace).output_sha256, "ba7816bf8f01cfea");
    }
}
