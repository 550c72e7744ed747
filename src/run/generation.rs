//! A model that generates, as a source of tokens.

use crossbeam_channel::Receiver;

use super::error::RunError;
use super::source::{End, Next, TokenSource, plain_token};
use rotescope_model::{
    CancelToken, Engine, FinishReason, GenerateRequest, GenerationEvent, GenerationOutcome,
    ModelError, TokenEvent,
};
use rotescope_trace::{Candidates, Timing, Token, Trace};

/// A completion at the moment that a model writes it. The model's own thread goes on with the next token while this one is looked at.
pub struct GeneratingModel<'a> {
    engine: &'a Engine,
    trace: Trace,
    events: Receiver<GenerationEvent>,
    /// Bytes of the tokens that it goes on from.
    kept: usize,
    cancel: CancelToken,
}

impl<'a> GeneratingModel<'a> {
    /// Starts the model. `known`: prompt, and tokens that the output begins with.
    pub fn new(
        engine: &'a Engine,
        known: Trace,
        request: GenerateRequest,
        cancel: CancelToken,
    ) -> GeneratingModel<'a> {
        GeneratingModel {
            engine,
            kept: known.tokens.iter().map(|t| t.raw().len()).sum(),
            trace: known,
            events: engine.generate(request, cancel.clone()),
            cancel,
        }
    }

    /// A generated token as a trace has it.
    fn token(&self, t: TokenEvent) -> Token {
        let show = |id: u32| String::from_utf8_lossy(&self.engine.token_bytes(id)).into_owned();
        Token {
            p: t.probability as f32,
            rank: t.rank,
            entropy: t.entropy as f32,
            refused: t.refused,
            candidates: Candidates {
                ids: t.candidates.iter().map(|c| c.id).collect(),
                text: t.candidates.iter().map(|c| show(c.id)).collect(),
                p: t.candidates.iter().map(|c| c.probability as f32).collect(),
                ..Candidates::default()
            },
            ..plain_token(t.id, t.bytes)
        }
    }

    fn end(&self, outcome: &GenerationOutcome) -> End {
        let generate = (outcome.decode_time + outcome.scoring_time).as_secs_f64();
        let per_second = outcome.generated as f64 / generate;
        End {
            finish: finish_name(&outcome.finish).into(),
            // With a stop string the tokens reach beyond the output.
            length: Some(self.kept + outcome.text_bytes),
            timing: Timing {
                prompt: outcome.prompt_time.as_secs_f64(),
                generate,
                tokens_per_second: if generate > 0.0 { per_second } else { 0.0 },
                ..Timing::default()
            },
        }
    }
}

impl TokenSource for GeneratingModel<'_> {
    fn start(&mut self) -> Trace {
        std::mem::take(&mut self.trace)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn next(&mut self) -> Result<Next, RunError> {
        // Without a last event, the model's thread is dead.
        Ok(
            match self.events.recv().map_err(|_| ModelError::WorkerGone)? {
                GenerationEvent::Prompt { done, total } => Next::Prompt { done, total },
                GenerationEvent::Token(token) => Next::Token(Box::new(self.token(token))),
                GenerationEvent::Finished(outcome) => Next::End(self.end(&outcome)),
                GenerationEvent::Failed(error) => return Err(error.into()),
            },
        )
    }
}

/// What [`finish_name`] calls a generation that was cancelled.
pub const CANCELLED: &str = "cancelled";

fn finish_name(f: &FinishReason) -> &'static str {
    match f {
        FinishReason::End => "end",
        FinishReason::Stop(_) => "stop",
        FinishReason::Loop(_) => "loop",
        FinishReason::MaxTokens => "length",
        FinishReason::ContextFull(_) => "context",
        FinishReason::Cancelled => CANCELLED,
    }
}
