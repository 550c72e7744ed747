//! Phone numbers: international ones by their calling code (ITU-T E.164), North American ones by their form (NANP), others where a word says so.

use std::ops::Range;

use super::around::{before, has_word};
use super::numbers::{Run, runs};
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Phone;

/// Words before a number that is one of a phone.
const WORDS: [&str; 40] = [
    "phone",
    "phones",
    "telephone",
    "tel",
    "tel.",
    "tél",
    "tlf",
    "tfn",
    "telefon",
    "téléphone",
    "teléfono",
    "telefono",
    "telefone",
    "telefoon",
    "puhelin",
    "mobile",
    "mob",
    "mobil",
    "cell",
    "cellphone",
    "call",
    "calls",
    "ring",
    "dial",
    "fax",
    "whatsapp",
    "handy",
    "sms",
    "text",
    "portable",
    "móvil",
    "celular",
    "gsm",
    "hotline",
    "电话",
    "電話",
    "携帯",
    "тел",
    "телефон",
    "téléphoner",
];
/// Words before numbers of other things.
const OTHERS: [&str; 38] = [
    "isbn",
    "isbn-10",
    "isbn-13",
    "issn",
    "order",
    "invoice",
    "ticket",
    "tracking",
    "serial",
    "sn",
    "part",
    "version",
    "release",
    "build",
    "rev",
    "revision",
    "doi",
    "arxiv",
    "pmid",
    "case",
    "sku",
    "ean",
    "upc",
    "imei",
    "patent",
    "zip",
    "flight",
    "model",
    "pages",
    "lines",
    "id",
    "bug",
    "commit",
    "zip+4",
    "copyright",
    "iban",
    "ssn",
    "room",
];

/// Calling codes of countries (E.164, one digit, two, three), and of the first digits of those of three digits.
fn calling_code(digits: &str) -> Option<usize> {
    const TWO: [u8; 44] = [
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55,
        56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ];
    let head = |n: usize| {
        digits
            .get(..n)
            .and_then(|d| d.parse::<u16>().ok())
            .unwrap_or(0)
    };
    if matches!(head(1), 1 | 7) {
        return Some(1);
    }
    if TWO.iter().any(|c| u16::from(*c) == head(2)) {
        return Some(2);
    }
    let three = matches!(head(3),
        211..=213 | 216 | 218 | 220..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=389 | 420 | 421 | 423
        | 500..=509 | 590..=599 | 670 | 672..=683 | 685..=692 | 800 | 808 | 850 | 852 | 853 | 855 | 856 | 870 | 880 | 886
        | 960..=968 | 970..=977 | 992..=996 | 998);
    three.then_some(3)
}

impl Detector for Phone {
    fn kind(&self) -> Kind {
        Kind::Phone
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        runs(line)
            .into_iter()
            .filter(|run| is_phone(line, run))
            .map(|run| run.span)
            .collect()
    }
}

fn is_phone(line: &str, run: &Run) -> bool {
    if run.glued || run.span.len() > 32 {
        return false;
    }
    let digits = run.digits(line);
    let n = digits.len();
    if !(7..=15).contains(&n) || is_dull(&digits) {
        return false;
    }
    let left = before(line, run.span.start);
    let behind = line[run.span.end..].chars().next();
    // Part of a longer number, a fraction, an expression or a path.
    let tail = left.chars().next_back();
    if matches!(tail, Some('.' | '-' | '\\' | '\'')) || tail == Some('/') && !run.plus {
        return false;
    }
    let after: String = line[run.span.end..].chars().take(12).collect();
    let unit = [
        "points", "people", "eur", "usd", "euros", "dollars", "mm", "gb",
    ];
    let first = after.trim_start().to_lowercase();
    let measured = behind == Some(' ') && unit.iter().any(|u| first.starts_with(u));
    if measured || matches!(behind, Some(':' | '=' | '°')) {
        return false;
    }
    if is_time(&digits) {
        return false;
    }
    let other = has_word(&left, &OTHERS, 20);
    let named = has_word(&left, &WORDS, 24);
    if run.plus {
        return !other && international(line, run, &digits) && (run.groups.len() > 1 || n >= 9);
    }
    if other || is_date(line, run) {
        return false;
    }
    let (shape, separators) = (run.shape(), run.separators(line));
    if let Some(rest) = digits.strip_prefix("00")
        && calling_code(rest).is_some()
        && n >= 10
        && shape[0] == 4
    {
        return true;
    }
    if is_american(line, run, &digits, &shape, &separators) {
        return true;
    }
    let even = separators.windows(2).all(|w| w[0] == w[1]);
    if named {
        return n >= 7 && (shape.len() == 1 || shape.iter().all(|g| *g >= 2) && shape.len() <= 7);
    }
    // 020 7946 0958, 06.12.34.56.78: a trunk prefix, and three groups or more alike parted.
    let trunk = digits.starts_with('0') && !digits.starts_with("00") && (9..=11).contains(&n);
    let dotted = separators.iter().all(|s| *s == ".");
    let pairs = shape == [2, 2, 2, 2, 2];
    let spaced = separators.iter().all(|s| matches!(*s, " " | "-"));
    trunk
        && even
        && (pairs && (dotted || spaced)
            || spaced
                && shape.len() == 3
                && shape[1] >= 3
                && shape[2] == 4
                && shape[0] >= 2
                && separators[0] == " ")
}

/// The same digit, or digits that go up or down.
fn is_dull(digits: &str) -> bool {
    let steps: Vec<i16> = digits
        .as_bytes()
        .windows(2)
        .map(|w| i16::from(w[1]) - i16::from(w[0]))
        .collect();
    let step = |s: i16| steps.iter().all(|x| *x == s || *x == -9 * s && s != 0);
    step(0) || step(1) || step(-1)
}

fn international(line: &str, run: &Run, digits: &str) -> bool {
    let Some(code) = calling_code(digits) else {
        return false;
    };
    let national = digits.len() - code;
    let right = match &digits[..code] {
        "1" => national == 10 && digits.as_bytes()[1] >= b'2',
        "7" => national == 10,
        _ => (6..=12).contains(&national),
    };
    // A sum of money or a score parts all groups by three.
    let thousands = run.groups.len() > 1
        && run.groups[1..].iter().all(|g| g.len() == 3)
        && run.separators(line).iter().all(|s| *s == ".");
    let head = run.groups[0].len();
    let apart = run.groups.len() == 1 || head >= code;
    right && apart && !thousands
}

fn is_american(line: &str, run: &Run, digits: &str, shape: &[usize], separators: &[&str]) -> bool {
    let national = match digits.len() {
        10 => digits,
        11 if digits.starts_with('1') => &digits[1..],
        _ => return false,
    };
    let b = national.as_bytes();
    let right = b[0] >= b'2' && b[3] >= b'2' && &b[1..3] != b"11";
    let form = matches!(shape, [3, 3, 4] | [1, 3, 3, 4]);
    let parenthesis = line[run.span.clone()].contains('(');
    let alike = separators
        .iter()
        .rev()
        .take(2)
        .all(|s| *s == separators[separators.len() - 1]);
    let strong = separators.iter().all(|s| matches!(*s, "-" | "."));
    right && form && (parenthesis || alike && strong)
}

/// A time to the second without separators, as versions have it: 20211230084136.
fn is_time(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap_or(0);
    digits.len() == 14
        && (1970..2100).contains(&part(0, 4))
        && (1..=12).contains(&part(4, 6))
        && (1..=31).contains(&part(6, 8))
        && part(8, 10) < 24
        && part(10, 12) < 60
        && part(12, 14) < 60
}

/// Looks like a date, years, or a range of them.
fn is_date(line: &str, run: &Run) -> bool {
    let number = |g: &Range<usize>| line[g.clone()].parse::<u32>().unwrap_or(0);
    let year = |g: &Range<usize>| g.len() == 4 && (1800..2100).contains(&number(g));
    match &run.groups[..] {
        [only] => {
            only.len() == 8
                && (1900..2100).contains(&(number(only) / 10_000))
                && (1..=12).contains(&(number(only) / 100 % 100))
        }
        [a, b, c] if year(a) || year(c) => {
            b.len() <= 2 || year(b) && (c.len() <= 2 || a.len() <= 2 || year(c))
        }
        groups => {
            groups.iter().filter(|g| year(g)).count() * 2 > groups.len()
                || groups.len() > 3 && year(&groups[0]) && groups[1].len() == 2
        }
    }
}
