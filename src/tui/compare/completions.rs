//! The lines of both columns with their margins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::columns::{Columns, MARKS};
use super::rows;
use super::shown::Mark;
use super::view::View;
use crate::tui::layout::{Piece, Row, shown_by};
use crate::tui::markup::{change, token_style};
use crate::tui::session::ShownMeasure;
use crate::tui::style::Paint;
use rotescope_report::theme::{self, Role};
use rotescope_study::compare::{Delta, Relation, StepPair, StepRelation};
use rotescope_trace::{Source, Step};

/// What is drawn, where and how.
pub struct Completions<'a> {
    pub view: &'a View,
    pub columns: &'a Columns,
    pub body: Rect,
    pub measure: ShownMeasure,
    pub paint: Paint<'a>,
}

impl Completions<'_> {
    /// Draws the lines that are in view.
    pub fn draw(&self, buffer: &mut Buffer) {
        let body = self.body;
        let between = self.columns.between();
        let lines = self.view.rows.lines().iter().skip(self.view.scroll);
        for (y, line) in (body.y..body.bottom()).zip(lines) {
            if between < body.right() {
                buffer.set_string(between, y, "│", self.paint.role(Role::Border));
            }
            match *line {
                rows::ComparisonLine::Alike { from, count } => {
                    let steps = if count == 1 { "step" } else { "steps" };
                    let text = format!("{:>3} … {count} {steps} alike", from + 1);
                    self.put(buffer, y, (body.x, between.saturating_sub(body.x)), {
                        Line::styled(text, self.paint.role(Role::Dim))
                    });
                }
                rows::ComparisonLine::Rows { step, first, rows } => {
                    if first {
                        self.margins(buffer, y, step);
                    }
                    for side in [0, 1] {
                        if let Some(row) = rows[side].and_then(|r| self.view.rows.row(side, r)) {
                            self.row(buffer, y, side, row);
                        }
                    }
                }
            }
        }
    }

    /// Puts a line into columns of the body, cut where they end.
    fn put(&self, buffer: &mut Buffer, y: u16, (x, width): (u16, u16), line: Line) {
        let area = Rect::new(x, y, width, 1).intersection(self.body);
        if !area.is_empty() {
            buffer.set_line(area.x, area.y, &line, area.width);
        }
    }

    fn row(&self, buffer: &mut Buffer, y: u16, side: usize, row: &Row) {
        for piece in &row.pieces {
            self.piece(buffer, y, side, piece);
        }
    }

    /// A token in the color of its source, with the signs of its mark.
    fn piece(&self, buffer: &mut Buffer, y: u16, side: usize, piece: &Piece) {
        let view = self.view;
        let Some(token) = view.traces[side].tokens.get(piece.token) else {
            return;
        };
        let relation = view.comparison.tokens[view.pair_of[side][piece.token]].relation;
        let mut style = token_style(token, self.measure, self.paint);
        let cursor = view.index(view.cursor, side);
        if cursor.map(|t| shown_by(&view.shown[side], t)) == Some(piece.token) {
            let cursor = self.paint.role(Role::Cursor);
            style = style.patch(cursor).add_modifier(Modifier::REVERSED);
        }
        // A line between words is not part of any.
        let blank = style.remove_modifier(Modifier::UNDERLINED);
        let (sign, signs) = (
            self.sign(relation, side),
            Mark::of(relation).map(Mark::signs),
        );
        let core = piece.text.len() - piece.text.trim_start_matches(' ').len();
        let (first, width) = self.columns.sides[side];
        let end = (first + width).min(self.body.right());
        let mut x = first + piece.x;
        for (i, g) in piece.text.grapheme_indices(true) {
            let wide = g.width() as u16;
            if x + wide > end {
                break;
            }
            let is_sign = signs.is_some_and(|s| s.iter().any(|s| g.chars().eq([*s])));
            let style = match () {
                () if is_sign => sign,
                () if i < core => blank,
                () => style,
            };
            buffer.set_stringn(x, y, g, usize::from(wide), style);
            x += wide;
        }
    }

    /// How the signs around a stretch look.
    fn sign(&self, relation: Relation, side: usize) -> Style {
        let role = match (relation, side) {
            (Relation::Copied, _) => Role::Flag,
            (r, _) if !r.diverges() => Role::Accent,
            (_, 0) => Role::Removed,
            _ => Role::Added,
        };
        self.paint.role(role).add_modifier(Modifier::BOLD)
    }

    /// Number, relation, flags and change of a pair of steps.
    fn margins(&self, buffer: &mut Buffer, y: u16, index: usize) {
        let Some(step) = self.view.comparison.steps.get(index) else {
            return;
        };
        self.put(buffer, y, self.columns.margin, self.relation(index, step));
        for (side, index) in [step.a, step.b].into_iter().enumerate() {
            if let Some(s) = index.and_then(|i| self.view.traces[side].steps.get(i)) {
                let x = self.columns.sides[side].0.saturating_sub(MARKS);
                self.put(buffer, y, (x, MARKS - 1), self.flags(s));
            }
        }
        if let Some(d) = &step.delta {
            self.put(buffer, y, self.columns.change, self.delta(d));
        }
    }

    fn relation(&self, index: usize, step: &StepPair) -> Line<'static> {
        let (says, role) = match step.relation {
            StepRelation::Same => ("= same", Role::Dim),
            StepRelation::SameButNumbers => ("≈ numbers", Role::Accent),
            StepRelation::Changed => ("≠ changed", Role::Flag),
            StepRelation::OnlyA => ("A only", Role::Removed),
            StepRelation::OnlyB => ("B only", Role::Added),
        };
        let sign = says.split(' ').next().unwrap_or(says);
        let says = if self.columns.wide { says } else { sign };
        let copied = if step.copied { "⚠" } else { "" };
        Line::from(vec![
            Span::styled(format!("{:>3} ", index + 1), self.paint.role(Role::Dim)),
            Span::styled(says, self.paint.role(role)),
            Span::styled(copied, self.paint.role(Role::Flag)),
        ])
    }

    /// Flag and verdict of a step, where they are bad.
    fn flags(&self, s: &Step) -> Line<'static> {
        let wrong = s.verdict.as_ref().is_some_and(|v| !v.right);
        let flag = s
            .flag
            .as_ref()
            .is_some_and(rotescope_trace::Flag::is_raised);
        Line::from(vec![
            Span::styled(if flag { "⚑" } else { " " }, self.paint.role(Role::Flag)),
            Span::styled(if wrong { "✗" } else { " " }, self.paint.role(Role::Error)),
        ])
    }

    /// The change of the probability, and of the score that changed most.
    fn delta(&self, d: &Delta) -> Line<'static> {
        let wide = self.columns.wide;
        let lead = if wide { "p " } else { "p" };
        let mut line = Line::from(vec![
            Span::styled(lead, self.paint.role(Role::Dim)),
            change(d.p, self.paint),
        ]);
        let scores = Source::ALL
            .into_iter()
            .filter_map(|s| Some((s, d.scores.get(s)?)));
        let largest = scores.reduce(|a, b| if b.1.abs() > a.1.abs() { b } else { a });
        if let Some((source, by)) = largest {
            let name = if wide {
                format!("  {source} ")
            } else {
                format!(" {}", theme::mark(source))
            };
            line.push_span(Span::styled(name, self.paint.source(source, 2)));
            line.push_span(change(by, self.paint));
        }
        line
    }
}
