//! What is known of a step while it is generated: the features of the flag.
//!
//! Nothing here looks at the truth: neither the expected answer nor what the prompt file says beside the question. A feature has a
//! name by which the flag's model knows it, and the token that gave it its value, where one did.

use std::collections::{BTreeMap, BTreeSet};

use super::token_scores::{corpus_surprise, gap};
use rotescope_text::{is_stop_word, words};
use rotescope_trace::source::Reads;
use rotescope_trace::{Candidates, Known, Source, Token, Trace};

/// One feature of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feature {
    pub value: f64,
    /// The token that gave it, an index into the trace's tokens.
    pub token: Option<usize>,
}

/// Features by name; what a step does not have is absent.
pub type Features = BTreeMap<String, Feature>;

/// The features of every step of a trace.
pub fn of_trace(trace: &Trace) -> Vec<Features> {
    let text = super::output::output_text(trace);
    let mut known: BTreeSet<String> = words(&trace.prompt.body())
        .iter()
        .map(|w| w.text.to_lowercase())
        .collect();
    let in_prompt = known.clone();
    let steps = trace.steps.len();
    (0..steps)
        .map(|i| {
            let step = &trace.steps[i];
            let body = text
                .get(step.span[0].min(text.len())..step.span[1].min(text.len()))
                .unwrap_or("");
            let mut found = Collector::default();
            found.shape(body, i);
            found.novelty(trace, i, body, &mut known);
            let [first, last] = step.tokens;
            for t in first..last.min(trace.tokens.len()) {
                found.uncertainty(t, &trace.tokens[t]);
                found.retrieved(t, &trace.tokens[t]);
                if trace.tokens[t].skipped.is_none() {
                    found.memorization(t, &trace.tokens[t], &in_prompt);
                }
            }
            found.done()
        })
        .collect()
}

/// Which source a feature comes from; `None` for those that need only the model. Conflicts need two and are named by the farther one.
pub fn source(name: &str) -> Option<Source> {
    let name = name.strip_prefix("missing ").unwrap_or(name);
    Source::ALL
        .into_iter()
        .rev()
        .find(|s| name.split(['.', ' ']).any(|part| part == s.name()))
}

/// Names of features of what the corpus alone says begin with this. Flags are fitted without them; `evaluate` says what they would add.
pub const RETRIEVED: &str = "retrieved.";

/// How far a probability is from certain, one minus it.
fn doubt(p: f32) -> f64 {
    1.0 - f64::from(p)
}

/// One minus the distance between the two most probable candidates.
pub fn closeness(c: &Candidates) -> Option<f64> {
    Some(1.0 - f64::from(c.p.first()? - c.p.get(1)?))
}

/// Total variation distance between the candidates' probabilities and a source's counts, both made to sum to 1. `None` without counts.
pub fn distance(a: &[f64], b: &[f64]) -> Option<f64> {
    let (sa, sb) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
    (a.len() == b.len() && sa > 0.0 && sb > 0.0).then(|| {
        a.iter()
            .zip(b)
            .map(|(x, y)| (x / sa - y / sb).abs())
            .sum::<f64>()
            / 2.0
    })
}

/// The candidates' counts by a source; empty where it was not scored.
pub fn counts(c: &Candidates, source: Source) -> Vec<f64> {
    c.counts(source).to_vec()
}

#[derive(Default)]
struct Collector {
    found: Features,
    /// Sums for means.
    sums: BTreeMap<String, (f64, usize)>,
}

impl Collector {
    fn set(&mut self, name: &str, value: f64, token: Option<usize>) {
        self.found.insert(name.into(), Feature { value, token });
    }

    /// Keeps the largest value, and adds to the mean.
    fn add(&mut self, name: &str, value: f64, token: usize) {
        if !value.is_finite() {
            return;
        }
        let sum = self.sums.entry(name.into()).or_default();
        *sum = (sum.0 + value, sum.1 + 1);
        let key = format!("{name}.max");
        if self.found.get(&key).is_none_or(|f| value > f.value) {
            self.set(&key, value, Some(token));
        }
    }

    /// Keeps the smallest value.
    fn least(&mut self, name: &str, value: f64, token: usize) {
        let key = format!("{name}.min");
        if self.found.get(&key).is_none_or(|f| value < f.value) {
            self.set(&key, value, Some(token));
        }
    }

    fn done(mut self) -> Features {
        for (name, (sum, n)) in std::mem::take(&mut self.sums) {
            self.set(&format!("{name}.mean"), sum / n as f64, None);
        }
        self.found
    }

    fn shape(&mut self, body: &str, index: usize) {
        let flag = |b: bool| f64::from(u8::from(b));
        let found = words(body);
        let digits = found
            .iter()
            .filter(|w| w.text.bytes().all(|b| b.is_ascii_digit()))
            .map(|w| w.text.len())
            .max();
        self.set("shape.words", (1.0 + found.len() as f64).ln(), None);
        self.set("shape.position", (1.0 + index as f64).ln(), None);
        self.set("shape.digits", digits.unwrap_or(0) as f64, None);
        self.set("shape.equation", flag(body.contains('=')), None);
        self.set(
            "shape.answer",
            flag(body.to_lowercase().contains("answer")),
            None,
        );
    }

    /// Words and numbers that neither the prompt nor the output before holds. A number behind a sign of equality is computed, not new.
    fn novelty(&mut self, trace: &Trace, step: usize, body: &str, known: &mut BTreeSet<String>) {
        let from = trace.steps[step].span[0];
        let (mut new_words, mut new_numbers) = ((0.0, None), (0.0, None));
        let mut before = "";
        for w in words(body) {
            let lower = w.text.to_lowercase();
            let number = lower.bytes().all(|b| b.is_ascii_digit());
            let computed = number && before == "=";
            if !known.contains(&lower) && !is_stop_word(&lower) && !computed {
                let token = trace.tokens.iter().position(|t| {
                    t.span[0] <= from + w.span.start && from + w.span.start < t.span[1]
                });
                let slot = if number {
                    &mut new_numbers
                } else {
                    &mut new_words
                };
                *slot = (slot.0 + 1.0, slot.1.or(token));
            }
            before = w.text;
            known.insert(lower);
        }
        self.set("new.words", new_words.0, new_words.1);
        self.set("new.numbers", new_numbers.0, new_numbers.1);
    }

    fn uncertainty(&mut self, i: usize, t: &Token) {
        if t.probability().is_none() {
            return;
        }
        self.add("unsure.p", doubt(t.p), i);
        self.add("unsure.surprise", -f64::from(t.p.max(1e-9)).ln(), i);
        // Log-odds that the token is another one: linear where probabilities are near 1.
        let p = f64::from(t.p).clamp(1e-4, 1.0 - 1e-4);
        self.add("unsure.odds", ((1.0 - p) / p).ln(), i);
        if let Some(entropy) = t.entropy() {
            self.add("unsure.entropy", entropy, i);
        }
        if let Some(c) = closeness(&t.candidates) {
            self.add("unsure.margin", c, i);
        }
    }

    fn retrieved(&mut self, i: usize, t: &Token) {
        let (Some(found), Some(surprise), Some(gap)) = (&t.retrieved, corpus_surprise(t), gap(t))
        else {
            return;
        };
        let mut add = |name: &str, value| self.add(&format!("{RETRIEVED}{name}"), value, i);
        add("surprise", surprise);
        add("gap", gap);
        add("gap_below", -gap);
        add("length", found.n as f64);
        for known in [Known::Weights, Known::Corpus] {
            add(known.name(), f64::from(u8::from(found.known == known)));
        }
    }

    fn memorization(&mut self, i: usize, t: &Token, in_prompt: &BTreeSet<String>) {
        for s in Source::ALL {
            if let Some(score) = t.score(s) {
                self.add(s.name(), score, i);
            }
            for (name, values) in &t.measures {
                if let Some(v) = values.get(s) {
                    self.add(&format!("measure.{name}.{s}"), v, i);
                }
            }
        }
        if let Some(cause) = t.cause {
            self.add(&format!("cause.{}", cause.source), cause.strength, i);
        }
        self.counts(i, t);
        for s in Source::non_local() {
            let Some(d) = t.non_local(s) else { continue };
            if let Some(strongest) = d.words.first() {
                self.add(&format!("salient.{s}"), strongest.saliency, i);
            }
            if s.about().reads == Reads::Output && !d.words.is_empty() {
                let alien = d
                    .words
                    .iter()
                    .filter(|w| !in_prompt.contains(&w.text.to_lowercase()))
                    .count();
                self.add(
                    &format!("unsupported.{s}"),
                    alien as f64 / d.words.len() as f64,
                    i,
                );
            }
            if let Some(elicited) = d.elicited {
                self.add(&format!("elicited.{s}"), f64::from(u8::from(elicited)), i);
            }
        }
    }

    /// Evidence of the corpus, and how far its sources disagree.
    fn counts(&mut self, i: usize, t: &Token) {
        let log = |n: u64| (1.0 + n as f64).log10();
        if let Some(l) = &t.local {
            self.add("context.local", l.context as f64, i);
            self.least("context.local", l.context as f64, i);
            self.add("seen.local", log(l.context_count), i);
            self.least("seen.local", log(l.context_count), i);
            self.least("matched.local", log(l.match_count), i);
            self.add("matched.local", log(l.match_count), i);
            if l.context_count > 0 {
                let share = l.match_count as f64 / l.context_count as f64;
                self.least("share.local", share, i);
                self.add("share.local", share, i);
            }
        }
        let p: Vec<f64> = t.candidates.p.iter().map(|&p| f64::from(p)).collect();
        let chosen = t.candidates.ids.iter().position(|&id| id == t.id);
        let by = Source::ALL.map(|s| counts(&t.candidates, s));
        for (s, n) in Source::ALL.into_iter().zip(&by) {
            if let Some(d) = distance(&p, n) {
                self.add(&format!("apart.{s}"), d, i);
            }
            // By how much the source prefers another candidate.
            let total: f64 = n.iter().sum();
            if let (Some(c), true) = (chosen, total > 0.0) {
                let best = n.iter().copied().fold(0.0, f64::max);
                let own = n.get(c).copied().unwrap_or(0.0);
                self.add(&format!("prefers_other.{s}"), (best - own) / total, i);
            }
        }
        for (b, y) in Source::ALL.into_iter().zip(&by) {
            for (a, x) in Source::ALL.into_iter().zip(&by).take(b as usize) {
                if let Some(d) = distance(x, y) {
                    self.add(&format!("conflict.{a}.{b}"), d, i);
                }
            }
        }
    }
}
