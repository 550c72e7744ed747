//! Mid-range and long-range memorization: does the model rank its candidates by how often they occur together with the salient words?
//!
//! What a candidate is counted as is a choice ([`Forms`]), for candidates are tokens and tokens are no words:
//!
//! | forms | a candidate is | of candidates that hold no word (punctuation, spaces, special tokens) |
//! |---|---|---|
//! | `words` | the one word that its text is: " blu" the word "blu" | they count 0 |
//! | `tokens` | its token, and a salient word the tokens that spell it where it stands, as in the published code | they are left out |
//! | `completed` | the word that the model makes of it: " blu" is "blue", and "8" behind "4" is "48" | they are left out |
//!
//! To be left out is to be in neither of the two lists that are ranked. A comma stands in nearly every document, whatever the salient word is: its true count
//! says how frequent commas are, and would be the highest of all; 0 is untrue, and the lowest of all. Either bends the ranks of the words beside it.

use std::fmt;
use std::str::FromStr;

use rotescope_corpus::{Cooccur, CorpusError, NgramCounts, WordCounts, values};
use rotescope_stats::spearman;
use rotescope_text::words;

/// What a candidate is counted as: see the table of [the module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forms {
    /// The one word that its text is.
    #[default]
    Words,
    /// Its token.
    Tokens,
    /// The word that the model makes of it.
    Completed,
}

impl Forms {
    pub const ALL: [Forms; 3] = [Forms::Words, Forms::Tokens, Forms::Completed];

    /// The name that traces and options use.
    pub fn name(self) -> &'static str {
        match self {
            Forms::Words => "words",
            Forms::Tokens => "tokens",
            Forms::Completed => "completed",
        }
    }
}

impl fmt::Display for Forms {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Forms {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let named = Forms::ALL.into_iter().find(|f| f.name() == s);
        named.ok_or_else(|| format!("{s:?} is none of `words`, `tokens` and `completed`"))
    }
}

/// A candidate's mean count; `None` where it is left out of the ranks.
pub type MeanCount = Option<f64>;

/// The word that a candidate is counted as: its surface form without the space around it, where that is exactly one word. A candidate that
/// is none (punctuation) or several occurs with nothing, and counts 0.
pub fn surface(candidate: &str) -> Option<&str> {
    match words(candidate).as_slice() {
        [one] => Some(one.text),
        _ => None,
    }
}

/// For each candidate the mean over `salient` of how often the word that its text is occurs together with the salient word; 0 where it is none. Empty
/// without salient words.
///
/// Sums are exact integers, divided once.
pub fn mean_counts(
    corpus: &dyn WordCounts,
    salient: &[String],
    candidates: &[String],
    how: Cooccur,
) -> Result<Vec<MeanCount>, CorpusError> {
    let words: Vec<Option<&str>> = candidates.iter().map(|c| surface(c)).collect();
    let counts = mean_word_counts(corpus, salient, &words, how)?;
    Ok(counts.into_iter().map(|n| n.or(Some(0.0))).collect())
}

/// The same for the words that candidates are, or that the model makes of them; a candidate without one is left out.
pub fn mean_word_counts(
    corpus: &dyn WordCounts,
    salient: &[String],
    candidates: &[Option<&str>],
    how: Cooccur,
) -> Result<Vec<MeanCount>, CorpusError> {
    let pairs: Vec<(String, String)> = candidates
        .iter()
        .flatten()
        .flat_map(|word| salient.iter().map(|s| (s.clone(), (*word).to_string())))
        .collect();
    let counts = values(corpus.cooccurs(&pairs, how)?);
    let known = candidates.iter().map(Option::is_some);
    Ok(means(&counts, salient.len(), known))
}

/// The same for tokens: of candidates that are `counted` how often their token occurs together with the tokens of the salient words.
pub fn mean_token_counts(
    corpus: &dyn NgramCounts,
    salient: &[&[u32]],
    candidates: &[u32],
    counted: &[bool],
    how: Cooccur,
) -> Result<Vec<MeanCount>, CorpusError> {
    let chosen = candidates
        .iter()
        .zip(counted)
        .filter(|(_, counted)| **counted);
    let pairs: Vec<(&[u32], &[u32])> = chosen
        .flat_map(|(id, _)| salient.iter().map(|s| (*s, std::slice::from_ref(id))))
        .collect();
    let counts = values(corpus.cooccurs_tokens(&pairs, how)?);
    Ok(means(&counts, salient.len(), counted.iter().copied()))
}

/// One mean for each candidate that has counts, of `salient` counts each.
fn means(counts: &[u64], salient: usize, counted: impl Iterator<Item = bool>) -> Vec<MeanCount> {
    if salient == 0 {
        return Vec::new();
    }
    let mut means = counts
        .chunks(salient)
        .map(|c| c.iter().sum::<u64>() as f64 / salient as f64);
    counted
        .map(|counted| if counted { means.next() } else { None })
        .collect()
}

/// The published score, over the candidates that have a count; or why there is none: `no_candidates`, `no_words` or `constant`.
pub fn score(probabilities: &[f32], counts: &[MeanCount]) -> Result<f64, &'static str> {
    if probabilities.is_empty() {
        return Err("no_candidates");
    }
    if counts.is_empty() {
        return Err("no_words");
    }
    let ranked = probabilities.iter().zip(counts);
    let (p, n): (Vec<f32>, Vec<f64>) = ranked.filter_map(|(&p, n)| Some((p, (*n)?))).unzip();
    spearman(&p, &n).ok_or("constant")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

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
        assert_eq!(score(&[0.5, 0.3], &[Some(1.0), Some(1.0)]), Err("constant"));
        assert_eq!(score(&[0.5, 0.3], &[Some(2.0), Some(1.0)]), Ok(1.0));
    }

    #[test]
    fn who_is_left_out_bends_no_rank() {
        let p = [0.4, 0.3, 0.2, 0.1];
        // A comma between words that are ranked as the model ranks them.
        assert_eq!(score(&p, &[Some(9.0), None, Some(5.0), Some(1.0)]), Ok(1.0));
        assert_ne!(
            score(&p, &[Some(9.0), Some(0.0), Some(5.0), Some(1.0)]),
            Ok(1.0)
        );
        assert_eq!(score(&p, &[None, None, Some(5.0), None]), Err("constant"));
    }

    #[test]
    fn tokens_are_counted_as_they_stand() {
        // "4 8" beside 7 in two documents, beside 9 in one; 8 alone beside 9 too.
        let documents = vec![
            vec![4, 8, 7],
            vec![7, 1, 4, 8],
            vec![4, 8, 9],
            vec![8, 9, 4],
        ];
        let corpus = MemoryCorpus::of_tokens("tokens", documents);
        let found = |salient: &[&[u32]], counted: &[bool]| {
            let candidates = [7, 9, 5];
            mean_token_counts(&corpus, salient, &candidates, counted, Cooccur::Document).unwrap()
        };
        assert_eq!(
            found(&[&[4, 8]], &[true; 3]),
            [Some(2.0), Some(1.0), Some(0.0)]
        );
        assert_eq!(
            found(&[&[4, 8], &[1]], &[true, false, true]),
            [Some(1.5), None, Some(0.0)]
        );
        assert!(found(&[], &[true; 3]).is_empty());
    }

    #[test]
    fn what_is_written_is_read() {
        for forms in Forms::ALL {
            assert_eq!(forms.to_string().parse(), Ok(forms));
        }
        assert!("word".parse::<Forms>().is_err());
    }
}
