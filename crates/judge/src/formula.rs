//! Marks of formulas among the lexemes: `$`, `\(`, `\[`, braces, LaTeX's commands and environments.

use super::functions::{ABSOLUTE, log};
use super::latex::{Command, command};
use super::lexeme::Kind;
use super::lexer::{Brace, Lexer};
use super::numeral::numeral;

impl Lexer<'_> {
    pub(super) fn brace(&mut self, c: char) {
        if c == '{' {
            self.braces.push(Brace::Group);
            return self.push(Kind::Open('{'), 1);
        }
        match self.braces.pop() {
            Some(Brace::Group) => self.push(Kind::Close('{'), 1),
            Some(brace) => {
                self.texts -= usize::from(brace == Brace::Text);
                self.at += 1;
            }
            None => self.push(Kind::Other, 1),
        }
    }

    /// A `$` opens a formula, closes one, or is the mark of a price.
    pub(super) fn dollar_sign(&mut self) {
        let rest = self.rest();
        if self.dollar == Some(self.at) {
            (self.dollar, self.math) = (None, false);
            return self.skip(1);
        }
        if rest.starts_with("$$") {
            self.math = !self.math;
            return self.border(2);
        }
        if !self.math
            && let Some(len) = inline_formula(rest)
        {
            (self.dollar, self.math) = (Some(self.at + len - 1), true);
            self.opens = true;
        }
        self.skip(1);
    }

    pub(super) fn backslash(&mut self) {
        let rest = self.rest();
        for (mark, math) in [("\\[", true), ("\\]", false)] {
            if rest.starts_with(mark) {
                self.math = false;
                self.border(2);
                self.math = math;
                return;
            }
        }
        for (mark, math) in [("\\(", true), ("\\)", false)] {
            if rest.starts_with(mark) {
                (self.math, self.opens) = (math, math);
                return self.skip(2);
            }
        }
        if rest.starts_with("\\\\") {
            if self.cells {
                self.push(Kind::Other, 2);
            } else {
                self.border(2);
            }
            return;
        }
        let (name, len) = {
            let letters = rest[1..]
                .bytes()
                .take_while(u8::is_ascii_alphabetic)
                .count();
            let next = rest[1..].chars().next().map_or(0, char::len_utf8);
            (
                &rest[1..=letters],
                1 + if letters > 0 { letters } else { next },
            )
        };
        if name.is_empty() {
            return match &rest[1..len] {
                "$" | "," | "!" | ";" | ":" | " " | "&" => {
                    self.at += len;
                }
                _ => self.push(Kind::Other, len),
            };
        }
        if let Some((base, more)) = log(name, &rest[len..]) {
            return self.push(Kind::Log(base), len + more);
        }
        // \left| and \right|
        let bar = rest[len..].starts_with('|');
        match name {
            "left" | "bigl" | "Bigl" | "biggl" | "Biggl" if bar => {
                return self.push(Kind::Open(ABSOLUTE), len + 1);
            }
            "right" | "bigr" | "Bigr" | "biggr" | "Biggr" if bar => {
                return self.push(Kind::Close(ABSOLUTE), len + 1);
            }
            _ => {}
        }
        let opens = rest[len..].trim_start_matches(' ').starts_with('{');
        let to_brace = |l: usize| l + rest[l..].find('{').map_or(0, |i| i + 1);
        match command(name) {
            Command::Is(kind) => self.push(kind, len),
            Command::Space => self.at += len,
            Command::Border => self.border(len),
            Command::Environment => self.environment(name == "begin", len),
            Command::Words if opens => {
                self.braces.push(Brace::Text);
                self.texts += 1;
                self.skip(to_brace(len));
            }
            Command::Plain if opens => {
                self.braces.push(Brace::Plain);
                self.skip(to_brace(len));
            }
            Command::Words | Command::Plain => self.skip(len),
            Command::Degrees => {
                // 90^\circ, 90^{\circ}
                if let [.., a, b] = &self.lexemes[..]
                    && (&a.kind, &b.kind) == (&Kind::Power, &Kind::Open('{'))
                    && self.braces.pop().is_some()
                {
                    self.braces.push(Brace::Plain);
                    self.lexemes.pop();
                }
                if matches!(self.lexemes.last(), Some(l) if l.kind == Kind::Power) {
                    self.lexemes.pop();
                }
                self.push(Kind::Word("degrees".into()), len);
            }
            Command::Unknown => self.push(Kind::Variable(name.to_owned()), len),
        }
        // \frac12
        if matches!(name, "frac" | "dfrac" | "tfrac") {
            self.digit_operands();
        }
    }

    /// `\begin{align}` and such.
    fn environment(&mut self, begins: bool, len: usize) {
        let rest = &self.rest()[len..];
        let argument = rest
            .strip_prefix('{')
            .and_then(|r| r.split_once('}'))
            .map(|(name, _)| name)
            .filter(|name| name.len() < 40);
        let len = len + argument.map_or(0, |name| name.len() + 2);
        let cells = ["matrix", "array", "tabular"];
        if cells
            .iter()
            .any(|c| argument.is_some_and(|a| a.contains(c)))
        {
            self.cells = begins;
            return self.push(Kind::Variable("matrix".into()), len);
        }
        self.math = begins || (self.math && self.dollar.is_some());
        self.border(len);
    }

    /// The two digits of `\frac12`.
    fn digit_operands(&mut self) {
        for _ in 0..2 {
            let Some(digit) = self
                .rest()
                .get(..1)
                .filter(|d| d.as_bytes()[0].is_ascii_digit())
            else {
                return;
            };
            if let Some((numeral, _)) = numeral(digit, self.base) {
                self.push(
                    Kind::Number {
                        numeral,
                        percent: false,
                    },
                    1,
                );
            }
        }
    }
}

/// The length of `$..$` if it is a formula rather than two prices: no blank inside the marks, no digit behind them, one line (Pandoc's rule).
fn inline_formula(rest: &str) -> Option<usize> {
    let inside = &rest.as_bytes()[1..];
    let mut escaped = false;
    let mut close = None;
    for (i, b) in inside.iter().enumerate() {
        match b {
            b'\n' => break,
            b'$' if !escaped => {
                close = Some(i);
                break;
            }
            _ => {}
        }
        escaped = *b == b'\\' && !escaped;
    }
    let close = close?;
    let body = &inside[..close];
    let tight = !body.is_empty()
        && !body[0].is_ascii_whitespace()
        && !body[close - 1].is_ascii_whitespace();
    let price = inside.get(close + 1).is_some_and(u8::is_ascii_digit);
    (tight && !price).then_some(close + 2)
}
