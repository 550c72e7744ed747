//! Known causes: how often they bring the wrong text that they are known for, how confidently, and whether the prompt's twin stays right.

use std::collections::BTreeMap;

use serde_json::Value;

use super::known_cause::{KnownCause, token_at};
use super::options::{Confidence, Levels};
use super::origin::{Origin, Origins};
use super::table::{Cell, Share, Table, median};
use rotescope_trace::Trace;

#[derive(Debug, Default)]
struct Kind {
    taken: Share,
    confidence: Vec<f64>,
}

/// Of all known causes and their twins.
#[derive(Debug, Default)]
pub struct KnownCauses {
    kinds: BTreeMap<&'static str, Kind>,
    /// Prompts that may be twins, and whether all of their completion is right.
    twins: Vec<(Origin, bool)>,
}

impl KnownCauses {
    pub fn add(&mut self, t: &Trace, origin: &Origin) {
        if let Some(c) = KnownCause::of(t) {
            let kind = self.kinds.entry(c.kind.name()).or_default();
            let site = c.site(t);
            kind.taken.add(site.is_some());
            kind.confidence.extend(
                site.and_then(|at| token_at(t, at))
                    .and_then(|i| t.tokens[i].probability()),
            );
        } else if origin.twin_of.is_some() {
            let chain = t.prompt.meta.get("chain").and_then(Value::as_str);
            // All of it must be right: a twin of a mid cause has its wrong word in a step, not in the answer.
            let right = t.answer.right == Some(true) && chain.is_none_or(|c| c == t.output.trim());
            self.twins.push((origin.clone(), right));
        }
    }

    pub fn table(&self, origins: &Origins, levels: &Levels) -> Option<Table> {
        if self.kinds.is_empty() {
            return None;
        }
        let sure = |p: f64| p >= levels.confident;
        let mut table = Table::new(
            "known-cause",
            "Known causes: the wrong text that they bring is produced; the twin's whole completion is right",
            &[
                "kind",
                "taken",
                "median p of the wrong token",
                &levels.name(Confidence::Confident),
                "twin right",
                "prompts",
            ],
        );
        for (&name, k) in &self.kinds {
            let mut confident = Share::default();
            k.confidence.iter().for_each(|&p| confident.add(sure(p)));
            let median = Cell::number(median(&mut k.confidence.clone()), None);
            let mut twin = Share::default();
            let own = self.twins.iter();
            own.filter(|(o, _)| origins.twin(o).is_some_and(|s| s.name() == name))
                .for_each(|(_, right)| twin.add(*right));
            table.rows.push(vec![
                name.into(),
                k.taken.into(),
                median,
                confident.into(),
                twin.into(),
                k.taken.n.into(),
            ]);
        }
        Some(table)
    }
}
