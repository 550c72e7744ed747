//! What an expression comes to.

use std::ops::Range;

use super::numeral::Numeral;
use super::value::{Reading, near};
use rotescope_text::number::Rational;

/// What an expression comes to, and what was seen on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// With percentages as hundredths (`20%` = 1/5) and words such as "million" multiplied in.
    pub full: Reading,
    /// With both ignored (`20%` = 20): what is often meant.
    pub bare: Reading,
    /// Number of operators.
    pub operators: usize,
    /// Some number has a percent sign, and some sum mixes such numbers with others.
    pub percent: bool,
    pub mixed_percent: bool,
    /// Some number has a word such as "million" behind it.
    pub scaled: bool,
    pub division: bool,
    /// Something is multiplied or divided; something is added or subtracted.
    pub product: bool,
    pub sum: bool,
    /// Conventions differ on what it means: `6 / 2(1 + 2)`, `-5^2`.
    pub ambiguous: bool,
    /// Something is left of a division by the last factor, which no bracket closes off.
    pub modulo: bool,
    /// The circle's number is in it.
    pub pi: bool,
    /// Some sum is of things with different names.
    pub mixed_units: bool,
    /// Words behind numbers: ranges of lexemes.
    pub units: Vec<Range<usize>>,
    /// Where it ends, without the unit of its last number.
    pub end: usize,
}

impl Value {
    pub(super) fn literal(numeral: &Numeral, percent: bool) -> Option<Self> {
        let plain = numeral.value?;
        let mut bare = Reading::exactly(plain);
        bare.error = rounding_error(numeral, percent);
        let full = if percent {
            bare.times(Rational::new(1, 100)?)?
        } else {
            bare
        };
        Some(Self {
            percent,
            ..Self::of(full, bare)
        })
    }

    /// The circle's number, as `reading` takes it.
    pub(super) fn pi(reading: Reading) -> Self {
        Self {
            pi: true,
            ..Self::of(reading, reading)
        }
    }

    fn of(full: Reading, bare: Reading) -> Self {
        Self {
            full,
            bare,
            operators: 0,
            percent: false,
            mixed_percent: false,
            scaled: false,
            division: false,
            product: false,
            sum: false,
            ambiguous: false,
            modulo: false,
            pi: false,
            mixed_units: false,
            units: Vec::new(),
            end: 0,
        }
    }

    pub(super) fn join(
        mut self,
        other: Self,
        exact: fn(Rational, Rational) -> Option<Rational>,
        real: fn(f64, f64) -> f64,
    ) -> Option<Self> {
        self.full = self.full.apply(other.full, exact, real)?;
        self.bare = self.bare.apply(other.bare, exact, real)?;
        self.operators += other.operators + 1;
        self.percent |= other.percent;
        self.mixed_percent |= other.mixed_percent;
        self.scaled |= other.scaled;
        self.division |= other.division;
        self.product |= other.product;
        self.sum |= other.sum;
        self.ambiguous |= other.ambiguous;
        self.modulo |= other.modulo;
        self.pi |= other.pi;
        self.mixed_units |= other.mixed_units;
        self.units.extend(other.units);
        self.end = other.end;
        Some(self)
    }

    /// Applies an operator with one operand.
    pub(super) fn map(
        mut self,
        exact: impl Fn(Rational) -> Option<Rational>,
        real: impl Fn(f64) -> f64,
    ) -> Option<Self> {
        self.full = self.full.map(&exact, &real)?;
        self.bare = self.bare.map(exact, real)?;
        self.operators += 1;
        Some(self)
    }
}

/// How far off a number in an expression may be since it is itself rounded: a unit of its last digit if it goes on or has three places or
/// more, or if it is what a third, a sixth, a seventh or a ninth comes to.
fn rounding_error(numeral: &Numeral, percent: bool) -> f64 {
    let unit = 0.1_f64.powi(i32::try_from(numeral.places).unwrap_or(i32::MAX));
    let Some(value) = numeral.value else {
        return 0.0;
    };
    if numeral.open || numeral.places >= 3 {
        return unit;
    }
    let (value, unit) = if percent {
        (near(value) / 100.0, unit / 100.0)
    } else {
        (near(value), unit)
    };
    // What the fraction n/d comes to, rounded or cut off.
    let repeats = [3.0, 6.0, 7.0, 9.0].into_iter().any(|d: f64| {
        let n = (value * d).round();
        let off = n / d - value;
        n % d != 0.0 && off.abs() > unit * 1e-6 && off > -0.5 * unit && off < unit
    });
    let two = numeral.places + if percent { 2 } else { 0 } >= 2;
    if two && repeats {
        if percent { unit * 100.0 } else { unit }
    } else {
        0.0
    }
}
