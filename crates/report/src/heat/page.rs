//! Documents as one HTML page that needs nothing else; see [`crate::html`].

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::json;

use super::document::{HeatDocument, STEPS, heat};
use super::evidence::evidence;
use super::lines::about;
use crate::ReportOptions;
use crate::html::{DOCTYPE, MAKE, PAGE_CSS, policy, script_safe, style};
use crate::text::{escape, escape_block};
use crate::theme::lane;
use rotescope_trace::Source;
use rotescope_trace::audit::AuditRun;

const OWN_CSS: &str = include_str!("heat.css");
const SCRIPT: &str = include_str!("heat.js");

/// The beginning of the page: styles of the theme, legend, what was asked.
pub(super) fn head(out: &mut impl Write, run: &AuditRun, o: &ReportOptions) -> io::Result<()> {
    let css = style(o) + PAGE_CSS + OWN_CSS;
    let policy = policy(&css, &script());
    let mut legend = String::new();
    for (i, from) in STEPS.iter().enumerate() {
        let step = i as u8 + 1;
        let _ = write!(
            legend,
            "<b class=\"{}\">{} {from}</b> ",
            class(step),
            lane(step)
        );
    }
    let index = run.index.as_ref().map_or("no index", |i| &i.id);
    let settings: Vec<String> = run
        .settings
        .iter()
        .map(|(k, v)| format!("{k} {v}"))
        .collect();
    write!(
        out,
        "{DOCTYPE}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{policy}\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>rotescope</title>\n<style>{css}</style>\n</head>\n<body>\n\
         <header><div class=\"legend\">p of reciting: {legend}<span class=\"run\">run that can be extracted</span></div>\n\
         <div class=\"dim\">{} · {}</div>\n<details class=\"dim\"><summary>settings</summary>{}</details>\n\
         <div class=\"find\"><button id=\"next\">next run (n)</button> <button id=\"back\">run before (p)</button> <span id=\"at\" class=\"dim\"></span></div></header>\n<main>\n",
        escape(&run.model.file),
        escape(index),
        escape(&settings.join(" · "))
    )
}

/// One document as a row that opens.
pub(super) fn document(out: &mut impl Write, d: &HeatDocument, open: bool) -> io::Result<()> {
    let mut row = format!(
        "<details class=\"trace\"{}>\n<summary><b>{}</b> <span class=\"dim\">{}</span></summary>\n<div class=\"body\"><div class=\"text\">",
        if open { " open" } else { "" },
        escape(&d.name),
        escape(&about(d))
    );
    let mut runs = d.runs.iter().peekable();
    for (i, token) in d.tokens.iter().enumerate() {
        while runs.next_if(|r| r[1] <= i).is_some() {}
        let run = runs.peek().filter(|r| r[0] <= i);
        let (style, title) = match token.p {
            Some(p) => (class(heat(p)), format!(" title=\"p {p:.3}\"")),
            None => ("dim".to_string(), String::new()),
        };
        let within = match run {
            Some(r) if r[0] == i => " run first",
            Some(_) => " run",
            None => "",
        };
        let window = token
            .window
            .map_or(String::new(), |w| format!(" data-w=\"{w}\""));
        let _ = write!(
            row,
            "<span class=\"t {style}{within}\"{window}{title}>{}</span>",
            escape_block(&token.text)
        );
    }
    let data: Vec<Vec<String>> = d.windows.iter().map(evidence).collect();
    let _ = write!(
        row,
        "</div><aside class=\"inspector\"><p class=\"dim\">Click a token to see its window.</p></aside></div>\n<script type=\"application/json\">{}</script>\n</details>\n",
        script_safe(&json!(data).to_string())
    );
    out.write_all(row.as_bytes())
}

/// The end of the page.
pub(super) fn tail(out: &mut impl Write, documents: usize, windows: usize) -> io::Result<()> {
    write!(
        out,
        "</main>\n<footer class=\"dim\">{documents} documents, {windows} windows · rotescope {}</footer>\n<script>{}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        script()
    )
}

fn script() -> String {
    format!("{MAKE}{SCRIPT}")
}

/// Class of a step of heat; empty for none.
fn class(step: u8) -> String {
    match step {
        0 => String::new(),
        s => format!("{}{s}", Source::Local.name()),
    }
}
