//! Divisions with a remainder: `17 / 5 = 3 remainder 2`, `3 R 2`, `3 with 2 left over`.

use super::lexeme::{Kind, Lexeme};
use super::sides::Sides;
use rotescope_text::ByteRange;
use rotescope_text::number::Rational;

/// What a claimed value and a remainder behind it say.
#[derive(Debug, PartialEq)]
pub(super) enum Remainder {
    /// There is none.
    None,
    Right,
    /// The quotient or the remainder, which lies at `span`, is not what it should be.
    Wrong {
        span: ByteRange,
        expected: String,
    },
    /// What is said cannot be read.
    Unsure,
}

/// How far behind the quotient its remainder may stand, in lexemes.
const NEAR: usize = 10;

impl Sides<'_> {
    pub(super) fn remainder(&self) -> Remainder {
        let whole = |l: &Lexeme| match &l.kind {
            Kind::Number {
                numeral,
                percent: false,
            } => numeral.value.filter(|v| v.is_whole()),
            _ => None,
        };
        let numbers: Vec<&Lexeme> = self
            .computed()
            .iter()
            .filter(|l| !matches!(l.kind, Kind::Word(_)))
            .collect();
        let (a, b) = match numbers[..] {
            [a, by, b] if by.kind == Kind::Divide => (a, b),
            // \frac{17}{5}
            [of, _, a, _, _, b, _] if of.kind == Kind::Fraction => (a, b),
            _ => return Remainder::None,
        };
        let (Some(a), Some(b), Some(q)) = (whole(a), whole(b), self.right.full.exact) else {
            return Remainder::None;
        };
        if self.right.operators > 0 {
            return Remainder::None;
        }
        let behind = &self.lexemes[self.end..];
        let near = &behind[..behind.len().min(NEAR)];
        let stop = near.iter().position(|l| {
            matches!(l.kind, Kind::Break | Kind::Equal { .. }) || self.text(l) == "."
        });
        let near = &near[..stop.unwrap_or(near.len())];
        let says = |l: &Lexeme| {
            let r = matches!(&l.kind, Kind::Variable(v) if v == "r");
            r || matches!(l.word(), "remainder" | "remainders")
                || matches!(l.word(), "leftover" | "leftovers" | "r")
        };
        let over = near
            .windows(2)
            .any(|w| w[0].word() == "left" && w[1].word() == "over");
        let Some(at) = near.iter().position(says).or(over.then_some(0)) else {
            return Remainder::None;
        };
        let number = near[at..].iter().take(5).find(|l| whole(l).is_some());
        let number = number.or_else(|| near[..at].iter().rfind(|l| whole(l).is_some()));
        let Some((number, rest)) = number.and_then(|l| Some((l, whole(l)?))) else {
            return Remainder::Unsure;
        };
        let back = q.checked_mul(b).and_then(|p| p.checked_add(rest));
        if back == Some(a) {
            return Remainder::Right;
        }
        // "3 with 1 part of 5 left over" may speak of something else than a remainder.
        let floor = a.checked_div(b).map(Rational::floor);
        let (Some(floor), true, false) =
            (floor, at < 4 && a > Rational::ZERO && q.is_whole(), over)
        else {
            return Remainder::Unsure;
        };
        let quotient = Rational::new(floor, 1);
        let rest = quotient.and_then(|q| a.checked_sub(q.checked_mul(b)?));
        let (Some(quotient), Some(rest)) = (quotient, rest) else {
            return Remainder::Unsure;
        };
        let (of, expected) = if q == quotient {
            (number, rest)
        } else {
            (&self.claim()[0], quotient)
        };
        Remainder::Wrong {
            span: of.span.clone(),
            expected: expected.written(10),
        }
    }
}
