//! Are two answers the same, whatever way they are written?

use super::markup::{braces, strip};
use super::number::{Rational, number_len};

/// Are two answers the same?
///
/// If both are numbers they are compared exactly, as fractions: `1,000` = `1e3` = `1000.0`,
/// `1/2` = `\frac{1}{2}` = `0.5` = `50%`. Currency signs are ignored, and so is a unit behind one of the
/// numbers (`$5` = `5 dollars`); if both name a unit, it must be the same up to a plural `s`. A
/// percentage also equals the bare number in front of its sign (`50%` = `50`), as answers are often given
/// so. Everything else is compared as text: case matters (titles), but not surrounding white space,
/// quotes, emphasis and a final dot. A number in base 2 is written with the same digits on both
/// sides, so it needs no rule of its own.
pub fn same_answer(a: &str, b: &str) -> bool {
    let (a, b) = (strip(a), strip(b));
    if collapse(a) == collapse(b) {
        return true;
    }
    let (Some(x), Some(y)) = (number_of(a), number_of(b)) else {
        return false;
    };
    if !x.unit.is_empty() && !y.unit.is_empty() && singular(&x.unit) != singular(&y.unit) {
        return false;
    }
    let hundredth = |q: &Quantity| q.value.checked_div(Rational::whole(100));
    x.value == y.value
        || x.percent != y.percent && {
            let (p, plain) = if x.percent { (&x, &y) } else { (&y, &x) };
            hundredth(p) == Some(plain.value)
        }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn singular(unit: &str) -> &str {
    unit.strip_suffix('s').unwrap_or(unit)
}

/// A number with what stands around it.
pub(super) struct Quantity {
    /// The number in front of the percent sign, if there is one.
    value: Rational,
    percent: bool,
    unit: String,
}

/// Reads an answer that is one number: `-3`, `$1,000.50`, `1/2`, `1 1/2`, `1e3`, `50 %`,
/// `\frac{1}{2}`, `x = 5`, `12 apples`.
pub(super) fn number_of(answer: &str) -> Option<Quantity> {
    let plain = plain_latex(answer);
    // "x = 5": what is behind the last sign of equality.
    let text = plain.rsplit('=').next().unwrap_or(&plain);
    let currency = |c: char| c.is_whitespace() || "$€£¥₹".contains(c);
    let text = text.trim_start_matches(currency);
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(t) => (true, t),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.trim_start_matches(currency);
    let (mut value, mut rest) = unsigned(text)?;
    if let Some((below, r)) = rest
        .trim_start()
        .strip_prefix('/')
        .and_then(|r| unsigned(r.trim_start()))
    {
        value = value.checked_div(below)?;
        rest = r;
    } else if value.is_whole() && rest.starts_with(' ') {
        // A mixed number: 1 1/2.
        let fraction = unsigned(rest.trim_start()).and_then(|(n, r)| {
            let (d, r) = unsigned(r.strip_prefix('/')?)?;
            Some((n.checked_div(d)?, r))
        });
        if let Some((f, r)) = fraction {
            value = value.checked_add(f)?;
            rest = r;
        }
    }
    let after = rest.trim_start();
    let (percent, unit) = match after.strip_prefix('%') {
        Some(u) => (true, u),
        None => (false, after),
    };
    let unit = unit.trim_start_matches(currency).trim();
    let (percent, unit) = match unit.strip_prefix("percent") {
        Some(u) if !percent => (true, u.trim()),
        _ => (percent, unit),
    };
    // A unit is words without further numbers or operators.
    if unit
        .chars()
        .any(|c| c.is_ascii_digit() || "=+*<>,:;".contains(c))
    {
        return None;
    }
    Some(Quantity {
        value: if negative {
            value.checked_neg()?
        } else {
            value
        },
        percent,
        unit: unit.to_owned(),
    })
}

/// An unsigned number with an optional exponent, and what follows.
fn unsigned(text: &str) -> Option<(Rational, &str)> {
    let len = number_len(text);
    let mut value = Rational::from_digits(&text[..len].replace(',', ""), 10)?;
    let mut rest = &text[len..];
    // "3." with nothing behind the point is 3.
    if let Some(r) = rest.strip_prefix('.').filter(|r| r.is_empty()) {
        rest = r;
    }
    if let Some(e) = rest.strip_prefix(['e', 'E']) {
        let (negative, digits) = match e.strip_prefix('-') {
            Some(d) => (true, d),
            None => (false, e.strip_prefix('+').unwrap_or(e)),
        };
        let n = digits.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=2).contains(&n) {
            let exponent = Rational::whole(digits[..n].parse().ok()?);
            let scale = Rational::whole(10).pow(if negative {
                exponent.checked_neg()?
            } else {
                exponent
            })?;
            value = value.checked_mul(scale)?;
            rest = &digits[n..];
        }
    }
    // "3rd" and "5x" are no numbers.
    let glued = rest.starts_with(|c: char| c.is_alphabetic());
    let unit = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    (!glued
        || (unit == rest.trim_end().len()
            && matches!(
                &rest[..unit],
                "m" | "cm"
                    | "km"
                    | "g"
                    | "kg"
                    | "mg"
                    | "l"
                    | "ml"
                    | "s"
                    | "h"
                    | "ft"
                    | "lb"
                    | "lbs"
                    | "oz"
                    | "am"
                    | "pm"
            )))
    .then_some((value, rest))
}

/// Takes the commonest LaTeX off a value: `\$`, `\%`, `{,}`, `\,`, `\text{..}`, `\frac{a}{b}`.
fn plain_latex(text: &str) -> String {
    let mut plain = text
        .trim()
        .replace("\\$", "$")
        .replace("\\%", "%")
        .replace("{,}", ",")
        .replace("\\!", "");
    plain = plain
        .replace("\\,", " ")
        .replace("\\ ", " ")
        .replace('~', " ")
        .replace("\\dfrac", "\\frac")
        .replace("\\tfrac", "\\frac");
    for command in ["\\text{", "\\mathrm{", "\\mbox{", "\\textbf{"] {
        while let Some(i) = plain.find(command) {
            let start = i + command.len();
            let Some(len) = braces(&plain[start..]) else {
                break;
            };
            plain = format!(
                "{}{}{}",
                &plain[..i],
                &plain[start..start + len],
                &plain[start + len + 1..]
            );
        }
    }
    while let Some(i) = plain.find("\\frac{") {
        let start = i + 6;
        let Some(above) = braces(&plain[start..]) else {
            break;
        };
        let Some(rest) = plain[start + above + 1..].strip_prefix('{') else {
            break;
        };
        let Some(below) = braces(rest) else { break };
        // A blank keeps mixed numbers apart: 1\frac{1}{2}.
        plain = format!(
            "{} {}/{}{}",
            &plain[..i],
            &plain[start..start + above],
            &rest[..below],
            &rest[below + 1..]
        )
        .trim_start()
        .to_owned();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers() {
        for (a, b) in [
            ("1,000", "1e3"),
            ("1000", "1000.0"),
            ("1/2", "0.5"),
            ("\\frac{1}{2}", "0.5"),
            ("1 1/2", "1.5"),
            ("1\\frac{1}{2}", "1.5"),
            ("50%", "0.5"),
            ("50%", "50"),
            ("50 percent", "50%"),
            ("$5", "5 dollars"),
            ("\\$1{,}000", "1000"),
            ("-3", "\u{2212}3"),
            ("-$5", "-5"),
            ("5 apples", "5."),
            ("5 \\text{ apples}", "5"),
            ("x = 7", "7"),
            ("0.1", "1/10"),
            ("5.0 apple", "5 apples"),
            ("10 km", "10km"),
            ("€3", "3"),
            ("  \"The End\".", "The End"),
            ("the  end", "the end"),
        ] {
            assert!(same_answer(a, b) && same_answer(b, a), "{a} {b}");
        }
    }

    #[test]
    fn different_answers() {
        for (a, b) in [
            ("5", "6"),
            ("The End", "the end"),
            ("101 Dalmatians", "101 dalmatians"),
            ("1,2", "12"),
            ("5 apples", "5 pears"),
            ("1/3", "0.333"),
            ("50%", "5"),
            ("1010", "10"),
            ("3 or 4", "3"),
            ("", "0"),
            ("3rd", "3"),
            ("2x", "2"),
            ("-5", "5"),
            ("9007199254740993", "9007199254740992"),
        ] {
            assert!(!same_answer(a, b) && !same_answer(b, a), "{a} {b}");
        }
    }
}
