//! Near-duplicates of a stretch of text in a corpus: places that are nearly the same, token for token (exact counts miss them; Shilov et al., 2024).

use std::collections::BTreeMap;

use rotescope_corpus::{Corpus, CorpusError};
use serde::Serialize;

use crate::minhash::MinHash;

/// What counts as nearly the same, and how far one looks.
#[derive(Debug, Clone, Copy)]
pub struct NearOptions {
    /// Least similarity of a near-duplicate: the Jaccard similarity of runs of three tokens, by MinHash.
    pub similarity: f64,
    /// Tokens of each piece by which places are found: a near-duplicate has at least one piece of the text as it is.
    pub piece: usize,
    /// Places that are looked at for each piece.
    pub places: usize,
}

impl Default for NearOptions {
    /// One word changed in 64 tokens leaves a similarity of about .9, eight words one of .5.
    fn default() -> Self {
        NearOptions {
            similarity: 0.5,
            piece: 8,
            places: 64,
        }
    }
}

/// Near-duplicates that were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Places that are nearly, not wholly, the same.
    pub places: u64,
    /// A piece stands at more places than were looked at, so that there may be more near-duplicates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

/// The near-duplicates of a text.
///
/// # Errors
/// When the corpus cannot be read, or does not tell where n-grams occur.
pub fn near_duplicates(
    corpus: &dyn Corpus,
    text: &[u32],
    options: NearOptions,
) -> Result<Near, CorpusError> {
    let mut near = Near {
        places: 0,
        at_least: false,
    };
    if text.is_empty() {
        return Ok(near);
    }
    let pieces: Vec<&[u32]> = text.chunks(options.piece.max(1)).collect();
    let piece = options.piece.max(1);
    let rest = pieces.len() > 1 && !text.len().is_multiple_of(piece);
    let whole = pieces.len() - usize::from(rest);
    let found = corpus.occurrences(&pieces[..whole], options.places, 0)?;
    // By document, where the text would begin.
    let mut begins: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    for (i, answer) in found.iter().enumerate() {
        let found = &answer.value;
        near.at_least |= found.count > found.hits.len() as u64;
        for hit in &found.hits {
            let begin = i64::from(hit.position) - (i * piece) as i64;
            begins.entry(hit.document).or_default().push(begin);
        }
    }
    let ordinals: Vec<u64> = begins.keys().copied().collect();
    let documents = corpus.document_tokens(&ordinals)?;
    let own = MinHash::new(text);
    for (document, mut begins) in documents.iter().zip(begins.into_values()) {
        begins.sort_unstable();
        let mut best: Vec<(i64, f64)> = Vec::new();
        for begin in begins {
            let from = usize::try_from(begin).unwrap_or(0).min(document.len());
            let to = (from + text.len()).min(document.len());
            let place = &document[from..to];
            let alike = match place == text {
                true => f64::INFINITY,
                false => own.similarity(&MinHash::new(place)),
            };
            // Places that overlap by more than half are one.
            match best.last_mut() {
                Some((at, most)) if begin - *at < text.len() as i64 / 2 => *most = most.max(alike),
                _ => best.push((begin, alike)),
            }
        }
        let is_near = |(_, alike): &&(i64, f64)| alike.is_finite() && *alike >= options.similarity;
        near.places += best.iter().filter(is_near).count() as u64;
    }
    Ok(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    #[test]
    fn places_with_a_word_changed_are_found_and_copies_are_not_among_them() {
        let text: Vec<u32> = (0..48).collect();
        let changed = |at: usize| {
            let mut t = text.clone();
            t[at] = 999;
            t
        };
        let within = |t: Vec<u32>| [vec![7; 20], t, vec![8; 9]].concat();
        let mut shifted = text.clone();
        shifted.insert(20, 777);
        let half = [&text[..24], &[5u32; 24][..]].concat();
        let documents = vec![
            text.clone(),
            within(changed(3)),
            within(changed(40)),
            shifted,
            within(half),
            [changed(10), vec![6; 3], changed(30)].concat(),
            (100..200).collect(),
            // Cut off at its beginning.
            text[4..].to_vec(),
        ];
        let corpus = MemoryCorpus::of_tokens("c", documents);
        let near = near_duplicates(&corpus, &text, NearOptions::default()).unwrap();
        // Two with a word changed, one with a word more, two in one document, one cut off; not the copy, not the half.
        assert_eq!((near.places, near.at_least), (6, false));
        let few = NearOptions {
            places: 2,
            ..NearOptions::default()
        };
        assert!(near_duplicates(&corpus, &text, few).unwrap().at_least);
        let none = near_duplicates(&corpus, &[], NearOptions::default()).unwrap();
        assert_eq!(none.places, 0);
    }
}
