//! The Gaussian-mixture lab of *On the Edge of Memorization in Diffusion Models* (arXiv 2508.17689, NeurIPS 2025), from its formulas.
//!
//! | file | what is in it |
//! |---|---|
//! | [`world`] | the mixture, data drawn from it |
//! | [`noise`] | amounts of noise, and how much each counts |
//! | [`denoiser`] | the best guess under a mixture |
//! | [`losses`] | losses of the three denoisers, by Monte Carlo |
//! | [`crossover`] | excess losses and the crossover, in closed form and by Monte Carlo |
//! | [`train`], [`sample`] | a trained denoiser, what it makes, and how much of that is copied |

pub mod crossover;
pub mod denoiser;
pub mod losses;
pub mod noise;
pub mod sample;
pub mod train;
pub mod world;
