//! Which tokens are scored, and which words are never salient.
//!
//! As the authors of STIM: a token is not scored if, stripped and lower-cased, it is a stop word of
//! NLTK's English list or punctuation of Python's `string.punctuation`; the operators
//! `+ - * / = %` are scored all the same, because they carry the reasoning.

/// NLTK's English stop words, the 198 of the `stopwords` corpus since 2024. The 179 of the years
/// before are these without nineteen contractions of pronouns (`he'd` ... `we've`). Sorted.
#[rustfmt::skip]
pub const STOP_WORDS: [&str; 198] = [
    "a", "about", "above", "after", "again", "against", "ain", "all", "am", "an", "and", "any",
    "are", "aren", "aren't", "as", "at", "be", "because", "been", "before", "being", "below",
    "between", "both", "but", "by", "can", "couldn", "couldn't", "d", "did", "didn", "didn't",
    "do", "does", "doesn", "doesn't", "doing", "don", "don't", "down", "during", "each", "few",
    "for", "from", "further", "had", "hadn", "hadn't", "has", "hasn", "hasn't", "have", "haven",
    "haven't", "having", "he", "he'd", "he'll", "he's", "her", "here", "hers", "herself", "him",
    "himself", "his", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is", "isn",
    "isn't", "it", "it'd", "it'll", "it's", "its", "itself", "just", "ll", "m", "ma", "me",
    "mightn", "mightn't", "more", "most", "mustn", "mustn't", "my", "myself", "needn", "needn't",
    "no", "nor", "not", "now", "o", "of", "off", "on", "once", "only", "or", "other", "our",
    "ours", "ourselves", "out", "over", "own", "re", "s", "same", "shan", "shan't", "she",
    "she'd", "she'll", "she's", "should", "should've", "shouldn", "shouldn't", "so", "some",
    "such", "t", "than", "that", "that'll", "the", "their", "theirs", "them", "themselves",
    "then", "there", "these", "they", "they'd", "they'll", "they're", "they've", "this", "those",
    "through", "to", "too", "under", "until", "up", "ve", "very", "was", "wasn", "wasn't", "we",
    "we'd", "we'll", "we're", "we've", "were", "weren", "weren't", "what", "when", "where",
    "which", "while", "who", "whom", "why", "will", "with", "won", "won't", "wouldn", "wouldn't",
    "y", "you", "you'd", "you'll", "you're", "you've", "your", "yours", "yourself", "yourselves",
];

/// Python's `string.punctuation`.
pub const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Punctuation that is scored.
pub const OPERATORS: [&str; 6] = ["+", "-", "*", "/", "=", "%"];

/// Words that are never salient, whatever a saliency method says about them.
pub const NEVER_SALIENT: [&str; 10] = [
    "Answer",
    "?",
    "assistant",
    ">",
    ":",
    "|",
    "<",
    ".",
    ",",
    "'",
];

/// Why a token is not scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// A stop word of the English list.
    StopWord,
    /// Nothing but punctuation, and no operator.
    Punctuation,
    /// Nothing but white space.
    Whitespace,
    /// No text, or a control token such as `<|endoftext|>` or `</s>`.
    Special,
}

impl Skip {
    /// The name that traces use.
    pub fn name(self) -> &'static str {
        match self {
            Self::StopWord => "stop_word",
            Self::Punctuation => "punctuation",
            Self::Whitespace => "whitespace",
            Self::Special => "special",
        }
    }

    /// The reason in plain words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::StopWord => "stop word",
            Self::Punctuation => "punctuation",
            Self::Whitespace => "white space",
            Self::Special => "special token",
        }
    }
}

/// Is this word, in any case, one of [`STOP_WORDS`]? A typographic apostrophe counts as a plain one.
pub fn is_stop_word(word: &str) -> bool {
    let word = word.to_lowercase().replace('\u{2019}', "'");
    STOP_WORDS.binary_search(&word.as_str()).is_ok()
}

/// Does the text consist of punctuation only? Beyond Python's `string.punctuation`, the typographic
/// forms of the same marks count (quotes, dashes, the ellipsis, full-width stops), which Python's
/// ASCII list does not know. Empty text does not.
pub fn is_punctuation(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| PUNCTUATION.contains(c) || is_typographic(c))
}

fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
        || matches!(
            c,
            '¡' | '§'
                | '«'
                | '¶'
                | '·'
                | '»'
                | '¿'
                | '！'
                | '（'
                | '）'
                | '，'
                | '．'
                | '：'
                | '；'
                | '？'
        )
}

/// Is a token with this text scored? If not, the reason.
///
/// White space around the token is ignored, and so is case.
///
/// ```
/// use rotescope_text::{Skip, scored};
/// assert_eq!(scored(" apples"), Ok(()));
/// assert_eq!(scored(" ="), Ok(()));
/// assert_eq!(scored(" The"), Err(Skip::StopWord));
/// assert_eq!(scored(".\n"), Err(Skip::Punctuation));
/// ```
pub fn scored(token: &str) -> Result<(), Skip> {
    let text = token.trim();
    if token.is_empty() || is_special(text) {
        Err(Skip::Special)
    } else if text.is_empty() {
        Err(Skip::Whitespace)
    } else if OPERATORS.contains(&text) {
        Ok(())
    } else if is_punctuation(text) {
        Err(Skip::Punctuation)
    } else if is_stop_word(text) {
        Err(Skip::StopWord)
    } else {
        Ok(())
    }
}

/// Control tokens as vocabularies write them. Who knows a token's kind from its id should ask the
/// vocabulary instead; this is for text alone.
fn is_special(text: &str) -> bool {
    (text.len() > 4 && text.starts_with("<|") && text.ends_with("|>"))
        || matches!(text, "<s>" | "</s>" | "<unk>" | "<pad>" | "<bos>" | "<eos>")
        || matches!(text, "<｜begin▁of▁sentence｜>" | "<｜end▁of▁sentence｜>")
}

/// May this word of a question or an output be among the salient ones for `target`? Not if it is
/// the target itself (stripped, in any case), one of [`NEVER_SALIENT`], or nothing.
pub fn may_be_salient(word: &str, target: &str) -> bool {
    let word = word.trim();
    !word.is_empty()
        && !NEVER_SALIENT.contains(&word)
        && word.to_lowercase() != target.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_without_repeats() {
        assert!(STOP_WORDS.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(PUNCTUATION.len(), 32);
    }

    #[test]
    fn stop_words_in_any_case_and_with_space() {
        for t in [" The", "SO", " is", "\tthey're", "don\u{2019}t"] {
            assert_eq!(scored(t), Err(Skip::StopWord), "{t:?}");
        }
        for t in [
            " answer", " leaves", "8", "56", " dollars", "let", "\u{fffd}", "é", "×",
        ] {
            assert_eq!(scored(t), Ok(()), "{t:?}");
        }
    }

    #[test]
    fn operators_are_scored_and_other_punctuation_is_not() {
        for t in [" +", "-", " *", "/", " =", "%"] {
            assert_eq!(scored(t), Ok(()), "{t:?}");
        }
        for t in [
            ".", " (", ").", "...", "==", "$", "…", "“", " —", "?\n", "#",
        ] {
            assert_eq!(scored(t), Err(Skip::Punctuation), "{t:?}");
        }
    }

    #[test]
    fn blanks_and_control_tokens() {
        for t in [" ", "\n\n", "\t "] {
            assert_eq!(scored(t), Err(Skip::Whitespace), "{t:?}");
        }
        for t in ["", "<|endoftext|>", "</s>", "<|im_end|>"] {
            assert_eq!(scored(t), Err(Skip::Special), "{t:?}");
        }
    }

    #[test]
    fn salient_words() {
        assert!(may_be_salient("apples", " 20"));
        assert!(!may_be_salient("Apples", " apples"));
        assert!(!may_be_salient("Answer", "20"));
        assert!(!may_be_salient(" : ", "20"));
        assert!(!may_be_salient(" ", "20"));
    }

    #[test]
    fn what_is_not_scored_says_why() {
        for (skip, name, reason) in [
            (Skip::StopWord, "stop_word", "stop word"),
            (Skip::Punctuation, "punctuation", "punctuation"),
            (Skip::Whitespace, "whitespace", "white space"),
            (Skip::Special, "special", "special token"),
        ] {
            assert_eq!((skip.name(), skip.reason()), (name, reason));
        }
    }
}
