//! rotescope shows, token by token, how much of a language model's reasoning is rote.
//!
//! This is the program; the libraries that it stands on are in `crates/`, and ARCHITECTURE.md is the map of all.
//!
//! | module | what is in it |
//! |---|---|
//! | [`cli`] | one file per subcommand; the only module that uses `anyhow` |
//! | [`tui`] | the terminal app; knows neither llama.cpp nor tantivy |
//! | [`run`] | the pipeline: prompt in, events and traces out; batches with resume |
//! | [`themes`] | the themes that come with the program |
//! | [`memory`] | what happens when there is none left |
//! | [`folders`] | where the user's files lie |
//! | [`bundle`] | the model that comes with the program: where its files lie |
//! | [`pocket`] | that model: its files, its prompts' problems |
//! | [`shipped`] | names it, and is all that does |
//! | [`say`](mod@say) | what is said on standard error |
//!
//! # Score a prompt
//!
//! A model, an index of its corpus, a prompt: a trace with the local, mid-range and long-range scores of every token.
//! ```
//! use std::ops::ControlFlow;
//!
//! use rotescope::cli::common::index_ref;
//! use rotescope::run::{encoder::encoder, pipeline::Scorer};
//! use rotescope_corpus::{BuildOptions, build, open};
//! use rotescope_model::{CancelToken, Engine, ModelOptions};
//! use rotescope_stim::NonLocalSettings;
//! use rotescope_trace::Prompt;
//!
//! # let model = rotescope::shipped::bundle()?.model()?; // or any GGUF
//! # let folder = tempfile::tempdir()?;
//! # let (corpus, index) = (folder.path().join("corpus.txt"), folder.path().join("index"));
//! std::fs::write(&corpus, "Anna has 5 apples. Tom has 5 apples. Then 5 + 2 = 7.")?;
//! let tokenizer = encoder(Some(&model), None)?;
//! let options = BuildOptions::new(vec![corpus], index.clone(), "small".into());
//! build(&options, tokenizer.as_ref(), &mut ())?;
//!
//! let corpus = open(&index)?;
//! let reference = index_ref(corpus.as_ref());
//! let engine = Engine::load(ModelOptions::new(model), |_| ControlFlow::Continue(()))?;
//! let mut scorer = Scorer::new(engine);
//! scorer.corpus = Some((corpus, reference));
//! scorer.non_local = Some(NonLocalSettings::default());
//! scorer.sampler.max_tokens = 24;
//!
//! let prompt = Prompt {
//!     id: "apples".into(),
//!     question: "Anna has 5 apples and buys 2 more. How many does she have?".into(),
//!     ..Prompt::default()
//! };
//! let trace = scorer.score(&prompt, &CancelToken::new(), &mut |_| {})?;
//! assert!(!trace.tokens.is_empty() && trace.tokens.len() <= 24);
//! for token in &trace.tokens {
//!     println!("{:?} {:?}", token.text, token.local.as_ref().and_then(|l| l.score));
//! }
//! # assert!(trace.tokens.iter().any(|t| t.local.is_some()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Attribute a text
//!
//! What somebody else wrote is read by the model, token by token, and scored like a completion of its own.
//! ```
//! # use std::ops::ControlFlow;
//! # use rotescope_model::{CancelToken, Engine, ModelOptions};
//! # use rotescope_trace::Prompt;
//! use rotescope::run::{pipeline::Scorer, reader::read_by};
//! use rotescope_trace::Trace;
//!
//! # let model = rotescope::shipped::bundle()?.model()?;
//! # let engine = Engine::load(ModelOptions::new(model), |_| ControlFlow::Continue(()))?;
//! let scorer = Scorer::new(engine); // with a corpus, as above, for scores
//! let written = Trace {
//!     prompt: Prompt {
//!         id: "sum".into(),
//!         question: "What is 2 + 3?".into(),
//!         answer: Some("5".into()),
//!         ..Prompt::default()
//!     }
//!     .into(),
//!     output: "2 + 3 = 6. The answer is 6.".into(),
//!     ..Trace::default()
//! };
//! let read = read_by(&scorer, &written, &CancelToken::new(), &mut |_| {})?;
//! assert_eq!(read.output, written.output);
//! // Its first step is wrong by computation.
//! assert!(read.steps[0].verdict.as_ref().is_some_and(|v| !v.right));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Counting an n-gram: [`rotescope_corpus`].

pub mod bundle;
pub mod cli;
pub mod folders;
pub mod memory;
pub mod pocket;
pub mod run;
pub mod say;
pub mod shipped;
pub mod themes;
pub mod tui;
