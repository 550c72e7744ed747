//! Where the columns of a comparison stand.

use ratatui::layout::Rect;

/// From this width on, relations and sources are spelled out.
const WIDE: u16 = 110;
/// Columns before the tokens of each side: verdict and flag.
pub const MARKS: u16 = 3;

/// Where things stand from left to right: first column and width.
pub struct Columns {
    /// Number and relation of the step.
    pub margin: (u16, u16),
    /// Tokens of each side.
    pub sides: [(u16, u16); 2],
    pub change: (u16, u16),
    pub wide: bool,
}

impl Columns {
    pub fn of(area: Rect) -> Columns {
        let wide = area.width >= WIDE;
        let (margin, change) = if wide { (14, 24) } else { (6, 13) };
        let rest = area.width.saturating_sub(margin + change + 2 * MARKS + 1);
        let (left, right) = (rest - rest / 2, rest / 2);
        // Both columns wrap alike.
        let width = left.min(right);
        let x = area.x + margin + MARKS;
        let second = x + width + 1 + MARKS;
        Columns {
            margin: (area.x, margin),
            sides: [(x, width), (second, width)],
            change: (second + width + 1, change - 1),
            wide,
        }
    }

    /// The line between the sides.
    pub fn between(&self) -> u16 {
        self.sides[1].0.saturating_sub(MARKS + 1)
    }
}
