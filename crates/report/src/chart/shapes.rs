//! Points and areas: each color has a shape and a hatching of its own.

use std::fmt::Write;

use super::ink::Ink;
use super::scale::Scale;

/// A point: each color has a shape of its own.
pub(super) fn point(out: &mut String, n: usize, color: &str, x: f64, y: f64) {
    let _ = match n % 4 {
        0 => writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>"
        ),
        1 => writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"5.6\" height=\"5.6\" fill=\"{color}\"/>",
            x - 2.8,
            y - 2.8
        ),
        2 => writeln!(
            out,
            "<path d=\"M{x:.1} {:.1}l3.6 6.2h-7.2z\" fill=\"{color}\"/>",
            y - 3.8
        ),
        _ => writeln!(
            out,
            "<path d=\"M{x:.1} {:.1}l3.8 3.8l-3.8 3.8l-3.8 -3.8z\" fill=\"{color}\"/>",
            y - 3.8
        ),
    };
}

/// A hatched rectangle from its upper left corner: empty, slanted, crossed or dotted lines in the color, on a thin ground of it.
pub(super) fn hatching(out: &mut String, ink: &Ink, n: usize, at: [f64; 2], size: [f64; 2]) {
    let color = ink.series(n);
    let ([x, y], [w, h]) = (at, size);
    if w <= 0.0 || h <= 0.0 {
        return;
    }
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{color}\" fill-opacity=\"0.18\" stroke=\"{color}\"/>"
    );
    let mut path = String::new();
    // From the left and lower edge up to the right, or down to the right, clipped by hand: pictures need no ids then.
    let mut slanted = |down: bool| {
        let mut start = x - h + STEP;
        while start < x + w {
            let (from, to) = (start.max(x), (start + h).min(x + w));
            let (a, b) = (from - start, to - start);
            let (a, b) = match down {
                true => (y + a, y + b),
                false => (y + h - a, y + h - b),
            };
            let _ = write!(path, "M{from:.1} {a:.1}L{to:.1} {b:.1}");
            start += STEP;
        }
    };
    match n % 4 {
        1 => slanted(false),
        2 => {
            slanted(false);
            slanted(true);
        }
        3 => {
            let mut line = y + STEP / 2.0;
            while line < y + h {
                let _ = write!(path, "M{x:.1} {line:.1}h{w:.1}");
                line += STEP;
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        let dash = if n % 4 == 3 {
            " stroke-dasharray=\"1.5 3\""
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "<path d=\"{path}\" stroke=\"{color}\" stroke-width=\"1\"{dash}/>"
        );
    }
}

/// Between two lines of a hatching, in pixels.
const STEP: f64 = 6.0;

/// What fills a place of the x axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Area {
    /// Ends of the whiskers, quartiles and median: `[low, q1, median, q3, high]`, and how many values they sum up. `x` is its middle and `width` how wide it
    /// is, both of the x axis.
    Box {
        x: f64,
        width: f64,
        five: [f64; 5],
        of: usize,
    },
    /// From one value to another.
    Bar {
        x: f64,
        width: f64,
        from: f64,
        to: f64,
    },
}

impl Area {
    /// Ends on both axes.
    pub(super) fn ends(&self) -> ([f64; 2], [f64; 2]) {
        let (x, width, y) = match *self {
            Area::Box { x, width, five, .. } => (x, width, [five[0], five[4]]),
            Area::Bar { x, width, from, to } => (x, width, [from, to]),
        };
        ([x - width / 2.0, x + width / 2.0], y)
    }

    pub(super) fn draw(&self, out: &mut String, ink: &Ink, n: usize, x: &Scale, y: &Scale) {
        let (across, up) = self.ends();
        if !across.into_iter().chain(up).all(f64::is_finite) {
            return;
        }
        let clamped = |v: f64| y.of(v.clamp(y.from[0], y.from[1]));
        let [left, right] = across.map(|v| x.of(v));
        match *self {
            Area::Bar { from, to, .. } => {
                let (top, bottom) = (clamped(from.max(to)), clamped(from.min(to)));
                hatching(out, ink, n, [left, top], [right - left, bottom - top]);
            }
            Area::Box { five, of, .. } => {
                let [low, q1, median, q3, high] = five.map(clamped);
                let (color, middle) = (ink.series(n), (left + right) / 2.0);
                let (a, b) = (middle - 5.0, middle + 5.0);
                hatching(out, ink, n, [left, q3], [right - left, (q1 - q3).max(1.0)]);
                let _ = writeln!(
                    out,
                    "<path d=\"M{middle:.1} {q1:.1}V{low:.1}M{a:.1} {low:.1}H{b:.1}M{middle:.1} {q3:.1}V{high:.1}M{a:.1} {high:.1}H{b:.1}\" stroke=\"{color}\"/>\n\
                     <path d=\"M{left:.1} {median:.1}H{right:.1}\" stroke=\"{color}\" stroke-width=\"3\"/>\n\
                     <text x=\"{middle:.1}\" y=\"{:.1}\" font-size=\"10\" text-anchor=\"middle\" fill=\"{}\">{of}</text>",
                    high - 4.0,
                    ink.dim
                );
            }
        }
    }
}
