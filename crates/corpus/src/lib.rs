//! Corpora: how often n-grams and words occur, together and alone, and in which documents. The exact index on this machine, and the traits that
//! other corpora answer.
//!
//! | file | what is in it |
//! |---|---|
//! | [`traits`](Corpus) | what can be asked of any corpus: [`NgramCounts`], [`WordCounts`], [`Documents`], and all together: [`Corpus`] |
//! | [`adding`] | how to add a corpus |
//! | `answer` | answers, and what they rest on: [`Answered`], [`Basis`] |
//! | `context`, `cooccur`, `document`, `info` | what questions and answers are made of |
//! | `open` | [`open()`]: a corpus by its name |
//! | `local` | [`LocalIndex`]: an index folder on this machine |
//! | `several` | [`Several`]: corpora asked as one, their counts summed |
//! | `memory` | [`MemoryCorpus`]: a few documents in memory, asked by looking everywhere |
//! | [`mod@build`] | corpus files to an index folder: a new one, added to one, several to one |
//! | [`read`] | documents from JSONL, text, `.gz`, `.zst`, folders |
//! | [`ngrams`] | suffix arrays over token ids: counts, continuations, occurrences, token pairs |
//! | [`documents`] | the tantivy index: texts, metadata, words with positions |
//! | [`words`] | words as a tokenizer of tantivy |
//! | [`verbatim`] | stretches of a text that occur in the corpus token for token |
//! | `sets`, `group`, `cache` | for co-occurrence: sets of documents, batches of pairs, and what is kept |
//! | [`manifest`] | what an index folder says about itself |
//! | [`checksums`] | damage to files, found where it is read |
//! | `guard` | panics of tantivy as errors |
//! | [`mod@check`] | whether an index folder is what it says |
//!
//! An index folder:
//! ```text
//! manifest.json       written last; without it the folder is no index
//! checksums           of the manifest and of all pages of the other files
//! ngrams/shard-000.*  token ids and suffix arrays (see `ngrams`)
//! documents/          the tantivy index
//! ```
//! Every count of an index is an exact integer. Nothing is sampled.
//!
//! # Count an n-gram
//! ```
//! use rotescope_corpus::{BuildOptions, NgramCounts, WordCounts, build, open};
//! # use rotescope_vocab::{Encode, VocabError};
//! # /// A token for each letter.
//! # struct Letters;
//! # impl Encode for Letters {
//! #     fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
//! #         Ok(texts.iter().map(|t| t.bytes().map(u32::from).collect()).collect())
//! #     }
//! #     fn token_bytes(&self, id: u32) -> Vec<u8> { vec![id as u8] }
//! #     fn size(&self) -> usize { 256 }
//! #     fn fingerprint(&self) -> &str { "letters" }
//! # }
//! # let tokenizer = Letters;
//! # let folder = tempfile::tempdir()?;
//! # let (corpus, index) = (folder.path().join("corpus.txt"), folder.path().join("index"));
//! std::fs::write(&corpus, "tea for two and two for tea")?;
//! let options = BuildOptions::new(vec![corpus], index.clone(), "letters".into());
//! build(&options, &tokenizer, &mut ())?;
//!
//! let corpus = open(&index)?;
//! let ids = tokenizer.encode_batch(&["two"])?.remove(0);
//! let count = corpus.count(&ids)?;
//! assert_eq!(count.value, 2);
//! assert_eq!(count.basis.to_string(), "occurrences, exact");
//! assert_eq!(corpus.word_count("tea")?.value, 2);
//! // What follows it: a space, both times.
//! assert_eq!(corpus.next(&ids)?.value.tokens, [(u32::from(b' '), 2)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod adding;
mod answer;
pub mod build;
mod cache;
pub mod check;
pub mod checksums;
mod context;
mod cooccur;
mod document;
pub mod documents;
mod error;
mod group;
mod guard;
mod hash;
mod info;
mod local;
mod longest;
pub mod manifest;
mod memory;
pub mod ngrams;
mod open;
pub mod read;
mod sets;
mod several;
mod traits;
pub mod verbatim;
pub mod words;

pub use answer::{AnswerPart, Answered, Basis, Counted, Quality, values};
pub use build::{
    AppendOptions, BuildOptions, BuildProgress, BuildReport, Earlier, MergeOptions, Phase, Status,
    append, build, merge,
};
pub use context::{Continuations, LocalCounts, LocalQuestion, LongestContext, SuffixMatch};
pub use cooccur::Cooccur;
pub use document::{Document, Occurrence, Occurrences};
pub use error::CorpusError;
pub use info::CorpusInfo;
pub use local::LocalIndex;
pub use memory::MemoryCorpus;
pub use open::open;
pub use several::Several;
pub use traits::{
    About, Corpus, Counts, Documents, NgramCounts, WordCounts, longest_by_local_counts,
};
pub use verbatim::{VerbatimSpan, verbatim_spans};
