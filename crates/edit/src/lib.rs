//! Edits of a model in closed form, without gradients.
//!
//! A feed-forward output matrix `W` maps a key `k`, what stands before it at a token, to what it adds to the hidden state. To have the model say another token behind
//! some prompts, `W` gets a change that adds a wanted shift at the keys of these prompts and as little as possible at the keys of all other text (Meng et al. 2023,
//! MEMIT; Ruzzetti et al. 2025, PME).
//!
//! | file | what is in it |
//! |---|---|
//! | [`shift`] | how far a hidden state has to move so that a token comes first |
//! | [`solve`] | the change of a matrix that moves some keys' outputs so and leaves others |
//! | [`adapter`] | such changes as a LoRA adapter (GGUF) |
//!
//! Nothing here knows a model: numbers come in, numbers go out.

pub mod adapter;
pub mod shift;
pub mod solve;

/// What cannot be computed.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum EditError {
    #[error("{what} of {found} numbers, where {expected} are needed")]
    Shape {
        what: &'static str,
        found: usize,
        expected: usize,
    },
    #[error("the keys' covariance is not positive; it needs more text")]
    Covariance,
    #[error("nothing is to be changed")]
    Empty,
}
