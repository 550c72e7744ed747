//! The threads behind the terminal app: one owns the scorer and does one job at a time, a second one looks things up in the corpus.
//! Both are told by channel and answer by channel, so that the screen never waits.
//!
//! | file | what is in it |
//! |---|---|
//! | `handle` | [`Live`]: starts the threads, asks them, ends them |
//! | `messages` | what they are asked, and what they say |
//! | `job` | one job: a prompt generated and scored |
//! | `lookup` | questions about the corpus |

mod handle;
mod job;
mod lookup;
mod messages;

pub use handle::Live;
pub use messages::{FoundDocuments, Hit, Job, Passage, Ready, Update};
pub use rotescope_corpus::VerbatimSpan;
