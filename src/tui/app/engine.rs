//! What the engine says, and what it is asked: jobs, branches, lookups.

use std::time::Instant;

use super::{App, Effect, Rate};
use crate::run::live::{Job, Update};
use crate::run::pipeline::Prefix;
use crate::tui::session::Session;

impl App {
    /// Takes in what the threads say.
    pub fn update(&mut self, update: Update) -> Vec<Effect> {
        let mut effects = Vec::new();
        match update {
            Update::Loading(what) => self.loading = what,
            Update::Ready(ready) => {
                self.ready = Some(ready);
                self.loading.clear();
                effects.extend(self.look_up());
                effects.extend(self.run_next());
            }
            Update::Broken(error) => self.broken = Some(error),
            Update::Reading { done, total, .. } => {
                self.loading = if done < total {
                    format!("reading the prompt, {done} of {total} tokens")
                } else {
                    String::new()
                };
            }
            Update::Token { job, token } => {
                self.count();
                if let Some(s) = self.of(job) {
                    s.push(*token);
                }
            }
            Update::Steps { job, steps } => {
                if let Some(s) = self.of(job) {
                    s.judge(steps);
                }
            }
            Update::Generated { job, trace } => {
                let ids: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
                if let Some(s) = self.of(job) {
                    s.finish(*trace, false);
                    s.look_here();
                    effects.push(Effect::Verbatim(job, ids));
                }
                self.chain_has_come(job);
                self.rate = Rate::default();
                effects.extend(self.look_up());
            }
            Update::Attributed {
                job,
                index,
                token,
                done,
                total,
            } => {
                if let Some(s) = self.of(job) {
                    s.attribute(index, *token, done, total);
                }
            }
            Update::Finished { job, trace } => {
                if trace.finish != "cancelled" {
                    effects.push(Effect::Save(trace.clone()));
                }
                let spans = self.of(job).is_some_and(|s| s.spans.is_empty());
                if spans {
                    let ids = trace.tokens.iter().map(|t| t.id).collect();
                    effects.push(Effect::Verbatim(job, ids));
                }
                if let Some(s) = self.of(job) {
                    s.finish(*trace, true);
                    s.look_here();
                }
                self.chain_has_come(job);
                effects.extend(self.over(job));
            }
            Update::Failed { job, error } => {
                if let Some(s) = self.of(job) {
                    s.error = Some(error.clone());
                    s.running = false;
                }
                self.say(error);
                self.chain_has_come(job);
                effects.extend(self.over(job));
            }
            Update::Found(found) => {
                if found.ngram == self.asked {
                    self.found = found;
                    self.hit = 0;
                }
            }
            Update::Changed(changed) => effects.extend(self.prompt_has_come(changed)),
            Update::Verbatim { job, spans } => {
                if let Some(s) = self.of(job) {
                    s.spans = spans;
                }
            }
        }
        effects
    }

    fn count(&mut self) {
        let since = *self.rate.since.get_or_insert_with(Instant::now);
        self.rate.tokens += 1;
        let seconds = since.elapsed().as_secs_f64();
        if seconds > 0.05 {
            self.rate.shown = self.rate.tokens as f64 / seconds;
        }
    }

    fn of(&mut self, job: u64) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|s| s.job == job)
    }

    fn over(&mut self, job: u64) -> Vec<Effect> {
        if self.running.is_some_and(|r| self.sessions[r].job == job) {
            self.running = None;
            self.rate = Rate::default();
        }
        // What is listed, and in which order, may depend on how the run ended.
        self.list();
        let mut effects = self.look_up();
        effects.extend(self.run_next());
        effects
    }

    pub(in crate::tui) fn run_next(&mut self) -> Vec<Effect> {
        if self.running.is_some() || self.ready.is_none() || self.queue.is_empty() {
            return Vec::new();
        }
        let entry = self.queue.remove(0);
        self.start(entry, Prefix::default(), None)
    }

    /// Runs an entry, or resumes it from a prefix.
    pub(super) fn start(
        &mut self,
        entry: usize,
        from: Prefix,
        parent: Option<(u64, usize)>,
    ) -> Vec<Effect> {
        if self.ready.is_none() {
            if !self.queue.contains(&entry) {
                self.queue.push(entry);
            }
            self.say("the model is still being loaded; the prompt waits");
            return Vec::new();
        }
        if let Some(r) = self.running.take() {
            self.sessions[r].running = false;
        }
        let id = self.next_job;
        self.next_job += 1;
        self.rate = Rate::default();
        self.sessions
            .push(Session::new(id, &from.kept, parent, self.split));
        let session = self.sessions.len() - 1;
        self.running = Some(session);
        let e = &mut self.entries[entry];
        if parent.is_none() {
            e.sessions.clear();
        }
        e.sessions.push(session);
        e.shown = e.sessions.len() - 1;
        vec![Effect::Run(Box::new(Job {
            id,
            prompt: self.entries[entry].prompt.clone(),
            from,
        }))]
    }

    /// Whether the documents on screen are not yet those asked for last.
    pub fn looking_up(&self) -> bool {
        self.found.ngram != self.asked
    }

    /// Asks for what explains the token at the cursor: the documents, if they are others than those asked for last; its scores, if they are
    /// still to come.
    pub(super) fn look_up(&mut self) -> Vec<Effect> {
        let Some(s) = self.session() else {
            return Vec::new();
        };
        let here = (s.job, s.cursor);
        let moved = s.running && !s.follow && self.told != Some(here);
        let ngram = match s.span.and_then(|i| s.spans.get(i)) {
            Some(v) => Some(
                s.tokens[v.tokens[0]..v.tokens[1]]
                    .iter()
                    .map(|t| t.id)
                    .collect(),
            ),
            None => {
                let prompt = s.trace.as_ref().map_or(&[][..], |t| &t.prompt.tokens);
                s.evidence(s.cursor, prompt)
            }
        };
        let mut effects = Vec::new();
        if moved {
            self.told = Some(here);
            effects.push(Effect::LookAt(here.1));
        }
        match ngram {
            Some(n)
                if n != self.asked && self.ready.as_ref().is_some_and(|r| r.index.is_some()) =>
            {
                self.asked.clone_from(&n);
                effects.push(Effect::Documents(n));
            }
            _ => {}
        }
        effects
    }
}
