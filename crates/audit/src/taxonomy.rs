//! Why a recited text is recited: recite, reconstruct, recollect (Prashanth et al., 2024).

use serde::{Deserialize, Serialize};

use crate::template::Template;

/// The label of a recited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// The corpus has it many times.
    Recite,
    /// It is predictable by itself.
    Reconstruct,
    /// The rest: seldom seen, not predictable, and yet known.
    Recollect,
}

impl Label {
    pub const ALL: [Label; 3] = [Label::Recite, Label::Reconstruct, Label::Recollect];

    pub fn name(self) -> &'static str {
        match self {
            Label::Recite => "recite",
            Label::Reconstruct => "reconstruct",
            Label::Recollect => "recollect",
        }
    }

    /// `copies`: of the text in the corpus, where that is known; more than `often` are many. Without it what is no template has no label.
    pub fn of(copies: Option<u64>, often: u64, template: Option<Template>) -> Option<Label> {
        match (copies, template) {
            (Some(n), _) if n > often => Some(Label::Recite),
            (_, Some(_)) => Some(Label::Reconstruct),
            (Some(_), None) => Some(Label::Recollect),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_go_before_templates() {
        let repeating = Some(Template::Repeating);
        assert_eq!(Label::of(Some(6), 5, repeating), Some(Label::Recite));
        assert_eq!(Label::of(Some(5), 5, repeating), Some(Label::Reconstruct));
        assert_eq!(Label::of(Some(5), 5, None), Some(Label::Recollect));
        assert_eq!(Label::of(None, 5, repeating), Some(Label::Reconstruct));
        assert_eq!(Label::of(None, 5, None), None);
    }
}
