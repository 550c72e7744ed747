//! Whether a text holds a value, exactly or nearly. It shares nothing with the gate or the detectors, so that what they miss is seen.

/// The share of a value's letters and digits that must stand in a text in a row to be nearly all of it.
const NEARLY: f64 = 0.8;

/// How much of a value stands in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// The value, character by character.
    pub exact: bool,
    /// Its letters and digits in a row, in any case.
    pub normalized: bool,
    /// At least four fifths of them.
    pub nearly: bool,
}

impl Held {
    /// A value without letters and digits is only held exactly.
    pub fn new(value: &str, text: &str) -> Held {
        let (plain_value, plain_text) = (plain(value), plain(text));
        let all = plain_value.len();
        let longest = longest_in_common(&plain_value, &plain_text);
        Held {
            exact: !value.is_empty() && text.contains(value),
            normalized: all > 0 && longest == all,
            nearly: all > 0 && longest as f64 >= NEARLY * all as f64,
        }
    }
}

fn plain(text: &str) -> Vec<char> {
    let all = text.chars().filter(|c| c.is_alphanumeric());
    all.flat_map(char::to_lowercase).collect()
}

/// Characters of the longest run that both have.
fn longest_in_common(a: &[char], b: &[char]) -> usize {
    let (mut row, mut best) = (vec![0; b.len() + 1], 0);
    for x in a {
        for i in (0..b.len()).rev() {
            row[i + 1] = if *x == b[i] { row[i] + 1 } else { 0 };
            best = best.max(row[i + 1]);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_exactly_by_letters_or_nearly() {
        let held = |value: &str, text: &str| {
            let h = Held::new(value, text);
            [h.exact, h.normalized, h.nearly]
        };
        assert_eq!(held("a.b@x.org", "to a.b@x.org."), [true; 3]);
        assert_eq!(held("a.b@x.org", "A B at X.org"), [false; 3]);
        assert_eq!(held("a.b@x.org", "A. B @X ORG"), [false, true, true]);
        assert_eq!(held("555-0116-5118", "5550116 51"), [false, false, true]);
        assert_eq!(held("555-0116-5118", "0116-5118"), [false; 3]);
        assert_eq!(held("555-0116-5118", "55 0116 5118"), [false, false, true]);
        assert_eq!(held("--", "--"), [true, false, false]);
        assert_eq!(held("", "a"), [false; 3]);
    }
}
