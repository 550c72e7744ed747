//! The full search: every start of a window is read, and every token that can be masked is masked in turn.

use std::collections::BTreeMap;

use super::chain::{Chain, Salient, Search, tokens_of};
use super::error::StimError;
use super::passes::Passes;
use super::progress::{AttributionPart, Progress, part};
use super::saliency::{self, Probe, Recipe, Salience};
use super::windows::{self, Eliciting};
use rotescope_trace::Source;

/// A completion at work.
pub(super) struct Full<'c> {
    chain: &'c Chain,
    recipe: Recipe,
    windows: Vec<Eliciting>,
    /// Of each target: the saliency of the question's tokens.
    long: Vec<Salience>,
    question: Vec<usize>,
    /// By start of window: the probe, and its targets' saliency once it is measured.
    mid: BTreeMap<usize, (Probe, Option<Vec<Salience>>)>,
}

impl<'c> Full<'c> {
    /// Finds the windows of all targets, and the saliency of the question for all of them.
    pub(super) fn new(
        passes: &mut Passes,
        chain: &'c Chain,
        recipe: Recipe,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StimError> {
        let mut full = Full {
            chain,
            recipe,
            windows: Vec::new(),
            long: vec![Vec::new(); chain.targets.len()],
            question: tokens_of(&chain.question),
            mid: BTreeMap::new(),
        };
        if chain.wants(Source::Mid) {
            passes.part = AttributionPart::Windows;
            let mut tell = part(AttributionPart::Windows, on_progress);
            full.windows = windows::find(passes, chain, &mut tell)?;
            full.mid = full.probes();
        }
        if chain.wants(Source::Long) && !full.question.is_empty() {
            let at = chain.prompt.len();
            let probe = Probe {
                tokens: chain.before(chain.output.len()),
                maskable: full.question.clone(),
                targets: chain.targets.iter().map(|t| at + t).collect(),
                salt: 0,
            };
            passes.part = AttributionPart::Long;
            let mut tell = part(AttributionPart::Long, on_progress);
            full.long = saliency::measure(passes, &probe, recipe, &mut tell)?;
        }
        Ok(full)
    }

    /// One probe for all targets whose windows start at the same place, over the whole scope: what is drawn for it does not depend on the
    /// order of steps.
    fn probes(&self) -> BTreeMap<usize, (Probe, Option<Vec<Salience>>)> {
        let chain = self.chain;
        let mut starts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (&t, w) in chain.targets.iter().zip(&self.windows) {
            starts.entry(w.window.start).or_default().push(t);
        }
        let own = tokens_of(&chain.own);
        let head = chain.head();
        let probe = |(start, targets): (usize, Vec<usize>)| {
            let last = *targets.last()?;
            let within = own.iter().filter(|&&m| (start..last).contains(&m));
            let probe = Probe {
                tokens: chain.window(start, last + 1),
                maskable: within.map(|m| head + m - start).collect(),
                // A window of no token, at the start of the output, has nothing to mask.
                targets: targets
                    .iter()
                    .filter(|&&t| t > start)
                    .map(|t| head + t - start)
                    .collect(),
                salt: 1 + start as u64,
            };
            Some((start, (probe, None)))
        };
        starts.into_iter().filter_map(probe).collect()
    }
}

impl Search for Full<'_> {
    /// Measures the probes of windows that were not measured for an earlier group, each in calls of its own.
    fn prepare(
        &mut self,
        passes: &mut Passes,
        group: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StimError> {
        let mut starts: Vec<usize> = group
            .iter()
            .filter_map(|&t| Some(self.window(t)?.window.start))
            .filter(|s| self.mid.get(s).is_some_and(|(_, done)| done.is_none()))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let total = starts.len();
        passes.part = AttributionPart::Mid;
        for (done, start) in starts.into_iter().enumerate() {
            if let Some((probe, measured)) = self.mid.get_mut(&start) {
                let saliency = saliency::measure(passes, probe, self.recipe, &mut |_, _| ())?;
                *measured = Some(saliency);
                on_progress(Progress::Passes {
                    part: AttributionPart::Mid,
                    done: done + 1,
                    total,
                });
            }
        }
        Ok(())
    }

    fn window(&self, t: usize) -> Option<&Eliciting> {
        self.windows.get(self.chain.place(t))
    }

    fn mid(&self, t: usize) -> Salient {
        let head = self.chain.head();
        let found = self.window(t).and_then(|w| {
            let start = w.window.start;
            let (probe, done) = self.mid.get(&start)?;
            let at = probe.targets.binary_search(&(head + t - start)).ok()?;
            let tokens = probe.maskable.iter().map(|m| m - head + start);
            Some(tokens.zip(done.as_ref()?[at].iter().copied()).collect())
        });
        found.unwrap_or_default()
    }

    fn long(&self, t: usize) -> Salient {
        let estimates = self.long[self.chain.place(t)].iter().copied();
        self.question.iter().copied().zip(estimates).collect()
    }
}
