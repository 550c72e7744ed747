//! A number with what is not known of it.

use std::f64::consts::PI;

use rotescope_text::number::Rational;

/// A value: exact where it is a fraction that fits, and near it with an error otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    pub exact: Option<Rational>,
    pub near: f64,
    /// How far off it may be because a number in it is itself rounded.
    pub error: f64,
}

impl Reading {
    pub(super) fn exactly(value: Rational) -> Self {
        Self {
            exact: Some(value),
            near: near(value),
            error: 0.0,
        }
    }

    /// The circle's number, which people take for 3.14 or 22/7.
    pub(super) fn peoples_pi() -> Self {
        Self {
            error: 0.002,
            ..Self::true_pi()
        }
    }

    pub(super) fn true_pi() -> Self {
        Self {
            exact: None,
            near: PI,
            error: 0.0,
        }
    }

    /// Applies an operation of fractions and the same one of reals; `None` if the result is no number.
    pub(super) fn apply(
        self,
        other: Self,
        exact: impl Fn(Rational, Rational) -> Option<Rational>,
        real: impl Fn(f64, f64) -> f64,
    ) -> Option<Self> {
        let value = self.exact.zip(other.exact).and_then(|(a, b)| exact(a, b));
        let around = real(self.near, other.near);
        let at = value.map_or(around, near);
        if !at.is_finite() {
            return None;
        }
        let mut error: f64 = 0.0;
        if self.error > 0.0 || other.error > 0.0 {
            for a in [self.near - self.error, self.near + self.error] {
                for b in [other.near - other.error, other.near + other.error] {
                    error = error.max((real(a, b) - around).abs());
                }
            }
        }
        Some(Self {
            exact: value,
            near: at,
            error: if error.is_nan() { f64::INFINITY } else { error },
        })
    }

    pub(super) fn map(
        self,
        exact: impl Fn(Rational) -> Option<Rational>,
        real: impl Fn(f64) -> f64,
    ) -> Option<Self> {
        self.apply(self, |a, _| exact(a), |a, _| real(a))
    }

    pub(super) fn negated(self) -> Self {
        Self {
            exact: self.exact.and_then(Rational::checked_neg),
            near: -self.near,
            error: self.error,
        }
    }

    pub(super) fn times(self, factor: Rational) -> Option<Self> {
        self.apply(Self::exactly(factor), Rational::checked_mul, |a, b| a * b)
    }

    /// Is it the same number as far as that can be told?
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self.exact, other.exact) {
            (Some(a), Some(b)) => a == b,
            _ => (self.near - other.near).abs() <= 1e-9 * self.near.abs().max(other.near.abs()),
        }
    }
}

/// The nearest float.
#[allow(clippy::cast_precision_loss)] // Floats stand only for what is not exact.
pub(super) fn near(value: Rational) -> f64 {
    value.numerator() as f64 / value.denominator() as f64
}

/// The root of a value: exact if it is a fraction.
pub(super) fn root(of: Rational, degree: u32) -> Option<Rational> {
    let whole = |n: i128| -> Option<i128> {
        if n < 0 && degree.is_multiple_of(2) {
            return None;
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        // A guess, which is tried.
        let guess = (n.unsigned_abs() as f64)
            .powf(1.0 / f64::from(degree))
            .round() as i128;
        (-1..=1)
            .map(|d| (guess + d) * n.signum())
            .find(|g| g.checked_pow(degree) == Some(n))
    };
    Rational::new(whole(of.numerator())?, whole(of.denominator())?)
}

pub(super) fn factorial(of: Rational) -> Option<Rational> {
    if !of.is_whole() || !(0..=33).contains(&of.numerator()) {
        return None;
    }
    Rational::new((1..=of.numerator()).product(), 1)
}

pub(super) fn binomial(n: Rational, k: Rational) -> Option<Rational> {
    let (n, k) = (
        n.is_whole().then_some(n.numerator())?,
        k.is_whole().then_some(k.numerator())?,
    );
    if !(0..=1000).contains(&n) || !(0..=n).contains(&k) {
        return None;
    }
    let mut ways: i128 = 1;
    for i in 0..k.min(n - k) {
        ways = ways.checked_mul(n - i)? / (i + 1);
    }
    Rational::new(ways, 1)
}
