//! The categorical counterpart of the [Gaussian lab](crate::gaussian): texts copied with errors from templates, positions of which are masked.
//!
//! | file | what is in it |
//! |---|---|
//! | [`world`] | templates, texts, the crossover in closed form |
//! | [`losses`] | losses of the three denoisers |
//! | [`crossover`] | crossovers by each score |

pub mod crossover;
pub mod losses;
pub mod world;
