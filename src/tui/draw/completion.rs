//! The prompt and the completion: numbered steps with flags and verdicts in the margin, tokens in the color of their source.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::tui::app::{App, Pane};
use crate::tui::layout::Piece;
use crate::tui::markup::{pane, region_style, token_style, wrapped};
use crate::tui::session::{Session, ShownMeasure};
use crate::tui::style::Paint;
use crate::tui::wrap;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;
use rotescope_trace::source::Reads;
use rotescope_trace::{NonLocal, Source, Step, Token};

/// Columns left of the tokens: number, note, flag, verdict.
const MARGIN: u16 = 7;
/// Columns right of the tokens: the probability of the flag.
const RIGHT: u16 = 5;

/// Draws the frame and the prompt; returns what is left for the completion, nothing where there is nothing to show.
pub fn frame(frame: &mut Frame, app: &App, area: Rect, paint: Paint) -> Rect {
    let block = pane(title(app, paint), app.pane == Pane::Completion, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let nothing = Rect { height: 0, ..inner };
    if let Some(error) = &app.broken {
        let text = format!("{}\n\nq quits.", sanitize::block(error));
        frame.render_widget(wrapped(text, paint.role(Role::Error)), inner);
        return nothing;
    }
    let Some(entry) = app.entry() else {
        let text = if app.entries.is_empty() {
            "No prompts. i writes one; --prompts FILE lists those of a file (--prompts bundle:NAME bundled ones)."
        } else {
            "No prompt fits the filter. & changes it; an empty one lists all."
        };
        frame.render_widget(wrapped(text.into(), paint.role(Role::Dim)), inner);
        return nothing;
    };
    let question = sanitize::block(&entry.prompt.question).into_owned();
    let used = prompt(frame, app, &question, inner, paint);
    Rect {
        y: inner.y + used,
        height: inner.height.saturating_sub(used),
        ..inner
    }
}

/// Draws the rows of the completion with their margins; returns where the tokens are.
pub fn rows(frame: &mut Frame, app: &mut App, body: Rect, paint: Paint) -> Rect {
    if body.is_empty() {
        return Rect::ZERO;
    }
    let rows = Rect {
        x: body.x + MARGIN,
        width: body.width.saturating_sub(MARGIN + RIGHT),
        ..body
    };
    app.page = usize::from(rows.height);
    app.columns = rows.width;
    let searched = app.search.to_lowercase();
    let (measure, hint) = (app.measure, app.hint);
    let candidate = app.choosing.is_some();
    let noted = app.noted_tokens();
    let Some(session) = app.session_mut() else {
        let text = if hint {
            HINT
        } else {
            "Enter runs this prompt."
        };
        frame.render_widget(wrapped(text.into(), paint.role(Role::Dim)), body);
        return Rect::ZERO;
    };
    if session.unread {
        let (text, role) = match &session.error {
            Some(error) => (sanitize::block(error).into_owned(), Role::Error),
            None => ("reading the trace".into(), Role::Dim),
        };
        frame.render_widget(wrapped(text, paint.role(role)), body);
        return Rect::ZERO;
    }
    session.lay_out(rows.width);
    scroll(session, usize::from(rows.height));
    let marks = Marks::new(session);
    let cursor = session.shown_by(session.cursor);
    let buffer = frame.buffer_mut();
    for (line, row) in session
        .layout
        .rows()
        .iter()
        .skip(session.scroll)
        .take(usize::from(rows.height))
        .enumerate()
    {
        let y = rows.y + line as u16;
        if row.first
            && let Some(step) = session.steps.get(row.step)
        {
            margin(buffer, body, y, row.step, step, paint);
            if measure == ShownMeasure::Regions {
                class(buffer, session, row.step, body, y, paint);
            }
        }
        let holds = |p: &Piece| noted.contains(&p.token);
        if !row.fold && row.pieces.iter().any(holds) {
            buffer.set_string(body.x + 3, y, "✎", paint.role(Role::Accent));
        }
        for piece in &row.pieces {
            let Some(token) = session.tokens().get(piece.token) else {
                continue;
            };
            let mut style = match measure {
                _ if row.fold => paint.role(Role::Dim),
                ShownMeasure::Regions => region_style(session.region(piece.token), paint),
                _ => token_style(token, measure, paint),
            };
            style = marks.on(piece.token, token, style, paint);
            if !searched.is_empty() && piece.text.to_lowercase().contains(&searched) {
                style = style.patch(paint.role(Role::Match));
            }
            if piece.token == cursor {
                let cursor = paint.role(if candidate { Role::Flag } else { Role::Cursor });
                style = style.patch(cursor).add_modifier(Modifier::REVERSED);
            }
            // A line between words is not part of any.
            let blanks = piece.text.len() - piece.text.trim_start_matches(' ').len();
            let (lead, word) = piece.text.split_at(blanks);
            let x = rows.x + piece.x;
            let plain = style.remove_modifier(Modifier::UNDERLINED);
            buffer.set_string(x, y, lead, plain);
            let room = usize::from(rows.width - piece.x) - blanks;
            buffer.set_stringn(x + blanks as u16, y, word, room, style);
        }
    }
    rows
}

const HINT: &str = "Enter runs the prompt; its completion streams here in the colors of the legend below.\n\
    h l w b J K move; the pane on the right says why a token came.\n\
    x takes another candidate at the cursor and continues from there.\n\
    Tab goes to the next pane; f to what is likely wrong.\n\
    ? lists all keys, : finds a command, q quits.";

/// What the token at the cursor points to: its window, its salient words, a verbatim span.
struct Marks {
    window: Option<[usize; 2]>,
    words: Vec<[usize; 2]>,
    verbatim: Option<[usize; 2]>,
}

impl Marks {
    fn new(s: &Session) -> Marks {
        let found: Vec<&NonLocal> = s
            .token()
            .into_iter()
            .flat_map(|t| found(t, Reads::Output))
            .collect();
        let words = found.iter().flat_map(|m| &m.words);
        Marks {
            window: found.iter().find_map(|m| m.window),
            words: words.map(|w| w.span).collect(),
            verbatim: s.verbatim().map(|v| v.tokens),
        }
    }

    fn on(&self, index: usize, token: &Token, style: Style, paint: Paint) -> Style {
        let inside = |r: &Option<[usize; 2]>| r.is_some_and(|r| r[0] <= index && index < r[1]);
        let salient = self
            .words
            .iter()
            .any(|w| w[0] < token.span[1] && token.span[0] < w[1]);
        if inside(&self.verbatim) || salient {
            style.patch(paint.role(Role::Selection))
        } else if inside(&self.window) {
            style.add_modifier(Modifier::ITALIC)
        } else {
            style
        }
    }
}

/// What was found of the sources whose words stand in a text.
fn found(token: &Token, text: Reads) -> impl Iterator<Item = &NonLocal> {
    let sources = Source::non_local().filter(move |s| s.about().reads == text);
    sources.filter_map(|s| token.non_local(s))
}

/// Number, flag and verdict of a step.
fn margin(buffer: &mut Buffer, body: Rect, y: u16, number: usize, step: &Step, paint: Paint) {
    buffer.set_string(
        body.x,
        y,
        format!("{:>3}", number + 1),
        paint.role(Role::Dim),
    );
    if let Some(flag) = &step.flag {
        let bad = flag.is_raised();
        let role = if bad { Role::Flag } else { Role::Dim };
        if bad {
            buffer.set_string(body.x + 4, y, "⚑", paint.role(role));
        }
        let p = format!("{:.2}", flag.p);
        let p = p.strip_prefix('0').unwrap_or(&p);
        let x = (body.x + body.width).saturating_sub(p.width() as u16);
        buffer.set_string(x, y, p, paint.role(role));
    }
    if let Some(verdict) = &step.verdict {
        let (mark, role) = if verdict.right {
            ("✓", Role::Ok)
        } else {
            ("✗", Role::Error)
        };
        buffer.set_string(body.x + 5, y, mark, paint.role(role));
    }
}

/// What of a step a document has, in the place of the flag's number.
fn class(buffer: &mut Buffer, s: &Session, step: usize, body: Rect, y: u16, paint: Paint) {
    let known = s.regions.as_ref().and_then(|all| all.get(step)?.as_ref());
    let name = known.map_or("", |region| region.class.name());
    let x = (body.x + body.width).saturating_sub(RIGHT - 1);
    buffer.set_string(x, y, format!("{name:>4}"), paint.role(Role::Accent));
}

/// Keeps the cursor in view, and the last row at the bottom, not above it.
fn scroll(s: &mut Session, height: usize) {
    let rows = s.layout.rows().len();
    let row = s.layout.row_of(s.cursor);
    if row < s.scroll {
        s.scroll = row;
    } else if row >= s.scroll + height {
        s.scroll = row + 1 - height;
    }
    s.scroll = s.scroll.min(rows.saturating_sub(height));
}

fn title<'a>(app: &App, paint: Paint) -> Line<'a> {
    let mut spans = vec![Span::raw(" completion ")];
    if let Some(e) = app.entry() {
        spans.push(Span::styled(
            format!("{} ", sanitize::line(&e.prompt.id)),
            paint.role(Role::Dim),
        ));
        if e.sessions.len() > 1 {
            spans.push(Span::styled(
                format!("· branch {} of {} ", e.shown + 1, e.sessions.len()),
                paint.role(Role::Accent),
            ));
        }
    }
    if let Some(model) = app.session().and_then(|s| app.other_model(s)) {
        spans.push(Span::styled(
            format!("· by {} ", sanitize::line(&model.shown())),
            paint.role(Role::Flag),
        ));
    }
    let trace = app.session().and_then(|s| s.trace.as_ref());
    if let Some(given) = trace.and_then(|t| t.run.as_ref()?.variables()) {
        spans.push(Span::styled(
            format!("· {} ", sanitize::line(&given)),
            paint.role(Role::Dim),
        ));
    }
    if trace.is_some_and(|t| t.prompt.question_unplaced) {
        spans.push(Span::styled(
            "· the template changes the question ",
            paint.role(Role::Flag),
        ));
    }
    if let Some(a) = trace.map(|t| &t.answer) {
        let found = a.extracted.as_deref().unwrap_or("none");
        let found = sanitize::line(found).into_owned();
        let (text, role) = match (a.right, &a.expected) {
            (Some(true), _) => (format!("· answer {found} ✓ "), Role::Ok),
            (Some(false), Some(e)) => (
                format!("· answer {found} ✗ {} expected ", sanitize::line(e)),
                Role::Error,
            ),
            _ => (format!("· answer {found} "), Role::Answer),
        };
        spans.push(Span::styled(text, paint.role(role)));
    }
    let how = match app.session().and_then(|s| s.trace.as_ref()) {
        Some(t) if t.finish == "loop" => Some("· ended in a loop "),
        Some(t) if t.finish == "length" => Some("· cut at the limit "),
        _ => None,
    };
    if let Some(how) = how {
        spans.push(Span::styled(how, paint.role(Role::Flag)));
    }
    Line::from(spans)
}

/// The question, folded to two rows or whole, with the salient words of the token at the cursor marked; returns the rows it took.
fn prompt(frame: &mut Frame, app: &App, question: &str, area: Rect, paint: Paint) -> u16 {
    let mut marks: Vec<[usize; 2]> = Vec::new();
    if let Some(s) = app.session()
        && let (Some(t), Some(token)) = (&s.trace, s.token())
        && question == t.prompt.question
    {
        let [from, to] = t.prompt.question_span;
        // Places in a question that the chat template changed are not places in this one.
        let same = t
            .prompt
            .text
            .get(from..to)
            .is_some_and(|asked| question.starts_with(asked));
        let inside = |w: [usize; 2]| Some([w[0].checked_sub(from)?, w[1].checked_sub(from)?]);
        let words = found(token, Reads::Question)
            .filter(|_| same)
            .flat_map(|f| &f.words);
        marks = words.filter_map(|w| inside(w.span)).collect();
    }
    let (text, mark) = (paint.role(Role::Dim), paint.role(Role::Selection));
    let marked = |at: usize| marks.iter().any(|m| (m[0]..m[1]).contains(&at));
    let mut lines: Vec<Line> = wrap::rows(question, area.width)
        .into_iter()
        .map(|row| {
            let (mut line, mut at) = (Line::default(), row.start);
            for word in question[row].split_inclusive(' ') {
                let style = if (at..at + word.len()).any(marked) {
                    mark
                } else {
                    text
                };
                at += word.len();
                line.push_span(Span::styled(word.to_string(), style));
            }
            line
        })
        .collect();
    let all = lines.len();
    let most = if app.folded {
        2
    } else {
        usize::from(area.height / 2).max(2)
    };
    lines.truncate(most);
    if all > lines.len()
        && let Some(last) = lines.last_mut()
    {
        let more = format!("… {} more rows, z unfolds", all - most);
        let room = usize::from(area.width).saturating_sub(more.width());
        while last.width() > room && last.spans.pop().is_some() {}
        last.push_span(Span::styled(more, paint.role(Role::Accent)));
    }
    let rows = lines.len() as u16;
    frame.render_widget(
        ratatui::widgets::Paragraph::new(lines),
        Rect {
            height: rows.min(area.height),
            ..area
        },
    );
    (rows + 1).min(area.height)
}
