//! Which scores are combined, and by what names.

use rotescope_trace::Source;

/// What goes into a combination.
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) unsure: bool,
    pub(super) sources: &'static [Source],
}

pub(super) const SETS: [Set; 6] = [
    Set {
        name: "uncertainty",
        unsure: true,
        sources: &[],
    },
    Set {
        name: "uncertainty + local",
        unsure: true,
        sources: &[Source::Local],
    },
    Set {
        name: "uncertainty + mid",
        unsure: true,
        sources: &[Source::Mid],
    },
    Set {
        name: "uncertainty + long",
        unsure: true,
        sources: &[Source::Long],
    },
    Set {
        name: "memorization",
        unsure: false,
        sources: &Source::ALL,
    },
    Set {
        name: "all",
        unsure: true,
        sources: &Source::ALL,
    },
];

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
