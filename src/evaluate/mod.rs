//! Tables from labelled traces.

pub mod accuracy;
pub mod planted;
pub mod table;
