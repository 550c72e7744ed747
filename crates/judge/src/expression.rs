//! The value of an expression, exactly.

use super::lexer::{Kind, Lexeme};
use rotescope_text::is_stop_word;
use rotescope_text::number::Rational;

/// What an expression comes to, and what was seen on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// With percentages as hundredths (`20%` = 1/5).
    pub exact: Rational,
    /// With percent signs ignored (`20%` = 20): what is often meant.
    pub signless: Rational,
    /// Number of binary operators.
    pub operators: usize,
    /// Some number has a percent sign, and how far sums mix such numbers with others.
    pub percent: bool,
    pub mixed_percent: bool,
    /// Unit words behind numbers, lower case, in order.
    pub units: Vec<String>,
    /// Some number has none.
    pub bare: bool,
}

/// Reads one whole expression from `lexemes`, all of them; `None` if they are none.
pub(super) fn evaluate(lexemes: &[Lexeme]) -> Option<Value> {
    let (value, used) = longest(lexemes)?;
    (used == lexemes.len()).then_some(value)
}

/// The longest expression at the beginning of `lexemes`, and how many of them it takes.
pub(super) fn longest(lexemes: &[Lexeme]) -> Option<(Value, usize)> {
    let mut parser = Parser {
        lexemes,
        at: 0,
        depth: 0,
    };
    let value = parser.sum()?;
    Some((value, parser.at))
}

struct Parser<'l> {
    lexemes: &'l [Lexeme],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.lexemes.get(self.at).map(|l| &l.kind)
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
            let mixed = left.percent != right.percent;
            let op = if kind == Kind::Plus {
                Rational::checked_add
            } else {
                Rational::checked_sub
            };
            left = left.join(right, op)?;
            left.mixed_percent |= mixed;
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Value> {
        let mut left = self.power()?;
        loop {
            let back = self.at;
            let op = match self.kind() {
                Some(Kind::Times | Kind::Of) => Rational::checked_mul,
                Some(Kind::Divide) => Rational::checked_div,
                // 2(3 + 4)
                Some(Kind::Open) if !self.lexemes[self.at].spaced => {
                    self.at -= 1;
                    Rational::checked_mul
                }
                _ => return Some(left),
            };
            self.at += 1;
            let Some(right) = self.power() else {
                self.at = back;
                return Some(left);
            };
            left = left.join(right, op)?;
        }
    }

    fn power(&mut self) -> Option<Value> {
        let base = self.operand()?;
        if self.kind() != Some(&Kind::Power) {
            return Some(base);
        }
        let back = self.at;
        self.at += 1;
        // Powers bind to the right.
        let Some(exponent) = self.power() else {
            self.at = back;
            return Some(base);
        };
        base.join(exponent, Rational::pow)
    }

    fn operand(&mut self) -> Option<Value> {
        let lexeme = self.lexemes.get(self.at)?;
        let mut value = match &lexeme.kind {
            Kind::Minus => {
                // A sign stands right before its number; with a blank it would be a dash.
                let next = self.lexemes.get(self.at + 1)?;
                if next.spaced {
                    return None;
                }
                self.at += 1;
                let v = self.power()?;
                return Some(Value {
                    exact: v.exact.checked_neg()?,
                    signless: v.signless.checked_neg()?,
                    ..v
                });
            }
            Kind::Number { value, percent } => {
                let plain = (*value)?;
                let exact = if *percent {
                    plain.checked_div(Rational::whole(100))?
                } else {
                    plain
                };
                self.at += 1;
                Value {
                    exact,
                    signless: plain,
                    operators: 0,
                    percent: *percent,
                    mixed_percent: false,
                    units: vec![],
                    bare: true,
                }
            }
            Kind::Open => {
                let back = self.at;
                self.at += 1;
                self.depth += 1;
                let inner = if self.depth < 32 { self.sum() } else { None };
                self.depth -= 1;
                if inner.is_none() || self.kind() != Some(&Kind::Close) {
                    self.at = back;
                    return None;
                }
                self.at += 1;
                inner?
            }
            _ => return None,
        };
        self.unit(&mut value);
        Some(value)
    }

    /// Takes the words behind an operand as its unit, if the expression goes on or ends after them.
    fn unit(&mut self, value: &mut Value) {
        let words = self.lexemes[self.at..]
            .iter()
            .take(3)
            .take_while(|l| matches!(l.kind, Kind::Word(_)))
            .count();
        let goes_on = match self.lexemes.get(self.at + words).map(|l| &l.kind) {
            Some(k) => matches!(
                k,
                Kind::Plus | Kind::Minus | Kind::Times | Kind::Divide | Kind::Close
            ),
            None => true,
        };
        if words == 0 || !goes_on {
            return;
        }
        let plain = |l: &Lexeme| matches!(&l.kind, Kind::Word(w) if w.chars().count() == 1 || !is_stop_word(w));
        // "15 then", "9 because": talk, no unit.
        if !self.lexemes[self.at..self.at + words].iter().all(plain) {
            return;
        }
        let name: Vec<&str> = self.lexemes[self.at..self.at + words]
            .iter()
            .filter_map(|l| {
                if let Kind::Word(w) = &l.kind {
                    Some(w.as_str())
                } else {
                    None
                }
            })
            .collect();
        value.units.push(name.join(" "));
        value.bare = false;
        self.at += words;
    }
}

impl Value {
    fn join(mut self, other: Self, op: fn(Rational, Rational) -> Option<Rational>) -> Option<Self> {
        self.exact = op(self.exact, other.exact)?;
        self.signless = op(self.signless, other.signless)?;
        self.operators += other.operators + 1;
        self.percent |= other.percent;
        self.mixed_percent |= other.mixed_percent;
        self.units.extend(other.units);
        self.bare |= other.bare;
        Some(self)
    }
}
