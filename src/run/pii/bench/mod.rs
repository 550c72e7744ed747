//! Four protections, alone and together: what a model still gives away under each subset, and what is left of it otherwise.
//!
//! | file | what is in it |
//! |---|---|
//! | [`subset`] | the protections, and all subsets of them |
//! | [`guard`] | those that change the distribution of the next token |
//! | [`measure`] | values, texts and prompts to records |
//! | [`tally`] | what many records say together |

pub mod guard;
pub mod measure;
pub mod subset;
pub mod tally;
