//! Losses of three denoisers of masked texts: the one that knows the templates, the one that knows the texts, and the one that knows the first M texts,
//! for every M at once.

use rayon::prelude::*;

use super::world::{MASKS, TextData, TextWorld, Texts, expect_share};
use crate::error::LabError;
use crate::random::Random;

/// How a guess of a symbol is judged; means over masked positions of a text, then over texts and masks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scores {
    /// Minus the log of the probability of the true symbol, in nats.
    pub cross_entropy: f64,
    /// Sum over symbols of the squared difference between probability and truth (Brier 1950).
    pub brier: f64,
}

impl Scores {
    fn plus(&mut self, other: Scores, factor: f64) {
        self.cross_entropy += factor * other.cross_entropy;
        self.brier += factor * other.brier;
    }
}

/// The losses of a world.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLosses {
    /// Of the templates, with the true noise.
    pub generalizing: Scores,
    /// For each smoothing, of the first M texts, M from 1 to N; the last is the memorizing one.
    pub partial: Vec<Vec<Scores>>,
}

/// Losses of texts of which a share t of the positions is masked, t uniform in (0, 1); `masks` for each text. A text with no position masked
/// counts nothing.
///
/// Each denoiser is a mixture of known texts: a position shows the known text's symbol, or with probability q (`smoothing`) any. It weighs known texts by
/// what the open positions say of them. The result does not depend on the number of threads.
///
/// # Errors
/// A smoothing that is no probability between 0 and 1.
pub fn text_losses(
    world: &TextWorld,
    data: &TextData,
    smoothing: &[f64],
    masks: usize,
    seed: u64,
    watch: &(dyn Fn() + Sync),
) -> Result<TextLosses, LabError> {
    smoothing
        .iter()
        .try_for_each(|q| expect_share("smoothing", *q))?;
    let n = data.texts.count();
    let of_text = |i: usize| {
        let mut random = Random::new(seed, MASKS + i as u64);
        let mut sum = Sum::new(smoothing.len(), n);
        for mask in 0..masks {
            // One rate in each of as many equal parts of (0, 1).
            let rate = (mask as f64 + random.uniform()) / masks as f64;
            let (mut open, mut hidden) = (Vec::new(), Vec::new());
            for position in 0..world.length {
                let side = if random.uniform() < rate {
                    &mut hidden
                } else {
                    &mut open
                };
                side.push(position);
            }
            if !hidden.is_empty() {
                sum.add(world, data, smoothing, data.texts.text(i), (&open, &hidden));
            }
        }
        watch();
        sum
    };
    let all: Vec<Sum> = (0..n).into_par_iter().map(of_text).collect();
    let mut total = Sum::new(smoothing.len(), n);
    all.into_iter().for_each(|s| total.join(&s));
    Ok(total.mean())
}

/// Sums over masked texts.
struct Sum {
    losses: TextLosses,
    masked: usize,
}

impl Sum {
    fn new(smoothings: usize, n: usize) -> Sum {
        let losses = TextLosses {
            generalizing: Scores::default(),
            partial: vec![vec![Scores::default(); n]; smoothings],
        };
        Sum { losses, masked: 0 }
    }

    fn add(
        &mut self,
        world: &TextWorld,
        data: &TextData,
        smoothing: &[f64],
        text: &[u16],
        (open, hidden): (&[usize], &[usize]),
    ) {
        self.masked += 1;
        let matches = |known: &Texts| -> Vec<i32> {
            let of = |t: &[u16]| open.iter().filter(|p| t[**p] == text[**p]).count() as i32;
            known.iter().map(of).collect()
        };
        let hits = matches(&data.templates);
        let mut guess = Guess::new(world.symbols, world.noise, text, hidden);
        let mut last = Scores::default();
        for (template, hits) in data.templates.iter().zip(&hits) {
            last = guess.know(template, *hits);
        }
        self.losses.generalizing.plus(last, 1.0);
        let hits = matches(&data.texts);
        for (q, partial) in smoothing.iter().zip(&mut self.losses.partial) {
            let mut guess = Guess::new(world.symbols, *q, text, hidden);
            for ((known, hits), sum) in data.texts.iter().zip(&hits).zip(partial) {
                sum.plus(guess.know(known, *hits), 1.0);
            }
        }
    }

    fn join(&mut self, other: &Sum) {
        self.masked += other.masked;
        self.losses
            .generalizing
            .plus(other.losses.generalizing, 1.0);
        for (to, from) in self.losses.partial.iter_mut().zip(&other.losses.partial) {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| to.plus(*from, 1.0));
        }
    }

    fn mean(self) -> TextLosses {
        let scale = |s: Scores| {
            let mut scaled = Scores::default();
            scaled.plus(s, 1.0 / self.masked.max(1) as f64);
            scaled
        };
        TextLosses {
            generalizing: scale(self.losses.generalizing),
            partial: self
                .losses
                .partial
                .into_iter()
                .map(|p| p.into_iter().map(scale).collect())
                .collect(),
        }
    }
}

/// Weights below this share of the sum change nothing that a double can hold.
const NEGLIGIBLE: f64 = 1e-17;

/// What is guessed for the masked positions of a text while known texts come one by one.
struct Guess<'a> {
    text: &'a [u16],
    hidden: &'a [usize],
    symbols: usize,
    smoothing: f64,
    /// Log of how much likelier an open position is that matches than one that does not.
    by_match: f64,
    /// Most matches so far; weights are in units of theirs.
    most: i32,
    weights: f64,
    /// Of each masked position and symbol.
    mass: Vec<f64>,
    /// Sum over symbols of the squared mass, of each masked position.
    squares: Vec<f64>,
    scores: Scores,
}

impl Guess<'_> {
    fn new<'a>(symbols: usize, smoothing: f64, text: &'a [u16], hidden: &'a [usize]) -> Guess<'a> {
        let miss = smoothing / symbols as f64;
        Guess {
            text,
            hidden,
            symbols,
            smoothing,
            by_match: ((1.0 - smoothing + miss) / miss).ln(),
            most: 0,
            weights: 0.0,
            mass: vec![0.0; hidden.len() * symbols],
            squares: vec![0.0; hidden.len()],
            scores: Scores::default(),
        }
    }

    /// Takes in a known text that matches so many open positions; returns the scores of the guess from all so far.
    fn know(&mut self, known: &[u16], matches: i32) -> Scores {
        if matches > self.most || self.weights == 0.0 {
            let keep = (f64::from(self.most - matches) * self.by_match).exp();
            self.most = matches;
            self.weights *= keep;
            self.mass.iter_mut().for_each(|m| *m *= keep);
            self.squares.iter_mut().for_each(|s| *s *= keep * keep);
        }
        let weight = (f64::from(matches - self.most) * self.by_match).exp();
        if weight < NEGLIGIBLE * self.weights {
            return self.scores;
        }
        self.weights += weight;
        let (sharp, flat) = (1.0 - self.smoothing, self.smoothing / self.symbols as f64);
        let mut scores = Scores::default();
        let masses = self.mass.chunks_exact_mut(self.symbols);
        for ((position, mass), squares) in self.hidden.iter().zip(masses).zip(&mut self.squares) {
            let m = &mut mass[usize::from(known[*position])];
            *squares += 2.0 * *m * weight + weight * weight;
            *m += weight;
            let truth = mass[usize::from(self.text[*position])];
            let p = sharp * truth / self.weights + flat;
            let all = sharp * sharp * *squares / (self.weights * self.weights)
                + 2.0 * sharp * flat
                + self.smoothing * flat;
            scores.cross_entropy -= p.ln();
            scores.brier += all - 2.0 * p + 1.0;
        }
        self.scores = Scores::default();
        self.scores.plus(scores, 1.0 / self.hidden.len() as f64);
        self.scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: TextWorld = TextWorld {
        samples: 12,
        length: 10,
        templates: 3,
        symbols: 5,
        noise: 0.3,
    };

    /// Scores by the definitions, symbol by symbol.
    fn by_hand(known: &[&[u16]], q: f64, text: &[u16], open: &[usize], hidden: &[usize]) -> Scores {
        let emission = |k: u16, v: u16| (1.0 - q) * f64::from(u8::from(k == v)) + q / 5.0;
        let weight = |k: &&[u16]| {
            open.iter()
                .map(|p| emission(k[*p], text[*p]))
                .product::<f64>()
        };
        let weights: Vec<f64> = known.iter().map(weight).collect();
        let all: f64 = weights.iter().sum();
        let mut scores = Scores::default();
        for p in hidden {
            let of = |v: u16| -> f64 {
                known
                    .iter()
                    .zip(&weights)
                    .map(|(k, w)| w * emission(k[*p], v))
                    .sum::<f64>()
                    / all
            };
            scores.cross_entropy -= of(text[*p]).ln() / hidden.len() as f64;
            let square = |v: u16| (of(v) - f64::from(u8::from(v == text[*p]))).powi(2);
            scores.brier += (0..5).map(square).sum::<f64>() / hidden.len() as f64;
        }
        scores
    }

    #[test]
    fn guesses_are_those_by_hand() {
        let data = TextData::draw(&WORLD, 1);
        let open: Vec<usize> = vec![0, 3, 4, 7];
        let hidden: Vec<usize> = vec![1, 2, 5, 6, 8, 9];
        let text = data.texts.text(7);
        for q in [0.02, 0.3, 0.9] {
            let mut guess = Guess::new(5, q, text, &hidden);
            let mut known: Vec<&[u16]> = Vec::new();
            for other in data.texts.iter() {
                known.push(other);
                let hits = open.iter().filter(|p| other[**p] == text[**p]).count();
                let got = guess.know(other, hits as i32);
                let want = by_hand(&known, q, text, &open, &hidden);
                assert!(
                    (got.cross_entropy - want.cross_entropy).abs() < 1e-9,
                    "{got:?} {want:?}"
                );
                assert!((got.brier - want.brier).abs() < 1e-9, "{got:?} {want:?}");
            }
        }
    }

    #[test]
    fn threads_change_nothing_and_smoothing_is_checked() {
        let data = TextData::draw(&WORLD, 2);
        let run = || text_losses(&WORLD, &data, &[0.1, 0.3], 7, 4, &|| ()).unwrap();
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(run(), one.install(run));
        for q in [0.0, 1.0, f64::NAN] {
            let error = text_losses(&WORLD, &data, &[q], 1, 0, &|| ())
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("smoothing"), "{error}");
        }
    }
}
