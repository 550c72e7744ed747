//! Congruences: `327 \equiv 4 \pmod{17}`, `10 ≡ 3 (mod 7)`.

use super::amount::Value;
use super::equation::Equation;
use super::lexeme::{Kind, Lexeme};
use super::sides::Sides;
use rotescope_text::ByteRange;
use rotescope_text::number::Rational;

/// The modulus stands at most this many lexemes behind the sign.
const NEAR: usize = 40;

/// The congruence of whole numbers whose sign is lexeme `sign`, judged; its sides lie between `from` and `to`.
pub(super) fn congruence(
    step: &str,
    lexemes: &[Lexeme],
    (from, sign, to): (usize, usize, usize),
    chained: bool,
) -> Option<Equation> {
    let (at, modulus) = modulus(step, &lexemes[sign + 1..])?;
    let to = to.min(sign + 1 + at);
    let sides = Sides::of(step, &lexemes[..to], (from, sign, to), chained)?;
    let whole = |v: Rational| v.is_whole().then_some(v.numerator());
    let (left, right) = (sides.left.full.exact?, sides.right.full.exact?);
    let apart = whole(left)?.checked_sub(whole(right)?)? % modulus != 0;
    let plain = |v: &Value| !v.ambiguous && v.units.is_empty();
    let sure = plain(&sides.left) && plain(&sides.right) && sides.free_before();
    if sides.end != to || (apart && !sure) {
        return None;
    }
    let span = |range: &[Lexeme]| -> Option<ByteRange> {
        Some(range.first()?.span.start..range.last()?.span.end)
    };
    let claimed = span(sides.claim())?;
    let rest = Rational::new(whole(left)?.rem_euclid(modulus), 1)?;
    Some(Equation {
        expression: span(sides.computed())?,
        value: Some(rest),
        expected: match apart {
            true => rest.written(10),
            false => step[claimed.clone()].to_owned(),
        },
        first_wrong: apart.then_some(claimed.start),
        claimed,
    })
}

pub(super) fn is_congruent(sign: &str) -> bool {
    matches!(sign, "≡" | "\\equiv")
}

/// Where the modulus is named in what stands behind a sign, and the modulus.
fn modulus(step: &str, behind: &[Lexeme]) -> Option<(usize, i128)> {
    let names = |l: &Lexeme| match &l.kind {
        Kind::Modulo => true,
        Kind::Variable(name) => matches!(name.as_str(), "pmod" | "mod"),
        _ => l.word() == "mod",
    };
    let near = &behind[..behind.len().min(NEAR)];
    let named = near
        .iter()
        .position(|l| names(l) || l.kind == Kind::Break)?;
    let mut rest = behind
        .get(named..)?
        .iter()
        .filter(|l| !matches!(l.kind, Kind::Open(_)));
    let name = rest.next().filter(|l| names(l))?;
    let number = match &rest.next()?.kind {
        Kind::Number { numeral, .. } => numeral.value?,
        _ => return None,
    };
    // (mod 7), (mod n^2)
    let goes_on = rest
        .next()
        .is_some_and(|l| l.is_operator() || l.is_unknown() || l.kind == Kind::Factorial);
    let modulus = Some(number.numerator()).filter(|n| number.is_whole() && *n > 0 && !goes_on)?;
    let bracket = step[..name.span.start].trim_end().ends_with('(');
    Some((named - usize::from(bracket && named > 0), modulus))
}
