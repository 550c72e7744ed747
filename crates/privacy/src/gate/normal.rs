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
/// Compatible characters are decomposed (NFKD). Look-alikes are one, by the skeletons of Unicode's UTS 39: a letter has the form of the first of ASCII that it, its small
/// letter or its capital looks like, and that of its small letter where none looks so. Letters of ASCII have one form in either case; so have `o` and `0`, and `i`, `l`
/// and `1`, in whose place people write each other. A capital of another script may look otherwise than its small letter does (Greek N and v), so that a text in capitals has
/// another form than in small letters there: [`super::Protected`] lists both.
pub fn fold(c: char, out: &mut String) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        return;
    }
    for part in std::iter::once(c).nfkd().filter(|c| c.is_alphanumeric()) {
        let part = digit(part).unwrap_or(part);
        let small = || part.to_lowercase().to_string();
        let form = latin(&part.to_string())
            .or_else(|| latin(&small()))
            .or_else(|| latin(&part.to_uppercase().to_string()))
            .unwrap_or_else(|| looks(&small()));
        out.extend(form.chars().map(of_one));
    }
}

/// The normal form of a text.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold(c, &mut out));
    out
}

/// The form of the letters and digits of ASCII that a text looks like, if it looks like some.
fn latin(text: &str) -> Option<String> {
    let seen = looks(&text.to_ascii_lowercase());
    // What looks like a capital M has the form of m, which looks like rn.
    (seen.is_ascii() && !seen.is_empty()).then(|| looks(&seen))
}

/// The letters and digits of a text's skeleton, in small letters.
fn looks(text: &str) -> String {
    let all = skeleton(text).flat_map(char::to_lowercase);
    all.filter(|c| c.is_alphanumeric()).collect()
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
        // Greek, Cyrillic and other capitals that look like Latin ones, whatever their small letters look like.
        for (one, other) in [
            ("NINA", "ΝΙΝΑ"),
            ("KATHY TOM", "ΚΑΤΗΥ ΤΟΜ"),
            ("BOB.MX", "ВОВ.МХ"),
        ] {
            assert_eq!(folded(other), folded(one), "{other}");
            assert_eq!(folded(other), folded(&one.to_lowercase()), "{other}");
        }
    }

    proptest! {
        /// The form of a text is that of its parts: cuts into tokens do not matter, and neither does the case of ASCII.
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
