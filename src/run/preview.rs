//! What is known of a chain's steps while it is still generated: flags and verdicts of those that are over.

use std::time::{Duration, Instant};

use super::finish::Finish;
use super::pipeline::Scorer;
use rotescope_import::reading::step;
use rotescope_text::Growing;
use rotescope_trace::{Prompt, Step, Token, Trace};

/// Judging reads the whole completion again. Beyond the first moments it may take one part in so many of the time that generating takes.
const SHARE: u32 = 20;
const FIRST: Duration = Duration::from_millis(2);

/// A completion that grows, and is judged step by step.
pub struct Preview<'a> {
    finish: &'a Finish,
    /// What there is of the trace: prompt, tokens, steps.
    trace: Trace,
    growing: Growing,
    /// Steps judged and told.
    judged: usize,
    began: Instant,
    spent: Duration,
}

impl<'a> Preview<'a> {
    pub fn new(scorer: &'a Scorer, prompt: &Prompt, kept: &[Token]) -> Self {
        let mut asked = prompt.clone();
        // Whether another wording or order than the prompt's own is wrong is only known with the answer.
        if let Some(meta) = asked.meta.as_object_mut() {
            meta.remove("chain");
        }
        let mut preview = Preview {
            finish: &scorer.finish,
            trace: Trace {
                prompt: asked.into(),
                model: scorer.model.clone(),
                attribution: scorer.attribution(),
                ..Trace::default()
            },
            growing: Growing::new(scorer.split),
            judged: 0,
            began: Instant::now(),
            spent: Duration::ZERO,
        };
        for token in kept {
            preview.take(token.clone());
        }
        preview
    }

    fn take(&mut self, mut token: Token) {
        let from = self.growing.output().len();
        self.growing.push(&token.raw());
        token.span = [from, self.growing.output().len()];
        self.trace.tokens.push(token);
    }

    /// Takes in the next token; returns the steps that are over and were not told before, with flag and verdict.
    ///
    /// A step is over when the next one begins. Where judging is dear, some steps are told later, with others.
    pub fn push(&mut self, token: &Token) -> Vec<Step> {
        self.take(token.clone());
        let over = self.growing.steps().len().saturating_sub(1);
        let late = self.spent > FIRST && self.spent * SHARE > self.began.elapsed();
        if over <= self.judged || late {
            return Vec::new();
        }
        let began = Instant::now();
        let trace = &mut self.trace;
        trace.output = String::from_utf8_lossy(self.growing.output()).into_owned();
        trace.steps = self.growing.steps().iter().map(step).collect();
        self.finish.so_far(trace);
        let told = trace.steps[self.judged..over].to_vec();
        self.judged = over;
        self.spent += began.elapsed();
        told
    }
}
