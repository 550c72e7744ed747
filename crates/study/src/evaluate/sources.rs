//! Which source wrong tokens come from (the paper's Table 3), and how strong memorization is by task, split and correctness (Figure 3).

use std::collections::BTreeMap;

use super::table::{Cell, Share, Table};
use super::{Setting, cell, first_wrong, mean_cell};
use rotescope_judge::fit::group;
use rotescope_trace::{Source, Trace};

type Place = (String, String);

/// Counts by source, in the order of [`Source::ALL`].
type BySource = [usize; 3];

/// One chain's STIM_max.
#[derive(Debug, Clone)]
pub struct Strength {
    pub right: bool,
    /// Mean of STIM_max over the scored tokens of the step that counts.
    pub value: f64,
    pub group: String,
}

#[derive(Debug, Default)]
pub struct Sources {
    published: BTreeMap<Place, BySource>,
    cause: BTreeMap<Place, BySource>,
    /// Wrong tokens that are scored.
    wrong: BTreeMap<Place, usize>,
    strength: BTreeMap<Place, Vec<Strength>>,
}

fn place(s: Source) -> usize {
    match s {
        Source::Local => 0,
        Source::Mid => 1,
        Source::Long => 2,
    }
}

impl Sources {
    pub fn add(&mut self, t: &Trace) {
        let key = cell(t);
        let wrong = first_wrong(t);
        if let Some((_, v)) = wrong {
            for token in v.tokens.iter().filter_map(|&i| t.tokens.get(i)) {
                if token.skipped.is_some() {
                    continue;
                }
                *self.wrong.entry(key.clone()).or_default() += 1;
                if let Some((s, _)) = token.stim_max() {
                    self.published.entry(key.clone()).or_default()[place(s)] += 1;
                }
                if let Some(c) = token.cause {
                    self.cause.entry(key.clone()).or_default()[place(c.source)] += 1;
                }
            }
        }
        let step = match wrong {
            Some((i, _)) => Some((i, false)),
            None if t.answer.right == Some(true) => least_sure(t).map(|i| (i, true)),
            None => None,
        };
        let strength = step.and_then(|(i, right)| Some((right, mean_strength(t, i)?)));
        if let Some((right, value)) = strength {
            self.strength.entry(key).or_default().push(Strength {
                right,
                value,
                group: group(t),
            });
        }
    }

    /// All wrong tokens by their dominant source, by task and split.
    pub fn dominant(&self) -> Option<Table> {
        if self.published.is_empty() {
            return None;
        }
        let mut t = Table::new(
            "dominant-source",
            "Dominant source of wrong tokens (published: the largest of the three scores; cause: by the default measure)",
            &[
                "task",
                "split",
                "local",
                "mid",
                "long",
                "cause local",
                "cause mid",
                "cause long",
                "no cause",
                "wrong tokens",
            ],
        );
        for (key, n) in &self.wrong {
            let by = self.published.get(key).copied().unwrap_or_default();
            let cause = self.cause.get(key).copied().unwrap_or_default();
            let mut row: Vec<Cell> = vec![key.0.as_str().into(), key.1.as_str().into()];
            let total = by.iter().sum();
            row.extend(by.iter().map(|&k| Cell::from(Share { k, n: total })));
            let any = !self.cause.is_empty();
            let share = |k| {
                if any {
                    Cell::from(Share { k, n: *n })
                } else {
                    Cell::Nothing
                }
            };
            row.extend(cause.iter().map(|&k| share(k)));
            row.push(share(n - cause.iter().sum::<usize>()));
            row.push((*n).into());
            t.rows.push(row);
        }
        Some(t)
    }

    /// Wrong tokens of the tasks proper (not planted) by published dominant source.
    pub fn totals(&self) -> BySource {
        let mut out = [0; 3];
        for ((_, split), by) in &self.published {
            if !split.starts_with("planted") && split != "clean" {
                (0..3).for_each(|i| out[i] += by[i]);
            }
        }
        out
    }

    /// Chains by task, split and correctness.
    pub fn strengths(&self, task: &str, split: &str) -> &[Strength] {
        self.strength
            .get(&(task.to_string(), split.to_string()))
            .map_or(&[], Vec::as_slice)
    }

    /// Tasks that have chains of this split.
    pub fn tasks(&self, split: &str) -> Vec<&str> {
        self.strength
            .keys()
            .filter(|(_, s)| s == split)
            .map(|(t, _)| t.as_str())
            .collect()
    }

    pub fn stim_max(&self, setting: &Setting) -> Option<Table> {
        if self.strength.is_empty() {
            return None;
        }
        let mut t = Table::new(
            "stim-max",
            "STIM_max by task, split and correctness: mean over the scored tokens of the first wrong step, of right chains the least sure step",
            &[
                "task",
                "split",
                "right",
                "wrong",
                "all",
                "right chains",
                "wrong chains",
            ],
        );
        for ((task, split), chains) in &self.strength {
            let mean = |keep: &dyn Fn(&Strength) -> bool| {
                let kept: Vec<&Strength> = chains.iter().filter(|s| keep(s)).collect();
                let values: Vec<f64> = kept.iter().map(|s| s.value).collect();
                let groups: Vec<&str> = kept.iter().map(|s| s.group.as_str()).collect();
                mean_cell(&values, &groups, setting)
            };
            let right = chains.iter().filter(|s| s.right).count();
            t.rows.push(vec![
                task.as_str().into(),
                split.as_str().into(),
                mean(&|s| s.right),
                mean(&|s| !s.right),
                mean(&|_| true),
                right.into(),
                (chains.len() - right).into(),
            ]);
        }
        Some(t)
    }
}

/// The step with the least probable scored token: the paper takes the step that its reward model likes least.
fn least_sure(t: &Trace) -> Option<usize> {
    let least = |i: usize| {
        let [first, last] = t.steps[i].tokens;
        t.tokens[first.min(t.tokens.len())..last.min(t.tokens.len())]
            .iter()
            .filter(|x| x.skipped.is_none())
            .map(|x| x.p)
            .reduce(f32::min)
    };
    (0..t.steps.len())
        .filter_map(|i| Some((i, least(i)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, _)| i)
}

fn mean_strength(t: &Trace, step: usize) -> Option<f64> {
    let [first, last] = t.steps[step].tokens;
    let values: Vec<f64> = t.tokens[first.min(t.tokens.len())..last.min(t.tokens.len())]
        .iter()
        .filter_map(|x| Some(x.stim_max()?.1))
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
