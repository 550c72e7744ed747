//! Words that occur together, as STIM's authors count them: by infini-gram's `AND` of the words' tokens.

use rotescope_corpus::{Answered, Cooccur, CorpusError, WordCounts};
use rotescope_vocab::Encode;

use crate::infinigram::{InfiniGram, SAMPLED};

/// Token ids of a word that begins anew, as within a text: behind a space.
pub(crate) fn initial(tokenizer: &dyn Encode, word: &str) -> Result<Vec<u32>, CorpusError> {
    let ids = |text: &str| {
        let ids = tokenizer.encode_batch(&[text]);
        ids.map(|mut ids| ids.pop().unwrap_or_default())
            .map_err(|error| CorpusError::Text {
                path: word.into(),
                message: format!("cannot be cut into tokens: {error}"),
            })
    };
    let alone = ids(word)?;
    // SentencePiece puts the space there itself.
    let first = alone.first().map(|&id| tokenizer.token_bytes(id));
    if first.is_some_and(|bytes| bytes.starts_with(b" ")) {
        return Ok(alone);
    }
    ids(&format!(" {word}"))
}

impl WordCounts for InfiniGram {
    /// Of `window:N`: the occurrences of the rarer word that have the other within N tokens, as infini-gram counts them, from samples of
    /// frequent words; always said to be approximate, for a word is taken for its tokens, whatever stands behind them.
    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let Cooccur::Window(apart) = how else {
            return Err(CorpusError::Unsupported {
                corpus: self.asker.address().to_string(),
                what: "how many documents hold two words (but --cooccur window:1000, which it estimates)",
            });
        };
        let ids = |word: &String| initial(self.tokenizer.encode.as_ref(), word);
        let pairs = pairs
            .iter()
            .map(|(a, b)| Ok((ids(a)?, ids(b)?)))
            .collect::<Result<Vec<_>, CorpusError>>()?;
        let counts = self.together(&pairs, apart)?;
        Ok(counts
            .into_iter()
            .map(|c| Answered {
                value: c.value,
                basis: SAMPLED,
            })
            .collect())
    }
}
