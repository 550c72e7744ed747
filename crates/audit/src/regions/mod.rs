//! Foreground and background of an answer, and which of them stand in a source: FB-Mem's classes for text, in a form of our own.
//!
//! | file | what is in it |
//! |---|---|
//! | [`units`] | words, numbers and signs; which are foreground |
//! | [`coverage`] | how much of each stands in a source, and the class |
//! | [`candidates`] | the documents of a corpus that may be sources |
//!
//! Foreground is what an answer is about: numbers, names, operators, rare words. Background is the template around it. An answer with its source's
//! template and new numbers is of class BM, which is how models fail on word problems that they have half learned.

pub mod candidates;
pub mod coverage;
pub mod units;

pub use candidates::{RegionSource, Regions, Stretch, regions};
pub use coverage::{Class, Coverage, Covered, RegionOptions, mitigation};
pub use units::{Unit, units};
