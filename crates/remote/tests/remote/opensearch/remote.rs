//! Against a cluster of three nodes, and the exact index of the same documents.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rotescope_corpus::{
    About, Cooccur, Corpus, CorpusError, Documents, LocalIndex, LocalQuestion, NgramCounts,
    Several, WordCounts,
};
use rotescope_remote::{Cache, Limits, OpenSearch, PushOptions};
use serde_json::json;

use super::both::{PART, both, index};
use crate::support::patient;

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn counts_of_ngrams_are_those_of_the_exact_index() {
    let both = both();
    let remote = both.open("pocket").unwrap();
    let (ours, theirs) = (both.local.info(), remote.info());
    assert_eq!(
        (theirs.tokens, theirs.documents, theirs.words),
        (ours.tokens, ours.documents, ours.words)
    );
    assert_eq!(
        (theirs.fingerprint, theirs.tokenizer),
        (ours.fingerprint, ours.tokenizer)
    );
    assert_eq!(theirs.basis.to_string(), "occurrences, exact");

    let ngrams = both.ngrams(10_000);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let began = Instant::now();
    let counts = remote.counts(&asked).unwrap();
    eprintln!(
        "10,000 counts in {:?}, {:?}",
        began.elapsed(),
        remote.asker().tally()
    );
    assert_eq!(counts, both.local.counts(&asked).unwrap());
    assert!(counts.iter().filter(|c| c.value == 0).count() > 1000);
    assert_eq!(
        remote.document_counts(&asked).unwrap(),
        both.local.document_counts(&asked).unwrap()
    );
    // What occurs more than once in a row, the ends of the vocabulary, nothing.
    let most = both.local.next(&[]).unwrap().value.tokens[0].0;
    for ngram in [&[most, most][..], &[most, most, most], &[u32::MAX], &[]] {
        assert_eq!(
            remote.count(ngram).unwrap(),
            both.local.count(ngram).unwrap()
        );
    }
}

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn local_counts_of_chains_are_those_of_the_exact_index_and_known_the_second_time() {
    let both = both();
    let file = both.folder.path().join("answers.redb");
    let cache = || Arc::new(Cache::new(file.clone(), 1 << 30));
    let remote = both.open_with("part", patient(), cache()).unwrap();
    let began = Instant::now();
    let mut tokens = 0;
    let ask = |remote: &OpenSearch, text: &[u32]| {
        let candidates: Vec<Vec<u32>> = (1..text.len())
            .map(|i| {
                let next = both.part.next(&text[i - 1..i]).unwrap().value;
                let mut candidates: Vec<u32> = next.tokens.iter().take(19).map(|t| t.0).collect();
                candidates.push(text[i]);
                candidates
            })
            .collect();
        let questions: Vec<LocalQuestion> = candidates
            .iter()
            .zip(1..)
            .map(|(candidates, i)| LocalQuestion {
                context: &text[..i],
                token: text[i],
                candidates,
            })
            .collect();
        let theirs = remote.local_counts(&questions).unwrap();
        assert_eq!(theirs, both.part.local_counts(&questions).unwrap());
        let suffixes: Vec<&[u32]> = questions.iter().step_by(10).map(|q| q.context).collect();
        assert_eq!(
            remote.longest_suffixes(&suffixes).unwrap(),
            both.part.longest_suffixes(&suffixes).unwrap()
        );
        questions.len()
    };
    for n in 0..20 {
        tokens += ask(&remote, &both.chain(n));
    }
    let tally = remote.asker().tally();
    eprintln!(
        "{tokens} tokens of 20 chains in {:?}: {tally:?}",
        began.elapsed()
    );
    assert!(tally.asked < 2 * tokens as u64, "{tally:?}");
    drop(remote);
    let offline = Limits {
        offline: true,
        ..patient()
    };
    let again = both.open_with("part", offline, cache()).unwrap();
    for n in 0..20 {
        ask(&again, &both.chain(n));
    }
    assert_eq!(again.asker().tally().asked, 0);
    let error = again.count(&[1, 2, 3, 4, 5, 6, 7]).unwrap_err().to_string();
    assert!(error.contains("offline"), "{error}");
}

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn words_documents_and_what_follows_are_those_of_the_exact_index() {
    let both = both();
    let remote = both.open("part").unwrap();
    let words: Vec<String> = [
        "pens", "the", "7", "How", "+", "=", "Tom", "zebra", "answer", "of",
    ]
    .map(String::from)
    .to_vec();
    assert_eq!(
        remote.word_counts(&words).unwrap(),
        both.part.word_counts(&words).unwrap()
    );
    assert_eq!(
        remote.word_document_counts(&words).unwrap(),
        both.part.word_document_counts(&words).unwrap()
    );
    let mut pairs = Vec::new();
    for a in &words {
        pairs.extend(words.iter().map(|b| (a.clone(), b.clone())));
    }
    let documents = remote.cooccurs(&pairs, Cooccur::Document).unwrap();
    assert_eq!(
        documents,
        both.part.cooccurs(&pairs, Cooccur::Document).unwrap()
    );
    // Of a window the exact index counts pairs, the cluster documents with a pair: never more, and none where there is none.
    for apart in [0, 1, 10] {
        let pairs_found = both.part.cooccurs(&pairs, Cooccur::Window(apart)).unwrap();
        let found = remote.cooccurs(&pairs, Cooccur::Window(apart)).unwrap();
        let (mut equal, mut fewer) = (0, 0);
        for (i, (theirs, ours)) in found.iter().zip(&pairs_found).enumerate() {
            assert_eq!(theirs.basis.to_string(), "documents, exact");
            let in_documents = brute(&both.part, &pairs[i], apart);
            assert_eq!(theirs.value, in_documents, "{:?} {apart}", pairs[i]);
            assert_eq!(theirs.value == 0, ours.value == 0);
            assert!(theirs.value <= ours.value);
            equal += usize::from(theirs.value == ours.value);
            fewer += usize::from(theirs.value < ours.value);
        }
        eprintln!(
            "window:{apart}: documents are as many as pairs for {equal} of 100 pairs of words, fewer for {fewer}"
        );
    }

    let ngrams = both.ngrams(300);
    let rows: Vec<&[u32]> = ngrams.iter().step_by(10).map(Vec::as_slice).collect();
    assert_eq!(
        remote.documents_with(&words, &rows).unwrap(),
        both.part.documents_with(&words, &rows).unwrap()
    );
    let ngram_pairs: Vec<_> = rows.windows(2).map(|w| (w[0], w[1])).collect();
    assert_eq!(
        remote
            .cooccurs_tokens(&ngram_pairs, Cooccur::Document)
            .unwrap(),
        both.part
            .cooccurs_tokens(&ngram_pairs, Cooccur::Document)
            .unwrap()
    );
    let longer: Vec<&[u32]> = ngrams
        .iter()
        .filter(|n| n.len() > 3)
        .map(Vec::as_slice)
        .collect();
    assert_eq!(
        remote.continuations(&longer).unwrap(),
        both.part.continuations(&longer).unwrap()
    );
    let mut listed = 0;
    for ngram in longer.iter().take(60) {
        let ours = both.part.occurrences_of(ngram, 2000, 0).unwrap().value;
        let theirs = remote.occurrences_of(ngram, 2000, 0).unwrap().value;
        assert_eq!(
            (theirs.count, theirs.documents),
            (ours.count, ours.documents)
        );
        let places = |hits: &[rotescope_corpus::Occurrence]| {
            let mut all: Vec<_> = hits.iter().map(|h| (h.document, h.position)).collect();
            all.sort_unstable();
            all
        };
        if ours.documents.unwrap() <= 1000 {
            assert_eq!(places(&theirs.hits), places(&ours.hits));
        }
        let page = remote.occurrences_of(ngram, 3, 2).unwrap().value.hits;
        assert_eq!(
            page[..],
            theirs.hits[theirs.hits.len().min(2)..theirs.hits.len().min(5)]
        );
        listed += theirs.hits.len();
    }
    assert!(listed > 20);
    for n in [0, 5, PART - 1] {
        assert_eq!(remote.document(n).unwrap(), both.part.document(n).unwrap());
    }
    let error = remote.document(1 << 40).unwrap_err();
    assert!(matches!(error, CorpusError::NoDocument { .. }), "{error}");
}

/// Documents in which two words stand at most so many words apart, by looking at all.
fn brute(local: &LocalIndex, (a, b): &(String, String), apart: u32) -> u64 {
    static TEXTS: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let all: Vec<u64> = (0..local.info().documents.unwrap()).collect();
        let words = |text: &str| {
            let words = rotescope_corpus::words::split(text).into_iter();
            words.map(|(_, w)| w.to_string()).collect()
        };
        let documents = local.documents(&all).unwrap();
        documents.iter().map(|d| words(&d.text)).collect()
    });
    let near = |words: &&Vec<String>| {
        let mut last: [Option<usize>; 2] = [None, None];
        for (at, word) in words.iter().enumerate() {
            let close = |before: Option<usize>| before.is_some_and(|p| at - p <= apart as usize);
            if (word == b && close(last[0])) || (word == a && close(last[1])) {
                return true;
            }
            for (seen, of) in last.iter_mut().zip([a, b]) {
                if word == of {
                    *seen = Some(at);
                }
            }
        }
        false
    };
    texts.iter().filter(near).count() as u64
}

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn a_load_that_broke_off_goes_on_and_another_corpus_is_left_alone() {
    let both = both();
    let stopped = both.push("again", &both.part, &PushOptions::default(), &|p| {
        p.documents < p.of / 2
    });
    assert!(matches!(stopped, Err(CorpusError::Stopped)), "{stopped:?}");
    let error = both.open("again").err().unwrap().to_string();
    assert!(error.contains("index push"), "{error}");
    let first = AtomicU64::new(u64::MAX);
    let pushed = both.push("again", &both.part, &PushOptions::default(), &|p| {
        first.fetch_min(p.documents, Ordering::Relaxed);
        true
    });
    let pushed = pushed.unwrap();
    assert_eq!(pushed.documents, pushed.of);
    assert!(pushed.before >= pushed.of / 2, "{pushed:?}");
    assert!(first.into_inner() > 0);
    let remote = both.open("again").unwrap();
    let ngrams = both.ngrams(500);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    assert_eq!(
        remote.counts(&asked).unwrap(),
        both.part.counts(&asked).unwrap()
    );
    // A third time there is nothing to do.
    let pushed = both
        .push("again", &both.part, &PushOptions::default(), &|_| true)
        .unwrap();
    assert_eq!(pushed.before, pushed.of);

    let file = both.folder.path().join("other.jsonl");
    std::fs::write(&file, "{\"text\": \"Tom has ten pens.\"}\n").unwrap();
    let other = index(
        &both.folder.path().join("other"),
        vec![file],
        &both.vocabulary,
    );
    let refused = both.push("again", &other, &PushOptions::default(), &|_| true);
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("another corpus"), "{error}");

    // Beside the local index the sum has both; the same corpus from two places is refused.
    both.push("other", &other, &PushOptions::default(), &|_| true)
        .unwrap();
    let parts: Vec<Arc<dyn Corpus>> = vec![
        Arc::new(both.open("other").unwrap()),
        Arc::new(LocalIndex::open(both.folder.path().join("part")).unwrap()),
    ];
    let several = Several::new(parts).unwrap();
    let text = other.document_tokens(&[0]).unwrap().remove(0);
    for len in 1..=text.len() {
        let sum =
            both.part.count(&text[..len]).unwrap().value + other.count(&text[..len]).unwrap().value;
        assert_eq!(several.count(&text[..len]).unwrap().value, sum);
    }
    let twice: Vec<Arc<dyn Corpus>> = vec![
        Arc::new(both.open("part").unwrap()),
        Arc::new(LocalIndex::open(both.folder.path().join("part")).unwrap()),
    ];
    assert!(matches!(
        Several::new(twice),
        Err(CorpusError::SameCorpus { .. })
    ));
}

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn without_scripts_documents_are_counted_and_said_to_be() {
    let both = both();
    let how = PushOptions {
        documents_only: true,
        shards: Some(2),
        replicas: Some(0),
    };
    both.push("documents", &both.part, &how, &|_| true).unwrap();
    let remote = both.open("documents").unwrap();
    assert_eq!(remote.info().basis.to_string(), "documents, exact");
    let ngrams = both.ngrams(300);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    assert_eq!(
        remote.counts(&asked).unwrap(),
        both.part.document_counts(&asked).unwrap()
    );
    // Occurrences and documents are not summed.
    let file = both.folder.path().join("mixed.jsonl");
    std::fs::write(&file, "{\"text\": \"Ann has two pens.\"}\n").unwrap();
    let other = index(
        &both.folder.path().join("mixed"),
        vec![file],
        &both.vocabulary,
    );
    let mixed = Several::new(vec![Arc::new(remote), Arc::new(other)]);
    assert!(matches!(mixed, Err(CorpusError::MixedUnits { .. })));
}

#[test]
#[ignore = "needs a cluster: make test-remote"]
fn what_is_no_index_of_ours_is_refused_by_name() {
    let both = both();
    let refused = |index: &str| both.open(index).err().unwrap().to_string();
    let error = refused("nobody");
    assert!(
        error.contains("nobody") && error.contains("index push"),
        "{error}"
    );
    let cluster = both.cluster.lock().unwrap();
    cluster.ask(
        0,
        "PUT",
        "foreign",
        r#"{"settings": {"number_of_replicas": 0}}"#,
    );
    let alias = json!({"actions": [{"add": {"index": "foreign", "alias": "many"}}, {"add": {"index": "pocket", "alias": "many"}}]});
    cluster.ask(0, "POST", "_aliases", &alias.to_string());
    drop(cluster);
    let error = refused("foreign");
    assert!(error.contains("no token ids"), "{error}");
    let error = refused("many");
    assert!(error.contains("several indexes"), "{error}");
    let cluster = both.cluster.lock().unwrap();
    cluster.ask(0, "DELETE", "foreign", "");
}

/// One of three nodes dies while questions come from several threads: each answer is right, or an error.
#[test]
#[ignore = "needs a cluster: make test-remote"]
fn zz_a_node_that_dies_costs_no_wrong_answer() {
    let both = both();
    let ngrams = both.ngrams(4_000);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let expected = both.part.counts(&asked).unwrap();
    // One without a second copy of its shards cannot answer afterwards, and must say so.
    let alone = PushOptions {
        shards: Some(3),
        replicas: Some(0),
        documents_only: false,
    };
    both.push("alone", &both.part, &alone, &|_| true).unwrap();
    let impatient = Limits {
        attempts: 3,
        ..patient()
    };
    let open = |index: &str| both.open_with(index, impatient.clone(), Arc::new(Cache::in_memory()));
    let (safe, unsafe_) = (open("part").unwrap(), open("alone").unwrap());
    let (over, right, errors) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for (n, remote) in [&safe, &unsafe_, &safe].into_iter().enumerate() {
            let (asked, expected, over, right, errors) =
                (&asked, &expected, &over, &right, &errors);
            scope.spawn(move || {
                for (i, (asked, expected)) in asked.chunks(40).zip(expected.chunks(40)).enumerate()
                {
                    if i % 3 != n || over.load(Ordering::Relaxed) {
                        continue;
                    }
                    match remote.counts(asked) {
                        Ok(counts) => {
                            assert_eq!(counts, expected);
                            right.fetch_add(40, Ordering::Relaxed);
                        }
                        Err(_) => drop(errors.fetch_add(40, Ordering::Relaxed)),
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        both.cluster.lock().unwrap().kill(2);
        std::thread::sleep(Duration::from_secs(8));
        over.store(true, Ordering::Relaxed);
    });
    let (right, errors) = (right.into_inner(), errors.into_inner());
    eprintln!("one of three nodes killed: {right} answers right, {errors} errors, 0 wrong");
    assert!(right > 0);
    let fresh = both.ngrams(4_100);
    let fresh: Vec<&[u32]> = fresh[4_000..].iter().map(Vec::as_slice).collect();
    // With two copies all is answered again; without, nothing is.
    let patient = both.open("part").unwrap();
    assert_eq!(
        patient.counts(&fresh).unwrap(),
        both.part.counts(&fresh).unwrap()
    );
    let error = unsafe_.counts(&fresh).unwrap_err().to_string();
    eprintln!("{error}");
    assert!(error.starts_with("opensearch:"), "{error}");
    both.cluster.lock().unwrap().revive(2);
    let again = open("alone").unwrap();
    assert_eq!(
        again.counts(&fresh).unwrap(),
        both.part.counts(&fresh).unwrap()
    );
}
