//! Is a title capitalized as asked?

use super::verdict::{Judgement, first_difference};
use super::verifier::{Completion, Findings, Parameter, Verifier, is_text};
use rotescope_text::{AnswerRule, ByteRange, final_answer};

/// Its presence tells that the wording itself is the task.
pub(crate) const TITLE: Parameter = Parameter {
    key: "title",
    what: "the title, as it is given",
    holds: is_text,
};
/// Optional: `last_word`, or else title case.
const RULE: Parameter = Parameter {
    key: "rule",
    what: "how the title is to be written",
    holds: is_text,
};

/// Rewritten words and the answer against the prompt's title. It reads `meta.rule` too: `last_word` is [`TitleStyle::LastWord`], anything else or nothing
/// [`TitleStyle::Title`] with [`SMALL_WORDS`].
#[derive(Debug, Clone, Copy)]
pub struct Capitalization;

impl Verifier for Capitalization {
    fn name(&self) -> &'static str {
        "capitalization"
    }

    fn needs(&self) -> &'static [Parameter] {
        &[TITLE]
    }

    fn findings(&self, c: &Completion<'_>) -> Findings {
        let Some(title) = c.text_of(&TITLE) else {
            return Findings::nothing();
        };
        let style = match c.text_of(&RULE) {
            Some("last_word") => TitleStyle::LastWord,
            _ => TitleStyle::Title {
                small: &SMALL_WORDS,
            },
        };
        Findings::Whole(check_completion(c.text, title, style))
    }
}

/// How a title is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TitleStyle<'s> {
    /// Every word with a capital.
    EveryWord,
    /// Every word with a capital but the given small ones (lower case), unless they come first, last
    /// or after a colon.
    Title {
        /// Words that stay small, for example [`SMALL_WORDS`].
        small: &'s [&'s str],
    },
    /// Only the last word with a capital.
    LastWord,
}

/// Articles, short conjunctions and prepositions: the small words of common title case.
pub const SMALL_WORDS: [&str; 24] = [
    "a", "an", "and", "as", "at", "but", "by", "en", "for", "from", "if", "in", "into", "nor",
    "of", "off", "on", "or", "per", "the", "to", "up", "via", "with",
];

/// The title as it should be written: white space as single blanks, nothing changed but the first
/// letters of words.
pub fn expected(title: &str, style: TitleStyle<'_>) -> String {
    words(title, style).join(" ")
}

fn words(title: &str, style: TitleStyle<'_>) -> Vec<String> {
    let given: Vec<&str> = title.split_whitespace().collect();
    let form = |(i, word): (usize, &&str)| {
        let edge = i == 0 || i + 1 == given.len() || given[i - 1].ends_with(':');
        let small = |small: &[&str]| {
            small.contains(
                &word
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase()
                    .as_str(),
            )
        };
        let capital = match style {
            TitleStyle::EveryWord => true,
            TitleStyle::Title { small: list } => edge || !small(list),
            TitleStyle::LastWord => i + 1 == given.len(),
        };
        with_first_letter(word, capital)
    };
    given.iter().enumerate().map(form).collect()
}

fn with_first_letter(word: &str, capital: bool) -> String {
    let Some((i, c)) = word.char_indices().find(|(_, c)| c.is_alphabetic()) else {
        return word.to_owned();
    };
    let letter: String = if capital {
        c.to_uppercase().collect()
    } else {
        c.to_lowercase().collect()
    };
    format!("{}{letter}{}", &word[..i], &word[i + c.len_utf8()..])
}

/// Is `answer` the title, written as asked? Surrounding white space is ignored; offsets are bytes of
/// `answer`.
pub fn check_answer(answer: &str, title: &str, style: TitleStyle<'_>) -> Judgement {
    let found = answer.trim();
    let want = expected(title, style);
    if found.is_empty() {
        return Judgement::NotApplicable;
    }
    if found == want {
        return Judgement::Right;
    }
    let start = answer.len() - answer.trim_start().len();
    let why = format!("the title should be written '{want}'");
    let at = first_difference(found, &want, start);
    Judgement::Wrong {
        span: start..start + found.len(),
        at,
        expected: want,
        why,
    }
}

/// Checks a completion: each `word -> Word` (also `becomes`), `the last word is ..`, and then the final
/// answer; the first mistake is reported, in bytes of `chain`.
///
/// A word that the title holds more than once may take any form that it has there. A word that
/// the title does not hold is passed over. Not applicable if there is nothing to check.
pub fn check_completion(chain: &str, title: &str, style: TitleStyle<'_>) -> Judgement {
    let answer = final_answer(chain).filter(|a| a.rule != AnswerRule::LastNumber);
    let body = &chain[..answer.as_ref().map_or(chain.len(), |a| a.span.start)];
    let given: Vec<&str> = title.split_whitespace().collect();
    let forms = words(title, style);
    let mut any = false;
    for (from, to) in rewrites(body) {
        let source = &body[from];
        let mut allowed = given
            .iter()
            .zip(&forms)
            .filter(|(g, _)| bare(g).to_lowercase() == source.to_lowercase())
            .map(|(_, f)| bare(f));
        let Some(first) = allowed.next() else {
            continue;
        };
        any = true;
        let found = &body[to.clone()];
        if found != first && !allowed.any(|a| a == found) {
            let why = format!("'{source}' should become '{first}'");
            let at = first_difference(found, first, to.start);
            return Judgement::Wrong {
                span: to,
                at,
                expected: first.to_owned(),
                why,
            };
        }
    }
    if let Some(a) = answer {
        return check_answer(a.text, title, style).shifted(a.span.start);
    }
    if any {
        Judgement::Right
    } else {
        Judgement::NotApplicable
    }
}

/// A word without quotes and punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Pairs of words that the text says turn into each other, in order. "The last word is x" counts as
/// nothing here: it states no form. In "the last word is x and becomes X" it is x that does.
fn rewrites(body: &str) -> Vec<(ByteRange, ByteRange)> {
    let mut tokens: Vec<ByteRange> = Vec::new();
    for part in body.split_whitespace() {
        let start = part.as_ptr() as usize - body.as_ptr() as usize;
        tokens.push(start..start + part.len());
    }
    let trimmed = |s: &ByteRange| {
        let word = bare(&body[s.clone()]);
        let start = if word.is_empty() {
            s.start
        } else {
            word.as_ptr() as usize - body.as_ptr() as usize
        };
        start..start + word.len()
    };
    let text = |i: usize| &body[tokens[i].clone()];
    let subject = |verb: usize| match verb {
        3.. if text(verb - 1) == "and" && text(verb - 3) == "is" => verb - 2,
        _ => verb - 1,
    };
    (1..tokens.len().saturating_sub(1))
        .filter(|&i| matches!(text(i), "->" | "→" | "=>" | "becomes"))
        .map(|i| (trimmed(&tokens[subject(i)]), trimmed(&tokens[i + 1])))
        .filter(|(a, b)| !a.is_empty() && !b.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLE: TitleStyle<'static> = TitleStyle::Title {
        small: &SMALL_WORDS,
    };

    #[test]
    fn titles_by_rule() {
        let t = "the roots of hinduism: the early aryans and the indus civilization";
        assert_eq!(
            expected(t, TITLE),
            "The Roots of Hinduism: The Early Aryans and the Indus Civilization"
        );
        assert_eq!(
            expected(t, TitleStyle::LastWord),
            "the roots of hinduism: the early aryans and the indus Civilization"
        );
        assert_eq!(
            expected("a night in the  dark", TitleStyle::EveryWord),
            "A Night In The Dark"
        );
        assert_eq!(expected("what it is for", TITLE), "What It Is For");
        assert_eq!(
            expected("(the) élan 3d \"end\"", TitleStyle::EveryWord),
            "(The) Élan 3D \"End\""
        );
        assert_eq!(expected("", TITLE), "");
    }

    #[test]
    fn answers() {
        assert_eq!(
            check_answer(" the Giant ", "the giant", TitleStyle::LastWord),
            Judgement::Right
        );
        let Judgement::Wrong {
            span, at, expected, ..
        } = check_answer("The Giant", "the giant", TitleStyle::LastWord)
        else {
            panic!("should be wrong");
        };
        assert_eq!((span, at, expected.as_str()), (0..9, 0, "the Giant"));
        let Judgement::Wrong { at, .. } =
            check_answer("the old", "the old giant", TitleStyle::LastWord)
        else {
            panic!("should be wrong");
        };
        assert_eq!(at, 7);
        assert_eq!(
            check_answer(" ", "the giant", TITLE),
            Judgement::NotApplicable
        );
    }

    #[test]
    fn the_last_word_is_what_becomes() {
        let chain = |word: &str| {
            format!(
                "The last word is king and becomes {word}. So the answer is the sun and the King."
            )
        };
        let check = |word: &str| {
            check_completion(&chain(word), "the sun and the king", TitleStyle::LastWord)
        };
        assert_eq!(check("King"), Judgement::Right);
        let Judgement::Wrong { at, expected, .. } = check("king") else {
            panic!("should be wrong");
        };
        assert_eq!((at, expected.as_str()), (34, "King"));
        // In a list, `and` is a word of the title itself.
        let list = "sun becomes Sun, and becomes And. So the answer is The Sun and the King.";
        let Judgement::Wrong { at, .. } = check_completion(list, "the sun and the king", TITLE)
        else {
            panic!("should be wrong");
        };
        assert_eq!(at, 29);
    }

    #[test]
    fn chains() {
        let good = " a -> A. night -> Night. in -> In. So the answer is A Night In.";
        assert_eq!(
            check_completion(good, "a night in", TitleStyle::EveryWord),
            Judgement::Right
        );
        let bad = " a -> A. night -> night. in -> In. So the answer is A Night In.";
        let Judgement::Wrong { at, expected, .. } =
            check_completion(bad, "a night in", TitleStyle::EveryWord)
        else {
            panic!("should be wrong");
        };
        assert_eq!((at, expected.as_str()), (18, "Night"));
        let end = "'giant' becomes 'Giant'. So the answer is The Giant.";
        let Judgement::Wrong { at, .. } = check_completion(end, "the giant", TitleStyle::LastWord)
        else {
            panic!("should be wrong");
        };
        assert_eq!(at, 42);
        assert_eq!(
            check_completion("the -> The", "the end of the", TITLE),
            Judgement::Right
        );
        assert_eq!(
            check_completion("the -> the", "the end of the road", TITLE),
            Judgement::Right
        );
        assert_eq!(
            check_completion("What now?", "the end", TITLE),
            Judgement::NotApplicable
        );
    }
}
