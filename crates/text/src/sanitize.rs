//! Untrusted text made safe to show in a terminal.
//!
//! What a model or a corpus says may hold escape sequences that recolor, retitle or rewrite a
//! terminal, and invisible characters that reorder or hide text. Here they become visible and
//! harmless: C0 controls and DEL as Unicode's control pictures (`␛`), everything else as its code
//! point in angle brackets (`⟨202E⟩`). Printable text is never changed.

use std::borrow::Cow;
use std::fmt::Write;

/// One line: line breaks and tabs become visible as well (`␊`, `␉`).
pub fn line(text: &str) -> Cow<'_, str> {
    rewrite(text, false)
}

/// Text of several lines: line feeds stay, tabs become four spaces.
pub fn block(text: &str) -> Cow<'_, str> {
    rewrite(text, true)
}

/// The bytes of one token on one line. What is not UTF-8 on its own (a piece of a character that is
/// split over tokens) is shown byte by byte, as `⟨E2⟩`.
pub fn token(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&line(chunk.valid()));
        for b in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "⟨{b:02X}⟩");
        }
    }
    shown
}

/// Text with the same byte offsets: every byte that is not part of valid UTF-8 becomes one `?`, so
/// that byte spans of tokens stay true.
pub fn same_offsets(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    Cow::Owned(text)
}

fn rewrite(text: &str, lines: bool) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' if lines => shown.push(c),
            '\t' if lines => shown.push_str("    "),
            '\u{7f}' => shown.push('␡'),
            '\0'..='\u{1f}' => {
                shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'));
            }
            // Joins the parts of an emoji, which is one printable character.
            '\u{200d}'
                if before.is_some_and(is_pictograph)
                    && chars.peek().copied().is_some_and(is_pictograph) =>
            {
                shown.push(c);
            }
            _ if is_unsafe(c) => {
                let _ = write!(shown, "⟨{:04X}⟩", u32::from(c));
            }
            _ => shown.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(shown)
}

/// Controls, bidirectional overrides and isolates, zero-width and otherwise invisible characters,
/// separators that break lines, tags and non-characters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_become_visible() {
        assert_eq!(line("\x1b[31mred\x1b[0m"), "␛[31mred␛[0m");
        assert_eq!(line("\x1b]0;title\x07"), "␛]0;title␇");
        assert_eq!(line("\u{9b}31m"), "⟨009B⟩31m");
        assert_eq!(line("a\r\nb\x7f\0"), "a␍␊b␡␀");
        assert_eq!(block("a\tb\nc\x08"), "a    b\nc␈");
        assert_eq!(line("a\tb"), "a␉b");
    }

    #[test]
    fn invisible_characters_become_visible() {
        assert_eq!(line("a\u{202e}b\u{2066}c"), "a⟨202E⟩b⟨2066⟩c");
        assert_eq!(line("z\u{200b}w\u{feff}"), "z⟨200B⟩w⟨FEFF⟩");
        assert_eq!(line("t\u{e0041}g"), "t⟨E0041⟩g");
        assert_eq!(line("a\u{200d}b"), "a⟨200D⟩b");
    }

    #[test]
    fn printable_text_stays_and_is_not_copied() {
        for t in [
            "5 × 4 = 20 €",
            "日本語",
            "cafe\u{301}",
            "",
            "שלום",
            "\u{fffd}",
            "❤\u{fe0f}",
        ] {
            assert!(matches!(line(t), Cow::Borrowed(b) if b == t), "{t:?}");
        }
        // A family: three people and two joiners.
        assert_eq!(line("👨\u{200d}👩\u{200d}👧"), "👨\u{200d}👩\u{200d}👧");
    }

    #[test]
    fn tokens_that_are_no_utf8() {
        assert_eq!(token(b" caf\xc3"), " caf⟨C3⟩");
        assert_eq!(token(b"\xa9"), "⟨A9⟩");
        assert_eq!(token("é\n".as_bytes()), "é␊");
        assert_eq!(token(b"\xe2\x82"), "⟨E2⟩⟨82⟩");
    }

    #[test]
    fn offsets_are_kept() {
        assert_eq!(same_offsets(b"a\xe2\x82b\xc3\xa9"), "a??bé");
        assert!(matches!(same_offsets("é".as_bytes()), Cow::Borrowed("é")));
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(bytes in prop::collection::vec(any::<u8>(), 0..40), text in any::<String>()) {
            let kept = |s: &str| s.replace('\u{200d}', "");
            prop_assert!(!kept(&token(&bytes)).chars().any(is_unsafe));
            prop_assert!(!kept(&line(&text)).chars().any(is_unsafe));
            prop_assert!(!kept(&block(&text)).replace('\n', "").chars().any(is_unsafe));
            prop_assert_eq!(same_offsets(&bytes).len(), bytes.len());
        }

        #[test]
        fn safe_text_is_never_changed(text in any::<String>()) {
            let safe: String = text.chars().filter(|c| !is_unsafe(*c)).collect();
            prop_assert_eq!(line(&safe), safe.as_str());
        }
    }
}
