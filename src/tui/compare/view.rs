//! Two completions side by side: two traces, their comparison, a cursor over its pairs of tokens.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::rows::{Rows, alike};
use super::shown::{self, ShownWord};
use rotescope_study::compare::{Comparison, compare};
use rotescope_trace::{Token, Trace};

/// Two traces, and where the user is in them. The first side, `a`, is the left column.
#[derive(Debug)]
pub struct View {
    /// Places of both completions among the app's sessions.
    pub sessions: [usize; 2],
    /// The session that the view was opened from.
    pub from: usize,
    pub traces: [Arc<Trace>; 2],
    pub comparison: Arc<Comparison>,
    /// The pair of tokens at the cursor.
    pub cursor: usize,
    pub only_differences: bool,
    /// First line shown.
    pub scroll: usize,
    /// Lines on screen, set when drawn.
    pub page: usize,
    /// Where the tokens of each side were drawn, for the mouse.
    pub columns: [Rect; 2],
    pub rows: Rows,
    /// Tokens of each side as they are shown.
    pub(super) shown: [Vec<String>; 2],
    pub(super) questions: [Vec<ShownWord>; 2],
    /// The pair that each token of a side is in.
    pub(super) pair_of: [Vec<usize>; 2],
    /// The pair of steps that each side of a pair of tokens is drawn in; `None` where that side has no token.
    pub(super) homes: Vec<[Option<usize>; 2]>,
    /// First pairs of the stretches that diverge.
    pub(super) divergences: Vec<usize>,
}

impl View {
    /// Compares two completions. The cursor is at the first divergence, where there is one.
    pub fn new(sessions: [usize; 2], a: impl Into<Arc<Trace>>, b: impl Into<Arc<Trace>>) -> View {
        let traces = [a.into(), b.into()];
        let comparison = compare(&traces[0], &traces[1]);
        let (pair_of, homes) = places(&traces, &comparison);
        let diverges = |i: usize| comparison.tokens[i].relation.diverges();
        let divergences = (0..comparison.tokens.len())
            .filter(|&i| diverges(i) && (i == 0 || !diverges(i - 1)))
            .collect();
        View {
            sessions,
            from: sessions[0],
            shown: [0, 1].map(|side| shown::tokens(&traces[side], &comparison, side)),
            questions: shown::questions(&comparison),
            cursor: comparison.first_divergence.unwrap_or(0),
            traces,
            comparison: Arc::new(comparison),
            only_differences: false,
            scroll: 0,
            page: 1,
            columns: [Rect::ZERO; 2],
            rows: Rows::default(),
            pair_of,
            homes,
            divergences,
        }
    }

    /// Stays where the user is in an older view of the same two, as far as that is still there.
    pub fn stay(&mut self, old: &View) {
        self.cursor = old.cursor.min(self.last());
        (self.from, self.only_differences) = (old.from, old.only_differences);
        self.scroll = old.scroll;
        (self.page, self.columns) = (old.page, old.columns);
    }

    /// The token of a side at the cursor.
    pub fn token(&self, side: usize) -> Option<&Token> {
        self.traces[side].tokens.get(self.index(self.cursor, side)?)
    }

    /// Index of a pair's token in its side.
    pub fn index(&self, pair: usize, side: usize) -> Option<usize> {
        let t = self.comparison.tokens.get(pair)?;
        [t.a, t.b][side]
    }

    /// The pair of steps at the cursor.
    pub fn step(&self) -> Option<usize> {
        self.home(self.cursor)
    }

    /// The pair of steps that a pair of tokens is read in.
    pub(super) fn home(&self, pair: usize) -> Option<usize> {
        let (side, _) = self.side(pair)?;
        self.homes[pair][side]
    }

    /// Whether a pair of steps is the same on both sides.
    pub fn alike(&self, step: usize) -> bool {
        self.comparison.steps.get(step).is_some_and(alike)
    }

    pub(super) fn last(&self) -> usize {
        self.comparison.tokens.len().saturating_sub(1)
    }

    /// Whether a pair of tokens is not folded away: one side of it is enough, for a pair may reach over the border of a step.
    pub(super) fn visible(&self, pair: usize) -> bool {
        [0, 1].into_iter().any(|side| self.drawn(pair, side))
    }

    /// Whether a pair has a token on this side, and it is not folded away.
    fn drawn(&self, pair: usize, side: usize) -> bool {
        let home = self.homes.get(pair).and_then(|h| h[side]);
        home.is_some_and(|s| !self.only_differences || !self.alike(s))
    }

    /// Brings the lines up to date for columns of a width.
    pub fn lay_out(&mut self, width: u16) {
        let (shown, traces) = (&self.shown, &self.traces);
        let steps = &self.comparison.steps;
        self.rows
            .update(width, self.only_differences, shown, traces, steps);
    }

    /// The side that a pair is read on, and the token there: the first one that is drawn, or the first with a token.
    pub(super) fn side(&self, pair: usize) -> Option<(usize, usize)> {
        let has = |&side: &usize| self.index(pair, side).is_some();
        let drawn = [0, 1].into_iter().find(|&side| self.drawn(pair, side));
        let side = drawn.or_else(|| [0, 1].into_iter().find(has))?;
        Some((side, self.index(pair, side)?))
    }

    /// The line of a pair.
    pub fn line(&self, pair: usize) -> Option<usize> {
        let (side, token) = self.side(pair)?;
        self.rows.line_of(side, token)
    }

    /// Keeps the cursor's line in view, with some lines around it where there is room.
    pub(super) fn scroll_to(&mut self, height: usize) {
        self.page = height;
        let around = height / 5;
        if let Some(line) = self.line(self.cursor) {
            let most = line.saturating_sub(around);
            let least = (line + 1 + around).saturating_sub(height);
            self.scroll = self.scroll.clamp(least.min(most), most);
        }
        let last = self.rows.lines().len().saturating_sub(height);
        self.scroll = self.scroll.min(last);
    }
}

/// The pair of each token of both sides, and the pair of steps that each side of a pair is in.
fn places(traces: &[Arc<Trace>; 2], c: &Comparison) -> ([Vec<usize>; 2], Vec<[Option<usize>; 2]>) {
    let mut pair_of = [0, 1].map(|side| vec![0; traces[side].tokens.len()]);
    let mut steps = [0, 1].map(|side| vec![None; traces[side].tokens.len()]);
    for (i, s) in c.steps.iter().enumerate() {
        for (side, step) in [s.a, s.b].into_iter().enumerate() {
            let step = step.and_then(|step| traces[side].steps.get(step));
            let range = step.map_or(0..0, |s| s.tokens[0]..s.tokens[1]);
            steps[side]
                .get_mut(range)
                .into_iter()
                .flatten()
                .for_each(|s| *s = Some(i));
        }
    }
    for steps in &mut steps {
        // A token outside of all steps belongs to the one before it, or to the first.
        let mut last = steps.iter().flatten().next().copied().unwrap_or(0);
        for step in steps {
            last = *step.get_or_insert(last);
        }
    }
    let mut homes = Vec::with_capacity(c.tokens.len());
    for (i, t) in c.tokens.iter().enumerate() {
        let tokens = [t.a, t.b];
        for (side, token) in tokens.into_iter().enumerate() {
            if let Some(token) = token {
                pair_of[side][token] = i;
            }
        }
        homes.push([0, 1].map(|side| steps[side][tokens[side]?]));
    }
    (pair_of, homes)
}
