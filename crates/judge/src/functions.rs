//! Functions of numbers: rounding up and down, absolute values, logarithms, remainders.

use super::amount::Value;
use super::value::{Reading, near};
use rotescope_text::number::Rational;

/// Brackets that are functions of what stands in them.
pub(super) const CEILING: char = '⌈';
pub(super) const FLOOR: char = '⌊';
pub(super) const ABSOLUTE: char = '|';

/// What a value in brackets comes to.
pub(super) fn bracketed(bracket: char, inner: Value) -> Option<Value> {
    match bracket {
        CEILING => whole(inner, true),
        FLOOR => whole(inner, false),
        ABSOLUTE => inner.map(
            |v| match v < Rational::ZERO {
                true => v.checked_neg(),
                false => Some(v),
            },
            f64::abs,
        ),
        _ => Some(inner),
    }
}

/// Rounds up or down to a whole number; `None` where it depends on what is not known of the value.
fn whole(value: Value, up: bool) -> Option<Value> {
    let of = |reading: Reading| -> Option<Reading> {
        if let (Some(exact), true) = (reading.exact, reading.error == 0.0) {
            let whole = match up {
                true => exact.checked_neg()?.floor().checked_neg()?,
                false => exact.floor(),
            };
            return Some(Reading::exactly(Rational::new(whole, 1)?));
        }
        let slack = reading.error + 1e-9 * reading.near.abs().max(1.0);
        let round = if up { f64::ceil } else { f64::floor };
        let low = round(reading.near - slack);
        let known = low == round(reading.near + slack) && low.abs() < 1e12;
        #[allow(clippy::cast_possible_truncation)] // It is whole, and not large.
        known.then(|| Reading::exactly(Rational::whole(low as i64)))
    };
    Some(Value {
        full: of(value.full)?,
        bare: of(value.bare)?,
        operators: value.operators + 1,
        ..value
    })
}

/// The logarithm to a base, or the natural one: exact where it is a fraction with a small denominator.
pub(super) fn logarithm(of: Value, base: Option<u32>) -> Option<Value> {
    let real = move |v: f64| base.map_or(v.ln(), |b| v.ln() / f64::from(b).ln());
    let mut value = of.map(|v| exact_logarithm(v, base), real)?;
    // Nobody works them out to many digits.
    for reading in [&mut value.full, &mut value.bare] {
        if reading.exact.is_none() {
            reading.error = reading.error.max(0.01 * reading.near.abs());
        }
    }
    Some(value)
}

fn exact_logarithm(of: Rational, base: Option<u32>) -> Option<Rational> {
    if of == Rational::whole(1) {
        return Some(Rational::ZERO);
    }
    let base = Rational::whole(base?.into());
    if of <= Rational::ZERO {
        return None;
    }
    let around = near(of).ln() / near(base).ln();
    (1..=6_i32).find_map(|q| {
        #[allow(clippy::cast_possible_truncation)] // A guess, which is tried.
        let (p, q) = ((around * f64::from(q)).round() as i64, i64::from(q));
        let power = base.pow(Rational::whole(p))?;
        (power == of.pow(Rational::whole(q))?).then_some(())?;
        Rational::new(p.into(), q.into())
    })
}

/// What a division of whole numbers leaves; where one is negative, conventions differ.
pub(super) fn remainder(of: Rational, by: Rational) -> Option<Rational> {
    let fits = of.is_whole() && by.is_whole() && of >= Rational::ZERO && by > Rational::ZERO;
    Rational::new(fits.then(|| of.numerator() % by.numerator())?, 1)
}

/// The base of a logarithm whose name is `name`, and how much of what is behind the name says so. One without a base may be to ten or the natural
/// one, and is none.
pub(super) fn log(name: &str, behind: &str) -> Option<(Option<u32>, usize)> {
    match name {
        "ln" if !behind.starts_with(['_', '^']) => return Some((None, 0)),
        "log" => {}
        _ => return None,
    }
    let run = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, len) = if let Some(braced) = behind.strip_prefix("_{") {
        let n = run(braced);
        (&braced[..n], braced[n..].starts_with('}').then_some(n + 3)?)
    } else if let Some(low) = behind.strip_prefix('_') {
        // In LaTeX the base of log_28 is 2.
        let n = if low.starts_with("10") {
            2
        } else {
            run(low).min(1)
        };
        (&low[..n], n + 1)
    } else {
        let n = run(behind);
        behind[n..].starts_with('(').then_some((&behind[..n], n))?
    };
    let base: u32 = digits.parse().ok().filter(|b| *b > 1)?;
    Some((Some(base), len))
}

/// How far the absolute value goes that a `|` in front of this opens: to the next one, if there are numbers between them and no names.
pub(super) fn absolute(behind: &str) -> Option<usize> {
    const LONGEST: usize = 80;
    let within = behind.bytes().take(LONGEST);
    let end = within.clone().position(|b| b == b'|' || b == b'\n')?;
    let inside = behind
        .get(..end)
        .filter(|_| behind.as_bytes()[end] == b'|')?;
    let blank = |c: char| c.is_whitespace();
    if inside.starts_with(blank)
        || inside.ends_with(blank)
        || !inside.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let mut commands = inside.split('\\');
    let letters = |s: &str| s.contains(char::is_alphabetic);
    let first = commands.next().is_some_and(|s| !letters(s));
    let known = |s: &str| {
        let name = ["frac", "dfrac", "tfrac", "cdot", "times", "sqrt", "div"];
        name.iter()
            .any(|n| s.strip_prefix(n).is_some_and(|rest| !letters(rest)))
    };
    (first && commands.all(known) && !inside.contains(['=', '<', '>'])).then_some(end)
}
