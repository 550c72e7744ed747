//! Prompts that are answered under protections: what is left of the model.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::asked::Prepared;
use crate::cli::given::{FieldArgs, all_prompts};
use crate::cli::patterns::matching;
use crate::run::pii::gate::DecodeGate;
use crate::run::pipeline::Scorer;
use rotescope_model::{Engine, Mixer};
use rotescope_trace::{Prompt, Sampler};
use rotescope_vocab::hash::hex;

#[derive(Debug, clap::Args)]
pub struct AnswerArgs {
    /// Prompts with known answers, as `score` reads them, that are answered too
    #[arg(long, value_name = "FILE")]
    pub prompts: Vec<PathBuf>,
    #[command(flatten)]
    fields: FieldArgs,
    /// At most this many prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Tokens of an answer to a prompt, at most
    #[arg(long, default_value_t = 256, value_name = "N")]
    answer_tokens: usize,
}

/// How prompts are answered: greedily or drawn, behind a gate, mixed with something.
#[derive(Default)]
pub struct How {
    pub temperature: f32,
    pub gate: Option<DecodeGate>,
    pub mixture: Option<Mixer>,
}

impl AnswerArgs {
    /// # Errors
    /// Files that cannot be read, or are none of prompts.
    pub fn read(&mut self) -> Result<Vec<Prompt>> {
        self.prompts = matching(&self.prompts)?;
        let mut prompts = all_prompts(&self.prompts, &self.fields)?;
        prompts.truncate(self.limit.unwrap_or(usize::MAX));
        Ok(prompts)
    }

    /// What changes a record; nothing where there are no prompts, so that files of before there were any go on.
    ///
    /// # Errors
    /// A prompt that cannot be written.
    pub fn named(&self, prompts: &[Prompt]) -> Result<Map<String, Value>> {
        if prompts.is_empty() {
            return Ok(Map::new());
        }
        let named = json!({
            "prompts": hex(&Sha256::digest(serde_json::to_vec(prompts)?)),
            "answer-tokens": self.answer_tokens,
        });
        Ok(named.as_object().cloned().unwrap_or_default())
    }

    /// What answers prompts.
    pub fn scorer(&self, prepared: &Prepared, engine: &Engine, how: How) -> Scorer {
        Scorer {
            model: prepared.run.model.clone(),
            sampler: Sampler {
                temperature: how.temperature,
                seed: prepared.settings.seed,
                max_tokens: self.answer_tokens,
                stop_loops: true,
                ..Sampler::default()
            },
            gate: how.gate.map(Arc::new),
            mixture: how.mixture,
            ..Scorer::new(engine.clone())
        }
    }
}
