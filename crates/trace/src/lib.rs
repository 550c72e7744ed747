//! The one result type, on screen and in files: a [`Trace`] is one prompt run through one model.
//!
//! Pure data. Positions are byte offsets into the output (the bytes of the tokens, one after another) or into the prompt text, as half-open
//! `[start, end]` pairs.
//!
//! | module | what is in it |
//! |---|---|
//! | [`record`] | what a file of records holds, what a format must do, and how to add one |
//! | [`jsonl`] | the format of this crate, one line a trace |
//! | [`formats`] | the formats that are read and written |
//! | [`audit`] | records of another kind: what audits say of windows of text |
//! | [`packed`] | compressed files |
//! | [`files`] | the one way in which programs read files of records |

pub mod audit;
pub mod files;
pub mod formats;
pub mod jsonl;
pub mod offsets;
mod options;
pub mod packed;
mod prompt;
pub mod record;
mod region;
mod retrieved;
pub mod source;
mod span;
mod step;
mod trace;
mod unknown;
mod validate;

pub use options::{
    AttributionOptions, FileRef, FlagRef, GateRef, Judging, NonLocalOptions, PrmRef,
    RegionSettings, RunOptions, Sampler,
};
pub use prompt::{Example, Examples, Prompt, RenderedPrompt};
pub use region::{RegionClass, RegionStretch, StepRegion};
pub use retrieved::{Known, Retrieved};
pub use source::Source;
pub use span::Span;
pub use step::{Flag, Meaning, Step, Verdict};
pub use trace::{
    Aligned, Answer, CandidateCounts, Candidates, Cause, Evidence, Import, IndexRef, Local,
    ModelRef, NonLocal, PerSource, SCHEMA, SalientWord, Timing, Token, Trace,
};
pub use validate::Invalid;
