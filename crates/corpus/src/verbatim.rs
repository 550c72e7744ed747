//! Verbatim spans: stretches of a text that occur in the corpus token for token.

use crate::error::CorpusError;
use crate::traits::NgramCounts;

/// A stretch of a text that occurs in the corpus token for token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerbatimSpan {
    /// In tokens of the text, half-open.
    pub tokens: [usize; 2],
    /// How often it occurs in the corpus.
    pub occurrences: u64,
}

/// The maximal verbatim spans of a text: those that no longer one holds, of at least `shortest` tokens, in the order of the text.
///
/// With two fingers: the end of the longest match that begins at `i` never moves back as `i` grows, so a text of `T` tokens takes at most
/// `2 T` counts, however many spans it has.
///
/// # Errors
/// When the corpus cannot be read.
pub fn verbatim_spans(
    corpus: &dyn NgramCounts,
    text: &[u32],
    shortest: usize,
) -> Result<Vec<VerbatimSpan>, CorpusError> {
    let mut found: Vec<VerbatimSpan> = Vec::new();
    let mut end = 0;
    for start in 0..text.len() {
        end = end.max(start);
        let before = end;
        let mut occurrences = 0;
        while end < text.len() {
            let next = corpus.count(&text[start..=end])?.value;
            if next == 0 {
                break;
            }
            (occurrences, end) = (next, end + 1);
        }
        // A match that ends where the one before it ended lies within it.
        if end > before && end - start >= shortest {
            found.push(VerbatimSpan {
                tokens: [start, end],
                occurrences,
            });
        }
    }
    Ok(found)
}
