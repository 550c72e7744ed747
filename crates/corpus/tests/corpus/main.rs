//! The index of a corpus: built, asked, damaged, and held against brute force.

mod adding;
mod append;
mod checks;
mod data;
mod defaults;
mod faults;
mod index;
mod meanwhile;
mod ngrams;
mod progress;
mod reliability;
mod resume;
mod same;
mod scan;
mod several;
mod support;
mod tables;
mod told;
#[cfg(target_os = "linux")]
mod touched;
mod verbatim;
