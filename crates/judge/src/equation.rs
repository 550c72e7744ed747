//! One equation, judged.

use rotescope_text::ByteRange;
use rotescope_text::number::Rational;

/// One equation of a step, and whether it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// What is computed, left of the sign of equality.
    pub expression: ByteRange,
    /// What the step says that it comes to, right of it, with its sign.
    pub claimed: ByteRange,
    /// What it comes to; `None` where that is no fraction, as for most roots.
    pub value: Option<Rational>,
    /// The true value, written as the claimed one is: base, percent, separators, fraction.
    pub expected: String,
    /// Where the claimed value goes wrong: its first character that differs from the true value, or
    /// its end if it is only the beginning of it. `None` if it is right.
    pub first_wrong: Option<usize>,
}

impl Equation {
    /// Shifts all offsets, for a part that begins at `by` in its step.
    pub(super) fn shifted(self, by: usize) -> Self {
        let shift = |s: ByteRange| s.start + by..s.end + by;
        Self {
            expression: shift(self.expression),
            claimed: shift(self.claimed),
            first_wrong: self.first_wrong.map(|at| at + by),
            ..self
        }
    }
}
