//! Spans against a scan of everything, and OLMoTrace's choice.

use proptest::prelude::*;
use rotescope_audit::spans::coverage;
use rotescope_audit::{Pieces, SpanOptions, sources, spans};
use rotescope_corpus::MemoryCorpus;
use rotescope_vocab::{Encode, VocabError};

/// What the tokens 0, 1, ... are.
const VOCABULARY: [&str; 7] = ["ab", " cd", "e", " f", ".", "\n", " g."];

fn pieces(ids: &[u32]) -> Pieces {
    let bytes = |id: &u32| VOCABULARY[*id as usize].as_bytes().to_vec();
    Pieces::new(ids.to_vec(), &ids.iter().map(bytes).collect::<Vec<_>>())
}

fn corpus(documents: &[Vec<u32>]) -> MemoryCorpus {
    MemoryCorpus::of_tokens("c", documents.to_vec())
}

/// All stretches, by trying each.
fn brute(documents: &[Vec<u32>], text: &[u32], self_contained: bool) -> Vec<[usize; 2]> {
    let pieces = pieces(text);
    let ends = |id: &u32| VOCABULARY[*id as usize].contains(['.', '\n']);
    let stands = |part: &[u32]| {
        documents
            .iter()
            .any(|d| d.windows(part.len()).any(|w| w == part))
    };
    let fits = |i: usize, j: usize| {
        !self_contained
            || pieces.is_border(i) && pieces.is_border(j) && !text[i..j - 1].iter().any(ends)
    };
    let all: Vec<[usize; 2]> = (0..text.len())
        .flat_map(|i| (i + 1..=text.len()).map(move |j| [i, j]))
        .filter(|&[i, j]| fits(i, j) && stands(&text[i..j]))
        .collect();
    let within = |a: &[usize; 2], b: &[usize; 2]| a != b && b[0] <= a[0] && a[1] <= b[1];
    let maximal = |a: &&[usize; 2]| !all.iter().any(|b| within(a, b));
    all.iter().filter(maximal).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn spans_are_those_of_a_scan(
        documents in prop::collection::vec(prop::collection::vec(0u32..7, 0..12), 0..6),
        text in prop::collection::vec(0u32..7, 0..25),
        self_contained: bool,
    ) {
        let options = SpanOptions { self_contained, ..SpanOptions::default() };
        let found = spans(&corpus(&documents), &pieces(&text), &options).unwrap();
        let places: Vec<[usize; 2]> = found.iter().map(|s| s.tokens).collect();
        prop_assert_eq!(places, brute(&documents, &text, self_contained));
        for s in &found {
            let part = &text[s.tokens[0]..s.tokens[1]];
            let count = |d: &Vec<u32>| d.windows(part.len()).filter(|w| *w == part).count();
            prop_assert_eq!(s.occurrences, documents.iter().map(count).sum::<usize>() as u64);
        }
        let kept = found.iter().filter(|s| s.kept).count();
        let most = (0.05 * text.len() as f64).ceil() as usize;
        prop_assert_eq!(kept, most.min(found.len()));
    }
}

#[test]
fn the_rarest_are_kept_and_frequent_ones_may_be_refused() {
    // "ab cd" is rare, " f f" is frequent; a border lies between them.
    let documents = vec![vec![0, 1], vec![3, 3, 3, 3, 3, 3], vec![3, 3, 5]];
    let text = pieces(&[0, 1, 5, 3, 3, 4]);
    let options = SpanOptions {
        shortest: 2,
        density: 0.1,
        ..SpanOptions::default()
    };
    let found = spans(&corpus(&documents), &text, &options).unwrap();
    let kept: Vec<[usize; 2]> = found.iter().filter(|s| s.kept).map(|s| s.tokens).collect();
    assert_eq!((found.len(), kept), (2, vec![[0, 2]]));
    let log = (1.0_f64 / 11.0).ln() * 2.0;
    assert!((found[0].unigram_logprob - log).abs() < 1e-9, "{found:?}");
    let rare = SpanOptions {
        most_frequent: Some(1),
        density: 1.0,
        ..options
    };
    let found = spans(&corpus(&documents), &text, &rare).unwrap();
    assert_eq!(
        found.iter().map(|s| s.kept).collect::<Vec<_>>(),
        [true, false]
    );
    assert!((coverage(&found, 6, 2) - 4.0 / 6.0).abs() < 1e-9);
    assert_eq!(coverage(&found, 6, 3), 0.0);
}

/// A token for each byte.
struct Bytes;

impl Encode for Bytes {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let one = |t: &&str| t.bytes().map(u32::from).collect();
        Ok(texts.iter().map(one).collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        u8::try_from(id).into_iter().collect()
    }

    fn size(&self) -> usize {
        256
    }

    fn fingerprint(&self) -> &'static str {
        "bytes"
    }
}

#[test]
fn documents_come_by_relevance_and_copies_are_one() {
    let texts = [
        "The copper kettle sang.",
        "Nothing here at all, and much more of it than anywhere else.",
        "The copper kettle sang. Rain fell on the tin roof.",
        "The copper kettle sang.",
    ];
    let corpus = MemoryCorpus::of_texts("c", &texts, &Bytes).unwrap();
    let text = "Rain fell. The copper kettle sang.";
    let ids = Bytes.encode_batch(&[text]).unwrap().remove(0);
    let bytes: Vec<Vec<u8>> = ids.iter().map(|id| Bytes.token_bytes(*id)).collect();
    let pieces = Pieces::new(ids, &bytes);
    let options = SpanOptions {
        shortest: 6,
        ..SpanOptions::default()
    };
    let found = spans(&corpus, &pieces, &options).unwrap();
    let said: Vec<&str> = found
        .iter()
        .map(|s| &text[s.bytes[0]..s.bytes[1]])
        .collect();
    assert_eq!(said, ["Rain fell", "The copper kettle sang."]);
    assert_eq!(
        found.iter().map(|s| s.occurrences).collect::<Vec<_>>(),
        [1, 3]
    );

    let behind = sources(&corpus, &pieces.ids, text, &found, 10).unwrap();
    let order: Vec<(u64, usize, usize)> = behind
        .iter()
        .map(|d| (d.document, d.copies, d.spans.len()))
        .collect();
    // The one that speaks of rain too; then the two copies. What is said nowhere has no document.
    assert_eq!(order, [(2, 0, 2), (0, 1, 1)]);
    assert!(behind[0].bm25 > behind[1].bm25);
    assert_eq!(behind[0].spans, [(0, Some(24)), (1, Some(0))]);

    // By hand: words in three and in one of four documents.
    let idf = |n: f64| (1.0 + (4.0 - n + 0.5) / (n + 0.5)).ln();
    let mean = texts.iter().map(|t| t.len()).sum::<usize>() as f64 / 4.0;
    let length = 0.25 + 0.75 * texts[0].len() as f64 / mean;
    let want = 4.0 * idf(3.0) * 2.2 / (1.0 + 1.2 * length);
    assert!(
        (behind[1].bm25 - want).abs() < 1e-9,
        "{} {want}",
        behind[1].bm25
    );
}
