//! Every reader of files and answers that others make, as a target for inputs that nobody thought of. No input may make a reader panic, hang, take memory without
//! end, or show what steers a terminal.
//!
//! | file | what is in it |
//! |---|---|
//! | [`targets`] | readers of files and texts |
//! | [`index`] | the files of an index |
//! | [`remote`] | answers of indexes behind a network |
//! | [`seeds`] | what inputs are made of |
//! | [`kept`] | inputs that earlier runs found worth keeping |
//!
//! `make fuzz` gives them inputs that libFuzzer makes of those that reach new branches (`src/bin/guided.rs`); `make test` gives each a second of blind changes
//! (`tests/random`), and all that is kept.

#![expect(
    clippy::missing_panics_doc,
    reason = "what is not as it was made is a failure, as in any test"
)]

pub mod index;
pub mod kept;
pub mod remote;
pub mod seeds;
pub mod targets;

use std::path::Path;

/// A reader.
pub struct Target {
    pub name: &'static str,
    /// Small true inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads an input; files that it needs lie in the folder. Whether the input was understood.
    pub run: fn(&[u8], &Path) -> bool,
}

/// All readers.
pub fn all() -> Vec<Target> {
    vec![
        targets::traces(),
        targets::packed(),
        targets::prompts(),
        targets::generations(),
        targets::labels(),
        targets::themes(),
        targets::settings(),
        targets::gguf(),
        targets::vocabularies(),
        targets::templates(),
        targets::completions(),
        targets::equations(),
        targets::answers(),
        targets::display(),
        targets::values(),
        index::index(),
        remote::infinigram(),
        remote::opensearch(),
    ]
}
