//! Which source wrong tokens come from (the paper's Table 3), and how strong memorization is by task, split and correctness (Figure 3).

use std::collections::BTreeMap;

use super::bootstrap::{Setting, mean_cell};
use super::origin::{Origin, Origins};
use super::table::{Cell, Share, Table};
use rotescope_judge::Labels;
use rotescope_trace::{Source, Token, Trace};

/// Task and split, as tables name them.
type Place = (String, String);

/// Counts by source, in the order of [`Source::ALL`].
type BySource = [usize; Source::COUNT];

/// STIM_max of one completion.
#[derive(Debug, Clone)]
pub struct CompletionStrength {
    pub right: bool,
    /// Mean of STIM_max over the scored tokens of the step that counts.
    pub value: f64,
    pub origin: Origin,
}

/// The scored wrong tokens of one completion.
#[derive(Debug, Default)]
struct WrongTokens {
    published: BySource,
    cause: BySource,
    n: usize,
}

impl WrongTokens {
    fn add(&mut self, other: &WrongTokens) {
        for i in 0..Source::COUNT {
            self.published[i] += other.published[i];
            self.cause[i] += other.cause[i];
        }
        self.n += other.n;
    }
}

#[derive(Debug, Default)]
pub struct SourceTables {
    wrong: Vec<(Origin, WrongTokens)>,
    strengths: Vec<CompletionStrength>,
}

impl SourceTables {
    pub fn add(&mut self, t: &Trace, origin: &Origin, labels: &dyn Labels) {
        let first_wrong = labels.first_wrong(t);
        if let Some((_, label)) = &first_wrong {
            let mut wrong = WrongTokens::default();
            let tokens = label.tokens.iter().filter_map(|&i| t.tokens.get(i));
            for token in tokens.filter(|x| x.skipped.is_none() && x.pending.is_empty()) {
                wrong.n += 1;
                if let Some((s, _)) = token.stim_max() {
                    wrong.published[s as usize] += 1;
                }
                if let Some(c) = token.cause {
                    wrong.cause[c.source as usize] += 1;
                }
            }
            if wrong.n > 0 {
                self.wrong.push((origin.clone(), wrong));
            }
        }
        let step = match first_wrong {
            Some((i, _)) => Some((i, false)),
            None if t.answer.right == Some(true) => least_sure(t).map(|i| (i, true)),
            None => None,
        };
        if let Some((right, value)) =
            step.and_then(|(i, right)| Some((right, mean_strength(t, i)?)))
        {
            let origin = origin.clone();
            self.strengths.push(CompletionStrength {
                right,
                value,
                origin,
            });
        }
    }

    /// Says the last word of all origins.
    pub(super) fn settle(&mut self, origins: &Origins) {
        let wrong = self.wrong.iter_mut().map(|(o, _)| o);
        let all = wrong.chain(self.strengths.iter_mut().map(|s| &mut s.origin));
        all.for_each(|o| origins.settle(o));
    }

    /// All wrong tokens by their dominant source, by task and split.
    pub fn dominant(&self) -> Option<Table> {
        let mut by: BTreeMap<Place, WrongTokens> = BTreeMap::new();
        for (origin, wrong) in &self.wrong {
            by.entry(origin.place()).or_default().add(wrong);
        }
        let any =
            |of: fn(&WrongTokens) -> &BySource| by.values().any(|w| *of(w) != [0; Source::COUNT]);
        let causes = any(|w| &w.cause);
        if !any(|w| &w.published) {
            return None;
        }
        let mut head = vec!["task".to_string(), "split".to_string()];
        head.extend(Source::ALL.map(|s| s.to_string()));
        head.extend(Source::ALL.map(|s| format!("cause {s}")));
        head.extend(["no cause".to_string(), "wrong tokens".to_string()]);
        let mut t = Table::new(
            "dominant-source",
            "Dominant source of wrong tokens (published: the largest of the three scores; cause: by the default measure)",
            &head,
        );
        for ((task, split), w) in &by {
            let mut row: Vec<Cell> = vec![task.as_str().into(), split.as_str().into()];
            let total = w.published.iter().sum();
            row.extend(
                w.published
                    .iter()
                    .map(|&k| Cell::from(Share { k, n: total })),
            );
            let share = |k| match causes {
                true => Cell::from(Share { k, n: w.n }),
                false => Cell::Nothing,
            };
            row.extend(w.cause.iter().map(|&k| share(k)));
            row.push(share(w.n - w.cause.iter().sum::<usize>()));
            row.push(w.n.into());
            t.rows.push(row);
        }
        Some(t)
    }

    /// Wrong tokens by published dominant source, leaving out prompts with a known cause and their twins.
    pub fn totals(&self) -> BySource {
        let mut out = WrongTokens::default();
        let own = self.wrong.iter().filter(|(o, _)| !o.apart);
        own.for_each(|(_, w)| out.add(w));
        out.published
    }

    /// Of all completions, leaving out prompts with a known cause and their twins.
    pub fn strengths(&self) -> impl Iterator<Item = &CompletionStrength> {
        self.strengths.iter().filter(|s| !s.origin.apart)
    }

    pub fn stim_max(&self, setting: &Setting) -> Option<Table> {
        if self.strengths.is_empty() {
            return None;
        }
        let mut by: BTreeMap<Place, Vec<&CompletionStrength>> = BTreeMap::new();
        for s in &self.strengths {
            by.entry(s.origin.place()).or_default().push(s);
        }
        let mut t = Table::new(
            "stim-max",
            "STIM_max by task, split and correctness: mean over the scored tokens of the first wrong step, of right completions the least sure step",
            &[
                "task",
                "split",
                "right",
                "wrong",
                "all",
                "right completions",
                "wrong completions",
            ],
        );
        for ((task, split), chains) in &by {
            let mean = |keep: &dyn Fn(&CompletionStrength) -> bool| {
                let kept: Vec<&CompletionStrength> =
                    chains.iter().copied().filter(|s| keep(s)).collect();
                let values: Vec<f64> = kept.iter().map(|s| s.value).collect();
                let groups: Vec<&str> = kept.iter().map(|s| s.origin.group.as_str()).collect();
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
            .filter_map(Token::probability)
            .reduce(f64::min)
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
