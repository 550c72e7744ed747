//! Why this token: probability, the three scores, evidence, candidates with their counts.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use crate::tui::app::{App, Pane, SortBy};
use crate::tui::markup::{p_text, pane};
use crate::tui::session::{Session, ShownMeasure};
use crate::tui::style::Paint;
use crate::tui::wrap;
use rotescope_judge::features::counts;
use rotescope_report::evidence;
use rotescope_report::theme::{self, Role};
use rotescope_text::number::grouped;
use rotescope_text::sanitize;
use rotescope_trace::{NonLocal, Source, StepRegion, Token};

pub fn draw(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let focus = app.pane == Pane::Token || app.choosing.is_some();
    let title = match app.choosing {
        Some(_) => " what if: j k choose, Enter continues, i types, Esc ",
        _ if app.hover.is_some() => " token under the mouse ",
        _ => " token ",
    };
    let block = pane(title, focus, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(session) = app.session() else {
        return;
    };
    let at = app.hover.unwrap_or(session.cursor);
    let Some(token) = session.tokens().get(at) else {
        return;
    };
    let chosen = app.choosing;
    // A low and wide pane has both side by side.
    let beside = inner.width >= BESIDE && inner.height < LOW;
    let [left, right] = if beside {
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(TABLE)]).areas(inner)
    } else {
        [inner, inner]
    };
    let width = left.width.saturating_sub(1);
    let mut lines = head(session, at, app.measure, width, paint);
    let note = session
        .completion
        .as_ref()
        .and_then(|c| app.notes.on(c, at));
    if let Some(note) = note {
        let text = note.note.as_deref().unwrap_or("bookmark");
        let text = format!("✎ {}", sanitize::line(text));
        let rows = broken(&text, width, paint.role(Role::Accent));
        lines.splice(1..1, rows);
    }
    let table = candidates(app, token, chosen, right.width, paint);
    if beside {
        frame.render_widget(Paragraph::new(lines), left);
        let rows = scrolled(table, chosen, usize::from(right.height));
        return frame.render_widget(Paragraph::new(rows), right);
    }
    // The table gets at least half of the rows; evidence is cut first.
    let room = usize::from(inner.height);
    let least = (room / 2).min(table.len());
    lines.truncate(room - least);
    let rest = room - lines.len();
    lines.extend(scrolled(table, chosen, rest));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// A pane this wide and this low has evidence and candidates side by side.
const BESIDE: u16 = 76;
const LOW: u16 = 20;
/// Columns of the candidates there.
const TABLE: u16 = 40;

/// As much of the table as fits, its head and the chosen row in sight.
fn scrolled<'a>(table: Vec<Line<'a>>, chosen: Option<usize>, room: usize) -> Vec<Line<'a>> {
    let skip = chosen.map_or(0, |c| (c + 2).saturating_sub(room));
    let mut table = table.into_iter();
    let head = table.next();
    head.into_iter()
        .chain(table.skip(skip))
        .take(room)
        .collect()
}

/// A number that a completion of another tool may come without.
fn known(number: Option<String>) -> String {
    number.unwrap_or("–".into())
}

/// What is known of the token `at`, above the candidates.
fn head<'a>(
    session: &Session,
    at: usize,
    measure: ShownMeasure,
    width: u16,
    paint: Paint,
) -> Vec<Line<'a>> {
    let t = &session.tokens()[at];
    let (text, dim) = (paint.role(Role::Text), paint.role(Role::Dim));
    let shown = sanitize::token(&t.raw());
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{shown:?}"), text.add_modifier(Modifier::BOLD)),
        Span::styled(
            format!(
                "  p {}  rank {}  H {} bit",
                known(t.probability().map(|_| p_text(t.p))),
                known((t.rank > 0).then(|| t.rank.to_string())),
                known(t.entropy().map(|h| format!("{h:.2}")))
            ),
            text,
        ),
        Span::styled(
            if t.probability().is_some_and(|p| p < 0.5) {
                "  ?"
            } else {
                ""
            },
            paint.role(Role::Unsure),
        ),
    ])];
    if let Some(why) = &t.skipped {
        let why = why.replace('_', " ");
        lines.push(Line::styled(format!("not scored: {why}"), dim));
    }
    // What is colored by stands first; it may be cut from below.
    let who = || {
        let said = evidence::retrieved(t);
        said.map_or(Vec::new(), |said| broken(&said, width, text))
    };
    let known = measure == ShownMeasure::Known;
    if known {
        lines.extend(who());
    }
    for source in Source::ALL {
        lines.push(bar(t, source, paint));
    }
    if let Some(c) = t.cause {
        lines.push(Line::from(vec![
            Span::styled("cause  ", dim),
            Span::styled(
                format!("{} {:.2}", c.source, c.strength),
                paint.source(c.source, theme::strength(c.strength)),
            ),
        ]));
    }
    if let Some(l) = &t.local {
        lines.push(Line::styled(
            format!(
                "context of {} tokens, seen {} ×, followed by this {} ×",
                l.context,
                grouped(l.context_count),
                grouped(l.match_count)
            ),
            dim,
        ));
        let from = at.saturating_sub(l.context);
        let run: String = (from..at).map(|i| session.text(i)).collect();
        let lead = if l.context > at { "…" } else { "" };
        let run = tail(
            &format!("{lead}{run}"),
            usize::from(width).saturating_sub(2),
        );
        lines.push(Line::styled(format!("  {run}"), text));
        if let Some(a) = &l.aligned {
            let score = a.score.map_or("—".into(), |s| format!("{s:+.2}"));
            let said = format!(
                "  from the border of a word: {score}, {} tokens, seen {} ×, followed by this {} ×",
                a.context,
                grouped(a.context_count),
                grouped(a.match_count)
            );
            lines.push(Line::styled(said, dim));
        }
    }
    if !known {
        lines.extend(who());
    }
    for source in Source::non_local() {
        if let Some(d) = t.non_local(source) {
            lines.push(words(source, d, paint));
        }
    }
    if let Some((region, _)) = session.region(at) {
        lines.extend(broken(&of_document(region), width, dim));
    }
    let step = session.steps.get(session.step_of(at));
    if let Some(flag) = step.and_then(|s| s.flag.as_ref()) {
        let reasons = sanitize::line(&flag.reasons.join("; ")).into_owned();
        if flag.is_raised() {
            let text = format!("⚑ step {:.2} {}: {reasons}", flag.p, flag.meaning.word());
            lines.extend(broken(&text, width, paint.role(Role::Flag)));
        } else {
            let word = flag.meaning.word();
            let text = format!("step {:.2} to be wrong, {word}: {reasons}", flag.p);
            lines.push(Line::styled(text, dim));
        }
    }
    if let Some(why) = step
        .and_then(|s| s.verdict.as_ref())
        .filter(|v| !v.right)
        .and_then(|v| v.why.as_ref())
    {
        let text = format!("✗ {}", sanitize::line(why));
        lines.extend(broken(&text, width, paint.role(Role::Error)));
    }
    lines.push(Line::default());
    lines
}

/// What of a step a document has.
fn of_document(region: &StepRegion) -> String {
    let place = match (&region.id, region.document) {
        (Some(id), _) => sanitize::line(id).into_owned(),
        (None, Some(ordinal)) => format!("document {ordinal}"),
        (None, None) => return "regions NM: no document has anything of this step".into(),
    };
    format!(
        "regions {}: {} · {place} has {:.2} of the template, {:.2} of numbers and names",
        region.class.name(),
        region.class.about(),
        region.background,
        region.foreground
    )
}

/// A text over as many rows as it needs.
fn broken<'a>(text: &str, width: u16, style: Style) -> Vec<Line<'a>> {
    let rows = wrap::rows(text, width).into_iter();
    rows.map(|r| Line::styled(text[r].to_string(), style))
        .collect()
}

/// The end of a text that fits.
fn tail(text: &str, width: usize) -> String {
    let mut from = 0;
    while text[from..].width() > width {
        from += text[from..].chars().next().map_or(1, char::len_utf8);
    }
    text[from..].to_string()
}

/// A source's score as a bar and a number, or why there is none.
fn bar<'a>(t: &Token, source: Source, paint: Paint) -> Line<'a> {
    let dim = paint.role(Role::Dim);
    let mut spans = vec![Span::styled(format!("{:<6} ", source.name()), dim)];
    let undefined = t.undefined(source);
    match t.score(source) {
        Some(v) => {
            let cells = (v.clamp(0.0, 1.0) * 10.0).round() as usize;
            let style = paint.source(source, theme::strength(v));
            spans.push(Span::styled("█".repeat(cells), style));
            spans.push(Span::styled("░".repeat(10 - cells), dim));
            spans.push(Span::styled(format!(" {v:+.2}"), paint.role(Role::Text)));
            if t.stim_max().is_some_and(|(s, _)| s == source) {
                spans.push(Span::styled("  dominant", paint.role(Role::Title)));
            }
        }
        None => {
            let why = undefined.map_or(String::new(), |w| format!("  {}", w.replace('_', " ")));
            spans.push(Span::styled(format!("░░░░░░░░░░   —{why}"), dim));
        }
    }
    Line::from(spans)
}

fn words<'a>(source: Source, d: &NonLocal, paint: Paint) -> Line<'a> {
    let list: Vec<String> = d
        .words
        .iter()
        .map(|w| format!("{} {:.2}", sanitize::line(&w.text), w.saliency))
        .collect();
    let window = match (d.window, d.elicited) {
        (Some(w), Some(true)) => format!("  elicited by {} tokens", w[1] - w[0]),
        (Some(_), _) => "  not elicited".into(),
        _ => String::new(),
    };
    Line::from(vec![
        Span::styled(
            format!("{:<4} words  ", source.name()),
            paint.role(Role::Dim),
        ),
        Span::styled(list.join(" · "), paint.role(Role::Selection)),
        Span::styled(window, paint.role(Role::Dim)),
    ])
}

fn candidates<'a>(
    app: &App,
    t: &Token,
    chosen: Option<usize>,
    width: u16,
    paint: Paint,
) -> Vec<Line<'a>> {
    let c = &t.candidates;
    let head = |name: &str, by: SortBy| {
        let mark = if app.sort == by { "▾" } else { "" };
        format!("{mark}{name}")
    };
    let counts = Source::ALL.map(|s| counts(c, s));
    // Where there is room, each count has its rank beside it; where there is little, columns are narrow.
    let width = usize::from(width);
    let (ranked, name, column) = match width {
        50.. => (true, 12, 9),
        46.. => (false, 12, 9),
        _ => (false, 10, 7),
    };
    let mut title = format!(
        " {:<name$}{:>6}",
        "candidate",
        head("p", SortBy::Probability)
    );
    for s in Source::ALL {
        title += &format!("{:>column$}", head(s.name(), SortBy::Count(s)));
        title += if ranked { "  #" } else { "" };
    }
    let mut lines = vec![Line::styled(title, paint.role(Role::Title))];
    for (row, i) in app.candidate_order(t).into_iter().enumerate() {
        let mut text = format!("{:?}", sanitize::line(&c.text[i]));
        while text.width() > name && text.pop().is_some() {}
        let pad = name.saturating_sub(text.width());
        let own = c.ids[i] == t.id;
        let lead = if own { "▸" } else { " " };
        let mut line = format!("{lead}{text}{:pad$}{:>6}", "", p_text(c.p[i]));
        for n in &counts {
            let count = n.get(i).map_or("·".into(), |v| short(*v, column - 1));
            line += &format!("{count:>column$}");
            if ranked {
                line += &n
                    .get(i)
                    .map_or("   ".into(), |v| format!("{:>3}", rank(n, *v)));
            }
        }
        let mut style = paint.role(if own { Role::Accent } else { Role::Text });
        if chosen == Some(row) {
            style = style
                .patch(paint.role(Role::Cursor))
                .add_modifier(Modifier::REVERSED);
        }
        while line.width() > width && line.pop().is_some() {}
        lines.push(Line::styled(line, style));
    }
    lines
}

/// A count in so many columns; in millions where it does not fit.
fn short(value: f64, columns: usize) -> String {
    let whole = grouped(value.round() as u64);
    if whole.width() <= columns {
        whole
    } else {
        format!("{:.1}M", value / 1e6)
    }
}

/// One more than the values above it.
fn rank(values: &[f64], value: f64) -> usize {
    1 + values.iter().filter(|v| **v > value).count()
}
