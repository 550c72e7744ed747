//! An index folder on this machine.

mod answers;
mod index;

pub use index::LocalIndex;
