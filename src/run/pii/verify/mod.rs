//! What a protection changes: the same questions before and after, and texts that hold no value.
//!
//! | file | what is in it |
//! |---|---|
//! | [`compare`] | questions and texts to records |
//! | [`kept`] | texts that hold no value |
//! | [`tally`] | what many records say together |

pub mod compare;
pub mod kept;
pub mod tally;
