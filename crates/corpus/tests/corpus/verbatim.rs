//! Verbatim spans against brute force.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{MemoryCorpus, NgramCounts, VerbatimSpan, verbatim_spans};

/// Every span that occurs and that no longer one holds, found by trying all.
fn brute_force(corpus: &MemoryCorpus, text: &[u32], shortest: usize) -> Vec<VerbatimSpan> {
    let occurrences = |from: usize, to: usize| corpus.count(&text[from..to]).unwrap().value;
    let mut found = Vec::new();
    for from in 0..text.len() {
        for to in from + 1..=text.len() {
            let longer_left = from > 0 && occurrences(from - 1, to) > 0;
            let longer_right = to < text.len() && occurrences(from, to + 1) > 0;
            if occurrences(from, to) > 0 && !longer_left && !longer_right && to - from >= shortest {
                found.push(VerbatimSpan {
                    tokens: [from, to],
                    occurrences: occurrences(from, to),
                });
            }
        }
    }
    found
}

#[test]
fn spans_are_the_maximal_ones_with_their_counts() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let documents: Vec<Vec<u32>> = (0..40)
        .map(|_| (0..12).map(|_| rng.random_range(0..4)).collect())
        .collect();
    let corpus = MemoryCorpus::of_tokens("numbers", documents.clone());
    let (mut spans, mut long) = (0, 0);
    for _ in 0..20 {
        // Token 4 is in no document.
        let mut text: Vec<u32> = (0..30).map(|_| rng.random_range(0..5)).collect();
        text.extend(&documents[rng.random_range(0..documents.len())]);
        for shortest in [1, 4] {
            let found = verbatim_spans(&corpus, &text, shortest).unwrap();
            assert_eq!(found, brute_force(&corpus, &text, shortest), "{text:?}");
            spans += found.len();
            long += found
                .iter()
                .filter(|s| s.tokens[1] - s.tokens[0] >= 12)
                .count();
        }
    }
    assert!(
        spans > 200 && long >= 40,
        "{spans} spans, {long} of whole documents"
    );
    assert_eq!(verbatim_spans(&corpus, &[], 1).unwrap(), []);
    assert_eq!(verbatim_spans(&corpus, &[4, 4], 1).unwrap(), []);
}
