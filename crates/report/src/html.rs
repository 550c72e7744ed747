//! Traces as one HTML page that needs nothing else: no network, no other file.
//!
//! Each trace is a row of a list that opens to its completion, so that the page is its own index and is written in one pass. The page's policy forbids
//! every request. Text is escaped where it stands in HTML; the script only ever sets it as text.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::picture::{about, flag, verdict};
use super::svg::{colors, hex};
use super::text::{escape, safe, shown};
use super::{ReportOptions, evidence, token_texts};
use crate::theme::{Role, Style, Theme, lane, strength};
use rotescope_text::sanitize;
use rotescope_trace::jsonl::Failed;
use rotescope_trace::{CandidateCounts, Source, Step, Token, Trace};

const CSS: &str = include_str!("page.css");
/// What the scripts of all pages begin with.
pub(crate) const MAKE: &str = include_str!("make.js");
const SCRIPT: &str = include_str!("page.js");

/// What the page begins with.
pub(super) const DOCTYPE: &str = "<!DOCTYPE html>";

/// No request of any kind.
pub(super) const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n";

/// The beginning of the page: styles of the theme, legend.
pub fn head(out: &mut impl Write, o: &ReportOptions) -> io::Result<()> {
    let mut css = theme_css(&o.theme);
    if let Some(dark) = &o.dark {
        let _ = write!(
            css,
            "@media (prefers-color-scheme: dark) {{\n{}}}\n",
            theme_css(dark)
        );
    }
    let mut legend = String::new();
    for source in Source::ALL {
        let _ = write!(legend, "<span>{}", source.name());
        for s in 1..=5u8 {
            let value = f64::from(s) / 5.0;
            let _ = write!(
                legend,
                " <b class=\"{}\">{} {value:.1}</b>",
                class(source, s),
                lane(s)
            );
        }
        legend.push_str("</span>");
    }
    let sources = Source::ALL.map(Source::name).join(" ");
    write!(
        out,
        "{DOCTYPE}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         {POLICY}<meta name=\"viewport\" content=\"width=device-width\">\n<title>rotescope</title>\n<style>\n{css}{CSS}</style>\n</head>\n<body data-sources=\"{sources}\">\n\
         <header><div class=\"legend\">{legend}</div><div class=\"dim\">{}</div>\n\
         <div class=\"find\"><input id=\"find\" type=\"search\" placeholder=\"find a prompt\"> \
         <label><input type=\"checkbox\" id=\"wrong\"> wrong</label> <label><input type=\"checkbox\" id=\"flagged\"> flagged</label></div></header>\n\
         <main>\n",
        escape(&o.measure.meaning())
    )
}

/// One trace as a row that opens.
pub fn trace(out: &mut impl Write, t: &Trace, o: &ReportOptions, open: bool) -> io::Result<()> {
    let flags = t.steps.iter().filter(|s| is_flagged(s)).count();
    let (mark, word) = match t.answer.right {
        Some(true) => ("✓", "ok"),
        Some(false) => ("✗", "error"),
        None => ("·", "dim"),
    };
    let mut row = format!(
        "<details class=\"trace\" data-wrong=\"{}\" data-flags=\"{flags}\"{}>\n<summary><span class=\"{word}\">{mark}</span> <b>{}</b>",
        t.answer.right == Some(false),
        if open { " open" } else { "" },
        escape(&t.prompt.id)
    );
    if flags > 0 {
        let _ = write!(row, " <span class=\"flag\">⚑{flags}</span>");
    }
    let said = t.answer.extracted.as_deref().unwrap_or("no answer found");
    let _ = write!(row, " <span class=\"dim\">{}</span>", escape(said));
    if let (Some(false), Some(e)) = (t.answer.right, &t.answer.expected) {
        let _ = write!(row, " <span class=\"error\">{} expected</span>", escape(e));
    }
    let _ = write!(
        row,
        "</summary>\n<p class=\"dim\">{}</p>\n<p class=\"question\">{}</p>\n<div class=\"body\"><ol class=\"chain\">\n",
        escape(&about(t)),
        escape_block(t.prompt.question.trim())
    );
    let texts = token_texts(&t.tokens);
    for step in &t.steps {
        step_row(&mut row, t, &texts, step, o);
    }
    row.push_str("</ol><aside class=\"inspector\"><p class=\"dim\">Click a token to see what stands behind it.</p></aside></div>\n");
    let data: Vec<Value> = (0..t.tokens.len()).map(|i| token_data(t, i)).collect();
    let _ = write!(
        row,
        "<script type=\"application/json\">{}</script>\n</details>\n",
        script_safe(&Value::from(data).to_string())
    );
    out.write_all(row.as_bytes())
}

/// A prompt that could not be run.
pub fn failed(out: &mut impl Write, f: &Failed) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"trace\" data-wrong=\"true\" data-flags=\"0\"><span class=\"error\">!</span> <b>{}</b> <span class=\"error\">failed: {}</span></div>",
        escape(&f.id),
        escape(&f.error)
    )
}

/// The end of the page.
pub fn tail(out: &mut impl Write, traces: usize, failed: usize) -> io::Result<()> {
    write!(
        out,
        "</main>\n<footer class=\"dim\">{traces} traces, {failed} failed · rotescope {}</footer>\n<script>\n{MAKE}{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    )
}

fn is_flagged(step: &Step) -> bool {
    step.flag
        .as_ref()
        .is_some_and(rotescope_trace::Flag::is_raised)
}

fn step_row(row: &mut String, t: &Trace, texts: &[String], step: &Step, o: &ReportOptions) {
    row.push_str("<li>");
    if is_flagged(step) {
        row.push_str("<span class=\"flag\">⚑</span> ");
    }
    let wrong: &[usize] = match &step.verdict {
        Some(v) if !v.right => &v.tokens,
        _ => &[],
    };
    let range = step.tokens[0]..step.tokens[1];
    for (i, token) in t
        .tokens
        .get(range.clone())
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let i = range.start + i;
        let mut classes = o
            .measure
            .of(token)
            .map_or(String::new(), |(s, v)| class(s, strength(v)));
        if wrong.contains(&i) {
            classes.push_str(" wrong");
        }
        // The blank before a word is not underlined with it.
        let text = shown(&texts[i]);
        let word = text.trim_start_matches(' ');
        let blank = if word.is_empty() {
            ""
        } else {
            &text[..text.len() - word.len()]
        };
        let word = if word.is_empty() { text.as_str() } else { word };
        let _ = write!(
            row,
            "{blank}<span class=\"t {classes}\" data-i=\"{i}\" title=\"{}\">{}</span>",
            escape(&hover(token)),
            escape(word)
        );
    }
    if let Some(f) = &step.flag
        && is_flagged(step)
    {
        let _ = write!(row, "<div class=\"flag\">{}</div>", escape(&flag(f)));
    }
    if let Some(v) = &step.verdict {
        let word = if v.right { "ok" } else { "error" };
        let _ = write!(row, "<div class=\"{word}\">{}</div>", escape(&verdict(v)));
    }
    row.push_str("</li>\n");
}

/// What the pointer shows.
fn hover(t: &Token) -> String {
    let mut text = match t.probability() {
        Some(_) => format!("p {}  rank {}", evidence::probability(t.p), t.rank),
        None => "no probability".into(),
    };
    for source in Source::ALL {
        if let Some(v) = t.score(source) {
            let _ = write!(text, "  {source} {v:.2}");
        }
    }
    text
}

/// Everything that the inspector shows of a token.
fn token_data(t: &Trace, i: usize) -> Value {
    let token = &t.tokens[i];
    let c = &token.candidates;
    let candidates: Vec<Value> = (0..c.ids.len())
        .map(|k| {
            let text = c.text.get(k).map(|t| safe(t));
            let mut row = vec![json!(text), json!(c.p.get(k))];
            row.extend(Source::ALL.map(|s| match c.counts(s) {
                CandidateCounts::Occurrences(n) => json!(n.get(k)),
                CandidateCounts::Means(n) => json!(n.get(k)),
            }));
            Value::Array(row)
        })
        .collect();
    let found = |source: Source| {
        if token.undefined(source).is_none() {
            token.evidence(source)?;
        }
        let basis = evidence::basis(t, i, source);
        let said =
            json!({"score": token.score(source), "why": token.undefined(source), "basis": basis});
        Some((source.name().to_string(), said))
    };
    let sources: Map<String, Value> = Source::ALL.into_iter().filter_map(found).collect();
    json!({
        "text": sanitize::token(&token.raw()), "p": token.probability().map(|_| token.p), "rank": token.rank, "entropy": token.entropy().map(|_| token.entropy), "skipped": token.skipped,
        "cause": token.cause.map(|c| json!([c.source, c.strength])),
        "sources": sources, "measures": token.measures, "candidates": candidates,
    })
}

/// JSON inside a script element: nothing in it can end the element.
pub(super) fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// Like [`escape`], with the line breaks kept.
fn escape_block(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// Class of a source and a strength; empty for strength 0.
fn class(source: Source, strength: u8) -> String {
    match strength {
        0 => String::new(),
        s => format!("{}{s}", source.name()),
    }
}

/// A theme as style rules.
pub(super) fn theme_css(theme: &Theme) -> String {
    let mut css = format!(":root {{ --page: {};", hex(theme.background()));
    for role in Role::ALL {
        if let Some(fg) = theme.style(role).fg {
            let _ = write!(css, " --{}: {};", role.name(), hex(fg));
        }
    }
    if let Some(bg) = theme.style(Role::Selection).bg {
        let _ = write!(css, " --selected: {};", hex(bg));
    }
    css.push_str(" }\n");
    for source in Source::ALL {
        for s in 1..=5 {
            let _ = writeln!(
                css,
                ".{} {{ {} }}",
                class(source, s),
                declarations(theme.source(source, s), theme)
            );
        }
    }
    css
}

fn declarations(style: Style, theme: &Theme) -> String {
    let (fg, bg) = colors(style, theme);
    let mut css = String::new();
    if let Some(c) = fg {
        let _ = write!(css, "color: {};", hex(c));
    }
    if let Some(c) = bg {
        let _ = write!(css, " background: {};", hex(c));
    }
    for (on, rule) in [
        (style.bold, " font-weight: bold;"),
        (style.italic, " font-style: italic;"),
        (style.underline, " text-decoration: underline;"),
    ] {
        if on {
            css.push_str(rule);
        }
    }
    css
}
