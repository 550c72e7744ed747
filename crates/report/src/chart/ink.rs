//! The colors of a picture: those of a theme, or the variables of a page.

use crate::svg::hex;
use crate::theme::{Role, Theme};
use rotescope_trace::Source;

/// Colors as an SVG has them.
pub(super) struct Ink {
    pub text: String,
    pub dim: String,
    pub border: String,
    pub page: String,
    series: [String; 4],
}

impl Ink {
    pub fn of(theme: &Theme) -> Ink {
        let role = |r| hex(theme.style(r).fg.unwrap_or_default());
        let source = |s| hex(theme.source(s, 5).fg.unwrap_or_default());
        Ink::from(role, source, hex(theme.background()))
    }

    pub fn of_page() -> Ink {
        let role = |r: Role| format!("var(--{})", r.name());
        let source = |s: Source| format!("var(--{}5)", s.name());
        Ink::from(role, source, "var(--page)".into())
    }

    fn from(role: impl Fn(Role) -> String, source: impl Fn(Source) -> String, page: String) -> Ink {
        let [a, b, c] = Source::ALL.map(source);
        Ink {
            text: role(Role::Text),
            dim: role(Role::Dim),
            border: role(Role::Border),
            page,
            // The strong colors of the sources come first: they are told apart by all readers.
            series: [b, c, a, role(Role::Ok)],
        }
    }

    /// The color of a series. See [`super::Series::color_of`].
    pub fn series(&self, n: usize) -> &str {
        &self.series[n % 4]
    }
}
