//! What a student keeps of its teacher's memory (after *From Teacher to Student*, 2506.16170): overlap of texts, inherited and new memorization.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Overlap of two texts by words in lower case (Lin, 2004): F1 of common words, of common pairs of words, of the longest common subsequence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Rouge {
    #[serde(rename = "1")]
    pub one: f64,
    #[serde(rename = "2")]
    pub two: f64,
    #[serde(rename = "L")]
    pub l: f64,
}

/// Words of each text that are compared at most: a longest common subsequence takes time by the product.
const MOST: usize = 2000;

impl Rouge {
    pub fn new(written: &str, truth: &str) -> Rouge {
        let words = |text: &str| -> Vec<String> {
            let all = rotescope_text::words(text).into_iter();
            all.take(MOST).map(|w| w.text.to_lowercase()).collect()
        };
        let (a, b) = (words(written), words(truth));
        Rouge {
            one: of_runs(&a, &b, 1),
            two: of_runs(&a, &b, 2),
            l: f1(longest_common(&a, &b), a.len(), b.len()),
        }
    }
}

fn f1(common: usize, a: usize, b: usize) -> f64 {
    2.0 * common as f64 / (a + b).max(1) as f64
}

fn of_runs(a: &[String], b: &[String], n: usize) -> f64 {
    let mut left: HashMap<&[String], usize> = HashMap::new();
    for run in b.windows(n) {
        *left.entry(run).or_default() += 1;
    }
    let mut common = 0;
    for run in a.windows(n) {
        if let Some(count) = left.get_mut(run).filter(|c| **c > 0) {
            *count -= 1;
            common += 1;
        }
    }
    let runs = |words: &[String]| (words.len() + 1).saturating_sub(n);
    f1(common, runs(a), runs(b))
}

fn longest_common(a: &[String], b: &[String]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut before = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y {
                before + 1
            } else {
                above.max(row[j])
            };
            before = above;
        }
    }
    row[b.len()]
}

/// What two models memorize of the same items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    pub both: u64,
    pub only_teacher: u64,
    pub only_student: u64,
}

impl Kept {
    /// `items`: whether the teacher and whether the student memorizes each.
    pub fn new(items: impl IntoIterator<Item = (bool, bool)>) -> Kept {
        let mut kept = Kept::default();
        for (teacher, student) in items {
            kept.both += u64::from(teacher && student);
            kept.only_teacher += u64::from(teacher && !student);
            kept.only_student += u64::from(!teacher && student);
        }
        kept
    }

    /// Of what the teacher memorizes, the share that the student does; `None` where the teacher memorizes nothing.
    pub fn inherited(&self) -> Option<f64> {
        share(self.both, self.only_teacher)
    }

    /// Of what the student memorizes, the share that the teacher does not; `None` where the student memorizes nothing.
    pub fn new_share(&self) -> Option<f64> {
        share(self.only_student, self.both)
    }
}

fn share(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_those_of_the_definition() {
        // Words: the cat sat on the mat / the cat lay on a mat. Common: the cat on mat; pairs: the cat; subsequence: the cat on mat.
        let r = Rouge::new("The cat sat on the mat.", "the cat lay on a mat");
        assert!((r.one - 4.0 / 6.0).abs() < 1e-12, "{r:?}");
        assert!((r.two - 1.0 / 5.0).abs() < 1e-12, "{r:?}");
        assert!((r.l - 4.0 / 6.0).abs() < 1e-12, "{r:?}");
        let same = Rouge::new("one two three", "one two three");
        assert_eq!((same.one, same.two, same.l), (1.0, 1.0, 1.0));
        assert_eq!(Rouge::new("", ""), Rouge::default());
        assert_eq!(Rouge::new("a", "b"), Rouge::default());
        // Order counts for L only.
        let turned = Rouge::new("three two one", "one two three");
        assert_eq!((turned.one, turned.two), (1.0, 0.0));
        assert!((turned.l - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_teacher_is_its_own_student() {
        let items = [true, false, true, true];
        let kept = Kept::new(items.map(|m| (m, m)));
        assert_eq!((kept.inherited(), kept.new_share()), (Some(1.0), Some(0.0)));
        let kept = Kept::new([(true, true), (true, false), (false, true), (false, false)]);
        assert_eq!((kept.inherited(), kept.new_share()), (Some(0.5), Some(0.5)));
        let none = Kept::new([(false, false)]);
        assert_eq!((none.inherited(), none.new_share()), (None, None));
    }
}
