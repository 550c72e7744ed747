//! Where a text says that its answer follows.

use super::found::AnswerRule;
use crate::ByteRange;

/// A place where an answer is announced.
#[derive(Debug)]
pub(super) struct Announced {
    /// From where the value is read; up to its end where a closing brace says it, else an empty span.
    pub value: ByteRange,
    pub rule: AnswerRule,
    /// `####` at the start of its line, which may as well be a heading.
    pub heading: bool,
}

impl Announced {
    fn at(start: usize, rule: AnswerRule) -> Self {
        Self {
            value: start..start,
            rule,
            heading: false,
        }
    }
}

/// All announcements, in order of their values.
pub(super) fn announcements(text: &str) -> Vec<Announced> {
    let mut found = boxed(text);
    lines(text, &mut found);
    // ASCII case only, so that offsets stay the same.
    let lower = text.to_ascii_lowercase();
    for key in KEYS {
        for (i, _) in lower.match_indices(key) {
            // "12 answers: 5 right" counts them.
            let before = lower[..i].trim_end_matches(' ');
            let counted = before.len() < i && before.ends_with(|c: char| c.is_ascii_digit());
            let word_start =
                !key.is_ascii() || !lower[..i].ends_with(char::is_alphanumeric) && !counted;
            if let Some((start, rule)) = introduced(&lower, i + key.len()).filter(|_| word_start) {
                found.push(Announced::at(start, rule));
            }
        }
    }
    found.sort_by_key(|a| a.value.start);
    found
}

/// The word "answer".
const KEYS: &[&str] = &[
    "answer",
    "correct option",
    "correct choice",
    "best option",
    "best choice",
    "antwort",
    "lösung",
    "endergebnis",
    "réponse",
    "respuesta",
    "risposta",
    "resposta",
    "antwoord",
    "ответ",
    "Ответ",
    "答案",
    "答え",
    "解答",
    "正解",
    "답은",
    "정답",
    "答",
];

/// What joins the word to the value.
const COPULAS: &[&str] = &[
    "is", "are", "was", "be", "equals", "becomes", "ist", "lautet", "sind", "beträgt", "est", "es",
    "son", "è", "é", "sono", "são", "это", "—",
];
const COPULAS_CJK: &[&str] = &["是", "为", "為", "は", "が", "은", "는", "：", "即"];

/// Words that may follow "answer" before the copula: "the answer to the question is".
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "to", "of", "for", "in", "here", "that", "we", "you", "must", "should", "will", "would", "therefore", "thus", "then", "finally", "choice", "option",
    "auf", "zu", "finale", "final", "à", "a", "au", "del", "correct", "obtained", "can",
];

/// Bytes in which a copula has to come.
const HEAD: usize = 120;

/// The value that begins behind a key, in a text in lower case, if one does.
fn introduced(text: &str, behind: usize) -> Option<(usize, AnswerRule)> {
    let window = &text[behind..super::last_value::floor(text, behind + HEAD)];
    let marks = |c: char| c == '*' || c == '_' || c == ' ' || c == '}' || c == '"';
    let rest = window.strip_prefix(['s', 'e']).unwrap_or(window);
    let rest = rest.trim_start_matches(marks);
    let value = |rest: &str, rule| {
        Some((
            text.len() - text[behind..].len() + (window.len() - rest.len()),
            rule,
        ))
        .map(|(at, r)| (opened(text, at), r))
    };
    if let Some(r) = rest.strip_prefix([':', '：', '=']) {
        return value(r, AnswerRule::AnswerColon);
    }
    if let Some(r) = COPULAS_CJK.iter().find_map(|c| rest.strip_prefix(*c)) {
        return value(r, AnswerRule::AnswerIs);
    }
    // "the answer (in dollars) is", "the answer to part b: 5": a few words, no stop.
    let mut at = rest;
    for i in 0..7 {
        let len = at
            .find([' ', ':', '：', '.', '\n', ',', '?', '=', '*'])
            .unwrap_or(at.len());
        let word = &at[..len];
        let after = &at[len..];
        if COPULAS.contains(&word) && (after.is_empty() || after.starts_with([' ', ':', '\n', '*']))
        {
            return value(
                after.trim_start_matches([' ', ':', '*']),
                AnswerRule::AnswerIs,
            );
        }
        if i == 0 && !BETWEEN.contains(&word) && !word.starts_with('(') {
            return None;
        }
        match after.chars().next()? {
            ' ' => at = after.trim_start_matches(' '),
            ':' | '：' => {
                return value(
                    &after[after.chars().next()?.len_utf8()..],
                    AnswerRule::AnswerColon,
                );
            }
            _ => return None,
        }
    }
    None
}

/// Behind blanks, emphasis, and a formula's opening sign that stands alone on its line.
fn opened(text: &str, at: usize) -> usize {
    let mut rest = &text[at..];
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '}'));
        // The first item of a list below.
        if text[at..text.len() - rest.len()].contains('\n') {
            rest = ["- ", "• "]
                .iter()
                .find_map(|b| rest.strip_prefix(*b))
                .unwrap_or(rest);
        }
        let alone = ["$$", "\\[", "\\(", "\\begin{aligned}", "```"]
            .iter()
            .find_map(|d| rest.strip_prefix(*d));
        if let Some(r) = alone.filter(|r| r.trim_start_matches([' ', '\r']).starts_with('\n')) {
            rest = r;
        } else if rest.len() == before {
            return text.len() - rest.len();
        }
    }
}

/// `\boxed{..}` and the like, in one pass.
fn boxed(text: &str) -> Vec<Announced> {
    let mut found = Vec::new();
    let mut open: Vec<Option<usize>> = Vec::new();
    let b = text.as_bytes();
    let mut i = 0;
    while i < b.len() {
        match b[i] {
            // An escaped brace is a character.
            b'\\' if matches!(b.get(i + 1), Some(b'{' | b'}' | b'\\')) => i += 1,
            b'{' => {
                let before = text[..i].trim_end_matches(' ');
                let is_box = ["boxed", "\\fbox", "\\framebox"]
                    .iter()
                    .any(|c| before.ends_with(c));
                open.push(is_box.then_some(i + 1));
            }
            b'}' => {
                if let Some(Some(start)) = open.pop() {
                    found.push(Announced {
                        value: start..i,
                        ..Announced::at(start, AnswerRule::Boxed)
                    });
                }
            }
            // \boxed 5.
            b'\\' if text[i..].starts_with("\\boxed") => {
                let after = text[i + 6..].trim_start_matches(' ');
                let len = after
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .unwrap_or(after.len());
                let start = text.len() - after.len();
                let touches =
                    start == i + 6 && after.starts_with(|c: char| c.is_ascii_alphabetic());
                if len > 0 && !touches {
                    found.push(Announced {
                        value: start..start + len,
                        ..Announced::at(start, AnswerRule::Boxed)
                    });
                }
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// `#### X`, and `A: X` at the start of a line.
fn lines(text: &str, found: &mut Vec<Announced>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        let bare = line.trim_start_matches([' ', '\t', '*']);
        if let Some(value) = bare
            .strip_prefix("A:")
            .filter(|_| !text[start..].trim_start().starts_with("B:"))
        {
            found.push(Announced::at(
                opened(text, start - value.len()),
                AnswerRule::AnswerColon,
            ));
        }
        // The first and the last of a line are enough.
        for at in [
            line.find("####"),
            line.rfind("####").filter(|i| Some(*i) != line.find("####")),
        ]
        .into_iter()
        .flatten()
        {
            let value = &line[at + 4..];
            if value.starts_with('#') || line[..at].ends_with('#') {
                continue;
            }
            let heading = line[..at].trim_start_matches(['*', ' ', '\t']).is_empty();
            let skipped = value.len() - value.trim_start_matches([' ', '*']).len();
            found.push(Announced {
                heading,
                ..Announced::at(begin + at + 4 + skipped, AnswerRule::Hashes)
            });
        }
    }
}
