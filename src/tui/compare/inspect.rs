//! Both sides of the pair at the cursor: probability, scores, cause, and by how much they changed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::columns::Columns;
use super::view::View;
use crate::tui::markup::{change, p_text};
use crate::tui::style::Paint;
use rotescope_report::theme::{self, Role};
use rotescope_study::compare::{Relation, TokenPair};
use rotescope_text::sanitize;
use rotescope_trace::{Source, Step, Token};

/// Rows that are drawn where there is room for no more: token, three scores, cause.
pub const LEAST: u16 = 5;

pub fn draw(frame: &mut Frame, view: &View, columns: &Columns, area: Rect, paint: Paint) {
    let at = |x: u16, width: u16, row: usize| {
        let y = area
            .y
            .saturating_add(u16::try_from(row).unwrap_or(u16::MAX));
        Rect::new(x, y, width, 1).intersection(area)
    };
    let height = usize::from(area.height);
    for side in [0, 1] {
        let (x, width) = columns.sides[side];
        let lines = match view.token(side) {
            Some(token) => lines(view, side, token, paint),
            None => vec![Line::styled("no counterpart", paint.role(Role::Dim))],
        };
        for (row, line) in lines.into_iter().take(height).enumerate() {
            frame.render_widget(line, at(x, width, row));
        }
    }
    let (x, width) = columns.change;
    for (row, line) in changes(view, paint).into_iter().take(height).enumerate() {
        frame.render_widget(line, at(x, width, row));
    }
}

fn lines<'a>(view: &View, side: usize, t: &Token, paint: Paint) -> Vec<Line<'a>> {
    let (text, dim) = (paint.role(Role::Text), paint.role(Role::Dim));
    let shown = sanitize::token(&t.raw());
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{shown:?}"), text.add_modifier(Modifier::BOLD)),
        Span::styled(
            format!("  p {}  rank {}  H {:.2}", p_text(t.p), t.rank, t.entropy),
            text,
        ),
    ])];
    lines.extend(Source::ALL.map(|source| bar(t, source, paint)));
    lines.push(match (t.cause, &t.skipped) {
        (Some(c), _) => Line::from(vec![
            Span::styled("cause  ", dim),
            Span::styled(
                format!("{} {:.2}", c.source, c.strength),
                paint.source(c.source, theme::strength(c.strength)),
            ),
        ]),
        (None, Some(why)) => Line::styled(format!("not scored: {}", why.replace('_', " ")), dim),
        (None, None) => Line::styled("cause  none named", dim),
    });
    lines.extend(step(view, side).and_then(|s| judged(s, paint)));
    let c = &t.candidates;
    let all = c.ids.iter().zip(&c.text).zip(&c.p);
    lines.extend(all.take(8).map(|((id, text), p)| {
        let own = *id == t.id;
        let role = if own { Role::Accent } else { Role::Dim };
        let lead = if own { "▸" } else { " " };
        let text = format!("{lead}{:<5} {:?}", p_text(*p), sanitize::line(text));
        Line::styled(text, paint.role(role))
    }));
    lines
}

/// A score as a bar and a figure; the dominant one is pointed at.
fn bar<'a>(t: &Token, source: Source, paint: Paint) -> Line<'a> {
    let dim = paint.role(Role::Dim);
    let name = Span::styled(format!("{:<6} ", source.name()), dim);
    let Some(v) = t.score(source) else {
        return Line::from(vec![
            name,
            Span::styled(format!("{}   —", "░".repeat(10)), dim),
        ]);
    };
    let cells = (v.clamp(0.0, 1.0) * 10.0).round() as usize;
    let dominant = t.stim_max().is_some_and(|(s, _)| s == source);
    Line::from(vec![
        name,
        Span::styled("█".repeat(cells), paint.source(source, theme::strength(v))),
        Span::styled("░".repeat(10 - cells), dim),
        Span::styled(format!(" {v:+.2}"), paint.role(Role::Text)),
        Span::styled(if dominant { " ◂" } else { "" }, paint.role(Role::Title)),
    ])
}

/// The step that holds the token of a side.
fn step(view: &View, side: usize) -> Option<&Step> {
    let token = view.index(view.cursor, side)?;
    let mut steps = view.traces[side].steps.iter();
    steps.find(|s| (s.tokens[0]..s.tokens[1]).contains(&token))
}

/// What a verifier or the flag says of a step, where it is bad.
fn judged<'a>(s: &Step, paint: Paint) -> Option<Line<'a>> {
    if let Some(v) = s.verdict.as_ref().filter(|v| !v.right) {
        let why = v.why.as_deref().unwrap_or("computed wrong");
        return Some(Line::styled(
            format!("✗ {}", sanitize::line(why)),
            paint.role(Role::Error),
        ));
    }
    let flag = s.flag.as_ref().filter(|f| f.is_raised())?;
    let reasons = flag.reasons.join("; ");
    Some(Line::styled(
        format!(
            "⚑ {:.2} {}: {}",
            flag.p,
            flag.meaning.word(),
            sanitize::line(&reasons)
        ),
        paint.role(Role::Flag),
    ))
}

/// By how much the second side is above the first: of the probability and of each score.
fn changes<'a>(view: &View, paint: Paint) -> Vec<Line<'a>> {
    let Some(pair) = view.comparison.tokens.get(view.cursor) else {
        return Vec::new();
    };
    let dim = paint.role(Role::Dim);
    let Some(delta) = pair.delta else {
        return Vec::new();
    };
    let mut out = vec![Line::from(vec![
        Span::styled("p ", dim),
        change(delta.p, paint),
    ])];
    for source in Source::ALL {
        let changed = delta.scores.get(source);
        out.push(match changed {
            Some(v) => Line::from(vec![
                Span::styled(format!("{} ", theme::mark(source)), dim),
                change(v, paint),
            ]),
            None => Line::styled(format!("{} —", theme::mark(source)), dim),
        });
    }
    if let Some((a, b)) = pair.sources {
        let name = |s: Option<Source>| s.map_or('—', theme::mark);
        out.push(Line::styled(format!("{} → {}", name(a), name(b)), dim));
    }
    out
}

/// What a pair is, in words.
pub fn relation(t: &TokenPair) -> &'static str {
    match t.relation {
        _ if t.a.is_none() => "only in B",
        _ if t.b.is_none() => "only in A",
        Relation::Equal => "the same",
        Relation::Mapped => "replaced as in the prompt",
        Relation::Follows => "follows from the change",
        Relation::Copied => "⚠ copied from the original",
        Relation::Substituted => "differs without explanation",
        Relation::OnlyA => "only in A",
        Relation::OnlyB => "only in B",
    }
}
