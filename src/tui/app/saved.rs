//! Traces of files: listed by what their lines say, read when they are looked at, and given up again when others are.

use std::path::Path;
use std::sync::Arc;

use super::columns::Order;
use super::effect::Effect;
use super::entry::{ListedTrace, PromptEntry};
use super::lists::flags;
use super::state::App;
use crate::tui::catalog::{Known, Listed};
use crate::tui::desk::Work;
use crate::tui::session::Session;
use rotescope_trace::Prompt;
use rotescope_trace::Trace;
use rotescope_trace::offsets::{Head, LinePlace};

/// Traces of files that stay in memory when others are looked at.
const KEPT: usize = 8;

impl App {
    /// Adds traces that are in memory, each as a prompt that has been run.
    pub fn add_traces(&mut self, traces: Vec<Trace>) {
        for trace in traces {
            self.add_trace(trace, None);
        }
        self.list();
    }

    fn add_trace(&mut self, trace: Trace, file: Option<Arc<Path>>) {
        let prompt = trace.asked();
        let mut session = Session::of(self.next_job, trace);
        session.given = file.is_some();
        self.sessions.push(session);
        self.next_job += 1;
        self.entries.push(PromptEntry {
            sessions: vec![self.sessions.len() - 1],
            file,
            ..PromptEntry::of(prompt)
        });
    }

    /// Adds traces of files to the list.
    pub fn add_saved(&mut self, listed: Vec<Listed>) -> Vec<Effect> {
        let before = self.entries.len();
        for Listed { path, place, line } in listed {
            let (prompt, saved) = match line {
                Ok(Known::Trace(trace)) => {
                    self.add_trace(*trace, Some(path));
                    continue;
                }
                Ok(Known::Head(head)) => listed_head(*head, path.clone(), place),
                Err(bad) => {
                    let id = format!("line {}", place.line);
                    let prompt = Prompt {
                        id,
                        ..Default::default()
                    };
                    (
                        prompt,
                        ListedTrace {
                            bad: Some(bad),
                            ..ListedTrace::new(path.clone(), place)
                        },
                    )
                }
            };
            self.entries.push(PromptEntry {
                file: Some(path),
                saved: Some(Box::new(saved)),
                ..PromptEntry::of(prompt)
            });
        }
        // Those before need not be looked at again where nothing is left out and all stand as in the file.
        if self.filter.is_empty() && self.order == Order::default() {
            self.listed.extend(before..self.entries.len());
        } else {
            self.list();
        }
        self.look_up()
    }

    /// Reads the trace of an entry, unless it is there or another one is being read: then its turn comes.
    pub(in crate::tui) fn read(&mut self, entry: usize) -> Option<Effect> {
        let e = self.entries.get(entry)?;
        let saved = e.saved.as_deref()?;
        let session = match e.sessions.get(e.shown) {
            Some(&s) if !self.sessions[s].unread => {
                if self.sessions[s].saved {
                    self.used(s);
                }
                return None;
            }
            Some(&s) => s,
            None => {
                let mut session = Session::unread(self.next_job);
                session.error.clone_from(&saved.bad);
                self.next_job += 1;
                self.sessions.push(session);
                let session = self.sessions.len() - 1;
                self.entries[entry].sessions.push(session);
                session
            }
        };
        if self.awaited.is_some() || self.sessions[session].error.is_some() {
            return None;
        }
        self.awaited = Some(session);
        let e = &self.entries[entry];
        let saved = e.saved.as_deref()?;
        let work = Work::Read {
            session,
            job: self.sessions[session].job,
            path: saved.path.clone(),
            place: saved.place,
            prompt: e.prompt.id.clone(),
        };
        let says = format!("reading {}", e.prompt.id);
        Some(self.ask(says, work).1)
    }

    /// A trace of a file has been read, or why not.
    pub(super) fn has_read(
        &mut self,
        session: usize,
        read: Result<Box<Session>, String>,
    ) -> Vec<Effect> {
        self.awaited = None;
        let mut entries = self.entries.iter_mut();
        let Some(entry) = entries.find(|e| e.sessions.contains(&session)) else {
            return Vec::new();
        };
        match read {
            Err(error) => {
                self.sessions[session].error = Some(error.clone());
                self.say(error);
            }
            Ok(new) => {
                if let (Some(saved), Some(trace)) = (&mut entry.saved, &new.trace) {
                    entry.prompt = Arc::new(trace.asked());
                    saved.whole = true;
                }
                let old = std::mem::replace(&mut self.sessions[session], *new);
                self.sessions[session].go(old.cursor);
                self.used(session);
                self.forget();
            }
        }
        let mut effects = self.seek_on(session);
        // What is to be compared with it may have waited.
        effects.extend(self.completion_has_come(self.sessions[session].job));
        effects
    }

    /// Why the trace of an entry cannot be read, where it was tried.
    pub(super) fn broken_trace(&self, entry: usize) -> Option<String> {
        let e = &self.entries[entry];
        let mut sessions = e.sessions.iter().filter(|_| e.saved.is_some());
        sessions.find_map(|&s| {
            let session = &self.sessions[s];
            session.error.clone().filter(|_| session.unread)
        })
    }

    /// Whether an entry's prompt is all of it, so that it can be run.
    pub(super) fn is_whole(&self, entry: usize) -> bool {
        let saved = self.entries[entry].saved.as_deref();
        saved.is_none_or(|s| s.whole)
    }

    fn used(&mut self, session: usize) {
        self.read.retain(|s| *s != session);
        self.read.push(session);
    }

    /// Gives up what has not been looked at for the longest, but for what is on screen, runs, or has branches.
    fn forget(&mut self) {
        let shown = self.shown();
        let compared = self.compare.view.as_ref().map(|v| v.sessions);
        let awaited = self.compare.awaited.map(|(session, _)| session);
        let mut over = self.read.len().saturating_sub(KEPT);
        let sessions = &mut self.sessions;
        self.read.retain(|&s| {
            let job = sessions[s].job;
            let stays = over == 0
                || Some(s) == shown
                || Some(s) == awaited
                || Some(s) == self.compare.asked
                || compared.is_some_and(|c| c.contains(&s))
                || sessions
                    .iter()
                    .any(|b| b.parent.is_some_and(|(j, _)| j == job));
            if !stays {
                sessions[s].forget();
                over -= 1;
            }
            stays
        });
    }
}

/// A trace of a file as its list shows it.
fn listed_head(head: Head, path: Arc<Path>, place: LinePlace) -> (Prompt, ListedTrace) {
    let saved = ListedTrace {
        right: head.answer.right,
        flags: flags(&head.steps),
        steps: head.steps.len(),
        answer: head.answer.extracted,
        // Steps tile the output.
        tokens: head.steps.last().map_or(0, |s| s.tokens[1]),
        ..ListedTrace::new(path, place)
    };
    let p = head.prompt;
    let prompt = Prompt {
        id: p.id,
        question: p.question,
        task: p.task,
        split: p.split,
        pair: p.pair,
        ..Default::default()
    };
    (prompt, saved)
}
