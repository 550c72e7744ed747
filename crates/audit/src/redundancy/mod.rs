//! How redundant a text is, and how its recitation bears changes of the prefix (after *Beyond Frequency*, 2506.12321; the operators and strengths are
//! those of GPTOrder, the measures of redundancy our own, for the paper's could not be had).
//!
//! | file | what is in it |
//! |---|---|
//! | [`operators`] | changes of a prefix, and how strong they are |
//! | [`measures`] | redundancy by compression and by repeated n-grams |

pub mod measures;
pub mod operators;

pub use measures::{repeated, zip_ratio};
pub use operators::{Change, Operator};
