//! Equations with the circle's number.

use std::f64::consts::PI;

use super::amount::Value;
use super::lexeme::{Kind, Lexeme};
use super::rounding::{Agreement, Literal, compare};
use super::sides::Sides;
use super::value::Reading;
use rotescope_text::number::Rational;

impl Sides<'_> {
    /// The factors of the circle's number where both sides are a multiple of it: 2 * 3 and 6 of 2π * 3 = 6π.
    pub(super) fn factors_of_pi(&self) -> Option<(Value, Value)> {
        if !(self.left.pi && self.right.pi) {
            return None;
        }
        let at = |n: i64| self.with_pi(Reading::exactly(Rational::whole(n)));
        let (one, two, three) = (at(1)?, at(2)?, at(3)?);
        let multiple = |of: fn(&(Value, Value)) -> &Value| {
            let value = |v| of(v).full.exact;
            let times = |n| value(&one)?.checked_mul(Rational::whole(n));
            value(&two).is_some() && value(&two) == times(2) && value(&three) == times(3)
        };
        (multiple(|v| &v.0) && multiple(|v| &v.1)).then_some(one)
    }

    /// How the factors agree, of which the right one may be rounded.
    pub(super) fn agreement_of_factors(&self, approximate: bool) -> Option<Agreement> {
        let (left, right) = self.factors_of_pi()?;
        let claim = self.claim().iter().filter(|l| l.kind != Kind::Pi);
        let claim: Vec<Lexeme> = claim.cloned().collect();
        let literal = Literal::of(&claim, self.step);
        Some(compare(&left, &right, literal, approximate))
    }

    /// May a difference come from what the circle's number is taken for, or from an angle?
    pub(super) fn may_be_circular(&self) -> bool {
        let (l, r) = (self.left.full.near, self.right.full.near);
        let near = |a: f64, b: f64| (a - b).abs() <= 0.01 * b.abs();
        if self.left.pi && self.right.pi {
            // 9π/4 = π/4: turned once around.
            let turns = (l - r) / (2.0 * PI);
            let angle = (self.left.sum || self.left.division) && l.abs() <= 8.0 * PI;
            return angle && near(turns.round(), turns);
        }
        // 3^2 = 9π: left out, and no wrong number.
        if !self.left.pi {
            return self.right.pi;
        }
        let degrees = near(l * 180.0 / PI, r) || near(r * 180.0 / PI, l);
        // π(10) = 4 counts primes.
        let all = &self.lexemes[self.start..self.end];
        let called = all.windows(2).any(|w| {
            w[0].kind == Kind::Pi && matches!(w[1].kind, Kind::Open('(')) && w[1].touches()
        });
        let rough = |tenths| {
            let pi = Reading::exactly(Rational::new(tenths, 10)?);
            let (left, right) = self.with_pi(pi)?;
            Some(compare(&left, &right, None, true) != Agreement::Apart)
        };
        degrees || called || [10, 30, 31, 32].into_iter().any(|t| rough(t) == Some(true))
    }
}
