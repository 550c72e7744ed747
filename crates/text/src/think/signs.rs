//! What the marks of a text say together: `<|channel|>analysis<|message|>` is one sign.

use std::ops::Range;

use super::marks::{Mark, Style};
use super::names::{self, Meaning, Role};

/// One or more marks that belong together, with the words between them.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub at: Range<usize>,
    pub style: Style,
    pub what: What,
    /// See [`names::Name::key`].
    pub key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Reasoning begins, or ends; `sure`: ordinary documents have no such name.
    Open {
        sure: bool,
    },
    Close {
        sure: bool,
    },
    /// A message begins, which is reasoning or not: `<|channel|>final<|message|>`.
    Header {
        reasoning: bool,
    },
    /// The turn of somebody begins.
    Turn,
    /// A message ends; `reasoning`: it says so of reasoning.
    End {
        reasoning: bool,
    },
    /// Around the final text.
    Final {
        opens: bool,
    },
    /// An element of a document, or a sign about nothing that matters here.
    Element {
        opens: bool,
    },
}

/// Behind these stands what the message is.
const HEADERS: [&str; 12] = [
    "channel",
    "open",
    "start",
    "im",
    "header",
    "header id",
    "section",
    "role",
    "turn",
    "block",
    "recipient",
    "type",
];
/// Between that and the message; by a mark that opens, or by the end of the header.
const SEPARATORS: [&str; 6] = ["message", "sep", "content", "body", "text", "im middle"];
const HEADER_ENDS: [&str; 3] = ["header id", "header", "role"];
const ENDS: [&str; 14] = [
    "end",
    "close",
    "return",
    "call",
    "stop",
    "eot",
    "eot id",
    "eom",
    "eom id",
    "eos",
    "endoftext",
    "end of text",
    "turn",
    "done",
];
/// Names of channels, beside those of reasoning, that are not for the reader.
const ASIDE: [&str; 2] = ["commentary", "self"];
/// Longest words between the marks of a header, in bytes.
const HEADER: usize = 100;

pub(super) fn signs(text: &str, marks: &[Mark]) -> Vec<Sign> {
    let mut all = Vec::new();
    let mut i = 0;
    while i < marks.len() {
        let mark = &marks[i];
        let (sign, next) = header(text, marks, i)
            .or_else(|| echo(text, marks, i))
            .unwrap_or_else(|| (alone(mark), i + 1));
        all.push(sign);
        i = next;
    }
    all
}

fn sign(mark: &Mark, at: Range<usize>, what: What) -> Sign {
    Sign {
        at,
        // Both halves are of one pair.
        style: match mark.style {
            Style::Right => Style::Left,
            style => style,
        },
        what,
        key: mark.name.key.clone(),
    }
}

/// What a mark says by itself.
fn alone(mark: &Mark) -> Sign {
    let opens = mark.name.role == Role::Open;
    let what = match mark.name.meaning {
        Meaning::Reasoning | Meaning::PerhapsReasoning => {
            let sure = mark.name.meaning == Meaning::Reasoning;
            match opens {
                true => What::Open { sure },
                false => What::Close { sure },
            }
        }
        Meaning::Final => What::Final { opens },
        Meaning::Other if is_end(mark) => What::End { reasoning: false },
        Meaning::Other if mark.style == Style::Special && mark.name.key == "im" => What::Turn,
        Meaning::Other => What::Element { opens },
    };
    sign(mark, mark.at.clone(), what)
}

fn is_end(mark: &Mark) -> bool {
    let key = mark.name.key.as_str();
    match mark.style {
        Style::Right => true,
        Style::Special if is_separator(mark) => false,
        Style::Special => ENDS.contains(&key) || mark.name.role == Role::Close,
        _ => false,
    }
}

fn is_separator(mark: &Mark) -> bool {
    let known: &[&str] = match mark.name.role {
        Role::Open => &SEPARATORS,
        Role::Close => &HEADER_ENDS,
    };
    mark.style == Style::Special && known.contains(&mark.name.key.as_str())
}

fn is_header(mark: &Mark) -> bool {
    let opens = mark.name.role == Role::Open && mark.name.meaning == Meaning::Other;
    let known = HEADERS.contains(&mark.name.key.as_str());
    opens && (mark.style == Style::Left || mark.style == Style::Special && known)
}

/// The header of a message that begins with mark `i`, and the mark behind it.
fn header(text: &str, marks: &[Mark], i: usize) -> Option<(Sign, usize)> {
    let mark = &marks[i];
    if !is_header(mark) {
        return None;
    }
    let from = mark.at.end;
    for (j, next) in marks.iter().enumerate().skip(i + 1).take(3) {
        let words = &text[from..next.at.start];
        if words.len() > HEADER || words.contains('\n') {
            break;
        }
        let follows = is_header(next) && !words.trim().is_empty();
        if is_separator(next) || follows {
            let end = match follows {
                true => next.at.start,
                false => next.at.end,
            };
            let at = mark.at.start..end;
            return Some((sign(mark, at, said(mark, words)), j + usize::from(!follows)));
        }
        if next.style != Style::Special || is_end(next) {
            break;
        }
    }
    // `<|channel>thought` and a line break, or where the text ends.
    let rest = &text.as_bytes()[from..text.len().min(from + HEADER)];
    let line = rest.iter().position(|&b| b == b'\n').map(|n| n + 1);
    let end = from + line.unwrap_or(rest.len());
    let whole = line.is_some() || end == text.len();
    if !whole || marks.get(i + 1).is_some_and(|m| m.at.start < end) {
        return None;
    }
    let words = text[from..end].trim();
    let named = names::read(words, false).is_some();
    if mark.style == Style::Special && line.is_none() && named {
        // An unfinished header is no text.
        return Some((sign(mark, mark.at.start..end, What::Turn), i + 1));
    }
    named.then(|| (sign(mark, mark.at.start..end, said(mark, words)), i + 1))
}

/// What a header says by its words.
fn said(mark: &Mark, words: &str) -> What {
    let name = words.split_whitespace().next().unwrap_or_default();
    let read = names::read(name, false);
    let meaning = read.as_ref().map_or(Meaning::Other, |n| n.meaning);
    let aside = ASIDE.contains(&name) || words.split_whitespace().any(|w| w == "to=self");
    // Of channels only the final one is for the reader.
    let channel = mark.name.key == "channel" && read.is_some();
    match meaning {
        Meaning::Reasoning | Meaning::PerhapsReasoning => What::Header { reasoning: true },
        Meaning::Final => What::Header { reasoning: false },
        Meaning::Other if aside || channel => What::Header { reasoning: true },
        Meaning::Other => What::Turn,
    }
}

/// An end that says what has ended: `<|close|>think<|sep|>`.
fn echo(text: &str, marks: &[Mark], i: usize) -> Option<(Sign, usize)> {
    let (mark, next) = (&marks[i], marks.get(i + 1)?);
    let words = &text[mark.at.end..next.at.start];
    let long = words.len() > HEADER || words.contains('\n');
    if !is_end(mark) || !is_separator(next) || long {
        return None;
    }
    let name = names::read(words, false)?;
    let reasoning = name.meaning == Meaning::Reasoning;
    let at = mark.at.start..next.at.end;
    Some((sign(mark, at, What::End { reasoning }), i + 2))
}
