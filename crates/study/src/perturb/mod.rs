//! Operators that change a prompt and carry its truth along.
//!
//! | file | what is in it |
//! |---|---|
//! | [`plan`] | operators chosen on the command line, applied in order |
//! | [`operators`] | all operators; how to add one |
//! | [`operator`] | what an operator is: name, options, input |
//! | [`subject`] | what a change makes of a prompt |
//! | [`problem`] | what a prompt that carries its problem can do |
//! | [`effects`], [`rename`] | what operators share: problems built anew, numbers and names of a text |
//! | [`persons`] | the persons that a text names |
//! | [`numbers`], [`role`], [`spelling`] | numbers in text, what they stand for, and the ways they are written |
//! | [`worked`] | other numbers for a question with its worked solution |
//! | [`texts`], [`lists`] | words and sentences put into a text, and the lists that they come from |
//! | [`strength`] | how far words moved |
//! | [`chance`] | seeded draws |
//!
//! Pure functions of a prompt, a seed and, for `rarer` and `frequenter`, the counts of a corpus. The same seed and prompt give the same result on
//! every machine, whatever else stands in the file.

pub mod chance;
pub mod effects;
pub mod lists;
pub mod numbers;
pub mod operator;
pub mod operators;
pub mod persons;
pub mod plan;
pub mod problem;
pub mod rename;
pub mod role;
pub mod spelling;
pub mod strength;
pub mod subject;
pub mod texts;
pub mod worked;

pub use operator::{Frequencies, Operator};
pub use operators::OPERATORS;
pub use plan::{Plan, PlanError};
pub use problem::Form;
pub use strength::Strength;
pub use subject::{AnswerChange, Change, Kind, OperatorEffect, Perturbation, Perturbed, Unchanged};
