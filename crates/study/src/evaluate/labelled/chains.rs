//! What is kept of chains whose steps people labelled.

use std::collections::{BTreeMap, BTreeSet};

use rotescope_judge::ByHand;
use rotescope_judge::labels::is_computed;
use rotescope_judge::token_scores::{GROUP, Mean};
use rotescope_trace::{Flag, RegionClass, Step, Trace, Verdict};

use super::super::origin::{Origin, Origins};
use super::step_scores::{self, SCORES, StepScores};

/// One chain.
#[derive(Debug, Clone)]
pub struct Chain {
    origin: Origin,
    question: String,
    /// Chains of one problem are drawn, and left out in cross-validation, together; the last word only after [`Chains::settle`].
    pub problem: String,
    /// Task and split; where there are none, the file that it was imported from.
    pub place: String,
    pub label: ByHand,
    pub steps: Vec<StepScores>,
    /// What of each step a document has, where that was asked.
    classes: Vec<Option<RegionClass>>,
    /// The first step that computation calls wrong.
    pub computed: Option<usize>,
    /// The first that computation or a reward model calls wrong, where a reward model judged.
    pub with_model: Option<Option<usize>>,
    /// The first step whose flag is raised, where there are flags.
    pub flagged: Option<Option<usize>>,
}

impl Chain {
    /// The steps of which the truth is known, and whether each is wrong: those up to the first wrong one.
    pub fn known(&self) -> impl Iterator<Item = (&StepScores, bool)> {
        let (end, wrong) = match self.label {
            ByHand::Clean => (self.steps.len(), None),
            ByHand::FirstWrong(first) => (first + 1, Some(first)),
        };
        let steps = self.steps.iter().take(end).enumerate();
        steps.map(move |(i, s)| (s, wrong == Some(i)))
    }

    /// As [`Chain::known`], and what of each step a document has.
    pub fn known_classes(&self) -> impl Iterator<Item = (&StepScores, bool, Option<RegionClass>)> {
        let classes = self.classes.iter();
        self.known().zip(classes).map(|((s, w), c)| (s, w, *c))
    }

    /// Whether a named step, or that none is named, is what the label says.
    pub fn is_hit(&self, named: Option<usize>) -> bool {
        self.label.is_hit(named)
    }
}

/// All chains with labels.
#[derive(Debug, Default)]
pub struct Chains {
    pub all: Vec<Chain>,
    /// How many candidates a token's confidence was taken over.
    candidates: BTreeSet<usize>,
    means: BTreeSet<Mean>,
}

impl Chains {
    pub fn add(&mut self, t: &Trace, origin: &Origin, label: ByHand) {
        let found = step_scores::of(t);
        self.candidates.extend(found.candidates);
        self.means.extend(found.mean);
        let first = |is: &dyn Fn(&Verdict) -> bool| {
            let wrong = |s: &Step| s.verdict.as_ref().is_some_and(|v| !v.right && is(v));
            t.steps.iter().position(wrong)
        };
        let verdicts = || t.steps.iter().filter_map(|s| s.verdict.as_ref());
        let raised = |s: &Step| s.flag.as_ref().is_some_and(Flag::is_raised);
        self.all.push(Chain {
            question: t.prompt.question.trim().into(),
            problem: origin.group.clone(),
            place: place(t, origin),
            origin: origin.clone(),
            label,
            steps: found.steps,
            classes: t
                .steps
                .iter()
                .map(|s| Some(s.region.as_ref()?.class))
                .collect(),
            computed: first(&is_computed),
            with_model: verdicts()
                .any(|v| !is_computed(v))
                .then(|| first(&|_| true)),
            flagged: t
                .steps
                .iter()
                .any(|s| s.flag.is_some())
                .then(|| t.steps.iter().position(raised)),
        });
    }

    /// Chains on one question are of one problem, whoever wrote them, as are those of one group of prompts.
    pub(super) fn settle(&mut self, origins: &Origins) {
        let mut by_question: BTreeMap<String, String> = BTreeMap::new();
        for chain in &mut self.all {
            origins.settle(&mut chain.origin);
            let group = chain.origin.group.clone();
            chain.problem = match chain.question.as_str() {
                "" => group,
                question => by_question.entry(question.into()).or_insert(group).clone(),
            };
        }
    }

    pub fn problems(&self) -> Vec<&str> {
        self.all.iter().map(|c| c.problem.as_str()).collect()
    }

    /// Chains with a wrong step, and clean ones.
    pub fn counts(&self) -> (usize, usize) {
        let clean = |c: &&Chain| c.label == ByHand::Clean;
        let clean = self.all.iter().filter(clean).count();
        (self.all.len() - clean, clean)
    }

    /// Whether any step has a score, by its place in [`SCORES`].
    pub fn has(&self, score: usize) -> bool {
        let mut steps = self.all.iter().flat_map(|c| &c.steps);
        steps.any(|s| s[score].is_some())
    }

    /// The scores that there are, by their places in [`SCORES`].
    pub fn scores(&self) -> impl Iterator<Item = usize> {
        (0..SCORES.len()).filter(|i| self.has(*i))
    }

    /// Places in order of appearance; one place is no division.
    pub fn places(&self) -> Vec<&str> {
        let mut places: Vec<&str> = Vec::new();
        for chain in &self.all {
            if !places.contains(&chain.place.as_str()) {
                places.push(&chain.place);
            }
        }
        if places.len() < 2 { Vec::new() } else { places }
    }

    /// How scores were made that depend on what the records hold.
    pub fn ways(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let (Some(least), Some(most)) = (self.candidates.first(), self.candidates.last()) {
            let k = match least == most {
                true => least.to_string(),
                false => format!("{least} to {most}, as the records have them"),
            };
            out.push(format!(
                "DeepConf: the confidence of a token is minus the mean log-probability of its top k candidates, k = {k}; groups are {GROUP} tokens of a step, or all where it has fewer."
            ));
        }
        let ways: Vec<&str> = self.means.iter().map(|m| m.about()).collect();
        if !ways.is_empty() {
            out.push(format!("Min-K%++: {}.", ways.join("; in other records ")));
        }
        out
    }
}

/// Task and split, or the file that a chain was imported from.
pub fn place(t: &Trace, origin: &Origin) -> String {
    let (task, split) = origin.place();
    let named: Vec<&str> = [task.as_str(), split.as_str()]
        .into_iter()
        .filter(|p| *p != "-")
        .collect();
    match (&t.import, named.as_slice()) {
        (Some(from), []) => {
            let stem = from
                .file
                .rsplit_once('.')
                .map_or(from.file.as_str(), |f| f.0);
            stem.to_owned()
        }
        (None, []) => "-".into(),
        _ => named.join(" "),
    }
}
