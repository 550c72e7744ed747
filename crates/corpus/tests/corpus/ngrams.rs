//! Every query over token ids equals brute force, on random corpora.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::scan;
use proptest::prelude::*;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter, Width};
use rotescope_corpus::{Cooccur, CorpusError};

type Documents = Vec<Vec<u32>>;

/// An index of `documents` in shards of at most `shard` positions.
fn index(documents: &Documents, vocabulary: usize, shard: u64) -> NgramIndex {
    let folder = tempfile::tempdir().unwrap();
    let longest = documents.iter().map(Vec::len).max().unwrap_or(0) as u64 + 1;
    let mut writer = NgramWriter::with_shard_length(folder.path(), vocabulary, shard.max(longest));
    for document in documents {
        writer.push(document).unwrap();
    }
    let written = writer.finish(|_, _| Ok(())).unwrap();
    // The mapped files stay readable after the folder is gone.
    let open = NgramIndex::open(folder.path(), &written.shards, written.width, vocabulary);
    open.unwrap()
}

/// A vocabulary, documents over a part of it, the length of a shard, and n-grams to ask for, some
/// cut from the documents and some made up.
fn corpora() -> impl Strategy<Value = (usize, Documents, u64, Vec<Vec<u32>>)> {
    let vocabularies = prop_oneof![
        Just((1usize, 1u32)),
        Just((2, 2)),
        Just((4, 4)),
        Just((50_000, 50_000)),
        Just((65_535, 65_535)),
        // Ids of 32 bits, few of which occur.
        Just((200_000, 3)),
        Just((200_000, 200_000)),
    ];
    vocabularies.prop_flat_map(|(vocabulary, used)| {
        // The greatest ids, where mistakes with separators would show.
        let id = (vocabulary as u32 - used)..vocabulary as u32;
        let short = proptest::collection::vec(id.clone(), 0..4);
        let long = proptest::collection::vec(id.clone(), 0..60);
        let repeats = (short.clone(), 1..12usize).prop_map(|(d, n)| d.repeat(n));
        let document = prop_oneof![short.clone(), long, repeats];
        let documents = proptest::collection::vec(document, 0..14);
        let shard = prop_oneof![Just(1u64), 5..80u64, Just(1 << 20)];
        let made_up = proptest::collection::vec(proptest::collection::vec(id, 0..6), 4);
        let cuts = proptest::collection::vec(any::<[proptest::sample::Index; 3]>(), 8);
        (Just(vocabulary), documents, shard, made_up, cuts).prop_map(
            |(vocabulary, documents, shard, made_up, cuts)| {
                let mut ngrams = made_up;
                for [document, start, len] in cuts {
                    if documents.is_empty() {
                        break;
                    }
                    let document = &documents[document.index(documents.len())];
                    let start = start.index(document.len() + 1);
                    let len = len.index((document.len() - start).min(8) + 1);
                    ngrams.push(document[start..start + len].to_vec());
                }
                ngrams.push(vec![vocabulary as u32]);
                ngrams.push(vec![u32::MAX]);
                ngrams.push(vec![u32::from(u16::MAX), 0]);
                (vocabulary, documents, shard, ngrams)
            },
        )
    })
}

/// Documents hold both, or pairs at most so far apart, by trying all pairs.
fn pairs(documents: &Documents, a: &[u32], b: &[u32], how: Cooccur) -> u64 {
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let (a_places, b_places) = (scan(documents, a), scan(documents, b));
    let mut count = 0;
    let mut with_both = BTreeSet::new();
    for (i, &(d, p)) in a_places.iter().enumerate() {
        for (j, &(e, q)) in b_places.iter().enumerate() {
            if d != e || (a == b && i >= j) {
                continue;
            }
            with_both.insert(d);
            if let Cooccur::Window(n) = how {
                count += u64::from(p.abs_diff(q) <= n);
            }
        }
    }
    match how {
        Cooccur::Document => with_both.len() as u64,
        Cooccur::Window(_) => count,
    }
}

/// The rule as infini-gram's engine has it, on the joined stream with a separator after each
/// document.
fn cnf(documents: &Documents, a: &[u32], b: &[u32], most: u64) -> u64 {
    let mut stream: Vec<Option<u32>> = Vec::new();
    for document in documents {
        stream.extend(document.iter().copied().map(Some));
        stream.push(None);
    }
    let places = |ngram: &[u32]| -> Vec<usize> {
        let ngram: Vec<_> = ngram.iter().copied().map(Some).collect();
        (0..stream.len())
            .filter(|&i| stream[i..].starts_with(&ngram))
            .collect()
    };
    let (a, b) = (places(a), places(b));
    let (rare, other) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut count = 0;
    for p in rare {
        let (mut left, mut right, mut kept) = (p, p, false);
        if let Some(&q) = other.iter().rfind(|&&q| q < p)
            && (p - q) as u64 <= most
        {
            (left, kept) = (q, true);
        }
        if let Some(&q) = other.iter().find(|&&q| q >= p)
            && (q - p) as u64 <= most
        {
            (right, kept) = (q, true);
        }
        count += u64::from(kept && stream[left..right].iter().all(Option::is_some));
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn counts_and_continuations((vocabulary, documents, shard, ngrams) in corpora()) {
        let index = index(&documents, vocabulary, shard);
        prop_assert_eq!(index.documents(), documents.len() as u64);
        prop_assert_eq!(index.tokens(), documents.iter().map(Vec::len).sum::<usize>() as u64);
        for ngram in &ngrams {
            let places = scan(&documents, ngram);
            prop_assert_eq!(index.count(ngram), places.len() as u64, "{:?}", ngram);

            let mut next: BTreeMap<u32, u64> = BTreeMap::new();
            let mut ends = 0;
            for &(d, p) in &places {
                match documents[d as usize].get(p as usize + ngram.len()) {
                    Some(&id) => *next.entry(id).or_default() += 1,
                    None => ends += 1,
                }
            }
            let answer = index.next(ngram);
            let mut want: Vec<_> = next.clone().into_iter().collect();
            want.sort_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
            prop_assert_eq!(&answer.tokens, &want);
            prop_assert_eq!(answer.ends, ends);
            prop_assert_eq!(answer.total(), places.len() as u64);

            let candidates: Vec<u32> = ngrams.iter().flatten().copied().collect();
            let counts: Vec<u64> = candidates.iter().map(|c| next.get(c).copied().unwrap_or(0)).collect();
            prop_assert_eq!(index.candidate_counts(ngram, &candidates), counts);
        }
    }

    #[test]
    fn longest_matches((vocabulary, documents, shard, ngrams) in corpora(), long in any::<bool>()) {
        let index = index(&documents, vocabulary, shard);
        let mut contexts = ngrams.clone();
        if long {
            // Whole documents after something else: matches of any length.
            contexts.extend(documents.iter().map(|d| [&ngrams[0][..], d].concat()));
        }
        for context in &contexts {
            let suffixes = |len: usize| &context[context.len() - len..];
            let len = (1..=context.len()).rev().find(|&l| !scan(&documents, suffixes(l)).is_empty());
            let len = len.unwrap_or(0);
            let answer = index.longest_suffix(context);
            prop_assert_eq!(answer.len, len);
            prop_assert_eq!(answer.count, scan(&documents, suffixes(len)).len() as u64);

            for token in ngrams.iter().flatten().copied().take(6) {
                let joint = |len: usize| [suffixes(len), &[token]].concat();
                let len = (1..=context.len()).rev().find(|&l| !scan(&documents, &joint(l)).is_empty());
                let len = len.unwrap_or(0);
                let answer = index.longest_context_of(context, token);
                prop_assert_eq!(answer.len, len);
                prop_assert_eq!(answer.context_count, scan(&documents, suffixes(len)).len() as u64);
                prop_assert_eq!(answer.joint_count, scan(&documents, &joint(len)).len() as u64);
            }
        }
    }

    #[test]
    fn places_and_documents((vocabulary, documents, shard, ngrams) in corpora(), limit in 0usize..9, offset in 0usize..9) {
        let index = index(&documents, vocabulary, shard);
        for (ordinal, document) in documents.iter().enumerate() {
            prop_assert_eq!(&index.document_tokens(ordinal as u64).unwrap(), document);
        }
        prop_assert_eq!(index.document_tokens(documents.len() as u64), None);
        for ngram in &ngrams {
            let places = scan(&documents, ngram);
            let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
            let mut ranked: Vec<_> = places.iter().map(|&(d, p)| {
                let nth = seen.entry(d).or_default();
                *nth += 1;
                (*nth, d, p)
            }).collect();
            ranked.sort_unstable();
            let want: Vec<_> = ranked.iter().skip(offset).take(limit).map(|&(_, d, p)| (d, p)).collect();
            let answer = index.places(ngram, limit, offset);
            prop_assert_eq!(answer.places, places.len() as u64);
            prop_assert_eq!(answer.documents, seen.len() as u64);
            let hits: Vec<_> = answer.hits.iter().map(|h| (h.document, h.position)).collect();
            prop_assert_eq!(hits, want);
        }
    }

    #[test]
    fn pairs_of_ngrams((vocabulary, documents, shard, ngrams) in corpora(), n in 0u32..70) {
        let index = index(&documents, vocabulary, shard);
        for a in &ngrams {
            for b in &ngrams {
                for how in [Cooccur::Document, Cooccur::Window(n), Cooccur::Window(u32::MAX)] {
                    prop_assert_eq!(index.cooccur(a, b, how), pairs(&documents, a, b, how), "{:?} {:?} {}", a, b, how);
                }
                if !a.is_empty() && !b.is_empty() {
                    prop_assert_eq!(index.cnf_count(a, b, u64::from(n)), cnf(&documents, a, b, u64::from(n)), "{:?} {:?}", a, b);
                }
            }
        }
    }

    #[test]
    fn shards_change_no_answer((vocabulary, documents, shard, ngrams) in corpora()) {
        let (cut, whole) = (index(&documents, vocabulary, shard), index(&documents, vocabulary, 1 << 30));
        for a in &ngrams {
            prop_assert_eq!(cut.count(a), whole.count(a));
            prop_assert_eq!(cut.next(a), whole.next(a));
            for b in &ngrams {
                prop_assert_eq!(cut.cnf_count(a, b, 9), whole.cnf_count(a, b, 9));
            }
        }
    }
}

/// Frequent n-grams take other ways through the code (radix sort, bitmaps) than rare ones.
#[test]
fn frequent_pairs_by_every_way() {
    // A long stream of three tokens with a fourth here and there, in documents of 0 to 400 tokens.
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let documents: Documents = (0..150)
        .map(|_| {
            let len = random() % 400;
            (0..len)
                .map(|_| if random() % 500 == 0 { 3 } else { random() % 3 })
                .collect()
        })
        .collect();
    for shard in [4_000, 1 << 20] {
        let index = index(&documents, 4, shard);
        for (a, b) in [
            (&[0][..], &[1][..]),
            (&[2], &[2]),
            (&[3], &[1]),
            (&[0, 1], &[1, 0]),
            (&[3], &[3]),
        ] {
            for how in [Cooccur::Document, Cooccur::Window(3), Cooccur::Window(1000)] {
                assert_eq!(
                    index.cooccur(a, b, how),
                    pairs(&documents, a, b, how),
                    "{a:?} {b:?} {how}"
                );
            }
        }
    }
}

#[test]
fn widths_follow_the_vocabulary() {
    assert_eq!(Width::of_vocabulary(1), Width::U16);
    assert_eq!(Width::of_vocabulary(65_535), Width::U16);
    assert_eq!(Width::of_vocabulary(65_536), Width::U32);
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = NgramWriter::with_shard_length(folder.path(), 10, 5);
    writer.push(&[1, 2, 3, 4]).unwrap();
    let error = writer.push(&[1, 2, 3, 4, 5]).unwrap_err();
    assert!(
        matches!(error, CorpusError::TooLittleMemory { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("--memory"), "{error}");
    let error = writer.push(&[10]).unwrap_err();
    assert!(
        matches!(error, CorpusError::BadToken { id: 10, size: 10 }),
        "{error}"
    );
    let error = NgramWriter::new(folder.path(), 1 << 20, 1 << 20)
        .err()
        .unwrap();
    assert!(
        matches!(error, CorpusError::TooLittleMemory { .. }),
        "{error}"
    );
}
