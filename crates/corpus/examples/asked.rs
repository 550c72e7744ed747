//! Asks an index one kind of question so many times, for scripts/instructions.sh, which counts what that takes:
//! `asked INDEX` names the kinds, and builds the index of the bundled corpus at INDEX if there is none; `asked INDEX KIND TIMES` asks.

use std::hint::black_box;
use std::path::Path;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{BuildOptions, Cooccur, Documents, LocalIndex, WordCounts, build};
use rotescope_testing::repository;
use rotescope_vocab::Vocabulary;

type Failure = Box<dyn std::error::Error>;
type Kind = fn(&LocalIndex, &mut Questions) -> Result<(), Failure>;

const KINDS: [(&str, Kind); 6] = [
    ("count 1 to 8 tokens", |index, questions| {
        let n = questions.rng.random_range(1..=8);
        black_box(index.ngrams().count(questions.stretch(n))?);
        Ok(())
    }),
    ("count 5 tokens that hardly occur", |index, questions| {
        let mut ngram = questions.stretch(5).to_vec();
        ngram[4] = questions.token();
        black_box(index.ngrams().count(&ngram)?);
        Ok(())
    }),
    ("what follows 3 tokens", |index, questions| {
        black_box(index.ngrams().next(questions.stretch(3))?);
        Ok(())
    }),
    ("longest context and 21 candidates", |index, questions| {
        let (context, token) = (questions.stretch(48).to_vec(), questions.token());
        let candidates: Vec<u32> = (0..21).map(|_| questions.token()).collect();
        let longest = index.ngrams().longest_context_of(&context, token)?;
        let context = &context[context.len() - longest.len..];
        black_box(index.ngrams().candidate_counts(context, &candidates)?);
        Ok(())
    }),
    ("5 words with 21 by documents", |index, questions| {
        questions.together(index, Cooccur::Document)
    }),
    ("5 words with 21 by window:50", |index, questions| {
        questions.together(index, Cooccur::Window(50))
    }),
];

/// The same ones in the same order whenever they are asked.
struct Questions {
    rng: ChaCha8Rng,
    documents: Vec<Vec<u32>>,
    words: Vec<String>,
}

impl Questions {
    fn of(index: &LocalIndex) -> Result<Self, Failure> {
        let numbers: Vec<u64> = (0..2_000).map(|n| n * 17).collect();
        let mut documents = index.document_tokens(&numbers)?;
        documents.retain(|d| d.len() >= 48);
        let mut words = Vec::new();
        for document in index.documents(&numbers[..200])? {
            words.extend(
                rotescope_text::words(&document.text)
                    .iter()
                    .map(|w| w.text.to_string()),
            );
        }
        let rng = ChaCha8Rng::seed_from_u64(1);
        Ok(Self {
            rng,
            documents,
            words,
        })
    }

    /// Tokens that follow each other somewhere.
    fn stretch(&mut self, n: usize) -> &[u32] {
        let document = &self.documents[self.rng.random_range(0..self.documents.len())];
        let start = self.rng.random_range(0..=document.len() - n);
        &document[start..start + n]
    }

    fn token(&mut self) -> u32 {
        self.stretch(1)[0]
    }

    /// Five words with 21 others.
    fn together(&mut self, index: &LocalIndex, how: Cooccur) -> Result<(), Failure> {
        let few: Vec<&String> = self.words.sample(&mut self.rng, 5).collect();
        let many: Vec<&String> = self.words.sample(&mut self.rng, 21).collect();
        let pairs = few
            .iter()
            .flat_map(|a| many.iter().map(|b| ((*a).clone(), (*b).clone())));
        black_box(index.cooccurs(&pairs.collect::<Vec<_>>(), how)?);
        Ok(())
    }
}

/// Makes an index one of those without checksums: which pages are verified when, a thread beside decides too.
fn forget_checksums(folder: &Path) -> Result<(), Failure> {
    let path = folder.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    manifest["checksums"] = serde_json::Value::Null;
    std::fs::write(&path, manifest.to_string())?;
    std::fs::remove_file(folder.join("checksums"))?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [folder, asked @ ..] = &arguments[..] else {
        return Err("asked INDEX [KIND TIMES]".into());
    };
    let folder = Path::new(folder);
    if !folder.exists() {
        let corpus = vec![repository("indexes/pocket/corpus.jsonl.zst")];
        let encoder = Vocabulary::from_json(&repository("models/pocket/tokenizer.json"))?;
        let options = BuildOptions::new(corpus, folder.to_path_buf(), "pocket".into());
        build(&options, &encoder, &mut ())?;
        forget_checksums(folder)?;
    }
    let [kind, times] = asked else {
        KINDS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let (_, ask) = KINDS
        .iter()
        .find(|(name, _)| name == kind)
        .ok_or("no such kind")?;
    let index = LocalIndex::open(folder)?;
    let mut questions = Questions::of(&index)?;
    for _ in 0..times.parse()? {
        ask(&index, &mut questions)?;
    }
    Ok(())
}
