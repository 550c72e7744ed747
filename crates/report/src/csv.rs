//! Tokens as a table: comma-separated values (RFC 4180), one row a token. The columns are described in docs/report.md.

use std::io::{self, Write};

use serde_json::json;

use super::Measure;
use rotescope_trace::{Distant, Trace};

/// The columns, in order.
pub const COLUMNS: [&str; 34] = [
    "id",
    "task",
    "split",
    "right",
    "step",
    "step_flag",
    "step_right",
    "token",
    "token_id",
    "text",
    "start",
    "end",
    "p",
    "rank",
    "entropy",
    "skipped",
    "wrong",
    "local",
    "local_undefined",
    "local_context",
    "local_context_count",
    "local_match_count",
    "mid",
    "mid_undefined",
    "mid_elicited",
    "mid_words",
    "long",
    "long_undefined",
    "long_words",
    "stim_max",
    "stim_source",
    "cause",
    "cause_strength",
    "measure",
];

/// The row of names.
pub fn head(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}\r\n", COLUMNS.join(","))
}

/// One row for each token of a trace.
pub fn rows(out: &mut impl Write, t: &Trace, measure: &Measure) -> io::Result<()> {
    for (i, token) in t.tokens.iter().enumerate() {
        let at = t
            .steps
            .iter()
            .position(|s| (s.tokens[0]..s.tokens[1]).contains(&i));
        let step = at.map(|s| &t.steps[s]);
        let flag = step.and_then(|s| s.flag.as_ref());
        let verdict = step.and_then(|s| s.verdict.as_ref());
        let local = token.local.as_ref();
        let stim = token.stim_max();
        let (mid, long) = (token.mid.as_ref(), token.long.as_ref());
        let row = [
            label(&t.prompt.id),
            label(t.prompt.task.as_deref().unwrap_or("")),
            label(t.prompt.split.as_deref().unwrap_or("")),
            cell(t.answer.right),
            cell(at.map(|s| s + 1)),
            cell(flag.map(|f| f.p)),
            cell(verdict.map(|v| v.right)),
            i.to_string(),
            token.id.to_string(),
            quote(&json!(token.text).to_string()),
            token.span[0].to_string(),
            token.span[1].to_string(),
            token.p.to_string(),
            token.rank.to_string(),
            token.entropy.to_string(),
            label(token.skipped.as_deref().unwrap_or("")),
            cell(verdict.map(|v| v.tokens.contains(&i))),
            cell(local.and_then(|l| l.score)),
            label(local.and_then(|l| l.undefined.as_deref()).unwrap_or("")),
            cell(local.map(|l| l.context)),
            cell(local.map(|l| l.context_count)),
            cell(local.map(|l| l.match_count)),
            cell(mid.and_then(|d| d.score)),
            label(mid.and_then(|d| d.undefined.as_deref()).unwrap_or("")),
            cell(mid.and_then(|d| d.elicited)),
            words(mid),
            cell(long.and_then(|d| d.score)),
            label(long.and_then(|d| d.undefined.as_deref()).unwrap_or("")),
            words(long),
            cell(stim.map(|s| s.1)),
            cell(stim.map(|s| s.0)),
            cell(token.cause.map(|c| c.source)),
            cell(token.cause.map(|c| c.strength)),
            cell(measure.of(token).map(|m| m.1)),
        ];
        write!(out, "{}\r\n", row.join(","))?;
    }
    Ok(())
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

/// The salient words as a JSON array, most salient first.
fn words(d: Option<&Distant>) -> String {
    d.map_or_else(String::new, |d| {
        let words: Vec<&str> = d.words.iter().map(|w| w.text.as_str()).collect();
        quote(&json!(words).to_string())
    })
}

/// Text that a spreadsheet cannot take for a formula: where it begins like one, an apostrophe goes before it.
fn label(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    quote(&format!("{}{text}", if formula { "'" } else { "" }))
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}
