//! Completions, several at a time: each step reads a part of one prompt, or evaluates the last token of every completion in one batch, which takes
//! little longer than for one alone, since the weights are read from memory once.
//!
//! Completions come and go on their own: when one ends, the next that waits takes its place. Nothing of one decides anything of another; only
//! rounding can differ, where llama.cpp multiplies matrices of other shapes. Prompts are read as they are alone, in parts of equal size; parts with which
//! an earlier prompt began too are taken from the cache, to the bit as if they were read again.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::Sender;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::LlamaStateSeqFlags;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::cancel::CancelToken;
use super::context::{Shape, decode_error, new_context};
use super::error::ModelError;
use super::generate::{GenerateRequest, GenerationEvent, check};
use super::info::ModelInfo;
use super::load;
use super::options::ModelOptions;
use super::sequence::Sequence;
use super::threads::Threads;
use super::weights::Weights;

/// Completions at a time, whatever is asked for: llama.cpp takes no more than 256 sequences, and small machines gain nothing beyond some ten.
const MOST: usize = 64;

/// A completion that is asked for.
pub(super) struct Job {
    pub(super) request: GenerateRequest,
    pub(super) cancel: CancelToken,
    /// Nobody listening is as good as cancelled.
    pub(super) events: Sender<GenerationEvent>,
}

impl Job {
    /// Whether its mixture looks at hidden states.
    pub(super) fn reads_hidden(&self) -> bool {
        let mixture = self.request.mixture.as_ref();
        mixture.is_some_and(|m| m.0.reads_hidden())
    }
}

/// A completion at work.
struct Slot {
    sequence: Sequence,
    cancel: CancelToken,
    events: Sender<GenerationEvent>,
}

impl Slot {
    fn new(job: Job) -> Self {
        Self {
            sequence: Sequence::new(job.request),
            cancel: job.cancel,
            events: job.events,
        }
    }
}

/// The context of llama.cpp that generates.
pub(super) struct Generator<'m> {
    model: &'m Weights,
    options: &'m ModelOptions,
    info: &'m ModelInfo,
    ctx: LlamaContext<'m>,
    /// Of the context.
    threads: i32,
    hidden: bool,
    batch: LlamaBatch<'static>,
    /// Tokens of a prompt that are read at a time.
    chunk: usize,
    /// Beginnings of prompts, in whole chunks, that the cache holds in each of its sequences; whether the completion behind them still grows or not.
    held: Vec<Vec<u32>>,
    /// Each has the sequence of the cache with its own number. llama.cpp evaluates together only sequences whose numbers follow each other, so there
    /// are no gaps.
    slots: Vec<Slot>,
    /// Completions at a time, at most.
    most: usize,
    waiting: VecDeque<Job>,
}

impl<'m> Generator<'m> {
    pub(super) fn new(
        model: &'m Weights,
        options: &'m ModelOptions,
        info: &'m ModelInfo,
        (threads, hidden): (i32, bool),
    ) -> Result<Self, ModelError> {
        let mut most = options.sequences.clamp(1, MOST);
        let cache = |sequences| load::cache_bytes(model, u64::from(Shape::cells(info, sequences)));
        while options.exact && most > 1 && cache(most) > info.bytes.max(512 << 20) {
            most /= 2;
        }
        if options.check_memory {
            let fits = |sequences: usize| {
                load::check_memory(&info.path, "the cache of its context", cache(sequences))
            };
            while most > 1 && fits(most).is_err() {
                most /= 2;
                tracing::info!("memory is enough for {most} completions at a time");
            }
            fits(most)?;
        }
        let asked = prompt_chunk(info.parameters).min(options.batch).max(1);
        let shape = Shape::of(info, most, asked.max(most), (threads, hidden));
        let ctx = new_context(model, options, info, shape)?;
        // A larger batch ends the process, so believe the context, not the request.
        let batch = asked.max(most).min(ctx.n_batch() as usize);
        let mut generator = Self {
            model,
            options,
            info,
            ctx,
            threads,
            hidden,
            batch: LlamaBatch::new(batch, 1),
            chunk: asked.min(batch),
            held: vec![Vec::new(); most],
            slots: Vec::new(),
            most: most.min(batch),
            waiting: VecDeque::new(),
        };
        if options.exact && most > 1 && !generator.is_exact()? {
            tracing::info!("one completion at a time: this model's numbers depend on the batch");
            generator.most = 1;
        }
        Ok(generator)
    }

    /// Whether tokens get the same logits, to the bit, in a batch as alone. They do not where llama.cpp keeps weights in an order of its own, for which it
    /// has one way to multiply by one row and another for several.
    fn is_exact(&mut self) -> Result<bool, ModelError> {
        // Of rows that are multiplied by fours, those that remain may be multiplied one by one: the first and the last see both ways.
        let last = self.most - 1;
        let [first, other] = self.probe(0..self.most)?;
        Ok(first == self.probe(0..1)?[0] && other == self.probe(last..self.most)?[0])
    }

    /// The logits behind the second tokens of the first and the last of some sequences, which are evaluated together.
    fn probe(&mut self, sequences: Range<usize>) -> Result<[Vec<u32>; 2], ModelError> {
        self.ctx.clear_kv_cache();
        let vocabulary = self.info.vocabulary.max(1);
        for at in 0..2 {
            self.batch.clear();
            for i in sequences.clone() {
                let token = LlamaToken(((i * 97 + at * 31 + 5) % vocabulary) as i32);
                self.batch
                    .add(token, at as i32, &[i as i32], true)
                    .map_err(|e| decode_error(at, &e))?;
            }
            self.ctx
                .decode(&mut self.batch)
                .map_err(|e| decode_error(at, &e))?;
        }
        let row = |i| {
            let row = self.ctx.get_logits_ith(i).iter();
            row.map(|x| x.to_bits()).collect()
        };
        Ok([row(0), row(-1)])
    }

    /// Whether it gives hidden states to mixtures.
    pub(super) fn hidden(&self) -> bool {
        self.hidden
    }

    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes on a completion, which begins as soon as there is room.
    pub(super) fn take(&mut self, job: Job) {
        if self.slots.len() >= self.most {
            self.waiting.push_back(job);
        } else if let Err(error) = self.check(&job) {
            let _ = job.events.send(GenerationEvent::Failed(error));
        } else {
            self.slots.push(Slot::new(job));
        }
    }

    /// Whether a completion can be served.
    fn check(&self, job: &Job) -> Result<(), ModelError> {
        if job.reads_hidden() && !self.hidden {
            let what = "hidden states are wanted while completions without them are at work; ask again when these have ended";
            return Err(ModelError::BadRequest(what.into()));
        }
        check(self.info, &job.request)
    }

    /// Goes on by one step. When `closing` is set, all that is at work or waits is cancelled.
    pub(super) fn step(&mut self, threads: &mut Threads, closing: &AtomicBool) {
        let closing = closing.load(Ordering::Acquire);
        let stopped = |s: &Slot| closing || s.cancel.is_cancelled();
        while let Some(i) = self.slots.iter().rposition(stopped) {
            self.end(i, None);
        }
        if self.slots.is_empty() {
            return;
        }
        self.follow(threads);
        let unread = |s: &Slot| s.sequence.pending.is_none();
        match self.slots.iter().position(unread) {
            Some(i) => self.read(i),
            None => self.write(),
        }
    }

    /// Reads the next part of a prompt, alone: so it rounds as it always does.
    fn read(&mut self, i: usize) {
        let begin = Instant::now();
        if self.slots[i].sequence.read() == 0
            && let Err(error) = self.begin(i)
        {
            return self.end(i, Some(error));
        }
        let sequence = &mut self.slots[i].sequence;
        let Some((start, tokens)) = sequence.unread(self.chunk) else {
            return self.end(i, None); // begun only with a prompt
        };
        let (count, total) = (tokens.len(), sequence.out.prompt_tokens);
        self.batch.clear();
        let mut added = Ok(());
        for (at, &token) in (start..).zip(tokens) {
            let wanted = self.hidden || at + 1 == total;
            let token = LlamaToken(token as i32);
            added = added.and(self.batch.add(token, at as i32, &[i as i32], wanted));
        }
        if let Err(e) = added {
            return self.end(i, Some(decode_error(start, &e)));
        }
        if let Err(e) = self.ctx.decode(&mut self.batch) {
            return self.end(i, Some(decode_error(start, &e)));
        }
        if count == self.chunk {
            self.held[i].extend(tokens);
        }
        let all = sequence.has_read(count);
        let slot = &mut self.slots[i];
        slot.sequence.out.prompt_time += begin.elapsed();
        let done = slot.sequence.read();
        let heard = slot.events.send(GenerationEvent::Prompt { done, total });
        if heard.is_err() {
            self.end(i, None);
        } else if all {
            self.choose(i, -1);
        }
    }

    /// Makes room for a prompt in its sequence of the cache, where the longest beginning that any sequence holds of it stays or is copied to. The last
    /// token is always left to read, for the logits behind it.
    fn begin(&mut self, i: usize) -> Result<(), ModelError> {
        let prompt = self.slots[i].sequence.prompt();
        let most = prompt.len().saturating_sub(1);
        let common = |held: &Vec<u32>| {
            let equal = held.iter().zip(&prompt[..most]).take_while(|(a, b)| a == b);
            equal.count() / self.chunk * self.chunk
        };
        let each = self.held.iter().map(common).enumerate();
        let (from, count) = each
            .max_by_key(|&(j, count)| (count, j == i))
            .unwrap_or((i, 0));
        if count > 0 && self.copy(from, i, count).is_ok() {
            let _all = self.slots[i].sequence.has_read(count);
            return Ok(());
        }
        if self.clear(i).is_err() {
            if self.slots.len() > 1 {
                return Err(decode_error(0, &"its place in the cache cannot be emptied"));
            }
            self.held.fill(Vec::new());
            self.ctx.clear_kv_cache();
        }
        Ok(())
    }

    /// Leaves nothing in a sequence of the cache but the first tokens of another one, or of itself.
    ///
    /// # Errors
    /// The cache no longer has them all (layers that look back over a window forget), or cannot give up what is behind them (recurrent models).
    fn copy(&mut self, from: usize, to: usize, count: usize) -> Result<(), ModelError> {
        let refused = |_| decode_error(count, &"the cache cannot be cut");
        if self.ctx.kv_cache_seq_pos_min(from as i32) != 0 {
            return Err(refused(()));
        }
        if from != to {
            self.rename(from, to)?;
        }
        let cut = self
            .ctx
            .clear_kv_cache_seq(Some(to as u32), Some(count as u32), None);
        if !matches!(cut, Ok(true)) {
            return Err(refused(()));
        }
        self.held[to].truncate(count);
        Ok(())
    }

    /// Evaluates the last token of each completion, and chooses the next ones.
    fn write(&mut self) {
        let begin = Instant::now();
        let count = self.slots.len();
        if self.evaluate(0..count).is_ok() {
            let share = begin.elapsed() / count as u32;
            for slot in &mut self.slots {
                slot.sequence.out.decode_time += share;
            }
            // From the end: who ends gives its place to the last.
            for i in (0..count).rev() {
                self.choose(i, i as i32);
            }
            return;
        }
        // Who is to blame shows when each is alone.
        for i in (0..count).rev() {
            let begin = Instant::now();
            match self.evaluate(i..i + 1) {
                Ok(()) => {
                    self.slots[i].sequence.out.decode_time += begin.elapsed();
                    self.choose(i, -1);
                }
                Err(error) => self.end(i, Some(error)),
            }
        }
    }

    /// Evaluates the last tokens of some completions.
    fn evaluate(&mut self, slots: Range<usize>) -> Result<(), ModelError> {
        self.batch.clear();
        let first = self.slots[slots.start].sequence.position();
        for i in slots {
            let sequence = &self.slots[i].sequence;
            let position = sequence.position();
            let Some(id) = sequence.pending else { continue };
            self.batch
                .add(LlamaToken(id as i32), position as i32, &[i as i32], true)
                .map_err(|e| decode_error(position, &e))?;
        }
        self.ctx
            .decode(&mut self.batch)
            .map_err(|e| decode_error(first, &e))
    }

    /// Chooses the next token of a completion by a row of the batch that was evaluated last; -1 is its last one.
    fn choose(&mut self, i: usize, row: i32) {
        let slot = &mut self.slots[i];
        if self.hidden {
            match self.ctx.embeddings_ith(row) {
                Ok(hidden) => slot.sequence.see(hidden),
                Err(error) => return self.end(i, Some(decode_error(0, &error))),
            }
        }
        let logits = self.ctx.get_logits_ith(row);
        let chosen = match slot.sequence.choose(self.model, self.info, logits) {
            Ok(chosen) => chosen,
            Err(error) => return self.end(i, Some(error)),
        };
        let told = chosen.token.map(GenerationEvent::Token);
        let heard = told.is_none_or(|event| slot.events.send(event).is_ok());
        if chosen.ended || !heard {
            self.end(i, None);
        }
    }

    /// Ends a completion: it failed, or is done, or was stopped before it was. The next that waits takes its place, or else the last one.
    fn end(&mut self, i: usize, error: Option<ModelError>) {
        let last = self.slots.len() - 1;
        let ended = self.slots.swap_remove(i);
        if error.is_some() {
            self.held[i].clear(); // who knows what is there
        }
        let _ = ended.events.send(match error {
            Some(error) => GenerationEvent::Failed(error),
            None => GenerationEvent::Finished(ended.sequence.out),
        });
        while let Some(job) = self.waiting.pop_front() {
            match self.check(&job) {
                Ok(()) => {
                    self.slots.push(Slot::new(job));
                    self.slots.swap(i, last);
                    return;
                }
                Err(error) => _ = job.events.send(GenerationEvent::Failed(error)),
            }
        }
        if i < last
            && self.slots[i].sequence.read() > 0
            && let Err(error) = self.rename(last, i)
        {
            self.end(i, Some(error));
        }
    }

    /// Copies what the cache holds of one sequence to another.
    fn rename(&mut self, from: usize, to: usize) -> Result<(), ModelError> {
        self.clear(to)?;
        let state = self
            .ctx
            .state_seq_get(from as i32, LlamaStateSeqFlags::empty())
            .map_err(|e| decode_error(0, &e))?;
        self.ctx
            .state_seq_set(&state, to as i32)
            .map_err(|e| decode_error(0, &e))?;
        self.held[to] = self.held[from].clone();
        Ok(())
    }

    /// Empties a sequence of the cache.
    fn clear(&mut self, sequence: usize) -> Result<(), ModelError> {
        self.held[sequence].clear();
        match self
            .ctx
            .clear_kv_cache_seq(Some(sequence as u32), None, None)
        {
            Ok(true) => Ok(()),
            _ => Err(decode_error(0, &"its place in the cache cannot be emptied")),
        }
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
            for (i, held) in self.held.iter_mut().enumerate() {
                if self.slots.get(i).is_none_or(|s| s.sequence.read() == 0) {
                    held.clear();
                }
            }
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
        if options.check_memory {
            let cache = load::cache_bytes(model, u64::from(Shape::cells(info, self.most)));
            load::check_memory(&info.path, "another context", 2 * cache).ok()?;
        }
        let batch = self.chunk.max(self.most);
        let shape = Shape::of(info, self.most, batch, (threads, self.hidden));
        let mut ctx = new_context(model, options, info, shape).ok()?;
        for (i, slot) in (0..).zip(&self.slots) {
            if slot.sequence.read() > 0 {
                let held = self.ctx.state_seq_get(i, LlamaStateSeqFlags::empty());
                ctx.state_seq_set(&held.ok()?, i).ok()?;
            }
        }
        Some(ctx)
    }

    #[cfg(test)]
    pub(super) fn threads(&self) -> i32 {
        self.threads
    }
}

/// Prompt tokens per call of llama.cpp: no more, so that prompts that begin alike share whole calls, and so few that one call, which cannot be cancelled,
/// takes about a second on a small machine. Fixed by the model's size, so that equal runs round equally.
fn prompt_chunk(parameters: u64) -> usize {
    let per_second = (1u64 << 36) / parameters.max(1);
    (per_second.clamp(32, 64) as usize).next_power_of_two()
}

#[cfg(test)]
mod tests;
