//! Small worlds in which what memorizing costs, and what generalizing costs, is known: when does a model that has room for M of N samples do better to
//! memorize them?
//!
//! | module | what is in it |
//! |---|---|
//! | [`distill`] | what students of a model that recites come to recite: records and what they say together |
//! | [`edge`] | what the Gaussian lab measures: records and what they say together |
//! | [`gaussian`] | points from a mixture of Gaussian clouds, denoised |
//! | [`text`] | texts copied with errors from templates, unmasked |
//! | [`texts`] | what the lab of texts measures: records and what they say together |
//! | [`error`] | settings that no lab can have |
//!
//! All is drawn by a seed; the number of threads changes no result.

mod crossing;
pub mod distill;
pub mod edge;
pub mod error;
pub mod gaussian;
mod matrix;
mod random;
mod summary;
pub mod text;
pub mod texts;

pub use error::LabError;
pub use matrix::Matrix;
pub use summary::Mean;
