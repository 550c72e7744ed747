//! The normal form in which values and completions are compared: letters and digits alone, without case, accents, or what tells look-alikes apart.
//!
//! Each character has its own normal form, whatever stands around it: that of a text is that of its pieces, one after the other.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// Zeros of other scripts; their other digits follow. Those of full width and of mathematics are decomposed.
const ZEROS: [u32; 17] = [
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
    0xf20, 0x1040, 0x17e0, 0x1810,
];

/// Appends the normal form of a character; nothing for what is no letter and no digit.
///
/// Compatible characters are decomposed (NFKD) and case is folded; look-alikes are one, by the skeletons of Unicode's UTS 39 of the small letter, or, where that looks like
/// none of ASCII, of the capital. So are `o` and `0`, and `i`, `l` and `1`, in whose place people write each other.
pub fn fold(c: char, out: &mut String) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        return;
    }
    for part in std::iter::once(c).nfkd().filter(|c| c.is_alphanumeric()) {
        let part = digit(part).unwrap_or(part);
        let small = alike(part.to_lowercase());
        let form = match small.is_ascii() {
            true => small,
            false => Some(alike(part.to_uppercase()))
                .filter(|capital| capital.is_ascii() && !capital.is_empty())
                .unwrap_or(small),
        };
        out.extend(form.chars().map(of_one));
    }
}

/// The normal form of a text.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold(c, &mut out));
    out
}

/// What characters look like, in small letters.
fn alike(characters: impl Iterator<Item = char>) -> String {
    let all: String = characters.collect();
    let looks = skeleton(&all).flat_map(char::to_lowercase);
    looks.filter(|c| c.is_alphanumeric()).collect()
}

fn digit(c: char) -> Option<char> {
    let zero = ZEROS
        .iter()
        .find(|z| (**z..**z + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}

fn of_one(c: char) -> char {
    match c {
        'i' | '1' => 'l',
        '0' => 'o',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_value_have_one_form() {
        let one = folded("Jane.Doe@example.org");
        for other in [
            "JANE DOE EXAMPLE ORG",
            "j a n e . d o e @ e x a m p l e . o r g",
            "ｊａｎｅ．ｄｏｅ＠ｅｘａｍｐｌｅ．ｏｒｇ",
            "jаne.dоe@ехаmple.оrg", // Cyrillic а, о, е, х
            "jáne.d0e@example.0rg",
            "jane\u{200b}.doe@exa\u{ad}mple.org",
            "𝐣𝐚𝐧𝐞.𝐝𝐨𝐞@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐨𝐫𝐠",
        ] {
            assert_eq!(folded(other), one, "{other}");
        }
        assert_eq!(folded("+49 (30) 901820"), folded("٤٩-۳۰/901820"));
        assert_eq!(folded("НІЛ"), folded("нiл"));
        assert_ne!(folded("jane"), folded("jake"));
    }

    proptest! {
        /// The form of a text is that of its parts: cuts into tokens do not matter, and neither does case.
        #[test]
        fn forms_are_made_piece_by_piece(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            let (both, parts) = (folded(&format!("{a}{b}")), folded(&a) + &folded(&b));
            prop_assert_eq!(&both, &parts);
            prop_assert!(both.chars().all(char::is_alphanumeric));
            let ascii = |s: &str| s.chars().filter(char::is_ascii).collect::<String>();
            prop_assert_eq!(folded(&ascii(&a).to_uppercase()), folded(&ascii(&a)));
        }
    }
}
