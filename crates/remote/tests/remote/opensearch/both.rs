//! The bundled corpus twice: as an exact index and in a cluster, and questions that both are asked.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

use rotescope_corpus::{About, BuildOptions, Corpus, CorpusError, Documents, LocalIndex, build};
use rotescope_remote::{Cache, Limits, OpenSearch, PushOptions, Pushed, push};
use rotescope_testing::opensearch::Cluster;
use rotescope_testing::{pocket, repository};
use rotescope_vocab::{Encode, Gguf, Vocabulary};
use serde_json::json;

use crate::support::{ngrams, options, patient};

/// The exact index of the bundled corpus, and a cluster of three nodes that was loaded with it. The tests share one, one after the other; it
/// ends with the program.
pub(super) struct Both {
    pub(super) local: LocalIndex,
    pub(super) vocabulary: Vocabulary,
    pub(super) documents: Vec<Vec<u32>>,
    /// The same of a part of the corpus.
    pub(super) part: LocalIndex,
    pub(super) cluster: Mutex<Cluster>,
    pub(super) folder: tempfile::TempDir,
}

/// Documents of the part.
pub(super) const PART: u64 = 4_000;

pub(super) fn both() -> &'static Both {
    static BOTH: OnceLock<Both> = OnceLock::new();
    BOTH.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let gguf = Gguf::open(&pocket()).unwrap();
        let vocabulary = Vocabulary::from_gguf(&gguf).unwrap();
        let corpus = repository("indexes/pocket/corpus.jsonl.zst");
        let local = index(&folder.path().join("index"), vec![corpus], &vocabulary);
        let all: Vec<u64> = (0..local.info().documents.unwrap()).collect();
        let documents = local.document_tokens(&all).unwrap();
        let file = folder.path().join("part.jsonl");
        let few: Vec<u64> = (0..PART).map(|n| n * all.len() as u64 / PART).collect();
        let lines = local.documents(&few).unwrap().into_iter();
        let lines: Vec<String> = lines.map(|d| json!({"text": d.text}).to_string()).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let part = index(&folder.path().join("part"), vec![file], &vocabulary);
        let began = Instant::now();
        let cluster = Cluster::start(3, &folder.path().join("cluster"));
        eprintln!("three nodes in {:?}", began.elapsed());
        let both = Both {
            local,
            vocabulary,
            documents,
            part,
            cluster: Mutex::new(cluster),
            folder,
        };
        let began = Instant::now();
        let pushed = both.push("pocket", &both.local, &PushOptions::default(), &|_| true);
        let pushed = pushed.unwrap();
        eprintln!(
            "{} documents loaded in {:?}",
            pushed.documents,
            began.elapsed()
        );
        assert_eq!((pushed.documents, pushed.before), (all.len() as u64, 0));
        both.push("part", &both.part, &PushOptions::default(), &|_| true)
            .unwrap();
        both
    })
}

pub(super) fn index(
    out: &std::path::Path,
    files: Vec<PathBuf>,
    vocabulary: &Vocabulary,
) -> LocalIndex {
    let options = BuildOptions::new(files, out.to_path_buf(), "pocket".into());
    build(&options, vocabulary, &mut ()).unwrap();
    LocalIndex::open(out).unwrap()
}

impl Both {
    pub(super) fn name(&self, index: &str) -> String {
        self.cluster.lock().unwrap().name(0, index)
    }

    pub(super) fn push(
        &self,
        index: &str,
        source: &dyn Corpus,
        how: &PushOptions,
        progress: &(dyn Fn(Pushed) -> bool + Sync),
    ) -> Result<Pushed, CorpusError> {
        let address = self.name(index).parse().unwrap();
        let options = options(patient(), Arc::new(Cache::in_memory()));
        push(source, &address, options, how, progress)
    }

    pub(super) fn open(&self, index: &str) -> Result<OpenSearch, CorpusError> {
        self.open_with(index, patient(), Arc::new(Cache::in_memory()))
    }

    pub(super) fn open_with(
        &self,
        index: &str,
        limits: Limits,
        cache: Arc<Cache>,
    ) -> Result<OpenSearch, CorpusError> {
        OpenSearch::open(self.name(index).parse().unwrap(), options(limits, cache))
    }

    pub(super) fn ngrams(&self, count: usize) -> Vec<Vec<u32>> {
        ngrams(&self.documents, self.vocabulary.size(), count)
    }

    /// Texts of halves of two documents, so that there are contexts that break off.
    pub(super) fn chain(&self, n: usize) -> Vec<u32> {
        let (a, b) = (&self.documents[n * 97], &self.documents[n * 131 + 7]);
        let a = a.iter().take(60);
        a.chain(b.iter().skip(3).take(60)).copied().collect()
    }
}
