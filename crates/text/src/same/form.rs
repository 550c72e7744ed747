//! Exact expressions in a normal form: quotients of polynomials over names and roots.

use super::polynomial::{
    Atom, Monomial, Polynomial, constant, factors, normal, number_of, product, reduced, sum,
};
use crate::number::Rational;

const HIGHEST_POWER: i32 = 64;
/// The same of a sum, whose terms become many.
const HIGHEST_POWER_OF_SUM: i32 = 12;
/// Up to this size floating point tells numbers apart that differ in what is written.
const LARGEST_NEARLY: f64 = 1e4;
/// The normal form of an argument, in bytes, up to which a function of it is kept.
const LONGEST_KEY: usize = 2000;

/// An exact expression. Two of them are equal if they are so as functions of their names and roots.
#[derive(Debug, Clone)]
pub(super) struct Form {
    above: Polynomial,
    below: Polynomial,
    /// Nearly its value, where it has no variables.
    near: Option<f64>,
}

impl Form {
    pub(super) fn number(value: Rational) -> Self {
        Self {
            above: constant(value),
            below: constant(Rational::whole(1)),
            near: Some(value.numerator() as f64 / value.denominator() as f64),
        }
    }

    /// A variable, or one of the constants `π`, `e`, `i`.
    pub(super) fn name(name: &str) -> Self {
        let near = match name {
            "π" => Some(std::f64::consts::PI),
            "e" => Some(std::f64::consts::E),
            _ => None,
        };
        Self::atom(Atom::Name(name.to_owned()), near)
    }

    /// A function of its arguments in normal form, with its value where that is known.
    pub(super) fn opaque(name: &str, arguments: &[&Self], near: Option<f64>) -> Option<Self> {
        let inside: Vec<String> = arguments.iter().map(|a| a.key()).collect();
        let key = format!("{name}({})", inside.join(","));
        (key.len() <= LONGEST_KEY).then(|| Self::atom(Atom::Opaque(key), near))
    }

    fn atom(atom: Atom, near: Option<f64>) -> Self {
        Self {
            above: vec![(vec![(atom, (1, 1))], Rational::whole(1))],
            below: constant(Rational::whole(1)),
            near: near.filter(|n| n.is_finite()),
        }
    }

    /// Nearly its value, where it has no variables.
    pub(super) fn near(&self) -> Option<f64> {
        self.near
    }

    /// Its value if it is a plain number.
    pub(super) fn value(&self) -> Option<Rational> {
        number_of(&self.above)?.checked_div(number_of(&self.below)?)
    }

    pub(super) fn add(&self, o: &Self) -> Option<Self> {
        let above = sum(
            &product(&self.above, &o.below)?,
            &product(&o.above, &self.below)?,
        )?;
        let near = self.near.zip(o.near).map(|(a, b)| a + b);
        Self {
            above,
            below: product(&self.below, &o.below)?,
            near,
        }
        .tidy()
    }

    pub(super) fn neg(&self) -> Option<Self> {
        self.mul(&Self::number(Rational::whole(-1)))
    }

    pub(super) fn mul(&self, o: &Self) -> Option<Self> {
        Self {
            above: product(&self.above, &o.above)?,
            below: product(&self.below, &o.below)?,
            near: self.near.zip(o.near).map(|(a, b)| a * b),
        }
        .tidy()
    }

    /// Quotient; `None` for a divisor of 0.
    pub(super) fn div(&self, o: &Self) -> Option<Self> {
        if o.above.is_empty() {
            return None;
        }
        self.mul(&Self {
            above: o.below.clone(),
            below: o.above.clone(),
            near: o.near.map(f64::recip),
        })
    }

    /// Power. What is not worked out stays as it stands.
    pub(super) fn pow(&self, exponent: &Self) -> Option<Self> {
        let near = self.near.zip(exponent.near).map(|(a, b)| a.powf(b));
        let as_written = || Self::opaque("^", &[self, exponent], near);
        let Some(p) = exponent.value() else {
            return as_written();
        };
        let (Ok(num), Ok(den)) = (i32::try_from(p.numerator()), i32::try_from(p.denominator()))
        else {
            return as_written();
        };
        let highest = if self.above.len() > 1 || self.below.len() > 1 {
            HIGHEST_POWER_OF_SUM
        } else {
            HIGHEST_POWER
        };
        if num.abs() > highest || den > 6 {
            return as_written();
        }
        let base = if den == 1 {
            Some(self.clone())
        } else {
            self.root(den)
        };
        let worked_out = base.and_then(|base| {
            let mut power = Self::number(Rational::whole(1));
            for _ in 0..num.abs() {
                power = power.mul(&base)?;
            }
            if num < 0 {
                Self::number(Rational::whole(1)).div(&power)
            } else {
                Some(power)
            }
        });
        worked_out.or_else(as_written)
    }

    /// The root of this degree of a single term, where it is real or a square root. `None` otherwise.
    fn root(&self, degree: i32) -> Option<Self> {
        let ([(above, c)], [(below, d)]) = (&*self.above, &*self.below) else {
            return (self.above.is_empty()).then(|| self.clone());
        };
        let quotient = c.checked_div(*d)?;
        // √(a/b) = √(ab)/b, and so on.
        let (n, b) = (quotient.numerator(), quotient.denominator());
        let radicand = b
            .checked_pow(u32::try_from(degree - 1).ok()?)?
            .checked_mul(n)?;
        let mut root =
            Self::integer_root(radicand, degree)?.div(&Self::number(Rational::new(b, 1)?))?;
        for (part, up) in [(above, true), (below, false)] {
            for (atom, power) in part {
                // √(x²) is |x|: only plain names are taken out of the root.
                if matches!(atom, Atom::Name(_) | Atom::Opaque(_)) && *power != (1, 1)
                    || *atom == Atom::Name("i".into())
                {
                    return None;
                }
                let power = reduced(power.0, power.1.checked_mul(degree)?)?;
                let factor = Self::term(vec![(atom.clone(), power)])?;
                root = if up {
                    root.mul(&factor)?
                } else {
                    root.div(&factor)?
                };
            }
        }
        root.near = self.near.map(|x| {
            let size = x.abs().powf(f64::from(degree).recip());
            if x < 0.0 { -size } else { size }
        });
        if degree % 2 == 0 && n < 0 {
            root.near = None;
        }
        Some(root)
    }

    fn integer_root(n: i128, degree: i32) -> Option<Self> {
        let mut monomial: Monomial = factors(n.unsigned_abs())?
            .into_iter()
            .map(|(p, k)| Some((Atom::Root(p), reduced(k, degree)?)))
            .collect::<Option<_>>()?;
        match (n < 0, degree) {
            (true, 2) => monomial.push((Atom::Name("i".into()), (1, 1))),
            (true, d) if d % 2 == 0 => return None,
            (true, _) => return Self::term(monomial)?.neg(),
            _ => {}
        }
        Self::term(monomial)
    }

    fn term(atoms: Monomial) -> Option<Self> {
        let (monomial, number) = normal(atoms)?;
        Some(Self {
            above: vec![(monomial, number)],
            below: constant(Rational::whole(1)),
            near: None,
        })
    }

    /// Are both equal for all values of their names?
    pub(super) fn same(&self, o: &Self) -> bool {
        let exact = || {
            let (a, b) = (
                product(&self.above, &o.below)?,
                product(&o.above, &self.below)?,
            );
            Some(a == b)
        };
        exact() == Some(true) || self.nearly(o)
    }

    /// Closed values that are not worked out (`\sqrt{3+2\sqrt2}`, `\sin 30°`) are compared as close as floating point goes.
    fn nearly(&self, o: &Self) -> bool {
        let (Some(a), Some(b)) = (self.near, o.near) else {
            return false;
        };
        let plain = |f: &Self| f.value().is_none_or(|v| v.denominator() <= 10_000);
        a.abs().max(b.abs()) <= LARGEST_NEARLY
            && (self.has_opaque() || o.has_opaque())
            && plain(self)
            && plain(o)
            && (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-3)
    }

    fn has_opaque(&self) -> bool {
        let mut all = self.above.iter().chain(&self.below).flat_map(|(m, _)| m);
        all.any(|(a, _)| matches!(a, Atom::Opaque(_)))
    }

    /// Do both say the same when set equal to 0? `sign`: only positive factors between them are allowed.
    pub(super) fn same_zeros(&self, o: &Self, sign: bool) -> bool {
        let (Some((_, a)), Some((_, b))) = (self.above.first(), o.above.first()) else {
            return self.above.is_empty() && o.above.is_empty();
        };
        let Some(factor) = a.checked_div(*b) else {
            return false;
        };
        let scaled = || product(&o.above, &constant(factor));
        (!sign
            || factor.numerator() > 0
                && number_of(&self.below).is_some()
                && number_of(&o.below).is_some())
            && scaled().as_ref() == Some(&self.above)
    }

    /// Its normal form as text.
    fn key(&self) -> String {
        let text = |p: &Polynomial| {
            let terms: Vec<String> = p.iter().map(|(m, c)| format!("{c:?}{m:?}")).collect();
            terms.join("+")
        };
        format!("{}/{}", text(&self.above), text(&self.below))
    }

    /// Moves a number, a root or the first coefficient out of the lower side.
    fn tidy(mut self) -> Option<Self> {
        if self.below.is_empty() {
            return None;
        }
        if let [(monomial, _)] = &*self.below {
            let missing: Monomial = monomial
                .iter()
                .filter(|(a, _)| matches!(a, Atom::Root(_)))
                .map(|(a, (n, d))| (a.clone(), (d - n, *d)))
                .collect();
            if !missing.is_empty() {
                let factor = vec![(missing, Rational::whole(1))];
                self.above = product(&self.above, &factor)?;
                self.below = product(&self.below, &factor)?;
            }
        }
        let (_, first) = self.below.first()?;
        let scale = constant(Rational::whole(1).checked_div(*first)?);
        self.above = product(&self.above, &scale)?;
        self.below = product(&self.below, &scale)?;
        Some(self)
    }
}
