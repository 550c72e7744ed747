//! `rotescope retro answer`: prompts answered by mixtures of model and corpus.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::parts::{both, weights};
use super::retriever::RetrieverArgs;
use crate::cli::audit::texts::resumable;
use crate::cli::common::{Global, ModelArgs, cancel_on_signal, index_ref, show};
use crate::cli::given::{FieldArgs, all_prompts};
use crate::cli::outputs::Outputs;
use crate::cli::patterns::matching;
use crate::cli::told::Told;
use crate::run::audit::file::AuditFile;
use crate::run::pipeline::Scorer;
use crate::run::render::Rendering;
use crate::run::retro::answers::{Answers, answer};
use crate::run::retro::decoding::Decoding;
use rotescope_model::Mixer;
use rotescope_retro::Weights;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::retro::RetroAnswer;
use rotescope_trace::audit::{AuditRun, RecordLine};
use rotescope_trace::{Prompt, Sampler};
use rotescope_vocab::hash::hex;

#[derive(Debug, clap::Args)]
pub struct AnswerArgs {
    /// Prompts, as `score` reads them: JSON lines, CSV, text with one prompt a line, bundle:NAME
    #[arg(required = true)]
    prompts: Vec<PathBuf>,
    #[command(flatten)]
    parts: ModelArgs,
    #[command(flatten)]
    retriever: RetrieverArgs,
    #[command(flatten)]
    fields: FieldArgs,
    /// How much of the mixture is the corpus, from 0 to 1: W, or SPARSE/SEVERAL, for places where one token was found and where several were
    #[arg(long, value_name = "W,...", value_delimiter = ',', default_value = "0,0.25,0.5,0.75,1", value_parser = weights)]
    lam: Vec<Weights>,
    /// At most this many prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Tokens of an answer at most
    #[arg(long, default_value_t = 256, value_name = "N")]
    max_tokens: usize,
    /// 0 is greedy
    #[arg(long, default_value_t = 0.0, value_name = "T")]
    temperature: f32,
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Give the prompt as it stands, without the model's chat template
    #[arg(long)]
    raw: bool,
    /// Write a JSON line for each answer; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
}

impl AnswerArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.prompts = matching(&self.prompts)?;
        let mut outputs = Outputs::new(global, false)
            .reads(&self.prompts)?
            .reads(self.parts.files())?
            .reads(self.retriever.files())?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let mut prompts = all_prompts(&self.prompts, &self.fields)?;
        let settings = self.named(&prompts)?;
        prompts.truncate(self.limit.unwrap_or(usize::MAX));
        let (corpus, engine, model) = both(&self.parts)?;
        let cancel = cancel_on_signal()?;
        let run = AuditRun {
            rotescope: env!("CARGO_PKG_VERSION").into(),
            model: model.clone(),
            index: Some(index_ref(corpus.as_ref())),
            settings,
        };
        let mut answers = Answers::default();
        let path = self.output.as_deref();
        let mut file = path
            .map(|path| {
                let mut each = |line: &RecordLine<RetroAnswer>| {
                    line.record.iter().for_each(|a| answers.add(a));
                };
                AuditFile::<RecordLine<RetroAnswer>>::open(path, &run, &mut each)
            })
            .transpose()?;
        let index = index_ref(corpus.as_ref());
        let retriever = self.retriever.open(&corpus, &engine, &model, &index)?;
        let total = prompts.len() * self.lam.len();
        let mut told = Told::start("answers", Some(total), self.quiet);
        for weights in &self.lam {
            let scorer = Scorer {
                model: model.clone(),
                sampler: self.sampler(),
                rendering: Rendering {
                    raw: self.raw,
                    ..Rendering::default()
                },
                mixture: Some(Mixer(Arc::new(Decoding {
                    retriever: retriever.clone(),
                    weights: *weights,
                }))),
                ..Scorer::new(engine.clone())
            };
            let both = [weights.sparse(), weights.dense()];
            for prompt in &prompts {
                let name = RetroAnswer::name(&prompt.id, both);
                if file.as_ref().is_some_and(|f| f.holds(&name)) {
                    told.skip(1);
                    continue;
                }
                let trace = scorer.score(prompt, &cancel, &mut |_| ());
                let trace = trace.map_err(|e| resumable(e.into(), file.is_some()))?;
                let made = answer(trace, both);
                answers.add(&made);
                if let Some(file) = &mut file {
                    file.append(&[RecordLine::of(made)])?;
                }
                told.step(1, &line(&prompt.id));
            }
        }
        drop(told);
        show(&answers.table())?;
        Ok(ExitCode::SUCCESS)
    }

    fn sampler(&self) -> Sampler {
        Sampler {
            temperature: self.temperature,
            seed: self.seed,
            max_tokens: self.max_tokens,
            // The corpus alone may go round in circles.
            stop_loops: true,
            ..Sampler::default()
        }
    }

    /// What changes a record, other than its name.
    fn named(&self, prompts: &[Prompt]) -> Result<Map<String, Value>> {
        let mut named = self.retriever.named()?;
        let all = json!({
            "prompts": hex(&Sha256::digest(serde_json::to_vec(prompts)?)),
            "max-tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
            "raw": self.raw,
        });
        if let Value::Object(all) = all {
            named.extend(all);
        }
        Ok(named)
    }
}
