//! Spellings that are one.

use std::borrow::Cow;

/// The text with full-width forms (U+FF01 to U+FF5E, U+3000) as ASCII; where there are some, the byte of the text for each byte of the result, and its end.
pub fn half_width(text: &str) -> (Cow<'_, str>, Option<Vec<usize>>) {
    if text.is_ascii() || !text.chars().any(|c| narrow(c).is_some()) {
        return (Cow::Borrowed(text), None);
    }
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        let before = folded.len();
        folded.push(narrow(c).unwrap_or(c));
        places.extend((before..folded.len()).map(|_| at));
    }
    places.push(text.len());
    (Cow::Owned(folded), Some(places))
}

fn narrow(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

/// What a character is under case, width, accents of look-alikes and alphabets; `None` for what nobody sees.
///
/// Look-alikes are the Cyrillic and Greek letters and the signs that are drawn like ASCII ones, of Unicode's confusables (UTS 39) those that keyboards have.
pub fn plain(c: char) -> Option<char> {
    let c = narrow(c).unwrap_or(c);
    Some(match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '\0'..='\x7f' => c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}' => return None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{2043}' => '-',
        '\u{2024}' | '\u{fe52}' | '\u{3002}' | '\u{ff61}' => '.',
        '\u{fe6b}' => '@',
        '\u{2044}' | '\u{2215}' => '/',
        'а' | 'А' | 'α' | 'Α' => 'a',
        'е' | 'Е' | 'Ε' | 'ё' | 'Ё' => 'e',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'с' | 'С' | 'ϲ' => 'c',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'Υ' | 'γ' => 'y',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' => 'i',
        'ј' | 'Ј' => 'j',
        'ѕ' | 'Ѕ' => 's',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'м' | 'М' | 'Μ' => 'm',
        'т' | 'Т' | 'τ' | 'Τ' => 't',
        'В' | 'в' | 'Β' => 'b',
        'Н' | 'н' | 'Η' => 'h',
        'ν' => 'v',
        'Ν' => 'n',
        'Ζ' => 'z',
        'ԁ' => 'd',
        'ɡ' => 'g',
        'ԛ' => 'q',
        'ԝ' => 'w',
        'ʟ' => 'l',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '०'..='९' => digit(c, '०'),
        _ => c.to_lowercase().next().unwrap_or(c),
    })
}

fn digit(c: char, zero: char) -> char {
    char::from(b'0' + (u32::from(c) - u32::from(zero)) as u8)
}

/// Whether a character only parts groups of digits or letters.
pub fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '_')
}
