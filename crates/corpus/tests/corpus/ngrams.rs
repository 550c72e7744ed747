//! Every query over token ids equals brute force, on random corpora.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter, Width};
use rotescope_corpus::{Cooccur, CorpusError, Documents as _, MemoryCorpus, NgramCounts};

type Documents = Vec<Vec<u32>>;

/// An index of `documents` in shards of at most `shard` positions.
fn index(documents: &Documents, vocabulary: usize, shard: u64) -> NgramIndex {
    let [index, _] = with_and_without_keys(documents, vocabulary, shard);
    index
}

/// The same, and as older versions made it.
fn with_and_without_keys(documents: &Documents, vocabulary: usize, shard: u64) -> [NgramIndex; 2] {
    let folder = tempfile::tempdir().unwrap();
    let longest = documents.iter().map(Vec::len).max().unwrap_or(0) as u64 + 1;
    let mut writer = NgramWriter::with_shard_length(folder.path(), vocabulary, shard.max(longest));
    for document in documents {
        writer.push(document).unwrap();
    }
    let written = writer.finish(|_, _| Ok(())).unwrap();
    // The mapped files stay readable after the folder is gone.
    let open = || NgramIndex::open(folder.path(), &written.shards, written.width, vocabulary);
    let index = open().unwrap();
    for shard in &written.shards {
        std::fs::remove_file(folder.path().join(format!("{}.keys", shard.name))).unwrap();
    }
    [index, open().unwrap()]
}

fn memory(documents: &Documents) -> MemoryCorpus {
    MemoryCorpus::of_tokens("memory", documents.clone())
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

/// Many keys, of which many begin alike; n-grams shorter and longer than a key.
#[test]
fn counts_are_the_same_with_and_without_keys() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (vocabulary, used, shard) in [
        (2, 2, 1 << 20),
        (65_535, 9, 1 << 20),
        (65_535, 5_000, 9_000),
        (200_000, 3, 1 << 20),
        (200_000, 200_000, 9_000),
    ] {
        let lowest = (vocabulary - used) as u32;
        let mut phrase = |length| -> Vec<u32> {
            let id = |_| lowest + (used as f64 * rng.random::<f64>().powi(3)) as u32;
            (0..length).map(id).collect()
        };
        let phrases: Vec<_> = (0..40).map(|i| phrase(1 + i % 13)).collect();
        let documents: Documents = (0..300)
            .map(|d| match d % 3 {
                0 => phrase(d % 70),
                _ => (0..d % 17)
                    .flat_map(|i| phrases[(7 * d + i) % 40].clone())
                    .collect(),
            })
            .collect();
        let [keyed, plain] = with_and_without_keys(&documents, vocabulary, shard);
        let memory = memory(&documents);
        for document in &documents {
            for (start, length) in (0..document.len()).step_by(11).zip((1..=12).cycle()) {
                let mut ngram = document[start..document.len().min(start + length)].to_vec();
                for changed in [false, true] {
                    if changed {
                        let last = ngram.len() - 1;
                        ngram[last] = lowest + (ngram[last] - lowest + 1) % used as u32;
                    }
                    let count = plain.count(&ngram).unwrap();
                    assert_eq!(keyed.count(&ngram).unwrap(), count, "{ngram:?}");
                    assert_eq!(memory.count(&ngram).unwrap().value, count, "{ngram:?}");
                    assert_eq!(keyed.next(&ngram).unwrap(), plain.next(&ngram).unwrap());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn counts_and_continuations((vocabulary, documents, shard, ngrams) in corpora()) {
        let index = index(&documents, vocabulary, shard);
        prop_assert_eq!(index.documents(), documents.len() as u64);
        prop_assert_eq!(index.tokens(), documents.iter().map(Vec::len).sum::<usize>() as u64);
        let memory = memory(&documents);
        let candidates: Vec<u32> = ngrams.iter().flatten().copied().collect();
        for ngram in &ngrams {
            let count = memory.count(ngram).unwrap().value;
            prop_assert_eq!(index.count(ngram).unwrap(), count, "{:?}", ngram);
            let next = index.next(ngram).unwrap();
            prop_assert_eq!(next.total(), count);
            prop_assert_eq!(&next, &memory.next(ngram).unwrap().value);
            let counts = memory.candidate_counts(&[(ngram, &candidates)]).unwrap();
            prop_assert_eq!(&index.candidate_counts(ngram, &candidates).unwrap(), &counts[0].value);
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
        let memory = memory(&documents);
        for context in &contexts {
            let held = |ngram: &[u32]| memory.count(ngram).unwrap().value;
            let suffix = |len: usize| &context[context.len() - len..];
            let len = (1..=context.len()).rev().find(|&l| held(suffix(l)) > 0).unwrap_or(0);
            let answer = index.longest_suffix(context).unwrap();
            prop_assert_eq!((answer.len, answer.count), (len, held(suffix(len))));
            prop_assert_eq!(answer, memory.longest_suffixes(&[context]).unwrap()[0].value);

            for token in ngrams.iter().flatten().copied().take(6) {
                let joint = |len: usize| [suffix(len), &[token]].concat();
                let len = (1..=context.len()).rev().find(|&l| held(&joint(l)) > 0).unwrap_or(0);
                let answer = index.longest_context_of(context, token).unwrap();
                prop_assert_eq!(answer.len, len);
                prop_assert_eq!(answer, memory.longest_contexts(&[(context, token)]).unwrap()[0].value);
            }
        }
    }

    #[test]
    fn occurrences_and_documents((vocabulary, documents, shard, ngrams) in corpora(), limit in 0usize..9, offset in 0usize..9) {
        let (index, memory) = (index(&documents, vocabulary, shard), memory(&documents));
        for (ordinal, document) in documents.iter().enumerate() {
            prop_assert_eq!(&index.document_tokens(ordinal as u64).unwrap().unwrap(), document);
        }
        prop_assert_eq!(index.document_tokens(documents.len() as u64).unwrap(), None);
        for ngram in &ngrams {
            let want = memory.occurrences_of(ngram, limit, offset).unwrap().value;
            prop_assert_eq!(index.occurrences(ngram, limit, offset, usize::MAX).unwrap(), (want, None));
            // Of more than three, an even sample.
            let all = memory.occurrences_of(ngram, usize::MAX, 0).unwrap().value;
            let (some, sampled) = index.occurrences(ngram, usize::MAX, 0, 3).unwrap();
            prop_assert_eq!(some.count, all.count);
            prop_assert_eq!(sampled, (all.count > 3).then_some(some.hits.len() as u64));
            prop_assert_eq!(some.documents.is_none(), all.count > 3);
            prop_assert!(some.hits.iter().all(|h| all.hits.contains(h)));
            // A shard's remainder gives one more at most.
            prop_assert!(some.hits.len() <= 3 + documents.len() && (all.count == 0 || !some.hits.is_empty()));
        }
    }

    #[test]
    fn pairs_of_ngrams((vocabulary, documents, shard, ngrams) in corpora(), n in 0u32..70) {
        let (index, memory) = (index(&documents, vocabulary, shard), memory(&documents));
        let pairs: Vec<(&[u32], &[u32])> = ngrams.iter().flat_map(|a| ngrams.iter().map(move |b| (&a[..], &b[..]))).collect();
        for how in [Cooccur::Document, Cooccur::Window(n), Cooccur::Window(u32::MAX)] {
            for (&(a, b), want) in pairs.iter().zip(memory.cooccurs_tokens(&pairs, how).unwrap()) {
                prop_assert_eq!(index.cooccur(a, b, how).unwrap(), want.value, "{:?} {:?} {}", a, b, how);
            }
        }
        // All at once as one by one.
        let together = index.pairs_within(&pairs, n).unwrap();
        for ((&(a, b), count), want) in pairs.iter().zip(together).zip(memory.cooccurs_tokens(&pairs, Cooccur::Window(n)).unwrap()) {
            prop_assert_eq!(count, want.value, "{:?} {:?}", a, b);
        }
        let most = u64::from(n);
        for (&(a, b), want) in pairs.iter().zip(memory.cnf_counts(&pairs, most).unwrap()) {
            prop_assert_eq!(index.cnf_count(a, b, most).unwrap(), want.value, "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn shards_change_no_answer((vocabulary, documents, shard, ngrams) in corpora()) {
        let (cut, whole) = (index(&documents, vocabulary, shard), index(&documents, vocabulary, 1 << 30));
        for a in &ngrams {
            prop_assert_eq!(cut.count(a).unwrap(), whole.count(a).unwrap());
            prop_assert_eq!(cut.next(a).unwrap(), whole.next(a).unwrap());
            for b in &ngrams {
                prop_assert_eq!(cut.cnf_count(a, b, 9).unwrap(), whole.cnf_count(a, b, 9).unwrap());
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
    let mut documents: Documents = (0..150)
        .map(|_| {
            let len = random() % 400;
            (0..len)
                .map(|_| if random() % 500 == 0 { 3 } else { random() % 3 })
                .collect()
        })
        .collect();
    // So many that the fourth is rare among them.
    documents.resize(10_000, Vec::new());
    let memory = memory(&documents);
    for shard in [4_000, 1 << 20] {
        let index = index(&documents, 4, shard);
        for (a, b) in [
            (&[0][..], &[1][..]),
            (&[2], &[2]),
            (&[3], &[1]),
            (&[0, 1], &[1, 0]),
            (&[3], &[3]),
        ] {
            for how in [
                Cooccur::Document,
                Cooccur::Window(3),
                Cooccur::Window(200),
                Cooccur::Window(1000),
            ] {
                let want = memory.cooccurs_tokens(&[(a, b)], how).unwrap()[0].value;
                assert_eq!(index.cooccur(a, b, how).unwrap(), want, "{a:?} {b:?} {how}");
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

#[test]
fn what_sorting_takes_decides_how_long_shards_get() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |vocabulary, memory| match NgramWriter::new(folder.path(), vocabulary, memory) {
        Ok(_) => None,
        Err(CorpusError::TooLittleMemory { wanted, needed, .. }) => Some((wanted, needed)),
        Err(other) => panic!("{other}"),
    };
    // 64 bytes an id and 4 MiB, and then 1,024 positions of 6.2 bytes, or 8.2 where ids are wide.
    for (vocabulary, bytes) in [(1000u64, 6.2), (1 << 20, 8.2)] {
        let buckets = 64 * vocabulary + (4 << 20);
        let least = buckets + (1024.0f64 * bytes).ceil() as u64;
        assert_eq!(refused(vocabulary as usize, least), None);
        let needed = 4 * (buckets + (1 << 20));
        let few = refused(vocabulary as usize, least - 2);
        assert_eq!(few, Some((least - 2, needed)));
        assert_eq!(refused(vocabulary as usize, 7), Some((7, needed)));
        assert_eq!(refused(vocabulary as usize, needed), None);
    }
    // So many fit into one shard and no more, and so many the message asks for.
    let mut writer = NgramWriter::new(folder.path(), 1000, 64_000 + (4 << 20) + 62_000).unwrap();
    writer.push(&vec![1; 9_000]).unwrap();
    writer.push(&vec![1; 998]).unwrap();
    let error = writer.push(&vec![1; 10_000]).unwrap_err();
    let CorpusError::TooLittleMemory {
        wanted,
        needed,
        why,
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((wanted, needed), (62_000, 4 * 62_006 + (64 << 20)));
    assert_eq!(why, "one document alone has 10000 tokens");
    writer.push(&[2]).unwrap();
    assert_eq!(writer.tokens(), 9_999);
    let mut told = Vec::new();
    let written = writer.finish(|done, all| {
        told.push((done, all));
        Ok(())
    });
    let shards = written.unwrap().shards;
    let sizes: Vec<_> = shards.iter().map(|s| (s.documents, s.positions)).collect();
    assert_eq!(sizes, [(2, 10_000), (1, 2)]);
    assert_eq!(told, [(0, 10_002), (10_000, 10_002), (10_002, 10_002)]);
}
