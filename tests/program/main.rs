//! The program from the outside, and its way through the model and the index.

mod bundle;
mod compare;
mod data;
mod evaluate;
mod long;
mod perturb;
mod prm;
mod score;
mod stim;
mod support;
