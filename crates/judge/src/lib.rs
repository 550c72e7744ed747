//! Is this step right? Verifiers for what can be computed, without a model, and a flag for steps that are likely wrong.
//!
//! | module | what is in it |
//! |---|---|
//! | [`verifier`] | the trait [`Verifier`], and how to add one |
//! | [`registry`] | all verifiers, and which of them judge a prompt |
//! | [`judge`](mod@judge) | verdicts on the steps of a trace |
//! | [`labels`] | where the truth of a step comes from |
//! | [`groups`] | which prompts must not be split between training and test |
//! | [`features`], [`flag`], [`fit`] | the flag: what it looks at, its file, its fit |
//! | [`portable`], [`provenance`], [`token_scores`] | what a flag looks at that means the same on every model |
//!
//! A verifier says [`Judgement::Wrong`] only if it is sure; whatever it cannot read is [`Judgement::NotApplicable`].

mod amount;
pub mod arithmetic;
#[cfg(test)]
mod arithmetic_tests;
pub mod capitalization;
mod circle;
mod congruence;
pub mod context;
#[cfg(test)]
mod context_tests;
mod counting;
mod doubt;
mod equation;
#[cfg(test)]
mod equations_tests;
mod expression;
pub mod features;
pub mod fit;
pub mod flag;
mod formula;
mod functions;
#[cfg(test)]
mod functions_tests;
pub mod groups;
pub mod judge;
mod judged;
pub mod labels;
mod latex;
mod lexeme;
mod lexer;
pub mod locale;
mod marks;
mod numeral;
mod output;
pub mod portable;
pub mod provenance;
mod reasons;
pub mod registry;
mod remainder;
mod rounding;
mod sides;
mod spoken;
mod stance;
pub mod token_scores;
mod truth;
mod unit_words;
mod units;
mod value;
mod variant;
mod verdict;
pub mod verifier;

pub use arithmetic::{Equation, equations};
pub use judge::judge;
pub use labels::{ByHand, FromVerdicts, Label, Labels};
pub use output::output_text;
pub use registry::VerifierError;
pub use variant::{Metrics, Variant, Weight};
pub use verdict::Judgement;
pub use verifier::Verifier;
