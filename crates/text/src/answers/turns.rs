//! Where a completion goes on with another exercise, or with the turn of someone else.

/// How a line begins that is another exercise. A number may stand before the colon: `Problem 3:`.
const EXERCISES: &[&str] = &[
    "q",
    "question",
    "problem",
    "exercise",
    "example",
    "aufgabe",
    "frage",
    "problema",
    "pregunta",
    "exercice",
    "问题",
    "问",
    "問題",
    "次の問題",
];
/// How a line begins that announces another exercise in words.
const ANNOUNCED: &[&str] = &[
    "here is another",
    "here's another",
    "another problem",
    "next problem",
    "new problem",
    "let's try another",
    "now try this",
];
/// How a line begins that someone else says.
const SPEAKERS: &[&str] = &[
    "human",
    "user",
    "student",
    "instruction",
    "input",
    "customer",
];
/// Marks of a chat template: the completion is over.
const MARKS: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|user|>",
    "<|end|>",
    "</s>",
    "<eos>",
    "<end_of_turn>",
    "<start_of_turn>",
    "[INST]",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<|start_of_role|>",
];

/// Where the first mark of a chat template stands.
pub(super) fn chat_mark(text: &str) -> Option<usize> {
    let starts = text.match_indices(['<', '[']).map(|(i, _)| i);
    starts
        .into_iter()
        .find(|i| MARKS.iter().any(|m| text[*i..].starts_with(m)))
}

/// Where another exercise or turn begins that is not the beginning of the text.
pub(super) struct Borders {
    /// A turn of someone else, or a mark of a chat template.
    pub turn: Option<usize>,
    /// The starts of lines that look like another exercise.
    pub exercises: Vec<usize>,
}

impl Borders {
    /// All lines are looked at; of exercises the first hundred are kept.
    pub(super) fn of(text: &str) -> Self {
        let start = text.len() - text.trim_start().len();
        let after = |i: &usize| !text[start.min(*i)..*i].trim().is_empty();
        let mark = text
            .match_indices(['<', '['])
            .map(|(i, _)| i)
            .find(|i| MARKS.iter().any(|m| text[*i..].starts_with(m)) && *i > start);
        let mut borders = Self {
            turn: mark,
            exercises: Vec::new(),
        };
        let lines = text.match_indices('\n').map(|(i, _)| i + 1);
        for line in lines.filter(|i| *i > start) {
            match border(&text[line..]) {
                Some(Border::Turn) if borders.turn.is_none_or(|t| line < t) => {
                    borders.turn = Some(line);
                    break;
                }
                Some(Border::Exercise) if borders.exercises.len() < 100 => {
                    borders.exercises.push(line);
                }
                _ => {}
            }
            if borders.turn.is_some_and(|t| t < line) {
                break;
            }
        }
        borders.turn = borders.turn.filter(after);
        borders
    }
}

enum Border {
    Turn,
    Exercise,
}

/// What the line at the start of a text begins.
fn border(text: &str) -> Option<Border> {
    let line = text.trim_start_matches([' ', '\t', '*', '#', '>', '_', '[']);
    // A heading needs no colon, nor does a line of its own: Problem 3.
    let heading = text.trim_start().starts_with("##");
    let len = line
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(line.len());
    if len == 0 || len > 24 {
        return None;
    }
    let word = line[..len].to_lowercase();
    let rest = line[len..].trim_start_matches([' ', '#']);
    let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
    let rest = rest.trim_start_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, ' ' | '.' | '*' | '_' | ')')
    });
    let ends = rest.is_empty() || rest.starts_with(['\n', '\r']);
    if rest.starts_with([':', '：', ']']) || ends && (heading || numbered) {
        if SPEAKERS.contains(&&*word) {
            return Some(Border::Turn);
        }
        if EXERCISES.contains(&&*word) {
            return Some(Border::Exercise);
        }
    }
    let announced = ANNOUNCED.iter().any(|a| {
        line.get(..a.len())
            .is_some_and(|l| l.eq_ignore_ascii_case(a))
    });
    announced.then_some(Border::Exercise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_of_texts() {
        for text in [
            "18.\n\nHuman: next",
            "18\n**User:** x",
            "18<|im_end|>\n",
            "18\n### Instruction\nx",
            "18 [INST] x",
            "18</s>",
        ] {
            assert!(Borders::of(text).turn.is_some(), "{text}");
        }
        for text in [
            "18.\nQ: x",
            "18\nQuestion 2: x",
            "18\n## Problem 3\nx",
            "18\n\n**Problem:** y",
            "18\nExample 2: x",
        ] {
            assert_eq!(Borders::of(text).exercises.len(), 1, "{text}");
        }
        for text in [
            "Question: 18",
            "<|im_start|>assistant 18",
            "\nUser: hi",
            "the user: hi",
            "18\nQuarters: 5",
            "18\n#### 5",
            "x\nusers: 5",
        ] {
            let found = Borders::of(text);
            assert!(found.turn.is_none() && found.exercises.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_hundred_exercises_are_kept_and_turns_are_found_behind_them() {
        let text = format!("18{}\nUser: x\nQ: y", "\nQ: x".repeat(150));
        let found = Borders::of(&text);
        assert_eq!(found.exercises.len(), 100);
        assert_eq!(found.turn, text.find("User"));
    }
}
