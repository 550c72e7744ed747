//! Tables from labelled traces: what the paper prints, and what it lacks.
//!
//! Traces are taken one at a time with [`Evaluation::add`]; only what the tables need is kept of each. Which steps are right, [`Labels`] say, by
//! default verdicts by computation (see [`rotescope_judge::judge()`]); answers are compared with the expected ones. Splits are whatever the
//! traces say. Where people labelled the steps ([`Evaluation::add_labelled`]), their labels are the truth.

pub mod accuracy;
pub mod bootstrap;
pub mod cases;
pub mod causes;
pub mod combine;
pub mod figures;
pub mod findings;
pub mod flags;
pub mod known_cause;
pub mod labelled;
pub mod matched;
pub mod named;
pub mod options;
pub mod origin;
pub mod ranked;
pub mod rankings;
mod report;
pub mod rote;
pub mod scores;
pub mod sources;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub use bootstrap::Setting;
pub use options::{Confidence, Contrast, EvaluateOptions, Levels};
use origin::{Origin, Origins};
pub use report::{EVALUATION, Report};
use rotescope_judge::fit::Fitted;
use rotescope_judge::flag::{FlagModel, Trained};
use rotescope_judge::{ByHand, FromVerdicts, Labels, VerifierError, registry};
use rotescope_stats::LogisticError;
use rotescope_trace::{Cause, IndexRef, ModelRef, Trace};

/// Why there is nothing to evaluate.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("no traces in the files given")]
    NoTraces,
    #[error(
        "none of the {0} traces is labelled: no prompt has an expected `answer`, and no step could be verified; score prompts that have answers"
    )]
    NoLabels(usize),
    #[error("none of the {traces} traces has a label of its steps: {why}")]
    NobodyLabelled { traces: usize, why: String },
    #[error("the flag cannot be fitted: {0}")]
    Fit(#[from] LogisticError),
    #[error(
        "the flag cannot be fitted to completions of {0} models at once: {1}; give the traces of one model"
    )]
    MixedModels(usize, String),
    #[error("prompt {id}: {source}")]
    Verifier { id: String, source: VerifierError },
    #[error("no prompt has the split \"{split}\"; there are: {known}")]
    NoSplit { split: String, known: String },
}

/// Everything that is kept of the traces seen so far.
#[derive(Debug)]
pub struct Evaluation {
    options: EvaluateOptions,
    labels: Rc<dyn Labels>,
    origins: Origins,
    pub traces: usize,
    pub failed: usize,
    labelled: usize,
    accuracy: accuracy::Accuracy,
    causes: causes::KnownCauses,
    cases: cases::Cases,
    sources: sources::SourceTables,
    named: named::Named,
    rote: rote::RoteTokens,
    flags: flags::Flags,
    gathered: figures::Gathered,
    /// Where people's labels are the truth.
    by_people: Option<labelled::Labelled>,
    /// Where a flag for any model is asked for.
    ranked: Option<ranked::Ranked>,
    models: BTreeMap<String, ModelRef>,
    index: Option<IndexRef>,
    recipes: BTreeSet<String>,
    /// Flags that the traces came with, and how many of them are ranked.
    stored: (usize, usize),
}

impl Default for Evaluation {
    fn default() -> Self {
        Evaluation::new(EvaluateOptions::default())
    }
}

impl Evaluation {
    /// Steps are right or wrong by their verdicts.
    pub fn new(options: EvaluateOptions) -> Self {
        Evaluation::with_labels(options, Box::new(FromVerdicts))
    }

    pub fn with_labels(options: EvaluateOptions, labels: Box<dyn Labels>) -> Self {
        let (levels, ranked) = (options.levels, options.ranked);
        Evaluation {
            options,
            labels: labels.into(),
            origins: Origins::default(),
            traces: 0,
            failed: 0,
            labelled: 0,
            accuracy: Default::default(),
            causes: Default::default(),
            cases: cases::Cases::new(levels),
            sources: Default::default(),
            named: Default::default(),
            rote: rote::RoteTokens::new(levels),
            flags: Default::default(),
            gathered: Default::default(),
            by_people: None,
            ranked: ranked.then(Default::default),
            models: BTreeMap::new(),
            index: None,
            recipes: BTreeSet::new(),
            stored: (0, 0),
        }
    }

    /// Adds a trace. Verdicts by computation are made anew, so that traces of older versions have them too.
    ///
    /// # Errors
    /// Where its prompt declares a verifier that is not known, or that lacks what it needs.
    pub fn add(&mut self, t: &mut Trace) -> Result<(), EvaluateError> {
        self.judge(t)?;
        let labels = Rc::clone(&self.labels);
        self.take(t, labels.as_ref());
        Ok(())
    }

    /// As [`Evaluation::add`], with what people say of the trace's steps as their truth; an error is why their label does not fit the trace, which then has none.
    ///
    /// # Errors
    /// As [`Evaluation::add`].
    pub fn add_labelled(
        &mut self,
        t: &mut Trace,
        label: Result<Option<ByHand>, String>,
    ) -> Result<(), EvaluateError> {
        self.judge(t)?;
        let origin = self.take(t, &label.clone().unwrap_or_default());
        let by_people = self.by_people.get_or_insert_default();
        by_people.add(t, &origin, &label);
        if let (Some(ranked), Ok(Some(label))) = (&mut self.ranked, label) {
            let place = labelled::chains::place(t, &origin);
            ranked.add(t, &origin, label, place);
        }
        Ok(())
    }

    fn judge(&self, t: &mut Trace) -> Result<(), EvaluateError> {
        let verify = t.prompt.verify.as_deref().unwrap_or_default();
        registry::check(verify, &t.prompt.meta).map_err(|source| EvaluateError::Verifier {
            id: t.prompt.id.clone(),
            source,
        })?;
        rotescope_judge::judge(t);
        if let Some(least) = self.options.cause_threshold {
            name_causes(t, least);
        }
        Ok(())
    }

    fn take(&mut self, t: &Trace, labels: &dyn Labels) -> Origin {
        let known = (0..t.steps.len()).any(|i| labels.of(t, i).is_some());
        let origin = self.origins.note(t);
        self.traces += 1;
        self.labelled += usize::from(t.answer.right.is_some() || known);
        self.models
            .entry(t.model.identity())
            .or_insert_with(|| t.model.clone());
        self.recipes.insert(format!(
            "{} {:?}",
            serde_json::to_string(&t.attribution).unwrap_or_default(),
            t.index.as_ref().map(|i| &i.fingerprint)
        ));
        for flag in t.steps.iter().filter_map(|s| s.flag.as_ref()) {
            self.stored.0 += 1;
            self.stored.1 += usize::from(!flag.meaning.is_probability());
        }
        self.index = self.index.take().or_else(|| t.index.clone());
        self.accuracy.add(t);
        self.causes.add(t, &origin);
        self.cases.add(t, &origin, labels);
        self.sources.add(t, &origin, labels);
        self.named.add(t, &origin);
        self.rote.add(t, &origin, labels);
        self.flags.add(t, &origin, labels);
        self.gathered.add(t);
        origin
    }

    /// Says the last word of groups and twins: which prompts belong together is known when all are there.
    fn settle(&mut self) {
        self.cases.settle(&self.origins);
        self.sources.settle(&self.origins);
        self.rote.settle(&self.origins);
        self.flags.settle(&self.origins);
        if let Some(by_people) = &mut self.by_people {
            by_people.settle(&self.origins);
        }
        if let Some(ranked) = &mut self.ranked {
            ranked.settle(&self.origins);
        }
    }

    /// All tables.
    ///
    /// # Errors
    /// Without traces, without any label, or where the options name a split that no prompt has.
    pub fn report(&mut self) -> Result<Report, EvaluateError> {
        if self.traces == 0 {
            return Err(EvaluateError::NoTraces);
        }
        if let Some(none) = self.by_people.as_ref().filter(|l| l.is_empty()) {
            return Err(EvaluateError::NobodyLabelled {
                traces: self.traces,
                why: none.why_empty(),
            });
        }
        if self.labelled == 0 {
            return Err(EvaluateError::NoLabels(self.traces));
        }
        if let Some(split) = self.origins.unknown(self.options.named_splits()) {
            let known = match self.origins.splits() {
                [] => "none".into(),
                all => all.join(", "),
            };
            return Err(EvaluateError::NoSplit { split, known });
        }
        self.settle();
        let options = &self.options;
        let splits = match options.splits.as_slice() {
            [] => self.origins.splits(),
            asked => asked,
        };
        let (s, levels) = (&options.intervals, &options.levels);
        let r = &self.cases;
        let all = rankings::all(r);
        let mut tables = self.accuracy.tables(splits);
        tables.extend(self.by_people.iter().flat_map(|l| l.tables(s)));
        tables.extend(self.causes.table(&self.origins, levels));
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
            |c| rankings::confidence(levels, c),
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
        tables.extend(self.flags.tables(options, splits));
        tables.extend(self.ranked.iter().flat_map(|r| r.tables(s)));
        Ok(Report {
            tables,
            findings: findings::findings(&self.accuracy, &self.sources, options),
            notes: self.notes(),
            traces: self.traces,
            failed: self.failed,
        })
    }

    /// What figures are drawn from. No figure needs all that [`Evaluation::report`] does, so nothing that is missing is an error here.
    pub fn figures(&mut self) -> figures::FigureData {
        self.settle();
        let setting = &self.options.intervals;
        let own = rankings::own(&self.cases);
        figures::FigureData {
            strengths: self.sources.strengths().cloned().collect(),
            dominant: self.sources.dominant(),
            wrong_tokens: rankings::overall(&self.cases, &own, setting),
            calibration: self.flags.calibrated(),
            roc: self.flags.roc(),
            steps: self.flags.counts(),
            counts: self.gathered.counts(),
            perturbed: self.gathered.perturbed(),
            accuracy: self.accuracy.places(self.origins.splits()),
        }
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
        out.extend(self.by_people.iter().flat_map(labelled::Labelled::notes));
        if let (all, ranked @ 1..) = self.stored {
            out.push(format!(
                "Flags that the traces came with: {ranked} of {all} are ranked, fitted to other models; their numbers order steps and are no probabilities."
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

    fn fit_ranked(
        &self,
        ranked: &ranked::Ranked,
        mut trained: Trained,
    ) -> Result<FlagModel, EvaluateError> {
        trained.models = self.models.values().cloned().collect();
        trained.traces = self.traces;
        (trained.steps, trained.wrong) = ranked.counts();
        Ok(ranked.fit(trained)?)
    }

    /// The flag fitted to all steps with a verdict.
    ///
    /// # Errors
    /// Traces of several models; steps that are all right or all wrong.
    pub fn fit(&mut self, mut trained: Trained) -> Result<FlagModel, EvaluateError> {
        self.settle();
        if let Some(ranked) = &self.ranked {
            return self.fit_ranked(ranked, trained);
        }
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

/// Names causes anew from the gains of the sources; where a trace holds none, its causes stay if they are strong enough.
fn name_causes(t: &mut Trace, least: f64) {
    for token in &mut t.tokens {
        let named = match token.measures.get("gain") {
            Some(gains) => gains
                .max()
                .map(|(source, strength)| Cause { source, strength }),
            None => token.cause,
        };
        token.cause = named.filter(|c| c.strength >= least);
    }
}
