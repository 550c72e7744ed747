//! The marks of a text: everything in brackets that a chat template, or a reasoning model, may mean as a sign.

use std::ops::Range;

use super::names::{self, Meaning, Name, Role};
use super::user::ReasoningMarks;

/// A mark where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub at: Range<usize>,
    pub style: Style,
    pub name: Name,
}

/// The kind of brackets. What opens and closes reasoning is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Style {
    /// `<think>`
    Tag,
    /// `<|think|>`, `<｜think｜>`: a special token
    Special,
    /// `<|channel>`, the left half of such a pair
    Left,
    /// `<channel|>`, the right half
    Right,
    /// `[THINK]`, by its capitals a special token
    Capitals,
    /// `◁think▷`, `【think】`, by number in [`PAIRS`]
    Pair(usize),
    /// One of the user, by its number.
    User(usize),
}

impl Style {
    /// Nobody writes it but as a sign.
    pub fn is_special(self) -> bool {
        !matches!(self, Style::Tag | Style::Pair(_)) || self == Style::Pair(0)
    }
}

/// Brackets of other kinds; the first is a sign by itself, the others also stand around ordinary words.
const PAIRS: [(&str, &str); 20] = [
    ("◁", "▷"),
    ("[[", "]]"),
    ("[", "]"),
    ("{{", "}}"),
    ("{", "}"),
    ("<<", ">>"),
    ("⟨", "⟩"),
    ("〈", "〉"),
    ("《", "》"),
    ("【", "】"),
    ("〔", "〕"),
    ("「", "」"),
    ("『", "』"),
    ("＜", "＞"),
    ("«", "»"),
    ("‹", "›"),
    ("⟪", "⟫"),
    ("⟦", "⟧"),
    ("(", ")"),
    ("<!--", "-->"),
];
const BARS: [char; 2] = ['|', '｜'];

/// Longer than any name, and than any tag with attributes, in bytes.
const NAME: usize = 64;
const TAG: usize = 240;

/// All marks of a text, in order and apart. Marks of the user go before what else stands there.
pub(super) fn marks(text: &str, user: &ReasoningMarks) -> Vec<Mark> {
    let mut all = Vec::new();
    let mut at = 0;
    let firsts = user.firsts();
    while at < text.len() {
        let byte = text.as_bytes()[at];
        let found = if firsts[usize::from(byte)] {
            user_mark(text, at, user)
        } else {
            None
        };
        let found = found.or_else(|| match byte {
            b'<' | b'[' | b'{' | b'(' | 0xC2..=0xEF => mark_at(text, at),
            _ => None,
        });
        match found {
            Some(mark) => {
                at = mark.at.end;
                all.push(mark);
            }
            None => at += 1,
        }
    }
    all
}

/// The mark that begins at `at`.
fn mark_at(text: &str, at: usize) -> Option<Mark> {
    let rest = text.get(at..)?;
    if let Some(inner) = rest.strip_prefix('<')
        && !inner.starts_with(['<', '!'])
    {
        return angle(inner, at);
    }
    let (number, (open, close)) = PAIRS
        .iter()
        .enumerate()
        .find(|(_, (open, _))| rest.starts_with(open))?;
    let inner = &rest[open.len()..];
    let end = within(inner, NAME).find(close)?;
    let (name, closes) = slash(inner[..end].trim());
    let read = names::read(name, closes)?;
    let capitals = *open == "[" && !name.contains(char::is_lowercase);
    let style = match capitals {
        true => Style::Capitals,
        false => Style::Pair(number),
    };
    // Of these only what is about reasoning is a mark.
    let meant = matches!(read.meaning, Meaning::Reasoning | Meaning::PerhapsReasoning);
    meant.then(|| Mark {
        at: at..at + open.len() + end + close.len(),
        style,
        name: read,
    })
}

/// What stands behind `<` at `at`.
fn angle(inner: &str, at: usize) -> Option<Mark> {
    let left = inner.starts_with(BARS);
    let body = inner.trim_start_matches(BARS);
    let skipped = inner.len() - body.len();
    let end = within(body, TAG).find(['>', '<'])?;
    if !body[end..].starts_with('>') {
        return None;
    }
    let whole = &body[..end];
    let name = whole.trim_end_matches(BARS);
    let right = name.len() < whole.len();
    let style = match (left, right) {
        (true, true) => Style::Special,
        (true, false) => Style::Left,
        (false, true) => Style::Right,
        (false, false) => Style::Tag,
    };
    let at = at..at + 1 + skipped + end + 1;
    let (name, closes) = slash(name);
    let read = if style == Style::Tag {
        if name.starts_with(' ') || name.ends_with('/') {
            return None;
        }
        let (name, attributes) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
        let mut read = names::read(within(name, NAME), closes)?;
        if let Some(said) = kind_of(attributes) {
            // `<details type="reasoning">`: what closes it has the element's name alone.
            read.meaning = said;
        }
        read
    } else {
        if name.len() > NAME {
            return None;
        }
        names::read(name, closes || style == Style::Right)?
    };
    Some(Mark {
        at,
        style,
        name: read,
    })
}

/// What an element is by its attributes.
fn kind_of(attributes: &str) -> Option<Meaning> {
    let mut all = attributes.split_whitespace();
    all.find_map(|attribute| {
        let (key, value) = attribute.split_once('=')?;
        let value = value.trim_matches(['"', '\'']);
        let says = ["type", "kind", "role", "class", "channel"].contains(&key);
        let read = names::read(value, false).filter(|_| says)?;
        (read.meaning == Meaning::Reasoning).then_some(Meaning::Reasoning)
    })
}

/// A name and whether the slash of a closing tag stands before it.
fn slash(body: &str) -> (&str, bool) {
    match body.strip_prefix('/') {
        Some(name) => (name.trim_start_matches(' '), true),
        None => (body, false),
    }
}

/// At most so many bytes of a text.
fn within(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn user_mark(text: &str, at: usize, user: &ReasoningMarks) -> Option<Mark> {
    let rest = text.get(at..)?;
    let mut best: Option<(usize, usize, Role)> = None;
    for (number, pair) in user.pairs().iter().enumerate() {
        for (mark, role) in [(&pair.open, Role::Open), (&pair.close, Role::Close)] {
            let longer = best.is_none_or(|(length, ..)| mark.len() > length);
            if longer && rest.starts_with(mark.as_str()) {
                best = Some((mark.len(), number, role));
            }
        }
    }
    let (length, number, role) = best?;
    Some(Mark {
        at: at..at + length,
        style: Style::User(number),
        name: Name {
            meaning: Meaning::Reasoning,
            role,
            key: String::new(),
        },
    })
}
