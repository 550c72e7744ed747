//! How strongly a permutation disturbs the order of words.
//!
//! With `pi` the list of original places in their new order and `L` its length:
//! `absolute = (1/L) sum |pi_i - i|`, `relative = (1/(L-1)) sum [pi_i - pi_(i-1) != 1]` (GPTOrder's measures).

use serde::{Deserialize, Serialize};

/// How far words moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Strength {
    /// Mean distance of a word from its old place, in words.
    pub absolute: f64,
    /// Share of neighbours that were no neighbours before, in this order.
    pub relative: f64,
}

/// The strength of a permutation, or of a selection in order: `order[i]` is the old place of what is now at `i`.
pub fn strength(order: &[usize]) -> Strength {
    let n = order.len();
    let moved: usize = order.iter().enumerate().map(|(i, p)| p.abs_diff(i)).sum();
    let broken = order.windows(2).filter(|w| w[1] != w[0] + 1).count();
    Strength {
        absolute: if n > 0 { moved as f64 / n as f64 } else { 0.0 },
        relative: if n > 1 {
            broken as f64 / (n - 1) as f64
        } else {
            0.0
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_move_has_no_strength() {
        let still: Vec<usize> = (0..32).collect();
        let none = Strength {
            absolute: 0.0,
            relative: 0.0,
        };
        assert_eq!(strength(&still), none);
        assert_eq!(strength(&[]), none);
    }
}
