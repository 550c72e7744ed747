//! A model edited so that it says something else in place of values that it gives away: PME (Ruzzetti et al. 2025) without gradients, as a LoRA adapter.
//!
//! | file | what is in it |
//! |---|---|
//! | [`making`] | questions that leak and ordinary text to changes of the model's matrices |
//! | [`told`] | what is asked to be said, and what came of it |

pub mod making;
pub mod told;
