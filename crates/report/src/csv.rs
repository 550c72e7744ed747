//! Tokens as a table: comma-separated values (RFC 4180), one row a token. The columns are described in docs/report.md.

use std::io::{self, Write};

use serde_json::json;

use super::{Measure, token_texts};
use rotescope_text::csv::{label, quote};
use rotescope_trace::source::Reads;
use rotescope_trace::{NonLocal, Source, Token, Trace};

/// Columns before those of the sources.
const BEFORE: [&str; 17] = [
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
];

/// Columns behind those of the sources.
const AFTER: [&str; 5] = [
    "stim_max",
    "stim_source",
    "cause",
    "cause_strength",
    "measure",
];

/// Columns of a source, each behind the name of the source; the first is the score.
fn of_source(source: Source) -> &'static [&'static str] {
    match source.about().reads {
        Reads::Before => &[
            "",
            "_undefined",
            "_context",
            "_context_count",
            "_match_count",
        ],
        Reads::Output => &["", "_undefined", "_elicited", "_words"],
        Reads::Question => &["", "_undefined", "_words"],
    }
}

/// The columns, in order.
pub fn columns() -> Vec<String> {
    let sources = Source::ALL.into_iter().flat_map(|s| {
        let columns = of_source(s).iter();
        columns.map(move |column| format!("{s}{column}"))
    });
    let before = BEFORE.iter().map(ToString::to_string);
    let after = AFTER.iter().map(ToString::to_string);
    before.chain(sources).chain(after).collect()
}

/// The row of names.
pub fn head(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}\r\n", columns().join(","))
}

/// One row for each token of a trace.
pub fn rows(out: &mut impl Write, t: &Trace, measure: &Measure) -> io::Result<()> {
    let texts = token_texts(&t.tokens);
    for (i, token) in t.tokens.iter().enumerate() {
        let at = t
            .steps
            .iter()
            .position(|s| (s.tokens[0]..s.tokens[1]).contains(&i));
        let step = at.map(|s| &t.steps[s]);
        let flag = step.and_then(|s| s.flag.as_ref());
        let verdict = step.and_then(|s| s.verdict.as_ref());
        let stim = token.stim_max();
        let mut row = vec![
            label(&t.prompt.id),
            label(t.prompt.task.as_deref().unwrap_or("")),
            label(t.prompt.split.as_deref().unwrap_or("")),
            cell(t.answer.right),
            cell(at.map(|s| s + 1)),
            cell(flag.map(|f| f.p)),
            cell(verdict.map(|v| v.right)),
            i.to_string(),
            token.id.to_string(),
            quote(&json!(texts[i]).to_string()),
            token.span[0].to_string(),
            token.span[1].to_string(),
            cell(token.probability().map(|_| token.p)),
            cell(Some(token.rank).filter(|r| *r > 0)),
            cell(token.entropy().map(|_| token.entropy)),
            label(token.skipped.as_deref().unwrap_or("")),
            cell(verdict.map(|v| v.tokens.contains(&i))),
        ];
        row.extend(Source::ALL.into_iter().flat_map(|s| source(token, s)));
        row.extend([
            cell(stim.map(|s| s.1)),
            cell(stim.map(|s| s.0)),
            cell(token.cause.map(|c| c.source)),
            cell(token.cause.map(|c| c.strength)),
            cell(measure.of(token).map(|m| m.1)),
        ]);
        write!(out, "{}\r\n", row.join(","))?;
    }
    Ok(())
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

/// The cells of a source: [`of_source`] has their names.
fn source(token: &Token, source: Source) -> Vec<String> {
    let mut cells = vec![
        cell(token.score(source)),
        label(token.undefined(source).unwrap_or("")),
    ];
    let found = token.non_local(source);
    match source.about().reads {
        Reads::Before => {
            let local = token.local.as_ref();
            cells.extend([
                cell(local.map(|l| l.context)),
                cell(local.map(|l| l.context_count)),
                cell(local.map(|l| l.match_count)),
            ]);
        }
        Reads::Output => cells.extend([cell(found.and_then(|d| d.elicited)), words(found)]),
        Reads::Question => cells.push(words(found)),
    }
    cells
}

/// The salient words as a JSON array, most salient first.
fn words(d: Option<&NonLocal>) -> String {
    d.map_or_else(String::new, |d| {
        let words: Vec<&str> = d.words.iter().map(|w| w.text.as_str()).collect();
        quote(&json!(words).to_string())
    })
}
