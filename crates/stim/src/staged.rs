//! The staged search: the same windows and salient words with far fewer passes, token by token.
//!
//! - **Windows**: a coarse grid of starts is read for all tokens, then the shortest window of each is found by bisection between a start that elicits
//!   and one that does not. It holds where elicitation is monotone (a longer window elicits what a shorter one does); where the grid shows that it
//!   is not, every start behind the last that elicits is tried.
//! - **Saliency** in two stages: spans of some words are masked as a whole, then each word of the spans that matter most for a token. A word is masked with
//!   all its tokens, while [the full search](super::full) masks token by token.
//!
//! What a token gets does not depend on which tokens were worked out before: passes that serve several tokens are in calls of their own, which hold the same
//! whichever of them comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::chain::{Chain, Salient, Search};
use super::error::StimError;
use super::passes::{Passes, rounded};
use super::progress::{AttributionPart, Progress, part};
use super::saliency::Estimate;
use super::windows::{self, Eliciting, Grid};
use rotescope_model::{Targets, Want, Window, WindowScore};
use rotescope_trace::Source;

/// Words that are masked together in the first stage.
const SPAN: usize = 4;
/// Spans whose words are looked at.
const BEST: usize = 2;

/// A completion at work.
pub(super) struct Staged<'c> {
    chain: &'c Chain,
    mask: u32,
    grid: Grid,
    /// By token, once it is known.
    windows: BTreeMap<usize, Eliciting>,
    long: Option<Probe>,
    /// By start, for tokens that no window elicits: they share it.
    shared: BTreeMap<usize, Probe>,
    /// By token, for those that a window elicits.
    mid: BTreeMap<usize, Probe>,
}

impl<'c> Staged<'c> {
    /// Reads the coarse grid of windows, and masks the question's spans, for all targets.
    pub(super) fn new(
        passes: &mut Passes,
        chain: &'c Chain,
        mask: u32,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StimError> {
        let mut staged = Staged {
            chain,
            mask,
            grid: Grid::default(),
            windows: BTreeMap::new(),
            long: None,
            shared: BTreeMap::new(),
            mid: BTreeMap::new(),
        };
        if chain.wants(Source::Mid) {
            passes.part = AttributionPart::Windows;
            let mut tell = part(AttributionPart::Windows, on_progress);
            staged.grid = windows::grid(passes, chain, &mut tell)?;
        }
        if chain.wants(Source::Long) && !chain.question.is_empty() {
            passes.part = AttributionPart::Long;
            let at = chain.prompt.len();
            let targets = chain.targets.iter().map(|t| at + t).collect();
            let mut probe = Probe::new(
                chain.before(chain.output.len()),
                chain.question.clone(),
                targets,
            );
            let mut tell = part(AttributionPart::Long, on_progress);
            let scores = passes.run(probe.first_stage(mask), &mut tell)?;
            probe.take(scores);
            staged.long = Some(probe);
        }
        Ok(staged)
    }

    /// What is masked for targets whose windows start at the same place.
    fn probe(&self, start: usize, targets: &[usize]) -> Probe {
        let chain = self.chain;
        let head = chain.head();
        let last = targets.last().copied().unwrap_or(start);
        // Of a word that the window cuts, what lies within.
        let within = |w: &Vec<usize>| -> Vec<usize> {
            let tokens = w.iter().filter(|m| (start..last).contains(m));
            tokens.map(|m| head + m - start).collect()
        };
        let words = chain.own.iter().map(within).filter(|w| !w.is_empty());
        let targets = targets.iter().filter(|&&t| t > start);
        Probe::new(
            chain.window(start, last + 1),
            words.collect(),
            targets.map(|t| head + t - start).collect(),
        )
    }

    /// Which probe a token's window has, and where the token stands in its sequence.
    fn probe_of(&self, t: usize) -> Option<(&Probe, usize, usize)> {
        let found = self.windows.get(&t)?;
        let start = found.window.start;
        let probe = if found.elicited {
            self.mid.get(&t)?
        } else {
            self.shared.get(&start)?
        };
        Some((probe, start, self.chain.head() + t - start))
    }

    /// The probes of a group's own windows, read together; and those that tokens without an eliciting window share.
    fn prepare_mid(&mut self, passes: &mut Passes, group: &[usize]) -> Result<(), StimError> {
        passes.part = AttributionPart::Windows;
        let found = windows::bisect(passes, self.chain, &self.grid, group)?;
        self.windows.extend(group.iter().copied().zip(found));
        passes.part = AttributionPart::Mid;
        let (own, alone): (Vec<usize>, Vec<usize>) =
            group.iter().partition(|t| self.windows[*t].elicited);
        let mut probes: Vec<(usize, Probe)> = own
            .into_iter()
            .map(|t| (t, self.probe(self.windows[&t].window.start, &[t])))
            .collect();
        let plans: Vec<Vec<Window>> = probes
            .iter()
            .map(|(_, p)| p.first_stage(self.mask))
            .collect();
        let lengths: Vec<usize> = plans.iter().map(Vec::len).collect();
        let windows = plans.into_iter().flatten().collect();
        let mut scores = passes.run(windows, &mut |_, _| ())?.into_iter();
        for ((_, probe), length) in probes.iter_mut().zip(lengths) {
            probe.take(scores.by_ref().take(length).collect());
            let targets = probe.targets.clone();
            probe.second_stage(passes, self.mask, &targets)?;
        }
        self.mid.extend(probes);
        for t in alone {
            let start = self.windows[&t].window.start;
            let mut probe = match self.shared.remove(&start) {
                Some(ready) => ready,
                None => {
                    let all = self.grid.not_elicited_from(self.chain, start);
                    let mut probe = self.probe(start, &all);
                    let scores = passes.run(probe.first_stage(self.mask), &mut |_, _| ())?;
                    probe.take(scores);
                    probe
                }
            };
            let target = self.chain.head() + t - start;
            probe.second_stage(passes, self.mask, &[target])?;
            self.shared.insert(start, probe);
        }
        Ok(())
    }
}

impl Search for Staged<'_> {
    fn prepare(
        &mut self,
        passes: &mut Passes,
        group: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StimError> {
        if self.chain.wants(Source::Mid) {
            self.prepare_mid(passes, group)?;
        }
        if let Some(probe) = &mut self.long {
            passes.part = AttributionPart::Long;
            let at = self.chain.prompt.len();
            let targets: Vec<usize> = group.iter().map(|t| at + t).collect();
            probe.second_stage(passes, self.mask, &targets)?;
        }
        on_progress(Progress::Passes {
            part: AttributionPart::Mid,
            done: self.windows.len(),
            total: self.chain.targets.len(),
        });
        Ok(())
    }

    fn window(&self, t: usize) -> Option<&Eliciting> {
        self.windows.get(&t)
    }

    fn mid(&self, t: usize) -> Salient {
        let Some((probe, start, target)) = self.probe_of(t) else {
            return Vec::new();
        };
        let head = self.chain.head();
        let found = probe.salient(target).into_iter();
        found.map(|(m, e)| (m - head + start, e)).collect()
    }

    fn long(&self, t: usize) -> Salient {
        let at = self.chain.prompt.len();
        self.long
            .as_ref()
            .map_or_else(Vec::new, |p| p.salient(at + t))
    }
}

/// A sequence, the words of it that can be masked, and the tokens whose probability is watched.
#[derive(Debug, Default)]
struct Probe {
    tokens: Vec<u32>,
    /// Each as tokens, ascending.
    words: Vec<Vec<usize>>,
    /// Ascending.
    targets: Vec<usize>,
    spans: Vec<Span>,
    /// `log P` of each target with nothing masked.
    whole: Vec<f64>,
    /// The spans that matter most for each target.
    wanted: Vec<Vec<usize>>,
}

/// Words that are masked together.
#[derive(Debug)]
struct Span {
    words: Range<usize>,
    /// Once they were masked one by one: for each word, by how much it raises the log-probability of targets.
    single: Option<Vec<BTreeMap<usize, f64>>>,
}

impl Probe {
    fn new(tokens: Vec<u32>, words: Vec<Vec<usize>>, targets: Vec<usize>) -> Probe {
        let spans = (0..words.len()).step_by(SPAN);
        let spans = spans.map(|from| Span {
            words: from..words.len().min(from + SPAN),
            single: None,
        });
        Probe {
            spans: spans.collect(),
            tokens,
            words,
            targets,
            ..Probe::default()
        }
    }

    /// With few words all spans are wanted anyway.
    fn is_small(&self) -> bool {
        self.spans.len() <= BEST
    }

    fn first_of(&self, words: &Range<usize>) -> usize {
        let first = self.words[words.clone()].iter().filter_map(|w| w.first());
        first.min().copied().unwrap_or(0)
    }

    /// A pass with words masked, read at those of `targets` that come after the first of them.
    fn pass(&self, masked: Range<usize>, targets: &[usize], mask: u32) -> Window {
        let first = match masked.is_empty() {
            true => 0,
            false => self.first_of(&masked),
        };
        let read = &targets[targets.partition_point(|&t| t <= first)..];
        let length = read.last().copied().unwrap_or(0);
        let mut tokens = self.tokens[..length].to_vec();
        for &m in self.words[masked].iter().flatten() {
            if let Some(token) = tokens.get_mut(m) {
                *token = mask;
            }
        }
        Window {
            tokens,
            positions: read.iter().map(|t| t - 1).collect(),
            want: Want {
                targets: Targets::Each(read.iter().map(|&t| vec![self.tokens[t]]).collect()),
                candidates: 0,
            },
        }
    }

    /// The passes of the first stage: nothing masked, then each span; of a small probe each word.
    fn first_stage(&self, mask: u32) -> Vec<Window> {
        let masked: Vec<Range<usize>> = if self.is_small() {
            (0..self.words.len()).map(|w| w..w + 1).collect()
        } else {
            self.spans.iter().map(|s| s.words.clone()).collect()
        };
        std::iter::once(0..0)
            .chain(masked)
            .map(|m| self.pass(m, &self.targets, mask))
            .collect()
    }

    /// Takes what the first stage found.
    fn take(&mut self, scores: Vec<WindowScore>) {
        let mut scores = scores.into_iter();
        self.whole = scores
            .next()
            .map(|s| log_probabilities(&s))
            .unwrap_or_default();
        let drops: Vec<BTreeMap<usize, f64>> = match self.is_small() {
            true => (0..self.words.len())
                .zip(scores)
                .map(|(w, s)| self.drops(&(w..w + 1), &self.targets, &s))
                .collect(),
            false => {
                let spans = self.spans.iter().zip(scores);
                spans
                    .map(|(span, s)| self.drops(&span.words, &self.targets, &s))
                    .collect()
            }
        };
        if self.is_small() {
            for span in &mut self.spans {
                span.single = Some(drops[span.words.clone()].to_vec());
            }
            self.wanted = vec![(0..self.spans.len()).collect(); self.targets.len()];
            return;
        }
        let best = |t: &usize| {
            let of = |(s, d): (usize, &BTreeMap<usize, f64>)| Some((s, *d.get(t)?));
            let mut spans: Vec<(usize, f64)> = drops.iter().enumerate().filter_map(of).collect();
            spans.sort_by(|a, b| b.1.total_cmp(&a.1));
            spans.truncate(BEST);
            spans.into_iter().map(|(s, _)| s).collect()
        };
        self.wanted = self.targets.iter().map(best).collect();
    }

    /// By how much masked words raise the log-probability of the targets that their pass was read at.
    fn drops(
        &self,
        masked: &Range<usize>,
        targets: &[usize],
        score: &WindowScore,
    ) -> BTreeMap<usize, f64> {
        let first = self.first_of(masked);
        let read = targets.iter().filter(|&&t| t > first);
        let of = |(&t, p): (&usize, f64)| Some((t, rounded(self.whole[self.place(t)?] - p)));
        read.zip(log_probabilities(score)).filter_map(of).collect()
    }

    fn place(&self, target: usize) -> Option<usize> {
        self.targets.binary_search(&target).ok()
    }

    /// Masks one by one the words of the spans that matter most for some targets, for all targets that they matter for: a call for each span.
    fn second_stage(
        &mut self,
        passes: &mut Passes,
        mask: u32,
        targets: &[usize],
    ) -> Result<(), StimError> {
        let places = targets.iter().filter_map(|&t| self.place(t));
        let spans: BTreeSet<usize> = places.flat_map(|i| self.wanted[i].clone()).collect();
        for s in spans {
            if self.spans[s].single.is_some() {
                continue;
            }
            let wanting = self.targets.iter().zip(&self.wanted);
            let wanting: Vec<usize> = wanting
                .filter(|(_, w)| w.contains(&s))
                .map(|(&t, _)| t)
                .collect();
            let words = self.spans[s].words.clone();
            let windows = words.clone().map(|w| self.pass(w..w + 1, &wanting, mask));
            let scores = passes.run(windows.collect(), &mut |_, _| ())?;
            let of_word = |(w, score)| self.drops(&(w..w + 1), &wanting, score);
            let single = words.zip(&scores).map(of_word).collect();
            self.spans[s].single = Some(single);
        }
        Ok(())
    }

    /// The words of the spans that matter most for a target, each by its first token.
    fn salient(&self, target: usize) -> Salient {
        let Some(i) = self.place(target) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for &s in &self.wanted[i] {
            let span = &self.spans[s];
            let single = span.single.iter().flatten();
            for (w, drops) in span.words.clone().zip(single) {
                if let (Some(&token), Some(&value)) = (self.words[w].first(), drops.get(&target)) {
                    found.push((token, Estimate { value, error: None }));
                }
            }
        }
        // In the order of the text, so that the earlier of two equals comes first.
        found.sort_by_key(|(token, _)| *token);
        found
    }
}

fn log_probabilities(score: &WindowScore) -> Vec<f64> {
    let first = |p: &rotescope_model::PositionScore| p.log_probabilities.first().copied();
    score.positions.iter().filter_map(first).collect()
}
