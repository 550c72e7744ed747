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
