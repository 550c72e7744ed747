//! One completion as it grows: what is chosen, and where it ends.

use std::time::{Duration, Instant};

use rotescope_text::Repeats;

use super::encoder::piece;
use super::error::ModelError;
use super::filter::Follow;
use super::generate::{FinishReason, GenerateRequest, GenerationOutcome, TokenEvent};
use super::info::ModelInfo;
use super::mixture::Mixing;
use super::sample::Sampler;
use super::softmax::Softmax;
use super::stop::StopMatcher;
use llama_cpp_2::model::LlamaModel;

/// A completion, with the state of all that depends on what was chosen before: no other completion has a part in it.
pub(super) struct Sequence {
    request: GenerateRequest,
    sampler: Sampler,
    filter: Option<Box<dyn Follow>>,
    mixing: Option<Box<dyn Mixing>>,
    stops: StopMatcher,
    repeats: Repeats<u32>,
    /// Tokens of the prompt that are evaluated.
    read: usize,
    /// The last token chosen, which is to be evaluated next.
    pub(super) pending: Option<u32>,
    pub(super) out: GenerationOutcome,
}

/// What came of a row of logits.
pub(super) struct Chosen {
    /// `None` where there was nothing left to choose.
    pub(super) token: Option<TokenEvent>,
    pub(super) ended: bool,
}

impl Sequence {
    pub(super) fn new(request: GenerateRequest) -> Self {
        Self {
            sampler: Sampler::new(request.sampling),
            filter: request
                .filter
                .as_ref()
                .map(|f| f.0.clone().follow(&request.prompt)),
            mixing: request
                .mixture
                .as_ref()
                .map(|m| m.0.clone().follow(&request.prompt)),
            stops: StopMatcher::new(&request.stop),
            repeats: Repeats::default(),
            read: 0,
            pending: None,
            out: GenerationOutcome {
                finish: FinishReason::Cancelled,
                ending: None,
                text_bytes: 0,
                prompt_tokens: request.prompt.len(),
                generated: 0,
                prompt_time: Duration::ZERO,
                decode_time: Duration::ZERO,
                scoring_time: Duration::ZERO,
            },
            request,
        }
    }

    /// The next tokens of the prompt, `chunk` at most, and the place of the first; `None` when all are evaluated.
    pub(super) fn unread(&self, chunk: usize) -> Option<(usize, &[u32])> {
        let left = &self.request.prompt[self.read..];
        let next = &left[..left.len().min(chunk)];
        (!next.is_empty()).then_some((self.read, next))
    }

    /// Takes note that so many tokens of the prompt are evaluated, and says whether that was all of it.
    pub(super) fn has_read(&mut self, tokens: usize) -> bool {
        self.read += tokens;
        self.read == self.request.prompt.len()
    }

    pub(super) fn prompt(&self) -> &[u32] {
        &self.request.prompt
    }

    /// Tokens of the prompt evaluated.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// Where the pending token stands.
    pub(super) fn position(&self) -> usize {
        self.request.prompt.len() + self.out.generated - 1
    }

    /// The hidden state behind all that came before.
    pub(super) fn see(&mut self, hidden: &[f32]) {
        if let Some(mixing) = &mut self.mixing {
            mixing.see(hidden);
        }
    }

    /// Chooses the next token by the logits behind all that came before.
    ///
    /// # Errors
    /// Logits that are no numbers; a mixture that fails.
    pub(super) fn choose(
        &mut self,
        model: &LlamaModel,
        info: &ModelInfo,
        logits: &[f32],
    ) -> Result<Chosen, ModelError> {
        self.pending = None;
        if let Some(full) = self.is_full(info) {
            self.out.finish = full;
            return Ok(Chosen {
                token: None,
                ended: true,
            });
        }
        let begin = Instant::now();
        let (request, out) = (&self.request, &mut self.out);
        let position = request.prompt.len() + out.generated;
        let own = Softmax::new(logits).ok_or(ModelError::NotFinite { position })?;
        let mixing = self.mixing.as_mut();
        let mixed = mixing.map(|m| m.mixed(&own)).transpose();
        let mixed = mixed.map_err(ModelError::Mixture)?.flatten();
        let row = match &mixed {
            Some(logits) => Softmax::new(logits).ok_or(ModelError::NotFinite { position })?,
            None => own,
        };
        let forced = request.forced.get(out.generated).copied();
        let filter = self.filter.as_deref();
        let is_end = |id| info.end_tokens.binary_search(&id).is_ok();
        let refuses = |id| filter.is_some_and(|f| !is_end(id) && f.refuses(id));
        let (id, refused) = match forced {
            Some(id) => (id, 0),
            None => self
                .sampler
                .choose(&row, &refuses)
                .ok_or(ModelError::AllForbidden { position })?,
        };
        let mut candidates = row.top_with(request.candidates, id);
        candidates.retain(|c| c.id == id || !refuses(c.id));
        let token = TokenEvent {
            index: out.generated,
            id,
            bytes: piece(model, id),
            probability: row.probability(id),
            log_probability: row.log_probability(id),
            rank: row.rank(id),
            entropy: row.entropy_bits(),
            candidates,
            refused,
        };
        if let Some(filter) = &mut self.filter {
            filter.take(id);
        }
        if let Some(mixing) = &mut self.mixing {
            mixing.take(id);
        }
        out.scoring_time += begin.elapsed();
        if forced.is_none() && is_end(id) {
            out.finish = FinishReason::End;
            out.ending = Some(token);
            return Ok(Chosen {
                token: None,
                ended: true,
            });
        }
        let found = self.stops.push(&token.bytes);
        let text = String::from_utf8_lossy(&token.bytes);
        let repeated = self.repeats.push(id, &text);
        let repeated = repeated.filter(|_| request.stop_loops);
        out.generated += 1;
        out.text_bytes = self.stops.len();
        self.pending = Some(id);
        let finish = if let Some(found) = found {
            out.text_bytes = found.at;
            Some(FinishReason::Stop(request.stop[found.which].clone()))
        } else if let Some(found) = repeated {
            Some(FinishReason::Loop(found))
        } else {
            self.is_full(info)
        };
        let ended = finish.is_some();
        if let Some(finish) = finish {
            self.out.finish = finish;
        }
        Ok(Chosen {
            token: Some(token),
            ended,
        })
    }

    /// Why no further token can be taken.
    fn is_full(&self, info: &ModelInfo) -> Option<FinishReason> {
        if self.out.generated >= self.request.max_tokens.unwrap_or(usize::MAX) {
            return Some(FinishReason::MaxTokens);
        }
        let full = self.request.prompt.len() + self.out.generated >= info.context;
        full.then_some(FinishReason::ContextFull(info.context))
    }
}
