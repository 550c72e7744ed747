//! The language model: llama.cpp on its own thread.
//!
//! | file | what is in it |
//! |---|---|
//! | `engine` | [`Engine`]: the handle that others hold, and the thread behind it |
//! | `options` | [`ModelOptions`]: context, threads, devices |
//! | `load` | checks before and after llama.cpp opens the file |
//! | `info` | [`ModelInfo`]: what the file says about itself |
//! | `context` | what generating and scoring share: contexts of llama.cpp |
//! | `threads` | how many threads it gets, by what other programs leave free |
//! | `generate` | [`GenerateRequest`]: prompt in, one [`TokenEvent`] per token out |
//! | `generator` | completions side by side, in batches of llama.cpp |
//! | `sequence` | one completion as it grows |
//! | `filter` | [`TokenFilter`]: what forbids tokens |
//! | `mixture` | [`Mixture`]: what changes the distribution of the next token |
//! | `score` | teacher-forced scoring of many [`Window`]s |
//! | `forced` | [`Forced`]: what an audit asks of the token that really follows (pure) |
//! | `window` | [`Window`]: what can be asked about a token sequence, and the answers |
//! | `weights` | the loaded model, and an adapter (LoRA) that changes it |
//! | `probe` | [`Probe`]: what stands inside a model while it reads |
//! | `quantize` | [`quantize()`]: models written anew with fewer bits |
//! | `plan` | which windows share a prefix, and go together (pure) |
//! | `softmax` | probability, rank, entropy and best candidates of one row of logits (pure) |
//! | `sample` | greedy and random choice of the next token (pure) |
//! | `stop` | stop strings across token borders (pure) |
//! | `chat` | the model's own chat template |
//! | `date` | [`Date`]: what templates that print today's date take for it |
//! | `strftime` | dates as Python writes them (pure) |
//! | `encoder` | llama.cpp's tokenizer without the weights |
//! | `fingerprint` | what in a file decides the token ids, hashed |
//! | `llama_log` | llama.cpp's log, sent to `tracing` |
//!
//! Ids are `u32` everywhere outside this crate; llama.cpp's own types never leave it.

mod cancel;
pub mod chat;
mod context;
mod date;
mod encoder;
mod engine;
mod error;
mod filter;
mod fingerprint;
mod forced;
mod generate;
mod generator;
mod info;
mod llama_log;
mod load;
mod mixture;
mod options;
mod plan;
mod probe;
mod quantize;
mod sample;
mod score;
mod sequence;
mod softmax;
mod stop;
mod strftime;
mod threads;
mod weights;
mod window;

/// Which llama.cpp is built in: the crate that brings its sources, and its version.
pub const LLAMA_CPP: &str = "llama-cpp-sys-2 0.1.161";

#[cfg(test)]
#[test]
fn llama_cpp_is_the_one_that_is_built_in() {
    let (name, version) = LLAMA_CPP.split_once(' ').unwrap();
    let wanted = format!("{name} = {{ version = \"={version}\"");
    assert!(include_str!("../Cargo.toml").contains(&wanted), "{wanted}");
}

pub use cancel::CancelToken;
pub use date::Date;
pub use encoder::LlamaEncoder;
pub use engine::Engine;
pub use error::ModelError;
pub use filter::{Filter, Follow, TokenFilter};
pub use forced::Forced;
pub use generate::{
    FinishReason, GenerateRequest, Generated, GenerationEvent, GenerationOutcome, TokenEvent,
};
pub use info::ModelInfo;
pub use mixture::{Mixer, Mixing, Mixture};
pub use options::{ModelOptions, cores};
pub use probe::{Activations, Head, Probe};
pub use quantize::{quantizations, quantize};
pub use sample::Sampling;
pub use softmax::{Candidate, Softmax};
pub use window::{PositionScore, Scored, Targets, Want, Window, WindowScore};
