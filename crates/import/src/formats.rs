//! The formats that generations come in.
//!
//! # How to add a format
//!
//! 1. Write a file in `formats/` with a type that implements [`GenerationReader`]: it turns what the file holds into [`Generation`](super::Generation)s, one at a
//!    time. What the file does not say stays empty; a probability that stands for "not in the list" is left out, not kept as zero.
//! 2. Name it in [`READERS`], before those that recognize more. Every command that reads traces has it then.
//! 3. Show in a test that a real file of the format is recognized, read, and refused by line where it is broken.

mod inspect;
mod lm_eval;
mod openai;
mod plain;
mod probabilities;
mod reader;

pub use reader::{GenerationReader, Generations};

/// Formats that are read. The first that recognizes a file reads it; the last one takes any objects with fields that it knows.
pub const READERS: &[&dyn GenerationReader] = &[
    &inspect::Inspect,
    &lm_eval::LmEval,
    &openai::OpenAi,
    &plain::Objects,
    &plain::Text,
];

/// The format of this name.
///
/// # Errors
/// There is none; the names that there are.
pub fn named(name: &str) -> Result<&'static dyn GenerationReader, String> {
    let found = READERS.iter().find(|r| r.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = READERS.iter().map(|r| r.name()).collect();
        format!(
            "there is no format {name:?}; there are {}",
            names.join(", ")
        )
    })
}

/// The format of a file.
pub fn recognized(ending: Option<&str>, head: &[u8]) -> Option<&'static dyn GenerationReader> {
    READERS.iter().copied().find(|r| r.recognizes(ending, head))
}
