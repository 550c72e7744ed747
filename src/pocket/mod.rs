//! The bundled model, pocket: everything that knows it.
//!
//! | file | what is in it |
//! |---|---|
//! | [`files`] | its files, the order of its prompts, the prompt that is shown first |
//! | [`problem`] | the problems that its prompts carry: read, solved, built anew |
//!
//! A module and not a crate, for its files are embedded and must lie in the package that embeds them: `models`, `indexes` and `prompts` stay where
//! users look for them, at the top, and `cargo package` takes no file from above a crate. Nothing else names it but [`shipped`](crate::shipped).

pub mod files;
pub mod problem;

pub use files::CONTENTS;
