//! The value of an expression.

use std::ops::Range;

use super::amount::Value;
use super::functions::{bracketed, logarithm, remainder};
use super::lexeme::{Kind, Lexeme};
use super::numeral::Numeral;
use super::value::{Reading, binomial, factorial, root};
use rotescope_text::number::Rational;

/// The expression that makes up all of `range`; `None` if it is none.
pub(super) fn evaluate(lexemes: &[Lexeme], range: Range<usize>) -> Option<Value> {
    let end = range.end;
    let (value, used) = longest(lexemes, range)?;
    (used == end).then_some(value)
}

/// The longest expression at the beginning of `range`, and where it ends.
pub(super) fn longest(lexemes: &[Lexeme], range: Range<usize>) -> Option<(Value, usize)> {
    longest_with(lexemes, range, Reading::peoples_pi())
}

/// The same where the circle's number is `pi`.
pub(super) fn longest_with(
    lexemes: &[Lexeme],
    range: Range<usize>,
    pi: Reading,
) -> Option<(Value, usize)> {
    let mut parser = Parser {
        lexemes: &lexemes[..range.end],
        at: range.start,
        depth: 0,
        pi,
    };
    let value = parser.sum()?;
    Some((value, parser.at))
}

/// Brackets, signs, powers and roots are followed this deep.
const DEEPEST: usize = 32;
/// Reads an expression.
pub(super) struct Parser<'l> {
    pub(super) lexemes: &'l [Lexeme],
    pub(super) at: usize,
    depth: usize,
    pi: Reading,
}

impl<'l> Parser<'l> {
    fn kind(&self) -> Option<&'l Kind> {
        self.lexemes.get(self.at).map(|l| &l.kind)
    }

    pub(super) fn is(&self, at: usize, test: impl Fn(&Lexeme) -> bool) -> bool {
        self.lexemes.get(at).is_some_and(test)
    }

    fn sum(&mut self) -> Option<Value> {
        let mut left = self.product()?;
        while let Some(kind @ (Kind::Plus | Kind::Minus)) = self.kind().cloned() {
            let back = self.at;
            self.at += 1;
            let Some(right) = self.product() else {
                self.at = back;
                break;
            };
            // 7 + 5 mod 3
            left.ambiguous |= left.modulo || right.modulo;
            let percents = left.percent != right.percent;
            let units = self.differ(&left.units, &right.units);
            left = if kind == Kind::Plus {
                left.join(right, Rational::checked_add, |a, b| a + b)?
            } else {
                left.join(right, Rational::checked_sub, |a, b| a - b)?
            };
            left.sum = true;
            left.mixed_percent |= percents;
            left.mixed_units |= units;
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Value> {
        let mut left = self.power()?;
        let mut divided = false;
        loop {
            let back = self.at;
            let implied = self.implied();
            let modulo = self.kind() == Some(&Kind::Modulo);
            let divides = match self.kind() {
                Some(Kind::Times | Kind::Of | Kind::Modulo) => false,
                Some(Kind::Divide) => true,
                _ if implied => false,
                _ => return Some(left),
            };
            self.at += usize::from(!implied);
            let Some(right) = self.power() else {
                self.at = back;
                return Some(left);
            };
            left.ambiguous |= divided && (implied || divides || modulo) || left.modulo;
            divided |= divides;
            left.product = true;
            left.modulo |= modulo;
            left = if modulo {
                left.join(right, remainder, |_, _| f64::NAN)?
            } else if divides {
                left.division = true;
                left.join(right, Rational::checked_div, |a, b| a / b)?
            } else {
                left.join(right, Rational::checked_mul, |a, b| a * b)?
            };
        }
    }

    /// Does a factor follow without a sign: 2(3 + 4), 3\sqrt{2}?
    fn implied(&self) -> bool {
        let Some(next) = self.lexemes.get(self.at) else {
            return false;
        };
        let before = &self.lexemes[self.at - 1];
        let factor = match next.kind {
            Kind::Open(b) => b != '{',
            Kind::Root | Kind::Fraction | Kind::Binomial | Kind::Log(_) => true,
            // 36 π
            Kind::Pi => return before.ends_operand(),
            // (2)5 and 3!2!, but no 2 5
            Kind::Number { .. } => {
                matches!(before.kind, Kind::Close(b) if b != '{') || before.kind == Kind::Factorial
            }
            _ => false,
        };
        factor && next.touches() && before.ends_operand()
    }

    fn power(&mut self) -> Option<Value> {
        let from = self.at;
        let base = self.operand()?;
        if self.kind() != Some(&Kind::Power) {
            return Some(base);
        }
        let back = self.at;
        self.at += 1;
        self.depth += 1;
        // Powers bind to the right.
        let exponent = if self.depth < DEEPEST {
            self.power()
        } else {
            None
        };
        self.depth -= 1;
        let Some(exponent) = exponent else {
            self.at = back;
            return Some(base);
        };
        let nested = self.lexemes[back + 1..self.at]
            .iter()
            .take_while(|l| !matches!(l.kind, Kind::Open(_)))
            .any(|l| l.kind == Kind::Power);
        let signed = matches!(self.lexemes[from].kind, Kind::Minus);
        let mut value = base.join(exponent, Rational::pow, f64::powf)?;
        value.ambiguous |= nested || signed;
        self.unit(&mut value);
        Some(value)
    }

    fn operand(&mut self) -> Option<Value> {
        self.depth += 1;
        let value = if self.depth < DEEPEST {
            self.plain_operand()
        } else {
            None
        };
        self.depth -= 1;
        let mut value = value?;
        while self.kind() == Some(&Kind::Factorial) {
            self.at += 1;
            value = value.map(factorial, |_| f64::NAN)?;
        }
        self.unit(&mut value);
        Some(value)
    }

    fn plain_operand(&mut self) -> Option<Value> {
        let back = self.at;
        let value = match &self.lexemes.get(self.at)?.kind {
            Kind::Minus | Kind::Plus => self.signed(),
            Kind::Number { numeral, percent } => {
                self.at += 1;
                let whole = Value::literal(numeral, *percent)?;
                self.mixed_number(numeral, whole)
            }
            Kind::Open(_) => self.group(),
            Kind::Fraction => {
                self.at += 1;
                let above = self.argument()?;
                let below = self.argument()?;
                let mut value = above.join(below, Rational::checked_div, |a, b| a / b)?;
                (value.division, value.product) = (true, true);
                Some(value)
            }
            Kind::Binomial => {
                self.at += 1;
                let above = self.argument()?;
                let below = self.argument()?;
                above.join(below, binomial, |_, _| f64::NAN)
            }
            Kind::Root => self.root(),
            Kind::Log(base) => self.logarithm(*base),
            Kind::Pi => {
                self.at += 1;
                Some(Value::pi(self.pi))
            }
            _ => None,
        };
        if value.is_none() {
            self.at = back;
        }
        value
    }

    /// A sign stands right before its operand; with a blank it would be a dash, unless an operator precedes.
    fn signed(&mut self) -> Option<Value> {
        let minus = self.kind() == Some(&Kind::Minus);
        let behind_operator = self.at.checked_sub(1).is_some_and(|b| {
            let before = &self.lexemes[b];
            before.is_operator() || matches!(before.kind, Kind::Equal { .. } | Kind::Open(_))
        });
        if !behind_operator && self.is(self.at + 1, |l| l.spaced && !l.math) {
            return None;
        }
        self.at += 1;
        let mut value = self.power()?;
        if minus {
            // -5^2 is -25 or, carelessly, 25.
            value.ambiguous |= self.lexemes[..self.at]
                .iter()
                .rev()
                .take(4)
                .any(|l| l.kind == Kind::Power);
            value.full = value.full.negated();
            value.bare = value.bare.negated();
        }
        Some(value)
    }

    /// 2 1/2 and 2\frac{1}{2}
    fn mixed_number(&mut self, numeral: &Numeral, whole: Value) -> Option<Value> {
        let plain = |l: &Lexeme| match &l.kind {
            Kind::Number {
                numeral,
                percent: false,
            } => numeral.value.filter(|v| v.is_whole()),
            _ => None,
        };
        if numeral.value.is_none_or(|v| !v.is_whole()) || whole.percent {
            return Some(whole);
        }
        let l = |i: usize| self.lexemes.get(self.at + i);
        let (above, below, used) = match l(0).map(|l| &l.kind) {
            Some(Kind::Number { .. }) if l(1).is_some_and(|l| l.kind == Kind::Divide) => {
                (l(0).and_then(plain), l(2).and_then(plain), 3)
            }
            Some(Kind::Fraction) if l(1).is_some_and(|l| l.kind == Kind::Open('{')) => {
                (l(2).and_then(plain), l(5).and_then(plain), 7)
            }
            Some(Kind::Fraction) => (l(1).and_then(plain), l(2).and_then(plain), 3),
            _ => return Some(whole),
        };
        let closed = used < 7
            || (l(3).is_some_and(|l| l.kind == Kind::Close('{'))
                && l(6).is_some_and(|l| l.kind == Kind::Close('{')));
        let part = above
            .zip(below)
            .filter(|(a, b)| closed && a.numerator() < b.numerator());
        let Some(part) = part.and_then(|(a, b)| a.checked_div(b)) else {
            return Some(whole);
        };
        self.at += used;
        whole.map(|v| v.checked_add(part), |v| v)
    }

    /// Brackets of one kind around an expression.
    fn group(&mut self) -> Option<Value> {
        let Some(Kind::Open(bracket)) = self.kind().cloned() else {
            return None;
        };
        self.at += 1;
        let inner = self.sum()?;
        let closed = self.kind() == Some(&Kind::Close(bracket));
        self.at += 1;
        let inner = closed.then_some(Value {
            modulo: false,
            ..inner
        })?;
        bracketed(bracket, inner)
    }

    /// What a command is applied to: a group in braces or one number.
    fn argument(&mut self) -> Option<Value> {
        match self.kind()? {
            Kind::Open('{') => self.group(),
            Kind::Number { numeral, percent } => {
                self.at += 1;
                Value::literal(numeral, *percent)
            }
            _ => None,
        }
    }

    fn logarithm(&mut self, base: Option<u32>) -> Option<Value> {
        self.at += 1;
        let closed = matches!(self.kind()?, Kind::Open(_));
        let of = if closed { self.group() } else { self.power() }?;
        let mut value = logarithm(of, base)?;
        // What is meant by log 8 * 2, or by log (2)^3?
        let open = |k: &Kind| matches!(k, Kind::Times | Kind::Divide | Kind::Power);
        value.ambiguous |= match closed {
            true => self.kind() == Some(&Kind::Power),
            false => self.kind().is_some_and(open) || self.implied(),
        };
        Some(value)
    }

    fn root(&mut self) -> Option<Value> {
        self.at += 1;
        let mut degree = 2;
        if let Some(Kind::Open('[')) = self.kind() {
            let of = self.group()?.full.exact.filter(|d| d.is_whole())?;
            degree = u32::try_from(of.numerator())
                .ok()
                .filter(|d| (2..=64).contains(d))?;
        }
        let of = match self.kind()? {
            Kind::Open(_) => self.group()?,
            _ => self.argument()?,
        };
        let real = |v: f64| match degree {
            2 => v.sqrt(),
            3 => v.cbrt(),
            _ => v.powf(1.0 / f64::from(degree)),
        };
        of.map(|v| root(v, degree), real)
    }
}
