//! What is said while a model's file is read: a large one takes longer than people wait without a word.

use std::time::{Duration, Instant};

use super::told::Told;

/// What is read sooner than that is not spoken of, to programs neither.
const WORTH: Duration = Duration::from_secs(1);
const MEGABYTE: f64 = 1e6;

/// Tells how much of a file is read.
pub struct Loading {
    /// What is counted.
    what: &'static str,
    megabytes: f64,
    began: Instant,
    told: Option<Told>,
}

impl Loading {
    /// `what`: such as `MB of the model loaded`; `bytes`: of all of it.
    pub fn new(what: &'static str, bytes: u64) -> Loading {
        Loading {
            what,
            megabytes: bytes as f64 / MEGABYTE,
            began: Instant::now(),
            told: None,
        }
    }

    /// So much of it is read, 0 to 1.
    pub fn reach(&mut self, share: f64) {
        if self.told.is_none() && self.began.elapsed() >= WORTH {
            self.told = Some(Told::start(self.what, Some(self.megabytes as usize), false));
        }
        if let Some(told) = &mut self.told {
            told.reach((share * self.megabytes) as usize, 0, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_time_is_told() {
        let mut loading = Loading::new("MB", 3_000_000);
        loading.reach(0.5);
        assert!(loading.told.is_none());
        loading.began -= WORTH;
        loading.reach(0.7);
        assert!(loading.told.is_some());
    }
}
