//! What is said of one equation: right, wrong from which character on, or nothing.

use super::amount::Value;
use super::doubt::is_fraction;
use super::equation::Equation;
use super::expression::evaluate;
use super::lexeme::{Kind, Lexeme};
use super::remainder::Remainder;
use super::rounding::{Agreement, Literal, compare};
use super::sides::Sides;
use super::value::Reading;
use rotescope_text::ByteRange;
use rotescope_text::number::Rational;

impl Sides<'_> {
    pub(super) fn judge(&self, base: u32) -> Option<Equation> {
        let (left, right) = (&self.left, &self.right);
        if left.operators == 0 && !self.linked && right.operators == 0 {
            return None;
        }
        // 1024 = 24 mod 1000 compares what is left of both.
        if right.modulo {
            return None;
        }
        let claim = self.claim();
        let claimed = claimed_span(claim)?;
        let text = &self.step[claimed.clone()];
        let equation = |expected, first_wrong| Equation {
            expression: self.lexemes[self.start].span.start..self.lexemes[self.sign - 1].span.end,
            claimed: claimed.clone(),
            value: left.full.exact,
            expected,
            first_wrong,
        };
        match self.remainder() {
            Remainder::None => {}
            Remainder::Right => return Some(equation(text.to_owned(), None)),
            Remainder::Unsure => return None,
            Remainder::Wrong { span, expected } => {
                let first = first_difference(&self.step[span.clone()], &expected, span.start);
                return Some(Equation {
                    claimed: span,
                    ..equation(expected, Some(first))
                });
            }
        }
        let expected = self.expected(base, claim, text);
        match self.agreement() {
            Agreement::Same => {
                return Some(equation(expected.unwrap_or_else(|| text.to_owned()), None));
            }
            Agreement::Near => return None,
            Agreement::Apart => {}
        }
        if self.holds_with_other_marks() || !self.certain() {
            return None;
        }
        let expected = expected?;
        let at = if is_literal(claim) {
            first_difference(text, &expected, claimed.start)
        } else {
            claimed.start
        };
        Some(equation(expected, Some(at)))
    }

    /// Of two sides that are said to differ: wrong where they are the same number.
    pub(super) fn judge_unequal(&self) -> Option<Equation> {
        let (left, right) = (&self.left, &self.right);
        let known = |v: &Value| {
            let exact = v.full.exact.filter(|_| v.full.error == 0.0);
            exact.filter(|_| !(v.percent || v.scaled || v.modulo))
        };
        let (value, other) = (known(left)?, known(right)?);
        let same = value == other;
        let operators = left.operators + right.operators;
        if (operators == 0 && !self.linked) || (same && !self.certain()) {
            return None;
        }
        let claimed = claimed_span(self.claim())?;
        let sign = self.lexemes[self.sign].span.start;
        Some(Equation {
            expression: self.lexemes[self.start].span.start..self.lexemes[self.sign - 1].span.end,
            expected: self.step[claimed.clone()].to_owned(),
            claimed: sign..claimed.end,
            value: Some(value),
            first_wrong: same.then_some(sign),
        })
    }

    fn agreement(&self) -> Agreement {
        let (left, right) = (&self.left, &self.right);
        let approximate = matches!(
            self.lexemes[self.sign].kind,
            Kind::Equal { approximate: true }
        );
        if let Some(agreement) = self.agreement_of_factors(approximate) {
            return agreement;
        }
        let literal = Literal::of(self.claim(), self.step);
        let agreement = compare(left, right, literal, approximate);
        // 0.33 = 1/3
        let turned = Literal::of(self.computed(), self.step).filter(|_| literal.is_none());
        match (agreement, turned) {
            (Agreement::Apart, Some(_)) => compare(right, left, turned, approximate),
            _ => agreement,
        }
    }

    /// Is the value on the right the one that a chain began with?
    pub(super) fn comes_back_to(&self, first: &Value) -> bool {
        first.operators > 0 && first.full.equals(&self.right.full)
    }

    /// Does it hold if points are marks of thousands, or commas in front of parts: 1.500 + 500 = 2.000?
    fn holds_with_other_marks(&self) -> bool {
        let value = |lexemes: &[Lexeme]| {
            let mut lexemes = lexemes.to_vec();
            for l in &mut lexemes {
                if let Kind::Number { numeral, .. } = &mut l.kind
                    && numeral.turned.is_some()
                {
                    numeral.value = numeral.turned;
                    numeral.places = 0;
                }
            }
            evaluate(&lexemes, 0..lexemes.len())
        };
        let turned = |l: &Lexeme| match &l.kind {
            Kind::Number { numeral, .. } => numeral.turned.is_some(),
            _ => false,
        };
        let (computed, claim) = (self.computed(), self.claim());
        computed.iter().chain(claim).any(turned)
            && value(computed)
                .zip(value(claim))
                .is_some_and(|(l, r)| compare(&l, &r, None, false) == Agreement::Same)
    }

    /// The true value, written as the claim is; `None` if it cannot be.
    fn expected(&self, base: u32, claim: &[Lexeme], text: &str) -> Option<String> {
        if let Some((factor, _)) = self.factors_of_pi() {
            let pi = if text.contains('\\') { "\\pi" } else { "π" };
            let factor = factor.full.exact?.written(base);
            return Some(match factor.as_str() {
                "1" => pi.to_owned(),
                factor => format!("{factor}{pi}"),
            });
        }
        let value = wanted(&self.left, &self.right)?;
        let places = text
            .split_once('.')
            .map_or(0, |(_, p)| p.len())
            .clamp(2, 30);
        let Some(exact) = value.exact else {
            // A root, or what did not fit.
            let places = places.min(12);
            return Some(if !(0.01..1e12).contains(&value.near.abs()) {
                format!("{:.3e}", value.near)
            } else {
                format!("{:.places$}", value.near)
            });
        };
        if is_fraction(claim) && !exact.is_whole() {
            let part = |n| Some(Rational::new(n, 1)?.written(base));
            return Some(format!(
                "{}/{}",
                part(exact.numerator())?,
                part(exact.denominator())?
            ));
        }
        let mut written = exact.written(base);
        if written.contains('/') {
            written = exact.rounded(base, places as u32)?.digits(base, places).0;
        }
        Some(if text.contains(',') {
            grouped(&written)
        } else {
            written
        })
    }
}

/// The left value in the terms of the right one: percent, millions.
fn wanted(left: &Value, right: &Value) -> Option<Reading> {
    if right.scaled && right.bare.near != 0.0 {
        let scale = right.full.exact?.checked_div(right.bare.exact?)?;
        return left.full.times(Rational::whole(1).checked_div(scale)?);
    }
    match (left.percent, right.percent) {
        (true, true) => Some(left.bare),
        (false, true) => left.full.times(Rational::whole(100)),
        _ => Some(left.full),
    }
}

/// From the sign or first lexeme of the claim to its last number or bracket, without a percent sign
/// and without units.
fn claimed_span(claim: &[Lexeme]) -> Option<ByteRange> {
    let ends = |l: &&Lexeme| l.ends_operand();
    let last = claim.iter().rfind(ends)?;
    let percent = match last.kind {
        Kind::Number { percent: true, .. } if claim.len() < 3 => 1,
        _ => 0,
    };
    Some(claim.first()?.span.start..last.span.end - percent)
}

/// One number, with or without a sign, or a fraction of two: what can be compared digit by digit.
fn is_literal(claim: &[Lexeme]) -> bool {
    let numbers = claim
        .iter()
        .filter(|l| matches!(l.kind, Kind::Number { .. }))
        .count();
    let only = claim
        .iter()
        .all(|l| matches!(l.kind, Kind::Number { .. } | Kind::Minus | Kind::Word(_)));
    (numbers == 1 && only) || is_fraction(claim)
}

/// Commas between groups of three digits in front of the point.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |d| ("-", d));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, String::new()), |(w, f)| (w, format!(".{f}")));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + &fraction
}

/// As [`super::verdict::first_difference`], without regard to separators, blanks and a missing leading zero.
fn first_difference(claimed: &str, expected: &str, start: usize) -> usize {
    let expected = if claimed.starts_with('.') {
        expected.trim_start_matches('0')
    } else {
        expected
    };
    let mut want = expected.chars().filter(|c| *c != ',');
    let silent = |c: char| matches!(c, ',' | '\\' | '!' | '{' | '}') || c.is_whitespace();
    for (i, c) in claimed.char_indices().filter(|(_, c)| !silent(*c)) {
        let c = if matches!(c, '\u{2212}' | '–') {
            '-'
        } else {
            c
        };
        if want.next() != Some(c) {
            return start + i;
        }
    }
    start + claimed.len()
}
