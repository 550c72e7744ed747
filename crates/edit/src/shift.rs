//! How far a hidden state has to move so that a token comes first.

use std::collections::BTreeMap;

/// How a last hidden state `x` becomes logits: `rows[t] . (norm * x / rms(x))`.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    pub norm: &'a [f32],
    /// Rows of the output matrix, by token: the wanted one, and those that compete with it.
    pub rows: &'a BTreeMap<u32, Vec<f32>>,
}

/// Steps at most. Most need fewer than five.
const STEPS: usize = 100;

/// The least shift, as good as, of a hidden state after which the token's logit exceeds all others' by `margin` (nats); `None` where that cannot be reached.
///
/// Each step takes the strongest other token and moves along the difference of both rows as far as the margin needs if the norm stays what it is: the least shift for
/// these two. The norm is then taken anew. A token that no text of the training held has a row that others exceed wherever one moves, and is not reached.
pub fn shift(head: Head<'_>, hidden: &[f32], token: u32, margin: f64) -> Option<Vec<f64>> {
    let start: Vec<f64> = hidden.iter().map(|x| f64::from(*x)).collect();
    let own = head.rows.get(&token)?;
    let mut moved = vec![0.0; start.len()];
    for _ in 0..STEPS {
        let at: Vec<f64> = start.iter().zip(&moved).map(|(x, d)| x + d).collect();
        let rms = (at.iter().map(|x| x * x).sum::<f64>() / at.len() as f64).sqrt();
        let normed: Vec<f64> = at
            .iter()
            .zip(head.norm)
            .map(|(x, g)| x * f64::from(*g) / rms)
            .collect();
        let logit = |row: &[f32]| -> f64 {
            row.iter()
                .zip(&normed)
                .map(|(w, x)| f64::from(*w) * x)
                .sum()
        };
        let others = head.rows.iter().filter(|(t, _)| **t != token);
        let (other, strongest) = others
            .map(|(_, row)| (row, logit(row)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let lacking = margin - (logit(own) - strongest);
        if !lacking.is_finite() {
            return None;
        }
        if lacking <= 0.0 {
            return Some(moved);
        }
        let direction: Vec<f64> = own
            .iter()
            .zip(other)
            .zip(head.norm)
            .map(|((a, b), g)| f64::from(*g) * (f64::from(*a) - f64::from(*b)))
            .collect();
        let square: f64 = direction.iter().map(|u| u * u).sum();
        // A little farther, so that what is reached is not lost to the next step's rounding.
        let far = 1.1 * lacking * rms / square;
        moved
            .iter_mut()
            .zip(&direction)
            .for_each(|(d, u)| *d += far * u);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(all: &[(u32, [f32; 3])]) -> BTreeMap<u32, Vec<f32>> {
        all.iter().map(|(t, row)| (*t, row.to_vec())).collect()
    }

    #[test]
    fn a_token_comes_first_by_its_margin_and_what_is_first_stays() {
        let rows = rows(&[
            (0, [1.0, 0.0, 0.2]),
            (1, [0.0, 1.0, 0.0]),
            (2, [0.3, 0.3, 1.0]),
        ]);
        let norm = [1.0, 2.0, 0.5];
        let head = Head {
            norm: &norm,
            rows: &rows,
        };
        let hidden = [3.0, 0.5, -1.0];
        let margins = |moved: &[f64], token: u32| -> f64 {
            let at: Vec<f64> = hidden
                .iter()
                .zip(moved)
                .map(|(x, d)| f64::from(*x) + d)
                .collect();
            let rms = (at.iter().map(|x| x * x).sum::<f64>() / 3.0).sqrt();
            let logit = |t: u32| -> f64 {
                (0..3)
                    .map(|i| f64::from(rows[&t][i]) * f64::from(norm[i]) * at[i] / rms)
                    .sum()
            };
            let others = (0..3).filter(|t| *t != token).map(logit);
            logit(token) - others.fold(f64::NEG_INFINITY, f64::max)
        };
        assert!(margins(&[0.0; 3], 1) < 0.0);
        let moved = shift(head, &hidden, 1, 1.0).unwrap();
        let reached = margins(&moved, 1);
        assert!((1.0..1.5).contains(&reached), "{reached}");
        // Token 0 is first by itself.
        assert!(margins(&[0.0; 3], 0) > 0.5);
        assert_eq!(shift(head, &hidden, 0, 0.5), Some(vec![0.0; 3]));
    }

    #[test]
    fn what_others_always_exceed_is_not_reached() {
        // Token 1 lies between two others: one of them is always as strong.
        let rows = rows(&[
            (0, [1.0, 0.0, 0.0]),
            (1, [0.0, 0.0, 0.0]),
            (2, [-1.0, 0.0, 0.0]),
        ]);
        let head = Head {
            norm: &[1.0; 3],
            rows: &rows,
        };
        assert_eq!(shift(head, &[1.0, 1.0, 0.0], 1, 1.0), None);
        assert_eq!(shift(head, &[1.0, 1.0, 0.0], 7, 1.0), None);
    }
}
