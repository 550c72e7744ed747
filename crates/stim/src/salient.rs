//! From saliency of tokens to salient words.

use std::ops::Range;

use super::error::StimError;
use super::saliency::Estimate;
use rotescope_model::Engine;
use rotescope_text::stopwords::{NEVER_SALIENT, may_be_salient};
use rotescope_text::words::{Word, words, words_of_tokens};
use rotescope_text::{ByteRange, is_stop_word};
use rotescope_trace::SalientWord;

/// A text, its words, and the tokens that spell it.
#[derive(Debug, Clone)]
pub(super) struct Spelled<'t> {
    words: Vec<Word<'t>>,
    /// For each token the words that it overlaps.
    of_token: Vec<Range<usize>>,
}

impl<'t> Spelled<'t> {
    /// `tokens`: their byte spans in `text`; only words within `part` of it count.
    pub(super) fn new(text: &'t str, part: ByteRange, tokens: &[ByteRange]) -> Self {
        let inside = |w: &Word| part.start <= w.span.start && w.span.end <= part.end;
        let words: Vec<Word> = words(text).into_iter().filter(inside).collect();
        let of_token = words_of_tokens(&words, tokens);
        Spelled { words, of_token }
    }

    /// The words that can be salient for some target, each as the tokens that are part of it.
    pub(super) fn maskable(&self) -> Vec<Vec<usize>> {
        let mut tokens: Vec<Vec<usize>> = vec![Vec::new(); self.words.len()];
        for (t, words) in self.of_token.iter().enumerate() {
            for w in words.clone() {
                tokens[w].push(t);
            }
        }
        let can = |w: &Word| !is_stop_word(w.text) && !NEVER_SALIENT.contains(&w.text);
        let words = self.words.iter().zip(tokens);
        words
            .filter(|(w, tokens)| can(w) && !tokens.is_empty())
            .map(|(_, tokens)| tokens)
            .collect()
    }

    /// The word that a token is part of; the first of several.
    pub(super) fn word_of(&self, token: usize) -> Option<&'t str> {
        Some(self.words[self.of_token[token].clone().next()?].text)
    }

    /// The words that some tokens are part of.
    pub(super) fn words_of(&self, tokens: Range<usize>) -> Vec<&'t str> {
        let of = self.of_token[tokens].iter().cloned().flatten();
        of.map(|w| self.words[w].text).collect()
    }

    /// The `most` most salient words for a target, most salient first (ties: the earlier). A word is as salient as the most salient of the
    /// tokens that overlap it, and counts once however often it stands there.
    ///
    /// `saliency`: of tokens. `target`: the token's text, and the whole word that it is part of; neither can be salient. Words that end after byte `end` are left out: the target may be part of them, or they come after it.
    pub(super) fn salient(
        &self,
        saliency: impl Iterator<Item = (usize, Estimate)>,
        target: [&str; 2],
        end: usize,
        most: usize,
    ) -> Vec<SalientWord> {
        let mut best: Vec<Option<Estimate>> = vec![None; self.words.len()];
        for (token, estimate) in saliency {
            for w in self.of_token[token].clone() {
                if best[w].is_none_or(|b| estimate.value > b.value) {
                    best[w] = Some(estimate);
                }
            }
        }
        let mut ranked: Vec<(&Word, Estimate)> = self
            .words
            .iter()
            .zip(best)
            .filter_map(|(w, e)| Some((w, e?)))
            .filter(|(w, _)| {
                w.span.end <= end
                    && target.iter().all(|t| may_be_salient(w.text, t))
                    && !is_stop_word(w.text)
            })
            .collect();
        // Stable, so that the earlier of two equals stays before.
        ranked.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
        let mut found: Vec<SalientWord> = Vec::new();
        for (word, estimate) in ranked {
            if found.len() == most {
                break;
            }
            if found.iter().all(|f| f.text != word.text) {
                found.push(SalientWord {
                    text: word.text.into(),
                    span: [word.span.start, word.span.end],
                    saliency: estimate.value,
                    error: estimate.error,
                });
            }
        }
        found
    }
}

/// Byte spans in `text` of the tokens of a prompt. A beginning-of-text token that the text does not hold gets an empty span, and a space that
/// the tokenizer put before the text belongs to none.
///
/// # Errors
/// When the tokens do not spell the text: a tokenizer that normalizes.
pub(super) fn prompt_spans(
    engine: &Engine,
    ids: &[u32],
    text: &str,
) -> Result<Vec<ByteRange>, StimError> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut spans = Vec::with_capacity(ids.len());
    for (i, &id) in ids.iter().enumerate() {
        let piece = engine.token_bytes(id);
        let rest = &bytes[at..];
        let spelled = if rest.starts_with(&piece) {
            piece.len()
        } else if i == 0 && engine.info().bos == Some(id) {
            0
        } else if at == 0 && piece.first() == Some(&b' ') && rest.starts_with(&piece[1..]) {
            piece.len() - 1
        } else {
            return Err(StimError::Spelling { byte: at });
        };
        spans.push(at..at + spelled);
        at += spelled;
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64) -> Estimate {
        Estimate { value, error: None }
    }

    #[test]
    fn words_take_the_most_salient_of_their_tokens() {
        let text = "Tom has 48 red apples, Tom";
        let tokens = [
            0..3,
            3..7,
            7..8,
            8..9,
            9..10,
            10..14,
            14..18,
            18..21,
            21..22,
            22..26,
        ];
        let s = Spelled::new(text, 0..text.len(), &tokens);
        // "has" is a stop word, the space and the comma are no words.
        assert_eq!(
            s.maskable(),
            [vec![0], vec![3, 4], vec![5], vec![6, 7], vec![9]]
        );
        let saliency = || {
            [
                (0, 0.1),
                (3, 0.5),
                (4, 0.2),
                (5, 0.2),
                (6, -1.0),
                (7, 0.4),
                (9, 0.3),
            ]
            .into_iter()
            .map(|(t, v)| (t, of(v)))
        };
        let found = s.salient(saliency(), [" Red", "red"], text.len(), 5);
        let texts: Vec<_> = found
            .iter()
            .map(|w| (w.text.as_str(), w.saliency))
            .collect();
        assert_eq!(texts, [("48", 0.5), ("apples", 0.4), ("Tom", 0.3)]);
        assert_eq!(found[2].span, [23, 26]);
        // What ends after the target is left out; fewer words are asked for.
        let found = s.salient(saliency(), [" Red", "red"], 10, 1);
        assert_eq!(found.len(), 1);
        let found = s.salient(saliency(), ["x", "48"], 10, 5);
        assert_eq!(
            found.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(),
            ["Tom"]
        );
    }

    #[test]
    fn only_words_of_the_part_count() {
        let s = Spelled::new("Question: red apples", 10..20, &[0..8, 8..9, 9..13, 13..20]);
        assert_eq!(s.maskable(), [[2], [3]]);
    }
}
