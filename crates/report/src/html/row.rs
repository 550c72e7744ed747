//! One trace as a row that opens: all of its text without a script, and what stands behind its tokens for the script.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::data;
use super::document::TokenDocument;
use super::list::Row;
use super::style::class;
use crate::picture::{about, flag, verdict};
use crate::text::{escape, escape_block, shown};
use crate::theme::strength;
use crate::{ReportOptions, token_texts};
use rotescope_trace::jsonl::Failed;
use rotescope_trace::{Step, Trace};

/// Characters of a question by which a trace can be found where only its line is.
const QUESTION: usize = 160;

/// One trace. `name` is its address in the page.
pub(super) fn row(
    t: &Trace,
    name: &str,
    o: &ReportOptions,
    documents: &BTreeMap<usize, Vec<TokenDocument>>,
) -> io::Result<Row> {
    let flags = t.steps.iter().filter(|s| is_flagged(s)).count();
    let wrong = t.steps.iter().filter(|s| is_wrong(s)).count();
    let (mark, word, verdict) = match t.answer.right {
        Some(true) => ("✓", "ok", "right"),
        Some(false) => ("✗", "error", "wrong"),
        None => ("·", "dim", "open"),
    };
    let name = escape(name);
    let (task, split) = (
        place(t.prompt.task.as_deref()),
        place(t.prompt.split.as_deref()),
    );
    let mut head = format!(
        "<span class=\"mark {word}\" title=\"answer {verdict}\">{mark}</span> <b class=\"id\">{}</b> <span class=\"place dim\">{task} · {split}</span>",
        escape(&t.prompt.id)
    );
    let said = t.answer.extracted.as_deref().unwrap_or("no answer found");
    let _ = write!(head, " <span class=\"answer\">{}", escape(said));
    if let (Some(false), Some(e)) = (t.answer.right, &t.answer.expected) {
        let _ = write!(head, " <span class=\"error\">expected {}</span>", escape(e));
    }
    head.push_str("</span> <span class=\"counts\">");
    if wrong > 0 {
        let _ = write!(
            head,
            "<span class=\"error\" title=\"steps that a verifier calls wrong\">✗{wrong}</span> "
        );
    }
    if flags > 0 {
        let _ = write!(
            head,
            "<span class=\"flag\" title=\"flagged steps\">⚑{flags}</span>"
        );
    }
    head.push_str("</span>");
    let mut row = format!(
        "<p class=\"dim\"><a class=\"here\" href=\"#{name}\">#{name}</a> · {}</p>\n<p class=\"question\">{}</p>\n<div class=\"body\"><ol class=\"chain\">\n",
        escape(&about(t)),
        escape_block(t.prompt.question.trim())
    );
    let texts = token_texts(&t.tokens);
    for (i, step) in t.steps.iter().enumerate() {
        let number = i + 1;
        let _ = write!(
            row,
            "<li id=\"{name},{number}\"><a class=\"n\" href=\"#{name},{number}\">{}{number}</a><span class=\"say\">",
            if is_flagged(step) { "⚑ " } else { "" }
        );
        say(&mut row, t, &texts, step, o);
        row.push_str("</span>");
        remarks(&mut row, step);
        row.push_str("</li>\n");
    }
    let _ = write!(
        row,
        "</ol></div>\n<script type=\"text/plain\">{}</script>\n",
        data::block(t, &texts, &o.measure, documents)?
    );
    Ok(Row {
        class: "",
        data: format!(
            "data-verdict=\"{verdict}\" data-flags=\"{flags}\" data-wrong=\"{wrong}\" data-task=\"{task}\" data-split=\"{split}\""
        ),
        head,
        body: row,
        question: beginning(&t.prompt.question),
        name,
    })
}

/// A task or split in an attribute.
pub(super) fn place(name: Option<&str>) -> String {
    escape(name.unwrap_or("-"))
}

/// The beginning of a question, on one line.
pub(super) fn beginning(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    escape(&words.join(" ").chars().take(QUESTION).collect::<String>())
}

/// A prompt that could not be run.
pub(super) fn failed(f: &Failed, name: &str) -> Row {
    Row {
        class: " failed",
        name: escape(name),
        data: "data-verdict=\"failed\" data-flags=\"0\" data-wrong=\"0\" data-task=\"-\" data-split=\"-\"".into(),
        head: format!(
            "<span class=\"mark error\">!</span> <b class=\"id\">{}</b> <span class=\"error\">failed: {}</span>",
            escape(&f.id),
            escape(&f.error)
        ),
        body: String::new(),
        question: String::new(),
    }
}

fn is_flagged(step: &Step) -> bool {
    step.flag
        .as_ref()
        .is_some_and(rotescope_trace::Flag::is_raised)
}

fn is_wrong(step: &Step) -> bool {
    step.verdict.as_ref().is_some_and(|v| !v.right)
}

/// The text of a step. Tokens that look alike are one element: the script takes them apart where it shows them.
fn say(row: &mut String, t: &Trace, texts: &[String], step: &Step, o: &ReportOptions) {
    let wrong: &[usize] = match &step.verdict {
        Some(v) if !v.right => &v.tokens,
        _ => &[],
    };
    let range = step.tokens[0]..step.tokens[1];
    let mut open = String::new();
    for (i, token) in range
        .clone()
        .zip(t.tokens.get(range.clone()).unwrap_or_default())
    {
        let look = o.measure.of(token);
        let mut classes = look.map_or(String::new(), |(s, v)| class(s, strength(v)));
        if wrong.contains(&i) {
            classes += if classes.is_empty() {
                "wrong"
            } else {
                " wrong"
            };
        }
        // The blank before a word is not underlined with it.
        let mut text = shown(&texts[i]);
        if i == range.start {
            text = text.trim_start_matches(' ').into();
        }
        let word = text.trim_start_matches(' ');
        if classes != open || word.len() < text.len() {
            if !open.is_empty() {
                row.push_str("</b>");
            }
            row.push_str(&text[..text.len() - word.len()]);
            if !classes.is_empty() {
                let _ = write!(row, "<b class=\"{classes}\">");
            }
            open = classes;
        }
        row.push_str(&escape(word));
    }
    if !open.is_empty() {
        row.push_str("</b>");
    }
}

fn remarks(row: &mut String, step: &Step) {
    if let Some(f) = step.flag.as_ref().filter(|f| f.is_raised()) {
        let _ = write!(row, "<div class=\"flag\">{}</div>", escape(&flag(f)));
    }
    if let Some(v) = &step.verdict {
        let word = if v.right { "ok" } else { "error" };
        let _ = write!(row, "<div class=\"{word}\">{}</div>", escape(&verdict(v)));
    }
}
