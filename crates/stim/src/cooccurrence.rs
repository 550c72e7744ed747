//! Mid-range and long-range memorization: does the model rank its candidates by how often they occur together with the salient words?

use rotescope_corpus::{Cooccur, CorpusError, WordCounts, values};
use rotescope_stats::spearman;
use rotescope_text::words;

/// The word that a candidate is counted as: its surface form without the space around it, where that is exactly one word. A candidate that
/// is none (punctuation) or several occurs with nothing, and counts 0.
pub fn surface(candidate: &str) -> Option<&str> {
    match words(candidate).as_slice() {
        [one] => Some(one.text),
        _ => None,
    }
}

/// For each candidate the mean over `salient` of how often it occurs together with the word; empty without words.
///
/// Sums are exact integers, divided once.
pub fn mean_counts(
    corpus: &dyn WordCounts,
    salient: &[String],
    candidates: &[String],
    how: Cooccur,
) -> Result<Vec<f64>, CorpusError> {
    if salient.is_empty() {
        return Ok(Vec::new());
    }
    let forms: Vec<Option<&str>> = candidates.iter().map(|c| surface(c)).collect();
    let pairs: Vec<(String, String)> = forms
        .iter()
        .flatten()
        .flat_map(|form| salient.iter().map(|s| (s.clone(), form.to_string())))
        .collect();
    let counts = values(corpus.cooccurs(&pairs, how)?);
    let mut sums = counts
        .chunks(salient.len())
        .map(|c| c.iter().sum::<u64>() as f64 / salient.len() as f64);
    Ok(forms
        .iter()
        .map(|form| form.and_then(|_| sums.next()).unwrap_or(0.0))
        .collect())
}

/// The published score, or why there is none: `no_candidates`, `no_words` or `constant`.
pub fn score(probabilities: &[f32], counts: &[f64]) -> Result<f64, &'static str> {
    if probabilities.is_empty() {
        return Err("no_candidates");
    }
    if counts.is_empty() {
        return Err("no_words");
    }
    spearman(probabilities, counts).ok_or("constant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_one_word_or_none() {
        assert_eq!(surface(" apples"), Some("apples"));
        assert_eq!(surface("8"), Some("8"));
        assert_eq!(surface(" ="), Some("="));
        for none in [" ", ".", "\n", "B2", ""] {
            assert_eq!(surface(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_score_that_is_undefined_says_why() {
        assert_eq!(score(&[], &[]), Err("no_candidates"));
        assert_eq!(score(&[0.5, 0.3], &[]), Err("no_words"));
        assert_eq!(score(&[0.5, 0.3], &[1.0, 1.0]), Err("constant"));
        assert_eq!(score(&[0.5, 0.3], &[2.0, 1.0]), Ok(1.0));
    }
}
