//! Text in one style.

use crate::theme::Style;

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyledCell {
    pub text: String,
    pub style: Style,
}
