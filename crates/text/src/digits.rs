//! Decimal digits of all scripts.

/// The zeros of scripts whose ten digits follow each other: Arabic-Indic, Persian, Indian scripts, Thai, Lao, Tibetan,
/// Burmese, Khmer, full-width.
const ZEROS: [char; 17] = [
    '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}',
    '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{17e0}',
    '\u{ff10}',
];

/// A decimal digit of any of these scripts, or ASCII's, as ASCII writes it.
pub fn ascii_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = u32::from(c);
    let zero = ZEROS
        .iter()
        .map(|z| u32::from(*z))
        .find(|z| (*z..*z + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}
