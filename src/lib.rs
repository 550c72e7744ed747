//! rotescope shows, token by token, how much of a language model's reasoning is rote.
//!
//! The house, from the ground up; imports run downward only:
//!
//! | room | what is in it |
//! |---|---|
//! | [`tui`] | the terminal app; knows neither llama.cpp nor tantivy |
//! | [`cli`] | one file per subcommand; the only room that uses `anyhow` |
//! | [`run`] | the pipeline: prompt in, events and traces out; batches with resume |
//! | [`compare`] | two traces aligned: tokens, steps, answers, scores |
//! | [`evaluate`] | tables from labelled traces |
//! | [`verify`] | is this step right? arithmetic, counting, capitals (pure) |
//! | [`perturb`] | operators on prompts, with the truth carried along (pure) |
//! | [`stim`] | memorization scores of tokens, from a model and a corpus |
//! | [`model`] | llama.cpp: load, generate, score windows, chat templates; its worker thread |
//! | [`corpus`] | the exact index of a corpus: build, open, check, query |
//! | [`vocab`] | a model's tokenizer, rebuilt from its GGUF file without the weights |
//! | [`trace`] | the one result type, and its JSONL |
//! | [`theme`] | colors by meaning, and what they become on poorer terminals (pure) |
//! | [`text`] | words, stop words, steps, final answers, safe display (pure) |
//! | [`stats`] | ranks and Spearman's correlation, intervals, logistic regression, tests (pure) |

pub mod cli;
pub mod compare;
pub mod corpus;
pub mod evaluate;
pub mod model;
pub mod perturb;
pub mod run;
pub mod stats;
pub mod stim;
pub mod text;
pub mod theme;
pub mod trace;
pub mod tui;
pub mod verify;
pub mod vocab;
