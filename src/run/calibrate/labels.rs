//! The truth of a chain's steps without people: a verifier names a wrong step, the answer is right, or rollouts say where it was lost.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Sender, unbounded};
use rotescope_judge::{FromVerdicts, Labels};
use rotescope_model::CancelToken;
use rotescope_trace::{Sampler, Trace};
use rotescope_vocab::hash::hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::first_wrong::first_wrong;
use crate::run::pipeline::{Prefix, RunError, Scorer};
use crate::run::replace::beside;

/// What a chain's label rests on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A verdict that was computed names a wrong step.
    Verifier,
    /// The final answer is right, and with it all steps.
    Answer,
    /// The step from which on no sample reaches the answer.
    Rollouts,
    /// Nothing: no sample reaches the answer from the question alone.
    TooHard,
    /// Nothing: the prompt has no answer, or the chain none that could be read.
    Unknown,
    /// Nothing: the answer is wrong, and no rollouts were asked for.
    NoRollouts,
}

/// How completions are sampled from the beginnings of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rollouts {
    /// At most so many from each; none that is needed no more.
    pub samples: usize,
    pub temperature: f32,
    pub seed: u64,
}

/// How often the answer was reached from the first steps of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    pub steps: usize,
    pub right: usize,
    pub of: usize,
}

/// The label of a chain: a row that `evaluate --labels` reads by `id` and `first_wrong`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChainLabel {
    pub id: String,
    /// From 0; -1 where all steps are right; absent where nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_wrong: Option<i64>,
    pub by: By,
    /// Hash of the completion, so that a label is not taken for another's.
    pub output: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<Reached>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollouts: Option<Rollouts>,
}

impl ChainLabel {
    /// What is known of a chain as it stands; `None` where only rollouts can tell.
    pub fn at_once(trace: &Trace) -> Option<ChainLabel> {
        let (first_wrong, by) = match (FromVerdicts.first_wrong(trace), trace.answer.right) {
            (Some((step, _)), _) => (Some(step as i64), By::Verifier),
            (None, Some(true)) => (Some(-1), By::Answer),
            (None, Some(false)) if !trace.steps.is_empty() => return None,
            (None, _) => (None, By::Unknown),
        };
        Some(ChainLabel::new(trace, first_wrong, by))
    }

    pub fn new(trace: &Trace, first_wrong: Option<i64>, by: By) -> ChainLabel {
        ChainLabel {
            id: trace.prompt.id.clone(),
            first_wrong,
            by,
            output: hash(trace),
            reached: Vec::new(),
            rollouts: None,
        }
    }
}

/// What is heard of rollouts.
#[derive(Debug)]
pub enum Rolled {
    /// A sample of so many tokens.
    Sample(usize),
    Label(ChainLabel),
}

/// Why a chain has no label.
#[derive(Debug, thiserror::Error)]
#[error("prompt {id}: {error}")]
pub struct ChainError {
    id: String,
    error: RunError,
}

impl Rollouts {
    /// Whether a label, made before, is what would be made of the chain now.
    pub fn made(&self, label: &ChainLabel, trace: &Trace) -> bool {
        label.rollouts.as_ref() == Some(self) && label.output == hash(trace)
    }

    /// The label of a chain whose answer is wrong. `on_sample` hears of each sample's tokens.
    ///
    /// # Errors
    /// The model fails, or `cancel` is set.
    fn label(
        &self,
        scorer: &Scorer,
        trace: &Trace,
        cancel: &CancelToken,
        on_sample: &mut dyn FnMut(usize),
    ) -> Result<ChainLabel, RunError> {
        let mut reached = Vec::new();
        let found = first_wrong(trace.steps.len(), &mut |steps| {
            let share = self.reached(scorer, trace, steps, cancel, on_sample)?;
            reached.push(share);
            Ok::<bool, RunError>(share.right > 0)
        })?;
        let by = found.map_or(By::TooHard, |_| By::Rollouts);
        Ok(ChainLabel {
            reached,
            rollouts: Some(self.clone()),
            ..ChainLabel::new(trace, found.map(|step| step as i64), by)
        })
    }

    /// The labels of chains whose answers are wrong, of `each` at a time with every scorer: the model samples for all of them side by side, which
    /// changes no sample. `hear` is told of samples and labels as they come.
    ///
    /// # Errors
    /// The model fails, `cancel` is set, or `hear` fails, which ends the others.
    pub fn label_all<E: From<ChainError>>(
        &self,
        scorers: &[Scorer],
        each: usize,
        chains: &[&Trace],
        cancel: &CancelToken,
        hear: &mut dyn FnMut(Rolled) -> Result<(), E>,
    ) -> Result<(), E> {
        let (give, work) = unbounded::<&Trace>();
        for trace in chains {
            let _ = give.send(trace); // `work` is alive
        }
        drop(give);
        let (send, rolled) = unbounded();
        // Of this work only: an error must not look like a wish to stop.
        let stopped = AtomicBool::new(false);
        let worker = |scorer: &Scorer, send: Sender<Result<Rolled, ChainError>>| {
            for trace in &work {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let mut on_sample = |n| _ = send.send(Ok(Rolled::Sample(n)));
                let label = self.label(scorer, trace, cancel, &mut on_sample);
                let label = label.map(Rolled::Label).map_err(|error| ChainError {
                    id: trace.prompt.id.clone(),
                    error,
                });
                if send.send(label).is_err() {
                    break;
                }
            }
        };
        std::thread::scope(|scope| {
            let (worker, mut started) = (&worker, 0);
            for scorer in scorers.iter().flat_map(|s| std::iter::repeat_n(s, each)) {
                let send = send.clone();
                let begun = Builder::new().spawn_scoped(scope, move || worker(scorer, send));
                started += usize::from(begun.is_ok());
            }
            // Where memory is too little for any thread, this one does it all.
            if let (0, Some(scorer)) = (started, scorers.first()) {
                worker(scorer, send.clone());
            }
            drop(send);
            let heard = rolled.into_iter().try_for_each(|said| hear(said?));
            stopped.store(heard.is_err(), Ordering::Relaxed);
            heard
        })
    }

    /// Samples from the first steps until one is right.
    fn reached(
        &self,
        scorer: &Scorer,
        trace: &Trace,
        steps: usize,
        cancel: &CancelToken,
        on_sample: &mut dyn FnMut(usize),
    ) -> Result<Reached, RunError> {
        let end = steps.checked_sub(1).map_or(0, |i| trace.steps[i].tokens[1]);
        let kept = &trace.tokens[..end.min(trace.tokens.len())];
        let mut share = Reached {
            steps,
            right: 0,
            of: 0,
        };
        while share.right == 0 && share.of < self.samples {
            let from = Prefix {
                kept: kept.to_vec(),
                typed: String::new(),
            };
            let sampler = Sampler {
                temperature: self.temperature,
                seed: self.seed.wrapping_add(share.of as u64),
                // What only repeats itself reaches nothing.
                stop_loops: true,
                ..trace.sampler.clone()
            };
            let one =
                scorer
                    .with_sampler(sampler)
                    .generate(&trace.asked(), from, cancel, &mut |_| ())?;
            if cancel.is_cancelled() {
                return Err(RunError::Cancelled);
            }
            on_sample(one.tokens.len() - kept.len());
            share.of += 1;
            share.right += usize::from(one.answer.right == Some(true));
        }
        Ok(share)
    }
}

fn hash(trace: &Trace) -> String {
    hex(&Sha256::digest(&trace.output)[..16])
}

/// A file of labels, appended to.
#[derive(Debug)]
pub struct LabelLog {
    file: File,
    known: BTreeMap<String, ChainLabel>,
}

impl LabelLog {
    /// Opens or makes the file with the labels in it that are kept. What a kill left of a last line goes.
    ///
    /// # Errors
    /// The file cannot be read or written, or a line of it is no label.
    pub fn open(path: &Path, keep: impl Fn(&ChainLabel) -> bool) -> io::Result<LabelLog> {
        let mut known = BTreeMap::new();
        let before = match std::fs::read_to_string(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        for line in before.split_inclusive('\n').filter(|l| l.ends_with('\n')) {
            let label: ChainLabel = serde_json::from_str(line).map_err(io::Error::other)?;
            known.insert(label.id.clone(), label);
        }
        known.retain(|_, label| keep(label));
        let file = whole(path, &known)?;
        Ok(LabelLog { file, known })
    }

    /// Writes all labels in the order of their ids, so that equal labels are equal files.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn sort(&mut self, path: &Path) -> io::Result<()> {
        self.file = whole(path, &self.known)?;
        Ok(())
    }

    pub fn has(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    pub fn get(&self, id: &str) -> Option<&ChainLabel> {
        self.known.get(id)
    }

    pub fn all(&self) -> impl Iterator<Item = &ChainLabel> {
        self.known.values()
    }

    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, label: ChainLabel) -> io::Result<()> {
        write(&mut self.file, &label)?;
        self.known.insert(label.id.clone(), label);
        Ok(())
    }
}

/// A file of these labels in the place of the one that is there.
fn whole(path: &Path, labels: &BTreeMap<String, ChainLabel>) -> io::Result<File> {
    let mut file = beside(path)?;
    for label in labels.values() {
        write(file.as_file_mut(), label)?;
    }
    file.persist(path).map_err(|e| e.error)
}

fn write(to: &mut File, label: &ChainLabel) -> io::Result<()> {
    to.write_all((serde_json::to_string(label)? + "\n").as_bytes())
}
