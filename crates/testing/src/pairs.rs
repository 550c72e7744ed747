//! Completions made by hand: an original and what becomes of it.

use rotescope_text::{SplitBy, final_answer, same_answer, split_steps, token_spans};
use rotescope_trace::{Answer, ModelRef, Prompt, SCHEMA, Step, Token, Trace};

/// A trace whose tokens are single digits and words with the space before them.
pub fn trace(id: &str, question: &str, output: &str, expected: &str) -> Trace {
    let mut pieces: Vec<String> = Vec::new();
    for c in output.chars() {
        let joins = |p: &str| !p.ends_with(|l: char| !l.is_alphabetic() && l != ' ');
        match pieces.last_mut() {
            Some(piece) if c.is_alphabetic() && joins(piece) => piece.push(c),
            _ => pieces.push(c.into()),
        }
    }
    let mut at = 0;
    let id_of = |text: &str| {
        text.bytes()
            .fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()))
            % 50_000
    };
    let tokens: Vec<Token> = pieces
        .into_iter()
        .map(|text| {
            at += text.len();
            Token {
                id: id_of(&text),
                span: [at - text.len(), at],
                text,
                p: 0.9,
                rank: 1,
                entropy: 0.1,
                ..Token::default()
            }
        })
        .collect();
    let steps = split_steps(output, SplitBy::Sentence);
    let spans: Vec<_> = tokens.iter().map(|t| t.span[0]..t.span[1]).collect();
    let of_tokens = token_spans(output.as_bytes(), &steps, &spans);
    let steps = steps.iter().zip(&of_tokens);
    let found = final_answer(output).map(|a| a.text.to_string());
    Trace {
        schema: SCHEMA.into(),
        prompt: Prompt {
            id: id.into(),
            question: question.into(),
            ..Default::default()
        }
        .into(),
        model: ModelRef {
            file: "m.gguf".into(),
            tokenizer: "t".into(),
            ..Default::default()
        },
        output: output.into(),
        steps: steps
            .map(|(s, t)| Step {
                span: [s.start, s.end],
                tokens: [t.start, t.end],
                flag: None,
                verdict: None,
                region: None,
            })
            .collect(),
        tokens,
        answer: Answer {
            right: Some(found.as_ref().is_some_and(|f| same_answer(f, expected))),
            extracted: found,
            span: None,
            expected: Some(expected.into()),
        },
        finish: "end".into(),
        ..Trace::default()
    }
}

pub fn original() -> Trace {
    trace(
        "o",
        "Tom has 56 apples. Then Tom finds 10 apples. How many apples does Tom have now?",
        " At first Tom has 56 apples. After finding more, Tom has 56 + 10 = 66 apples. So the answer is 66.",
        "66",
    )
}

/// The same problem with 473 and Mia for 56 and Tom, and this completion.
pub fn changed(output: &str) -> Trace {
    let mut t = trace(
        "o+x",
        "Mia has 473 apples. Then Mia finds 10 apples. How many apples does Mia have now?",
        output,
        "483",
    );
    t.prompt.pair = Some("o".into());
    t
}
