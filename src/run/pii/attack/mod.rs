//! What a model gives away of values that it may have been trained on.
//!
//! | file | what is in it |
//! |---|---|
//! | [`settings`] | what is asked, with its defaults |
//! | [`targets`] | the values that are asked for, with what stands before them |
//! | [`people`] | other people in the place of true ones |
//! | [`cut`] | where a value begins among the tokens of its text |
//! | [`asks`] | questions as tokens |
//! | [`asking`] | questions to answers |
//! | [`beam`] | beam search |
//! | [`run`] | all questions, portion by portion, as records |
//! | [`tally`] | what many records say together |

pub mod asking;
pub mod asks;
pub mod beam;
pub mod cut;
pub mod people;
pub mod run;
pub mod settings;
pub mod tally;
pub mod targets;
