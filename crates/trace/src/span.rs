//! Positions.

/// A half-open range, `[start, end]` in files.
pub type Span = [usize; 2];
