//! The pipeline: prompt in, events and a trace out; and batches of it.

pub mod encoder;
pub mod finish;
pub mod forced;
pub mod frequencies;
pub mod live;
pub mod output;
pub mod pipeline;
pub mod preview;
pub mod prm;
pub mod prompts;
pub mod recipe;
pub mod render;
pub mod replace;
pub mod summary;
