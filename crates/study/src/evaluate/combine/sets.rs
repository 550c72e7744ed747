//! Which scores are combined, and by what names.

use rotescope_trace::Source;

/// What goes into a combination.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) unsure: bool,
    pub(super) sources: Vec<Source>,
    /// What the corpus alone says.
    pub(super) retrieved: bool,
}

impl Set {
    /// Whether it looks at anything beside uncertainty.
    pub(super) fn is_more(&self) -> bool {
        self.retrieved || !self.sources.is_empty()
    }
}

/// Uncertainty alone, with each source, with what the corpus alone says, memorization alone, and all.
pub(super) fn sets() -> Vec<Set> {
    let set = |name: &str, unsure, sources: &[Source]| Set {
        name: name.into(),
        unsure,
        sources: sources.into(),
        retrieved: false,
    };
    let mut sets = vec![set(UNCERTAIN, true, &[])];
    sets.extend(Source::ALL.map(|s| set(&with(s), true, &[s])));
    sets.push(Set {
        retrieved: true,
        ..set(WITH_RETRIEVED, true, &[])
    });
    sets.push(set("memorization", false, &Source::ALL));
    sets.push(set(ALL, true, &Source::ALL));
    sets
}

/// The name of the set without memorization.
pub(super) const UNCERTAIN: &str = "uncertainty";
/// The name of the set of uncertainty and what the corpus alone says.
pub(super) const WITH_RETRIEVED: &str = "uncertainty + retrieved";
/// The name of the set of all sources and uncertainty.
pub(super) const ALL: &str = "all";

/// The name of the set of uncertainty and one source.
pub(super) fn with(source: Source) -> String {
    format!("{UNCERTAIN} + {source}")
}

/// Names of combinations begin with one of these.
pub(super) const IN_STEP: &str = "in step: ";
pub(super) const ACROSS: &str = "across: ";

/// Whether a ranking is fitted to the traces.
pub fn is_combination(name: &str) -> bool {
    name.starts_with(IN_STEP) || name.starts_with(ACROSS)
}

/// Whether a ranking's scores can be compared between steps.
pub fn compares_steps(name: &str) -> bool {
    !name.starts_with(IN_STEP)
}
