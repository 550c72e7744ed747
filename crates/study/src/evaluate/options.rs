//! How traces are evaluated.

use super::bootstrap::Setting;

/// How tables are made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvaluateOptions {
    pub intervals: Setting,
    pub levels: Levels,
    /// The least gain that names a cause; causes are named anew from the gains that the traces hold. `None`: as the traces name them.
    pub cause_threshold: Option<f64>,
    /// The splits that are columns, in this order; empty: all, in order of appearance.
    pub splits: Vec<String>,
    /// Columns of the flag's table over several splits at once.
    pub slices: Vec<Vec<String>>,
    pub contrast: Option<Contrast>,
    /// Where people labelled the steps: a flag for any model is fitted, and shown by groups of features and on what it was not fitted to.
    pub ranked: bool,
}

impl EvaluateOptions {
    /// Every split that is asked for by name.
    pub(super) fn named_splits(&self) -> impl Iterator<Item = &String> {
        let contrast = self.contrast.iter();
        let contrast = contrast.flat_map(|c| [&c.reference, &c.other]);
        self.splits
            .iter()
            .chain(self.slices.iter().flatten())
            .chain(contrast)
    }
}

/// A split, and one whose inputs are farther from what is usual: the paper's base and long-tail inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    pub reference: String,
    pub other: String,
}

impl std::str::FromStr for Contrast {
    type Err = String;

    /// Reads `REFERENCE:OTHER`.
    fn from_str(s: &str) -> Result<Self, String> {
        match s.split_once(':') {
            Some((a, b)) if !a.is_empty() && !b.is_empty() && a != b => Ok(Contrast {
                reference: a.into(),
                other: b.into(),
            }),
            _ => Err("two splits with a colon between, as in base:longtail".into()),
        }
    }
}

/// How sure the model was of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Unsure,
    Middling,
    Confident,
}

/// Where one [`Confidence`] ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Below this probability the model is unsure. By default .5: all other tokens together are likelier.
    pub unsure: f64,
    /// From this on it is confident. By default .8: the token is at least four times as likely as all others together.
    pub confident: f64,
}

impl Default for Levels {
    fn default() -> Self {
        Levels {
            unsure: 0.5,
            confident: 0.8,
        }
    }
}

impl Levels {
    pub fn of(&self, p: f64) -> Confidence {
        match p {
            p if p < self.unsure => Confidence::Unsure,
            p if p < self.confident => Confidence::Middling,
            _ => Confidence::Confident,
        }
    }

    pub fn name(&self, c: Confidence) -> String {
        let (low, high) = (short(self.unsure), short(self.confident));
        match c {
            Confidence::Unsure => format!("p < {low}"),
            Confidence::Middling => format!("p {low} to {high}"),
            Confidence::Confident => format!("p >= {high}"),
        }
    }
}

/// No zero in front of the point.
fn short(p: f64) -> String {
    let text = p.to_string();
    text.strip_prefix('0')
        .filter(|t| !t.is_empty())
        .map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_named_by_their_ends() {
        let plain = Levels::default();
        let name = |p: f64| plain.name(plain.of(p));
        assert_eq!(
            [name(0.49), name(0.5), name(0.8)],
            ["p < .5", "p .5 to .8", "p >= .8"]
        );
        let own = Levels {
            unsure: 0.25,
            confident: 1.0,
        };
        assert_eq!(own.name(own.of(0.9)), "p .25 to 1");
    }

    #[test]
    fn a_contrast_is_of_two_splits() {
        let read = |s: &str| s.parse::<Contrast>().ok().map(|c| (c.reference, c.other));
        assert_eq!(read("a:b"), Some(("a".into(), "b".into())));
        assert_eq!([read("a"), read("a:"), read("a:a")], [None, None, None]);
    }
}
