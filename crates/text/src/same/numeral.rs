//! Numerals as people write them: marks between thousands, decimal points and commas, exponents.

use crate::number::Rational;

/// What stands between the whole part and the decimals of a number.
///
/// Numbers that can be read one way only are read so in either locale: `1,234.56` and `1.234,56`,
/// `1.500.000`, `18.50`. The locale says what `1,500` and `1.500` are, and whether the comma of `(1,5)` can
/// be a decimal one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// `1,500` is one thousand five hundred, `1.500` is one and a half. A comma before other than three digits
    /// (`18,50`) is still read as a decimal one, besides as one between the items of a list: an answer is not
    /// called wrong for it.
    #[default]
    Point,
    /// `1.500` is one thousand five hundred, `1,500` is one and a half.
    Comma,
}

impl Locale {
    /// As options and files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }
}

impl std::str::FromStr for Locale {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err(format!(
                "unknown locale '{s}': use 'point' (1,234.5) or 'comma' (1.234,5)"
            )),
        }
    }
}

/// What the commas and points within the digits of a text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// `1,500` is one number.
    pub comma_groups: bool,
    /// `18,50` is one number.
    pub comma_decimals: bool,
    /// `1.500` is a thousand and a half.
    pub point_groups: bool,
}

impl Marks {
    /// Every comma stands between items.
    pub(super) const LIST: Self = Self {
        comma_groups: false,
        comma_decimals: false,
        point_groups: false,
    };

    /// Within brackets a comma parts items, unless the locale has decimal ones.
    pub(super) fn inside_brackets(self) -> Self {
        Self {
            comma_decimals: self.comma_decimals && self.point_groups,
            ..self
        }
    }
}

/// A fraction below 1 behind a whole number, ` 1/2` or `\frac{1}{2}`: its value and length.
pub(super) fn fraction_behind(text: &str) -> Option<(Rational, usize)> {
    let rest = text.trim_start_matches(' ');
    let apart = rest.len() < text.len();
    let (above, below, after) = match rest.strip_prefix("\\frac") {
        Some(latex) => {
            let (above, rest) = argument(latex)?;
            let (below, rest) = argument(rest)?;
            (above, below, rest)
        }
        None => {
            let n = digits(rest.as_bytes(), 0);
            let second = rest[n..].strip_prefix('/').filter(|_| apart)?;
            let m = digits(second.as_bytes(), 0);
            (&rest[..n], &second[..m], &second[m..])
        }
    };
    let (above, below) = (above.parse::<u32>().ok()?, below.parse::<u32>().ok()?);
    let value = Rational::new(above.into(), below.into()).filter(|_| above > 0 && above < below)?;
    Some((value, text.len() - after.len()))
}

/// The digits of a command's argument, in braces or a single one, and what follows.
fn argument(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('{') {
        Some(inside) => {
            let n = digits(inside.as_bytes(), 0);
            Some((&inside[..n], inside[n..].strip_prefix('}')?))
        }
        None => text
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| text.split_at(1)),
    }
}

/// No numeral is longer, in bytes.
const LONGEST: usize = 80;

/// Reads the unsigned numeral that a text begins with; gives its value and its length. Digits are ASCII ones.
pub(super) fn numeral(text: &str, marks: Marks) -> Option<(Rational, usize)> {
    let b = text.as_bytes();
    let first = digits(b, 0);
    if first == 0 && b.first() != Some(&b'.') {
        return None;
    }
    let (mut end, group) = groups(b, first, marks);
    let mut written: String = text[..end].chars().filter(char::is_ascii_digit).collect();
    let comma = marks.comma_decimals && group != Some(b',') && commas(b, first) == 1
        || matches!(group, Some(b'.' | b' ' | b'\''));
    let point = match b.get(end) {
        Some(b'.') => group != Some(b'.'),
        Some(b',') => comma,
        _ => false,
    };
    let decimals = if point { digits(b, end + 1) } else { 0 };
    if decimals > 0 {
        written.push('.');
        written.push_str(&text[end + 1..end + 1 + decimals]);
        end += 1 + decimals;
    }
    if end > LONGEST {
        return None;
    }
    let mut value = Rational::from_digits(&written, 10)?;
    if point || decimals > 0 {
        let at = end + usize::from(decimals == 0);
        let (more, len) = recurring(&text[at..], decimals)?;
        value = value.checked_add(more)?;
        end = if len > 0 { at + len } else { end };
    }
    let (scale, len) = exponent(&text[end..])?;
    Some((value.checked_mul(scale)?, end + len))
}

fn digits(b: &[u8], from: usize) -> usize {
    let rest = b.get(from..).unwrap_or_default();
    rest.iter()
        .take(LONGEST + 1)
        .take_while(|c| c.is_ascii_digit())
        .count()
}

/// How many commas stand between the digits of a text that begins with `first` of them.
fn commas(b: &[u8], first: usize) -> usize {
    let (mut end, mut n) = (first, 0);
    while b.get(end) == Some(&b',') && digits(b, end + 1) > 0 && n < 2 {
        end += 1 + digits(b, end + 1);
        n += 1;
    }
    n
}

/// The end of the whole part, whose first `first` digits may be followed by groups, and the mark between these.
fn groups(b: &[u8], first: usize, marks: Marks) -> (usize, Option<u8>) {
    let none = (first, None);
    if !(1..=3).contains(&first) || b[0] == b'0' {
        return none;
    }
    let Some(&mark) = b.get(first) else {
        return none;
    };
    // From a border on: how many groups of three follow, and where they end.
    let threes = |from: usize| {
        let (mut end, mut n) = (from, 0);
        while end <= LONGEST && b.get(end) == Some(&mark) && digits(b, end + 1) == 3 {
            end += 4;
            n += 1;
        }
        // A mark and digits that make no group: the marks are something else.
        let broken = mark != b' ' && b.get(end) == Some(&mark) && digits(b, end + 1) > 0;
        (end, if broken { 0 } else { n })
    };
    // Indian groups: 12,34,567.
    let twos = || {
        let (mut end, mut n) = (first, 0);
        while end <= LONGEST && b.get(end) == Some(&b',') && digits(b, end + 1) == 2 {
            end += 3;
            n += 1;
        }
        (first <= 2 && n > 0)
            .then(|| threes(end))
            .filter(|(_, n)| *n == 1)
    };
    let (end, n) = threes(first);
    match mark {
        // 1 234/500 is a mixed number.
        b' ' if n > 0 && b.get(end) != Some(&b'/') => (end, Some(mark)),
        b'\'' | b'_' if n > 0 => (end, Some(mark)),
        b'.' if n > 1 || n == 1 && (marks.point_groups || decimal_comma(b, end)) => {
            (end, Some(mark))
        }
        b',' if n > 1 && (marks.comma_groups || marks.comma_decimals) => (end, Some(mark)),
        // 1,234.56 has its point behind the group.
        b',' if n == 1 && (marks.comma_groups || marks.comma_decimals && decimal_point(b, end)) => {
            (end, Some(mark))
        }
        b',' if n == 0 && (marks.comma_groups || marks.comma_decimals) => {
            twos().map_or(none, |(end, _)| (end, Some(mark)))
        }
        _ => none,
    }
}

fn decimal_comma(b: &[u8], at: usize) -> bool {
    b.get(at) == Some(&b',') && digits(b, at + 1) > 0
}

fn decimal_point(b: &[u8], at: usize) -> bool {
    b.get(at) == Some(&b'.') && digits(b, at + 1) > 0
}

/// `\overline{3}` behind `decimals` decimals: what it adds, and its length. `None` if it does not fit.
fn recurring(text: &str, decimals: usize) -> Option<(Rational, usize)> {
    let Some(rest) = text.strip_prefix("\\overline{") else {
        return Some((Rational::ZERO, 0));
    };
    let n = digits(rest.as_bytes(), 0);
    if n == 0 || !rest[n..].starts_with('}') {
        return None;
    }
    let ten = |n: usize| Rational::whole(10).pow(Rational::whole(i64::try_from(n).ok()?));
    let below = ten(n)?
        .checked_sub(Rational::whole(1))?
        .checked_mul(ten(decimals)?)?;
    let more = Rational::from_digits(&rest[..n], 10)?.checked_div(below)?;
    Some((more, text.len() - rest.len() + n + 1))
}

/// `e3`, `E-4`: the factor and the length. `None` if it does not fit.
fn exponent(text: &str) -> Option<(Rational, usize)> {
    let one = Some((Rational::whole(1), 0));
    let Some(signed) = text.strip_prefix(['e', 'E']) else {
        return one;
    };
    let unsigned = signed.strip_prefix(['-', '+']).unwrap_or(signed);
    let n = digits(unsigned.as_bytes(), 0);
    if !(1..=3).contains(&n) || unsigned[n..].starts_with(char::is_alphabetic) {
        return one;
    }
    let size = Rational::whole(unsigned[..n].parse().ok()?);
    let size = if signed.starts_with('-') {
        size.checked_neg()?
    } else {
        size
    };
    let len = text.len() - unsigned.len() + n;
    Some((Rational::whole(10).pow(size)?, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: Marks = Marks {
        comma_groups: true,
        ..Marks::LIST
    };
    const DECIMALS: Marks = Marks {
        comma_decimals: true,
        ..Marks::LIST
    };
    const COMMA: Marks = Marks {
        point_groups: true,
        ..DECIMALS
    };

    fn read(text: &str, marks: Marks) -> Option<(String, &str)> {
        numeral(text, marks).map(|(v, n)| (v.to_string(), &text[n..]))
    }

    #[test]
    fn marks_between_thousands() {
        for (text, marks, value, rest) in [
            ("10,000 km", GROUPS, "10000", " km"),
            ("12 500", GROUPS, "12500", ""),
            ("12'500.5", GROUPS, "12500.5", ""),
            ("1_000_000", GROUPS, "1000000", ""),
            ("12,34,567", GROUPS, "1234567", ""),
            ("1,23", GROUPS, "1", ",23"),
            ("1,2345", GROUPS, "1", ",2345"),
            ("1 2345", GROUPS, "1", " 2345"),
            ("1 500/600", GROUPS, "1", " 500/600"),
            ("1,234.50", DECIMALS, "1234.5", ""),
            ("1.234,50", GROUPS, "1234.5", ""),
            ("1.500.000", GROUPS, "1500000", ""),
            ("1.500", GROUPS, "1.5", ""),
            ("1.500", COMMA, "1500", ""),
            ("18,50", COMMA, "18.5", ""),
            ("1,500", COMMA, "1.5", ""),
            ("1,500,000", COMMA, "1500000", ""),
            ("18.50", COMMA, "18.5", ""),
            ("0.500", COMMA, "0.5", ""),
            ("18,50", GROUPS, "18", ",50"),
            ("1,2,3", DECIMALS, "1", ",2,3"),
            ("1,234", Marks::LIST, "1", ",234"),
        ] {
            assert_eq!(
                read(text, marks),
                Some((value.into(), rest)),
                "{text} {marks:?}"
            );
        }
    }

    #[test]
    fn decimals_and_exponents() {
        for (text, value, rest) in [
            (".5", "0.5", ""),
            ("3.", "3", "."),
            ("1.5e3", "1500", ""),
            ("2E-2", "0.02", ""),
            ("2ex", "2", "ex"),
            ("0.\\overline{3}", "1/3", ""),
            ("0.1\\overline{6}", "1/6", ""),
        ] {
            assert_eq!(read(text, GROUPS), Some((value.into(), rest)), "{text}");
        }
        assert_eq!(read("x", GROUPS), None);
        assert_eq!(read("1e99", GROUPS), None);
        assert_eq!(read(&"9".repeat(1000), GROUPS), None);
    }
}
