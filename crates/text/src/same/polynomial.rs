//! Polynomials with exact coefficients over names and roots.

use std::collections::BTreeMap;

use crate::number::Rational;

/// What a term is made of besides its coefficient.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// A prime (or a factor too large to be split) under a root: its power lies between 0 and 1.
    Root(i128),
    /// A variable or a constant such as `π`. `i` is the root of -1.
    Name(String),
    /// A function, a power or a root that is not worked out, by its normal form.
    Opaque(String),
}

/// A power in lowest terms.
pub(super) type Power = (i32, i32);

/// Atoms in order, each with its power, which is above 0.
pub(super) type Monomial = Vec<(Atom, Power)>;

/// Terms in the order of their monomials, without zeros.
pub(super) type Polynomial = Vec<(Monomial, Rational)>;

/// Terms that a polynomial may have; more are not worked out.
const MOST_TERMS: usize = 60;
const HIGHEST_POWER: i32 = 1000;
/// Divisors tried when a number under a root is split.
const LARGEST_DIVISOR: u128 = 2000;

pub(super) fn constant(value: Rational) -> Polynomial {
    term(Vec::new(), value)
}

/// One term, whose monomial is in normal form.
fn term(monomial: Monomial, value: Rational) -> Polynomial {
    if value == Rational::ZERO {
        return Polynomial::new();
    }
    vec![(monomial, value)]
}

/// The number that it is, if it is one.
pub(super) fn number_of(p: &Polynomial) -> Option<Rational> {
    match &**p {
        [] => Some(Rational::ZERO),
        [(m, c)] if m.is_empty() => Some(*c),
        _ => None,
    }
}

pub(super) fn sum(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    collected(a.iter().chain(b).map(|(m, c)| Some((m.clone(), *c))))
}

/// `None` where it would have too many terms or a coefficient does not fit.
pub(super) fn product(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.len() * b.len() > MOST_TERMS * 10 {
        return None;
    }
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (x, y)));
    collected(pairs.map(|((m, c), (n, d))| {
        let all = m.iter().chain(n).cloned().collect();
        let (monomial, factor) = normal(all)?;
        Some((monomial, c.checked_mul(*d)?.checked_mul(factor)?))
    }))
}

fn collected(terms: impl Iterator<Item = Option<(Monomial, Rational)>>) -> Option<Polynomial> {
    let mut all: BTreeMap<Monomial, Rational> = BTreeMap::new();
    for term in terms {
        let (monomial, value) = term?;
        let before = all.entry(monomial).or_insert(Rational::ZERO);
        *before = before.checked_add(value)?;
    }
    all.retain(|_, c| *c != Rational::ZERO);
    (all.len() <= MOST_TERMS).then(|| all.into_iter().collect())
}

/// Atoms in any order, maybe more than once, as a monomial and the number that comes out of them: `√2 √6` is
/// 2 times `√3`, `i i` is -1.
pub(super) fn normal(atoms: Monomial) -> Option<(Monomial, Rational)> {
    let mut powers: BTreeMap<Atom, Power> = BTreeMap::new();
    for (atom, (n, d)) in atoms {
        let before = powers.entry(atom).or_insert((0, 1));
        let above = n
            .checked_mul(before.1)?
            .checked_add(before.0.checked_mul(d)?)?;
        *before = reduced(above, d.checked_mul(before.1)?)?;
    }
    let mut number = Rational::whole(1);
    let mut monomial = Monomial::new();
    for (atom, (n, d)) in powers {
        let mut left = (n, d);
        if let Atom::Root(p) = &atom {
            let whole = Rational::new(*p, 1)?.pow(Rational::whole(n.div_euclid(d).into()))?;
            number = number.checked_mul(whole)?;
            left = (n.rem_euclid(d), d);
        } else if d == 1 && matches!(&atom, Atom::Name(name) if name == "i") {
            if n.rem_euclid(4) >= 2 {
                number = number.checked_neg()?;
            }
            left = (n.rem_euclid(2), 1);
        }
        if left.0 > HIGHEST_POWER {
            return None;
        }
        if left.0 != 0 {
            monomial.push((atom, left));
        }
    }
    Some((monomial, number))
}

/// A power in lowest terms.
pub(super) fn reduced(n: i32, d: i32) -> Option<Power> {
    let r = Rational::new(n.into(), d.into())?;
    Some((
        i32::try_from(r.numerator()).ok()?,
        i32::try_from(r.denominator()).ok()?,
    ))
}

/// Prime factors with their powers. What is left after small divisors counts as one factor.
pub(super) fn factors(mut n: u128) -> Option<Vec<(i128, i32)>> {
    let mut found = Vec::new();
    let mut divisor = 2;
    while divisor <= LARGEST_DIVISOR && divisor * divisor <= n {
        let mut power = 0;
        while n > 0 && n.is_multiple_of(divisor) {
            n /= divisor;
            power += 1;
        }
        if power > 0 {
            found.push((i128::try_from(divisor).ok()?, power));
        }
        divisor += 1;
    }
    if n > 1 {
        // The square of a large prime is no factor under a square root.
        let root = n.isqrt();
        let (base, power) = if root * root == n { (root, 2) } else { (n, 1) };
        found.push((i128::try_from(base).ok()?, power));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_i_come_out() {
        let root = |p| (Atom::Root(p), (1, 2));
        let i = (Atom::Name("i".into()), (1, 1));
        let x = (Atom::Name("x".into()), (1, 1));
        let minus = Rational::whole(-1);
        assert_eq!(
            normal(vec![root(2), root(3), root(2)]),
            Some((vec![root(3)], Rational::whole(2)))
        );
        assert_eq!(
            normal(vec![i.clone(), x.clone(), i.clone()]),
            Some((vec![x], minus))
        );
        assert_eq!(
            normal(vec![i.clone(), i.clone(), i.clone()]),
            Some((vec![i], minus))
        );
    }

    #[test]
    fn factors_of_numbers() {
        assert_eq!(factors(360), Some(vec![(2, 3), (3, 2), (5, 1)]));
        assert_eq!(factors(1), Some(vec![]));
        assert_eq!(factors(10_007 * 10_007), Some(vec![(10_007, 2)]));
        assert_eq!(factors(97), Some(vec![(97, 1)]));
    }
}
