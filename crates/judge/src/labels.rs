//! Where the truth of a step comes from.

use std::borrow::Cow;
use std::fmt::Debug;

use rotescope_trace::{Trace, Verdict};

/// By this name a process reward model signs its verdicts. They are estimates, and no truth.
pub const REWARD_MODEL: &str = "prm";

/// What is known to be true of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label<'a> {
    pub right: bool,
    /// The wrong tokens, as indices into the trace's tokens; the first one is where the step goes wrong. Empty if it is right, or if nobody
    /// says where.
    pub tokens: Cow<'a, [usize]>,
}

/// The truth that tables are made from and flags are fitted to.
///
/// [`FromVerdicts`] reads it in the trace; people's labels ([`ByHand`]) come beside it.
pub trait Labels: Debug {
    /// Of a step, from 0; `None` where nothing is known.
    fn of<'a>(&'a self, trace: &'a Trace, step: usize) -> Option<Label<'a>>;

    /// The first wrong step.
    fn first_wrong<'a>(&'a self, trace: &'a Trace) -> Option<(usize, Label<'a>)> {
        (0..trace.steps.len())
            .filter_map(|i| Some((i, self.of(trace, i)?)))
            .find(|(_, label)| !label.right)
    }

    /// The steps that something is known of, up to the first wrong one and with it.
    fn up_to_wrong<'a>(&'a self, trace: &'a Trace) -> Vec<(usize, Label<'a>)> {
        let mut out = Vec::new();
        for i in 0..trace.steps.len() {
            let Some(label) = self.of(trace, i) else {
                continue;
            };
            let right = label.right;
            out.push((i, label));
            if !right {
                break;
            }
        }
        out
    }
}

/// The verdicts that verifiers gave. Those of a process reward model do not count.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromVerdicts;

impl Labels for FromVerdicts {
    fn of<'a>(&'a self, trace: &'a Trace, step: usize) -> Option<Label<'a>> {
        let v = trace.steps.get(step)?.verdict.as_ref();
        v.filter(|v| is_computed(v)).map(|v| Label {
            right: v.right,
            tokens: Cow::Borrowed(&v.tokens),
        })
    }
}

/// What people say of a whole chain of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByHand {
    /// No step is wrong.
    Clean,
    /// The first wrong step, from 0. Those before it are right; of those behind it nothing is known.
    FirstWrong(usize),
}

impl ByHand {
    /// Whether a named step, or that none is named, is what the label says.
    pub fn is_hit(self, named: Option<usize>) -> bool {
        match self {
            ByHand::Clean => named.is_none(),
            ByHand::FirstWrong(first) => named == Some(first),
        }
    }
}

/// `None` where nobody labelled the chain.
impl Labels for Option<ByHand> {
    fn of<'a>(&'a self, trace: &'a Trace, step: usize) -> Option<Label<'a>> {
        let right = match (*self)? {
            _ if step >= trace.steps.len() => return None,
            ByHand::FirstWrong(first) if step > first => return None,
            ByHand::FirstWrong(first) => step < first,
            ByHand::Clean => true,
        };
        Some(Label {
            right,
            tokens: Cow::Borrowed(&[]),
        })
    }
}

/// ProcessBench's F1 (Zheng et al., 2024): the harmonic mean of the share of flawed chains whose first wrong step is named, and of the share of clean ones in
/// which none is. Each is a count and what it is of; `None` where there is none of either kind.
pub fn first_error_f1(named: (f64, f64), spared: (f64, f64)) -> Option<f64> {
    if named.1 <= 0.0 || spared.1 <= 0.0 {
        return None;
    }
    let (flawed, clean) = (named.0 / named.1, spared.0 / spared.1);
    let sum = flawed + clean;
    Some(if sum > 0.0 {
        2.0 * flawed * clean / sum
    } else {
        0.0
    })
}

/// Whether a verdict was computed, not estimated.
pub fn is_computed(verdict: &Verdict) -> bool {
    verdict.by != REWARD_MODEL
}
