//! Tables from labelled traces: what the paper prints, and what it lacks.
//!
//! Traces are taken one at a time with [`Evaluation::add`]; only what the tables need is kept of each. Labels are verdicts by computation
//! (see [`rotescope_judge::judge`]) and expected answers.

pub mod accuracy;
pub mod combine;
pub mod findings;
pub mod flags;
pub mod matched;
pub mod named;
pub mod planted;
pub mod rankings;
pub mod rote;
pub mod scores;
pub mod sources;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use findings::Finding;
use rotescope_judge::fit::Fitted;
use rotescope_judge::flag::{FlagModel, Trained};
use rotescope_stats::{LogisticError, Ranked, interval};
use rotescope_trace::{IndexRef, ModelRef, Trace, Verdict};
use table::{Cell, Table};

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Bootstrap resamples of prompts; 0: no intervals.
    pub resamples: usize,
    pub seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            resamples: 200,
            seed: 0,
        }
    }
}

/// How sure the model was of a wrong token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// p < .5
    Unsure,
    Middling,
    /// p >= .8
    Confident,
}

impl Confidence {
    pub fn of(p: f64) -> Confidence {
        match p {
            p if p < 0.5 => Confidence::Unsure,
            p if p < 0.8 => Confidence::Middling,
            _ => Confidence::Confident,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Confidence::Unsure => "p < .5",
            Confidence::Middling => "p .5 to .8",
            Confidence::Confident => "p >= .8",
        }
    }
}

/// The first wrong step and its verdict; verdicts of a process reward model are no truth.
pub fn first_wrong(t: &Trace) -> Option<(usize, &Verdict)> {
    t.steps
        .iter()
        .enumerate()
        .filter_map(|(i, s)| Some((i, s.verdict.as_ref()?)))
        .find(|(_, v)| !v.right && v.by != "prm")
}

/// Task and split of a trace as tables name them; planted prompts by the source that is planted.
pub fn cell(t: &Trace) -> (String, String) {
    let name = |s: &Option<String>| s.clone().unwrap_or_else(|| "-".into());
    let split = match planted::Planted::of(t) {
        Some(p) => format!("planted {}", p.kind),
        None => name(&t.prompt.split),
    };
    (name(&t.prompt.task), split)
}

/// Mean with a bootstrap interval over groups.
fn mean_cell(values: &[f64], groups: &[&str], setting: &Setting) -> Cell {
    if values.is_empty() {
        return Cell::Nothing;
    }
    let (owner, n) = clusters(groups);
    let mut totals = vec![(0.0, 0.0); n];
    for (v, &g) in values.iter().zip(&owner) {
        totals[g].0 += v;
        totals[g].1 += 1.0;
    }
    let ratio = |drawn: &[usize]| {
        let (sum, count) = drawn
            .iter()
            .fold((0.0, 0.0), |a, &g| (a.0 + totals[g].0, a.1 + totals[g].1));
        (count > 0.0).then_some(sum / count)
    };
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let ends = interval(n, setting.resamples, 0.95, setting.seed, ratio);
    Cell::number(Some(value), ends)
}

/// Each item's cluster number, in order of first appearance, and how many there are.
fn clusters(groups: &[&str]) -> (Vec<usize>, usize) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let owner = groups
        .iter()
        .map(|g| {
            let next = known.len();
            *known.entry(g).or_insert(next)
        })
        .collect();
    (owner, known.len())
}

/// How often each cluster was drawn.
fn weights(drawn: &[usize], n: usize) -> Vec<f64> {
    let mut w = vec![0.0; n];
    drawn.iter().for_each(|&g| w[g] += 1.0);
    w
}

/// AUROC with a bootstrap interval over groups.
fn auroc_cell(scores: &[f64], positive: &[bool], groups: &[&str], setting: &Setting) -> Cell {
    let Some(ranked) = Ranked::new(scores) else {
        return Cell::Nothing;
    };
    let (owner, n) = clusters(groups);
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        let w = weights(drawn, n);
        ranked.auroc(positive, |i| w[owner[i]])
    });
    Cell::number(ranked.auroc(positive, |_| 1.0), ends)
}

/// AUROC of the first scores less that of the second, with a paired bootstrap interval.
fn auroc_difference(
    more: &[f64],
    base: &[f64],
    positive: &[bool],
    groups: &[&str],
    setting: &Setting,
) -> Cell {
    let (Some(a), Some(b)) = (Ranked::new(more), Ranked::new(base)) else {
        return Cell::Nothing;
    };
    let (owner, n) = clusters(groups);
    let difference = |w: &dyn Fn(usize) -> f64| Some(a.auroc(positive, w)? - b.auroc(positive, w)?);
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        let w = weights(drawn, n);
        difference(&|i| w[owner[i]])
    });
    Cell::number(difference(&|_| 1.0), ends)
}

/// Why there is nothing to evaluate.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("no traces in the files given")]
    NoTraces,
    #[error(
        "none of the {0} traces is labelled: no prompt has an expected `answer`, and no step could be verified; score prompts that have answers"
    )]
    NoLabels(usize),
    #[error("the flag cannot be fitted: {0}")]
    Fit(#[from] LogisticError),
    #[error(
        "the flag cannot be fitted to chains of {0} models at once: {1}; give the traces of one model"
    )]
    MixedModels(usize, String),
}

/// Everything that is kept of the traces seen so far.
#[derive(Debug, Default)]
pub struct Evaluation {
    pub setting: Setting,
    pub traces: usize,
    pub failed: usize,
    labelled: usize,
    accuracy: accuracy::Accuracy,
    planted: planted::PlantedTotals,
    rankings: rankings::Rankings,
    sources: sources::Sources,
    named: named::Named,
    rote: rote::RoteTokens,
    flags: flags::Flags,
    models: BTreeMap<String, ModelRef>,
    index: Option<IndexRef>,
    recipes: BTreeSet<String>,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Report {
    pub tables: Vec<Table>,
    pub findings: Vec<Finding>,
    /// What a reader must know about the traces.
    pub notes: Vec<String>,
    pub traces: usize,
    pub failed: usize,
}

impl Evaluation {
    pub fn new(setting: Setting) -> Self {
        Evaluation {
            setting,
            ..Default::default()
        }
    }

    /// Adds a trace. Verdicts by computation are made anew, so that traces of older versions have them too.
    pub fn add(&mut self, t: &mut Trace) {
        rotescope_judge::judge(t);
        self.traces += 1;
        let verdicts = t
            .steps
            .iter()
            .any(|s| s.verdict.as_ref().is_some_and(|v| v.by != "prm"));
        self.labelled += usize::from(t.answer.right.is_some() || verdicts);
        self.models
            .entry(t.model.sha256.clone())
            .or_insert_with(|| t.model.clone());
        self.recipes.insert(format!(
            "{} {:?}",
            serde_json::to_string(&t.attribution).unwrap_or_default(),
            t.index.as_ref().map(|i| &i.fingerprint)
        ));
        self.index = self.index.take().or_else(|| t.index.clone());
        self.accuracy.add(t);
        self.planted.add(t);
        self.rankings.add(t);
        self.sources.add(t);
        self.named.add(t);
        self.rote.add(t);
        self.flags.add(t);
    }

    /// All tables.
    ///
    /// # Errors
    /// Without traces, or without any label.
    pub fn report(&self) -> Result<Report, EvaluateError> {
        if self.traces == 0 {
            return Err(EvaluateError::NoTraces);
        }
        if self.labelled == 0 {
            return Err(EvaluateError::NoLabels(self.traces));
        }
        let s = &self.setting;
        let r = &self.rankings;
        let all = r.all();
        let mut tables = self.accuracy.tables();
        tables.extend(self.planted.table());
        tables.extend(self.named.table());
        tables.extend(self.sources.dominant());
        tables.extend(self.sources.stim_max(s));
        tables.extend(rankings::overall(r, &all, s));
        tables.extend(rankings::by(
            r,
            &all,
            s,
            "wrong-tokens-by-confidence",
            "P@1 by how sure the model was of the wrong token",
            rankings::confidence,
        ));
        tables.extend(rankings::by(
            r,
            &all,
            s,
            "wrong-tokens-by-task",
            "P@1 by task and split",
            rankings::place,
        ));
        tables.extend(combine::added(r, &all, s));
        tables.extend(self.rote.table(s));
        tables.extend(self.flags.tables(s));
        Ok(Report {
            tables,
            findings: findings::findings(&self.accuracy, &self.sources, s),
            notes: self.notes(),
            traces: self.traces,
            failed: self.failed,
        })
    }

    fn notes(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.models.len() > 1 {
            out.push(format!(
                "The traces come from {} models ({}); every table mixes them.",
                self.models.len(),
                self.model_names()
            ));
        }
        if self.recipes.len() > 1 {
            out.push(format!(
                "The traces were scored in {} ways (index, sources, scope or saliency differ); every table mixes them.",
                self.recipes.len()
            ));
        }
        if let Some(why) = self.flags.unfitted() {
            out.push(format!("No step flag was fitted: {why}."));
        }
        out
    }

    fn model_names(&self) -> String {
        let names: Vec<&str> = self.models.values().map(|m| m.file.as_str()).collect();
        names.join(", ")
    }

    /// The flag fitted to all steps with a verdict.
    ///
    /// # Errors
    /// Traces of several models; steps that are all right or all wrong.
    pub fn fit(&self, mut trained: Trained) -> Result<FlagModel, EvaluateError> {
        if self.models.len() > 1 {
            return Err(EvaluateError::MixedModels(
                self.models.len(),
                self.model_names(),
            ));
        }
        let fitted: Vec<Fitted> = self.flags.fit()?;
        let (steps, wrong) = self.flags.counts();
        trained.model = self.models.values().next().cloned().unwrap_or_default();
        trained.index = self.index.clone();
        trained.traces = self.traces;
        trained.steps = steps;
        trained.wrong = wrong;
        Ok(rotescope_judge::fit::model(&fitted, trained))
    }
}

impl Report {
    pub fn markdown(&self) -> String {
        let mut out = format!("{} traces, {} failed prompts\n", self.traces, self.failed);
        for note in &self.notes {
            let _ = write!(out, "\n{note}\n");
        }
        for table in &self.tables {
            let _ = write!(out, "\n{}", table.markdown());
        }
        if !self.findings.is_empty() {
            out += "\n### The paper's findings\n\n";
            for f in &self.findings {
                let _ = writeln!(out, "- {}: **{}**. {}", f.claim, f.verdict, f.evidence);
            }
        }
        out
    }

    pub fn json(&self) -> Value {
        json!({
            "schema": "rotescope.evaluation/1",
            "rotescope": env!("CARGO_PKG_VERSION"),
            "traces": self.traces,
            "failed": self.failed,
            "notes": self.notes,
            "tables": self.tables.iter().map(Table::json).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(|f| json!({
                "claim": f.claim, "verdict": f.verdict, "evidence": f.evidence
            })).collect::<Vec<_>>(),
        })
    }
}
