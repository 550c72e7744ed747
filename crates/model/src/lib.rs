//! The language model: llama.cpp on its own thread.
//!
//! | file | what is in it |
//! |---|---|
//! | `engine` | [`Engine`]: the handle that other rooms hold, and the thread behind it |
//! | `load` | [`ModelOptions`]; checks before and after llama.cpp opens the file |
//! | `info` | [`ModelInfo`]: what the file says about itself |
//! | `generate` | prompt in, one [`TokenEvent`] per token out |
//! | `score` | teacher-forced scoring of many [`Window`]s |
//! | `window` | [`Window`]: what can be asked about a token sequence, and the answers |
//! | `plan` | which windows share a prefix, and go together (pure) |
//! | `softmax` | probability, rank, entropy and best candidates of one row of logits (pure) |
//! | `sample` | greedy and random choice of the next token (pure) |
//! | `stop` | stop strings across token borders (pure) |
//! | `chat` | the model's own chat template |
//! | `chat_time` | dates for templates that print today's (pure) |
//! | `think` | where the reasoning lies in an output (pure) |
//! | `encoder` | llama.cpp's tokenizer without the weights |
//! | `fingerprint` | what in a file decides the token ids, hashed |
//! | `llama_log` | llama.cpp's log, sent to `tracing` |
//!
//! Ids are `u32` everywhere outside this room; llama.cpp's own types never leave it.

mod cancel;
pub mod chat;
mod chat_time;
mod encoder;
mod engine;
mod error;
mod fingerprint;
mod generate;
mod info;
mod llama_log;
mod load;
mod plan;
mod sample;
mod score;
mod softmax;
mod stop;
mod window;

pub use cancel::CancelToken;
pub use encoder::LlamaEncoder;
pub use engine::Engine;
pub use error::ModelError;
pub use generate::{Event, Finish, GenerateRequest, Generated, Outcome, TokenEvent};
pub use info::ModelInfo;
pub use load::ModelOptions;
pub use sample::Sampling;
pub use softmax::{Candidate, Softmax};
pub use window::{PositionScore, Scored, Targets, Want, Window, WindowScore};
