//! The published score of a token by its salient words: [`cooccurrence`] in the form that is asked for.

use std::ops::Range;

use super::cooccurrence::{self, Forms, MeanCount};
use rotescope_corpus::{Cooccur, CorpusError, Counts};
use rotescope_text::ByteRange;
use rotescope_trace::{NonLocal, SalientWord, Span, Token};

/// How candidates are counted with the salient words of a text.
pub(super) struct Counting<'a> {
    pub(super) corpus: &'a dyn Counts,
    pub(super) how: Cooccur,
    pub(super) forms: Forms,
    /// The text's tokens, and the bytes that each spells.
    pub(super) ids: &'a [u32],
    pub(super) spans: &'a [ByteRange],
}

impl Counting<'_> {
    /// The published score from salient words, and the candidates' counts. `completed`: the words that the model makes of the candidates.
    pub(super) fn published(
        &self,
        token: &Token,
        words: Vec<SalientWord>,
        completed: Option<&[Option<String>]>,
    ) -> Result<(Vec<MeanCount>, NonLocal), CorpusError> {
        let counts = self.counts(token, &words, completed)?;
        let score = cooccurrence::score(&token.candidates.p, &counts);
        let non_local = NonLocal {
            score: score.ok(),
            undefined: score.err().map(str::to_string),
            words,
            window: None,
            elicited: None,
        };
        Ok((counts, non_local))
    }

    fn counts(
        &self,
        token: &Token,
        words: &[SalientWord],
        completed: Option<&[Option<String>]>,
    ) -> Result<Vec<MeanCount>, CorpusError> {
        let candidates = &token.candidates;
        let texts: Vec<String> = words.iter().map(|w| w.text.clone()).collect();
        match self.forms {
            Forms::Words => {
                cooccurrence::mean_counts(self.corpus, &texts, &candidates.text, self.how)
            }
            Forms::Tokens => {
                let tokens = |w: &SalientWord| &self.ids[overlapping(self.spans, w.span)];
                let salient: Vec<&[u32]> = words.iter().map(tokens).collect();
                let holds_word = |c: &String| !rotescope_text::words(c).is_empty();
                let counted: Vec<bool> = candidates.text.iter().map(holds_word).collect();
                let ids = &candidates.ids;
                cooccurrence::mean_token_counts(self.corpus, &salient, ids, &counted, self.how)
            }
            Forms::Completed => {
                let forms = completed.unwrap_or_default().iter();
                let forms: Vec<Option<&str>> = forms.map(Option::as_deref).collect();
                cooccurrence::mean_word_counts(self.corpus, &texts, &forms, self.how)
            }
        }
    }
}

/// Tokens that overlap bytes, by their spans.
fn overlapping(spans: &[ByteRange], [from, to]: Span) -> Range<usize> {
    let first = spans.partition_point(|s| s.end <= from);
    let behind = spans.partition_point(|s| s.start < to);
    first..behind.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_tokens_that_spell_it() {
        // "[bos] has 48 pens", the space a token of its own.
        let spans = [0..0, 0..3, 3..4, 4..5, 5..6, 6..9, 9..11];
        assert_eq!(overlapping(&spans, [0, 3]), 1..2);
        assert_eq!(overlapping(&spans, [4, 6]), 3..5);
        assert_eq!(overlapping(&spans, [7, 11]), 5..7);
        assert_eq!(overlapping(&spans, [11, 12]), 7..7);
    }
}
