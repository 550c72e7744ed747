//! A completion split into steps, by sentence or by line, and steps carried over to tokens.
//!
//! Steps tile the text: they follow each other without gap or overlap, and put together they are
//! the text. White space between two steps belongs to the earlier one; white space before the first
//! step belongs to the first.

use super::ByteRange;
use super::sentences::{Sentences, is_marker};
use std::ops::Range;

/// How a completion is cut; the two options of the authors of STIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum SplitBy {
    /// One step a sentence. Line breaks also end a step, unless a sentence plainly runs on; code
    /// blocks and displayed formulas are never cut.
    #[default]
    #[serde(rename = "sen")]
    Sentence,
    /// One step a line that is not blank.
    #[serde(rename = "new_line")]
    Line,
}

impl std::str::FromStr for SplitBy {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "sen" => Ok(Self::Sentence),
            "new_line" => Ok(Self::Line),
            _ => Err(format!(
                "unknown way to split steps '{s}': use 'sen' or 'new_line'"
            )),
        }
    }
}

impl std::fmt::Display for SplitBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sentence => "sen",
            Self::Line => "new_line",
        })
    }
}

/// The steps of a text, as byte spans that tile it. Empty text has none; blank text has one.
///
/// ```
/// use rotescope_text::{SplitBy, split_steps};
/// let text = "56 + 1. 56 + 1 = 57.";
/// let steps: Vec<&str> = split_steps(text, SplitBy::Sentence).into_iter().map(|s| &text[s]).collect();
/// assert_eq!(steps, ["56 + 1. ", "56 + 1 = 57."]);
/// ```
pub fn split_steps(text: &str, by: SplitBy) -> Vec<ByteRange> {
    let ends = match by {
        SplitBy::Sentence => Sentences::new(text).ends(),
        SplitBy::Line => text.match_indices('\n').map(|(i, _)| i + 1).collect(),
    };
    let mut steps: Vec<ByteRange> = Vec::new();
    let mut start = 0;
    for end in ends.into_iter().chain([text.len()]) {
        let piece = &text[start..end];
        if piece.trim().is_empty() {
            // Blank: it joins the step before, or waits for the first one.
            match steps.last_mut() {
                Some(last) => last.end = end,
                None => continue,
            }
        } else {
            let from = match steps.last_mut() {
                Some(last) => {
                    last.end = start + (piece.len() - piece.trim_start().len());
                    last.end
                }
                None => 0,
            };
            steps.push(from..end);
        }
        start = end;
    }
    if steps.is_empty() && !text.is_empty() {
        steps.push(0..text.len());
    }
    steps
}

/// The tokens of each step: ranges of token indices that tile `0..tokens.len()`.
///
/// `tokens` are byte spans in `text`, ascending. A token that straddles a border goes to the step
/// that holds most of its bytes that are no white space; of two equal ones, to the later. A token of
/// white space only goes by all its bytes, and a token without bytes to the step at its place.
pub fn token_spans(text: &[u8], steps: &[ByteRange], tokens: &[ByteRange]) -> Vec<Range<usize>> {
    if steps.is_empty() {
        return Vec::new();
    }
    let mut first_token = vec![tokens.len(); steps.len()];
    let mut at = 0;
    for (t, span) in tokens.iter().enumerate() {
        let visible = |r: Range<usize>| {
            r.filter(|i| !text.get(*i).is_some_and(u8::is_ascii_whitespace))
                .count()
        };
        let blank = visible(span.clone()) == 0;
        let mut best = (0, at);
        for (s, step) in steps.iter().enumerate().skip(at) {
            if step.start >= span.end.max(span.start + 1) {
                break;
            }
            let overlap = span.start.max(step.start)..span.end.min(step.end);
            let size = if blank {
                overlap.len()
            } else {
                visible(overlap)
            };
            let here = span.is_empty() && step.contains(&span.start);
            if (size > 0 && size >= best.0) || here {
                best = (size, s);
            }
        }
        at = best.1;
        first_token[at] = first_token[at].min(t);
    }
    // A step without tokens begins where the next one does.
    for s in (0..steps.len() - 1).rev() {
        first_token[s] = first_token[s].min(first_token[s + 1]);
    }
    first_token[0] = 0;
    (0..steps.len())
        .map(|s| first_token[s]..first_token.get(s + 1).copied().unwrap_or(tokens.len()))
        .collect()
}

/// Is this step filler, which no verdict should be passed on: "Let's think step by step", a
/// bare list number, a heading's label, or nothing but marks?
pub fn is_filler(step: &str) -> bool {
    let step = step.trim();
    if is_marker(step) || !step.chars().any(char::is_alphanumeric) {
        return true;
    }
    if step.bytes().any(|b| b.is_ascii_digit()) || step.contains('=') {
        return false;
    }
    let plain: String = step.to_lowercase().replace('\u{2019}', "'");
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
    let words = plain.split_whitespace().count();
    let openers = [
        "let's ",
        "let us ",
        "let me ",
        "i will ",
        "i'll ",
        "we will ",
        "we'll ",
        "we can ",
        "we need to ",
        "to solve ",
        "to find ",
    ];
    let verbs = [
        "think",
        "solve",
        "break",
        "work",
        "start",
        "begin",
        "go through",
        "figure",
        "find",
        "calculate",
        "analyze",
        "follow",
    ];
    let opener = openers.iter().find_map(|o| plain.strip_prefix(o));
    // A promise without content: an opener and a verb at once ("let's think"), or "step by step".
    let promise = opener.is_some_and(|rest| {
        plain.contains("step by step")
            || plain.contains("step-by-step")
            || (words <= 6 && verbs.iter().any(|v| rest.starts_with(v)) && vague(rest))
    });
    let steps_follow = words <= 20
        && (plain.ends_with("these steps")
            || plain.ends_with("the following steps")
            || plain == "step by step");
    let greetings = [
        "sure",
        "okay",
        "ok",
        "alright",
        "certainly",
        "of course",
        "hmm",
        "great",
        "here is the solution",
        "here's the solution",
        "solution",
    ];
    promise || steps_follow || greetings.contains(&plain)
}

/// Does what follows "let's think" name nothing of the problem?
fn vague(rest: &str) -> bool {
    let fillers = [
        "it",
        "this",
        "the",
        "problem",
        "question",
        "down",
        "through",
        "about",
        "out",
        "together",
        "carefully",
        "solution",
        "answer",
        "by",
        "on",
        "with",
    ];
    rest.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .skip(1)
        .all(|w| fillers.contains(&w))
}

#[cfg(test)]
// One-step lists are what is meant here, not ranges of values.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Splits and compares with the wanted steps, which are separated by `|`.
    fn check(by: SplitBy, wanted: &str) {
        let text = wanted.replace('|', "");
        let got: Vec<&str> = split_steps(&text, by)
            .into_iter()
            .map(|s| &text[s])
            .collect();
        let want: Vec<&str> = wanted.split('|').collect();
        assert_eq!(got, want);
    }

    fn sen(wanted: &str) {
        check(SplitBy::Sentence, wanted);
    }

    #[test]
    fn chains_of_the_prototype() {
        sen(" 8 * 7 = 56, which leaves 56 + 1. |56 + 1 = 57. |So the answer is 57.");
        sen(" secret -> Secret. |in -> In. |the -> The. |a -> A. |no -> No. |So the answer is In.");
        sen(" 1 plum (1), 2 pear, 3 cherry. |So the answer is 3.");
    }

    #[test]
    fn decimals_thousands_and_times() {
        sen("It costs $3.50. |He pays 1,000.25 dollars at 5.30 p.m. on day 2. |Then 3.5 + .5 = 4.");
        sen("See https://a.b/c.html?x=1.5 for v1.2. |Then go.");
    }

    #[test]
    fn abbreviations_and_initials() {
        sen(
            "Mr. Smith and Dr. J. R. Brown met, e.g. Tom, i.e. him. |They ate apples, pears, etc. |Then they left.",
        );
        sen("He has 5 ft. of rope. |It is 3 in. long. |Put it in. |Then stop.");
        sen("No. 5 is here. |No. |He has none.");
        sen("So it is point A. |The next is B. |Then x = C. |Done.");
        sen("He and I. |She went at 5 p.m. |Then on Jan. 3 it rained.");
    }

    #[test]
    fn enumerations() {
        sen("We do this:\n|1. Add 3 and 4.\n|2. Subtract 5.\n|- one\n|- two\n|(3) three. |a. Go.");
        sen("Step 1. Add them. |Step 2: Stop.");
        sen("1.\nAdd them. |Stop.");
        sen("**1. Start:** We add. |Then.");
        sen("First.\n|3) Then 5.");
    }

    #[test]
    fn latex_and_code() {
        sen(
            "So $x = 3. Y$ holds. |Then \\[ a = 1. B\n= \\frac{1}{2}. C \\] and \\(a. B\\) too. |End.",
        );
        sen("He has $5. |She has $6. |Both.");
        sen("Run:\n|```py\na = 1. B\nprint(a)\n\n# C. D\n```\n|Then stop.");
        sen("An open block\n|```\na. B\nC");
        sen("It is \\boxed{5}. |Good.");
    }

    #[test]
    fn marks_quotes_and_ellipses() {
        sen("Is it 5? |Yes! |No?! |\"Go.\" |He said \"What?\" and left. |(Fine.) |Good.");
        sen("Well... so it is. |Hmm... |Then 1, 2, ... 10. |Wait… |Now 5! + 3 = 123.");
        sen("これは五です。|次に進む。");
        sen("**It is 5.** |Then _six._ |Done.");
    }

    #[test]
    fn line_breaks() {
        sen("The total\nis five. |Then\n|5 + 3 = 8\n|So it is.\n\n\n|End");
        sen("  \n First. |Second. \n ");
        check(SplitBy::Line, "One. Two.\n\n|Three\r\n\t|4.\n  \n");
        check(SplitBy::Line, "\n\n a\n|b");
    }

    #[test]
    fn nothing_and_blanks() {
        assert_eq!(split_steps("", SplitBy::Sentence), [] as [ByteRange; 0]);
        assert_eq!(split_steps(" \n ", SplitBy::Sentence), [0..3]);
        assert_eq!(split_steps(" \n ", SplitBy::Line), [0..3]);
        assert!("words".parse::<SplitBy>().unwrap_err().contains("new_line"));
        assert_eq!("new_line".parse(), Ok(SplitBy::Line));
        assert_eq!(SplitBy::Sentence.to_string(), "sen");
    }

    #[test]
    fn tokens_of_steps() {
        let text = "It is 5. So stop.";
        let steps = split_steps(text, SplitBy::Sentence);
        assert_eq!(steps, [0..9, 9..17]);
        // " So" begins in the first step, but its letters are in the second.
        let tokens = [0..2, 2..5, 5..6, 6..7, 7..8, 8..11, 11..16, 16..17];
        assert_eq!(token_spans(text.as_bytes(), &steps, &tokens), [0..5, 5..8]);
        // ". S": one visible byte on either side goes to the later.
        assert_eq!(
            token_spans(text.as_bytes(), &steps, &[0..7, 7..10, 10..17]),
            [0..1, 1..3]
        );
        // A blank goes with the earlier step; a token without bytes stays where it is.
        assert_eq!(
            token_spans(text.as_bytes(), &steps, &[0..8, 8..9, 9..9, 9..17, 17..17]),
            [0..2, 2..5]
        );
        // One token over all goes to the largest step; the others are empty.
        assert_eq!(
            token_spans(text.as_bytes(), &[0..3, 3..6, 6..17], &[0..17]),
            [0..0, 0..0, 0..1]
        );
        assert_eq!(token_spans(b"", &[], &[]), [] as [Range<usize>; 0]);
        assert_eq!(token_spans(text.as_bytes(), &steps, &[]), [0..0, 0..0]);
    }

    #[test]
    fn empty_talk() {
        for s in [
            "Let's think step by step.",
            " Let\u{2019}s solve this step by step:\n",
            "1.",
            "2) ",
            "**3.**",
            "Step 4:",
            "---",
            "\\[",
            "```",
            "",
            "Let's break it down.",
            "Let me think about this.",
            "Okay,",
            "Sure!",
            "To solve this problem, we need to follow these steps:",
            "- ",
            "(a)",
        ] {
            assert!(is_filler(s), "{s:?}");
        }
        for s in [
            "Let's add 3 and 4.",
            "5",
            "So the answer is Five.",
            "Theo has apples.",
            "Let x = y.",
            "a -> A.",
            "Let's calculate the price of the apples.",
            "Let us begin with the apples of Tom.",
            "We can solve it by adding 5.",
        ] {
            assert!(!is_filler(s), "{s:?}");
        }
    }

    proptest! {
        #[test]
        fn steps_tile_any_text(text in "([A-Za-z0-9.!? \\n$\\\\()\\[\\]`\"*…。é-]|\\. |```|e\\.g\\. ){0,60}") {
            for by in [SplitBy::Sentence, SplitBy::Line] {
                let steps = split_steps(&text, by);
                let joined: String = steps.iter().map(|s| &text[s.clone()]).collect();
                prop_assert_eq!(&joined, &text);
                prop_assert!(steps.len() < 2 || steps.iter().all(|s| !text[s.clone()].trim().is_empty()));
            }
        }

        #[test]
        fn token_spans_tile_the_tokens(
            text in "([a-z]{1,4}[.!]? ?\\n?){0,20}", cuts in prop::collection::vec(0_usize..60, 0..20),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let tokens: Vec<ByteRange> = cuts.windows(2).map(|w| w[0]..w[1]).collect();
            let steps = split_steps(&text, SplitBy::Sentence);
            let spans = token_spans(text.as_bytes(), &steps, &tokens);
            prop_assert_eq!(spans.len(), steps.len());
            let mut at = 0;
            for s in &spans {
                prop_assert_eq!(s.start, at);
                prop_assert!(s.end >= s.start);
                at = s.end;
            }
            prop_assert!(steps.is_empty() || at == tokens.len());
        }
    }
}
