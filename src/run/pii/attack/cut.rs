//! Where a value begins among the tokens of its text.

use std::ops::Range;

use crate::run::audit::error::AuditError;
use rotescope_vocab::Encode;

/// The tokens of a text before the one in which a stretch begins, and those that it lies in. A space that is one token with its beginning is so asked for with it,
/// as a model writes it.
///
/// # Errors
/// A tokenizer that fails.
pub fn cut(
    encoder: &dyn Encode,
    text: &str,
    span: &Range<usize>,
) -> Result<(Vec<u32>, Vec<u32>), AuditError> {
    let tokens = encoder.encode_batch(&[text])?.pop().unwrap_or_default();
    let lengths: Vec<usize> = tokens
        .iter()
        .map(|t| encoder.token_bytes(*t).len())
        .collect();
    // Some tokenizers put a space before every text.
    let shift = lengths.iter().sum::<usize>().saturating_sub(text.len());
    let (mut first, mut end, mut at) = (tokens.len(), tokens.len(), 0);
    for (i, length) in lengths.iter().enumerate() {
        at += length;
        if at > span.start + shift {
            first = first.min(i);
        }
        if at >= span.end + shift {
            end = i + 1;
            break;
        }
    }
    let own = tokens[first.min(end)..end].to_vec();
    Ok((tokens[..first.min(end)].to_vec(), own))
}
