//! Records of audits, one line a window: other files than traces, with a schema each.
//!
//! | file | what is in it |
//! |---|---|
//! | [`line`] | what all have in common |
//! | [`attack`] | what a model gives away of persons |
//! | [`bench`] | values, texts and prompts under protections |
//! | [`extract`] | windows of a text, and how much of them a model recites |
//! | [`pii`] | values of persons in a corpus |
//! | [`redundancy`] | how recitation bears changes of the prefix |
//! | [`retro`] | tokens by model and corpus, and what comes of both together |
//! | [`texts`] | texts and answers: verbatim spans, regions |
//! | [`students`] | how much of a text each of several models recites |
//! | [`verify`] | what a protection changes |

pub mod attack;
pub mod bench;
pub mod extract;
pub mod line;
pub mod pii;
pub mod redundancy;
pub mod retro;
pub mod students;
pub mod texts;
pub mod verify;

pub use line::{AuditLine, AuditRecord, AuditRun, RecordLine};
