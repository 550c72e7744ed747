//! What a batch did, in a few lines: accuracy where answers are known, tokens, speed, and where the time went.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_text::repetition;
use rotescope_trace::Trace;

/// Running totals over traces.
#[derive(Debug, Default, Clone)]
pub struct Summary {
    /// (task, split) -> (right, answered with a known answer).
    accuracy: BTreeMap<(String, String), (usize, usize)>,
    pub traces: usize,
    pub failed: usize,
    pub tokens: usize,
    scored: usize,
    /// Completions that end in a loop, and how many of them were ended there.
    loops: [usize; 2],
    unplaced: usize,
    /// Tokens that a budget left undone.
    pending: usize,
    prompt: f64,
    generate: f64,
    attribute: f64,
}

impl Summary {
    /// Adds one trace.
    pub fn add(&mut self, t: &Trace) {
        self.traces += 1;
        self.tokens += t.tokens.len();
        self.scored += t
            .tokens
            .iter()
            .filter(|t| t.local.as_ref().is_some_and(|l| l.score.is_some()))
            .count();
        let ended = t.finish == "loop";
        let texts = t.tokens.iter().map(|t| ((t.id, &t.text), t.text.as_str()));
        if ended || repetition(texts).is_some() {
            self.loops[0] += 1;
            self.loops[1] += usize::from(ended);
        }
        self.unplaced += usize::from(t.prompt.question_unplaced);
        self.pending += t.tokens.iter().filter(|t| !t.pending.is_empty()).count();
        self.prompt += t.timing.prompt;
        self.generate += t.timing.generate;
        self.attribute += t.timing.attribute;
        if let Some(right) = t.answer.right {
            let name = |s: &Option<String>| s.clone().unwrap_or_default();
            let cell = self
                .accuracy
                .entry((name(&t.prompt.task), name(&t.prompt.split)))
                .or_default();
            cell.0 += usize::from(right);
            cell.1 += 1;
        }
    }

    /// The lines shown at the end. `wall`: seconds that the whole batch took.
    pub fn lines(&self, wall: f64) -> String {
        let mut out = String::new();
        let share = |s: f64| 100.0 * s / (self.prompt + self.generate).max(1e-9);
        let _ = writeln!(
            out,
            "{} prompts, {} failed, {} tokens ({} with a local score)",
            self.traces + self.failed,
            self.failed,
            self.tokens,
            self.scored
        );
        let _ = writeln!(
            out,
            "{:.1} s, {:.0} tokens/s; model {:.1} s (prompts {:.0} %, tokens {:.0} %), attribution {:.2} s",
            wall,
            self.tokens as f64 / wall.max(1e-9),
            self.prompt + self.generate,
            share(self.prompt),
            share(self.generate),
            self.attribute
        );
        let [loops, ended] = self.loops;
        if loops > 0 {
            let hint = match ended {
                0 => "--stop-loops ends them early".to_string(),
                _ => format!("{ended} ended early"),
            };
            let _ = writeln!(out, "{loops} completions end in a loop ({hint})");
        }
        if self.pending > 0 {
            let _ = writeln!(
                out,
                "{} tokens are pending, beyond the budget; `rotescope attribute` with another goes on with them",
                self.pending
            );
        }
        if self.unplaced > 0 {
            let _ = writeln!(
                out,
                "note: of {} prompts the chat template changes the question, and its place is not known: all of the prompt is taken for it",
                self.unplaced
            );
        }
        for ((task, split), (right, all)) in &self.accuracy {
            let name = [task.as_str(), split.as_str()]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            let name = if name.is_empty() { "answers" } else { &name };
            let _ = writeln!(
                out,
                "{name}: {right} of {all} right ({:.1} %)",
                100.0 * *right as f64 / *all as f64
            );
        }
        out
    }
}
