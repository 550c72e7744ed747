//! Characters that are cut by tokens, made whole again.
//!
//! Tokenizers over bytes cut emoji, Chinese and combining marks anywhere. What a reader sees as one
//! character (an extended grapheme cluster, UAX #29) stands in the token that begins it; the tokens
//! that go on with it have nothing left to show.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// The texts of tokens, with their characters whole: as many texts as tokens. Together they are the
/// text of all bytes. A byte that is no part of valid UTF-8 is shown by its own token, as `⟨E2⟩`.
///
/// ```
/// let tokens: [&[u8]; 3] = [b"so \xf0\x9f", b"\x98\x80", b"!\xff"];
/// assert_eq!(rotescope_text::whole_texts(&tokens), ["so 😀", "", "!⟨FF⟩"]);
/// ```
pub fn whole_texts<T: AsRef<[u8]>>(tokens: &[T]) -> Vec<String> {
    let bytes: Vec<u8> = tokens.iter().flat_map(AsRef::as_ref).copied().collect();
    let mut texts = vec![String::new(); tokens.len()];
    let (mut token, mut end) = (0, tokens.first().map_or(0, |t| t.as_ref().len()));
    for (at, character) in characters(&bytes) {
        while end <= at {
            token += 1;
            end += tokens[token].as_ref().len();
        }
        texts[token].push_str(&character);
    }
    texts
}

/// How many of the tokens show what they show whatever tokens come behind: those before the last
/// character, up to the nearest token that begins with one.
pub fn settled<T: AsRef<[u8]>>(tokens: &[T]) -> usize {
    let bytes: Vec<u8> = tokens.iter().flat_map(AsRef::as_ref).copied().collect();
    let mut begins: Vec<usize> = characters(&bytes).map(|(at, _)| at).collect();
    let cut = bytes.utf8_chunks().last().map_or(0, |c| c.invalid().len());
    begins.truncate(begins.len() - cut);
    let open = begins.last().copied().unwrap_or(0);
    let starts = tokens.iter().scan(0, |start, t| {
        let here = *start;
        *start += t.as_ref().len();
        Some(here)
    });
    let settled = |&(_, start): &(usize, usize)| {
        start <= open && (start == 0 || begins.binary_search(&start).is_ok())
    };
    starts
        .enumerate()
        .filter(settled)
        .last()
        .map_or(0, |(i, _)| i)
}

/// What a reader sees as one character, with the byte at which it begins; bytes that are no text
/// one by one.
fn characters(bytes: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let mut end = 0;
    bytes.utf8_chunks().flat_map(move |chunk| {
        let (valid, invalid) = (end, end + chunk.valid().len());
        end = invalid + chunk.invalid().len();
        let graphemes = chunk.valid().grapheme_indices(true);
        // A line break of two characters is two for all who show them.
        let graphemes = graphemes.flat_map(|(at, g)| match g {
            "\r\n" => vec![(at, "\r"), (at + 1, "\n")],
            g => vec![(at, g)],
        });
        let bytes = chunk.invalid().iter().enumerate();
        let bytes = bytes.map(move |(i, b)| (invalid + i, Cow::Owned(format!("⟨{b:02X}⟩"))));
        graphemes
            .map(move |(at, g)| (valid + at, Cow::Borrowed(g)))
            .chain(bytes)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &[u8], at: &[usize]) -> Vec<Vec<u8>> {
        let mut at: Vec<usize> = at.iter().map(|a| a % (text.len() + 1)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        at.windows(2).map(|w| text[w[0]..w[1]].to_vec()).collect()
    }

    /// The texts as they are when the tokens come one by one.
    fn one_by_one(tokens: &[Vec<u8>]) -> Vec<String> {
        let mut live: Vec<String> = Vec::new();
        for n in 1..=tokens.len() {
            let from = settled(&tokens[..n - 1]);
            live.truncate(from);
            live.extend(whole_texts(&tokens[from..n]));
        }
        live
    }

    #[test]
    fn a_character_stands_where_it_begins() {
        let family = "👨\u{200d}👩\u{200d}👧".as_bytes();
        for (tokens, want) in [
            (
                vec![&b"Nice"[..], b" \xf0\x9f", b"\x98", b"\x80", b" so"],
                vec!["Nice", " 😀", "", "", " so"],
            ),
            (
                vec!["她有".as_bytes(), b"\xe8\x8b", b"\xb9\xe6", b"\x9e\x9c"],
                vec!["她有", "苹", "果", ""],
            ),
            (
                vec![b"e", "\u{301}".as_bytes(), b"!"],
                vec!["e\u{301}", "", "!"],
            ),
            (
                vec![&family[..5], &family[5..12], &family[12..]],
                vec!["👨\u{200d}👩\u{200d}👧", "", ""],
            ),
            (vec![b"a\r", b"\nb"], vec!["a\r", "\nb"]),
            (
                vec![b"", b"\xc3", b"", b"\xa9", b""],
                vec!["", "é", "", "", ""],
            ),
            (vec![b"\xf0\x9f", b" x"], vec!["⟨F0⟩⟨9F⟩", " x"]),
            (vec![b"\x98", b"\x80"], vec!["⟨98⟩", "⟨80⟩"]),
            (vec![b""], vec![""]),
            (vec![], vec![]),
        ] {
            assert_eq!(whole_texts(&tokens), want, "{tokens:?}");
        }
    }

    proptest! {
        /// However text is cut, the pieces give it back, and it does not matter whether the tokens
        /// come at once or one by one.
        #[test]
        fn cuts_lose_nothing(text in "[a-z \n\u{301}\u{200d}é她🇩🇪👩🏽]{0,12}", at in prop::collection::vec(0..99usize, 0..9)) {
            let tokens = cut(text.as_bytes(), &at);
            let whole = whole_texts(&tokens);
            prop_assert_eq!(whole.concat(), text);
            prop_assert_eq!(one_by_one(&tokens), whole);
        }

        #[test]
        fn bytes_that_are_no_text_stay_with_their_token(bytes in prop::collection::vec(any::<u8>(), 0..20), at in prop::collection::vec(0..99usize, 0..9)) {
            let tokens = cut(&bytes, &at);
            let whole = whole_texts(&tokens);
            prop_assert_eq!(whole.len(), tokens.len());
            prop_assert_eq!(one_by_one(&tokens), whole);
        }
    }
}
