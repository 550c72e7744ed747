//! The tantivy index: texts, metadata, and words with their positions.

mod best;
mod directory;
mod index;
mod lengths;
mod near;
mod pairs;
mod schema;
mod unchecked;
mod walker;
mod words;
mod write;

pub use index::DocumentIndex;
pub use write::DocumentWriter;

pub(crate) use write::LEAST_MEMORY;
