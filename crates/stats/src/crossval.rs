//! Cross-validation by group: every prediction comes from a model that has not seen any example of its group.

use std::collections::BTreeMap;

use super::logistic::{Logistic, LogisticError};

/// The fold of each example. Groups are dealt out in order of first appearance, so all examples of a group share a fold.
pub fn folds<G: Ord>(groups: &[G], folds: usize) -> Vec<usize> {
    let mut known: BTreeMap<&G, usize> = BTreeMap::new();
    groups
        .iter()
        .map(|g| {
            let next = known.len();
            *known.entry(g).or_insert(next) % folds.max(1)
        })
        .collect()
}

/// Probability of the positive class for each row, by a logistic regression that was fitted without its group.
///
/// Where the rest holds one class only, nothing can be fitted: its share of positives (0 or 1) stands instead.
///
/// # Errors
/// As [`Logistic::fit`] on all rows.
pub fn out_of_fold<G: Ord>(
    features: &[&str],
    rows: &[Vec<f64>],
    positive: &[bool],
    groups: &[G],
    k: usize,
    l2: f64,
) -> Result<Vec<f64>, LogisticError> {
    let fold = folds(groups, k);
    let mut out = vec![f64::NAN; rows.len()];
    for f in 0..k.max(1) {
        let train: Vec<usize> = (0..rows.len()).filter(|&i| fold[i] != f).collect();
        let x: Vec<&[f64]> = train.iter().map(|&i| rows[i].as_slice()).collect();
        let y: Vec<bool> = train.iter().map(|&i| positive[i]).collect();
        let model = match Logistic::fit(features, &x, &y, l2) {
            Ok(model) => Some(model),
            Err(LogisticError::OneClass(_)) => None,
            // A single group: there is nothing else to learn from.
            Err(LogisticError::Shape { rows: 0, .. }) => None,
            Err(e) => return Err(e),
        };
        let share = y.first().map_or(0.5, |y| f64::from(u8::from(*y)));
        for i in (0..rows.len()).filter(|&i| fold[i] == f) {
            out[i] = model
                .as_ref()
                .map_or(Some(share), |m| m.probability(&rows[i]))
                .unwrap_or(share);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_together_and_are_dealt_out_in_order() {
        let f = folds(&["b", "a", "b", "c", "a", "d"], 3);
        assert_eq!(f, [0, 1, 0, 2, 1, 0]);
    }

    /// A feature that names the group predicts perfectly where groups are split, and nothing where they are kept together.
    #[test]
    fn what_only_names_the_group_does_not_help() {
        let groups: Vec<usize> = (0..40).map(|i| i / 4).collect();
        let positive: Vec<bool> = groups.iter().map(|g| g % 2 == 0).collect();
        let names: Vec<String> = (0..10).map(|g| format!("g{g}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let rows: Vec<Vec<f64>> = groups
            .iter()
            .map(|g| (0..10).map(|j| f64::from(u8::from(*g == j))).collect())
            .collect();
        let p = out_of_fold(&names, &rows, &positive, &groups, 10, 0.1).unwrap();
        // Left out, its indicator is constant in the rest, and what is left is that one class is short of a group.
        for (p, y) in p.iter().zip(&positive) {
            assert!(if *y { *p < 0.5 } else { *p > 0.5 }, "{p} {y}");
        }
    }

    #[test]
    fn one_class_in_the_rest_gives_its_share() {
        let rows = vec![vec![1.0], vec![2.0], vec![3.0]];
        let p = out_of_fold(&["x"], &rows, &[true, false, false], &[0, 1, 2], 3, 1.0).unwrap();
        assert_eq!(p[0], 0.0);
    }
}
