//! How many colors a terminal has, and the nearest one that it has to a color.

use super::rgb::Rgb;

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

    /// The nearest color that there is, by hue where there are sixteen; none where there are none.
    pub fn color(self, c: Rgb) -> Option<Color> {
        match self {
            Depth::None => None,
            Depth::TrueColor => Some(Color::Rgb(c)),
            Depth::Ansi256 => {
                let best = (16..=255u8).min_by_key(|&i| distance(c, indexed(i)));
                best.map(Color::Indexed)
            }
            Depth::Ansi16 => Some(Color::Ansi(sixteen(c))),
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

/// Below this chroma (OKLab) a color reads as a grey.
const GREY: f64 = 0.04;
/// From this lightness (OKLab) on a color is one of the bright eight.
const BRIGHT: f64 = 0.6;

/// One of the sixteen: a grey by lightness, any other by hue.
///
/// The nearest of the sixteen would do worse: soft colors are nearer to grey than to any of them, so that all sources would look like text.
/// Hue holds what a color means, and users who change the sixteen mostly leave red red.
fn sixteen(c: Rgb) -> u8 {
    let [lightness, a, b] = oklab(c);
    if a.hypot(b) < GREY {
        // Lightness of xterm's black, dark grey, light grey and white.
        return match lightness {
            l if l < 0.3 => 0,
            l if l < 0.76 => 8,
            l if l < 0.96 => 7,
            _ => 15,
        };
    }
    let bright = lightness >= BRIGHT;
    let hue = b.atan2(a).to_degrees().rem_euclid(360.0);
    let plain = match hue {
        h if h < 15.0 => 5,
        h if h < 50.0 => 1,
        // Browns are for light backgrounds, where yellow cannot be read.
        h if h < 115.0 => {
            if bright {
                3
            } else {
                1
            }
        }
        h if h < 170.0 => 2,
        h if h < 230.0 => 6,
        h if h < 315.0 => 4,
        _ => 5,
    };
    if bright { plain + 8 } else { plain }
}

/// Lightness, green to red, blue to yellow (OKLab, Ottosson 2020).
fn oklab(c: Rgb) -> [f64; 3] {
    let [r, g, b] = [c.0, c.1, c.2].map(linear);
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
}

/// Squared distance weighted by how red the colors are ("redmean"), in 1/256: near to how different they look.
pub fn distance(a: Rgb, b: Rgb) -> i64 {
    let d = |x: u8, y: u8| i64::from(x) - i64::from(y);
    let red = (i64::from(a.0) + i64::from(b.0)) / 2;
    let (r, g, b) = (d(a.0, b.0), d(a.1, b.1), d(a.2, b.2));
    (512 + red) * r * r + 1024 * g * g + (767 - red) * b * b
}

/// Relative luminance, 0 to 1 (WCAG 2.2).
pub fn luminance(c: Rgb) -> f64 {
    0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
}

/// A channel as light, 0 to 1, without the curve of sRGB.
fn linear(v: u8) -> f64 {
    let v = f64::from(v) / 255.0;
    if v <= 0.04045 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}
