//! Panels of a picture in the terminal: what an SVG of it shows, as characters.
//!
//! Series differ by color, and also by how their lines are broken and by the sign of their points; the legend below a panel shows both.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart as Plot, Dataset, GraphType, Paragraph};

use crate::tui::markup::fitted;
use crate::tui::style::Paint;
use rotescope_report::chart::{Chart, Look, Panel, Series, number, ticks};
use rotescope_report::theme::Role;
use rotescope_trace::Source;

/// Signs of points, by the number of a series' color.
const SIGNS: [char; 4] = ['o', 'x', '+', '*'];
/// A panel of fewer columns is put below the one before.
const NARROW: u16 = 44;
/// Rows that a panel needs without its legend.
const LOW: u16 = 8;
/// Parts that a broken line is cut into, for each cell of the plot's width and more than that.
const PARTS: usize = 600;

/// All panels that there is room for, side by side, or below each other where the screen is narrow.
pub fn draw(frame: &mut Frame, chart: &Chart, area: Rect, paint: Paint) {
    let panels = chart.panels.len().max(1) as u16;
    let columns = (area.width / NARROW).clamp(1, panels);
    let least = |p: &Panel| LOW + legend_rows(p);
    let least = chart.panels.iter().map(least).max().unwrap_or(LOW);
    let rows = (area.height / least).clamp(1, panels.div_ceil(columns));
    let places = Layout::vertical(vec![Constraint::Fill(1); usize::from(rows)])
        .split(area)
        .iter()
        .flat_map(|row| {
            let across = Layout::horizontal(vec![Constraint::Fill(1); usize::from(columns)]);
            across.spacing(1).split(*row).to_vec()
        })
        .collect::<Vec<Rect>>();
    for (panel, place) in chart.panels.iter().zip(places) {
        self::panel(frame, panel, place, paint);
    }
}

fn legend_rows(panel: &Panel) -> u16 {
    (panel.series.len() + panel.marks.len()) as u16
}

fn panel(frame: &mut Frame, panel: &Panel, area: Rect, paint: Paint) {
    let rows = [
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(legend_rows(panel).min(area.height.saturating_sub(LOW))),
    ];
    let [title, plot, legend] = Layout::vertical(rows).areas(area);
    let text = fitted(&format!("{}: {}", panel.title, panel.y), title.width.into());
    frame.render_widget(Line::styled(text, paint.role(Role::Title)), title);
    let at = panel.ends().map(even);
    let [x, y] = [0, 1].map(|i| [at[i][0], at[i][at[i].len() - 1]]);
    let shown: Vec<Shown> = marks(panel, y, paint)
        .chain(panel.series.iter().flat_map(|s| series(s, [x, y], paint)))
        .collect();
    let datasets = shown.iter().map(|s| {
        Dataset::default()
            .marker(s.marker)
            .graph_type(s.kind)
            .style(s.style)
            .data(&s.points)
    });
    let dim = paint.role(Role::Dim);
    let axis = |ends: [f64; 2], at: &[f64]| {
        let names = at.iter().map(|n| Span::styled(number(*n), dim));
        Axis::default()
            .bounds(ends)
            .labels(names.collect::<Vec<_>>())
            .style(paint.role(Role::Border))
    };
    // Of the names along x only those at the ends are put where they count.
    let whole = Plot::new(datasets.collect())
        .style(paint.base())
        .legend_position(None)
        .x_axis(axis(x, &x).title(Span::styled(panel.x.as_str(), dim)))
        .y_axis(axis(y, &at[1]));
    frame.render_widget(whole, plot);
    let marked = panel
        .marks
        .iter()
        .map(|(_, says)| (dim, "┊  ".to_string(), says));
    let named = panel
        .series
        .iter()
        .map(|s| (style(s, paint), sample(s), &s.name));
    let lines = marked.chain(named).map(|(style, sign, says)| {
        let room = usize::from(legend.width).saturating_sub(4);
        Line::from(vec![
            Span::styled(format!("{sign} "), style),
            Span::styled(fitted(says, room), paint.role(Role::Text)),
        ])
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), legend);
}

/// Points of one look.
struct Shown {
    points: Vec<(f64, f64)>,
    marker: Marker,
    kind: GraphType,
    style: Style,
}

impl Shown {
    fn scattered(points: Vec<(f64, f64)>, marker: Marker, style: Style) -> Shown {
        Shown {
            points,
            marker,
            kind: GraphType::Scatter,
            style,
        }
    }
}

/// Vertical lines.
fn marks(panel: &Panel, [low, high]: [f64; 2], paint: Paint) -> impl Iterator<Item = Shown> {
    let style = paint.role(Role::Dim);
    panel.marks.iter().map(move |(at, _)| {
        let steps = 0..=PARTS / 10;
        let along = steps.map(|i| low + (high - low) * i as f64 / (PARTS / 10) as f64);
        Shown::scattered(
            along.map(|y| (*at, y)).collect(),
            Marker::Custom('┊'),
            style,
        )
    })
}

/// A series as its line and its points.
fn series(s: &Series, ends: [[f64; 2]; 2], paint: Paint) -> Vec<Shown> {
    let style = style(s, paint);
    let finite = s
        .points
        .iter()
        .filter(|p| p.x.is_finite() && p.y.is_finite());
    let points: Vec<(f64, f64)> = finite.map(|p| (p.x, p.y)).collect();
    let mut shown = Vec::new();
    match pattern(s.look) {
        None => {}
        Some((_, 0)) => shown.push(Shown {
            points: points.clone(),
            marker: Marker::Braille,
            kind: GraphType::Line,
            style,
        }),
        Some(pattern) => {
            let parts = broken(&points, pattern, ends);
            shown.push(Shown::scattered(parts, Marker::Braille, style));
        }
    }
    if matches!(s.look, Look::Points | Look::Both) {
        shown.push(Shown::scattered(points, Marker::Custom(sign(s)), style));
    }
    shown
}

/// How many of [`PARTS`] of a line are drawn, and how many then left out; `None` where there is no line.
fn pattern(look: Look) -> Option<(usize, usize)> {
    match look {
        Look::Points => None,
        Look::Line | Look::Both => Some((1, 0)),
        Look::Dashed => Some((10, 10)),
        Look::LongDashed => Some((24, 10)),
        Look::Dotted => Some((2, 10)),
        Look::DashDotted => Some((16, 8)),
    }
}

/// Points along a line that is drawn in parts: evenly as it is seen, whatever its axes count.
fn broken(
    points: &[(f64, f64)],
    (on, off): (usize, usize),
    [x, y]: [[f64; 2]; 2],
) -> Vec<(f64, f64)> {
    let long = |a: (f64, f64), b: (f64, f64)| {
        let along = (b.0 - a.0) / (x[1] - x[0]);
        along.hypot((b.1 - a.1) / (y[1] - y[0]))
    };
    let mut out = Vec::new();
    let mut before = 0.0;
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = long(a, b);
        let parts = (length * PARTS as f64).ceil() as usize;
        for i in 0..parts {
            let share = i as f64 / parts as f64;
            let at = ((before + share * length) * PARTS as f64) as usize;
            if at % (on + off) < on {
                out.push((a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1)));
            }
        }
        before += length;
    }
    out
}

fn sign(s: &Series) -> char {
    SIGNS[s.color % SIGNS.len()]
}

/// What the legend shows of a series.
fn sample(s: &Series) -> String {
    match s.look {
        Look::Points => format!(" {} ", sign(s)),
        Look::Both => format!("─{}─", sign(s)),
        Look::Line => "───".into(),
        Look::Dashed => "╌╌╌".into(),
        Look::LongDashed => "─ ─".into(),
        Look::Dotted => "···".into(),
        Look::DashDotted => "─·─".into(),
    }
}

fn style(s: &Series, paint: Paint) -> Style {
    let source = Source::ALL
        .into_iter()
        .find(|o| Series::color_of(*o) == s.color);
    let mut style = match source {
        Some(source) => paint.source(source, 5),
        None => paint.role(Role::Ok),
    };
    // A line is no text: it has neither a ground nor what tells strengths apart.
    style.bg = None;
    Style {
        add_modifier: Default::default(),
        ..style
    }
}

/// Round numbers along an axis, evenly, of which the first and the last are its ends.
fn even([low, high]: [f64; 2]) -> Vec<f64> {
    let at = ticks([low, high]);
    let [Some(first), Some(second), Some(last)] = [at.first(), at.get(1), at.last()] else {
        return vec![low, high];
    };
    let step = second - first;
    // No more than the room that ends leave around what is drawn.
    let slack = 0.03 * (high - low);
    let before = usize::from(low < first - slack);
    let behind = usize::from(high > last + slack);
    let all = 0..at.len() + before + behind;
    all.map(|i| first + (i as f64 - before as f64) * step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers_and_hold_all_that_is_drawn() {
        assert_eq!(even([0.0, 2.0]), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(
            even([-0.029, 1.029]),
            [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
        );
        let wide = even([-12.0, 108.0]);
        assert_eq!((wide.first(), wide.last()), (Some(&-20.0), Some(&120.0)));
    }

    #[test]
    fn broken_lines_have_gaps_as_long_as_they_are_seen() {
        let line = [(0.0, 0.0), (100.0, 1.0)];
        let ends = [[0.0, 100.0], [0.0, 1.0]];
        let points = broken(&line, (10, 10), ends);
        let whole = broken(&line, (10, 0), ends);
        let half = points.len() as f64 / whole.len() as f64;
        assert!((half - 0.5).abs() < 0.02, "{half}");
        // A step is broken as well.
        let step = [(0.0, 0.0), (50.0, 0.0), (50.0, 1.0)];
        let rising = broken(&step, (10, 10), ends);
        let rising: Vec<_> = rising.iter().filter(|p| p.1 > 0.0).collect();
        assert!(
            (rising.len() as f64 - 300.0).abs() < 15.0,
            "{}",
            rising.len()
        );
    }
}
