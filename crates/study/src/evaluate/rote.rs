//! Rote that is right against rote that is wrong: what tells them apart?
//!
//! A *rote token* is one that the model was confident of (see [`Levels`]) and for which a cause is named: some source has a gain of at least
//! [`EvaluateOptions::cause_threshold`](super::options::EvaluateOptions::cause_threshold). A memorization score says that the corpus backs the token, not that the token is right here. So beside those scores stand
//! signals of three other kinds: conflict between sources, what the question supports, and a verifier.

mod signals;

use std::collections::BTreeSet;

use signals::{Signal, signals};

use super::bootstrap::{Setting, auroc_cell, mean_cell};
use super::matched::Strata;
use super::options::{Confidence, Levels};
use super::origin::{Origin, Origins};
use super::table::{Cell, Table};
use rotescope_judge::fit::FOLDS;
use rotescope_judge::{Labels, arithmetic};
use rotescope_stats::crossval::out_of_fold;
use rotescope_stats::precision_at;
use rotescope_text::words;
use rotescope_trace::{Token, Trace};

/// Penalty of the combinations.
const L2: f64 = 3.0;

/// Kinds of signals, in the order of the table.
const KINDS: [&str; 5] = [
    "memorization",
    "uncertainty",
    "conflict",
    "support",
    "verifier",
];

/// A rote token.
#[derive(Debug, Clone)]
struct Rote {
    wrong: bool,
    /// Part of a number.
    digit: bool,
    origin: Origin,
    entropy: f64,
    /// The step of its trace, numbered over all traces.
    step: usize,
    signals: Vec<Signal>,
}

/// The rote tokens of the traces seen so far.
#[derive(Debug, Default)]
pub struct RoteTokens {
    /// How sure is confident.
    levels: Levels,
    tokens: Vec<Rote>,
    steps: usize,
}

impl RoteTokens {
    pub fn new(levels: Levels) -> Self {
        RoteTokens {
            levels,
            ..RoteTokens::default()
        }
    }

    /// Adds the rote tokens of the steps up to the first wrong one. In that step those behind the first wrong token are left out unless they
    /// are wrong too: what follows a mistake is neither.
    pub fn add(&mut self, t: &Trace, origin: &Origin, labels: &dyn Labels) {
        let asked = known_words(t);
        for (i, label) in labels.up_to_wrong(t) {
            self.steps += 1;
            let step = &t.steps[i];
            let by_arithmetic = step.verdict.as_ref();
            let by_arithmetic = by_arithmetic.is_some_and(|v| !v.right && v.by == arithmetic::NAME);
            let [from, to] = step.tokens;
            for k in from..to.min(t.tokens.len()) {
                let token = &t.tokens[k];
                let is_wrong = !label.right && label.tokens.contains(&k);
                let behind = !label.right && label.tokens.first().is_some_and(|&f| k > f);
                if !self.is_rote(token) || (behind && !is_wrong) {
                    continue;
                }
                self.tokens.push(Rote {
                    wrong: is_wrong,
                    digit: token.text.trim().bytes().all(|b| b.is_ascii_digit()),
                    origin: origin.clone(),
                    entropy: f64::from(token.entropy),
                    step: self.steps,
                    signals: signals(token, &asked, is_wrong && by_arithmetic),
                });
            }
        }
    }

    fn is_rote(&self, t: &Token) -> bool {
        let confident = |p| self.levels.of(p) == Confidence::Confident;
        let sure = t.probability().is_some_and(confident);
        t.skipped.is_none() && sure && t.cause.is_some()
    }

    /// Says the last word of all origins.
    pub(super) fn settle(&mut self, origins: &Origins) {
        let all = self.tokens.iter_mut().map(|t| &mut t.origin);
        all.for_each(|o| origins.settle(o));
    }

    /// How well each signal tells wrong rote tokens from right ones. `None` without examples of both.
    pub fn table(&self, setting: &Setting) -> Option<Table> {
        let all: Vec<&Rote> = self.tokens.iter().collect();
        let digits: Vec<&Rote> = self.tokens.iter().filter(|t| t.digit).collect();
        let wrong = |of: &[&Rote]| of.iter().filter(|t| t.wrong).count();
        if wrong(&all) == 0 || wrong(&all) == all.len() {
            return None;
        }
        let steps = self.mixed_steps();
        let mut t = Table::new(
            "rote-right-or-wrong",
            &format!(
                "Rote tokens ({} and a cause): what tells the {} wrong ones from the {} right ones",
                self.levels.name(Confidence::Confident),
                wrong(&all),
                all.len() - wrong(&all)
            ),
            &[
                "kind".into(),
                "signal".into(),
                format!("AUROC ({} of {})", wrong(&all), all.len()),
                format!("AUROC, digits ({} of {})", wrong(&digits), digits.len()),
                format!(
                    "P@1 among the rote tokens of a wrong step ({})",
                    steps.len()
                ),
                "AUROC at matched entropy".into(),
            ],
        );
        let positive: Vec<bool> = all.iter().map(|t| t.wrong).collect();
        let owner: Vec<&str> = all.iter().map(|t| t.origin.group.as_str()).collect();
        let entropy: Vec<f64> = all.iter().map(|t| t.entropy).collect();
        let strata = Strata::new(&entropy, &positive);
        for (kind, name, values) in self.lines() {
            let of = |digits: bool| {
                let kept: Vec<usize> = (0..all.len())
                    .filter(|&i| !digits || all[i].digit)
                    .collect();
                let scores: Vec<f64> = kept.iter().map(|&i| values[i]).collect();
                let positive: Vec<bool> = kept.iter().map(|&i| all[i].wrong).collect();
                let groups: Vec<&str> =
                    kept.iter().map(|&i| all[i].origin.group.as_str()).collect();
                auroc_cell(&scores, &positive, &groups, setting)
            };
            let p1 = |step: &Vec<usize>| {
                let scores: Vec<f64> = step.iter().map(|&i| values[i]).collect();
                let wrong: Vec<bool> = step.iter().map(|&i| all[i].wrong).collect();
                precision_at(&scores, &wrong, 1).unwrap_or(0.0)
            };
            let p1: Vec<f64> = steps.iter().map(p1).collect();
            let groups: Vec<&str> = steps
                .iter()
                .map(|s| all[s[0]].origin.group.as_str())
                .collect();
            let row = [
                of(false),
                of(true),
                mean_cell(&p1, &groups, setting),
                strata.auroc(&values, &positive, &owner, setting),
            ];
            t.rows.push(
                [Cell::from(kind), name.as_str().into()]
                    .into_iter()
                    .chain(row)
                    .collect(),
            );
        }
        t.reading = reading(&t);
        Some(t)
    }

    /// Steps with right and wrong rote tokens, as places in `tokens`.
    fn mixed_steps(&self) -> Vec<Vec<usize>> {
        let places: Vec<usize> = (0..self.tokens.len()).collect();
        places
            .chunk_by(|&a, &b| self.tokens[a].step == self.tokens[b].step)
            .filter(|s| {
                let wrong = s.iter().filter(|&&i| self.tokens[i].wrong).count();
                wrong > 0 && wrong < s.len()
            })
            .map(<[usize]>::to_vec)
            .collect()
    }

    /// Kind, name and values of each signal that some token has, by kind; the combinations last. What a token lacks ranks last.
    fn lines(&self) -> Vec<(&'static str, String, Vec<f64>)> {
        let Some(first) = self.tokens.first() else {
            return Vec::new();
        };
        let mut out: Vec<(&'static str, String, Vec<f64>)> = Vec::new();
        for (j, signal) in first.signals.iter().enumerate() {
            let values: Vec<Option<f64>> = self.tokens.iter().map(|t| t.signals[j].value).collect();
            if values.iter().any(Option::is_some) {
                let ranked = values
                    .iter()
                    .map(|v| v.unwrap_or(f64::NEG_INFINITY))
                    .collect();
                out.push((signal.kind, signal.name.clone(), ranked));
            }
        }
        let combined: [(&str, &[&str]); 4] = [
            ("memorization", &["memorization"]),
            ("uncertainty", &["uncertainty"]),
            ("conflict and support", &["conflict", "support"]),
            ("all but the verifier", &KINDS[..4]),
        ];
        for (name, kinds) in combined {
            if let Some(values) = self.fitted(kinds) {
                out.push(("combined", name.into(), values));
            }
        }
        out
    }

    /// A logistic regression over the signals of some kinds, cross-validated by prompt; what a token lacks counts as the mean.
    fn fitted(&self, kinds: &[&str]) -> Option<Vec<f64>> {
        let first = self.tokens.first()?;
        let chosen: Vec<usize> = (0..first.signals.len())
            .filter(|&j| kinds.contains(&first.signals[j].kind))
            .filter(|&j| self.tokens.iter().any(|t| t.signals[j].value.is_some()))
            .collect();
        let mean = |j: usize| {
            let known = || self.tokens.iter().filter_map(|t| t.signals[j].value);
            known().sum::<f64>() / known().count().max(1) as f64
        };
        let means: Vec<f64> = chosen.iter().map(|&j| mean(j)).collect();
        let row = |t: &Rote| {
            let pairs = chosen.iter().zip(&means);
            pairs
                .map(|(&j, m)| t.signals[j].value.unwrap_or(*m))
                .collect()
        };
        let rows: Vec<Vec<f64>> = self.tokens.iter().map(row).collect();
        let positive: Vec<bool> = self.tokens.iter().map(|t| t.wrong).collect();
        let groups: Vec<&str> = self
            .tokens
            .iter()
            .map(|t| t.origin.group.as_str())
            .collect();
        let names = chosen.iter().map(|&j| first.signals[j].name.as_str());
        let names: Vec<&str> = names.collect();
        out_of_fold(&names, &rows, &positive, &groups, FOLDS, L2).ok()
    }
}

/// The words that the model was given, in small letters.
fn known_words(t: &Trace) -> BTreeSet<String> {
    words(&t.prompt.body())
        .iter()
        .map(|w| w.text.to_lowercase())
        .collect()
}

/// The best signal of each kind, over all and at matched entropy.
fn reading(t: &Table) -> String {
    let value = |row: &[Cell], column: usize| match row[column] {
        Cell::Number(v, _) => v,
        _ => 0.0,
    };
    let best = |column: usize| {
        let of = |kind: &&str| {
            let rows = t.rows.iter().filter(|r| r[0].text() == **kind);
            let row = rows.reduce(|a, b| {
                if value(b, column) > value(a, column) {
                    b
                } else {
                    a
                }
            })?;
            Some(format!(
                "{kind}: {} ({:.3})",
                row[1].text(),
                value(row, column)
            ))
        };
        KINDS.iter().filter_map(of).collect::<Vec<_>>().join("; ")
    };
    format!(
        "Best single signal of each kind by AUROC, over all: {}. At matched entropy: {}.",
        best(2),
        best(5)
    )
}
