//! Listed values as patterns in normal form.

use std::collections::BTreeSet;

use super::normal::folded;

/// Letters and digits of a value, at least: fewer are parts of everything.
pub const SHORTEST: usize = 4;
/// Letters and digits that are never too little to be refused, where a share of a value is: of a date, which has eight, four fifths.
const TELLING: usize = 7;
/// What stands for `@` and for a dot where addresses are spelled against robots, or escaped.
const AT: [(&str, &str); 7] = [
    (" at ", "."),
    (" at ", " dot "),
    ("@", " dot "),
    ("&#64;", "."),
    ("&commat;", "."),
    ("%40", "."),
    ("\\u0040", "."),
];

/// Why there is no gate.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error(
        "no value to protect: {0} are listed, and none has the {SHORTEST} letters or digits that tell it from other text"
    )]
    Nothing(usize),
    #[error("the values are too many for one automaton: {0}; give a shorter list")]
    TooMany(String),
}

/// Values that are not to be said.
#[derive(Debug, Clone)]
pub struct Protected {
    /// In normal form, sorted.
    pub(super) patterns: Vec<String>,
    /// Different values that are protected.
    pub values: usize,
    /// Different values that are too short, and are not.
    pub left_out: usize,
}

impl Protected {
    /// `share` of a value's letters and digits, from its first on, is refused as the whole is: 1 refuses only whole values. It is rounded up, and is seven of them at
    /// least, so that what is refused still tells one value from others.
    pub fn new<S: AsRef<str>>(values: impl IntoIterator<Item = S>, share: f64) -> Protected {
        let mut patterns = BTreeSet::new();
        let (mut known, mut short) = (BTreeSet::new(), BTreeSet::new());
        for value in values {
            let value = value.as_ref();
            let plain = folded(value);
            if plain.chars().count() < SHORTEST {
                short.insert(plain);
                continue;
            }
            if !known.insert(plain.clone()) {
                continue;
            }
            add(&mut patterns, plain, share);
            // Letters of other scripts may look otherwise as capitals.
            add(&mut patterns, folded(&value.to_lowercase()), share);
            add(&mut patterns, folded(&value.to_uppercase()), share);
            if let Some((local, domain)) = value.rsplit_once('@') {
                for (at, dot) in AT {
                    let domain = domain.replace('.', dot);
                    add(
                        &mut patterns,
                        folded(&format!("{local}{at}{domain}")),
                        share,
                    );
                }
                let all = value.replace('@', " at ").replace('.', " dot ");
                add(&mut patterns, folded(&all), share);
            }
        }
        Protected {
            patterns: patterns.into_iter().collect(),
            values: known.len(),
            left_out: short.len(),
        }
    }
}

/// A pattern, and its beginning.
fn add(patterns: &mut BTreeSet<String>, whole: String, share: f64) {
    let all = whole.chars().count();
    let some = ((all as f64 * share).ceil() as usize).max(TELLING);
    if some < all {
        patterns.insert(whole.chars().take(some).collect());
    }
    // Where its beginning stands in the prompt, what completes it is refused.
    patterns.insert(whole);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_refused_that_still_tells_values_apart() {
        let of = |value: &str, share| Protected::new([value], share).patterns;
        assert_eq!(of("555-2345-6789", 1.0), ["55523456789"]);
        assert_eq!(of("555-2345-6789", 0.8), ["555234567", "55523456789"]);
        assert_eq!(of("555-2345-6789", 0.1), ["5552345", "55523456789"]);
        assert_eq!(of("2987-03-25", 0.8), ["2987o32", "2987o325"]);
        assert_eq!(of("298703", 0.5), ["2987o3"]);
    }

    #[test]
    fn capitals_of_other_scripts_are_listed_beside_small_letters() {
        let of = Protected::new(["Νικόλαος Νότης"], 1.0).patterns;
        for spelled in ["νικόλαος νότης", "ΝΙΚΌΛΑΟΣ ΝΌΤΗΣ", "Νικολαος Νοτης"]
        {
            assert!(of.contains(&folded(spelled)), "{spelled}: {of:?}");
        }
        assert_ne!(folded("Ν"), folded("ν"));
    }

    #[test]
    fn addresses_are_listed_as_people_spell_them_too() {
        let of = Protected::new(["a.b@xy.org"], 1.0).patterns;
        for spelled in ["abxyorg", "abatxyorg", "abatxydotorg", "adotbatxydotorg"] {
            assert!(of.contains(&folded(spelled)), "{spelled}");
        }
    }

    #[test]
    fn values_are_counted_once_and_short_ones_left_out() {
        let all = Protected::new(["Jane Doe", "jane.doe", "x-1", "X1", "--"], 1.0);
        assert_eq!((all.values, all.left_out), (1, 2));
    }
}
