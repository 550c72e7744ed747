//! Words, tokens and characters at their borders.

use rotescope_text::words::{is_part, runs_over, tokens_of_words, words_of_tokens};
use rotescope_text::{
    SplitBy, Word, ascii_digit, sanitize, settled, token_spans, whole_texts, words,
};

fn texts(text: &str) -> Vec<&str> {
    words(text).into_iter().map(|w: Word| w.text).collect()
}

#[test]
fn kinds_of_characters() {
    for (text, want) in [
        ("az AZ", &["az", "AZ"][..]),
        ("09a", &["09", "a"]),
        ("+-*/=%", &["+", "-", "*", "/", "=", "%"]),
        ("a^b,c.d:e", &["a", "b", "c", "d", "e"]),
        ("٣٤x", &["٣٤", "x"]),
        ("½", &["½"]),
        ("ßé", &["ßé"]),
        ("€a", &["a"]),
        ("a'b'c", &["a'b'c"]),
        ("a''b", &["a", "b"]),
        ("a'1", &["a", "1"]),
        ("1'a", &["1", "a"]),
        ("'a", &["a"]),
        ("a\u{301}'b\u{301}", &["a\u{301}'b\u{301}"]),
        ("a'\u{301}b", &["a", "b"]),
        ("a\u{301}\u{301}1", &["a\u{301}\u{301}", "1"]),
        ("1\u{301}a", &["1", "a"]),
        ("क\u{94d}ष", &["क\u{94d}ष"]),
        ("a\u{200d}b", &["a\u{200d}b"]),
    ] {
        assert_eq!(texts(text), want, "{text}");
    }
    for c in ['a', 'Z', '5', 'é', '٣', '\u{301}', '\u{94d}'] {
        assert!(is_part(c), "{c}");
    }
    for c in [' ', '+', '%', '\'', '.', '€'] {
        assert!(!is_part(c), "{c}");
    }
}

#[test]
fn places_within_words_and_numbers() {
    let over = |text: &str, at: usize| runs_over(text, at);
    for (text, at) in [
        ("ab", 1),
        ("12", 1),
        ("1.5", 1),
        ("1.5", 2),
        ("1,5", 2),
        ("a'b", 1),
        ("a'b", 2),
        ("a\u{301}", 1),
    ] {
        assert!(over(text, at), "{text} {at}");
    }
    for (text, at) in [
        ("a1", 1),
        ("1a", 1),
        ("a b", 1),
        ("1.", 1),
        (".5", 1),
        ("1.a", 2),
        ("a.5", 2),
        ("1;5", 1),
        ("a'", 1),
        ("'b", 1),
        ("a'1", 2),
        ("1'b", 1),
        ("a-b", 1),
        ("ab", 0),
        ("ab", 2),
        ("1 .5", 3),
        ("a, 5", 2),
    ] {
        assert!(!over(text, at), "{text} {at}");
    }
}

#[test]
fn tokens_and_words_that_overlap() {
    let found = words("ab cd");
    assert_eq!(
        words_of_tokens(&found, &[0..1, 1..2, 2..3, 2..4, 0..5, 3..3, 5..5]),
        [0..1, 0..1, 1..1, 1..2, 0..2, 1..1, 2..2]
    );
    assert_eq!(
        tokens_of_words(&found, &[0..1, 1..3, 3..3, 3..4, 4..9]),
        [0..2, 3..5]
    );
    assert_eq!(tokens_of_words(&found, &[]), [0..0, 0..0]);
}

#[test]
fn tokens_that_straddle_steps() {
    let of = |text: &str, steps: &[std::ops::Range<usize>], tokens: &[std::ops::Range<usize>]| {
        token_spans(text.as_bytes(), steps, tokens)
    };
    let steps = [0..4, 4..8];
    assert_eq!(of("ab. cd. ", &steps, &[0..5, 5..8]), [0..1, 1..2]);
    assert_eq!(of("ab. cd. ", &steps, &[0..2, 2..6, 6..8]), [0..1, 1..3]);
    assert_eq!(of("ab. cd. ", &steps, &[0..1, 1..5, 5..8]), [0..2, 2..3]);
    // Blanks alone go by all their bytes, two equal parts to the later step.
    assert_eq!(
        of("a   b", &[0..2, 2..5], &[0..1, 1..4, 4..5]),
        [0..1, 1..3]
    );
    assert_eq!(
        of("a   b", &[0..3, 3..5], &[0..1, 1..4, 4..5]),
        [0..2, 2..3]
    );
    assert_eq!(
        of("a   b", &[0..3, 3..5], &[0..1, 1..1, 2..4, 4..5]),
        [0..2, 2..4]
    );
    // What has no bytes stays at its place; a step without tokens is empty.
    assert_eq!(of("abcd", &[0..2, 2..4], &[0..2, 2..2, 2..4]), [0..1, 1..3]);
    assert_eq!(
        of("abcd", &[0..1, 1..2, 2..4], &[0..1, 1..4]),
        [0..1, 1..1, 1..2]
    );
    assert_eq!(of("abcd", &[0..2, 2..4], &[0..2, 2..2]), [0..1, 1..2]);
    assert_eq!("sen".parse(), Ok(SplitBy::Sentence));
    assert_eq!(SplitBy::Line.to_string(), "new_line");
}

#[test]
fn what_is_shown() {
    for (c, shown) in [
        ("\u{1f}", "␟"),
        (" ", " "),
        ("\u{7f}", "␡"),
        ("\u{80}", "⟨0080⟩"),
        ("\u{a0}", "\u{a0}"),
        ("\u{ad}", "⟨00AD⟩"),
        ("\u{200a}", "\u{200a}"),
        ("\u{200b}", "⟨200B⟩"),
        ("\u{2010}", "\u{2010}"),
        ("\u{2028}", "⟨2028⟩"),
        ("\u{202f}", "\u{202f}"),
        ("\u{2060}", "⟨2060⟩"),
        ("\u{2070}", "\u{2070}"),
        ("\u{e0fff}", "⟨E0FFF⟩"),
    ] {
        assert_eq!(sanitize::line(c), shown);
        assert_eq!(sanitize::block(c), shown);
    }
    assert_eq!(
        (&*sanitize::line("a\n\tb"), &*sanitize::block("a\n\tb")),
        ("a␊␉b", "a\n    b")
    );
    // A joiner between pictographs alone.
    for (text, shown) in [
        ("👩\u{200d}👧", "👩\u{200d}👧"),
        ("→\u{200d}👧", "→\u{200d}👧"),
        ("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
        ("a\u{200d}👧", "a⟨200D⟩👧"),
        ("👩\u{200d}a", "👩⟨200D⟩a"),
        ("👩\u{200d}", "👩⟨200D⟩"),
        ("\u{200d}👩", "⟨200D⟩👩"),
        ("👩\u{200d}\u{200d}👧", "👩⟨200D⟩⟨200D⟩👧"),
    ] {
        assert_eq!(sanitize::line(text), shown);
    }
    assert_eq!(sanitize::same_offsets(b"\xffa\xc3"), "?a?");
    assert_eq!(sanitize::token(b"\xffa\n"), "⟨FF⟩a␊");
}

#[test]
fn tokens_that_can_change_no_more() {
    let of = |tokens: &[&str]| settled(tokens);
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&["a"]), 0);
    assert_eq!(of(&["a", "b"]), 1);
    assert_eq!(of(&["a", "bc"]), 1);
    assert_eq!(of(&["a", "b", "\u{301}"]), 1);
    assert_eq!(of(&["ab", "\u{301}", "c"]), 2);
    assert_eq!(settled(&[&b"a"[..], b"\xf0\x9f"]), 0);
    assert_eq!(settled(&[&b"a"[..], b"b", b"\xf0\x9f"]), 1);
    assert_eq!(settled(&[&b"a"[..], b"\xff", b"b"]), 2);
    assert_eq!(
        whole_texts(&[&b"a\xe2"[..], b"\x82", b"\xacb"]),
        ["a€", "", "b"]
    );
    assert_eq!(whole_texts(&["\r", "\n"]), ["\r", "\n"]);
}

#[test]
fn digits_of_all_scripts() {
    for (c, digit) in [
        ('0', '0'),
        ('9', '9'),
        ('٠', '0'),
        ('٩', '9'),
        ('０', '0'),
        ('９', '9'),
        ('೯', '9'),
        ('߉', '9'),
        ('𝟗', '9'),
    ] {
        assert_eq!(ascii_digit(c), Some(digit), "{c}");
    }
    for c in [
        'a', '/', ':', '\u{65f}', '\u{66a}', '\u{ff0f}', '\u{ff1a}', '½', '²',
    ] {
        assert_eq!(ascii_digit(c), None, "{c}");
    }
}
