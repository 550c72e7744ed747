//! Where the things in the tables come from: task, split, group, and what is known of a prompt's cause.

use std::collections::{BTreeMap, BTreeSet};

use super::known_cause::KnownCause;
use rotescope_judge::groups::Groups;
use rotescope_trace::{Source, Trace};

/// Of one trace.
#[derive(Debug, Clone)]
pub struct Origin {
    pub task: String,
    pub split: String,
    /// Prompts that are drawn, trained and tested together; the last word only after [`Origins::settle`].
    pub group: String,
    /// Of the prompt's known cause.
    pub cause: Option<Source>,
    /// The prompt has a known cause, or is the twin of one that has; the latter is known only after [`Origins::settle`].
    pub apart: bool,
    /// The prompt that this one is a variant of, other than by operators: it may be the twin of a prompt with a known cause.
    pub twin_of: Option<String>,
}

impl Origin {
    /// The split as tables name it: with the source of the known cause, if there is one.
    pub fn label(&self) -> String {
        match self.cause {
            Some(source) => format!("{} {source}", self.split),
            None => self.split.clone(),
        }
    }

    /// Task and split as tables name them.
    pub fn place(&self) -> (String, String) {
        (self.task.clone(), self.label())
    }
}

/// What the prompts seen so far say of each other.
#[derive(Debug, Default)]
pub struct Origins {
    groups: Groups,
    /// The source of the known cause, by group.
    causes: BTreeMap<String, Source>,
    /// In order of appearance.
    splits: Vec<String>,
}

impl Origins {
    /// Takes note of a trace's prompt.
    pub fn note(&mut self, t: &Trace) -> Origin {
        let p = &t.prompt;
        let name = |s: &Option<String>| s.clone().unwrap_or_else(|| "-".into());
        let cause = KnownCause::of(t).map(|c| c.kind);
        let group = self.groups.note(p);
        if let Some(kind) = cause {
            self.causes.insert(group.clone(), kind);
        }
        if let Some(split) = p.split.as_ref().filter(|s| !self.splits.contains(s)) {
            self.splits.push(split.clone());
        }
        let by_operators = p.meta.get("perturbation").is_some();
        Origin {
            task: name(&p.task),
            split: name(&p.split),
            group,
            cause,
            apart: cause.is_some(),
            twin_of: p.pair.clone().filter(|_| cause.is_none() && !by_operators),
        }
    }

    /// Says the last word of an origin, now that all prompts are known.
    pub fn settle(&self, origin: &mut Origin) {
        origin.group = self.groups.resolve(&origin.group).to_owned();
        origin.apart |= self.twin(origin).is_some();
    }

    /// The source of the known cause without which the prompt is a twin. Its group tells, so that the twin is known as one even where the traces lack
    /// the prompt with the cause.
    pub fn twin(&self, origin: &Origin) -> Option<Source> {
        origin.twin_of.as_ref()?;
        let group = self.groups.resolve(&origin.group);
        self.causes.get(group).copied()
    }

    /// All splits, in order of appearance.
    pub fn splits(&self) -> &[String] {
        &self.splits
    }

    /// A split that no prompt has, if one is asked for.
    pub fn unknown<'a>(&self, asked: impl Iterator<Item = &'a String>) -> Option<String> {
        let known: BTreeSet<&String> = self.splits.iter().collect();
        asked.into_iter().find(|s| !known.contains(s)).cloned()
    }
}
