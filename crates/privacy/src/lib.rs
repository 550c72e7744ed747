//! Personal data in text: what finds it, and what hides it. Pure: files and corpora stand above.
//!
//! | module | what is in it |
//! |---|---|
//! | [`attack`] | what is asked of a model that may keep values, and what its answers give away |
//! | [`gate`] | what refuses listed values before they are said |
//! | [`kind`] | the kinds of values |
//! | [`detector`] | [`Detector`], which finds one kind |
//! | [`detectors`] | one file a kind |
//! | [`finder`] | all of them together: [`Detectors`] |
//! | [`fold`] | full-width characters and digits of all scripts as ASCII |
//! | [`mask`] | a text without its values |
//! | [`noise`] | differentially private drawing of tokens |

pub mod attack;
pub mod detector;
pub mod detectors;
pub mod finder;
pub mod fold;
pub mod gate;
pub mod kind;
pub mod mask;
pub mod noise;

pub use detector::{Country, Detector, Found};
pub use finder::Detectors;
pub use kind::Kind;
pub use mask::{Hidden, Listed, masked, masked_behind, shown_before};
