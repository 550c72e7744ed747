//! Chains whose steps people labelled: who names the first wrong step?
//!
//! | file | what is in it |
//! |---|---|
//! | [`beyond`] | what regions, and the corpus alone, say beyond uncertainty |
//! | [`chains`] | what is kept of each chain |
//! | [`step_scores`] | the scores by which steps are compared: flags, verdicts, and the baselines |
//! | [`thresholds`] | the threshold of a score, chosen on other problems |
//! | [`first_error`] | tables of the first wrong step, by chain |
//! | [`steps`] | the table of scores, by step |

pub mod beyond;
pub mod chains;
pub mod first_error;
pub mod step_scores;
pub mod steps;
pub mod thresholds;

use super::bootstrap::Setting;
use super::origin::{Origin, Origins};
use super::table::Table;
use chains::Chains;
use rotescope_judge::ByHand;
use rotescope_trace::Trace;
use step_scores::SCORES;

/// Chains with labels, and how many have none.
#[derive(Debug, Default)]
pub struct Labelled {
    chains: Chains,
    unlabelled: usize,
    misfits: usize,
    /// Why the first misfit is one.
    first_misfit: String,
}

impl Labelled {
    /// Adds a chain, after it was judged; `label` as in [`super::Evaluation::add_labelled`].
    pub fn add(&mut self, t: &Trace, origin: &Origin, label: &Result<Option<ByHand>, String>) {
        match label {
            Ok(Some(label)) => self.chains.add(t, origin, *label),
            Ok(None) => self.unlabelled += 1,
            Err(why) => {
                if self.misfits == 0 {
                    self.first_misfit = format!("{}: {why}", t.prompt.id);
                }
                self.misfits += 1;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.chains.all.is_empty()
    }

    /// Why no chain has a label, for people.
    pub fn why_empty(&self) -> String {
        match self.misfits {
            0 => "no field of theirs is one; name it with --label-field".into(),
            n => format!("{n} do not fit ({})", self.first_misfit),
        }
    }

    pub(super) fn settle(&mut self, origins: &Origins) {
        self.chains.settle(origins);
    }

    pub fn tables(&self, setting: &Setting) -> Vec<Table> {
        if self.is_empty() {
            return Vec::new();
        }
        let lines = first_error::lines(&self.chains);
        let mut all = vec![first_error::overall(&self.chains, &lines, setting)];
        all.extend(first_error::by_place(&self.chains, &lines, setting));
        all.push(steps::table(&self.chains, setting));
        all.extend(beyond::tables(&self.chains, setting));
        all
    }

    /// What a reader must know of the labels, and of what the records lack.
    pub fn notes(&self) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        let (wrong, clean) = self.chains.counts();
        let mut out = vec![format!(
            "People labelled {} chains: {wrong} with a wrong step, {clean} clean. Their labels are the truth of every table of steps.",
            wrong + clean
        )];
        if self.unlabelled > 0 {
            out.push(format!("Traces without a label: {}.", self.unlabelled));
        }
        if self.misfits > 0 {
            out.push(format!(
                "Labels that do not fit their traces and count for nothing: {} ({}).",
                self.misfits, self.first_misfit
            ));
        }
        let lacking = |needs: &str| {
            let names = SCORES.iter().enumerate().filter(|(_, s)| s.needs == needs);
            let lacking = names.filter(|(i, _)| !self.chains.has(*i));
            lacking.map(|(_, s)| s.name).collect::<Vec<_>>()
        };
        let mut needs: Vec<&str> = SCORES.iter().map(|s| s.needs).collect();
        needs.dedup();
        let left_out = needs.iter().filter_map(|needs| {
            let names = lacking(needs);
            (!names.is_empty()).then(|| format!("{} (no {needs})", names.join("; ")))
        });
        let left_out: Vec<String> = left_out.collect();
        if !left_out.is_empty() {
            out.push(format!(
                "Left out, since the records lack what it takes: {}.",
                left_out.join("; ")
            ));
        }
        out.extend(self.chains.ways());
        out
    }
}
