//! What a protection costs: the same tokens with it and without it, in turns.

use std::time::Instant;

use super::held::Held;
use crate::run::error::RunError;
use crate::run::source::{End, Next, TokenSource, plain_token};
use rotescope_model::{CancelToken, Engine, Filter, GenerateRequest, Mixer};
use rotescope_privacy::Detectors;
use rotescope_trace::Trace;

/// Completions of a turn, and their tokens at most.
const COMPLETIONS: usize = 4;
const TOKENS: usize = 128;

/// A protection whose cost is to be known.
pub struct Cost<'a> {
    pub engine: &'a Engine,
    pub filter: Option<Filter>,
    pub mixture: Option<Mixer>,
    /// Lines are held back for what these see.
    pub detectors: Option<&'a Detectors>,
    pub turns: usize,
    pub cancel: &'a CancelToken,
}

/// What came of it, in tokens a second: medians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub with: f64,
    pub without: f64,
    /// How many times as long a token takes: the median over turns, each of them with and without.
    pub times: f64,
    pub turns: usize,
    /// Of a turn.
    pub tokens: usize,
}

impl Cost<'_> {
    /// Generates the same completions with the protection and without, which of them first in turns. `None` where the model has nothing to say.
    ///
    /// # Errors
    /// Those of the model; to be cancelled.
    pub fn measure(&self) -> Result<Option<Measured>, RunError> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let mut tokens = 0;
        for turn in 0..=self.turns {
            if self.cancel.is_cancelled() {
                return Err(RunError::Cancelled);
            }
            let mut rates = [0.0; 2];
            for side in [turn % 2, (turn + 1) % 2] {
                let (made, rate) = self.generate(turn, side == 1)?;
                tokens = made.max(tokens);
                rates[side] = rate;
            }
            // The first turn warms up.
            if turn > 0 {
                without.push(rates[0]);
                with.push(rates[1]);
            }
        }
        let mut times: Vec<f64> = without.iter().zip(&with).map(|(o, w)| o / w).collect();
        Ok((tokens > 0).then(|| Measured {
            times: median(&mut times),
            with: median(&mut with),
            without: median(&mut without),
            turns: self.turns,
            tokens,
        }))
    }

    /// Tokens, and tokens a second without the time for prompts. Completions are greedy, which takes the least time beside a protection, and begin with tokens of
    /// all kinds, so that they differ.
    fn generate(&self, turn: usize, protected: bool) -> Result<(usize, f64), RunError> {
        let (mut tokens, mut seconds) = (0, 0.0);
        for begin in 0..COMPLETIONS {
            let first = (turn * COMPLETIONS + begin) * 37 % self.engine.info().vocabulary.max(1);
            let request = GenerateRequest {
                forced: vec![first as u32],
                max_tokens: Some(TOKENS),
                filter: self.filter.clone().filter(|_| protected),
                mixture: self.mixture.clone().filter(|_| protected),
                ..GenerateRequest::new(self.engine.prompt_ids("The"))
            };
            let made = self
                .engine
                .generate_all(request, self.cancel.clone(), |_| ())?;
            tokens += made.tokens.len();
            seconds += (made.outcome.decode_time + made.outcome.scoring_time).as_secs_f64();
            if let Some(detectors) = self.detectors.filter(|_| protected) {
                let said = made.tokens.into_iter().map(|t| (t.id, t.bytes)).collect();
                seconds += self.hold(detectors, said)?;
            }
        }
        Ok((tokens, tokens as f64 / seconds.max(1e-9)))
    }

    /// Seconds that it takes to hold back what was said.
    fn hold(&self, detectors: &Detectors, said: Vec<(u32, Vec<u8>)>) -> Result<f64, RunError> {
        let spell = |text: &str| Some(self.engine.tokenize(text, false, false));
        let bytes = |id| self.engine.token_bytes(id);
        let begin = Instant::now();
        let mut held = Held::new(Made(said.into_iter()), detectors, &spell, &bytes);
        held.start();
        while !matches!(held.next()?, Next::End(_)) {}
        Ok(begin.elapsed().as_secs_f64())
    }
}

/// Tokens that were generated before.
struct Made(std::vec::IntoIter<(u32, Vec<u8>)>);

impl TokenSource for Made {
    fn start(&mut self) -> Trace {
        Trace::default()
    }

    fn next(&mut self) -> Result<Next, RunError> {
        Ok(match self.0.next() {
            Some((id, bytes)) => Next::Token(Box::new(plain_token(id, bytes))),
            None => Next::End(End::default()),
        })
    }
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}
