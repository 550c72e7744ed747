//! From corpus files to an index folder.
//!
//! read (a thread) → encode (all cores, batch by batch) → token ids to shards, texts to tantivy →
//! sort the shards → hash all files → checksums, manifest → move into place.
//!
//! [`append`] and [`merge`] begin with what other indexes have: their shards, and the segments of the first, are taken as they are.
//!
//! Everything is made in `OUT.partial-PID-N`, next to where the index will be, and renamed at the
//! end: `OUT` is a whole index or not there. With what a killed build leaves behind the next one of
//! the same goes on, if parts of it are done (`journal`); any other build of `OUT` removes it.
//! [`abandon`] removes what no build could go on with before a process ends by a signal.

mod append;
mod files;
mod fresh;
mod inputs;
mod journal;
mod left;
mod make;
mod merge;
mod options;
mod place;
mod progress;
mod reading;
mod room;
mod taken;
mod turn;

pub use append::{AppendOptions, append};
pub use fresh::build;
pub(crate) use left::put_back;
pub use merge::{MergeOptions, merge};
pub use options::{BuildOptions, BuildReport};
pub use place::{abandon, abandon_now};
pub use progress::{BuildProgress, Earlier, Phase, Status};
