//! Lines and points as an SVG picture, in the colors of a theme: panels side by side, each with two axes.
//!
//! Series differ by color, and also by dash, by the shape of their points or by the hatching of their areas, so that they can be told apart in gray; each is
//! named in the legend below its panel.

mod ink;
mod scale;
mod shapes;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use self::ink::Ink;
use self::scale::{Scale, span};
pub use self::scale::{number, ticks};
pub use self::shapes::Area;
use self::shapes::{hatching, point};
use super::text::escape;
use crate::theme::Theme;
use rotescope_trace::Source;

/// A picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    pub title: String,
    pub panels: Vec<Panel>,
    /// Panels side by side before the next row begins; 0: all.
    pub columns: usize,
}

/// Two axes, and what is drawn between them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    pub title: String,
    /// What the axes count.
    pub x: String,
    pub y: String,
    pub series: Vec<Series>,
    /// Vertical lines, with what they say.
    pub marks: Vec<(f64, String)>,
    /// Ends of the y axis; those of the data if none are given.
    pub range: Option<[f64; 2]>,
    /// What stands at 0, 1, 2, ... of the x axis, where it counts nothing.
    pub categories: Vec<String>,
}

/// Points that belong together. What is not finite is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    pub name: String,
    pub look: Look,
    /// Series of one color speak of the same thing.
    pub color: usize,
    pub points: Vec<Point>,
    /// What stands beside the points, one after another; nothing beside those that have no name.
    pub names: Vec<String>,
    pub areas: Vec<Area>,
}

impl Series {
    /// The number of a source's color.
    pub fn color_of(source: Source) -> usize {
        match source {
            Source::Mid => 0,
            Source::Long => 1,
            Source::Local => 2,
        }
    }
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Line,
    Dashed,
    LongDashed,
    Dotted,
    DashDotted,
    Points,
    /// Points, and lines between them.
    Both,
}

/// A point, perhaps with an interval of y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub interval: Option<[f64; 2]>,
}

impl From<(f64, f64)> for Point {
    fn from((x, y): (f64, f64)) -> Point {
        Point {
            x,
            y,
            interval: None,
        }
    }
}

/// Pixels: of the plot of a panel, and around it.
const PLOT: [f64; 2] = [330.0, 230.0];
const LEFT: f64 = 58.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 62.0;
/// Ticks and the name of the x axis.
const BELOW: f64 = 46.0;
const LEGEND: f64 = 17.0;
/// Width of a letter of a tick, about.
const LETTER: f64 = 6.6;

impl Chart {
    /// The picture as a file of its own.
    pub fn svg(&self, theme: &Theme) -> String {
        let ink = Ink::of(theme);
        let [w, h] = self.size();
        let back = format!(
            "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
            ink.page
        );
        self.draw(&ink, &format!("width=\"{w:.0}\" height=\"{h:.0}\""), &back)
    }

    /// The picture as an element of a page, in the colors of its theme: those that [`crate::html`] sets as variables.
    pub fn inline(&self) -> String {
        let [w, _] = self.size();
        self.draw(
            &Ink::of_page(),
            &format!("width=\"{w:.0}\" role=\"img\""),
            "",
        )
    }

    /// Panels side by side, rows of panels, and entries of the longest legend.
    fn grid(&self) -> [usize; 3] {
        let n = self.panels.len().max(1);
        let columns = if self.columns == 0 {
            n
        } else {
            self.columns.min(n)
        };
        let legend = self.panels.iter().map(|p| p.series.len()).max();
        [columns, n.div_ceil(columns), legend.unwrap_or(0)]
    }

    fn row(&self) -> f64 {
        TOP + PLOT[1] + BELOW + self.grid()[2] as f64 * LEGEND + 12.0
    }

    fn size(&self) -> [f64; 2] {
        let [columns, rows, _] = self.grid();
        [
            (LEFT + PLOT[0] + RIGHT) * columns as f64,
            self.row() * rows as f64,
        ]
    }

    fn draw(&self, ink: &Ink, attributes: &str, back: &str) -> String {
        let [w, h] = self.size();
        let title = escape(&self.title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" {attributes} \
             font-family=\"'DejaVu Sans',Helvetica,Arial,sans-serif\" font-size=\"12\" fill=\"{}\">\n<title>{title}</title>\n{back}\
             <text x=\"{LEFT}\" y=\"24\" font-size=\"14\" font-weight=\"bold\">{title}</text>\n",
            ink.text
        );
        let [columns, _, _] = self.grid();
        for (i, panel) in self.panels.iter().enumerate() {
            let left = (LEFT + PLOT[0] + RIGHT) * (i % columns) as f64 + LEFT;
            match i / columns {
                0 => panel.draw(&mut out, ink, left),
                row => {
                    let _ = writeln!(
                        out,
                        "<g transform=\"translate(0 {:.1})\">",
                        self.row() * row as f64
                    );
                    panel.draw(&mut out, ink, left);
                    out.push_str("</g>\n");
                }
            }
        }
        out.push_str("</svg>\n");
        out
    }
}

impl Panel {
    /// Ends of both axes.
    pub fn ends(&self) -> [[f64; 2]; 2] {
        let points = || self.series.iter().flat_map(|s| &s.points);
        let areas = || self.series.iter().flat_map(|s| &s.areas).map(Area::ends);
        let x = points().map(|p| p.x).chain(areas().flat_map(|(x, _)| x));
        let x = match self.categories.len() {
            0 => span(x.chain(self.marks.iter().map(|m| m.0))),
            n => [-0.5, n as f64 - 0.5],
        };
        let with_ends = |p: &Point| [p.y].into_iter().chain(p.interval.into_iter().flatten());
        let y = points()
            .flat_map(with_ends)
            .chain(areas().flat_map(|(_, y)| y));
        [x, self.range.unwrap_or_else(|| span(y))]
    }

    fn draw(&self, out: &mut String, ink: &Ink, left: f64) {
        let [x, y] = self.ends();
        let x = Scale {
            from: x,
            to: [left, left + PLOT[0]],
        };
        let y = Scale {
            from: y,
            to: [TOP + PLOT[1], TOP],
        };
        self.axes(out, ink, &x, &y);
        let dim = &ink.dim;
        for (at, (value, name)) in self.marks.iter().enumerate() {
            let (px, line) = (x.of(*value), TOP + 12.0 + 14.0 * at as f64);
            // The name stands where there is room for it.
            let (anchor, px_text) = match px > left + PLOT[0] / 2.0 {
                true => ("end", px - 4.0),
                false => ("start", px + 4.0),
            };
            let _ = writeln!(
                out,
                "<path d=\"M{px:.1} {TOP}V{:.1}\" stroke=\"{dim}\" stroke-dasharray=\"2 3\"/>\n\
                 <text x=\"{px_text:.1}\" y=\"{line:.1}\" font-size=\"11\" text-anchor=\"{anchor}\" fill=\"{dim}\">{}</text>",
                TOP + PLOT[1],
                escape(name)
            );
        }
        let mut names = Names {
            right: left + PLOT[0],
            taken: Vec::new(),
        };
        for (row, series) in self.series.iter().enumerate() {
            let color = ink.series(series.color);
            series
                .areas
                .iter()
                .for_each(|a| a.draw(out, ink, series.color, &x, &y));
            let own = series.names.iter().map(String::as_str);
            let inside: Vec<(&Point, &str)> = series
                .points
                .iter()
                .zip(own.chain(std::iter::repeat("")))
                .filter(|(p, _)| p.x.is_finite() && p.y.is_finite() && y.holds(p.y))
                .collect();
            let places = inside.iter().map(|(p, _)| (x.of(p.x), y.of(p.y)));
            series.look.path(out, color, places.clone());
            if series.look.has_points() {
                for ((p, name), (px, py)) in inside.iter().zip(places) {
                    if let Some(ends) = p.interval {
                        let [low, high] = ends.map(|e| y.of(e.clamp(y.from[0], y.from[1])));
                        let _ = writeln!(
                            out,
                            "<path d=\"M{px:.1} {low:.1}V{high:.1}\" stroke=\"{color}\"/>"
                        );
                    }
                    point(out, series.color, color, px, py);
                    if !name.is_empty() {
                        names.put(out, ink, name, (px, py));
                    }
                }
            }
            let (lx, ly) = (left, TOP + PLOT[1] + BELOW + LEGEND * (row as f64 + 0.5));
            if series.areas.is_empty() {
                series
                    .look
                    .path(out, color, [(lx, ly), (lx + 26.0, ly)].into_iter());
                if series.look.has_points() {
                    point(out, series.color, color, lx + 13.0, ly);
                }
            } else {
                hatching(out, ink, series.color, [lx, ly - 5.0], [26.0, 10.0]);
            }
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\">{}</text>",
                lx + 34.0,
                ly + 4.0,
                escape(&series.name)
            );
        }
    }

    fn axes(&self, out: &mut String, ink: &Ink, x: &Scale, y: &Scale) {
        let [left, bottom] = [x.to[0], y.to[0]];
        let (border, dim) = (&ink.border, &ink.dim);
        let _ = writeln!(
            out,
            "<text x=\"{left:.1}\" y=\"{:.1}\">{}</text>\n\
             <rect x=\"{left:.1}\" y=\"{TOP}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{border}\"/>",
            TOP - 10.0,
            escape(&self.title),
            PLOT[0],
            PLOT[1]
        );
        let _ = writeln!(out, "<g font-size=\"11\" fill=\"{dim}\">");
        // Names too long to stand beside each other stand on two or three lines in turn.
        let longest = self.categories.iter().map(|c| c.chars().count()).max();
        let slot = PLOT[0] / self.categories.len().max(1) as f64;
        let wide = longest.unwrap_or(0) as f64 * LETTER / slot;
        let lines = (wide.ceil() as usize).clamp(1, 3);
        let named = self.categories.iter().enumerate();
        let named = named.map(|(i, name)| (i as f64, escape(name)));
        let counted = ticks(x.from).into_iter().map(|t| (t, number(t)));
        let counted = counted.filter(|_| self.categories.is_empty());
        for (i, (tick, name)) in named.chain(counted).enumerate() {
            let px = x.of(tick);
            let line = 17.0 + 10.0 * (i % lines) as f64;
            let _ = writeln!(
                out,
                "<path d=\"M{px:.1} {bottom:.1}v4\" stroke=\"{border}\"/><text x=\"{px:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
                bottom + line
            );
        }
        for tick in ticks(y.from) {
            let py = y.of(tick);
            let _ = writeln!(
                out,
                "<path d=\"M{left:.1} {py:.1}h{}\" stroke=\"{border}\" opacity=\"0.5\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                PLOT[0],
                left - 6.0,
                py + 4.0,
                number(tick)
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate({:.1} {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n</g>",
            left + PLOT[0] / 2.0,
            bottom + 26.0 + 8.0 * lines as f64,
            escape(&self.x),
            left - 42.0,
            TOP + PLOT[1] / 2.0,
            escape(&self.y)
        );
    }
}

/// Names beside points, each where no other one stands: on the side where there is room, some lines higher or lower if need be.
struct Names {
    right: f64,
    /// Ends of those that stand there, and their lines.
    taken: Vec<([f64; 2], f64)>,
}

impl Names {
    const LINE: f64 = 11.0;

    fn put(&mut self, out: &mut String, ink: &Ink, name: &str, (x, y): (f64, f64)) {
        let wide = LETTER * name.chars().count() as f64;
        let (anchor, px, ends) = match x + 6.0 + wide > self.right {
            true => ("end", x - 6.0, [x - 6.0 - wide, x - 6.0]),
            false => ("start", x + 6.0, [x + 6.0, x + 6.0 + wide]),
        };
        let is_free = |line: &f64| {
            let across = |(e, l): &([f64; 2], f64)| {
                (l - line).abs() < Names::LINE && e[0] < ends[1] && ends[0] < e[1]
            };
            !self.taken.iter().any(across)
        };
        let lines = [0.0, -1.0, -2.0, -3.0, -4.0, 1.0, 2.0].map(|n| y + 3.0 + n * Names::LINE);
        let line = lines.into_iter().find(is_free).unwrap_or(lines[0]);
        self.taken.push((ends, line));
        let _ = writeln!(
            out,
            "<text x=\"{px:.1}\" y=\"{line:.1}\" font-size=\"10\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>",
            ink.dim,
            escape(name)
        );
    }
}

impl Look {
    fn has_points(self) -> bool {
        matches!(self, Look::Points | Look::Both)
    }

    fn path(self, out: &mut String, color: &str, places: impl Iterator<Item = (f64, f64)>) {
        let dash = match self {
            Look::Points => return,
            Look::Dashed => " stroke-dasharray=\"6 4\"",
            Look::LongDashed => " stroke-dasharray=\"13 4\"",
            Look::Dotted => " stroke-dasharray=\"1.8 3\"",
            Look::DashDotted => " stroke-dasharray=\"8 3 2 3\"",
            Look::Line | Look::Both => "",
        };
        let places: Vec<String> = places.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        if places.len() > 1 {
            let _ = writeln!(
                out,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.8\"{dash}/>",
                places.join("L")
            );
        }
    }
}
