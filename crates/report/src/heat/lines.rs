//! A document's heat map as lines of styled cells.

use super::document::{HeatDocument, STEPS, heat};
use crate::text::{cells, safe};
use crate::theme::{Role, Style};
use crate::{ReportOptions, StyledCell};
use rotescope_trace::Source;

/// A text is never squeezed into less.
const NARROWEST: usize = 20;

/// The title, the text, the legend.
pub(super) fn lines(d: &HeatDocument, o: &ReportOptions) -> Vec<Vec<StyledCell>> {
    let role = |r| o.theme.style(r);
    let cell = |text: String, style| StyledCell { text, style };
    let mut page = Page {
        width: o.width.max(NARROWEST),
        lines: vec![
            vec![
                cell(safe(&d.name), role(Role::Title)),
                cell(format!("  {}", about(d)), role(Role::Dim)),
            ],
            vec![],
            vec![],
        ],
        used: 0,
    };
    let mut runs = d.runs.iter().peekable();
    for (i, token) in d.tokens.iter().enumerate() {
        while runs.next_if(|r| r[1] <= i).is_some() {}
        let within = runs.peek().is_some_and(|r| r[0] <= i);
        let mut style = match token.p {
            None => role(Role::Dim),
            Some(p) => o.theme.source(Source::Local, heat(p)),
        };
        if within {
            style = o.theme.selected(style);
        }
        page.put(&token.text, style);
    }
    page.lines.push(vec![]);
    let mut legend = vec![cell("p of reciting: ".into(), role(Role::Dim))];
    for (i, from) in STEPS.iter().enumerate() {
        let style = o.theme.source(Source::Local, i as u8 + 1);
        legend.push(cell(format!("{from}"), style));
        legend.push(cell(" ".into(), role(Role::Dim)));
    }
    let run = o.theme.selected(role(Role::Text));
    legend.push(cell(" run that can be extracted".into(), run));
    page.lines.push(legend);
    page.lines
}

/// How much of it, in words.
pub fn about(d: &HeatDocument) -> String {
    let read = d.tokens.iter().filter(|t| t.p.is_some()).count();
    let within: usize = d.runs.iter().map(|r| r[1] - r[0]).sum();
    format!(
        "{read} tokens read in {} windows of {}/{}; {} runs can be extracted, {within} tokens",
        d.windows.len(),
        d.split[0],
        d.split[1],
        d.runs.len()
    )
}

/// Lines that fill.
struct Page {
    width: usize,
    lines: Vec<Vec<StyledCell>>,
    used: usize,
}

impl Page {
    /// Puts a token's text; a line break in it is one, and a word that does not fit goes on the next line.
    fn put(&mut self, text: &str, style: Style) {
        for (i, part) in text.split('\n').enumerate() {
            if i > 0 {
                self.feed();
            }
            for word in part.split_inclusive(' ') {
                self.word(&safe(word), style);
            }
        }
    }

    fn word(&mut self, word: &str, style: Style) {
        if self.used > 0 && self.used + cells(word.trim_end()) > self.width {
            self.feed();
        }
        let mut rest = word;
        // What is longer than a line is cut.
        while cells(rest) > self.width {
            let mut end = 0;
            for (at, c) in rest.char_indices() {
                if cells(&rest[..at + c.len_utf8()]) > self.width {
                    break;
                }
                end = at + c.len_utf8();
            }
            if end == 0 {
                break;
            }
            self.cell(&rest[..end], style);
            self.feed();
            rest = &rest[end..];
        }
        self.cell(rest, style);
    }

    fn cell(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        self.used += cells(text);
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        match line.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => line.push(StyledCell {
                text: text.to_string(),
                style,
            }),
        }
    }

    fn feed(&mut self) {
        self.lines.push(Vec::new());
        self.used = 0;
    }
}
