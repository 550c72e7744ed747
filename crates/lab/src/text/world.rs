//! What texts are drawn from: templates of symbols, each copied with errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{LabError, expect_least};
use crate::random::Random;

/// N texts of `length` symbols out of `symbols`: each is one of K templates, in which every position is drawn anew with probability `noise` (and may come
/// out as it was). Templates are uniformly random.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextWorld {
    pub samples: usize,
    pub length: usize,
    pub templates: usize,
    pub symbols: usize,
    pub noise: f64,
}

const DATA: u64 = 0;
pub(super) const MASKS: u64 = 1 << 32;

impl TextWorld {
    /// Refuses worlds that cannot be.
    ///
    /// # Errors
    /// The setting, and what it may be.
    pub fn check(&self) -> Result<(), LabError> {
        const MOST: usize = 1 << 16;
        expect_least("samples", self.samples, 2)?;
        expect_least("length", self.length, 2)?;
        expect_least("templates", self.templates, 1)?;
        expect_least("symbols", self.symbols, 2)?;
        if self.symbols > MOST {
            return Err(LabError::setting(
                "symbols",
                self.symbols,
                format!("give at most {MOST}"),
            ));
        }
        if self.templates > self.samples {
            return Err(LabError::setting(
                "templates",
                self.templates,
                format!(
                    "more than the {} samples; give at most as many templates as samples",
                    self.samples
                ),
            ));
        }
        expect_share("noise", self.noise)
    }

    /// Probability that a text differs from its template at a position, noise (1 - 1/symbols).
    pub fn error(&self) -> f64 {
        self.noise * (1.0 - 1.0 / self.symbols as f64)
    }

    /// M*/N where a text that is not known is guessed from one other text of its template, and as sharply as is best: (1 - noise) / (2 - noise).
    ///
    /// Such a guess is wrong where either text was drawn anew and differs, with probability noise (2 - noise) (1 - 1/symbols); a guess from the template with
    /// noise (1 - 1/symbols). Of M known texts of N, a share 1 - M/N is wrong so often, and the others never; with the best smoothing the loss is a
    /// function of how often a guess is wrong, so that both are as good where (1 - M/N) noise (2 - noise) = noise. It holds for the cross-entropy and for the
    /// Brier score; several known texts of a template make the true crossover smaller.
    pub fn closed_crossover(&self) -> f64 {
        (1.0 - self.noise) / (2.0 - self.noise)
    }
}

/// Refuses what is no probability strictly between 0 and 1.
pub(super) fn expect_share(setting: &'static str, value: f64) -> Result<(), LabError> {
    match value > 0.0 && value < 1.0 {
        true => Ok(()),
        false => Err(LabError::setting(
            setting,
            value,
            "give a probability above 0 and below 1, such as .2",
        )),
    }
}

/// Texts of equal length, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    length: usize,
    symbols: Vec<u16>,
}

impl Texts {
    pub fn iter(&self) -> std::slice::ChunksExact<'_, u16> {
        self.symbols.chunks_exact(self.length)
    }

    pub fn text(&self, i: usize) -> &[u16] {
        &self.symbols[i * self.length..][..self.length]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.symbols.len() / self.length
    }
}

/// Data of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextData {
    pub templates: Texts,
    pub texts: Texts,
}

impl TextData {
    /// Draws templates and texts; the world is [checked](TextWorld::check).
    pub fn draw(world: &TextWorld, seed: u64) -> TextData {
        let mut random = Random::new(seed, DATA);
        let (length, symbols) = (world.length, world.symbols);
        let templates = Texts {
            length,
            symbols: (0..world.templates * length)
                .map(|_| random.below(symbols) as u16)
                .collect(),
        };
        let mut texts = Vec::with_capacity(world.samples * length);
        for _ in 0..world.samples {
            for symbol in templates.text(random.below(world.templates)) {
                texts.push(match random.uniform() < world.noise {
                    true => random.below(symbols) as u16,
                    false => *symbol,
                });
            }
        }
        let texts = Texts {
            length,
            symbols: texts,
        };
        TextData { templates, texts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: TextWorld = TextWorld {
        samples: 60,
        length: 32,
        templates: 4,
        symbols: 32,
        noise: 0.2,
    };

    #[test]
    fn impossible_worlds_are_refused_by_the_name_of_their_setting() {
        WORLD.check().unwrap();
        let wrong = [
            (
                TextWorld {
                    samples: 1,
                    ..WORLD
                },
                "samples 1: ",
            ),
            (TextWorld { length: 1, ..WORLD }, "length 1: "),
            (
                TextWorld {
                    templates: 0,
                    ..WORLD
                },
                "templates 0: ",
            ),
            (
                TextWorld {
                    templates: 61,
                    ..WORLD
                },
                "templates 61: more than the 60 samples",
            ),
            (
                TextWorld {
                    symbols: 1,
                    ..WORLD
                },
                "symbols 1: ",
            ),
            (
                TextWorld {
                    symbols: 65_537,
                    ..WORLD
                },
                "symbols 65537: ",
            ),
            (
                TextWorld {
                    noise: 0.0,
                    ..WORLD
                },
                "noise 0: ",
            ),
            (
                TextWorld {
                    noise: 1.0,
                    ..WORLD
                },
                "noise 1: ",
            ),
            (
                TextWorld {
                    noise: f64::NAN,
                    ..WORLD
                },
                "noise NaN: ",
            ),
        ];
        for (world, said) in wrong {
            let error = world.check().unwrap_err().to_string();
            assert!(error.starts_with(said) && error.contains("give"), "{error}");
        }
    }

    #[test]
    fn texts_differ_from_their_template_as_often_as_they_should() {
        let world = TextWorld {
            samples: 2000,
            ..WORLD
        };
        let data = TextData::draw(&world, 3);
        let off = |text: &[u16]| {
            let of = |t: &[u16]| t.iter().zip(text).filter(|(a, b)| a != b).count();
            data.templates.iter().map(of).min().unwrap()
        };
        let all: usize = data.texts.iter().map(off).sum();
        let share = all as f64 / (2000.0 * 32.0);
        // Five standard errors.
        assert!((share - world.error()).abs() < 0.008, "{share}");
        assert_eq!(data, TextData::draw(&world, 3));
        assert_eq!((data.texts.count(), data.texts.text(5).len()), (2000, 32));
    }
}
