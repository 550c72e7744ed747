//! A flag fitted to one model: chains of it, the truth of their steps without people, and where both are kept.
//!
//! | file | what is in it |
//! |---|---|
//! | [`first_wrong`] | the search for the first wrong step by what still reaches the answer |
//! | [`labels`] | the truth of a chain: by verifiers, by its answer, by rollouts |
//! | [`folder`] | where chains, labels and flag of a model lie |

pub mod first_wrong;
pub mod folder;
pub mod labels;
