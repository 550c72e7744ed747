//! The pipeline: prompt in, events and a trace out; and batches of it.
//!
//! | file | what is in it |
//! |---|---|
//! | [`source`] | [`source::TokenSource`]: where tokens come from, and how to add one |
//! | [`generation`], [`saved`] | a model that generates; a saved trace |
//! | [`attributor`] | tokens of any source to a finished trace |
//! | [`reader`] | a completion that somebody else wrote, read by a model |
//! | [`finish`], [`prm`], [`regions`] | how steps are judged; a process reward model; what of steps stands in documents |
//! | [`pipeline`] | [`pipeline::Scorer`]: a prompt to a trace |
//! | [`batch`] | many prompts side by side, written in their order |
//! | [`prompts`], [`render`], [`within`] | files of prompts; the text that a model gets; tokens of text within it |
//! | [`preview`] | what is known of steps while the completion grows |
//! | [`audit`] | what a model recites: windows of text, scored and counted |
//! | [`lab`] | the labs, for commands and the app |
//! | [`retro`] | a model together with what a corpus alone predicts |
//! | [`calibrate`] | a flag fitted to one model, whose steps nobody has to label |
//! | [`live`] | the threads behind the app |
//! | [`command`], [`notes`], [`paired`] | the command line that makes a trace again; bookmarks and notes beside traces; two completions as a page shows them |
//! | [`appended`], [`locked`], [`output`], [`recipe`], [`replace`], [`summary`] | files of lines that are appended to, and by one process only, the one that a batch writes, what its traces have in common, files replaced whole, what is said at the end |
//! | `both` | two things at once |
//! | [`encoder`], [`frequencies`], [`forced`], [`hashes`] | the tokenizer of a model; counts for operators; teacher forcing; hashes of models, cached |

mod appended;
pub mod attributor;
pub mod audit;
pub mod batch;
mod behind;
mod both;
pub mod calibrate;
pub mod command;
pub mod encoder;
pub mod error;
pub mod finish;
pub mod forced;
pub mod frequencies;
pub mod generation;
pub mod hashes;
pub mod lab;
pub mod live;
mod locked;
pub mod notes;
pub mod output;
pub mod paired;
pub mod pii;
pub mod pipeline;
pub mod preview;
pub mod prm;
pub mod prompts;
pub mod reader;
pub mod recipe;
pub mod regions;
pub mod render;
pub mod replace;
pub mod retro;
pub mod saved;
pub mod source;
pub mod summary;
pub mod within;
