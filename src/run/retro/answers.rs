//! What mixtures of several weights answered.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_stats::mcnemar_exact;
use rotescope_trace::Trace;
use rotescope_trace::audit::retro::RetroAnswer;

/// What of a completion is kept.
pub fn answer(trace: Trace, weights: [f64; 2]) -> RetroAnswer {
    RetroAnswer {
        id: trace.prompt.id.clone(),
        weights,
        tokens: trace.tokens.iter().map(|t| t.id).collect(),
        output: trace.output,
        answer: trace.answer.extracted,
        right: trace.answer.right,
        finish: trace.finish,
    }
}

/// An answer to a prompt, as far as the table needs it.
#[derive(Debug)]
struct Said {
    output: String,
    right: Option<bool>,
}

/// Takes answers, and makes a table of them.
#[derive(Debug, Default)]
pub struct Answers {
    /// In the order in which weights came: answers by prompt, and what was said.
    weights: Vec<([f64; 2], BTreeMap<String, Said>)>,
}

impl Answers {
    pub fn add(&mut self, a: &RetroAnswer) {
        let place = self.weights.iter().position(|(w, _)| *w == a.weights);
        let place = place.unwrap_or_else(|| {
            self.weights.push((a.weights, BTreeMap::new()));
            self.weights.len() - 1
        });
        let kept = Said {
            output: a.output.clone(),
            right: a.right,
        };
        self.weights[place].1.insert(a.id.clone(), kept);
    }

    /// The table, as Markdown. All weights are compared with the smallest.
    pub fn table(&self) -> String {
        let mut rows: Vec<_> = self.weights.iter().collect();
        rows.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        let Some((_, first)) = rows.first() else {
            return String::new();
        };
        let mut out = String::from(
            "| lam, sparse | several | prompts | right | of those with an answer | turned right | turned wrong | McNemar's p | same text |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for ([sparse, dense], answers) in &rows {
            let known: Vec<bool> = answers.values().filter_map(|a| a.right).collect();
            let right = known.iter().filter(|r| **r).count();
            let _ = write!(out, "| {sparse} | {dense} | {} |", answers.len());
            let _ = match known.len() {
                0 => write!(out, " | |"),
                n => write!(out, " {right} | {:.1} % |", right as f64 / n as f64 * 100.0),
            };
            let pairs = || {
                answers
                    .iter()
                    .filter_map(|(id, a)| Some((first.get(id)?, a)))
            };
            let turned = |was: bool| {
                let is = |(a, b): &(&Said, &Said)| a.right == Some(was) && b.right == Some(!was);
                pairs().filter(is).count() as u64
            };
            let (gained, lost) = (turned(false), turned(true));
            let same = pairs().filter(|(a, b)| a.output == b.output).count();
            let _ = writeln!(
                out,
                " {gained} | {lost} | {:.3} | {same} |",
                mcnemar_exact(gained, lost)
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_compared_with_the_smallest() {
        let mut answers = Answers::default();
        let mut add = |id: &str, weight, output: &str, right| {
            answers.add(&RetroAnswer {
                id: id.into(),
                weights: [weight; 2],
                output: output.into(),
                right: Some(right),
                ..RetroAnswer::default()
            });
        };
        add("a", 0.5, "x", true);
        add("b", 0.5, "y", false);
        add("a", 0.0, "z", false);
        add("b", 0.0, "y", false);
        let said = answers.table();
        for line in [
            "| 0 | 0 | 2 | 0 | 0.0 % | 0 | 0 | 1.000 | 2 |",
            "| 0.5 | 0.5 | 2 | 1 | 50.0 % | 1 | 0 | 1.000 | 1 |",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }
}
