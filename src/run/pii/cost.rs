//! What a gate costs: the same tokens with it and without it, in turns.

use super::gate::filter;
use rotescope_model::{CancelToken, Engine, Filter, GenerateRequest, ModelError};
use rotescope_privacy::gate::Gate;

/// Turns, completions of each, and their tokens at most.
const TURNS: usize = 15;
const COMPLETIONS: usize = 4;
const TOKENS: usize = 128;

/// A gate whose cost is to be known.
pub struct Cost<'a> {
    filter: Filter,
    engine: &'a Engine,
}

/// What came of it, in tokens a second: medians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub with: f64,
    pub without: f64,
    pub turns: usize,
    /// Of a turn.
    pub tokens: usize,
}

impl Cost<'_> {
    pub fn of(gate: Gate, engine: &Engine) -> Cost<'_> {
        Cost {
            filter: filter(gate),
            engine,
        }
    }

    /// Generates the same completions with the gate and without, which of them first in turns. `None` where the model has nothing to say.
    ///
    /// # Errors
    /// Those of the model.
    pub fn measure(&self) -> Result<Option<Measured>, ModelError> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let mut tokens = 0;
        for turn in 0..=TURNS {
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
        Ok((tokens > 0).then(|| Measured {
            with: median(&mut with),
            without: median(&mut without),
            turns: TURNS,
            tokens,
        }))
    }

    /// Tokens, and tokens a second without the time for prompts. Completions are greedy, which takes the least time beside the gate, and begin with tokens of all
    /// kinds, so that they differ.
    fn generate(&self, turn: usize, gated: bool) -> Result<(usize, f64), ModelError> {
        let (mut tokens, mut seconds) = (0, 0.0);
        for begin in 0..COMPLETIONS {
            let first = (turn * COMPLETIONS + begin) * 37 % self.engine.info().vocabulary.max(1);
            let request = GenerateRequest {
                forced: vec![first as u32],
                max_tokens: Some(TOKENS),
                filter: gated.then(|| self.filter.clone()),
                ..GenerateRequest::new(self.engine.prompt_ids("The"))
            };
            let made = self
                .engine
                .generate_all(request, CancelToken::new(), |_| ())?;
            tokens += made.tokens.len();
            seconds += (made.outcome.decode_time + made.outcome.scoring_time).as_secs_f64();
        }
        Ok((tokens, tokens as f64 / seconds.max(1e-9)))
    }
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}
