//! The index of a corpus: built, asked, damaged, and held against brute force.

mod data;
mod faults;
mod index;
mod ngrams;
mod reliability;
mod scan;
mod several;
mod support;
mod verbatim;
