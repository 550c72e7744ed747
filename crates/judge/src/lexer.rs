//! A step cut into numbers, operators, brackets, signs of equality and words.

use super::functions::{ABSOLUTE, CEILING, FLOOR, absolute, log};
use super::lexeme::{Kind, Lexeme};
use super::numeral::{Numeral, numeral};
use super::spoken::resolve;
use super::units::is_short_unit;

/// Cuts a step into lexemes. Currency signs, formula marks and emphasis leave no lexeme.
pub(super) fn lex(text: &str, base: u32) -> Vec<Lexeme> {
    let mut lexer = Lexer {
        text,
        base,
        at: 0,
        spaced: true,
        first: true,
        math: false,
        opens: false,
        dollar: None,
        bar: None,
        braces: Vec::new(),
        texts: 0,
        cells: false,
        lexemes: Vec::new(),
    };
    while lexer.at < text.len() {
        lexer.next();
    }
    resolve(lexer.lexemes)
}

/// What the closing of a brace means.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Brace {
    /// It closes an operand.
    Group,
    /// Nothing: `\boxed{5}`.
    Plain,
    /// The end of words in a formula: `\text{ apples}`.
    Text,
}

pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) base: u32,
    pub(super) at: usize,
    pub(super) spaced: bool,
    /// Is nothing on this line yet?
    pub(super) first: bool,
    pub(super) math: bool,
    pub(super) opens: bool,
    /// Where the formula that a `$` opened ends.
    pub(super) dollar: Option<usize>,
    /// Where the absolute value that a `|` opened ends.
    bar: Option<usize>,
    pub(super) braces: Vec<Brace>,
    /// How many of them hold words.
    pub(super) texts: usize,
    /// Is this a matrix or a table, whose cells are no sides of equations?
    pub(super) cells: bool,
    pub(super) lexemes: Vec<Lexeme>,
}

impl<'t> Lexer<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn push(&mut self, kind: Kind, len: usize) {
        self.lexemes.push(Lexeme {
            kind,
            span: self.at..self.at + len,
            spaced: self.spaced,
            math: self.math,
            opens: self.opens,
        });
        self.opens = false;
        self.at += len;
        (self.spaced, self.first) = (false, false);
    }

    pub(super) fn skip(&mut self, len: usize) {
        self.at += len;
        self.spaced = true;
    }

    pub(super) fn border(&mut self, len: usize) {
        if !matches!(
            self.lexemes.last(),
            None | Some(Lexeme {
                kind: Kind::Break,
                ..
            })
        ) {
            self.push(Kind::Break, len);
        } else {
            self.at += len;
        }
        (self.spaced, self.first) = (true, true);
    }

    /// The lexeme that ends right here.
    fn touching(&self) -> Option<&Lexeme> {
        self.lexemes
            .last()
            .filter(|l| l.span.end == self.at && !self.spaced)
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        if c.is_whitespace() {
            if c == '\n' && !self.math {
                return self.border(1);
            }
            return self.skip(c.len_utf8());
        }
        if c == '\\' {
            return self.backslash();
        }
        if c == '$' {
            return self.dollar_sign();
        }
        if c == '{' || c == '}' {
            return self.brace(c);
        }
        if self.first && !self.math && self.bullet(c) {
            return self.push(Kind::Bullet, c.len_utf8());
        }
        if self.emphasis() {
            return self.skip(2);
        }
        if c == '&' && self.cells {
            return self.push(Kind::Other, 1);
        }
        if matches!(c, '€' | '£' | '¥' | '₹' | '`' | '&' | '~') {
            if c == '~'
                && let Some(Lexeme {
                    kind: Kind::Equal { approximate },
                    ..
                }) = self.lexemes.last_mut()
            {
                *approximate = true;
            }
            let spaced = self.spaced;
            self.skip(c.len_utf8());
            // A mark of currency hides no glued letter.
            self.spaced = spaced || c != '`';
            return;
        }
        if let Some((numeral, len)) = numeral(rest, self.base) {
            return self.number(numeral, len);
        }
        if c == 'π' {
            return self.push(Kind::Pi, c.len_utf8());
        }
        if c.is_alphabetic() {
            return self.letters();
        }
        if c == '|'
            && let Some(kind) = self.bar()
        {
            return self.push(kind, 1);
        }
        self.sign(c);
    }

    /// What a `|` is, if it is one of the two around an absolute value.
    fn bar(&mut self) -> Option<Kind> {
        if self.bar == Some(self.at) {
            self.bar = None;
            return Some(Kind::Close(ABSOLUTE));
        }
        let free =
            !self.text[..self.at].ends_with(|c: char| c.is_alphanumeric() || ")]}|".contains(c));
        let len = absolute(&self.rest()[1..]).filter(|_| free && self.bar.is_none())?;
        self.bar = Some(self.at + 1 + len);
        Some(Kind::Open(ABSOLUTE))
    }

    /// The mark of an item: `- `, `* `, `• `; a star cannot begin an expression.
    fn bullet(&self, c: char) -> bool {
        let blank = self.rest()[c.len_utf8()..].starts_with(char::is_whitespace);
        match c {
            '-' | '+' | '–' | '—' => blank,
            '*' => !self.rest().starts_with("**"),
            '•' | '·' | '◦' | '▪' | '●' => true,
            _ => false,
        }
    }

    /// `**`, unless it is a power: 2**3.
    fn emphasis(&self) -> bool {
        let Some(behind) = self.rest().strip_prefix("**") else {
            return self.rest().starts_with("__");
        };
        let power = self.touching().is_some_and(Lexeme::ends_operand)
            && behind.starts_with(|c: char| c.is_ascii_digit() || c == '(');
        !power
    }

    fn number(&mut self, numeral: Numeral, len: usize) {
        let behind = &self.rest()[len..];
        // 6:30 and 3:4 are no numbers.
        let colon = |s: &str| {
            s.strip_prefix(':')
                .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        };
        let of_pair = match &self.lexemes[..] {
            [.., a, b] => {
                a.is_unknown() && b.span.end == self.at && &self.text[b.span.clone()] == ":"
            }
            _ => false,
        };
        if colon(behind) || of_pair {
            return self.push(Kind::Variable(String::new()), len);
        }
        let blanks = behind.len() - behind.trim_start_matches([' ', '\u{a0}']).len();
        let sign = if behind[blanks..].starts_with("\\%") {
            blanks + 2
        } else if behind[blanks..].starts_with('%') {
            blanks + 1
        } else {
            0
        };
        // 17 % 5 is a remainder.
        let modulo = sign > 0
            && behind[sign..]
                .trim_start_matches(' ')
                .starts_with(|c: char| c.is_ascii_digit() || c == '(')
            && !(blanks == 0 && behind[sign..].starts_with(' '));
        let percent = sign > 0 && !modulo;
        let len = if percent { len + sign } else { len };
        self.push(Kind::Number { numeral, percent }, len);
    }

    fn letters(&mut self) {
        let rest = self.rest();
        let inner = |i: usize| {
            // eight-ounce
            rest[i..].starts_with('-')
                && rest[i + 1..].starts_with(char::is_alphabetic)
                && !self.math
        };
        let end = rest
            .char_indices()
            .find(|(i, c)| !(c.is_alphabetic() || matches!(c, '\'' | '’') || inner(*i)))
            .map_or(rest.len(), |(i, _)| i);
        if let Some((base, len)) = log(&rest[..end], &rest[end..]) {
            return self.push(Kind::Log(base), end + len);
        }
        if &rest[..end] == "pi" {
            return self.push(Kind::Pi, end);
        }
        let word = rest[..end].to_lowercase();
        let quoted = self.texts > 0;
        let glued = self.touching().is_some_and(Lexeme::ends_operand);
        let kind = if (quoted && word != "x") || is_word(&word, glued, self.math) {
            Kind::Word(word)
        } else {
            Kind::Variable(word)
        };
        self.push(kind, end);
    }

    fn sign(&mut self, c: char) {
        let rest = self.rest();
        let relations = [
            "==", "=>", "->", "!=", "<=", ">=", "=<", "<-", "<", ">", "≠", "≤", "≥", "→", "⇒", "⟹",
            "≡", "∈", "⟶", "➔", "➜", "↔", "⇔", "∴", "∵",
        ];
        if let Some(r) = relations.iter().find(|r| rest.starts_with(**r)) {
            return self.push(Kind::Relation, r.len());
        }
        if rest.starts_with("**") {
            return self.push(Kind::Power, 2);
        }
        if rest.starts_with("//") || rest.starts_with("--") {
            return self.push(Kind::Other, 2);
        }
        let len = c.len_utf8();
        let hyphen = matches!(c, '-' | '‑')
            && self
                .touching()
                .is_some_and(|l| matches!(l.kind, Kind::Number { .. }))
            && rest[len..].chars().take_while(|c| c.is_lowercase()).count() > 2;
        if hyphen {
            // 2-liter bottles
            return self.skip(len);
        }
        let kind = match c {
            '+' => Kind::Plus,
            '-' | '\u{2212}' | '–' => Kind::Minus,
            '*' | '×' | '·' | '⋅' | '∗' | '✕' => Kind::Times,
            '/' | '÷' | '∕' => Kind::Divide,
            '^' => Kind::Power,
            '√' => Kind::Root,
            '(' | '[' => Kind::Open(c),
            ')' => Kind::Close('('),
            ']' => Kind::Close('['),
            '=' => Kind::Equal { approximate: false },
            '≈' | '≃' | '≅' => Kind::Equal { approximate: true },
            '°' => Kind::Word("degrees".into()),
            '!' if self.touching().is_some_and(Lexeme::ends_operand)
                && (self.math || is_factorial(&rest[1..])) =>
            {
                Kind::Factorial
            }
            '⌈' => Kind::Open(CEILING),
            '⌉' => Kind::Close(CEILING),
            '⌊' => Kind::Open(FLOOR),
            '⌋' => Kind::Close(FLOOR),
            // 17 % 5
            '%' if self.lexemes.last().is_some_and(Lexeme::ends_operand)
                && rest[1..]
                    .trim_start_matches(' ')
                    .starts_with(|c: char| c.is_ascii_digit() || c == '(') =>
            {
                Kind::Modulo
            }
            _ => {
                if let Some(digit) = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|d| d == c) {
                    return self.superscript(digit, len);
                }
                Kind::Other
            }
        };
        self.push(kind, len);
    }

    /// `5²` as `5^2`.
    fn superscript(&mut self, digit: usize, len: usize) {
        let digit = char::from_digit(u32::try_from(digit).unwrap_or(0), 10).unwrap_or('0');
        self.push(Kind::Power, 0);
        match numeral(digit.encode_utf8(&mut [0; 4]), self.base) {
            Some((numeral, _)) => self.push(
                Kind::Number {
                    numeral,
                    percent: false,
                },
                len,
            ),
            None => self.push(Kind::Other, len),
        }
    }
}

/// Is `!` in front of this the sign of a factorial, and not the end of an exclamation?
fn is_factorial(behind: &str) -> bool {
    let next = behind.trim_start_matches([' ', '!']);
    let operator = next.starts_with([
        '+', '-', '*', '/', '=', '^', '×', '÷', '·', '(', ')', '}', ']', '≈',
    ]);
    let command = ["\\times", "\\cdot", "\\div", "\\approx", "\\right", "\\\\"];
    operator
        || command.iter().any(|c| next.starts_with(c))
        || behind.starts_with(|c: char| c.is_ascii_digit())
}

/// Is a run of letters a word, and not a variable or a product of some?
fn is_word(word: &str, glued: bool, math: bool) -> bool {
    let letters = word.chars().count();
    let known = is_short_unit(word);
    if glued {
        return known || (letters > 3 && !math);
    }
    match letters {
        1 => word == "a" && !math,
        2 | 3 if math => known,
        2 => known || rotescope_text::is_stop_word(word) || !word.is_ascii() || word == "us",
        3 => {
            known
                || !word.is_ascii()
                || word.contains(['a', 'e', 'i', 'o', 'u', 'y']) && word != "xyz"
        }
        _ => true,
    }
}
