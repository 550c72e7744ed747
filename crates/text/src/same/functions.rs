//! Functions that expressions name: their values, exact where they are whole numbers.

use super::form::Form;
use crate::number::Rational;

/// A function of a real number.
type Real = fn(f64) -> f64;

/// Functions with a name, and their values where these are sure.
#[rustfmt::skip]
const FUNCTIONS: &[(&str, Real)] = &[
    ("sin", f64::sin), ("cos", f64::cos), ("tan", f64::tan), ("arcsin", f64::asin), ("arccos", f64::acos), ("arctan", f64::atan),
    ("sinh", f64::sinh), ("cosh", f64::cosh), ("tanh", f64::tanh), ("ln", f64::ln), ("exp", f64::exp), ("abs", f64::abs),
    ("cot", |x| x.tan().recip()), ("sec", |x| x.cos().recip()), ("csc", |x| x.sin().recip()), ("lg", f64::log10),
    ("floor", f64::floor), ("ceil", f64::ceil),
    // To which base is not sure.
    ("log", |_| f64::NAN),
];

/// The function of this name.
pub(super) fn function(name: &str) -> Option<Real> {
    FUNCTIONS.iter().find(|(n, _)| *n == name).map(|(_, f)| *f)
}

/// A function of an argument; `degrees`: that stands in degrees.
pub(super) fn value_of(name: &str, inside: &Form, degrees: bool) -> Option<Form> {
    let near = inside
        .near()
        .map(|x| if degrees { x.to_radians() } else { x });
    let key = if degrees {
        format!("{name}°")
    } else {
        name.to_owned()
    };
    Form::opaque(&key, &[inside], near.map(function(name)?))
}

/// The logarithm to a base.
pub(super) fn logarithm(base: &Form, inside: &Form) -> Option<Form> {
    let near = inside.near().zip(base.near()).map(|(x, b)| x.ln() / b.ln());
    Form::opaque("log_", &[base, inside], near)
}

pub(super) fn absolute(inside: Form) -> Option<Form> {
    match inside.value() {
        Some(v) if v.numerator() < 0 => inside.neg(),
        Some(_) => Some(inside),
        None => value_of("abs", &inside, false),
    }
}

/// The whole number below, or above if `up`.
pub(super) fn rounded(inside: &Form, up: bool) -> Option<Form> {
    let whole = inside
        .value()
        .map(|v| v.floor() + i128::from(up && !v.is_whole()));
    match whole.and_then(|w| Rational::new(w, 1)) {
        Some(w) => Some(Form::number(w)),
        None => value_of(if up { "ceil" } else { "floor" }, inside, false),
    }
}

pub(super) fn factorial(n: &Form) -> Option<Form> {
    let value = n
        .value()
        .filter(|v| v.is_whole() && (0..=30).contains(&v.numerator()));
    let Some(v) = value else {
        return Form::opaque("!", &[n], None);
    };
    let product = (1..=v.numerator()).try_fold(1_i128, i128::checked_mul)?;
    Some(Form::number(Rational::new(product, 1)?))
}

/// How many ways there are to take `k` of `n`; `None` where these are no small whole numbers.
pub(super) fn binomial(n: &Form, k: &Form) -> Option<Form> {
    let (n, k) = (n.value()?, k.value()?);
    let small = |v: Rational| v.is_whole() && (0..=60).contains(&v.numerator());
    (small(n) && small(k) && k.numerator() <= n.numerator()).then_some(())?;
    let (n, k) = (n.numerator(), k.numerator());
    let value = (0..k).try_fold(1_i128, |all, i| Some(all.checked_mul(n - i)? / (i + 1)))?;
    Some(Form::number(Rational::new(value, 1)?))
}
