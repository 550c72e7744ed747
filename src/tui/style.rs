//! The theme's styles as the terminal's, at the depth of color it has.

use ratatui::style::{Color, Modifier, Style};

use rotescope_report::theme::{self, Depth, Role, Theme};
use rotescope_trace::Source;

/// A theme at a depth of color.
#[derive(Debug, Clone, Copy)]
pub struct Paint<'a> {
    pub theme: &'a Theme,
    pub depth: Depth,
}

impl Paint<'_> {
    /// Plain text on the theme's own background. With sixteen colors or fewer the background is the terminal's: a dark one of those would be as far
    /// from the theme's as a light one.
    pub fn base(self) -> Style {
        let mut style = self.theme.style(Role::Text);
        if matches!(self.depth, Depth::Ansi256 | Depth::TrueColor) {
            style.bg = Some(self.theme.background());
        }
        self.convert(style)
    }

    pub fn role(self, role: Role) -> Style {
        self.convert(self.theme.style(role))
    }

    pub fn source(self, source: Source, strength: u8) -> Style {
        self.convert(self.theme.source(source, strength))
    }

    /// A token by its source and strength on the ground of what is selected.
    pub fn selected(self, source: Source, strength: u8) -> Style {
        let style = self.theme.source(source, strength);
        self.convert(self.theme.selected(style))
    }

    fn convert(self, s: theme::Style) -> Style {
        let color = |c: theme::Rgb| {
            self.depth.color(c).map(|c| match c {
                theme::Color::Rgb(theme::Rgb(r, g, b)) => Color::Rgb(r, g, b),
                theme::Color::Indexed(i) => Color::Indexed(i),
                // The sixteen by their names: terminals give them the user's own colors.
                theme::Color::Ansi(i) => NAMED[usize::from(i.min(15))],
            })
        };
        let mut style = Style::new();
        style.fg = s.fg.and_then(color);
        style.bg = s.bg.and_then(color);
        for (on, modifier) in [
            (s.bold, Modifier::BOLD),
            (s.dim, Modifier::DIM),
            (s.italic, Modifier::ITALIC),
            (s.underline, Modifier::UNDERLINED),
            (s.reverse, Modifier::REVERSED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];
