//! Does a written value stand for the computed one?

use super::amount::Value;
use super::lexeme::{Kind, Lexeme};
use super::value::Reading;
use rotescope_text::number::Rational;

/// How a written value compares with the computed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// It is that value, or that value rounded.
    Same,
    /// It may be: rounded more than it is usual, or from values that are rounded themselves.
    Near,
    /// It is another one.
    Apart,
}

/// A written number: how far it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Literal {
    /// Digits behind the point.
    pub places: u32,
    /// Digits from the first that is not zero.
    pub significant: usize,
    /// Zeros at the end of a whole number, which may be there for size alone.
    pub zeros: u32,
}

impl Literal {
    /// The number that `claim` consists of, with or without a sign and a unit.
    pub(super) fn of(claim: &[Lexeme], step: &str) -> Option<Self> {
        let mut found = None;
        for l in claim {
            match &l.kind {
                Kind::Number { numeral, .. } if found.is_none() => {
                    let text = &step[l.span.clone()];
                    let digits = text.bytes().filter(u8::is_ascii_digit);
                    let significant = digits.skip_while(|b| *b == b'0').count();
                    let plain = text.trim_end_matches(['%', '\\', ' ']);
                    let zeros = plain
                        .bytes()
                        .rev()
                        .filter(|b| *b != b',')
                        .take_while(|b| *b == b'0');
                    found = Some(Self {
                        places: numeral.places,
                        significant,
                        zeros: if numeral.places > 0 {
                            0
                        } else {
                            u32::try_from(zeros.count()).unwrap_or(0)
                        },
                    });
                }
                Kind::Minus | Kind::Plus | Kind::Word(_) | Kind::Open('{') | Kind::Close('{') => {}
                _ => return None,
            }
        }
        found
    }
}

/// Compares a computed value with a written one; `literal` if that is a plain number. `approximate`: the sign between them says so.
///
/// A number with k digits stands for what lies within half a unit of its last digit, or is cut off there.
pub(super) fn compare(
    value: &Value,
    claim: &Value,
    literal: Option<Literal>,
    approximate: bool,
) -> Agreement {
    let pairs = pairs(value, claim);
    if let Some((v, c, _)) = pairs.iter().find(|(v, c, _)| v.equals(c)) {
        // Of a long number a float holds the first digits alone.
        let exact = v.exact.is_some() && c.exact.is_some();
        let known = exact || literal.is_none() || v.near.abs() < 1e15;
        return if known {
            Agreement::Same
        } else {
            Agreement::Near
        };
    }
    let agreements = pairs.iter().map(|(v, c, unit)| match literal {
        Some(literal) => rounded(
            v,
            c,
            *unit,
            literal,
            value.division && !value.sum,
            approximate,
        ),
        None => within(v, c, approximate),
    });
    let agreements: Vec<Agreement> = agreements.collect();
    [Agreement::Same, Agreement::Near]
        .into_iter()
        .find(|a| agreements.contains(a))
        .unwrap_or(Agreement::Apart)
}

/// What may be compared with what, and the size of a unit of the written number.
fn pairs(value: &Value, claim: &Value) -> Vec<(Reading, Reading, f64)> {
    let scale = if claim.bare.near == 0.0 {
        1.0
    } else {
        (claim.full.near / claim.bare.near).abs()
    };
    let mut pairs = vec![(value.full, claim.full, scale)];
    // In a sum of percentages and plain numbers the sign cannot be ignored: 100 - 20%.
    let mixed = value.mixed_percent || claim.mixed_percent;
    if !mixed && (value.percent || claim.percent || value.scaled || claim.scaled) {
        pairs.push((value.bare, claim.bare, 1.0));
        pairs.push((value.full, claim.bare, 1.0));
        pairs.push((value.bare, claim.full, scale));
    }
    pairs
}

/// Relative difference up to which a value that ends is taken as rounded, or perhaps cut off, to few digits.
const CLOSE: f64 = 0.005;
const LOOSE: f64 = 0.025;

fn rounded(
    value: &Reading,
    claim: &Reading,
    scale: f64,
    literal: Literal,
    division: bool,
    approximate: bool,
) -> Agreement {
    let places = i32::try_from(literal.places).unwrap_or(i32::MAX);
    let mut unit = scale * 0.1_f64.powi(places);
    let size = value.near.abs();
    let off = (value.near - claim.near).abs();
    // A float's last digits are noise: 14.999999999999998.
    if literal.significant >= 12 && off <= 1e-9 * size {
        return Agreement::Same;
    }
    if approximate {
        // 1234 is approximately 1200.
        unit *= 10_f64.powi(i32::try_from(literal.zeros).unwrap_or(0));
    }
    let slack = 1e-9 * size.max(unit);
    let half = off <= unit / 2.0 + slack;
    let cut = off < unit - slack && claim.near.abs() <= size;
    let whole = value.exact.is_some_and(Rational::is_whole);
    let exact = value.error == 0.0;
    // A whole number that was computed from exact ones need not be rounded.
    let needless = whole && exact && !approximate;
    if (half || cut) && !needless {
        let ends = value.exact.is_some_and(|v| v.digits(10, 30).1);
        let usual = literal.places > 0 && literal.significant > 0 || literal.significant >= 2;
        let careful = literal.places > 0 && literal.significant >= 3;
        if approximate || (usual && !ends) || careful || off <= CLOSE * size {
            return Agreement::Same;
        }
        if half || !ends || off <= LOOSE * size {
            return Agreement::Near;
        }
    }
    // Whole things: 7 / 2 = 3 boxes.
    if division && literal.places == 0 && !whole && size > 1.0 && off < scale {
        return Agreement::Near;
    }
    if !exact && off <= value.error + unit / 2.0 {
        return Agreement::Near;
    }
    // The more digits are given, the closer they should be.
    let loose = match literal.significant {
        ..=3 => 0.05,
        4 => 0.01,
        _ => 0.001,
    };
    let units = if literal.significant > 1 { 2.0 } else { 1.0 };
    if approximate && (off <= units * unit || off <= loose * size) {
        return Agreement::Near;
    }
    Agreement::Apart
}

/// Two expressions, of which none is rounded as a whole.
fn within(value: &Reading, claim: &Reading, approximate: bool) -> Agreement {
    let off = (value.near - claim.near).abs();
    let error = value.error + claim.error;
    if (error > 0.0 && off <= error) || (approximate && off <= 0.05 * value.near.abs()) {
        Agreement::Near
    } else {
        Agreement::Apart
    }
}
