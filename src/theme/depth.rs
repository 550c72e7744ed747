//! How many colors a terminal has, and the nearest one that it has to a color.

use super::Rgb;

/// Colors of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: only bold, underlined, reversed.
    None,
    Ansi16,
    Ansi256,
    TrueColor,
}

/// A color as a terminal of some depth takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    Rgb(Rgb),
    /// Of the palette of 256.
    Indexed(u8),
    /// Of the sixteen that users set themselves.
    Ansi(u8),
}

/// What is known about a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal<'a> {
    /// `TERM`
    pub term: Option<&'a str>,
    /// `COLORTERM`
    pub colorterm: Option<&'a str>,
    /// `NO_COLOR`
    pub no_color: Option<&'a str>,
}

impl Depth {
    /// `NO_COLOR` goes first, then `COLORTERM`, then `TERM`.
    pub fn detect(t: &Terminal) -> Depth {
        let term = t.term.unwrap_or("");
        if t.no_color.is_some_and(|v| !v.is_empty()) || term == "dumb" {
            Depth::None
        } else if matches!(t.colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Depth::TrueColor
        } else if term.contains("256color") {
            Depth::Ansi256
        } else {
            Depth::Ansi16
        }
    }

    /// The nearest color that there is; none where there are none.
    pub fn color(self, c: Rgb) -> Option<Color> {
        match self {
            Depth::None => None,
            Depth::TrueColor => Some(Color::Rgb(c)),
            Depth::Ansi256 => {
                let best = (16..=255u8).min_by_key(|&i| distance(c, indexed(i)));
                best.map(Color::Indexed)
            }
            Depth::Ansi16 => {
                let best = (0..16u8).min_by_key(|&i| distance(c, SIXTEEN[usize::from(i)]));
                best.map(Color::Ansi)
            }
        }
    }
}

/// Red, green and blue of the colors 16 to 255: a cube of 6 x 6 x 6 and 24 greys.
fn indexed(i: u8) -> Rgb {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    if i >= 232 {
        let grey = 8 + 10 * (i - 232);
        return Rgb(grey, grey, grey);
    }
    let i = usize::from(i - 16);
    Rgb(LEVELS[i / 36], LEVELS[i / 6 % 6], LEVELS[i % 6])
}

/// The sixteen as xterm has them; users change them, so this is a guess.
const SIXTEEN: [Rgb; 16] = [
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
    Rgb(127, 127, 127),
    Rgb(255, 0, 0),
    Rgb(0, 255, 0),
    Rgb(255, 255, 0),
    Rgb(92, 92, 255),
    Rgb(255, 0, 255),
    Rgb(0, 255, 255),
    Rgb(255, 255, 255),
];

/// Squared distance weighted by how red the colors are ("redmean"), in 1/256: near to how different they look.
pub(super) fn distance(a: Rgb, b: Rgb) -> i64 {
    let d = |x: u8, y: u8| i64::from(x) - i64::from(y);
    let red = (i64::from(a.0) + i64::from(b.0)) / 2;
    let (r, g, b) = (d(a.0, b.0), d(a.1, b.1), d(a.2, b.2));
    (512 + red) * r * r + 1024 * g * g + (767 - red) * b * b
}

/// Relative luminance, 0 to 1 (WCAG 2.2).
pub(super) fn luminance(c: Rgb) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
}
