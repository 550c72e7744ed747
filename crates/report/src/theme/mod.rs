//! Colors by meaning. A theme gives each [`Role`] and each source of memorization its style; [`Depth`] says what becomes of the colors on a
//! terminal that has fewer.
//!
//! Strength is never told by color alone: the five strengths also differ by weight and underline, and the legend spells each source by a
//! letter ([`mark`]).

mod depth;
mod file;
mod rgb;

pub use depth::{Color, Depth, Terminal, distance, luminance};
pub use file::{ThemeError, Themes};
pub use rgb::Rgb;

use std::collections::HashMap;

use rotescope_trace::Source;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    pub fg: Option<Rgb>,
    pub bg: Option<Rgb>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
}

/// What a piece of the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Text,
    Dim,
    Border,
    Focus,
    Title,
    Accent,
    Error,
    Ok,
    Flag,
    Answer,
    Selection,
    Cursor,
    Match,
    Added,
    Removed,
    Unsure,
}

impl Role {
    pub const ALL: [Role; 16] = [
        Role::Text,
        Role::Dim,
        Role::Border,
        Role::Focus,
        Role::Title,
        Role::Accent,
        Role::Error,
        Role::Ok,
        Role::Flag,
        Role::Answer,
        Role::Selection,
        Role::Cursor,
        Role::Match,
        Role::Added,
        Role::Removed,
        Role::Unsure,
    ];

    /// The name in theme files.
    pub fn name(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::Dim => "dim",
            Role::Border => "border",
            Role::Focus => "focus",
            Role::Title => "title",
            Role::Accent => "accent",
            Role::Error => "error",
            Role::Ok => "ok",
            Role::Flag => "flag",
            Role::Answer => "answer",
            Role::Selection => "selection",
            Role::Cursor => "cursor",
            Role::Match => "match",
            Role::Added => "added",
            Role::Removed => "removed",
            Role::Unsure => "unsure",
        }
    }
}

/// A look.
#[derive(Debug, Clone)]
pub struct Theme {
    name: String,
    background: Rgb,
    roles: HashMap<Role, Style>,
    /// Colors of the five strengths of each source, in the order of [`Source::ALL`].
    sources: [[Rgb; 5]; Source::COUNT],
}

/// Contrast from which on a text of this size is read.
const READABLE: f64 = 3.0;

impl Theme {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the colors are chosen for; the terminal's own background is left as it is where a theme is close to it.
    pub fn background(&self) -> Rgb {
        self.background
    }

    pub fn is_dark(&self) -> bool {
        depth::luminance(self.background) < 0.2
    }

    pub fn style(&self, role: Role) -> Style {
        self.roles.get(&role).copied().unwrap_or_default()
    }

    /// A style on the ground of what is selected: in its own color where that can be read there, else in the selection's.
    pub fn selected(&self, style: Style) -> Style {
        let selection = self.style(Role::Selection);
        let is_read = |(text, ground): (Rgb, Rgb)| {
            let (a, b) = (
                depth::luminance(text) + 0.05,
                depth::luminance(ground) + 0.05,
            );
            a.max(b) / a.min(b) >= READABLE
        };
        let both = style.fg.zip(selection.bg);
        Style {
            fg: if both.is_none_or(is_read) {
                style.fg
            } else {
                selection.fg
            },
            bg: selection.bg.or(style.bg),
            ..style
        }
    }

    /// The style of a token by its source and [`strength`]; 0 is plain text.
    ///
    /// 1 is the weakest color, 2 and 3 stronger ones, 4 is bold, 5 bold and underlined; 3 is underlined.
    pub fn source(&self, source: Source, strength: u8) -> Style {
        let text = self.style(Role::Text);
        let Some(color) = strength.checked_sub(1) else {
            return text;
        };
        let color = self.sources[source as usize][usize::from(color.min(4))];
        Style {
            fg: Some(color),
            bg: text.bg,
            dim: false,
            italic: strength == 1,
            underline: matches!(strength, 3 | 5),
            bold: strength >= 4,
            reverse: false,
        }
    }
}

/// The strength of a score in five steps; 0 where it is zero or negative.
pub fn strength(score: f64) -> u8 {
    (score * 5.0).ceil().clamp(0.0, 5.0) as u8
}

/// A glyph that grows with the strength, for lanes under text.
pub fn lane(strength: u8) -> char {
    [' ', '▁', '▂', '▃', '▅', '▇'][usize::from(strength.min(5))]
}

/// The letter of a source: `l`ocal, `m`id, long for the `q`uestion.
pub fn mark(source: Source) -> char {
    source.about().mark
}

#[cfg(test)]
mod tests;
