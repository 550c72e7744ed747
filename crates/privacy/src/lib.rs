//! Personal data in text: what finds it, what hides it, and what keeps it out of what a model writes. Pure: files, models and corpora stand above.
//!
//! | module | what is in it |
//! |---|---|
//! | [`kind`] | the kinds of values |
//! | [`detector`] | [`Detector`], and all of them together: [`Detectors`] |
//! | [`detectors`] | one file a kind |
//! | [`fold`] | spellings that are one: case, width, look-alikes, separators |
//! | [`mask`] | a text without its values |

pub mod detector;
pub mod detectors;
pub mod fold;
pub mod kind;
pub mod mask;

pub use detector::{Country, Detector, Detectors, Found};
pub use kind::Kind;
pub use mask::{Hidden, Listed, masked, shown_before};
