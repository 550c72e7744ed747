//! A step cut into numbers, operators, brackets, signs of equality and words.

use rotescope_text::ByteRange;
use rotescope_text::number::{Rational, number_len};

/// What a piece of text is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A number without sign; `None` if it has digits that the base does not know, or is too long.
    Number {
        value: Option<Rational>,
        percent: bool,
    },
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    /// `of`, which multiplies after a percentage or a fraction.
    Of,
    Open,
    Close,
    /// `=`, `equals`; `approximate` for `≈`.
    Equal {
        approximate: bool,
    },
    /// A run of letters.
    Word(String),
    /// Anything else that is no white space; no expression reaches across it.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub kind: Kind,
    pub span: ByteRange,
    /// Is there white space (or a skipped mark) right before it?
    pub spaced: bool,
    /// Is it the first on its line?
    pub first: bool,
}

/// Cuts a step into lexemes. Currency signs, formula marks and emphasis leave no lexeme.
pub(super) fn lex(text: &str, base: u32) -> Vec<Lexeme> {
    let mut lexemes: Vec<Lexeme> = Vec::new();
    let (mut i, mut spaced, mut first) = (0, true, true);
    while let Some(c) = text[i..].chars().next() {
        let rest = &text[i..];
        if c.is_whitespace() {
            (i, spaced, first) = (i + c.len_utf8(), true, first || c == '\n');
            continue;
        }
        if let Some(len) = skipped(rest, lexemes.last().filter(|l| l.span.end == i)) {
            (i, spaced) = (i + len, true);
            continue;
        }
        let (kind, len) = one(rest, base, c);
        lexemes.push(Lexeme {
            kind,
            span: i..i + len,
            spaced,
            first,
        });
        (i, spaced, first) = (i + len, false, false);
    }
    resolve_words(&mut lexemes);
    lexemes
}

/// The length of a mark without meaning for the value.
fn skipped(rest: &str, touching: Option<&Lexeme>) -> Option<usize> {
    let marks = [
        "\\$", "$", "€", "£", "¥", "\\left", "\\right", "\\(", "\\)", "\\[", "\\]", "\\,", "\\!",
        "\\;", "\\ ", "`",
    ];
    if let Some(m) = marks.iter().find(|m| rest.starts_with(**m)) {
        return Some(m.len());
    }
    // Emphasis, unless it is a power: 2**3.
    let power = touching.is_some_and(|t| matches!(t.kind, Kind::Number { .. } | Kind::Close))
        && rest
            .strip_prefix("**")
            .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit() || c == '('));
    if rest.starts_with("**") && !power {
        return Some(2);
    }
    // \text{ apples}: the command goes, the word stays and the brace is skipped below.
    let command = ["\\text{", "\\mathrm{", "\\mathbf{"];
    command
        .iter()
        .find(|m| rest.starts_with(**m))
        .map(|m| m.len())
}

fn one(rest: &str, base: u32, c: char) -> (Kind, usize) {
    let len = number_len(rest);
    if len > 0 {
        let value = Rational::from_digits(&rest[..len].replace(',', ""), base);
        let after = &rest[len..];
        let sign = if after.starts_with("\\%") {
            2
        } else {
            usize::from(after.starts_with('%'))
        };
        return (
            Kind::Number {
                value,
                percent: sign > 0,
            },
            len + sign,
        );
    }
    for (word, kind) in [
        ("**", Kind::Power),
        ("\\times", Kind::Times),
        ("\\cdot", Kind::Times),
        ("\\div", Kind::Divide),
        ("\\approx", Kind::Equal { approximate: true }),
        ("==", Kind::Other),
        ("=>", Kind::Other),
        ("->", Kind::Other),
        ("!=", Kind::Other),
        ("<=", Kind::Other),
        (">=", Kind::Other),
        ("<<", Kind::Other),
        ("//", Kind::Other),
        ("--", Kind::Other),
    ] {
        if rest.starts_with(word) {
            return (kind, word.len());
        }
    }
    if let Some((above, below)) = fraction(rest) {
        let value = Rational::from_digits(above, base)
            .zip(Rational::from_digits(below, base))
            .and_then(|(a, b)| a.checked_div(b));
        return (
            Kind::Number {
                value,
                percent: false,
            },
            "\\frac{}{}".len() + above.len() + below.len(),
        );
    }
    let kind = match c {
        '+' => Kind::Plus,
        '-' | '\u{2212}' | '–' => Kind::Minus,
        '*' | '×' | '·' | '⋅' => Kind::Times,
        '/' | '÷' => Kind::Divide,
        '^' => Kind::Power,
        '(' | '[' => Kind::Open,
        ')' | ']' => Kind::Close,
        '=' => Kind::Equal { approximate: false },
        '≈' | '≃' => Kind::Equal { approximate: true },
        _ if c.is_alphabetic() => {
            let len = rest
                .find(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’' | '_')))
                .unwrap_or(rest.len());
            return (Kind::Word(rest[..len].to_lowercase()), len);
        }
        _ => Kind::Other,
    };
    (kind, c.len_utf8())
}

/// `\frac{12}{5}` of two plain numbers.
fn fraction(rest: &str) -> Option<(&str, &str)> {
    let inside = rest.strip_prefix("\\frac{")?;
    let (above, inside) = inside.split_once("}{")?;
    let (below, _) = inside.split_once('}')?;
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (plain(above) && plain(below)).then_some((above, below))
}

/// Words that stand for operators, where their neighbors say so.
fn resolve_words(lexemes: &mut Vec<Lexeme>) {
    let mut i = 0;
    while i < lexemes.len() {
        let word = |j: usize| match lexemes.get(j).map(|l| &l.kind) {
            Some(Kind::Word(w)) => w.as_str(),
            _ => "",
        };
        let operand = |j: usize| {
            matches!(
                lexemes.get(j).map(|l| &l.kind),
                Some(Kind::Number { .. } | Kind::Open)
            )
        };
        let after_operand =
            i > 0 && matches!(lexemes[i - 1].kind, Kind::Number { .. } | Kind::Close);
        let (kind, width) = match word(i) {
            "x" if after_operand && operand(i + 1) => (Kind::Times, 1),
            "times" if after_operand && operand(i + 1) => (Kind::Times, 1),
            "plus" if operand(i + 1) => (Kind::Plus, 1),
            "minus" if operand(i + 1) => (Kind::Minus, 1),
            "multiplied" if word(i + 1) == "by" && operand(i + 2) => (Kind::Times, 2),
            "divided" if word(i + 1) == "by" && operand(i + 2) => (Kind::Divide, 2),
            "of" if after_operand && operand(i + 1) && is_share(&lexemes[..i]) => (Kind::Of, 1),
            "equals" => (Kind::Equal { approximate: false }, 1),
            "is" if word(i + 1) == "equal" && word(i + 2) == "to" => {
                (Kind::Equal { approximate: false }, 3)
            }
            _ => {
                i += 1;
                continue;
            }
        };
        lexemes[i].span.end = lexemes[i + width - 1].span.end;
        lexemes[i].kind = kind;
        lexemes.drain(i + 1..i + width);
        i += 1;
    }
}

/// Does it end with a percentage or a fraction, of which something can be taken?
fn is_share(before: &[Lexeme]) -> bool {
    match before {
        [
            ..,
            Lexeme {
                kind: Kind::Number { percent: true, .. },
                ..
            },
        ] => true,
        [.., a, b, c] => {
            matches!(
                (&a.kind, &b.kind, &c.kind),
                (Kind::Number { .. }, Kind::Divide, Kind::Number { .. })
            )
        }
        _ => false,
    }
}
