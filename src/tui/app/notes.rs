//! Bookmarks and notes of the files that are open.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::run::notes::{Completion, Note, path_for, read};

/// Bookmarks and notes of the files that are open.
#[derive(Debug, Default)]
pub struct Notes {
    /// By completion, then by token.
    all: BTreeMap<Completion, BTreeMap<usize, Note>>,
    /// Notes of each prompt, by its id.
    counts: HashMap<String, usize>,
    /// The files that were given, by those that are read in their place.
    given: HashMap<PathBuf, PathBuf>,
    /// The file that takes the traces of this run of the app.
    own: Option<PathBuf>,
}

impl Notes {
    /// Reads the notes on files of traces: on each as it was given, listed from a file that may be another. `own`: the file that takes the traces of this
    /// run of the app. With it, in words, what could not be read.
    pub fn open(files: &[(PathBuf, PathBuf)], own: Option<PathBuf>) -> (Notes, Option<String>) {
        let mut notes = Notes {
            own,
            ..Notes::default()
        };
        let mut wrong = None;
        for (given, listed) in files {
            let path = path_for(given);
            match read(&path) {
                Ok(file) => {
                    if !file.others.is_empty() {
                        let count = file.others.len();
                        let says = format!(
                            "{}: {count} lines are no notes; they stay as they are",
                            path.display()
                        );
                        wrong.get_or_insert(says);
                    }
                    file.notes.into_values().for_each(|note| notes.put(note));
                }
                Err(e) => {
                    wrong
                        .get_or_insert(format!("{}: {e}; its notes are not shown", path.display()));
                }
            }
            notes.given.insert(listed.clone(), given.clone());
        }
        (notes, wrong)
    }

    /// How many are on completions of a prompt.
    pub fn count(&self, id: &str) -> usize {
        self.counts.get(id).copied().unwrap_or(0)
    }

    /// The note on a token of a completion.
    pub fn on(&self, completion: &Completion, token: usize) -> Option<&Note> {
        self.all.get(completion)?.get(&token)
    }

    /// All, by prompt, completion and token.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.all.values().flat_map(BTreeMap::values)
    }

    /// Tokens of a completion that have some.
    pub(super) fn tokens(&self, completion: &Completion) -> BTreeSet<usize> {
        let of = self.all.get(completion);
        of.map_or(BTreeSet::new(), |of| of.keys().copied().collect())
    }

    pub(super) fn put(&mut self, note: Note) {
        let id = note.completion.id.clone();
        let of = self.all.entry(note.completion.clone()).or_default();
        if of.insert(note.token, note).is_none() {
            *self.counts.entry(id).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, completion: &Completion, token: usize) {
        let of = self.all.get_mut(completion);
        if of.and_then(|of| of.remove(&token)).is_some()
            && let Some(count) = self.counts.get_mut(&completion.id)
        {
            *count -= 1;
        }
    }

    /// The file of notes on a completion that was listed from a file, or on one of this run of the app.
    pub(super) fn path(&self, listed: Option<&Path>) -> Option<PathBuf> {
        let traces = match listed {
            Some(path) => Some(self.given.get(path).map_or(path, PathBuf::as_path)),
            None => self.own.as_deref(),
        };
        traces.map(path_for)
    }
}
