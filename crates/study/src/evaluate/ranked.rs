//! A flag for any model, fitted to chains whose steps people labelled: what each group of its features adds, and how it does on data and models that it
//! was not fitted to.

use std::collections::BTreeSet;

use super::bootstrap::{Setting, auroc_cell, auroc_difference};
use super::labelled::first_error::f1_of;
use super::labelled::thresholds::{Scores, choose, first_at};
use super::origin::Origin;
use super::origin::Origins;
use super::table::{Cell, Table};
use rotescope_judge::fit::{self, FOLDS, Fitted, LabelledStep};
use rotescope_judge::flag::{FlagModel, Trained};
use rotescope_judge::portable::{Basis, GROUPS};
use rotescope_judge::{ByHand, Variant};
use rotescope_stats::LogisticError;
use rotescope_stats::crossval::folds;
use rotescope_trace::Trace;

/// A chain, up to its first wrong step.
#[derive(Debug, Clone)]
struct Chain {
    origin: Origin,
    question: String,
    place: String,
    /// Which model wrote or read it.
    model: String,
    label: ByHand,
    steps: Vec<LabelledStep>,
}

/// All chains with labels.
#[derive(Debug, Default)]
pub struct Ranked {
    chains: Vec<Chain>,
}

/// Which features are taken, by name.
type Keep<'a> = &'a dyn Fn(&str) -> bool;

/// What is left out, its values, and that of a chain.
type Kind<'a> = (&'a str, BTreeSet<&'a str>, fn(&Chain) -> &str);

/// Each chain's steps with their probabilities; `None` for chains that are too poor.
type Predicted = Vec<Option<Vec<f64>>>;

impl Ranked {
    pub fn add(&mut self, t: &Trace, origin: &Origin, label: ByHand, place: String) {
        let steps = fit::portable_examples(t, &Some(label), &origin.group);
        if !steps.is_empty() {
            self.chains.push(Chain {
                origin: origin.clone(),
                question: t.prompt.question.trim().into(),
                place,
                model: match t.model.file.as_str() {
                    "" => "words only".into(),
                    file => file.into(),
                },
                label,
                steps,
            });
        }
    }

    /// Chains on one question stay together, whoever wrote or read them.
    pub(super) fn settle(&mut self, origins: &Origins) {
        let mut by_question = std::collections::BTreeMap::new();
        for chain in &mut self.chains {
            origins.settle(&mut chain.origin);
            let group = match chain.question.as_str() {
                "" => chain.origin.group.clone(),
                question => by_question
                    .entry(question.to_owned())
                    .or_insert_with(|| chain.origin.group.clone())
                    .clone(),
            };
            for step in &mut chain.steps {
                step.group.clone_from(&group);
            }
        }
    }

    fn basis(&self, chain: &Chain) -> Basis {
        let steps = chain.steps.iter().map(|s| Basis::behind(&s.features));
        steps.min().unwrap_or_default()
    }

    /// The richest that any chain has.
    fn richest(&self) -> Basis {
        let all = self.chains.iter().map(|c| self.basis(c));
        all.max().unwrap_or_default()
    }

    /// The chains that are rich enough and kept, by place in the list.
    fn chosen(&self, basis: Basis, keep: &dyn Fn(&Chain) -> bool) -> Vec<usize> {
        let all = 0..self.chains.len();
        all.filter(|&i| self.basis(&self.chains[i]) >= basis && keep(&self.chains[i]))
            .collect()
    }

    fn examples(&self, chains: &[usize]) -> Vec<&LabelledStep> {
        let steps = chains.iter().flat_map(|&i| &self.chains[i].steps);
        steps.collect()
    }

    fn fitted(
        &self,
        chains: &[usize],
        basis: Basis,
        keep: Keep,
    ) -> Result<Option<Fitted>, LogisticError> {
        fit::fit_portable(&self.examples(chains), basis, keep)
    }

    /// Values of all steps of some chains, cut by chain.
    fn by_chain(&self, chains: &[usize], values: &[f64]) -> Predicted {
        let mut out = vec![None; self.chains.len()];
        let mut rest = values;
        for &i in chains {
            let (own, others) = rest.split_at(self.chains[i].steps.len().min(rest.len()));
            out[i] = Some(own.to_vec());
            rest = others;
        }
        out
    }

    /// The threshold with the best F1 on these chains.
    fn threshold(&self, predicted: &Predicted, chains: impl Iterator<Item = usize>) -> f64 {
        let scored = |i: usize| {
            let scores: Scores = predicted[i].as_ref()?.iter().map(|p| Some(*p)).collect();
            Some((scores, self.chains[i].label))
        };
        let all: Vec<(Scores, ByHand)> = chains.filter_map(scored).collect();
        choose(all.iter().map(|(s, l)| (s, *l)))
    }

    fn problem(&self, i: usize) -> &str {
        &self.chains[i].steps[0].group
    }

    /// F1 by a threshold for each chain.
    fn f1(
        &self,
        predicted: &Predicted,
        chains: &[usize],
        threshold: &dyn Fn(usize) -> f64,
        setting: &Setting,
    ) -> Cell {
        let one = |&i: &usize| {
            let scores: Scores = predicted[i].as_ref()?.iter().map(|p| Some(*p)).collect();
            let named = first_at(&scores, threshold(i));
            let label = self.chains[i].label;
            Some((label, self.problem(i), label.is_hit(named)))
        };
        let items: Vec<(ByHand, &str, bool)> = chains.iter().filter_map(one).collect();
        f1_of(&items, setting)
    }

    /// The same with thresholds that are best on the problems of the other folds.
    fn f1_in_folds(&self, predicted: &Predicted, chains: &[usize], setting: &Setting) -> Cell {
        let problems: Vec<&str> = chains.iter().map(|&i| self.problem(i)).collect();
        let fold = folds(&problems, FOLDS);
        let threshold = |out: usize| {
            let others = (0..chains.len()).filter(|&k| fold[k] != out);
            self.threshold(predicted, others.map(|k| chains[k]))
        };
        let all: Vec<f64> = (0..FOLDS).map(threshold).collect();
        let place = |i: usize| chains.iter().position(|c| *c == i).unwrap_or(0);
        self.f1(predicted, chains, &|i| all[fold[place(i)]], setting)
    }

    /// Values, truth and problems of all steps of some chains.
    fn flat<'a>(
        &'a self,
        predicted: &Predicted,
        chains: &[usize],
    ) -> (Vec<f64>, Vec<bool>, Vec<&'a str>) {
        let mut out = (Vec::new(), Vec::new(), Vec::new());
        for &i in chains {
            let values = predicted[i].iter().flatten();
            for (p, step) in values.zip(&self.chains[i].steps) {
                out.0.push(*p);
                out.1.push(step.wrong);
                out.2.push(step.group.as_str());
            }
        }
        out
    }

    pub fn tables(&self, setting: &Setting) -> Vec<Table> {
        let basis = self.richest();
        let mut out: Vec<Table> = self.groups(basis, setting).into_iter().collect();
        let places = self.chains.iter().map(|c| c.place.as_str()).collect();
        let models = self.chains.iter().map(|c| c.model.as_str()).collect();
        let kinds: [Kind; 2] = [
            ("file", places, |c| &c.place),
            ("model", models, |c| &c.model),
        ];
        for (kind, values, of) in kinds {
            if values.len() > 1 {
                out.extend(self.left_out(kind, &values, of, basis, setting));
            }
        }
        out
    }

    /// What each group of features adds to those before it.
    fn groups(&self, basis: Basis, setting: &Setting) -> Option<Table> {
        let chains = self.chosen(basis, &|_| true);
        let steps = self.examples(&chains);
        let wrong = steps.iter().filter(|s| s.wrong).count();
        let mut t = Table::new(
            "ranked-groups",
            &format!(
                "What each group of features adds to a flag for any model ({wrong} of {} steps, {} chains; cross-validated by problem, thresholds chosen in {FOLDS} folds)",
                steps.len(),
                chains.len()
            ),
            &[
                "features",
                "AUROC",
                "AUROC more than the row before",
                "average precision",
                "F1 (ProcessBench)",
            ],
        );
        let mut before: Option<Vec<f64>> = None;
        let mut label = String::new();
        for (n, group) in GROUPS.iter().enumerate() {
            let taken = &GROUPS[..=n];
            let keep = |name: &str| taken.iter().any(|g| g.has(name));
            let Ok(Some(fitted)) = self.fitted(&chains, basis, &keep) else {
                continue;
            };
            let new = fitted.variant.features.iter().any(|w| group.has(&w.name));
            if !new {
                continue;
            }
            let predicted = self.by_chain(&chains, &fitted.out_of_fold);
            let (p, y, g) = self.flat(&predicted, &chains);
            label = match label.as_str() {
                "" => group.about.into(),
                _ => format!("+ {}", group.about),
            };
            t.rows.push(vec![
                label.as_str().into(),
                auroc_cell(&p, &y, &g, setting),
                before
                    .as_ref()
                    .map_or(Cell::Nothing, |b| auroc_difference(&p, b, &y, &g, setting)),
                Cell::number(rotescope_stats::average_precision(&p, &y), None),
                self.f1_in_folds(&predicted, &chains, setting),
            ]);
            before = Some(p);
        }
        (!t.rows.is_empty()).then_some(t)
    }

    /// Fitted to all but one file or model, tried on that one; among the chains that are rich enough.
    fn left_out(
        &self,
        kind: &str,
        values: &BTreeSet<&str>,
        of: fn(&Chain) -> &str,
        basis: Basis,
        setting: &Setting,
    ) -> Option<Table> {
        let mut t = Table::new(
            &format!("ranked-without-{kind}"),
            &format!(
                "A flag for any model on a {kind} that it was not fitted to, nor was its threshold, and on problems that it has not seen"
            ),
            &[
                &format!("{kind} left out"),
                "features",
                "AUROC",
                "F1 (ProcessBench)",
                "wrong steps",
                "steps",
            ],
        );
        let form = |name: &str| GROUPS[0].has(name);
        let sets: [(&str, Keep); 2] = [("all", &|_| true), (GROUPS[0].about, &form)];
        for value in values {
            let tested = self.chosen(basis, &|c| of(c) == *value);
            let rest = self.chosen(basis, &|c| of(c) != *value);
            for (name, keep) in sets {
                let Some((predicted, thresholds)) = self.transferred(&rest, &tested, basis, keep)
                else {
                    continue;
                };
                let (p, y, g) = self.flat(&predicted, &tested);
                t.rows.push(vec![
                    (*value).into(),
                    name.into(),
                    auroc_cell(&p, &y, &g, setting),
                    self.f1(&predicted, &tested, &|i| thresholds[i], setting),
                    y.iter().filter(|y| **y).count().into(),
                    y.len().into(),
                ]);
            }
        }
        (!t.rows.is_empty()).then_some(t)
    }

    /// Predictions for some chains by flags fitted to others, and the thresholds that are best on those, by chain. Where both share problems, those of a
    /// fold are predicted by what was fitted without them.
    fn transferred(
        &self,
        from: &[usize],
        to: &[usize],
        basis: Basis,
        keep: Keep,
    ) -> Option<(Predicted, Vec<f64>)> {
        let known: BTreeSet<&str> = from.iter().map(|&i| self.problem(i)).collect();
        let problems: Vec<&str> = to.iter().map(|&i| self.problem(i)).collect();
        let fold = match problems.iter().any(|p| known.contains(p)) {
            true => folds(&problems, FOLDS),
            false => vec![0; to.len()],
        };
        let mut predicted: Predicted = vec![None; self.chains.len()];
        let mut thresholds = vec![f64::INFINITY; self.chains.len()];
        for n in fold.iter().copied().collect::<BTreeSet<usize>>() {
            let here: Vec<usize> = (0..to.len()).filter(|&k| fold[k] == n).collect();
            let held: BTreeSet<&str> = here.iter().map(|&k| problems[k]).collect();
            let others = from
                .iter()
                .copied()
                .filter(|&i| !held.contains(self.problem(i)));
            let others: Vec<usize> = others.collect();
            let fitted = self.fitted(&others, basis, keep).ok()??;
            let own = self.by_chain(&others, &fitted.out_of_fold);
            let threshold = self.threshold(&own, others.iter().copied());
            for i in here.into_iter().map(|k| to[k]) {
                let p = |s: &LabelledStep| fitted.variant.probability(&s.features);
                predicted[i] = Some(self.chains[i].steps.iter().map(p).collect());
                thresholds[i] = threshold;
            }
        }
        Some((predicted, thresholds))
    }

    /// The flag: one model for each kind of record, with the threshold that is best in cross-validation.
    ///
    /// # Errors
    /// Without right and wrong steps there is nothing to fit.
    pub fn fit(&self, trained: Trained) -> Result<FlagModel, LogisticError> {
        let mut variants: Vec<Variant> = Vec::new();
        for basis in Basis::ALL {
            let chains = self.chosen(basis, &|_| true);
            if let Some(fitted) = self.fitted(&chains, basis, &|_| true)? {
                let predicted = self.by_chain(&chains, &fitted.out_of_fold);
                let threshold = self.threshold(&predicted, chains.iter().copied());
                variants.push(Variant {
                    threshold: Some(threshold.min(1.0)),
                    ..fitted.variant
                });
            }
        }
        Ok(fit::portable_model(variants, trained))
    }

    /// Steps, and how many of them are wrong.
    pub fn counts(&self) -> (usize, usize) {
        let steps = || self.chains.iter().flat_map(|c| &c.steps);
        (steps().count(), steps().filter(|s| s.wrong).count())
    }
}
