//! How to add a corpus.
//!
//! A corpus is a type that says what it is ([`About`]) and answers what it can of three kinds of questions: [`NgramCounts`], [`WordCounts`],
//! [`Documents`]. Every method has a default, so an empty `impl` is a whole one: it answers with [`CorpusError::Unsupported`], by the name of the
//! corpus. A type with all three is a [`Corpus`] and a [`Counts`] of itself, to be handed on as one `Arc<dyn Corpus>`.
//!
//! 1. **A type in a file of its own**, with its connection or folder. [`About::info`] is asked often: keep what it says.
//! 2. **`counts` first.** With [`NgramCounts::counts`] alone the local score works: longest contexts and counts of candidates are worked out from
//!    it. Where one question answers more at a time (a next-token distribution), override [`NgramCounts::local_counts`].
//! 3. **Say what an answer rests on**, each one: [`Answered`] holds a [`Basis`]. `Quality::Approximate` where a part stands for the whole,
//!    `Counted::Documents` where a number that could be of occurrences is of documents. [`CorpusInfo::basis`] is the worst that can come; it goes
//!    into the records of what was scored.
//! 4. **No answer is better than a wrong one.** A shard that does not answer is an error, or an approximate answer from those that did; a
//!    question that the corpus does not know is left to the default. A batch is answered whole and in order.
//! 5. **A kind in [`open`](crate::open())**: the word before the colon of its name (`infinigram:URL#INDEX`), so that `--index` finds it.
//! 6. **A test that holds it against [`MemoryCorpus`]** on the same documents.
//!
//! This one asks three shards and has counted documents only:
//! ```
//! use std::sync::Arc;
//! use rotescope_corpus::*;
//!
//! struct Shards(Vec<MemoryCorpus>);
//!
//! const BASIS: Basis = Basis {
//!     quality: Quality::Approximate { from: 3, of: AnswerPart::Shards },
//!     counted: Counted::Documents,
//!     retokenized: false,
//! };
//!
//! impl About for Shards {
//!     fn info(&self) -> CorpusInfo {
//!         let first = self.0[0].info();
//!         CorpusInfo { name: "dolma".into(), place: "shards:dolma".into(), basis: BASIS, documents: None, words: None, bytes: None, ..first }
//!     }
//! }
//!
//! impl NgramCounts for Shards {
//!     fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
//!         let mut sums = vec![Answered { value: 0, basis: BASIS }; ngrams.len()];
//!         for shard in &self.0 {
//!             for (sum, held) in sums.iter_mut().zip(shard.document_counts(ngrams)?) {
//!                 sum.value += held.value;
//!             }
//!         }
//!         Ok(sums)
//!     }
//! }
//!
//! impl WordCounts for Shards {}
//! impl Documents for Shards {}
//!
//! let shard = MemoryCorpus::of_tokens("shard", vec![vec![5, 1, 2, 5, 1], vec![2, 5, 1]]);
//! let corpus: Arc<dyn Corpus> = Arc::new(Shards(vec![shard; 3]));
//!
//! // What is worked out from its counts rests on the same.
//! let question = LocalQuestion { context: &[7, 2, 5], token: 1, candidates: &[1, 2] };
//! let local = corpus.local_counts(&[question])?.remove(0);
//! assert_eq!(local.value.longest.len, 2);
//! assert_eq!(local.value.candidates, [6, 0]);
//! assert_eq!(local.basis.to_string(), "documents, approximate, from 3 shards");
//!
//! // What it cannot answer it does not answer.
//! let error = corpus.word_count("tea").unwrap_err().to_string();
//! assert!(error.starts_with("shards:dolma: this corpus cannot tell how often words occur"));
//! # Ok::<(), CorpusError>(())
//! ```
//!
//! [`About`]: crate::About
//! [`About::info`]: crate::About::info
//! [`Answered`]: crate::Answered
//! [`Basis`]: crate::Basis
//! [`Corpus`]: crate::Corpus
//! [`CorpusError::Unsupported`]: crate::CorpusError::Unsupported
//! [`CorpusInfo::basis`]: crate::CorpusInfo::basis
//! [`Counts`]: crate::Counts
//! [`Documents`]: crate::Documents
//! [`MemoryCorpus`]: crate::MemoryCorpus
//! [`NgramCounts`]: crate::NgramCounts
//! [`NgramCounts::counts`]: crate::NgramCounts::counts
//! [`NgramCounts::local_counts`]: crate::NgramCounts::local_counts
//! [`WordCounts`]: crate::WordCounts
