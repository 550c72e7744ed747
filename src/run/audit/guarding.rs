//! Continuations after unrelated prefixes: what any prefix makes likely is common.

use std::collections::BTreeMap;

use super::error::AuditError;
use super::reading::Reader;
use super::settings::{GuardMode, Settings};
use super::texts::TextWindow;
use super::unrelated::Unrelated;
use rotescope_audit::Guard;
use rotescope_audit::guard::log_mean_exp;
use rotescope_corpus::Corpus;
use rotescope_model::{Targets, WindowScore};

/// Tokens of a continuation by which most unrelated prefixes are ruled out.
const HEAD: usize = 8;

/// A window that unrelated prefixes are asked about.
pub struct Asked<'a> {
    pub window: &'a TextWindow,
    /// Log-probability of its continuation after its own prefix.
    pub log_p: f64,
}

impl Asked<'_> {
    fn length(&self) -> usize {
        self.window.split.continuation
    }
}

/// Holds windows against unrelated prefixes.
pub struct Guarding<'a> {
    corpus: &'a dyn Corpus,
    settings: &'a Settings,
    /// By the length of prefixes.
    unrelated: BTreeMap<usize, Unrelated>,
}

impl<'a> Guarding<'a> {
    /// Draws unrelated prefixes.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn new(corpus: &'a dyn Corpus, settings: &'a Settings) -> Result<Guarding<'a>, AuditError> {
        let mut unrelated = BTreeMap::new();
        for split in &settings.splits {
            let drawn = Unrelated::draw(corpus, split.prefix, settings.unrelated, settings.seed)?;
            unrelated.insert(split.prefix, drawn);
        }
        Ok(Guarding {
            corpus,
            settings,
            unrelated,
        })
    }

    /// Whether there are unrelated prefixes of every length.
    pub fn is_able(&self) -> bool {
        self.unrelated.values().all(|u| !u.is_empty())
    }

    /// What unrelated prefixes say of each window, and how many tokens the model read for that; nothing where a window has no unrelated prefix. All
    /// windows are asked about together, so that a prefix is read once for all of them.
    ///
    /// # Errors
    /// Failures of the model or the index; to be cancelled.
    pub fn guards(
        &self,
        reader: Reader<'_>,
        asked: &[Asked<'_>],
    ) -> Result<(Vec<Option<Guard>>, u64), AuditError> {
        let mut prefixes: Vec<Vec<&[u32]>> = Vec::with_capacity(asked.len());
        for a in asked {
            prefixes.push(match self.unrelated.get(&a.window.split.prefix) {
                Some(unrelated) => {
                    unrelated.to(self.corpus, a.window.prefix(), a.window.continuation())?
                }
                None => Vec::new(),
            });
        }
        let mut evaluated = 0;
        let bounding = self.settings.guard == GuardMode::Claims;
        // With each further token a continuation becomes less likely: what its beginning says of the prior is a bound.
        let head = |a: &Asked<'_>| {
            if bounding {
                a.length().min(HEAD)
            } else {
                a.length()
            }
        };
        let first: Vec<(usize, usize)> = asked.iter().map(head).enumerate().collect();
        let mut logs = self.after(reader, asked, &prefixes, &first, &mut evaluated)?;
        let least = self.settings.least;
        let is_common = |a: &Asked<'_>, logs: &[f64]| {
            log_mean_exp(logs).is_some_and(|prior| a.log_p - prior < least * a.length() as f64)
        };
        let open: Vec<(usize, usize)> = first
            .iter()
            .filter(|(i, read)| *read < asked[*i].length() && is_common(&asked[*i], &logs[*i]))
            .map(|(i, _)| (*i, asked[*i].length()))
            .collect();
        let whole = self.after(reader, asked, &prefixes, &open, &mut evaluated)?;
        for ((i, _), whole) in open.iter().zip(whole) {
            logs[*i] = whole;
        }
        let mut out = Vec::with_capacity(asked.len());
        for (i, a) in asked.iter().enumerate() {
            let guard = Guard::new(a.log_p, &logs[i]).map(|g| Guard {
                bound: first[i].1 < a.length() && !open.iter().any(|(o, _)| *o == i),
                ..g
            });
            out.push(guard);
        }
        Ok((out, evaluated))
    }

    /// Log-probabilities of the first tokens of some continuations after each of their unrelated prefixes. `which`: windows, and how many tokens.
    fn after(
        &self,
        reader: Reader<'_>,
        asked: &[Asked<'_>],
        prefixes: &[Vec<&[u32]>],
        which: &[(usize, usize)],
        evaluated: &mut u64,
    ) -> Result<Vec<Vec<f64>>, AuditError> {
        let mut windows = Vec::new();
        for &(i, tokens) in which {
            let own = asked[i].window.prefix();
            let bridge = &own[own.len().saturating_sub(self.settings.bridge)..];
            let next = &asked[i].window.continuation()[..tokens];
            for unrelated in &prefixes[i] {
                windows.push(reader.window(&[unrelated, bridge], next, Targets::Next));
            }
        }
        if windows.is_empty() {
            return Ok(which.iter().map(|_| Vec::new()).collect());
        }
        let scored = reader.score(windows)?;
        *evaluated += scored.evaluated;
        let sum = |w: &WindowScore| w.positions.iter().flat_map(|p| &p.log_probabilities).sum();
        let mut sums = scored.windows.iter().map(sum);
        let of = |(i, _): &(usize, usize)| sums.by_ref().take(prefixes[*i].len()).collect();
        Ok(which.iter().map(of).collect())
    }
}
