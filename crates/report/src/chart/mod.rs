//! Lines and points as an SVG picture, in the colors of a theme: panels side by side, each with two axes.
//!
//! Series differ by color, and also by dash or by the shape of their points; each is named in the legend below its panel.

mod scale;

use std::fmt::Write;

use self::scale::{Scale, number, span, ticks};
use super::svg::hex;
use super::text::escape;
use crate::theme::{Rgb, Role, Theme};
use rotescope_trace::Source;

/// A picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    pub title: String,
    pub panels: Vec<Panel>,
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
}

/// Points that belong together. What is not finite is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    pub name: String,
    pub look: Look,
    /// Series of one color speak of the same thing.
    pub color: usize,
    pub points: Vec<Point>,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Line,
    Dashed,
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

impl Chart {
    /// The picture.
    pub fn svg(&self, theme: &Theme) -> String {
        let wide = LEFT + PLOT[0] + RIGHT;
        let rows = self
            .panels
            .iter()
            .map(|p| p.series.len())
            .max()
            .unwrap_or(0);
        let (w, h) = (
            wide * self.panels.len().max(1) as f64,
            TOP + PLOT[1] + BELOW + rows as f64 * LEGEND + 12.0,
        );
        let text = theme.style(Role::Text).fg.unwrap_or_default();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" \
             font-family=\"'DejaVu Sans',Helvetica,Arial,sans-serif\" font-size=\"12\" fill=\"{}\">\n<title>{}</title>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n\
             <text x=\"{LEFT}\" y=\"24\" font-size=\"14\" font-weight=\"bold\">{}</text>\n",
            hex(text),
            escape(&self.title),
            hex(theme.background()),
            escape(&self.title)
        );
        for (i, panel) in self.panels.iter().enumerate() {
            panel.draw(&mut out, theme, wide * i as f64 + LEFT);
        }
        out.push_str("</svg>\n");
        out
    }
}

impl Panel {
    fn draw(&self, out: &mut String, theme: &Theme, left: f64) {
        let points = || self.series.iter().flat_map(|s| &s.points);
        let x = span(points().map(|p| p.x).chain(self.marks.iter().map(|m| m.0)));
        let with_ends = |p: &Point| [p.y].into_iter().chain(p.interval.into_iter().flatten());
        let y = self
            .range
            .unwrap_or_else(|| span(points().flat_map(with_ends)));
        let x = Scale {
            from: x,
            to: [left, left + PLOT[0]],
        };
        let y = Scale {
            from: y,
            to: [TOP + PLOT[1], TOP],
        };
        self.axes(out, theme, &x, &y);
        let dim = hex(theme.style(Role::Dim).fg.unwrap_or_default());
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
        for (row, series) in self.series.iter().enumerate() {
            let color = hex(color(theme, series.color));
            let inside: Vec<&Point> = series
                .points
                .iter()
                .filter(|p| p.x.is_finite() && p.y.is_finite() && y.holds(p.y))
                .collect();
            let places = inside.iter().map(|p| (x.of(p.x), y.of(p.y)));
            series.look.path(out, &color, places.clone());
            if series.look.has_points() {
                for (p, (px, py)) in inside.iter().zip(places) {
                    if let Some(ends) = p.interval {
                        let [low, high] = ends.map(|e| y.of(e.clamp(y.from[0], y.from[1])));
                        let _ = writeln!(
                            out,
                            "<path d=\"M{px:.1} {low:.1}V{high:.1}\" stroke=\"{color}\"/>"
                        );
                    }
                    shape(out, series.color, &color, px, py);
                }
            }
            let (lx, ly) = (left, TOP + PLOT[1] + BELOW + LEGEND * (row as f64 + 0.5));
            series
                .look
                .path(out, &color, [(lx, ly), (lx + 26.0, ly)].into_iter());
            if series.look.has_points() {
                shape(out, series.color, &color, lx + 13.0, ly);
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

    fn axes(&self, out: &mut String, theme: &Theme, x: &Scale, y: &Scale) {
        let [left, bottom] = [x.to[0], y.to[0]];
        let border = hex(theme.style(Role::Border).fg.unwrap_or_default());
        let dim = hex(theme.style(Role::Dim).fg.unwrap_or_default());
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
        for tick in ticks(x.from) {
            let px = x.of(tick);
            let _ = writeln!(
                out,
                "<path d=\"M{px:.1} {bottom:.1}v4\" stroke=\"{border}\"/><text x=\"{px:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 17.0,
                number(tick)
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
            bottom + 34.0,
            escape(&self.x),
            left - 42.0,
            TOP + PLOT[1] / 2.0,
            escape(&self.y)
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

/// The strong colors of the sources come first: they are told apart by all readers.
fn color(theme: &Theme, n: usize) -> Rgb {
    let [a, b, c] = Source::ALL;
    match n % 4 {
        0 => theme.source(b, 5),
        1 => theme.source(c, 5),
        2 => theme.source(a, 5),
        _ => theme.style(Role::Ok),
    }
    .fg
    .unwrap_or_default()
}

/// A point: each color has a shape of its own.
fn shape(out: &mut String, n: usize, color: &str, x: f64, y: f64) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Themes;

    fn theme() -> Theme {
        const THEMES: Themes =
            Themes::new(&[("light", include_str!("../../../../themes/light.toml"))]);
        THEMES.load("light", None).unwrap()
    }

    fn panel(points: Vec<Point>, look: Look) -> Panel {
        Panel {
            series: vec![Series {
                name: "a < b".into(),
                look,
                color: 0,
                points,
            }],
            ..Panel::default()
        }
    }

    #[test]
    fn what_is_no_number_is_left_out_and_names_are_escaped() {
        let points = [
            (0.0, 1.0),
            (1.0, f64::NAN),
            (2.0, f64::INFINITY),
            (3.0, 2.0),
        ];
        let chart = Chart {
            title: "<t>".into(),
            panels: vec![
                panel(points.map(Point::from).to_vec(), Look::Both),
                panel(Vec::new(), Look::Line),
            ],
        };
        let svg = chart.svg(&theme());
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(svg.contains("a &lt; b") && !svg.contains("<t>"));
        // Two points and the one of the legend.
        assert_eq!(svg.matches("<circle").count(), 3);
    }

    #[test]
    fn larger_values_stand_higher_and_further_right() {
        let at = |svg: &str, name: &str| -> Vec<f64> {
            let values = svg.lines().filter(|l| l.starts_with("<circle"));
            let value = |l: &str| {
                l.split_once(&format!(" {name}=\""))
                    .unwrap()
                    .1
                    .split('"')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap()
            };
            values.map(value).collect()
        };
        let points = [(0.0, 1.0), (1.0, 5.0)].map(Point::from).to_vec();
        let chart = Chart {
            title: String::new(),
            panels: vec![panel(points, Look::Points)],
        };
        let svg = chart.svg(&theme());
        let (x, y) = (at(&svg, "cx"), at(&svg, "cy"));
        assert!(x[0] < x[1] && y[0] > y[1], "{x:?} {y:?}");
        assert!(x[0] >= LEFT && x[1] <= LEFT + PLOT[0] && y[1] >= TOP && y[0] <= TOP + PLOT[1]);
    }
}
