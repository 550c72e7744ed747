//! What traces say together, and what becomes of them when prompts change.
//!
//! | module | what is in it |
//! |---|---|
//! | [`evaluate`] | tables from labelled traces |
//! | [`compare`] | two traces aligned: tokens, steps, answers, scores |
//! | [`perturb`] | operators on prompts, with the truth carried along (pure) |

pub mod compare;
pub mod evaluate;
pub mod perturb;
