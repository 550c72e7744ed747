//! Generation: prompt in, tokens out, each with the whole distribution it was chosen from.

use std::time::{Duration, Instant};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::LlamaStateSeqFlags;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use rotescope_text::{Repeats, Repetition};

use super::context::{decode_error, new_context};
use super::encoder::piece;
use super::error::ModelError;
use super::info::ModelInfo;
use super::load;
use super::options::ModelOptions;
use super::sample::{Sampler, Sampling};
use super::softmax::{Candidate, Softmax};
use super::stop::StopMatcher;
use super::threads::Threads;
use super::window::check_ids;

/// What to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateRequest {
    /// Token ids of the prompt, with the BOS token if the model wants one (`Engine::prompt_ids`).
    pub prompt: Vec<u32>,
    /// Tokens that the output begins with, whatever the model would choose; they are reported like generated ones.
    pub forced: Vec<u32>,
    /// Most tokens to generate, forced ones among them; `None` goes on until the model ends or the context is full.
    pub max_tokens: Option<usize>,
    pub sampling: Sampling,
    /// Strings that end the output where they begin.
    pub stop: Vec<String>,
    /// Whether to end where the output only repeats itself: see [`rotescope_text::Repetition`].
    pub stop_loops: bool,
    /// Most probable tokens reported at each position; the chosen token is added if it is not among them.
    pub candidates: usize,
}

impl GenerateRequest {
    /// Greedy, without stop strings or limit, 20 candidates.
    pub fn new(prompt: Vec<u32>) -> Self {
        Self {
            prompt,
            forced: Vec::new(),
            max_tokens: None,
            sampling: Sampling::default(),
            stop: Vec::new(),
            stop_loops: false,
            candidates: 20,
        }
    }
}

/// What happens during a generation. The last one is always `Finished` or `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum GenerationEvent {
    /// `done` of `total` prompt tokens are evaluated.
    Prompt {
        done: usize,
        total: usize,
    },
    Token(TokenEvent),
    Finished(GenerationOutcome),
    Failed(ModelError),
}

/// One generated token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenEvent {
    /// Place among the generated tokens, from 0.
    pub index: usize,
    pub id: u32,
    /// Its bytes in the output; possibly only a part of a character.
    pub bytes: Vec<u8>,
    /// Under the full softmax, before any sampling transform.
    pub probability: f64,
    /// Natural logarithm of `probability`, exact also where that underflows.
    pub log_probability: f64,
    /// Place by probability, ties by id; 1 is the most probable.
    pub rank: u32,
    /// Entropy of the distribution in bits.
    pub entropy: f64,
    /// The most probable tokens, best first, ties by id; then the chosen token if it is not among them.
    pub candidates: Vec<Candidate>,
}

/// Why a generation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum FinishReason {
    /// The model chose an end token; [`GenerationOutcome::ending`] has it.
    End,
    /// This stop string appeared.
    Stop(String),
    /// The output only repeats itself.
    Loop(Repetition),
    /// `max_tokens` were generated.
    MaxTokens,
    /// Prompt and output fill the context of this many tokens.
    ContextFull(usize),
    /// Cancelled, or nobody listens any more.
    Cancelled,
}

/// How a generation went.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerationOutcome {
    pub finish: FinishReason,
    /// The end token and its distribution. It is no part of the output.
    pub ending: Option<TokenEvent>,
    /// Length of the output in bytes. With a stop string the tokens reach beyond: the output ends where it begins,
    /// perhaps within a token.
    pub text_bytes: usize,
    pub prompt_tokens: usize,
    /// Tokens reported, without the end token.
    pub generated: usize,
    /// Time for the prompt, for llama.cpp's part of the output, and for our part: softmax, candidates and sampling.
    pub prompt_time: Duration,
    pub decode_time: Duration,
    pub scoring_time: Duration,
}

/// A whole generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    pub tokens: Vec<TokenEvent>,
    pub outcome: GenerationOutcome,
}

impl Generated {
    /// The output: the bytes of the tokens, up to a stop string.
    pub fn text(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.tokens.iter().flat_map(|t| &t.bytes).copied().collect();
        bytes.truncate(self.outcome.text_bytes);
        bytes
    }
}

/// The context of llama.cpp that generates: one sequence.
pub(super) struct Generator<'m> {
    model: &'m LlamaModel,
    options: &'m ModelOptions,
    info: &'m ModelInfo,
    ctx: LlamaContext<'m>,
    /// Of the context.
    threads: i32,
    batch: LlamaBatch<'static>,
    chunk: usize,
    /// Tokens of prompt and output together.
    limit: usize,
}

impl<'m> Generator<'m> {
    pub(super) fn new(
        model: &'m LlamaModel,
        options: &'m ModelOptions,
        info: &'m ModelInfo,
        threads: i32,
    ) -> Result<Self, ModelError> {
        if options.check_memory {
            let cache = load::cache_bytes(model, info.context.next_multiple_of(256) as u64);
            load::check_memory(&info.path, "the cache of its context", cache)?;
        }
        let asked = prompt_chunk(info.parameters).min(options.batch).max(1);
        let ctx = new_context(model, options, info, info.context as u32, 1, asked, threads)?;
        // A larger batch ends the process, so believe the context, not the request.
        let chunk = asked.min(ctx.n_batch() as usize);
        Ok(Self {
            model,
            options,
            info,
            ctx,
            threads,
            batch: LlamaBatch::new(chunk, 1),
            chunk,
            limit: info.context,
        })
    }

    /// Generates; `emit` gets the events before the last and says whether to go on.
    pub(super) fn run(
        &mut self,
        request: &GenerateRequest,
        threads: &mut Threads,
        stopped: &dyn Fn() -> bool,
        emit: &mut dyn FnMut(GenerationEvent) -> bool,
    ) -> Result<GenerationOutcome, ModelError> {
        let (info, prompt) = (self.info, &request.prompt);
        check(info, request)?;
        let mut stops = StopMatcher::new(&request.stop);
        let mut repeats = Repeats::default();
        let mut sampler = Sampler::new(request.sampling);
        let mut out = GenerationOutcome {
            finish: FinishReason::Cancelled,
            ending: None,
            text_bytes: 0,
            prompt_tokens: prompt.len(),
            generated: 0,
            prompt_time: Duration::ZERO,
            decode_time: Duration::ZERO,
            scoring_time: Duration::ZERO,
        };
        let begin = Instant::now();
        if !matches!(self.ctx.clear_kv_cache_seq(Some(0), None, None), Ok(true)) {
            self.ctx.clear_kv_cache();
        }
        let total = prompt.len();
        for start in (0..total).step_by(self.chunk) {
            if stopped() {
                return Ok(out);
            }
            let end = (start + self.chunk).min(total);
            self.follow(threads);
            self.decode(&prompt[start..end], start, end == total)?;
            if !emit(GenerationEvent::Prompt { done: end, total }) {
                return Ok(out);
            }
        }
        out.prompt_time = begin.elapsed();

        let most = request.max_tokens.unwrap_or(usize::MAX);
        loop {
            if stopped() {
                return Ok(out);
            }
            if out.generated >= most {
                out.finish = FinishReason::MaxTokens;
                return Ok(out);
            }
            let position = total + out.generated;
            if position >= self.limit {
                out.finish = FinishReason::ContextFull(self.limit);
                return Ok(out);
            }
            if out.generated > 0 {
                let begin = Instant::now();
                self.follow(threads);
                self.decode_pending(position - 1)?;
                out.decode_time += begin.elapsed();
            }
            let begin = Instant::now();
            let row = Softmax::new(self.ctx.get_logits_ith(-1))
                .ok_or(ModelError::NotFinite { position })?;
            let forced = request.forced.get(out.generated).copied();
            let id = forced.unwrap_or_else(|| sampler.choose(&row));
            let token = TokenEvent {
                index: out.generated,
                id,
                bytes: piece(self.model, id),
                probability: row.probability(id),
                log_probability: row.log_probability(id),
                rank: row.rank(id),
                entropy: row.entropy_bits(),
                candidates: row.top_with(request.candidates, id),
            };
            out.scoring_time += begin.elapsed();
            if forced.is_none() && info.end_tokens.binary_search(&id).is_ok() {
                out.finish = FinishReason::End;
                out.ending = Some(token);
                return Ok(out);
            }
            let found = stops.push(&token.bytes);
            out.generated += 1;
            out.text_bytes = stops.len();
            let repeated = repeats.push(id, &String::from_utf8_lossy(&token.bytes));
            self.batch.clear();
            self.batch
                .add(LlamaToken(id as i32), position as i32, &[0], true)
                .map_err(|e| decode_error(position, &e))?;
            if !emit(GenerationEvent::Token(token)) {
                return Ok(out);
            }
            if let Some(found) = found {
                out.text_bytes = found.at;
                out.finish = FinishReason::Stop(request.stop[found.which].clone());
                return Ok(out);
            }
            if let Some(found) = repeated.filter(|_| request.stop_loops) {
                out.finish = FinishReason::Loop(found);
                return Ok(out);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn threads(&self) -> i32 {
        self.threads
    }

    /// Takes as many threads as there are now. llama.cpp's bindings fix them with the context, so
    /// what it holds moves to a new one; where that fails, all stays as it is.
    fn follow(&mut self, threads: &mut Threads) {
        let count = threads.now();
        if count == self.threads {
            return;
        }
        if let Some(ctx) = self.moved(count) {
            (self.ctx, self.threads) = (ctx, count);
        } else {
            tracing::warn!(
                "no memory for another context: {} threads stay",
                self.threads
            );
            threads.stay();
        }
    }

    /// The context with another count of threads.
    fn moved(&self, threads: i32) -> Option<LlamaContext<'m>> {
        let (model, options, info) = (self.model, self.options, self.info);
        let tokens = info.context as u32;
        if options.check_memory {
            let cache = load::cache_bytes(model, u64::from(tokens.next_multiple_of(256)));
            load::check_memory(&info.path, "another context", 2 * cache).ok()?;
        }
        let held = self
            .ctx
            .state_seq_get(0, LlamaStateSeqFlags::empty())
            .ok()?;
        let mut ctx = new_context(model, options, info, tokens, 1, self.chunk, threads).ok()?;
        ctx.state_seq_set(&held, 0).ok()?;
        Some(ctx)
    }

    /// Evaluates tokens of the prompt; keeps the logits of the last if `read`.
    fn decode(&mut self, tokens: &[u32], start: usize, read: bool) -> Result<(), ModelError> {
        self.batch.clear();
        for (i, &token) in tokens.iter().enumerate() {
            let position = start + i;
            self.batch
                .add(
                    LlamaToken(token as i32),
                    position as i32,
                    &[0],
                    read && i + 1 == tokens.len(),
                )
                .map_err(|e| decode_error(position, &e))?;
        }
        self.decode_pending(start)
    }

    fn decode_pending(&mut self, position: usize) -> Result<(), ModelError> {
        self.ctx
            .decode(&mut self.batch)
            .map_err(|e| decode_error(position, &e))
    }
}

fn check(info: &ModelInfo, request: &GenerateRequest) -> Result<(), ModelError> {
    request.sampling.check()?;
    let tokens = request.prompt.len();
    if tokens == 0 {
        let what = "the prompt is empty, and the model has no token to begin with; write something";
        return Err(ModelError::BadRequest(what.to_owned()));
    }
    if tokens >= info.context {
        return Err(ModelError::PromptTooLong {
            tokens,
            limit: info.context,
            trained: info.context_train,
        });
    }
    check_ids(&request.prompt, info.vocabulary)?;
    check_ids(&request.forced, info.vocabulary)
}

/// Prompt tokens per call of llama.cpp, so that one call, which cannot be cancelled, takes about a second on a
/// small machine: fixed by the model's size, so that equal runs round equally.
fn prompt_chunk(parameters: u64) -> usize {
    let per_second = (1u64 << 36) / parameters.max(1);
    (per_second.clamp(32, 512) as usize).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_models_read_prompts_in_small_chunks() {
        assert_eq!(prompt_chunk(5_000_000), 512);
        assert_eq!(prompt_chunk(500_000_000), 256);
        assert_eq!(prompt_chunk(8_000_000_000), 32);
        assert_eq!(prompt_chunk(0), 512);
    }
}
