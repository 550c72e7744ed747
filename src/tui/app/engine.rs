//! What the engine says, and what it is asked: jobs, branches, lookups.

use std::sync::Arc;
use std::time::Instant;

use super::effect::Effect;
use super::state::{App, Rate};
use crate::run::live::{Job, Passage, Update};
use crate::run::pipeline::Prefix;
use crate::tui::session::{Session, ShownMeasure};

impl App {
    /// Takes in what the threads say.
    pub fn update(&mut self, update: Update) -> Vec<Effect> {
        let mut effects = Vec::new();
        match update {
            Update::Loading(what) => self.loading = what,
            Update::Ready(mut ready) => {
                if let Some(note) = ready.note.take() {
                    self.say(note);
                }
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
                let remote = self.ready.as_ref().is_some_and(|r| r.remote);
                if let Some(s) = self.of(job) {
                    s.waiting += usize::from(remote && token.skipped.is_none());
                    s.push(*token);
                }
            }
            Update::Local {
                job,
                index,
                token,
                waiting,
            } => {
                if let Some(s) = self.of(job) {
                    s.local(index, *token, waiting);
                }
            }
            Update::Steps { job, steps } => {
                if let Some(s) = self.of(job) {
                    s.judge(steps);
                }
            }
            Update::Generated { job, trace } => {
                if let Some(s) = self.of(job) {
                    s.finish(*trace, false);
                    s.look_here();
                }
                effects.extend(self.completion_has_come(job));
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
                let trace = Arc::new(*trace);
                let mut says = None;
                if trace.finish != "cancelled" {
                    says = Some(format!("{}: done", trace.prompt.id));
                    effects.push(self.keep(trace.clone()));
                }
                if let Some(s) = self.of(job) {
                    s.finish(trace, true);
                    s.look_here();
                }
                effects.extend(self.completion_has_come(job));
                effects.extend(self.over(job, says));
            }
            Update::Failed { job, error } => {
                if let Some(s) = self.of(job) {
                    s.error = Some(error.clone());
                    s.running = false;
                }
                self.say(error.clone());
                effects.extend(self.completion_has_come(job));
                effects.extend(self.over(job, Some(error)));
            }
            Update::Found(found) => {
                if found.asked == self.asked {
                    self.found = Arc::new(found);
                    self.hit = 0;
                }
            }
            Update::Changed(changed) => effects.extend(self.prompt_has_come(changed)),
            Update::Regions { job, steps } => {
                if let Some(s) = self.of(job) {
                    s.regions = Some(steps);
                }
            }
            Update::Verbatim { job, spans } => {
                if let Some(s) = self.of(job) {
                    s.spans = Some(spans);
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

    /// Goes on when a job is over; `says`: what the bell would ring for.
    fn over(&mut self, job: u64, says: Option<String>) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.running.is_some_and(|r| self.sessions[r].job == job) {
            self.running = None;
            self.rate = Rate::default();
            effects.extend(says.and_then(|says| self.ring(self.began, says)));
        }
        // What is listed, and in which order, may depend on how the run ended.
        self.list();
        effects.extend(self.look_up());
        effects.extend(self.run_next());
        effects
    }

    /// Runs the first prompt that waits, if nothing runs.
    pub(in crate::tui) fn run_next(&mut self) -> Vec<Effect> {
        let Some(&entry) = self.queue.first() else {
            return Vec::new();
        };
        if self.running.is_some() || self.ready.is_none() {
            return Vec::new();
        }
        if !self.is_whole(entry) {
            let effect = self.read(entry);
            // A trace that cannot be read holds nobody up.
            if self.broken_trace(entry).is_some() {
                self.queue.remove(0);
                return self.run_next();
            }
            return effect.into_iter().collect();
        }
        self.queue.remove(0);
        self.start(entry, Prefix::default(), None)
    }

    /// Runs an entry, or continues from a prefix of its completion.
    pub(super) fn start(
        &mut self,
        entry: usize,
        from: Prefix,
        parent: Option<(u64, usize)>,
    ) -> Vec<Effect> {
        let whole = self.is_whole(entry);
        if let Some(error) = self.broken_trace(entry) {
            self.say(error);
            return Vec::new();
        }
        if self.ready.is_none() || !whole {
            if !self.queue.contains(&entry) {
                self.queue.push(entry);
            }
            self.say(match whole {
                true => "the model is still being loaded; the prompt waits",
                false => "the trace is being read; the prompt waits",
            });
            return self.read(entry).into_iter().collect();
        }
        if let Some(r) = self.running.take() {
            self.sessions[r].running = false;
        }
        let id = self.next_job;
        self.next_job += 1;
        self.rate = Rate::default();
        self.began = Instant::now();
        self.sessions
            .push(Session::new(id, &from.kept, parent, self.split));
        let session = self.sessions.len() - 1;
        self.running = Some(session);
        if parent.is_none() {
            self.make_room(entry);
        }
        let e = &mut self.entries[entry];
        e.sessions.push(session);
        e.shown = e.sessions.len() - 1;
        vec![Effect::Run(Box::new(Job {
            id,
            prompt: (*e.prompt).clone(),
            from,
        }))]
    }

    /// Makes room for a new run of an entry: it takes the place of those of the same model. What another model wrote stays beside it.
    fn make_room(&mut self, entry: usize) {
        let others = |s: &usize| {
            let session = &self.sessions[*s];
            self.other_model(session)
                .map(rotescope_trace::ModelRef::shown)
        };
        let sessions = self.entries[entry].sessions.iter();
        let kept: Vec<(usize, String)> = sessions.filter_map(|s| Some((*s, others(s)?))).collect();
        if let (Some((_, theirs)), Some(ready)) = (kept.first(), &self.ready) {
            let ours = ready.model.shown();
            let text = format!("{ours} runs the prompt anew; what {theirs} wrote stays beside it");
            self.say(text);
        }
        let kept: Vec<usize> = kept.into_iter().map(|(session, _)| session).collect();
        let e = &mut self.entries[entry];
        // The entry stands for what it runs now, not for a trace that has gone.
        e.saved.take_if(|_| kept.is_empty());
        e.sessions = kept;
    }

    /// Whether the documents on screen are not yet those asked for last.
    pub fn looking_up(&self) -> bool {
        self.found.asked != self.asked
    }

    /// Asks for what explains the token at the cursor: the trace, if it is in a file; the documents, if they are others than those asked for
    /// last; its scores, if they are still to come; the verbatim spans, if they are not known. And for the picture of a lab that is looked at.
    pub(in crate::tui) fn look_up(&mut self) -> Vec<Effect> {
        let mut effects = Vec::from_iter(self.draw_lab());
        if let Some(&entry) = self.listed.get(self.selected) {
            effects.extend(self.read(entry));
        }
        let Some(s) = self.session() else {
            return effects;
        };
        let here = (s.job, s.cursor);
        let moved = s.running && !s.follow && self.told != Some(here);
        let index = self.ready.as_ref().is_some_and(|r| r.index.is_some());
        let other = self.other_tokens(s);
        // While the cursor runs with what is written, each token would be looked up, and passed by.
        let passing = s.running && s.follow && self.ready.as_ref().is_some_and(|r| r.remote);
        let asks = (index && !passing).then(|| self.passage(s)).flatten();
        let nothing = other || s.tokens().is_empty();
        let spans = index
            && s.trace.is_some()
            && s.spans.is_none()
            && self.asked_spans != Some(s.job)
            && !other;
        let regions = self.regions_of(s);
        if spans {
            let ids = s.tokens().iter().map(|t| t.id).collect();
            effects.push(Effect::Verbatim(s.job, ids));
            self.asked_spans = Some(here.0);
        }
        if regions.is_some() {
            self.asked_regions = Some(here.0);
            effects.extend(regions);
        }
        if moved {
            self.told = Some(here);
            effects.push(Effect::LookAt(here.1));
        }
        match asks {
            Some(passage) if passage != self.asked => {
                self.asked.clone_from(&passage);
                effects.push(Effect::Documents(passage));
            }
            // Where there is nothing to ask by, those of another token are not left standing.
            None if index && nothing => (self.asked, self.found) = Default::default(),
            _ => {}
        }
        effects
    }

    /// Asks what of the steps a document has, where that is shown and not known.
    fn regions_of(&self, s: &Session) -> Option<Effect> {
        let ready = self.ready.as_ref()?;
        let asks = self.measure == ShownMeasure::Regions
            && ready.index.is_some()
            && !ready.remote
            && s.regions.is_none()
            && self.asked_regions != Some(s.job);
        let trace = s.trace.as_ref().filter(|_| asks)?;
        let steps = trace.steps.iter().map(|s| s.span).collect();
        Some(Effect::Regions(s.job, trace.output.clone(), steps))
    }

    /// The passage whose documents explain the token at the cursor: the verbatim span that is gone to, or the longest matched context with the
    /// token. Of another tokenizer's tokens, their text.
    fn passage(&self, s: &Session) -> Option<Passage> {
        let (first, end) = match s.verbatim() {
            Some(v) => (v.tokens[0], v.tokens[1]),
            None => {
                let length = s.evidence(s.cursor)?;
                ((s.cursor + 1).saturating_sub(length), s.cursor + 1)
            }
        };
        let own = s.tokens().get(first..end)?;
        if self.other_tokens(s) {
            let bytes: Vec<u8> = own.iter().flat_map(rotescope_trace::Token::raw).collect();
            // Of a piece of a character there is no text.
            let text = String::from_utf8(bytes).ok();
            return text.filter(|t| !t.is_empty()).map(Passage::Text);
        }
        // The context can begin in the prompt.
        let before = match s.verbatim() {
            Some(_) => 0,
            None => s.evidence(s.cursor)? - own.len(),
        };
        let prompt = s.trace.as_ref().map_or(&[][..], |t| &t.prompt.tokens);
        let asked = &prompt[prompt.len().saturating_sub(before)..];
        let ids = asked.iter().copied().chain(own.iter().map(|t| t.id));
        Some(Passage::Tokens(ids.collect()))
    }
}
