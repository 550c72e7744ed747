//! What stands before every question: an instruction, worked examples.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::given::{FieldArgs, prompts};
use rotescope_trace::{Example, Examples, Prompt};

/// What the model is told before each question, where the prompt file does not say.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What stands before each question")]
pub struct PreludeArgs {
    /// Say this before each question (and before the examples), where the prompt file has no instruction
    #[arg(long, value_name = "TEXT")]
    instruction: Option<String>,
    /// Give so many worked examples before each question, where the prompt file has none
    #[arg(long, value_name = "N", requires = "shots_from")]
    shots: Option<usize>,
    /// Take the examples from this file of prompts with answers: its first ones, but never the question itself
    #[arg(long, value_name = "FILE", requires = "shots")]
    shots_from: Option<PathBuf>,
}

impl PreludeArgs {
    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.shots_from.iter()
    }

    /// Puts it before the prompts.
    ///
    /// # Errors
    /// The file of examples cannot be read, or has too few with an answer.
    pub fn apply(&self, all: &mut [Prompt], fields: &FieldArgs) -> Result<()> {
        if let Some(instruction) = &self.instruction {
            for prompt in all.iter_mut().filter(|p| p.instruction.is_none()) {
                prompt.instruction = Some(instruction.clone());
            }
        }
        let (Some(n), Some(file)) = (self.shots, &self.shots_from) else {
            return Ok(());
        };
        let known = prompts(file, fields)?;
        let solved: Vec<Example> = known
            .into_iter()
            .filter_map(|p| {
                Some(Example {
                    question: p.question,
                    answer: p.answer?,
                })
            })
            .collect();
        for prompt in all.iter_mut().filter(|p| p.examples.is_none()) {
            let others = solved.iter().filter(|e| e.question != prompt.question);
            let shots: Vec<Example> = others.take(n).cloned().collect();
            if shots.len() < n {
                bail!(
                    "{}: {n} examples are wanted, and only {} prompts in it have an answer and another question than {:?}",
                    file.display(),
                    shots.len(),
                    prompt.id
                );
            }
            prompt.examples = (n > 0).then_some(Examples::Pairs(shots));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_never_the_question_itself() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("train.jsonl");
        let line = |q: &str, a: &str| format!("{{\"question\": {q:?}, \"answer\": {a:?}}}\n");
        let lines = [
            line("1 + 1?", "2"),
            line("2 + 2?", "4"),
            line("3 + 3?", "6"),
        ]
        .concat();
        std::fs::write(&file, lines).unwrap();
        let prelude = |shots| PreludeArgs {
            instruction: Some("Think.".into()),
            shots: Some(shots),
            shots_from: Some(file.clone()),
        };
        let asked = |question: &str| Prompt {
            question: question.into(),
            ..Prompt::default()
        };
        let mut all = [asked("1 + 1?"), asked("9 + 9?")];
        all[1].instruction = Some("Answer.".into());
        prelude(2).apply(&mut all, &FieldArgs::default()).unwrap();
        let bodies = all.each_ref().map(Prompt::body);
        assert!(bodies[0].starts_with("Think.\n\n") && bodies[1].starts_with("Answer.\n\n"));
        assert_eq!(bodies[0].matches("1 + 1?").count(), 1, "{}", bodies[0]);
        assert!(bodies[0].contains("2 + 2?") && bodies[0].contains("3 + 3?"));
        assert!(bodies[1].contains("1 + 1?") && !bodies[1].contains("3 + 3?"));
        // What is not there cannot be given.
        let mut all = [asked("1 + 1?")];
        let why = prelude(3)
            .apply(&mut all, &FieldArgs::default())
            .unwrap_err();
        assert!(why.to_string().contains("3 examples"), "{why}");
    }
}
