//! Comparing completions, and tables over many of them.

mod compare;
mod evaluate;
mod long;
mod splits;
mod support;
