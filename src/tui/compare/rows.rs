//! The lines of both columns. Tokens are wrapped once for a width; folding only chooses among the rows.

use std::ops::Range;
use std::sync::Arc;

use crate::tui::layout::{Layout, Row};
use rotescope_study::compare::{StepPair, StepRelation};
use rotescope_trace::Trace;

/// One line of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonLine {
    /// A row of either side, of this pair of steps.
    Rows {
        step: usize,
        /// Whether the step begins here.
        first: bool,
        rows: [Option<usize>; 2],
    },
    /// Stands for so many pairs of steps that are the same.
    Alike { from: usize, count: usize },
}

/// Both completions as lines: the steps of a pair begin on the same line.
#[derive(Debug, Default)]
pub struct Rows {
    width: u16,
    folded: bool,
    layouts: [Layout; 2],
    lines: Vec<ComparisonLine>,
    /// The line of each row of a side; `None` where it is folded away.
    line_of: [Vec<Option<usize>>; 2],
}

impl Rows {
    pub fn lines(&self) -> &[ComparisonLine] {
        &self.lines
    }

    pub fn row(&self, side: usize, row: usize) -> Option<&Row> {
        self.layouts[side].rows().get(row)
    }

    /// The line on which a token of a side begins.
    pub fn line_of(&self, side: usize, token: usize) -> Option<usize> {
        *self.line_of[side].get(self.layouts[side].row_of(token))?
    }

    /// The column in which a token of a side begins.
    pub fn column_of(&self, side: usize, token: usize) -> u16 {
        let layout = &self.layouts[side];
        let row = layout.rows().get(layout.row_of(token));
        let piece = row.and_then(|r| r.pieces.iter().find(|p| p.token == token));
        piece.map_or(0, |p| p.x)
    }

    /// The token of a side at a column of a line, or the nearest one.
    pub fn token_at(&self, line: usize, side: usize, x: u16) -> Option<usize> {
        match self.lines.get(line)? {
            ComparisonLine::Rows { rows, .. } => self.layouts[side].token_at(rows[side]?, x),
            ComparisonLine::Alike { .. } => None,
        }
    }

    /// Brings the lines up to date: does nothing where width and folding are what they were.
    ///
    /// `folded`: whether steps that are alike are; `shown`: the tokens of each side as they are shown.
    pub(super) fn update(
        &mut self,
        width: u16,
        folded: bool,
        shown: &[Vec<String>; 2],
        traces: &[Arc<Trace>; 2],
        steps: &[StepPair],
    ) {
        let width = width.max(1);
        if (self.width, self.folded) == (width, folded) {
            return;
        }
        for (side, layout) in self.layouts.iter_mut().enumerate() {
            let shown = &shown[side];
            let starts = starts(&traces[side]);
            layout.update(width, &starts, shown.len(), Vec::new(), |i| {
                shown[i].as_str()
            });
        }
        (self.width, self.folded) = (width, folded);
        self.line_of = [0, 1].map(|side| vec![None; self.layouts[side].rows().len()]);
        self.lines.clear();
        for (i, s) in steps.iter().enumerate() {
            if self.folded && alike(s) {
                match self.lines.last_mut() {
                    Some(ComparisonLine::Alike { count, .. }) => *count += 1,
                    _ => self.lines.push(ComparisonLine::Alike { from: i, count: 1 }),
                }
                continue;
            }
            let of = |side: usize, step: Option<usize>| {
                step.map_or(0..0, |s| rows_of(&self.layouts[side], &traces[side], s))
            };
            let ranges = [of(0, s.a), of(1, s.b)];
            let height = ranges[0].len().max(ranges[1].len());
            for line in 0..height {
                let rows = ranges
                    .clone()
                    .map(|r| Some(r.start + line).filter(|i| r.contains(i)));
                for (side, row) in rows.into_iter().enumerate() {
                    if let Some(row) = row {
                        self.line_of[side][row] = Some(self.lines.len());
                    }
                }
                self.lines.push(ComparisonLine::Rows {
                    step: i,
                    first: line == 0,
                    rows,
                });
            }
        }
    }
}

/// Whether a pair of steps is the same on both sides.
pub fn alike(step: &StepPair) -> bool {
    step.relation == StepRelation::Same && !step.copied
}

/// First tokens of the steps, from 0.
fn starts(trace: &Trace) -> Vec<usize> {
    let mut starts: Vec<usize> = trace.steps.iter().map(|s| s.tokens[0]).collect();
    starts.dedup();
    match starts.first_mut() {
        Some(first) => *first = 0,
        None => starts.push(0),
    }
    starts
}

/// The rows of a step; none where it has no token of its own.
fn rows_of(layout: &Layout, trace: &Trace, step: usize) -> Range<usize> {
    let (rows, tokens) = (layout.rows().len(), trace.tokens.len());
    let Some([first, end]) = trace.steps.get(step).map(|s| s.tokens) else {
        return 0..0;
    };
    let before = trace.steps[..step]
        .iter()
        .any(|s| s.tokens[0] < s.tokens[1]);
    let first = if before { first } else { 0 };
    if first >= end.min(tokens) {
        return 0..0;
    }
    let next = trace.steps[step + 1..]
        .iter()
        .map(|s| s.tokens[0])
        .find(|&t| t > first && t < tokens);
    layout.row_of(first)..next.map_or(rows, |t| layout.row_of(t))
}
