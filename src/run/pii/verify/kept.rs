//! Texts that hold no value: what a protection should leave as it is.

use rayon::prelude::*;

use crate::run::audit::error::AuditError;
use crate::run::pii::documents::Texts;
use rotescope_audit::random::Random;
use rotescope_privacy::Detectors;
use rotescope_vocab::Encode;

/// Tokens of a text that are given, and those behind them that are read or said, at most and at least.
pub const GIVEN: usize = 32;
pub const BEHIND: usize = 50;
const LEAST: usize = 8;

/// A text that holds no value.
#[derive(Debug, Clone)]
pub struct Kept {
    pub document: String,
    pub given: Vec<u32>,
    pub behind: Vec<u32>,
}

/// Draws so many texts in which no detector sees a value, by the seed, of those that are long enough; at most `behind` tokens behind those that are given.
///
/// # Errors
/// What cannot be read, a tokenizer that fails; what `each` says.
pub fn kept(
    texts: &Texts<'_>,
    detectors: &Detectors,
    encoder: &dyn Encode,
    (most, seed): (usize, u64),
    behind: usize,
    each: &mut dyn FnMut(usize) -> Result<(), AuditError>,
) -> Result<Vec<Kept>, AuditError> {
    // By a number of its own for each text, so that one reading is enough.
    let mut drawn: Vec<(u64, Kept)> = Vec::new();
    texts.each(&mut |portion| {
        each(portion.len())?;
        let without = |t: &&crate::run::pii::documents::Text| detectors.find(&t.text).is_empty();
        let free: Vec<_> = portion.par_iter().filter(without).collect();
        for text in free {
            let lot = Random::named(seed, &text.name).below(u64::MAX);
            if most == 0
                || (drawn.len() >= most && drawn.last().is_some_and(|(last, _)| lot >= *last))
            {
                continue;
            }
            let tokens = encoder
                .encode_batch(&[&text.text])?
                .pop()
                .unwrap_or_default();
            if tokens.len() < GIVEN + LEAST {
                continue;
            }
            let kept = Kept {
                document: text.name.clone(),
                given: tokens[..GIVEN].to_vec(),
                behind: tokens[GIVEN..tokens.len().min(GIVEN + behind)].to_vec(),
            };
            let at = drawn.partition_point(|(other, _)| *other < lot);
            drawn.insert(at, (lot, kept));
            drawn.truncate(most);
        }
        Ok(())
    })?;
    Ok(drawn.into_iter().map(|(_, kept)| kept).collect())
}
