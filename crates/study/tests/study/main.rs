//! Comparing completions, and tables over many of them.

mod compare;
mod evaluate;
mod labelled;
mod long;
mod perturb;
mod splits;
mod support;
