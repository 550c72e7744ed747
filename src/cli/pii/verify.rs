//! `rotescope pii verify`: what a protection changes of what a model gives away, and of all else.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, json};

use super::answered::{AnswerArgs, How};
use super::asked::{AT_ONCE, AskArgs, Prepared, RecordArgs};
use super::decoding::share;
use crate::cli::audit::resumable;
use crate::cli::common::{Global, grouped, show};
use crate::cli::patterns::matching;
use crate::cli::told::Told;
use crate::run::audit::file::AuditFile;
use crate::run::pii::attack::asks::wanted;
use crate::run::pii::gate::{DecodeGate, filter, listed};
use crate::run::pii::list;
use crate::run::pii::verify::compare::Comparison;
use crate::run::pii::verify::kept::BEHIND;
use crate::run::pii::verify::tally::Tally;
use rotescope_model::{Engine, Filter};
use rotescope_privacy::gate::Protected;
use rotescope_privacy::gate::normal::folded;
use rotescope_trace::GateRef;
use rotescope_trace::audit::verify::VerifyLine;

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    asked: AskArgs,
    #[command(flatten)]
    records: RecordArgs,
    /// The protection is a gate before these values: a file with one a line, or what `pii scan --reveal` wrote
    #[arg(long, value_name = "FILE", required_unless_present_any = ["other_model", "other_adapter"])]
    gate: Option<PathBuf>,
    /// So much of a listed value, from its beginning, is refused as the whole is
    #[arg(long, default_value_t = super::GateArgs::default().gate_share, value_name = "SHARE")]
    gate_share: f64,
    /// The protection is another model (GGUF) with the same tokenizer; with --gate as well, both together
    #[arg(long, value_name = "FILE")]
    other_model: Option<PathBuf>,
    /// The protection is a LoRA adapter of the model (or of --other-model), such as `pii edit` writes
    #[arg(long, value_name = "FILE")]
    other_adapter: Option<PathBuf>,
    /// Texts of which those are continued that hold no value [default: the corpus]
    #[arg(long, value_name = "FILE")]
    held_out: Vec<PathBuf>,
    /// So many of them, drawn by the seed; 0 for none
    #[arg(long, default_value_t = 100, value_name = "N")]
    held_out_texts: usize,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl VerifyArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        share(self.gate_share)?;
        self.held_out = matching(&self.held_out)?;
        let prompts = self.answers.read()?;
        let values = self.gate.as_deref().map(list::values).transpose()?;
        let files: Vec<PathBuf> = self
            .gate
            .iter()
            .chain(&self.other_model)
            .chain(&self.other_adapter)
            .chain(&self.held_out)
            .chain(&self.answers.prompts)
            .cloned()
            .collect();
        let shown = |paths: &[PathBuf]| -> Vec<String> {
            paths.iter().map(|p| p.display().to_string()).collect()
        };
        let named = json!({
            "gate": values.as_deref().map(list::check),
            "gate-share": self.gate_share,
            "held-out": shown(&self.held_out),
            "held-out-texts": self.held_out_texts,
        });
        let mut named: Map<_, _> = named.as_object().cloned().unwrap_or_default();
        named.extend(self.answers.named(&prompts)?);
        // Loaded before the corpus is read: what is wrong is said at once.
        let mut parts = self.asked.source.parts.clone();
        let other = match (&self.other_model, &self.other_adapter) {
            (None, None) => None,
            (model, adapter) => {
                parts.model = model.clone().or(parts.model);
                parts.adapter = adapter.clone().or(parts.adapter);
                let engine = parts.load_one_of(1, (AT_ONCE, true))?;
                let model = parts.model_ref(&engine)?;
                named.insert("other-model".into(), model.identity().into());
                Some((engine, model))
            }
        };
        let settings = self.asked.settings(Some(&self.records), false)?;
        self.records
            .place(self.asked.outputs(global, false, &files)?)?;
        let prepared = self.asked.prepare(settings, named)?;
        let (engine, file) = match &other {
            Some((engine, model)) if model.tokenizer == prepared.run.model.tokenizer => {
                (engine, model.shown())
            }
            Some((_, model)) => bail!(
                "{}: has another tokenizer than {}",
                model.file,
                prepared.run.model.file
            ),
            None => (&prepared.engine, prepared.run.model.shown()),
        };
        let refusing = match &values {
            Some(values) => {
                let protected = Protected::new(values, self.gate_share);
                let path = self
                    .gate
                    .iter()
                    .map(|p| p.display().to_string())
                    .collect::<String>();
                Some(filter(listed(&protected, engine).context(path)?))
            }
            None => None,
        };
        let protected = values.map(|v| v.iter().map(|v| folded(v)).collect::<HashSet<String>>());
        let mut tally = Tally::default();
        let mut out = match &self.records.output {
            Some(path) => Some(AuditFile::<VerifyLine>::open(
                path,
                &prepared.run,
                &mut |line| {
                    line.record.iter().for_each(|v| tally.add(v));
                },
            )?),
            None => None,
        };
        let drawn = (self.held_out_texts, prepared.settings.seed);
        let texts = self.asked.kept(&prepared, &self.held_out, drawn, BEHIND)?;
        let comparison = self.comparison(&prepared, engine, refusing, protected.as_ref());
        let all = wanted(&prepared.targets, &prepared.settings);
        let quiet = self.asked.quiet;
        let mut told = Told::start("questions", Some(all.len()), quiet);
        let mut step = |told: &mut Told, held, new: &[_]| {
            new.iter().for_each(|v| tally.add(v));
            told.skip(held);
            told.step(new.len(), "");
        };
        let mut done =
            comparison.values(&all, &mut out, &mut |held, new| step(&mut told, held, new));
        drop(told);
        if done.is_ok() {
            let mut told = Told::start("texts without values", Some(texts.len()), quiet);
            done = comparison.texts(&texts, &mut out, &mut |held, new| {
                step(&mut told, held, new);
            });
        }
        if done.is_ok() {
            let mut told = Told::start("prompts", Some(prompts.len()), quiet);
            done = comparison.prompts(&prompts, &mut out, &mut |held, new| {
                step(&mut told, held, new);
            });
        }
        done.map_err(|e| resumable(e, self.records.output.is_some()))?;
        show(&format!(
            "{} values, {} questions; before: {}, after: {file}{}\n\n{}",
            grouped(prepared.targets.len() as u64),
            grouped(all.len() as u64),
            prepared.run.model.shown(),
            if self.gate.is_some() {
                " behind the gate"
            } else {
                ""
            },
            tally.tables()
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    fn comparison<'a>(
        &self,
        prepared: &'a Prepared,
        engine: &'a Engine,
        refusing: Option<Filter>,
        protected: Option<&'a HashSet<String>>,
    ) -> Comparison<'a> {
        let side = |filter| {
            let mut asker = prepared.attack(filter).asker;
            // Whatever comes behind the first value is looked at too.
            asker.stops = false;
            asker
        };
        let gate = refusing.clone().map(|filter| DecodeGate {
            filter: Some(filter),
            detectors: None,
            reference: GateRef::default(),
        });
        let how = How {
            gate,
            ..How::default()
        };
        let scorers = [
            self.answers
                .scorer(prepared, &prepared.engine, How::default()),
            self.answers.scorer(prepared, engine, how),
        ];
        let mut after = side(refusing);
        after.reader.engine = engine;
        Comparison {
            before: side(None),
            after,
            encoder: prepared.encoder.as_ref(),
            settings: &prepared.settings,
            targets: &prepared.targets,
            scorers,
            protected,
        }
    }
}
