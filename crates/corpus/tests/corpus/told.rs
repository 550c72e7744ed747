//! Several corpora as one: what they say of themselves, and parts behind a network.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rotescope_corpus::{
    About, Answered, Basis, Corpus, CorpusError, CorpusInfo, Documents, NgramCounts, Occurrence,
    Occurrences, Several, WordCounts,
};

use crate::several::{id, memory, sampled};

/// Says of itself what it is told to, and answers with hits that it has, few at a time.
struct Told {
    info: CorpusInfo,
    looks_back: Option<usize>,
    hits: Vec<Occurrence>,
    few: usize,
}

impl Told {
    fn new(info: CorpusInfo) -> Self {
        Told {
            info,
            looks_back: None,
            hits: Vec::new(),
            few: usize::MAX,
        }
    }
}

impl About for Told {
    fn info(&self) -> CorpusInfo {
        self.info.clone()
    }
}

impl NgramCounts for Told {
    fn looks_back(&self) -> Option<usize> {
        self.looks_back
    }

    /// Documents, whatever it says of itself.
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Ok(ngrams.iter().map(|_| Answered::documents(1)).collect())
    }
}

impl WordCounts for Told {}

impl Documents for Told {
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        let listed = self.hits.iter().skip(offset).take(limit.min(self.few));
        let one = Answered::occurrences(Occurrences {
            count: self.hits.len() as u64,
            documents: None,
            hits: listed.copied().collect(),
        });
        Ok(vec![one; ngrams.len()])
    }
}

fn info(name: &str) -> CorpusInfo {
    CorpusInfo {
        fingerprint: name.into(),
        tokenizer_name: format!("{name}.json"),
        ..memory(name, &[]).info()
    }
}

#[test]
fn sizes_are_summed_where_all_are_known_and_the_worst_is_said() {
    let a = CorpusInfo {
        documents: Some(2),
        tokens: 3,
        words: Some(5),
        bytes: Some(7),
        basis: Basis {
            retokenized: true,
            ..Basis::default()
        },
        cooccurrence: sampled(9),
        is_remote: true,
        ..info("a")
    };
    let b = CorpusInfo {
        documents: Some(11),
        tokens: 13,
        words: None,
        bytes: Some(17),
        basis: sampled(4),
        cooccurrence: sampled(8),
        ..info("b")
    };
    let of = |infos: [&CorpusInfo; 2], backs: [Option<usize>; 2]| {
        let parts = infos.into_iter().zip(backs).map(|(info, looks_back)| {
            let told = Told::new(info.clone());
            Arc::new(Told { looks_back, ..told }) as Arc<dyn Corpus>
        });
        Several::new(parts.collect()).unwrap()
    };
    let several = of([&a, &b], [None, Some(5)]);
    let sum = several.info();
    assert_eq!((sum.documents, sum.tokens), (Some(13), 16));
    assert_eq!((sum.words, sum.bytes), (None, Some(24)));
    // The ids are those of a tokenizer that cut the texts itself.
    assert_eq!(sum.tokenizer_name, "b.json");
    assert_eq!(
        (sum.basis.quality, sum.basis.retokenized),
        (sampled(4).quality, true)
    );
    assert_eq!(sum.cooccurrence, sampled(8));
    assert!(sum.is_remote);
    assert_eq!(several.looks_back(), Some(5));
    assert_eq!(of([&b, &a], [Some(5), Some(3)]).looks_back(), Some(3));
    assert_eq!(of([&b, &a], [None, None]).looks_back(), None);
    let cut_anew = CorpusInfo {
        basis: a.basis,
        is_remote: false,
        ..info("c")
    };
    assert_eq!(
        of([&a, &cut_anew], [None; 2]).info().tokenizer_name,
        "a.json"
    );
    let near = CorpusInfo {
        is_remote: false,
        ..a
    };
    assert!(!of([&b, &near], [None; 2]).info().is_remote);
}

#[test]
fn an_answer_in_other_units_than_was_said_is_refused() {
    let parts: Vec<Arc<dyn Corpus>> = vec![
        Arc::new(memory("exact", &["x".into()])),
        Arc::new(Told::new(info("told"))),
    ];
    let error = Several::new(parts).unwrap().count(&[1]).unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with("exact counts occurrences and told counts documents: "),
        "{said}"
    );
}

fn hit(document: u64) -> Occurrence {
    Occurrence {
        document,
        position: 0,
    }
}

#[test]
fn parts_behind_a_network_are_listed_last_and_go_on_where_they_ended() {
    let remote = Told {
        hits: (0..4).map(hit).collect(),
        few: 2,
        ..Told::new(CorpusInfo {
            is_remote: true,
            ..info("remote")
        })
    };
    let near = memory("near", &["x x".into(), "x".into()]);
    let parts: Vec<Arc<dyn Corpus>> = vec![Arc::new(remote), Arc::new(near)];
    let several = Several::new(parts).unwrap();
    let listed = |limit, offset| -> Vec<u64> {
        let found = several.occurrences_of(&[id("x")], limit, offset).unwrap();
        assert_eq!((found.value.count, found.value.documents), (7, None));
        found.value.hits.iter().map(|h| h.document).collect()
    };
    // Documents 0 and 1 of the second part; those of the first; and the second occurrence in the second's 0.
    let all = [1, 3, 0, 2, 4, 6, 1];
    assert_eq!(listed(10, 0), all[..4]);
    assert_eq!(listed(10, 4), all[4..]);
    assert_eq!(listed(2, 1), all[1..3]);
    assert_eq!(listed(3, 6), all[6..]);
    assert_eq!(listed(0, 0), [0; 0]);
    assert_eq!(listed(5, 7), [0; 0]);
}

#[test]
fn numbers_that_are_too_large_for_several_are_refused() {
    for (document, fits) in [
        (u64::MAX / 2 - 1, true),
        (u64::MAX / 2, true),
        (u64::MAX / 2 + 1, false),
    ] {
        let parts: Vec<Arc<dyn Corpus>> = vec![
            Arc::new(memory("near", &[])),
            Arc::new(Told {
                hits: vec![hit(document)],
                ..Told::new(info("large"))
            }),
        ];
        let several = Several::new(parts).unwrap();
        let found = several.occurrences_of(&[1], 1, 0);
        if fits {
            let number = found.unwrap().value.hits[0].document;
            assert_eq!(several.part_of(number), (1, document));
        } else {
            let said = found.unwrap_err().to_string();
            assert!(said.starts_with("large: this corpus cannot tell"), "{said}");
        }
    }
}

/// Answers only while another is asked too.
struct AtOnce(Arc<(Mutex<usize>, Condvar)>, CorpusInfo);

impl About for AtOnce {
    fn info(&self) -> CorpusInfo {
        self.1.clone()
    }
}

impl NgramCounts for AtOnce {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let (asked, changed) = &*self.0;
        let mut number = asked.lock().unwrap();
        *number += 1;
        changed.notify_all();
        let alone = |number: &mut usize| *number < 2;
        let waited = changed.wait_timeout_while(number, Duration::from_secs(20), alone);
        let answers = match waited.unwrap().1.timed_out() {
            true => 0,
            false => ngrams.len(),
        };
        Ok(vec![Answered::occurrences(3); answers])
    }
}

impl WordCounts for AtOnce {}
impl Documents for AtOnce {}

#[test]
fn parts_behind_a_network_are_asked_at_the_same_time() {
    let asked = Arc::default();
    let parts = ["one", "other"].map(|name| {
        let info = CorpusInfo {
            is_remote: true,
            ..info(name)
        };
        Arc::new(AtOnce(Arc::clone(&asked), info)) as Arc<dyn Corpus>
    });
    let several = Several::new(parts.to_vec()).unwrap();
    assert_eq!(several.count(&[1]).unwrap().value, 6);
}
