//! A trace laid out as lines of styled cells: the completion step by step, and below each line a lane of glyphs that says the same as the colors.

use unicode_segmentation::UnicodeSegmentation;

use super::text::{cells, safe, shown};
use super::{ReportOptions, StyledCell, token_texts};
use crate::theme::{Role, Style, lane, mark, strength};
use rotescope_trace::{RunOptions, Source, Step, Token, Trace};

/// Cells left of the completion: the number of the step.
const MARGIN: usize = 5;
/// A completion is never squeezed into less.
const NARROWEST: usize = 20;

/// The whole picture but for the evidence: what was asked, the completion, the answer, the legend.
pub fn lines(t: &Trace, o: &ReportOptions) -> Vec<Vec<StyledCell>> {
    let role = |r| o.theme.style(r);
    let mut out = vec![
        vec![
            plain(safe(&t.prompt.id), role(Role::Title)),
            plain(format!("  {}", about(t)), role(Role::Dim)),
        ],
        vec![],
    ];
    for line in wrap(&shown(t.prompt.question.trim()), o.width, "") {
        out.push(vec![plain(line, role(Role::Text))]);
    }
    out.push(vec![]);
    // A lane of letters is needed only where there is more than one source to tell apart.
    let several = t
        .tokens
        .iter()
        .any(|t| matches!(o.measure.of(t), Some((s, _)) if s != Source::Local));
    let texts = token_texts(&t.tokens);
    let shown: Vec<(&Token, &String)> = t.tokens.iter().zip(&texts).collect();
    for (i, step) in t.steps.iter().enumerate() {
        let tokens = shown.get(step.tokens[0]..step.tokens[1]);
        chain(
            &mut out,
            i + 1,
            step,
            tokens.unwrap_or_default(),
            o,
            several,
        );
        remarks(&mut out, step, o);
    }
    out.push(vec![]);
    out.push(answer(t, o));
    out.extend(legend(o));
    out
}

/// How the line that a picture begins with ends.
pub(super) const SPEED: &str = " tokens/s";

/// Model, index and speed in a line.
pub(super) fn about(t: &Trace) -> String {
    let index = t.index.as_ref().map_or("no index".into(), |i| {
        format!("{} {:.1} M tokens", safe(&i.id), i.tokens as f64 / 1e6)
    });
    let given = t.run.as_ref().and_then(RunOptions::variables);
    let given = given.map_or(String::new(), |g| format!(" · {}", safe(&g)));
    format!(
        "{}{given} · {index} · {:.0}{SPEED}",
        safe(&t.model.shown()),
        t.timing.tokens_per_second
    )
}

fn answer(t: &Trace, o: &ReportOptions) -> Vec<StyledCell> {
    let said = t.answer.extracted.as_deref().unwrap_or("none found");
    let mut line = vec![
        plain("answer ".into(), o.theme.style(Role::Dim)),
        plain(safe(said), o.theme.style(Role::Answer)),
    ];
    match (t.answer.right, &t.answer.expected) {
        (Some(true), _) => line.push(plain(", right".into(), o.theme.style(Role::Ok))),
        (Some(false), Some(e)) => line.push(plain(
            format!(", wrong: {} expected", safe(e)),
            o.theme.style(Role::Error),
        )),
        _ => {}
    }
    line
}

/// What colors and glyphs stand for: a line for each source, and one that says what the number is.
pub fn legend(o: &ReportOptions) -> Vec<Vec<StyledCell>> {
    let dim = o.theme.style(Role::Dim);
    let mut out: Vec<Vec<StyledCell>> = Source::ALL
        .into_iter()
        .map(|source| {
            let mut line = vec![plain(
                format!("{}  {:<7}", mark(source), source.name()),
                dim,
            )];
            for level in 1..=5u8 {
                let text = format!("{} {:.1}", lane(level), f64::from(level) / 5.0);
                line.push(plain(text, o.theme.source(source, level)));
                line.push(plain("  ".into(), dim));
            }
            line
        })
        .collect();
    for line in wrap(&o.measure.meaning(), o.width.saturating_sub(10), "") {
        out.push(vec![plain(format!("          {line}"), dim)]);
    }
    out
}

/// One line of a step while it fills.
#[derive(Default)]
struct Row {
    text: Vec<StyledCell>,
    lane: String,
    letters: String,
    used: usize,
}

/// One step: its tokens, wrapped, each line with its lanes below.
fn chain(
    out: &mut Vec<Vec<StyledCell>>,
    number: usize,
    step: &Step,
    tokens: &[(&Token, &String)],
    o: &ReportOptions,
    letters: bool,
) {
    let room = o.width.saturating_sub(MARGIN).max(NARROWEST);
    let flagged = step
        .flag
        .as_ref()
        .is_some_and(rotescope_trace::Flag::is_raised);
    let dim = o.theme.style(Role::Dim);
    let mut first = true;
    let mut flush = |row: &mut Row| {
        let row = std::mem::take(row);
        if row.used == 0 {
            return;
        }
        let mut line = match first {
            true => vec![
                plain(format!("{number:>3}"), dim),
                plain(
                    (if flagged { "⚑ " } else { "  " }).into(),
                    o.theme.style(Role::Flag),
                ),
            ],
            false => vec![plain(" ".repeat(MARGIN), dim)],
        };
        first = false;
        line.extend(row.text);
        out.push(line);
        for lane in [Some(row.lane), letters.then_some(row.letters)]
            .into_iter()
            .flatten()
        {
            if !lane.trim().is_empty() {
                out.push(vec![plain(
                    format!("{}{}", " ".repeat(MARGIN), lane.trim_end()),
                    dim,
                )]);
            }
        }
    };
    let mut row = Row::default();
    for (t, text) in tokens {
        let (source, level) = o
            .measure
            .of(t)
            .map_or((Source::Local, 0), |(s, v)| (s, strength(v)));
        let style = o.theme.source(source, level);
        let mut text = shown(text);
        if row.used > 0 && row.used + cells(&text) > room {
            flush(&mut row);
        }
        if row.used == 0 {
            text = text.trim_start().into();
        }
        let blank = text.len() - text.trim_start_matches(' ').len();
        push(
            &mut row,
            &text[..blank],
            o.theme.style(Role::Text),
            [' ', ' '],
        );
        let glyphs = if level == 0 {
            [' ', ' ']
        } else {
            [lane(level), mark(source)]
        };
        // A token wider than the line is broken between characters as the reader sees them.
        for g in text[blank..].graphemes(true) {
            if row.used > 0 && row.used + cells(g) > room {
                flush(&mut row);
            }
            push(&mut row, g, style, glyphs);
        }
    }
    flush(&mut row);
}

fn push(row: &mut Row, text: &str, style: Style, [strength, letter]: [char; 2]) {
    let n = cells(text);
    match row.text.last_mut() {
        Some(last) if last.style == style => last.text.push_str(text),
        _ => row.text.push(plain(text.into(), style)),
    }
    row.lane.extend(std::iter::repeat_n(strength, n));
    row.letters.extend(std::iter::repeat_n(letter, n));
    row.used += n;
}

/// What the flag and the verifier say of a step.
fn remarks(out: &mut Vec<Vec<StyledCell>>, step: &Step, o: &ReportOptions) {
    let mut say = |text: String, role| {
        for line in wrap(&text, o.width.saturating_sub(MARGIN).max(NARROWEST), "  ") {
            out.push(vec![plain(
                format!("{}{line}", " ".repeat(MARGIN)),
                o.theme.style(role),
            )]);
        }
    };
    if let Some(f) = step.flag.as_ref().filter(|f| f.is_raised()) {
        say(flag(f), Role::Flag);
    }
    if let Some(v) = step.verdict.as_ref().filter(|v| !v.right) {
        say(verdict(v), Role::Error);
    }
}

/// A flag in words.
pub(super) fn flag(f: &rotescope_trace::Flag) -> String {
    let reasons = f
        .reasons
        .iter()
        .map(|r| safe(r))
        .collect::<Vec<_>>()
        .join("; ");
    format!(
        "⚑ {:.2} likely wrong, {}{}{reasons}",
        f.p,
        f.meaning.word(),
        if reasons.is_empty() { "" } else { ": " }
    )
}

/// A verdict in words.
pub(super) fn verdict(v: &rotescope_trace::Verdict) -> String {
    let word = if v.right { "✓ right" } else { "✗ wrong" };
    let mut text = format!("{word} ({})", safe(&v.by));
    if let Some(why) = &v.why {
        text += &format!(": {}", safe(why));
    } else if let Some(e) = v.expected.as_ref().filter(|_| !v.right) {
        text += &format!(": {} expected", safe(e));
    }
    text
}

pub(super) fn plain(text: String, style: Style) -> StyledCell {
    StyledCell { text, style }
}

/// Breaks at spaces; lines after the first begin with `indent`. A word wider than a line stays whole.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut fresh = true;
    for word in text.split(' ') {
        if !fresh && cells(&line) + 1 + cells(word) > width {
            lines.push(std::mem::replace(&mut line, indent.into()));
        } else if !fresh {
            line.push(' ');
        }
        fresh = false;
        line.push_str(word);
    }
    lines.push(line);
    lines
}
