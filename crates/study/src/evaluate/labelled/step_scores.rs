//! The scores of a step by which the first wrong one is looked for. Higher is likelier wrong.

use rotescope_judge::labels::{REWARD_MODEL, is_computed};
use rotescope_judge::output_text;
use rotescope_judge::token_scores::{Mean, candidates, corpus_surprise, gap, lowest_group, min_k};
use rotescope_trace::{RegionClass, Step, Token, Trace, Verdict};

/// A score by its name, and what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    pub name: &'static str,
    /// What a record must have, for people.
    pub needs: &'static str,
}

/// The scores of a step, in the order of [`SCORES`]; `None` where the record lacks what one needs.
pub type StepScores = [Option<f64>; SCORES.len()];

/// The place of the verdict in [`SCORES`], which is no number to set a threshold on.
pub const VERDICT: usize = 1;

/// Probability and entropy of the tokens of a step.
pub const UNSURE: std::ops::Range<usize> = 3..7;
/// What of a step stands in documents.
pub const REGIONS: std::ops::Range<usize> = 9..11;
/// What the corpus alone says of the tokens of a step.
pub const RETRIEVED: std::ops::Range<usize> = 11..14;

/// From here on, scores look at nothing but how long a step is, where it stands, and how many digits it has.
pub const PLAIN: usize = 14;

pub const SCORES: [Score; 19] = [
    score("flag", "flags"),
    score("verdict", "steps"),
    score("reward model", "reward model"),
    score("1 - p, mean", "probabilities"),
    score("1 - p, largest", "probabilities"),
    score("entropy, mean", "entropy"),
    score("entropy, largest", "entropy"),
    score("DeepConf, least sure group", "candidates"),
    score("Min-K%++, lowest fifth", "probabilities with candidates"),
    score("template only (BM)", "regions"),
    score("template less numbers and names", "regions"),
    score("-log p_ret, mean", "retrieved tokens"),
    score("gap, mean", "retrieved tokens"),
    score("gap, largest", "retrieved tokens"),
    score("length in tokens", "tokens, words stand in for them"),
    score("length in characters", "steps"),
    score("digits", "steps"),
    score("position from the start", "steps"),
    score("position in the chain", "steps"),
];

const fn score(name: &'static str, needs: &'static str) -> Score {
    Score { name, needs }
}

/// The scores of all steps of a trace.
#[derive(Debug)]
pub struct Found {
    pub steps: Vec<StepScores>,
    /// How many candidates confidences are taken over.
    pub candidates: Option<usize>,
    /// By what Min-K%++ was computed.
    pub mean: Option<Mean>,
}

pub fn of(t: &Trace) -> Found {
    let text = output_text(t);
    let k = candidates(&t.tokens);
    let mean = Mean::of(&t.tokens);
    let is_token = |t: &Token| t.id != Token::NO_ID || t.probability().is_some();
    let tokenized = t.tokens.iter().any(is_token);
    let one = |(i, step): (usize, &Step)| -> StepScores {
        let [from, to] = step.span.map(|at| at.min(text.len()));
        let body = text.get(from..to).unwrap_or_default().trim();
        let [first, last] = step.tokens.map(|at| at.min(t.tokens.len()));
        let tokens = &t.tokens[first..last.max(first)];
        let doubt = |t: &Token| t.probability().map(|p| 1.0 - p);
        [
            step.flag.as_ref().map(|f| f.p),
            Some(verdict(step)),
            reward(step),
            average(tokens, doubt),
            largest(tokens, doubt),
            average(tokens, Token::entropy),
            largest(tokens, Token::entropy),
            k.and_then(|k| lowest_group(tokens, k)).map(|c| -c),
            mean.and_then(|m| min_k(tokens, m)).map(|z| -z),
            step.region
                .as_ref()
                .map(|r| f64::from(u8::from(r.class == RegionClass::Bm))),
            step.region.as_ref().map(|r| r.background - r.foreground),
            average(tokens, corpus_surprise),
            average(tokens, gap),
            largest(tokens, gap),
            tokenized.then_some(tokens.len() as f64),
            Some(body.chars().count() as f64),
            Some(body.chars().filter(|c| c.is_numeric()).count() as f64),
            Some((i + 1) as f64),
            Some((i + 1) as f64 / t.steps.len() as f64),
        ]
    };
    Found {
        steps: t.steps.iter().enumerate().map(one).collect(),
        candidates: k,
        mean,
    }
}

/// 1 where computation calls it wrong. That an equation holds says little of the step around it.
fn verdict(step: &Step) -> f64 {
    let wrong = |v: &&Verdict| !v.right && is_computed(v);
    f64::from(u8::from(step.verdict.as_ref().filter(wrong).is_some()))
}

fn reward(step: &Step) -> Option<f64> {
    let estimated = step.verdict.as_ref().filter(|v| v.by == REWARD_MODEL)?;
    estimated.p.map(|p| 1.0 - p)
}

fn average(tokens: &[Token], of: impl Fn(&Token) -> Option<f64>) -> Option<f64> {
    let all: Vec<f64> = tokens.iter().filter_map(of).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

fn largest(tokens: &[Token], of: impl Fn(&Token) -> Option<f64>) -> Option<f64> {
    tokens.iter().filter_map(of).reduce(f64::max)
}
