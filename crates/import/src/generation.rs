//! A completion that another tool wrote, and the trace that is made of it.

use std::collections::HashSet;

use rotescope_judge::judge;
use rotescope_text::think::ReasoningMarks;
use rotescope_text::{SplitBy, scored};
use rotescope_trace::{Import, ModelRef, Prompt, RenderedPrompt, SCHEMA, Token, Trace};

use unicode_segmentation::UnicodeSegmentation;

use super::reading;

/// One completion as its file has it. What the file does not say stays empty.
#[derive(Debug, Clone, Default)]
pub struct Generation {
    pub prompt: Prompt,
    /// The whole text that the model got, where the file says.
    pub rendered: Option<String>,
    pub completion: String,
    /// The author's own steps, which together with blank lines are the completion; empty where it is to be cut.
    pub steps: Vec<String>,
    /// Tokens with the probabilities that the file has, in order.
    pub tokens: Vec<Token>,
    /// Who wrote it.
    pub model: String,
    /// As in [`Trace::finish`].
    pub finish: String,
}

/// What stands between the author's own steps.
const BETWEEN: &str = "\n\n";

impl Generation {
    /// Takes the author's own steps for the completion.
    pub fn of_steps(prompt: Prompt, steps: Vec<String>) -> Generation {
        Generation {
            prompt,
            completion: steps.join(BETWEEN),
            steps,
            ..Generation::default()
        }
    }

    /// The trace: read, cut into steps, judged. `from` says where it came from; what is known of its probabilities is added.
    ///
    /// Tokens that together are not the completion are left out, and `from` says so: what their places are is not known.
    pub fn trace(self, by: SplitBy, marks: &ReasoningMarks, mut from: Import) -> Trace {
        let output: Vec<u8> = self.tokens.iter().flat_map(Token::raw).collect();
        let fits = output == self.completion.as_bytes();
        from.probabilities = match (self.tokens.is_empty(), fits) {
            (true, _) => "none".into(),
            (_, false) => "left out: their tokens do not make the completion".into(),
            (_, true) => {
                let top = self.tokens.iter().map(|t| t.candidates.ids.len()).max();
                format!("of the chosen token and the top {}", top.unwrap_or(0))
            }
        };
        let given = fits && !self.tokens.is_empty();
        let mut tokens = match given {
            true => self.tokens,
            // So that it can be shown, marked and aligned.
            false => in_words(&self.completion),
        };
        let mut at = 0;
        for token in &mut tokens {
            let end = at + token.raw().len();
            (token.span, at) = ([at, end], end);
        }
        let text = self.rendered.unwrap_or_else(|| self.prompt.body());
        let question = text.rfind(&self.prompt.question);
        let question_span = question.map_or([0, 0], |at| [at, at + self.prompt.question.len()]);
        let mut trace = Trace {
            schema: SCHEMA.into(),
            rotescope: env!("CARGO_PKG_VERSION").into(),
            prompt: RenderedPrompt {
                text,
                question_span,
                ..RenderedPrompt::from(self.prompt)
            },
            model: ModelRef {
                file: self.model,
                ..ModelRef::default()
            },
            tokens,
            finish: self.finish,
            import: Some(from),
            ..Trace::default()
        };
        trace.attribution.steps = by.to_string();
        reading::read(&mut trace, self.completion.as_bytes(), marks);
        if !self.steps.is_empty() {
            trace.steps = own(&self.steps, &trace.tokens);
        }
        judge(&mut trace);
        trace
    }
}

/// Words as tokens without ids and probabilities: each with the blanks before it and the marks behind it; line breaks are tokens of their own.
fn in_words(text: &str) -> Vec<Token> {
    let bounds = text.split_word_bound_indices();
    let starts: HashSet<usize> = bounds.map(|(at, _)| at).collect();
    let (mut from, mut before) = (0, None::<char>);
    let mut all: Vec<Token> = Vec::new();
    let mut cut = |piece: &str| {
        if !piece.is_empty() {
            all.push(Token {
                id: Token::NO_ID,
                text: piece.into(),
                skipped: scored(piece).err().map(|s| s.name().to_string()),
                ..Token::default()
            });
        }
    };
    for (at, c) in text.char_indices() {
        let begins = before.is_some_and(|b| {
            let breaks = (b == '\n') != (c == '\n');
            let blank = c.is_whitespace() && !b.is_whitespace();
            // Scripts without blanks between words.
            let joined = b.is_alphanumeric() && c.is_alphanumeric() && starts.contains(&at);
            breaks || blank || joined
        });
        if begins {
            cut(&text[from..at]);
            from = at;
        }
        before = Some(c);
    }
    cut(&text[from..]);
    all
}

/// The author's own steps; each reaches to where the next one begins.
fn own(steps: &[String], tokens: &[Token]) -> Vec<rotescope_trace::Step> {
    let mut at = 0;
    let mut spans = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let gap = if i + 1 < steps.len() {
            BETWEEN.len()
        } else {
            0
        };
        let end = at + step.len() + gap;
        spans.push(at..end);
        at = end;
    }
    reading::steps_at(&spans, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::Candidates;

    fn token(text: &str, p: f32) -> Token {
        Token {
            text: text.into(),
            p,
            candidates: Candidates {
                ids: vec![Token::NO_ID],
                text: vec![text.into()],
                p: vec![p],
                ..Candidates::default()
            },
            ..Token::default()
        }
    }

    fn prompt(answer: &str) -> Prompt {
        Prompt {
            id: "a".into(),
            question: "How many?".into(),
            answer: Some(answer.into()),
            ..Prompt::default()
        }
    }

    #[test]
    fn a_completion_is_read_and_judged() {
        let generation = Generation {
            prompt: prompt("#### 9"),
            completion: "5 + 4 = 8. So the answer is 8.".into(),
            model: "gpt".into(),
            ..Generation::default()
        };
        let trace = generation.trace(
            SplitBy::Sentence,
            &ReasoningMarks::default(),
            Import::default(),
        );
        trace.validate().unwrap();
        assert_eq!((trace.steps.len(), trace.answer.right), (2, Some(false)));
        assert_eq!(trace.answer.extracted.as_deref(), Some("8"));
        let verdict = trace.steps[0].verdict.as_ref().unwrap();
        assert_eq!(
            (verdict.right, verdict.expected.as_deref()),
            (false, Some("9"))
        );
        assert_eq!(trace.import.unwrap().probabilities, "none");
    }

    #[test]
    fn probabilities_are_kept_as_given_where_the_tokens_make_the_completion() {
        let of = |completion: &str| Generation {
            prompt: prompt("8"),
            completion: completion.into(),
            tokens: vec![token("It is", 0.5), token(" 8.", 0.25)],
            ..Generation::default()
        };
        let trace = of("It is 8.").trace(
            SplitBy::Sentence,
            &ReasoningMarks::default(),
            Import::default(),
        );
        trace.validate().unwrap();
        assert_eq!(trace.tokens[1].span, [5, 8]);
        assert_eq!(trace.steps[0].tokens, [0, 2]);
        let trace = of("It is 9.").trace(
            SplitBy::Sentence,
            &ReasoningMarks::default(),
            Import::default(),
        );
        trace.validate().unwrap();
        assert_eq!(trace.tokens.len(), 3, "{:?}", trace.tokens);
        assert!(trace.tokens.iter().all(|t| t.probability().is_none()));
        assert!(trace.import.unwrap().probabilities.starts_with("left out"));
    }

    #[test]
    fn words_make_the_text_whatever_it_is() {
        let cut = |text: &str| -> Vec<String> {
            let tokens = in_words(text);
            assert_eq!(
                tokens.iter().map(|t| t.text.as_str()).collect::<String>(),
                text
            );
            tokens.into_iter().map(|t| t.text).collect()
        };
        assert_eq!(
            cut("It is 2/5.\n\nSo  (a) is."),
            ["It", " is", " 2/5.", "\n\n", "So", "  (a)", " is."]
        );
        assert!(cut("她有三个苹果。").len() > 1);
        assert_eq!(cut(""), [""; 0]);
        cut(" \n x\r\n\u{1f600}\u{301}y ");
    }

    #[test]
    fn the_authors_own_steps_are_kept() {
        let steps = vec!["One. And two.".to_string(), "Three = 3.".to_string()];
        let generation = Generation::of_steps(prompt("3"), steps);
        let trace = generation.trace(
            SplitBy::Sentence,
            &ReasoningMarks::default(),
            Import::default(),
        );
        trace.validate().unwrap();
        let spans: Vec<_> = trace.steps.iter().map(|s| s.span).collect();
        assert_eq!(spans, [[0, 15], [15, 25]]);
    }
}
