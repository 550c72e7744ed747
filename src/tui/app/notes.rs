//! Bookmarks and notes on tokens: what is on the screen is changed at once, its file beside the screen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::effect::Effect;
use super::state::App;
use crate::run::notes::{Completion, NOTE, Note, NoteChange, path_for, read};
use crate::tui::desk::Work;
use crate::tui::session::Session;

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

    fn put(&mut self, note: Note) {
        let id = note.completion.id.clone();
        let of = self.all.entry(note.completion.clone()).or_default();
        if of.insert(note.token, note).is_none() {
            *self.counts.entry(id).or_default() += 1;
        }
    }

    fn remove(&mut self, completion: &Completion, token: usize) {
        let of = self.all.get_mut(completion);
        if of.and_then(|of| of.remove(&token)).is_some()
            && let Some(count) = self.counts.get_mut(&completion.id)
        {
            *count -= 1;
        }
    }

    /// The file of notes on a completion that was listed from a file, or on one of this run of the app.
    fn path(&self, listed: Option<&Path>) -> Option<PathBuf> {
        let traces = match listed {
            Some(path) => Some(self.given.get(path).map_or(path, PathBuf::as_path)),
            None => self.own.as_deref(),
        };
        traces.map(path_for)
    }
}

impl App {
    /// Tokens of the completion on screen that have bookmarks or notes.
    pub(in crate::tui) fn noted_tokens(&self) -> BTreeSet<usize> {
        let completion = self.session().and_then(|s| s.completion.as_ref());
        let of = completion.and_then(|c| self.notes.all.get(c));
        of.map_or(BTreeSet::new(), |of| of.keys().copied().collect())
    }

    /// Whether the token at the cursor can have a note; why not is said.
    pub(in crate::tui) fn takes_note(&mut self) -> bool {
        let takes = self.token_to_note().is_some();
        if !takes {
            self.say("no completion to take notes on: it takes them when it is there");
        }
        takes
    }

    /// What is written at the token at the cursor.
    pub(in crate::tui) fn note_text(&self) -> Option<&str> {
        let (completion, token) = self.token_to_note()?;
        self.notes.on(completion, token)?.note.as_deref()
    }

    fn token_to_note(&self) -> Option<(&Completion, usize)> {
        let s = self
            .session()
            .filter(|s| !s.running && s.token().is_some())?;
        Some((s.completion.as_ref()?, s.cursor))
    }

    /// Writes a note on the token at the cursor. An empty one is a bookmark, and takes a note away that is there.
    pub(in crate::tui) fn note(&mut self, text: &str) -> Vec<Effect> {
        let Some((completion, token)) = self.token_to_note() else {
            return Vec::new();
        };
        let there = self.notes.on(completion, token).is_some();
        if text.is_empty() && there {
            return self.remove_note();
        }
        let Some(s) = self.session() else {
            return Vec::new();
        };
        let (t, step) = (&s.tokens()[token], s.step_of(token));
        let note = Note {
            schema: NOTE.into(),
            completion: completion.clone(),
            token,
            span: t.span,
            text: t.text.clone(),
            step: s.steps.get(step).map(|_| step),
            note: Some(text).filter(|t| !t.is_empty()).map(String::from),
        };
        self.notes.put(note.clone());
        self.keep_notes(NoteChange::Put(note))
    }

    /// Sets a bookmark on the token at the cursor, or takes it away. What is written there stays.
    pub(in crate::tui) fn bookmark(&mut self) -> Vec<Effect> {
        if !self.takes_note() {
            return Vec::new();
        }
        if self.note_text().is_some() {
            self.say("there is a note on this token; a changes it, and takes it away where the line is empty");
            return Vec::new();
        }
        self.note("")
    }

    fn remove_note(&mut self) -> Vec<Effect> {
        let Some((completion, token)) = self.token_to_note() else {
            return Vec::new();
        };
        let completion = completion.clone();
        self.notes.remove(&completion, token);
        self.keep_notes(NoteChange::Remove((completion, token)))
    }

    /// Asks for a change of the file of notes on the completion on screen.
    fn keep_notes(&mut self, change: NoteChange) -> Vec<Effect> {
        let saved = self.session().is_some_and(|s| s.saved || s.given);
        let listed = self.entry().and_then(|e| e.file.clone()).filter(|_| saved);
        let Some(path) = self.notes.path(listed.as_deref()) else {
            self.say("kept until you leave: there is no folder for what the app keeps");
            return Vec::new();
        };
        let says = format!("writing {}", path.display());
        vec![self.ask(says, Work::Note { path, change }).1]
    }

    /// Goes to a note: to the completion in memory that it is on, else to a trace of its prompt, and the token there.
    pub(in crate::tui) fn show_note(&mut self, note: &Note) -> Vec<Effect> {
        let on = |s: &Session| s.completion.as_ref() == Some(&note.completion);
        let place = self.entries.iter().enumerate().find_map(|(i, e)| {
            let at = e.sessions.iter().position(|&s| on(&self.sessions[s]))?;
            Some((i, Some(at)))
        });
        // Of several traces of a prompt, one that nobody has read may be it.
        let unread = || {
            self.entries.iter().position(|e| {
                let unknown = |&s: &usize| self.sessions[s].completion.is_none();
                e.prompt.id == note.completion.id
                    && e.saved.as_ref().is_some_and(|s| s.bad.is_none())
                    && e.sessions.first().is_none_or(unknown)
            })
        };
        self.sought = place.is_none().then(|| note.clone());
        let Some((entry, shown)) = place.or_else(|| unread().map(|i| (i, None))) else {
            self.sought = None;
            let id = &note.completion.id;
            self.say(format!(
                "no completion of {id} is listed that this note is on"
            ));
            return Vec::new();
        };
        self.select(entry);
        if let Some(shown) = shown {
            self.entries[entry].shown = shown;
        }
        self.pane = super::Pane::Completion;
        let effects = self.read(entry).into_iter().collect();
        if let Some(s) = self.session_mut() {
            s.span = None;
            // Of one that is read only now, the cursor stays for when it is there.
            if s.unread {
                s.cursor = note.token;
            } else {
                s.go(note.token);
            }
        }
        effects
    }

    /// A trace has been read: where it is not the completion whose note is sought, the next one is.
    pub(super) fn seek_on(&mut self, session: usize) -> Vec<Effect> {
        let read = self.sessions[session].completion.as_ref();
        let of_prompt = |n: &mut Note| read.is_none_or(|c| c.id == n.completion.id);
        match self.sought.take_if(of_prompt) {
            Some(note) if read != Some(&note.completion) => self.show_note(&note),
            _ => Vec::new(),
        }
    }
}
