//! Against infini-gram's own engine, and the exact index of the same documents.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rotescope_corpus::{
    About, BuildOptions, Corpus, Documents, LocalIndex, LocalQuestion, NgramCounts, build,
};
use rotescope_remote::{Cache, Limits, Opened, open};
use rotescope_testing::infinigram::{END, Server, write_index};
use rotescope_testing::{pocket, repository};
use rotescope_vocab::{Encode, Gguf, Vocabulary};
use serde_json::json;

use crate::support::{ngrams, options, quick, tokenizer};

/// The exact index of the bundled corpus, and a server of the same token ids.
struct Both {
    local: LocalIndex,
    vocabulary: Arc<dyn Encode>,
    server: Server,
    /// Every document's tokens.
    documents: Vec<Vec<u32>>,
    folder: tempfile::TempDir,
}

fn vocabulary(file: &Path) -> Arc<dyn Encode> {
    Arc::new(Vocabulary::from_gguf(&Gguf::open(file).unwrap()).unwrap())
}

impl Both {
    fn new() -> Both {
        let folder = tempfile::tempdir().unwrap();
        let vocabulary = vocabulary(&pocket());
        let corpus = repository("indexes/pocket/corpus.jsonl.zst");
        let out = folder.path().join("index");
        let options = BuildOptions::new(vec![corpus], out.clone(), "pocket".into());
        build(&options, vocabulary.as_ref(), &mut ()).unwrap();
        let local = LocalIndex::open(&out).unwrap();
        let all: Vec<u64> = (0..local.info().documents.unwrap()).collect();
        let documents = local.document_tokens(&all).unwrap();
        let index = folder.path().join("served/pocket");
        let bytes = |id| vocabulary.token_bytes(id);
        write_index(&index, documents.iter().cloned(), vocabulary.size(), bytes);
        let server = Server::start(&folder.path().join("served"));
        Both {
            local,
            vocabulary,
            server,
            documents,
            folder,
        }
    }

    fn open(&self, limits: Limits, cache: Arc<Cache>) -> Opened {
        let address = self.server.name("pocket").parse().unwrap();
        let tokenizer = tokenizer(self.vocabulary.clone(), Some(END));
        open(address, options(limits, cache), tokenizer, None).unwrap()
    }

    fn fresh(&self) -> Opened {
        self.open(quick(), Arc::new(Cache::in_memory()))
    }

    fn ngrams(&self, count: usize) -> Vec<Vec<u32>> {
        ngrams(&self.documents, self.vocabulary.size(), count)
    }
}

/// Questions of a local score: each token of a text that is put together from documents, with candidates that follow such tokens.
fn questions(both: &Both, text: &[u32]) -> Vec<(usize, Vec<u32>)> {
    (1..text.len())
        .map(|i| {
            let next = both.local.next(&text[i - 1..i]).unwrap().value;
            let mut candidates: Vec<u32> = next.tokens.iter().take(19).map(|t| t.0).collect();
            candidates.push(text[i]);
            (i, candidates)
        })
        .collect()
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn counts_are_those_of_the_exact_index() {
    let both = Both::new();
    let opened = both.fresh();
    let remote: &dyn Corpus = opened.corpus.as_ref();
    let info = both.local.info();
    assert_eq!(remote.info().tokens, info.tokens + info.documents.unwrap());

    let ngrams = both.ngrams(10_000);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let began = Instant::now();
    let (theirs, ours) = (
        remote.counts(&asked).unwrap(),
        both.local.counts(&asked).unwrap(),
    );
    eprintln!("10,000 counts in {:?}", began.elapsed());
    assert_eq!(theirs, ours);
    assert!(theirs.iter().filter(|c| c.value == 0).count() > 1000);

    // Distributions: exact ones are equal, others say that they are not.
    let (mut exact, mut sampled) = (0, 0);
    let theirs = remote.continuations(&asked[..2000]).unwrap();
    let ours = both.local.continuations(&asked[..2000]).unwrap();
    for ((ngram, a), b) in asked.iter().zip(theirs).zip(ours) {
        if a.basis == b.basis {
            assert_eq!(a.value, b.value, "{ngram:?}");
            exact += 1;
        } else {
            assert_eq!(
                a.basis.to_string(),
                "occurrences, approximate, from 1000 samples"
            );
            assert!(b.value.total() > 1000);
            sampled += 1;
        }
    }
    eprintln!("{exact} exact distributions, {sampled} sampled ones");
    assert!(exact > 1000 && sampled > 100);

    // The end of a document and what is no token.
    for ngram in [&[END][..], &[65_535 - 2], &[]] {
        assert_eq!(
            remote.count(ngram).unwrap(),
            both.local.count(ngram).unwrap()
        );
    }
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn local_scores_take_few_questions_and_a_second_run_none() {
    let both = Both::new();
    let cache = both.folder.path().join("answers.redb");
    let opened = both.open(quick(), Arc::new(Cache::new(cache.clone(), 1 << 30)));
    let (mut tokens, mut chains) = (0, Vec::new());
    for n in 0..20 {
        // Halves of two documents, so that there are contexts that break off.
        let (a, b) = (&both.documents[n * 97], &both.documents[n * 131 + 7]);
        let text: Vec<u32> = a
            .iter()
            .take(60)
            .chain(b.iter().skip(3).take(60))
            .copied()
            .collect();
        tokens += text.len() - 1;
        chains.push(text);
    }
    both.server.control(&json!({}));
    let began = Instant::now();
    let mut authors = 0;
    for text in &chains {
        let asked = questions(&both, text);
        let asked: Vec<LocalQuestion> = asked
            .iter()
            .map(|(i, candidates)| LocalQuestion {
                context: &text[..*i],
                token: text[*i],
                candidates,
            })
            .collect();
        let theirs = opened.corpus.local_counts(&asked).unwrap();
        let ours = both.local.local_counts(&asked).unwrap();
        assert_eq!(theirs, ours);
        // Theirs: the suffix grows by a token as long as it occurs, then each candidate is counted.
        authors += ours
            .iter()
            .map(|a| a.value.longest.len as u64 + 2 + 20)
            .sum::<u64>();
    }
    let queries = both.server.all_asked();
    eprintln!(
        "{tokens} tokens of 20 chains in {:?}: {queries} queries ({:.2} a token), the authors' way {authors}; {}",
        began.elapsed(),
        queries as f64 / tokens as f64,
        both.server.asked()
    );
    assert!(queries * 5 < authors, "{queries} of {authors}");
    drop(opened);

    both.server.control(&json!({}));
    let again = both.open(quick(), Arc::new(Cache::new(cache, 1 << 30)));
    for text in &chains {
        let asked = questions(&both, text);
        for (i, candidates) in &asked {
            let question = LocalQuestion {
                context: &text[..*i],
                token: text[*i],
                candidates,
            };
            again.corpus.local_counts(&[question]).unwrap();
        }
    }
    assert_eq!((both.server.all_asked(), again.asker.tally().asked), (0, 0));
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn whatever_goes_wrong_no_count_is_wrong() {
    let mut both = Both::new();
    let ngrams = both.ngrams(400);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let ours = both.local.counts(&asked).unwrap();

    // Each shape of an error.
    let faults = [
        "busy200",
        "500",
        "503",
        "429",
        "truncated",
        "short",
        "html",
        "502",
        "close",
        "wrong",
        "stall",
    ];
    let passing: Vec<&str> = faults.iter().cycle().take(44).copied().collect();
    // One question may meet many of them.
    let limits = Limits {
        attempts: 45,
        first_wait: Duration::from_millis(1),
        ..quick()
    };
    let opened = both.open(limits, Arc::new(Cache::in_memory()));
    both.server.control(&json!({"next": passing}));
    assert_eq!(opened.corpus.counts(&asked).unwrap(), ours);
    for (fault, named) in [
        ("refused200", "query_ids must be a list"),
        ("400", "Invalid index"),
        ("302", "sends elsewhere"),
    ] {
        let opened = both.fresh();
        both.server.control(&json!({"next": [fault]}));
        let error = opened.corpus.count(asked[0]).unwrap_err().to_string();
        assert!(error.contains(named), "{fault}: {error}");
        assert_eq!(opened.corpus.count(asked[0]).unwrap(), ours[0]);
    }

    // Every fifth answer is lost.
    let opened = both.fresh();
    both.server.control(&json!({"drop": 0.2, "seed": 3}));
    assert_eq!(opened.corpus.counts(&asked).unwrap(), ours);
    let tally = opened.asker.tally();
    eprintln!("{tally:?}");
    assert!(tally.repeated > 40, "{tally:?}");

    // The server dies in the middle, and comes back.
    both.server.control(&json!({"delay": 0.02}));
    let limits = Limits {
        first_wait: Duration::from_millis(200),
        ..quick()
    };
    let opened = both.open(limits, Arc::new(Cache::in_memory()));
    let theirs = std::thread::scope(|scope| {
        let asks = scope.spawn(|| opened.corpus.counts(&asked));
        std::thread::sleep(Duration::from_millis(300));
        both.server.die_and_come_back(Duration::from_millis(500));
        asks.join().unwrap()
    });
    assert_eq!(theirs.unwrap(), ours);
    assert!(opened.asker.tally().repeated > 0);
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn documents_and_words_together() {
    let both = Both::new();
    let opened = both.fresh();
    let ngram = both.documents[50][..12].to_vec();
    let ours = both.local.occurrences_of(&ngram, 10, 0).unwrap().value;
    let theirs = opened.corpus.occurrences_of(&ngram, 10, 0).unwrap().value;
    assert_eq!(theirs.count, ours.count);
    assert!(!theirs.hits.is_empty() && theirs.hits.len() <= 10);
    for hit in &theirs.hits {
        let document = opened.corpus.document(hit.document).unwrap();
        let at = hit.position as usize;
        assert_eq!(document.tokens[at..at + ngram.len()], ngram);
        let n = document.line - 1;
        let text = both.local.document(n).unwrap().text;
        assert_eq!(document.text, text);
        assert_eq!(document.id, Some(format!("d{n}")));
    }
    // Pages do not overlap.
    let one = both.vocabulary.encode_batch(&[" the"]).unwrap().remove(0);
    let first = opened.corpus.occurrences_of(&one, 5, 0).unwrap().value.hits;
    let second = opened.corpus.occurrences_of(&one, 5, 5).unwrap().value.hits;
    assert_eq!((first.len(), second.len()), (5, 5));
    assert!(
        first
            .iter()
            .all(|h| !second.iter().any(|s| s.document == h.document))
    );

    let pairs = [("pens", "total"), ("apples", "apples"), ("eggs", "zebra")];
    let pairs = pairs.map(|(a, b)| (a.to_string(), b.to_string()));
    let together = opened
        .corpus
        .cooccurs(&pairs, "window:1000".parse().unwrap())
        .unwrap();
    for answer in &together {
        assert_eq!(
            answer.basis.to_string(),
            "occurrences, approximate, from 500000 samples"
        );
    }
    let error = opened
        .corpus
        .cooccurs(&pairs, "document".parse().unwrap())
        .unwrap_err();
    assert!(error.to_string().contains("window:1000"), "{error}");
    // The same numbers as the index counts by infini-gram's rule, where nothing is sampled.
    for (n, ngram) in both
        .ngrams(200)
        .iter()
        .enumerate()
        .filter(|(n, _)| n % 8 < 2)
    {
        let other = &both.documents[n][1..3];
        let theirs = opened.corpus.cnf_counts(&[(ngram, other)], 1000).unwrap()[0];
        if theirs.basis.is_exact_occurrences() {
            let ours = both.local.cnf_counts(&[(ngram, other)], 1000).unwrap()[0];
            assert_eq!(theirs, ours, "{ngram:?} {other:?}");
        }
    }
}

/// How often a text occurs, wherever it begins.
fn occurrences(documents: &[Vec<u8>], text: &[u8]) -> u64 {
    let of = |d: &Vec<u8>| d.windows(text.len()).filter(|w| *w == text).count() as u64;
    documents.iter().map(of).sum()
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn text_cut_anew_is_counted_as_text() {
    let model = vocabulary(&pocket());
    let texts = [
        "Tom has 3 pens and buys 4 more. He has 3 + 4 = 7 pens.",
        "Ann has 3 eggs and uses 2. She has 3 - 2 = 1 egg left, in a café.",
        "Tom has 3 pens. He has 3 + 5 = 8 pens, and Ann has 3 + 4 = 7 pens.",
    ];
    let documents: Vec<Vec<u8>> = texts.iter().map(|t| t.as_bytes().to_vec()).collect();
    let folder = tempfile::tempdir().unwrap();
    let ids = documents
        .iter()
        .map(|d| d.iter().map(|&b| u32::from(b)).collect());
    write_index(&folder.path().join("bytes"), ids, 256, |id| vec![id as u8]);
    let server = Server::start(folder.path());
    // An index whose tokens are bytes, asked by the ids of the bundled model: then a count is that of a text.
    let options = options(quick(), Arc::new(Cache::in_memory()));
    let bytes = tokenizer(Arc::new(crate::support::Bytes), Some(END));
    let address = server.name("bytes").parse().unwrap();
    let opened = open(address, options, bytes, Some(model.clone())).unwrap();
    let info = opened.corpus.info();
    assert_eq!(info.tokenizer, model.fingerprint());
    assert_eq!(info.basis.to_string(), "occurrences, exact, retokenized");

    let asked = "Ann has 3 pens. He has 3 + 4 = 8 eggs, in a café.";
    let tokens = model.encode_batch(&[asked]).unwrap().remove(0);
    let text =
        |ids: &[u32]| -> Vec<u8> { ids.iter().flat_map(|&id| model.token_bytes(id)).collect() };
    let candidates = model
        .encode_batch(&["7 8 pens eggs . and zebra"])
        .unwrap()
        .remove(0);
    for i in 0..tokens.len() {
        let candidates: Vec<u32> = candidates.iter().chain([&tokens[i]]).copied().collect();
        let question = LocalQuestion {
            context: &tokens[..i],
            token: tokens[i],
            candidates: &candidates,
        };
        let found = opened.corpus.local_counts(&[question]);
        if String::from_utf8(text(&tokens[..=i])).is_err() {
            let error = found.unwrap_err().to_string();
            assert!(error.contains("part of a character"), "{error}");
            continue;
        }
        let found = found.unwrap().remove(0);
        assert!(found.basis.retokenized);
        let (before, own) = (text(&tokens[..i]), text(&tokens[i..=i]));
        let with =
            |from: usize, token: &[u8]| occurrences(&documents, &[&before[from..], token].concat());
        let from = (0..=before.len()).find(|&from| with(from, &own) > 0);
        let longest = found.value.longest;
        let Some(from) = from else {
            assert_eq!(longest.joint_count, 0, "{i}");
            continue;
        };
        assert_eq!(longest.joint_count, with(from, &own), "{i}");
        let fits = |n: &usize| text(&tokens[i - n..i]).len() <= before.len() - from;
        assert_eq!(longest.len, (0..=i).rev().find(fits).unwrap(), "{i}");
        if from < before.len() {
            assert_eq!(
                longest.context_count,
                occurrences(&documents, &before[from..]),
                "{i}"
            );
        }
        for (&c, &count) in candidates.iter().zip(&found.value.candidates) {
            assert_eq!(count, with(from, &text(&[c])), "{i}: {:?}", text(&[c]));
        }
    }
    for part in [" 3 + 4 = 7", "Tom", " pens", "caf", "zebra"] {
        let ids = model.encode_batch(&[part]).unwrap().remove(0);
        let count = opened.corpus.count(&ids).unwrap();
        assert_eq!(
            count.value,
            occurrences(&documents, &text(&ids)),
            "{part:?}"
        );
    }
}
