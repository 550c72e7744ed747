//! The token that stands in for a masked one.

use rotescope_model::Engine;

/// The token that stands in for a masked one.
///
/// The underscore, as on a form to be filled in: nearly every vocabulary has it as one token, and it says nothing about the text. (GGUF files of
/// byte-level models have no unknown token, and padding tokens were mostly never trained on.) Where it is no single token: the space, else
/// the last token of the underscore.
pub fn neutral_mask(engine: &Engine) -> u32 {
    let ids = |text: &str| engine.tokenize(text, false, false);
    let underscore = ids("_");
    match (underscore.as_slice(), ids(" ").as_slice()) {
        ([one], _) => *one,
        (_, [one]) => *one,
        (many, _) => many.last().copied().unwrap_or(0),
    }
}
