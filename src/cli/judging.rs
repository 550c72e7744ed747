//! Options for verdicts and flags, shared by the subcommands that make traces.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::common::file_ref;
use crate::run::calibrate::folder::ModelFolder;
use crate::run::finish::Finish;
use crate::run::prm::{Prm, PrmOptions};
use crate::say;
use crate::shipped;
use rotescope_judge::flag::FlagModel;
use rotescope_model::{Engine, ModelOptions};
use rotescope_text::think::ReasoningMarks;
use rotescope_trace::{FlagRef, ModelRef};

/// Instead of a flag's file: none at all.
pub(super) const NO_FLAG: &str = "none";

/// How steps are judged and flagged.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct JudgingArgs {
    /// Flag steps by this model, made by `rotescope evaluate --fit`; else the one that `rotescope calibrate` fitted to the same model, the one that comes with the program for it, or the one for any model, whose numbers only rank. `none` flags nothing
    #[arg(long, alias = "flag", value_name = "FILE")]
    pub step_classifier: Option<PathBuf>,
    /// The probability from which on a step is flagged [default: what the flag's file says, else 0.5: likelier wrong than right]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub flag_threshold: Option<f64>,
    /// Judge steps by this process reward model (GGUF) where nothing can be computed
    #[arg(long, value_name = "FILE")]
    pub prm: Option<PathBuf>,
    /// The token by which it says that a step is right [default: " +"]
    #[arg(
        long,
        value_name = "TOKEN",
        requires = "prm",
        allow_hyphen_values = true
    )]
    pub prm_good: Option<String>,
    /// The token by which it says that a step is wrong [default: " -"]
    #[arg(
        long,
        value_name = "TOKEN",
        requires = "prm",
        allow_hyphen_values = true
    )]
    pub prm_bad: Option<String>,
    /// What follows each step; \n is a line break [default: " \n\n\n\n"]
    #[arg(long, value_name = "TEXT", requires = "prm")]
    pub prm_separator: Option<String>,
    /// A step with at least this probability is right [default: 0.5]
    #[arg(long, value_name = "P", requires = "prm", value_parser = probability)]
    pub prm_threshold: Option<f64>,
    /// What stands around reasoning, by the configuration.
    #[arg(skip)]
    pub marks: ReasoningMarks,
}

impl JudgingArgs {
    /// The files that are read, as far as they can be said.
    pub fn files(&self) -> Vec<PathBuf> {
        let flags = match (&self.step_classifier, shipped::bundle()) {
            (Some(flag), _) if flag == Path::new(NO_FLAG) => Vec::new(),
            (Some(flag), _) => vec![flag.clone()],
            (None, Ok(bundle)) => vec![bundle.flag_path(), bundle.default_flag_path()],
            (None, Err(_)) => Vec::new(),
        };
        flags.into_iter().chain(self.prm.clone()).collect()
    }

    /// Loads what was asked for. Without a flag of the user's, the bundle's comes for the model that it was fitted to, and its flag for any model for all others.
    pub fn load(&self, model: &ModelRef) -> Result<Finish> {
        let mut flag = match &self.step_classifier {
            Some(path) if path == Path::new(NO_FLAG) => None,
            Some(path) => Some((path.clone(), FlagModel::load(path)?)),
            None => of_model(model)?,
        };
        if let (Some((_, flag)), Some(threshold)) = (&mut flag, self.flag_threshold) {
            flag.threshold = Some(threshold);
        }
        let prm = self
            .prm
            .as_ref()
            .map(|path| self.load_prm(path))
            .transpose()?;
        let judging = rotescope_trace::Judging {
            flag: flag.as_ref().map(flag_ref).transpose()?,
            prm: prm.as_ref().map(Prm::reference).transpose()?,
        };
        Ok(Finish {
            prm,
            flag: flag.map(|(_, flag)| flag),
            regions: None,
            marks: self.marks.clone(),
            judging,
        })
    }

    fn load_prm(&self, path: &Path) -> Result<Prm> {
        let plain = PrmOptions::default();
        let options = PrmOptions {
            good: self.prm_good.clone().unwrap_or(plain.good),
            bad: self.prm_bad.clone().unwrap_or(plain.bad),
            separator: self
                .prm_separator
                .as_ref()
                .map_or(plain.separator, |s| s.replace("\\n", "\n")),
            threshold: self.prm_threshold.unwrap_or(plain.threshold),
            after_question: plain.after_question,
        };
        let engine = Engine::load(ModelOptions::new(path.to_path_buf()), |_| {
            ControlFlow::Continue(())
        })?;
        Ok(Prm::new(engine, options)?)
    }
}

fn flag_ref((path, flag): &(PathBuf, FlagModel)) -> Result<FlagRef> {
    Ok(FlagRef {
        model: file_ref(path)?,
        threshold: flag.threshold(),
    })
}

/// A flag and its file: the one that the user calibrated for this model, else of those that ship with the bundle the one that was fitted to it,
/// else the one for any model.
fn of_model(model: &ModelRef) -> Result<Option<(PathBuf, FlagModel)>> {
    let calibrated = ModelFolder::of(&model.sha256).map(|folder| folder.flag());
    if let Some(path) = calibrated.filter(|path| path.is_file()) {
        let flag = FlagModel::load(&path)?;
        if flag.fits(model) {
            return Ok(Some((path, flag)));
        }
    }
    let Ok(bundle) = shipped::bundle() else {
        return Ok(None); // no folder to unpack them to
    };
    if let Some(path) = bundle.flag(&model.sha256)? {
        let flag = FlagModel::load(&path)?;
        if flag.fits(model) {
            return Ok(Some((path, flag)));
        }
    }
    // Another model needs nothing of the bundle: it runs without flags where none can be unpacked.
    let path = bundle.default_flag().unwrap_or_else(|e| {
        say!("note: no step is flagged: {e}");
        None
    });
    let load = |path: PathBuf| Ok((path.clone(), FlagModel::load(&path)?));
    path.map(load).transpose()
}

/// Reads a probability.
pub fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("not a probability from 0 to 1".into()),
    }
}
