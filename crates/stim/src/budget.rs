//! How much may be spent on the mid-range and long-range memorization of one completion.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How much may be spent on one completion. Tokens are worked out in groups, the most surprising first, and no group is begun that would probably go
/// beyond; the first always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Wall-clock time.
    Time(Duration),
    /// Tokens that the model reads.
    Tokens(u64),
}

impl Budget {
    /// Whether another group would go beyond, if it takes as much as those before did on average: `first` was spent before the first of them.
    pub(super) fn is_spent(self, first: Spent, now: Spent, groups: usize) -> bool {
        let next = |now: f64, first: f64| now + (now - first) / groups.max(1) as f64;
        match self {
            Budget::Time(most) => {
                next(now.time.as_secs_f64(), first.time.as_secs_f64()) > most.as_secs_f64()
            }
            Budget::Tokens(most) => {
                next(now.evaluated as f64, first.evaluated as f64) > most as f64
            }
        }
    }
}

/// What a completion took so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    pub(super) evaluated: u64,
    pub(super) time: Duration,
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Budget::Time(time) => write!(f, "{}s", time.as_secs_f64()),
            Budget::Tokens(tokens) => write!(f, "{tokens}tok"),
        }
    }
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let tokens = s.strip_suffix("tok").map(str::parse);
        let seconds = s.strip_suffix('s').map(str::parse::<f64>);
        match (tokens, seconds) {
            (Some(Ok(tokens)), _) => Ok(Budget::Tokens(tokens)),
            (None, Some(Ok(seconds))) => Duration::try_from_secs_f64(seconds)
                .map(Budget::Time)
                .map_err(|_| format!("{s:?} is no time")),
            _ => Err(format!(
                "{s:?} is neither a time (`20s`) nor a number of tokens that the model reads (`5000tok`)"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_read_as_it_is_written() {
        for (text, budget) in [
            ("20s", Budget::Time(Duration::from_secs(20))),
            ("0.5s", Budget::Time(Duration::from_millis(500))),
            ("5000tok", Budget::Tokens(5000)),
        ] {
            assert_eq!(text.parse(), Ok(budget));
            assert_eq!(budget.to_string(), text);
        }
        for bad in [
            "", "20", "s", "tok", "-1s", "-1tok", "nans", "infs", "1e400s", "2m", "5 tok",
        ] {
            assert!(bad.parse::<Budget>().is_err(), "{bad}");
        }
    }

    #[test]
    fn no_group_is_begun_that_would_go_beyond() {
        let spent = |evaluated, seconds| Spent {
            evaluated,
            time: Duration::from_secs(seconds),
        };
        let tokens =
            |now, groups| Budget::Tokens(1000).is_spent(spent(200, 9), spent(now, 9), groups);
        // One group took 400, so that the next ends at 1000.
        assert!(!tokens(600, 1) && tokens(601, 1));
        assert!(!tokens(920, 9) && tokens(921, 9));
        let time = Budget::Time(Duration::from_secs(10));
        assert!(!time.is_spent(spent(0, 0), spent(u64::MAX, 8), 4));
        assert!(time.is_spent(spent(0, 0), spent(0, 9), 4));
    }
}
