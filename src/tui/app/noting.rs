//! Taking notes: what is on the screen is changed at once, its file beside the screen; and the way to a note.

use std::collections::BTreeSet;

use super::effect::Effect;
use super::state::{App, Pane};
use crate::run::notes::{Completion, NOTE, Note, NoteChange};
use crate::tui::desk::Work;
use crate::tui::session::Session;

impl App {
    /// Tokens of the completion on screen that have bookmarks or notes.
    pub(in crate::tui) fn noted_tokens(&self) -> BTreeSet<usize> {
        let completion = self.session().and_then(|s| s.completion.as_ref());
        completion.map_or(BTreeSet::new(), |c| self.notes.tokens(c))
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
        self.pane = Pane::Completion;
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
