//! Several corpora as one, held against one corpus of all their documents.

use std::sync::Arc;

use proptest::prelude::*;
use rotescope_corpus::{
    About, AnswerPart, Answered, Basis, Cooccur, Corpus, CorpusError, CorpusInfo, Counted,
    Documents, LocalQuestion, MemoryCorpus, NgramCounts, Quality, Several, WordCounts, words,
};
use rotescope_vocab::{Encode, VocabError};

/// A token for each word of one letter.
struct Letters;

impl Encode for Letters {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let ids = |text: &&str| words::split(text).iter().map(|(_, w)| id(w)).collect();
        Ok(texts.iter().map(ids).collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        vec![id as u8]
    }

    fn size(&self) -> usize {
        256
    }

    fn fingerprint(&self) -> &str {
        "letters"
    }
}

pub fn id(word: &str) -> u32 {
    u32::from(word.as_bytes()[0])
}

pub fn memory(name: &str, texts: &[String]) -> MemoryCorpus {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    MemoryCorpus::of_texts(name, &texts, &Letters).unwrap()
}

/// One corpus of all texts, and as many as there are names with a share each; the first keeps one text of its own, so that no two are equal.
fn both(texts: &[String], names: &[&str]) -> (MemoryCorpus, Several) {
    let mut shares = vec![Vec::new(); names.len()];
    for (i, text) in texts.iter().enumerate() {
        shares[i * i % names.len()].push(text.clone());
    }
    for (i, share) in shares.iter_mut().enumerate() {
        share.push(vec!["z"; i + 1].join(" "));
    }
    let all = memory("all", &shares.concat());
    let parts = names.iter().zip(&shares);
    let parts = parts.map(|(name, texts)| Arc::new(memory(name, texts)) as Arc<dyn Corpus>);
    (all, Several::new(parts.collect()).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec("[abc]", 0..12).prop_map(|letters| letters.join(" "))
}

fn ids() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(97u32..101, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn sums_are_the_counts_of_all_documents(
        texts in proptest::collection::vec(text(), 0..9),
        parts in 1usize..4,
        ngrams in proptest::collection::vec(ids(), 1..5),
        token in 97u32..101,
    ) {
        let (all, several) = both(&texts, &["a", "b", "c"][..parts]);
        let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(several.counts(&asked).unwrap(), all.counts(&asked).unwrap());
        prop_assert_eq!(several.document_counts(&asked).unwrap(), all.document_counts(&asked).unwrap());
        prop_assert_eq!(several.continuations(&asked).unwrap(), all.continuations(&asked).unwrap());
        prop_assert_eq!(several.longest_suffixes(&asked).unwrap(), all.longest_suffixes(&asked).unwrap());
        let candidates = [97, 98, 99, 100, 7];
        let questions: Vec<_> = asked
            .iter()
            .map(|&context| LocalQuestion { context, token, candidates: &candidates })
            .collect();
        prop_assert_eq!(several.local_counts(&questions).unwrap(), all.local_counts(&questions).unwrap());
        let tokens: Vec<_> = asked.iter().map(|&c| (c, token)).collect();
        prop_assert_eq!(several.longest_contexts(&tokens).unwrap(), all.longest_contexts(&tokens).unwrap());
        let followed: Vec<_> = asked.iter().map(|&c| (c, &candidates[..])).collect();
        prop_assert_eq!(several.candidate_counts(&followed).unwrap(), all.candidate_counts(&followed).unwrap());
        let words: Vec<String> = ["a", "b", "z", "q"].map(String::from).to_vec();
        prop_assert_eq!(several.word_counts(&words).unwrap(), all.word_counts(&words).unwrap());
        prop_assert_eq!(several.documents_with(&words, &asked).unwrap(), all.documents_with(&words, &asked).unwrap());
        let pairs: Vec<_> = words.windows(2).map(|w| (w[0].clone(), w[1].clone())).collect();
        for how in [Cooccur::Document, Cooccur::Window(3)] {
            prop_assert_eq!(several.cooccurs(&pairs, how).unwrap(), all.cooccurs(&pairs, how).unwrap());
        }
    }

    /// Whatever the page, all occurrences come once, each document's first before any second, each in a document that holds it.
    #[test]
    fn occurrences_are_listed_page_by_page(
        texts in proptest::collection::vec(text(), 0..9),
        parts in 1usize..4,
        ngram in proptest::collection::vec(97u32..100, 1..3),
        page in 1usize..5,
    ) {
        let (all, several) = both(&texts, &["a", "b", "c"][..parts]);
        let whole = several.occurrences_of(&ngram, 1000, 0).unwrap();
        let expected = all.occurrences_of(&ngram, 1000, 0).unwrap().value;
        prop_assert_eq!((whole.value.count, whole.value.documents), (expected.count, expected.documents));
        let mut hits = Vec::new();
        while hits.len() < expected.count as usize {
            let next = several.occurrences_of(&ngram, page, hits.len()).unwrap().value.hits;
            prop_assert!(!next.is_empty() && next.len() <= page);
            hits.extend(next);
        }
        prop_assert_eq!(&hits, &whole.value.hits);
        let firsts: std::collections::BTreeSet<u64> =
            hits[..expected.documents.unwrap() as usize].iter().map(|h| h.document).collect();
        prop_assert_eq!(firsts.len() as u64, expected.documents.unwrap());
        for hit in &hits {
            let document = several.document(hit.document).unwrap();
            prop_assert!(document.tokens[hit.position as usize..].starts_with(&ngram));
            let (part, own) = several.part_of(hit.document);
            let place = several.parts()[part].info().place;
            prop_assert_eq!(document.corpus, Some(place));
            prop_assert_eq!(several.parts()[part].document(own).unwrap().text, document.text);
        }
    }
}

#[test]
fn what_it_says_of_itself_is_the_sum_in_any_order() {
    let (a, b) = (memory("a", &["x y".into()]), memory("b", &["x".into()]));
    let parts: [Arc<dyn Corpus>; 2] = [Arc::new(a), Arc::new(b)];
    let [a, b] = parts.clone();
    let (ab, ba) = (
        Several::new(vec![a.clone(), b.clone()]).unwrap(),
        Several::new(vec![b, a]).unwrap(),
    );
    let info = ab.info();
    assert_eq!(
        (info.name.as_str(), info.place.as_str()),
        ("a + b", "a + b")
    );
    assert_eq!((info.tokens, info.documents), (3, Some(2)));
    assert_eq!(info.fingerprint, ba.info().fingerprint);
    assert_ne!(info.fingerprint, parts[0].info().fingerprint);
    let names: Vec<String> = About::parts(&ab).into_iter().map(|p| p.name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn the_same_corpus_twice_and_other_tokenizers_are_refused_by_name() {
    let one = |name: &str| Arc::new(memory(name, &["x".into()])) as Arc<dyn Corpus>;
    let error = Several::new(vec![one("here"), one("there")]).err().unwrap();
    assert!(matches!(error, CorpusError::SameCorpus { .. }));
    let said = error.to_string();
    assert!(
        said.contains("here and there") && said.contains("twice"),
        "{said}"
    );
    let other = MemoryCorpus::of_tokens("ids", vec![vec![1, 2]]);
    let error = Several::new(vec![one("here"), Arc::new(other)])
        .err()
        .unwrap();
    assert!(
        matches!(error, CorpusError::OtherTokenizer { .. }),
        "{error}"
    );
}

/// A corpus that says what its counts rest on, and looks at two tokens before one.
struct Other(MemoryCorpus, Basis);

impl About for Other {
    fn info(&self) -> CorpusInfo {
        CorpusInfo {
            basis: self.1,
            cooccurrence: self.1,
            ..self.0.info()
        }
    }
}

impl NgramCounts for Other {
    fn looks_back(&self) -> Option<usize> {
        Some(2)
    }

    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let counts = self.0.counts(ngrams)?.into_iter();
        let counts = counts.map(|c| Answered { basis: self.1, ..c });
        Ok(counts.collect())
    }
}
impl WordCounts for Other {}
impl Documents for Other {}

pub fn sampled(from: u64) -> Basis {
    Basis {
        quality: Quality::Approximate {
            from,
            of: AnswerPart::Samples,
        },
        ..Basis::default()
    }
}

fn with(basis: Basis) -> Result<Several, CorpusError> {
    let other = Other(memory("other", &["c d e f".into()]), basis);
    Several::new(vec![
        Arc::new(memory("exact", &["a b c d e f".into()])),
        Arc::new(other),
    ])
}

#[test]
fn sums_say_the_worst_that_they_rest_on_and_units_are_not_mixed() {
    let several = with(sampled(3)).unwrap();
    let count = several.count(&[id("c"), id("d")]).unwrap();
    assert_eq!(count.value, 2);
    assert_eq!(
        count.basis.to_string(),
        "occurrences, approximate, from 3 samples"
    );
    assert_eq!(several.info().basis, count.basis);

    let documents = Basis {
        counted: Counted::Documents,
        ..Basis::default()
    };
    let said = with(documents).err().unwrap().to_string();
    assert!(
        said.contains("exact counts occurrences and other counts documents"),
        "{said}"
    );
    // What a part cannot tell, the sum cannot.
    let error = several.word_count("a").unwrap_err().to_string();
    assert!(error.starts_with("other: "), "{error}");
}

#[test]
fn all_parts_look_as_far_back_as_the_nearest_sighted() {
    let several = with(Basis::default()).unwrap();
    let context: Vec<u32> = ["a", "b", "c", "d", "e"].map(id).to_vec();
    let question = LocalQuestion {
        context: &context,
        token: id("f"),
        candidates: &[id("f")],
    };
    let found = several.local_counts(&[question]).unwrap().remove(0).value;
    assert_eq!((found.longest.len, found.longest.joint_count), (2, 2));
    assert_eq!(found.candidates, [2]);
}
