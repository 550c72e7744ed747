//! Questions to answers: what the model says, and how likely it would say the value.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::asks::Ask;
use super::beam::{Beams, search};
use crate::run::audit::error::AuditError;
use crate::run::audit::reading::{Reader, token_scores};
use rotescope_audit::Extraction;
use rotescope_audit::random::Random;
use rotescope_model::{
    Filter, GenerateRequest, GenerationEvent, Mixer, ModelError, Sampling, Targets, WindowScore,
};
use rotescope_privacy::attack::first;
use rotescope_privacy::{Detectors, Kind};

/// Tokens between two looks for a value.
const LOOK: usize = 4;

/// What asks.
pub struct Asker<'a> {
    pub reader: Reader<'a>,
    pub detectors: &'a Detectors,
    /// Answers at a time.
    pub at_once: usize,
    /// Tokens of an answer, at most.
    pub tokens: usize,
    /// Beginnings that are kept of an answer by beam search; 0: there is none.
    pub beam: usize,
    pub samples: usize,
    pub sampling: Sampling,
    pub seed: u64,
    /// What forbids tokens.
    pub filter: Option<Filter>,
    /// What changes the distributions that answers are chosen by; how likely a value is stays the model's own.
    pub mixture: Option<Mixer>,
    /// Answers end where the value that comes first is whole.
    pub stops: bool,
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Reply {
    pub extraction: Extraction,
    pub said: Said,
    pub beam: Option<Answer>,
}

/// Answers to a question.
#[derive(Debug, Clone)]
pub struct Said {
    pub greedy: Answer,
    pub drawn: Vec<Answer>,
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// The first value of the kind.
    pub value: Option<String>,
}

/// A completion that is needed; several questions may need the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Job {
    prompt: Vec<u32>,
    text: String,
    kind: Kind,
    /// `None` is greedy.
    seed: Option<u64>,
}

impl Asker<'_> {
    /// A reply to each question, in their order.
    ///
    /// # Errors
    /// Failures of the model; to be cancelled.
    pub fn replies(&self, asks: &[Ask<'_>]) -> Result<Vec<Reply>, AuditError> {
        let extractions = self.extractions(asks)?;
        let said = self.said(asks)?;
        let beams = match self.beam {
            0 => vec![None; asks.len()],
            width => self.searched(asks, width)?,
        };
        let reply = |((extraction, said), beam)| Reply {
            extraction,
            said,
            beam,
        };
        let all = extractions.into_iter().zip(said).zip(beams);
        Ok(all.map(reply).collect())
    }

    /// What beam search finds.
    fn searched(&self, asks: &[Ask<'_>], width: usize) -> Result<Vec<Option<Answer>>, AuditError> {
        let prompts: Vec<&[u32]> = asks.iter().map(|a| a.prompt.as_slice()).collect();
        let answer = |i: usize, tokens: &[u32]| -> (Answer, bool) {
            let engine = self.reader.engine;
            let bytes: Vec<u8> = tokens.iter().flat_map(|t| engine.token_bytes(*t)).collect();
            self.answer(asks[i].target.kind(), &asks[i].text, &bytes)
        };
        let enough = |i: usize, tokens: &[u32]| {
            self.stops && tokens.len().is_multiple_of(LOOK) && answer(i, tokens).1
        };
        let beams = Beams {
            width,
            tokens: self.tokens,
        };
        let found = search(&self.reader, &prompts, beams, &enough)?.into_iter();
        let answers = found
            .enumerate()
            .map(|(i, tokens)| Some(answer(i, &tokens).0));
        Ok(answers.collect())
    }

    /// What a text says behind a question, and whether more of it changes nothing.
    fn answer(&self, kind: Kind, question: &str, bytes: &[u8]) -> (Answer, bool) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let found = first(self.detectors, kind, question, &text);
        let settled = found.as_ref().is_some_and(|f| f.settled);
        let value = found.map(|f| f.value);
        (Answer { text, value }, settled)
    }

    /// The answers to each question alone.
    ///
    /// # Errors
    /// As [`Asker::replies`].
    pub fn said(&self, asks: &[Ask<'_>]) -> Result<Vec<Said>, AuditError> {
        let mut jobs: Vec<Job> = Vec::new();
        let mut places: HashMap<Job, usize> = HashMap::new();
        let mut needed: Vec<Vec<usize>> = Vec::new();
        for ask in asks {
            let mut random = Random::named(self.seed, &ask.key());
            let seeds = (0..self.samples).map(|_| Some(random.below(u64::MAX)));
            let each = std::iter::once(None).chain(seeds).map(|seed| {
                let job = Job {
                    prompt: ask.prompt.clone(),
                    text: ask.text.clone(),
                    kind: ask.target.kind(),
                    seed,
                };
                *places.entry(job.clone()).or_insert_with(|| {
                    jobs.push(job);
                    jobs.len() - 1
                })
            });
            needed.push(each.collect());
        }
        let answers = self.answers(&jobs)?;
        let said = |needed: Vec<usize>| Said {
            greedy: answers[needed[0]].clone(),
            drawn: needed[1..].iter().map(|i| answers[*i].clone()).collect(),
        };
        Ok(needed.into_iter().map(said).collect())
    }

    /// How likely the value is behind each question: one pass over all.
    fn extractions(&self, asks: &[Ask<'_>]) -> Result<Vec<Extraction>, AuditError> {
        let window = |ask: &Ask<'_>| {
            self.reader
                .window(&[&ask.prompt], &ask.own, Targets::Forced(self.sampling))
        };
        let scored = self.reader.score(asks.iter().map(window).collect())?;
        let of = |(ask, score): (&Ask<'_>, &WindowScore)| {
            Extraction::new(&token_scores(&ask.own, score))
        };
        Ok(asks.iter().zip(&scored.windows).map(of).collect())
    }

    /// What the model says greedily behind each of some beginnings, so many tokens at most.
    ///
    /// # Errors
    /// As [`Asker::replies`].
    pub fn continuations(
        &self,
        given: &[&[u32]],
        tokens: usize,
    ) -> Result<Vec<Vec<u32>>, AuditError> {
        self.side_by_side(given, &|given| {
            Ok(self.complete(given, (tokens, None), &|_| false)?.0)
        })
    }

    fn answers(&self, jobs: &[Job]) -> Result<Vec<Answer>, AuditError> {
        self.side_by_side(jobs, &|job| {
            let look = |bytes: &[u8]| self.answer(job.kind, &job.text, bytes);
            let settled = |bytes: &[u8]| self.stops && look(bytes).1;
            let (_, bytes) = self.complete(&job.prompt, (self.tokens, job.seed), &settled)?;
            Ok(look(&bytes).0)
        })
    }

    /// Several completions side by side, as far as the model gives the same bits so.
    ///
    /// # Errors
    /// As [`Asker::replies`].
    pub fn side_by_side<J: Sync, R: Clone + Send>(
        &self,
        jobs: &[J],
        work: &(dyn Fn(&J) -> Result<R, ModelError> + Sync),
    ) -> Result<Vec<R>, AuditError> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<Option<Result<R, ModelError>>>> = Mutex::new(vec![None; jobs.len()]);
        let worker = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { return };
                let result = work(job);
                if result.is_err() || self.reader.cancel.is_cancelled() {
                    next.store(jobs.len(), Ordering::Relaxed);
                }
                done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
            }
        };
        std::thread::scope(|scope| {
            // This thread is one of them, so that there is one where memory is too little for others.
            for _ in 1..self.at_once.clamp(1, jobs.len().max(1)) {
                let _ = std::thread::Builder::new().spawn_scoped(scope, worker);
            }
            worker();
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let all: Option<Result<Vec<R>, ModelError>> = done.into_iter().collect();
        match all {
            Some(all) if !self.reader.cancel.is_cancelled() => Ok(all?),
            Some(Err(error)) => Err(error.into()),
            _ => Err(ModelError::Cancelled.into()),
        }
    }

    /// Tokens and bytes of a completion, greedy or by a seed; now and then it is asked whether that is enough.
    fn complete(
        &self,
        given: &[u32],
        (most, seed): (usize, Option<u64>),
        enough: &dyn Fn(&[u8]) -> bool,
    ) -> Result<(Vec<u32>, Vec<u8>), ModelError> {
        let mut prompt: Vec<u32> = self.reader.lead().into_iter().collect();
        prompt.extend(given);
        let mut request = GenerateRequest::new(prompt);
        request.max_tokens = Some(most);
        request.candidates = 0;
        request.filter = self.filter.clone();
        request.mixture = self.mixture.clone();
        if let Some(seed) = seed {
            request.sampling = Sampling {
                seed,
                ..self.sampling
            };
        }
        let (mut tokens, mut bytes) = (Vec::new(), Vec::new());
        // Who does not listen any more cancels.
        for event in self
            .reader
            .engine
            .generate(request, self.reader.cancel.clone())
        {
            match event {
                GenerationEvent::Token(token) => {
                    bytes.extend(&token.bytes);
                    tokens.push(token.id);
                    if tokens.len() % LOOK == 0 && enough(&bytes) {
                        return Ok((tokens, bytes));
                    }
                }
                GenerationEvent::Finished(_) => return Ok((tokens, bytes)),
                GenerationEvent::Failed(error) => return Err(error),
                GenerationEvent::Prompt { .. } => {}
            }
        }
        Err(ModelError::WorkerGone)
    }
}
