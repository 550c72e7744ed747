//! Prompts answered by several models: whose answers and whose flags change.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::error::AuditError;
use super::inheritance::TEACHER;
use crate::run::pipeline::Scorer;
use rotescope_model::CancelToken;
use rotescope_stats::mcnemar_exact;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::students::{AnswerStep, StudentAnswer};
use rotescope_trace::{Flag, Prompt};

/// Prompts that are named for each student, at most.
const NAMED: usize = 8;

/// What a model answers greedily, and which of its steps are flagged.
///
/// # Errors
/// Failures of the model or the index; to be cancelled.
pub fn answer(
    scorer: &Scorer,
    model: &str,
    prompt: &Prompt,
    cancel: &CancelToken,
) -> Result<StudentAnswer, AuditError> {
    let trace = scorer.score(prompt, cancel, &mut |_| ())?;
    let step = |s: &rotescope_trace::Step| AnswerStep {
        text: trace.output.get(s.span[0]..s.span[1]).unwrap_or("").into(),
        p: s.flag.as_ref().map(|f| (f.p * 1e4).round() / 1e4),
        flagged: s.flag.as_ref().is_some_and(Flag::is_raised),
    };
    Ok(StudentAnswer {
        model: model.into(),
        id: prompt.id.clone(),
        steps: trace.steps.iter().map(step).collect(),
        answer: trace.answer.extracted,
        right: trace.answer.right,
        finish: trace.finish,
    })
}

/// Takes answers, and makes a table of them.
#[derive(Debug, Default)]
pub struct Answers {
    /// In the order of the models: their answers by prompt.
    models: Vec<(String, BTreeMap<String, StudentAnswer>)>,
}

/// How often something is so of the teacher's answer alone, and of the student's alone.
#[derive(Debug, Default)]
struct Turned {
    lost: u64,
    gained: u64,
    /// The prompts.
    which: Vec<String>,
}

impl Turned {
    fn add(&mut self, id: &str, [was, is]: [bool; 2]) {
        self.lost += u64::from(was && !is);
        self.gained += u64::from(is && !was);
        if was != is {
            self.which.push(line(id).into_owned());
        }
    }

    fn named(&self) -> String {
        let some = self.which.iter().take(NAMED).cloned();
        let more = match self.which.len() {
            n if n > NAMED => format!(" and {} more", n - NAMED),
            _ => String::new(),
        };
        some.collect::<Vec<_>>().join(", ") + &more
    }
}

impl Answers {
    pub fn add(&mut self, a: &StudentAnswer) {
        let place = self.models.iter().position(|(name, _)| *name == a.model);
        let place = place.unwrap_or_else(|| {
            self.models.push((a.model.clone(), BTreeMap::new()));
            self.models.len() - 1
        });
        self.models[place].1.insert(a.id.clone(), a.clone());
    }

    /// The table, as Markdown; nothing without answers.
    pub fn table(&self) -> String {
        let Some((_, teacher)) = self.models.iter().find(|(name, _)| name == TEACHER) else {
            return String::new();
        };
        let mut out = String::from(
            "\n| model | prompts | right | answer as the teacher's | right, lost | gained | McNemar's p | with a flag | flag lost | gained | steps alike | of them, flag changed |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        let mut named = String::new();
        for (name, answers) in &self.models {
            let right = answers.values().filter(|a| a.right == Some(true)).count();
            let flagged = answers.values().filter(|a| is_flagged(a)).count();
            let known = answers.values().filter(|a| a.right.is_some()).count();
            let right = match known {
                0 => String::new(),
                _ => right.to_string(),
            };
            let _ = write!(out, "| {} | {} | {right} |", line(name), answers.len());
            if name == TEACHER {
                let _ = writeln!(out, " | | | | {flagged} | | | | |");
                continue;
            }
            let pairs: Vec<(&StudentAnswer, &StudentAnswer)> = answers
                .iter()
                .filter_map(|(id, a)| Some((teacher.get(id)?, a)))
                .collect();
            let same = pairs.iter().filter(|(t, s)| t.answer == s.answer).count();
            let (mut rights, mut flags) = (Turned::default(), Turned::default());
            let (mut alike, mut changed) = (0, 0);
            for (t, s) in &pairs {
                rights.add(&s.id, [t, s].map(|a| a.right == Some(true)));
                flags.add(&s.id, [t, s].map(|a| is_flagged(a)));
                // Up to the first step that reads differently both are about the same.
                let both = t.steps.iter().zip(&s.steps);
                for (a, b) in both.take_while(|(a, b)| a.text == b.text) {
                    alike += 1;
                    changed += usize::from(a.flagged != b.flagged);
                }
            }
            let _ = writeln!(
                out,
                " {same} | {} | {} | {:.3} | {flagged} | {} | {} | {alike} | {changed} |",
                rights.lost,
                rights.gained,
                mcnemar_exact(rights.lost, rights.gained),
                flags.lost,
                flags.gained
            );
            for (what, turned) in [("right or wrong", &rights), ("flags", &flags)] {
                if !turned.which.is_empty() {
                    let name = line(name);
                    let _ = writeln!(named, "\n{name}, {what} changed: {}.", turned.named());
                }
            }
        }
        out + &named
    }
}

fn is_flagged(a: &StudentAnswer) -> bool {
    a.steps.iter().any(|s| s.flagged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(model: &str, id: &str, right: bool, steps: &[(&str, bool)]) -> StudentAnswer {
        let step = |(text, flagged): &(&str, bool)| AnswerStep {
            text: (*text).into(),
            p: Some(0.5),
            flagged: *flagged,
        };
        StudentAnswer {
            model: model.into(),
            id: id.into(),
            answer: Some(if right { "4" } else { "5" }.into()),
            right: Some(right),
            steps: steps.iter().map(step).collect(),
            ..StudentAnswer::default()
        }
    }

    #[test]
    fn changed_answers_and_flags_are_counted_and_named() {
        let mut all = Answers::default();
        assert_eq!(all.table(), "");
        for a in [
            answered("teacher", "one", true, &[("a", false), ("b", false)]),
            answered("teacher", "two", true, &[("a", true)]),
            answered("Q2_K", "one", false, &[("a", true), ("c", true)]),
            answered("Q2_K", "two", true, &[("a", true)]),
            // A prompt that the teacher was not asked is in no pair.
            answered("Q2_K", "three", true, &[]),
        ] {
            all.add(&a);
        }
        let said = all.table();
        for line in [
            "| teacher | 2 | 2 | | | | | 1 | | | | |",
            "| Q2_K | 3 | 2 | 1 | 1 | 0 | 1.000 | 2 | 0 | 1 | 2 | 1 |",
            "Q2_K, right or wrong changed: one.",
            "Q2_K, flags changed: one.",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }
}
