//! Problems that carry their template: the bundled prompts, and any prompt whose `meta` is of the same form.
//!
//! | `meta` has | problem |
//! |---|---|
//! | `template`, `names`, `operands`, `ops`, `equations` | [`Applied`]: a story of one quantity |
//! | `template`, `expression`, `operands`, `ops`, `equations` | [`Formula`] |
//! | `template`, `target`, `list` | [`CountingProblem`] |
//! | `template`, `title`, `rule` | [`Title`] |
//!
//! Each is read, solved from its operands, and built anew with question, answer, equations and completion.

mod applied;
mod counting;
mod formula;
mod meta;
mod title;
pub mod words;

pub use applied::Applied;
pub use counting::CountingProblem;
pub use formula::Formula;
pub use title::Title;

use rotescope_study::perturb::problem::{Form, Problem};
use rotescope_trace::Prompt;

/// How the bundled prompts carry their problems.
pub const FORM: Form = Form {
    read,
    of_original: &meta::OF_ORIGINAL,
    of_numbers: &[
        "template",
        "operands",
        "equations",
        "chain",
        "expression",
        "ops",
    ],
};

/// Reads the problem that a prompt carries; `None` if it carries none, or another than its question shows.
fn read(subject: &Prompt) -> Option<Box<dyn Problem>> {
    let meta = subject.meta.as_object()?;
    let question = &subject.question;
    if meta.contains_key("expression") {
        Some(Box::new(Formula::read(meta, question)?))
    } else if meta.contains_key("operands") {
        Some(Box::new(Applied::read(meta, question)?))
    } else if meta.contains_key("list") {
        Some(Box::new(CountingProblem::read(meta, question)?))
    } else if meta.contains_key("title") {
        Some(Box::new(Title::read(meta, question)?))
    } else {
        None
    }
}
