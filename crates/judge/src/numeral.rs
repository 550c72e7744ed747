//! Numbers as they stand in a step: digits, marks of thousands, a point, a part that goes on.

use rotescope_text::number::Rational;

/// A number without sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numeral {
    /// `None` if it has digits that the base does not know, or is too long.
    pub value: Option<Rational>,
    /// Digits behind the point.
    pub places: u32,
    /// Does it go on behind its last digit: `0.333...`?
    pub open: bool,
    /// What it comes to if point and comma change their meanings: `1.500` as thousands, `1,500` as a part.
    pub turned: Option<Rational>,
}

/// What may stand between groups of three digits.
const THOUSANDS: [&str; 9] = [
    ",", "{,}", ",\\!", "\\,", "{\\,}", ",\\,", "\u{2009}", "\u{202f}", "\u{a0}",
];
const ELLIPSES: [&str; 5] = ["...", "…", "\\ldots", "\\dots", "\\cdots"];
const FRACTIONS: [(char, i128, i128); 9] = [
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅙', 1, 6),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
];

/// Digits behind the point beyond these are left out.
const MOST_PLACES: u32 = 18;

/// The number that `text` begins with, and its length.
pub(super) fn numeral(text: &str, base: u32) -> Option<(Numeral, usize)> {
    let mut plain = String::new();
    let mut end = run(text);
    plain.push_str(&text[..end]);
    if (1..=3).contains(&end) {
        while let Some(mark) = group(&text[end..], 3) {
            plain.push_str(&text[end + mark..end + mark + 3]);
            end += mark + 3;
        }
        // 1,50,000
        if plain.len() == end && end < 3 {
            let mut to = end;
            while group(&text[to..], 2) == Some(1) && text[to + 3..].starts_with(',') {
                to += 3;
            }
            if to > end && group(&text[to..], 3) == Some(1) {
                end = to + 4;
                plain = text[..end].replace(',', "");
            }
        }
    }
    // 1,500 and no more groups
    let comma = end >= 5 && plain.len() + 1 == end && text[..end].contains(',');
    let whole = plain.len();
    let mut dotted = (1..=3).contains(&end) && !text.starts_with('0');
    let mut points = 0;
    while text[end..].starts_with('.') && (points == 0 || dotted) {
        let digits = run(&text[end + 1..]);
        let three = digits == 3;
        if digits == 0 || (points > 0 && !three) {
            break;
        }
        if points == 0 {
            plain.push('.');
        }
        plain.push_str(&text[end + 1..end + 1 + digits]);
        end += 1 + digits;
        points += 1;
        dotted &= three;
    }
    dotted &= points > 0;
    if points > 1 {
        // 1.500.000
        plain = plain.replace('.', "");
        dotted = false;
    }
    let places = match points {
        1 => u32::try_from(plain.len() - whole - 1).unwrap_or(u32::MAX),
        _ => 0,
    };
    // Floats of some calculators have more digits than fit.
    let long = places > MOST_PLACES;
    if long {
        plain.truncate(whole + 1 + MOST_PLACES as usize);
    }
    let mut value = Rational::from_digits(&plain, base);
    if let Some((mark, n, d)) = FRACTIONS.iter().find(|f| text[end..].starts_with(f.0)) {
        let part = Rational::new(*n, *d);
        value = if end == 0 {
            part
        } else {
            value.zip(part).and_then(|(v, p)| v.checked_add(p))
        };
        end += mark.len_utf8();
    }
    if end == 0 {
        return None;
    }
    if let Some((power, len)) = exponent(&text[end..]).filter(|_| base == 10) {
        value = value.and_then(|v| v.checked_mul(Rational::whole(10).pow(power)?));
        end += len;
    }
    let ellipsis = ELLIPSES.iter().find(|e| text[end..].starts_with(**e));
    let ellipsis = ellipsis.filter(|_| places > 0).map_or(0, |e| e.len());
    let numeral = Numeral {
        value,
        places: places.min(MOST_PLACES),
        open: long || ellipsis > 0,
        turned: match (dotted, comma && points == 0) {
            (true, _) => value.and_then(|v| v.checked_mul(Rational::whole(1000))),
            (_, true) => value.and_then(|v| v.checked_div(Rational::whole(1000))),
            _ => None,
        },
    };
    Some((numeral, end + ellipsis))
}

/// How many digits `text` begins with.
fn run(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of the mark in front of a group of exactly `size` digits.
fn group(text: &str, size: usize) -> Option<usize> {
    let marks = THOUSANDS.iter().filter(|m| text.starts_with(**m));
    let mut lens = marks.map(|m| m.len());
    lens.find(|len| {
        text.as_bytes()[*len..]
            .iter()
            .take(size + 1)
            .take_while(|b| b.is_ascii_digit())
            .count()
            == size
    })
}

/// `e-05` of `1.2e-05`.
fn exponent(text: &str) -> Option<(Rational, usize)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let digits = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let len = run(digits);
    let ends = !digits[len..].starts_with(char::is_alphanumeric);
    let size = Rational::from_digits(
        digits
            .get(..len)
            .filter(|_| (1..=3).contains(&len) && ends)?,
        10,
    )?;
    let power = if rest.starts_with('-') {
        size.checked_neg()?
    } else {
        size
    };
    Some((power, 1 + rest.len() - digits.len() + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, usize) {
        let (n, len) = numeral(text, 10).unwrap();
        (n.value.unwrap().written(10), len)
    }

    #[test]
    fn marks_of_thousands() {
        for (text, value, len) in [
            ("1,234.5 km", "1234.5", 7),
            ("729,\\!000$", "729000", 9),
            ("729{,}000", "729000", 9),
            ("1\\,000\\,000 =", "1000000", 11),
            ("1\u{202f}000", "1000", 7),
            ("1,50,000", "150000", 8),
            ("12,34,56,789", "123456789", 12),
            ("1.500.000", "1500000", 9),
            ("1,0000", "1", 1),
            ("1234,567", "1234", 4),
            ("12,345,67", "12345", 6),
            ("5,6", "5", 1),
            ("3, 4", "3", 1),
            ("20. So", "20", 2),
            (".5", "0.5", 2),
            ("3..5", "3", 1),
            ("2½ cups", "2.5", 3),
            ("¾", "0.75", 2),
            ("1e3", "1000", 3),
            ("1.2e-02.", "0.012", 7),
            ("3eggs", "3", 1),
        ] {
            assert_eq!(read(text), (value.to_owned(), len), "{text}");
        }
        assert_eq!(numeral("x", 10), None);
        assert_eq!(numeral(".", 10), None);
        assert_eq!(numeral("", 10), None);
    }

    #[test]
    fn points() {
        let of = |text| numeral(text, 10).unwrap().0;
        let turned = |text| of(text).turned.map(|v| v.written(10));
        assert_eq!(turned("1.500").as_deref(), Some("1500"));
        assert_eq!(turned("5,875").as_deref(), Some("5.875"));
        for text in [
            "0.500",
            "1.50",
            "1234.500",
            "1,234,567",
            "1,234.5",
            "1\\,000",
        ] {
            assert_eq!(turned(text), None, "{text}");
        }
        assert!(of("0.333...").open && of("3.3\\ldots").open);
        assert!(!of("3...").open && !of("3.").open);
        assert_eq!((of("3.25").places, of("1,000").places), (2, 0));
    }
}
