//! A process reward model: a causal language model that says after every step how good it is.
//!
//! In the manner of VersaPRM (Zeng et al., 2025): the question and the steps stand in one text, each step followed by a separator, and a
//! step's score is the probability of a good token against that of a bad one right after its separator:
//! `P(good) / (P(good) + P(bad))`.

use super::hashes::sha256;
use rotescope_judge::labels::REWARD_MODEL;
use rotescope_model::{CancelToken, Engine, ModelError, Targets, Want, Window};
use rotescope_text::is_filler;
use rotescope_trace::{FileRef, PrmRef, Trace, Verdict};

/// How to ask the model.
#[derive(Debug, Clone, PartialEq)]
pub struct PrmOptions {
    /// The token that says that a step is right; of VersaPRM ` +`.
    pub good: String,
    /// The token that says that it is wrong; of VersaPRM ` -`.
    pub bad: String,
    /// What follows each step; of VersaPRM a blank and four line breaks.
    pub separator: String,
    /// What stands between question and steps.
    pub after_question: String,
    /// A step with at least this probability is right.
    pub threshold: f64,
}

impl Default for PrmOptions {
    /// Those of VersaPRM.
    fn default() -> Self {
        PrmOptions {
            good: " +".into(),
            bad: " -".into(),
            separator: " \n\n\n\n".into(),
            after_question: " \n\n".into(),
            threshold: 0.5,
        }
    }
}

/// Why steps could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum PrmError {
    #[error(
        "{option} {text:?}: the process reward model {file} writes this as {tokens} tokens; give text that is a single token of it"
    )]
    NotOneToken {
        option: &'static str,
        text: String,
        file: String,
        tokens: usize,
    },
    #[error("--prm-separator: the process reward model {file} has no token for {text:?}")]
    NoSeparator { text: String, file: String },
    #[error("process reward model: {0}")]
    Model(#[from] ModelError),
}

/// A loaded process reward model.
pub struct Prm {
    engine: Engine,
    options: PrmOptions,
    good: u32,
    bad: u32,
}

impl Prm {
    /// # Errors
    /// When good or bad is not a single token of the model, or the separator is no token at all.
    pub fn new(engine: Engine, options: PrmOptions) -> Result<Prm, PrmError> {
        let file = engine.info().file.clone();
        let single = |option, text: &str| match engine.tokenize(text, false, true)[..] {
            [id] => Ok(id),
            ref ids => Err(PrmError::NotOneToken {
                option,
                text: text.into(),
                file: file.clone(),
                tokens: ids.len(),
            }),
        };
        let good = single("--prm-good", &options.good)?;
        let bad = single("--prm-bad", &options.bad)?;
        if engine.tokenize(&options.separator, false, true).is_empty() {
            return Err(PrmError::NoSeparator {
                text: options.separator,
                file,
            });
        }
        Ok(Prm {
            engine,
            options,
            good,
            bad,
        })
    }

    /// What the traces say of it.
    ///
    /// # Errors
    /// When its file cannot be read again.
    pub fn reference(&self) -> Result<PrmRef, PrmError> {
        let info = self.engine.info();
        Ok(PrmRef {
            model: FileRef {
                file: info.file.clone(),
                sha256: sha256(&info.path).map_err(|e| ModelError::Unreadable {
                    path: info.path.clone(),
                    reason: e.to_string(),
                })?,
            },
            good: self.options.good.clone(),
            bad: self.options.bad.clone(),
            separator: self.options.separator.clone(),
            threshold: self.options.threshold,
        })
    }

    /// The text as tokens, and for each step the position of the last token of its separator.
    pub fn prompt(&self, question: &str, steps: &[&str]) -> (Vec<u32>, Vec<usize>) {
        let mut ids = self
            .engine
            .prompt_ids(&format!("{question}{}", self.options.after_question));
        let separator = self.engine.tokenize(&self.options.separator, false, true);
        let mut ends = Vec::new();
        for step in steps {
            ids.extend(self.engine.tokenize(step.trim(), false, true));
            ids.extend(&separator);
            ends.push(ids.len() - 1);
        }
        (ids, ends)
    }

    /// For each step the probability that it is right.
    ///
    /// # Errors
    /// A text that does not fit the model's context; failures of llama.cpp; to be cancelled.
    pub fn score(
        &self,
        question: &str,
        steps: &[&str],
        cancel: &CancelToken,
    ) -> Result<Vec<f64>, PrmError> {
        let (tokens, ends) = self.prompt(question, steps);
        if ends.is_empty() {
            return Ok(Vec::new());
        }
        let window = Window {
            positions: ends,
            tokens,
            want: Want {
                targets: Targets::Same(vec![self.good, self.bad]),
                candidates: 0,
            },
        };
        let scored = self.engine.score(vec![window], cancel)?;
        let positions = &scored.windows[0].positions;
        Ok(positions
            .iter()
            .map(|at| {
                let p = &at.log_probabilities;
                1.0 / (1.0 + (p[1] - p[0]).exp())
            })
            .collect())
    }

    /// Gives a verdict to every step that has none by computation, filler aside.
    ///
    /// # Errors
    /// As [`Prm::score`].
    pub fn judge(&self, trace: &mut Trace, cancel: &CancelToken) -> Result<(), PrmError> {
        let text = rotescope_judge::output_text(trace);
        let judged: Vec<(usize, &str)> = trace
            .steps
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((i, text.get(s.span[0]..s.span[1])?)))
            .filter(|(_, body)| !is_filler(body))
            .collect();
        let steps: Vec<&str> = judged.iter().map(|(_, s)| *s).collect();
        let p = self.score(&trace.prompt.question, &steps, cancel)?;
        for ((i, _), p) in judged.iter().zip(p) {
            let slot = &mut trace.steps[*i].verdict;
            if slot.as_ref().is_none_or(|v| v.by == REWARD_MODEL) {
                *slot = Some(Verdict {
                    right: p >= self.options.threshold,
                    by: REWARD_MODEL.into(),
                    p: Some(p),
                    span: None,
                    tokens: Vec::new(),
                    expected: None,
                    why: None,
                });
            }
        }
        Ok(())
    }
}
