//! GSM8K's calculator marks: `16 - 3 = <<16-3=13>>13`.

use super::equation::Equation;
use super::numeral::numeral;
use super::value::near;
use rotescope_text::ByteRange;
use rotescope_text::number::Rational;

/// No mark is longer, in bytes.
const LONGEST: usize = 300;

/// Where the marks of a step lie, `<<` and `>>` included.
pub(super) fn marks(step: &str) -> Vec<ByteRange> {
    let mut marks: Vec<ByteRange> = Vec::new();
    for (i, _) in step.match_indices("<<") {
        if marks.last().is_some_and(|m| i < m.end) {
            continue;
        }
        let bytes = &step.as_bytes()[i..step.len().min(i + LONGEST)];
        let close = bytes.windows(2).position(|w| w == b">>");
        let Some(close) = close else { continue };
        let inside = &bytes[2..close];
        if inside.contains(&b'=') && !inside.contains(&b'\n') && !inside.contains(&b'<') {
            marks.push(i..i + close + 2);
        }
    }
    marks
}

/// The step with blanks in place of its marks.
pub(super) fn without(step: &str, marks: &[ByteRange]) -> String {
    let mut out = String::with_capacity(step.len());
    let mut at = 0;
    for mark in marks {
        out.push_str(&step[at..mark.start]);
        out.extend(std::iter::repeat_n(' ', mark.len()));
        at = mark.end;
    }
    out.push_str(&step[at..]);
    out
}

/// The number behind a mark, beside the mark's result; `None` if there is no such pair.
pub(super) fn carried(step: &str, mark: &ByteRange) -> Option<Equation> {
    let inside = &step[mark.start + 2..mark.end - 2];
    let equals = inside.rfind('=')?;
    let (result, written) = signed(&inside[equals + 1..])?;
    if written.trim() != inside[equals + 1..].trim() {
        return None;
    }
    let behind = &step[mark.end..];
    let lead = behind.len() - behind.trim_start_matches(['$', '\\', '€', '£', ' ']).len();
    let (number, text) = signed(&behind[lead..])?;
    let rest = &behind[lead + text.len()..];
    let from = mark.end + lead;
    let claimed = from..from + text.len();
    let expression = mark.start + 2 + equals + 1..mark.end - 2;
    let places = text.split_once('.').map_or(0, |(_, p)| p.len());
    let unit = 0.1_f64.powi(i32::try_from(places).unwrap_or(i32::MAX));
    let stands_for = |factor: f64, written: Rational| {
        let (result, written) = (near(result) * factor, near(written));
        let off = (result - written).abs();
        let rounded = !(result.fract() == 0.0 && written.fract() == 0.0);
        off <= 1e-9 * result.abs() || (rounded && off < unit * (1.0 + 1e-9))
    };
    let percent = rest.starts_with('%') || rest.starts_with("\\%");
    let same = stands_for(1.0, number) || (percent && stands_for(100.0, number));
    // 5,875 may be 5.875.
    let turned = numeral(text.trim_start_matches('-'), 10).and_then(|(n, _)| n.turned);
    if !same && (goes_on(rest) || turned.is_some_and(|t| stands_for(1.0, t))) {
        return None;
    }
    let expected = written.trim().to_owned();
    let first_wrong = (!same).then(|| super::verdict::first_difference(text, &expected, from));
    Some(Equation {
        expression,
        claimed,
        value: Some(result),
        expected,
        first_wrong,
    })
}

/// Is what stands in front of this not the whole number: 1/2, 3:00, 20 000, 2 million, 5x?
fn goes_on(rest: &str) -> bool {
    const WORDS: [&str; 7] = [
        "million", "thousand", "hundred", "billion", "dozen", "cents", "k ",
    ];
    let glued = |c: char| c.is_alphanumeric() || c == '$';
    let behind = rest.trim_start();
    let signs = [
        '/', '*', '+', '-', 'x', '=', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ];
    rest.starts_with(glued)
        || rest
            .strip_prefix(['/', ':', ',', '.', '^'])
            .is_some_and(|r| r.starts_with(glued))
        || behind.starts_with(signs)
        || WORDS.iter().any(|w| behind.starts_with(w))
}

/// The number that `text` begins with, with its sign, and how it is written.
fn signed(text: &str) -> Option<(Rational, &str)> {
    let sign = usize::from(text.starts_with('-'));
    let (numeral, len) = numeral(&text[sign..], 10)?;
    let value = numeral.value?;
    let value = if sign > 0 {
        value.checked_neg()?
    } else {
        value
    };
    Some((value, &text[..sign + len]))
}
