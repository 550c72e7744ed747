//! Numbers in text, and the ways they are written.

use std::ops::Range;

use rotescope_text::Rational;
use rotescope_text::number::number_len;

use super::role::{NumberRole, role};

/// What stands before a text whose numbers are in base 2.
pub const IN_BASE2: &str = "All numbers are in base 2. ";

/// A number that stands in a text as digits.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundNumber {
    pub span: Range<usize>,
    /// As it is written.
    pub text: String,
    pub value: Rational,
    /// Whether it has no decimal point.
    pub whole: bool,
    pub role: NumberRole,
}

impl FoundNumber {
    /// `text` as this number is written: with commas where it has them.
    pub fn in_its_form(&self, text: String) -> String {
        if self.text.contains(',') {
            with_commas(&text)
        } else {
            text
        }
    }
}

/// Commas between groups of three digits in front of the point.
pub fn with_commas(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out + rest
}

/// The numbers of a text in order: digits with commas between groups and a decimal point, not inside a word. Signs are not part of them.
pub fn find(text: &str) -> Vec<FoundNumber> {
    let (mut found, mut at): (Vec<FoundNumber>, usize) = (Vec::new(), 0);
    while let Some(start) = text[at..]
        .find(|c: char| c.is_ascii_digit())
        .map(|i| at + i)
    {
        let bytes = text.as_bytes();
        // ".5" begins with its point.
        let start = match start.checked_sub(1) {
            Some(dot)
                if bytes[dot] == b'.'
                    && dot >= at
                    && !text[..dot].ends_with(|c: char| c.is_alphanumeric()) =>
            {
                dot
            }
            _ => start,
        };
        let end = start + number_len(&text[start..]).max(1);
        let inside = text[..start].ends_with(char::is_alphabetic)
            || text[end..].starts_with(char::is_alphabetic);
        let plain = text[start..end].replace(',', "");
        if let (false, Some(value)) = (inside, Rational::from_digits(&plain, 10)) {
            let before = found.last().map(|f| (&f.span, f.role));
            let role = role(text, &(start..end), before);
            found.push(FoundNumber {
                span: start..end,
                role,
                text: text[start..end].into(),
                value,
                whole: !plain.contains('.'),
            });
        }
        at = end;
    }
    found
}

/// `text` with each quantity, and each side of a fraction, replaced by what `write` says; `None` leaves it. What is no quantity (a date, a part of
/// a name) is never asked for.
pub fn rewrite(text: &str, mut write: impl FnMut(&FoundNumber) -> Option<String>) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    let quantities = find(text)
        .into_iter()
        .filter(|n| matches!(n.role, NumberRole::Quantity | NumberRole::Fraction));
    for n in quantities {
        if let Some(new) = write(&n) {
            out.push_str(&text[at..n.span.start]);
            out.push_str(&new);
            at = n.span.end;
        }
    }
    out.push_str(&text[at..]);
    out
}

/// How the numbers of a problem are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// A finite decimal with at most 8 places.
    Decimal,
    /// Base 2, cut after 8 fractional bits, as the STIM authors write it.
    Binary,
}

impl Notation {
    /// The number as text, without trailing zeros; `None` where it has none in this notation (a third, a negative binary).
    pub fn write(self, value: Rational) -> Option<String> {
        let (text, exact) = match self {
            Notation::Decimal => value.digits(10, 8),
            Notation::Binary => value.digits(2, 8),
        };
        let negative = value.numerator() < 0;
        if self == Notation::Decimal && !exact || self == Notation::Binary && negative {
            return None;
        }
        Some(text.trim_end_matches('0').trim_end_matches('.').to_string())
    }

    /// Reads what [`Notation::write`] writes.
    pub fn read(self, text: &str) -> Option<Rational> {
        let base = match self {
            Notation::Decimal => 10,
            Notation::Binary => 2,
        };
        match text.strip_prefix('-') {
            Some(positive) => Rational::from_digits(positive, base)?.checked_neg(),
            None => Rational::from_digits(text, base),
        }
    }
}

/// The value of `a op b`; `None` for another operator, a divisor of 0 or overflow.
pub fn apply(a: Rational, op: char, b: Rational) -> Option<Rational> {
    match op {
        '+' => a.checked_add(b),
        '-' => a.checked_sub(b),
        '*' => a.checked_mul(b),
        '/' => a.checked_div(b),
        _ => None,
    }
}

/// The value of an expression of numbers, `+ - * /` and brackets, the usual order of operations.
pub fn evaluate(expression: &str, notation: Notation) -> Option<Rational> {
    let text: Vec<char> = expression.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parser = Parser {
        text: &text,
        at: 0,
        depth: 0,
        notation,
    };
    let value = parser.sum()?;
    (parser.at == text.len()).then_some(value)
}

/// Brackets may nest so deep, so that no input overflows the stack.
const MAX_DEPTH: usize = 64;

struct Parser<'a> {
    text: &'a [char],
    at: usize,
    depth: usize,
    notation: Notation,
}

impl Parser<'_> {
    fn operator(&mut self, among: [char; 2]) -> Option<char> {
        let c = *self.text.get(self.at)?;
        among.contains(&c).then(|| {
            self.at += 1;
            c
        })
    }

    fn sum(&mut self) -> Option<Rational> {
        let mut value = self.product()?;
        while let Some(op) = self.operator(['+', '-']) {
            value = apply(value, op, self.product()?)?;
        }
        Some(value)
    }

    fn product(&mut self) -> Option<Rational> {
        let mut value = self.atom()?;
        while let Some(op) = self.operator(['*', '/']) {
            value = apply(value, op, self.atom()?)?;
        }
        Some(value)
    }

    fn atom(&mut self) -> Option<Rational> {
        match self.text.get(self.at)? {
            '-' if self.depth < MAX_DEPTH => {
                self.at += 1;
                self.depth += 1;
                let value = self.atom()?.checked_neg();
                self.depth -= 1;
                value
            }
            '(' if self.depth < MAX_DEPTH => {
                self.at += 1;
                self.depth += 1;
                let value = self.sum()?;
                self.depth -= 1;
                (self.text.get(self.at) == Some(&')')).then(|| self.at += 1)?;
                Some(value)
            }
            _ => {
                let digits: String = self.text[self.at..]
                    .iter()
                    .take_while(|c| c.is_ascii_digit() || **c == '.')
                    .collect();
                self.at += digits.len();
                self.notation.read(&digits)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_they_stand_alone() {
        let texts = |t: &str| find(t).into_iter().map(|n| n.text).collect::<Vec<_>>();
        assert_eq!(
            texts("$80,000 and 1.50, 3 of .5; B2 4x4 7th 12."),
            ["80,000", "1.50", "3", ".5", "12"]
        );
        assert_eq!(texts("60-mile 7:11"), ["60", "7", "11"]);
        assert_eq!(
            rewrite("a 1 b 20.", |n| n.whole.then(|| "x".into())),
            "a x b x."
        );
    }

    #[test]
    fn both_notations_read_what_they_write() {
        let value = |t| Rational::from_digits(t, 10).unwrap();
        assert_eq!(Notation::Decimal.write(value("0.30")).unwrap(), "0.3");
        assert_eq!(Notation::Decimal.write(value("100")).unwrap(), "100");
        assert_eq!(Notation::Binary.write(value("19.5")).unwrap(), "10011.1");
        assert_eq!(Notation::Binary.write(value("0")).unwrap(), "0");
        assert_eq!(Notation::Binary.write(value("0.01")).unwrap(), "0.0000001");
        assert_eq!(Notation::Decimal.write(Rational::new(1, 3).unwrap()), None);
    }

    #[test]
    fn expressions_have_their_value() {
        let value = |t| evaluate(t, Notation::Decimal).map(|v| v.written(10));
        assert_eq!(value("(16-3-4)*2").as_deref(), Some("18"));
        assert_eq!(value("3*60-(80*(4-2-0.5)+30*0.5)").as_deref(), Some("45"));
        assert_eq!(value("2+2/2").as_deref(), Some("3"));
        for bad in ["", "1/0", "(1", "1)", "a", "1+", &"(".repeat(9999)] {
            assert_eq!(value(bad), None, "{bad}");
        }
        assert_eq!(
            evaluate("11*(101-1)", Notation::Binary),
            Some(Rational::whole(12))
        );
    }
}
