//! The four protections, and all that can be made of them.

/// A way to keep a model from giving values away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// A model that was trained on a corpus without copies.
    Dedup,
    /// Tokens are drawn with differential privacy.
    Dp,
    /// Rare runs of the corpus are not said on where the model is sure of them.
    Entropy,
    /// Placeholders for what detectors see.
    Pattern,
}

impl Protection {
    pub const ALL: [Protection; 4] = [
        Protection::Dedup,
        Protection::Dp,
        Protection::Entropy,
        Protection::Pattern,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Protection::Dedup => "dedup",
            Protection::Dp => "dp",
            Protection::Entropy => "entropy",
            Protection::Pattern => "pattern",
        }
    }

    pub fn of_name(name: &str) -> Option<Protection> {
        Protection::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// Protections together, in the order of [`Protection::ALL`]; empty is the model itself.
pub type Subset = Vec<Protection>;

/// All subsets of some protections, the empty one first.
pub fn subsets(of: &[Protection]) -> Vec<Subset> {
    let all = (0u32..1 << of.len()).map(|bits| {
        let member = |(i, p): (usize, &Protection)| (bits >> i & 1 == 1).then_some(*p);
        of.iter().enumerate().filter_map(member).collect()
    });
    all.collect()
}

/// The name of a subset in tables and pictures.
pub fn named(names: &[String]) -> String {
    match names.is_empty() {
        true => "none".into(),
        false => names.join(" + "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn four_protections_have_sixteen_subsets() {
        let all = subsets(&Protection::ALL);
        assert_eq!(all.len(), 16);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 16);
        assert_eq!(all[0], []);
        assert_eq!(all[15], Protection::ALL);
        assert!(all.iter().all(|s| s.is_sorted()));
        for p in Protection::ALL {
            assert_eq!(Protection::of_name(p.name()), Some(p));
        }
    }
}
