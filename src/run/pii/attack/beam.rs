//! Beam search: the continuations that are most likely as a whole, not token by token.

use crate::run::audit::error::AuditError;
use crate::run::audit::reading::Reader;
use rotescope_model::{Targets, Want, Window, WindowScore};

/// How many beginnings are kept of each continuation, and its tokens at most.
#[derive(Debug, Clone, Copy)]
pub struct Beams {
    pub width: usize,
    pub tokens: usize,
}

/// A beginning of a continuation.
#[derive(Debug, Clone, Default)]
struct Beam {
    tokens: Vec<u32>,
    /// Natural logarithm of its probability, with that of its end where it has ended.
    log_p: f64,
    ended: bool,
}

impl Beam {
    /// The mean over its tokens: long continuations are not less likely for being long.
    fn score(&self) -> f64 {
        self.log_p / (self.tokens.len() + usize::from(self.ended)).max(1) as f64
    }
}

/// One search: what still grows, and what has ended.
struct Search {
    live: Vec<Beam>,
    ended: Vec<Beam>,
}

impl Search {
    /// Whether nothing more is looked for.
    fn is_over(&self, beams: Beams) -> bool {
        let full = self
            .live
            .first()
            .is_none_or(|b| b.tokens.len() >= beams.tokens);
        full || self.ended.len() >= beams.width
    }

    /// Takes the best continuations of all beginnings. `enough`: a text that nothing is added to.
    fn grow(
        &mut self,
        scored: &[WindowScore],
        beams: Beams,
        is_end: &dyn Fn(u32) -> bool,
        enough: &dyn Fn(&[u32]) -> bool,
    ) {
        let mut all: Vec<Beam> = Vec::new();
        for (beam, scored) in self.live.iter().zip(scored) {
            for c in scored.positions.iter().flat_map(|p| &p.candidates) {
                let mut grown = beam.clone();
                grown.log_p += c.probability.ln();
                match is_end(c.id) {
                    true => grown.ended = true,
                    false => grown.tokens.push(c.id),
                }
                all.push(grown);
            }
        }
        // The sort is stable: among equals the better beginning, then the lower id.
        all.sort_by(|a, b| b.log_p.total_cmp(&a.log_p));
        all.truncate(beams.width);
        let (ended, live) = all.into_iter().partition(|b| b.ended || enough(&b.tokens));
        self.live = live;
        self.ended.extend::<Vec<Beam>>(ended);
    }

    fn best(self) -> Vec<u32> {
        let all = self.ended.into_iter().chain(self.live);
        let best = all.reduce(|a, b| if b.score() > a.score() { b } else { a });
        best.map(|b| b.tokens).unwrap_or_default()
    }
}

/// The likeliest continuation of each prompt that is found so. `enough`: of a prompt, by its place, and a continuation that nothing is added to.
///
/// # Errors
/// Failures of the model; to be cancelled.
pub fn search(
    reader: &Reader<'_>,
    prompts: &[&[u32]],
    beams: Beams,
    enough: &dyn Fn(usize, &[u32]) -> bool,
) -> Result<Vec<Vec<u32>>, AuditError> {
    let lead = reader.lead();
    let ends = &reader.engine.info().end_tokens;
    let is_end = |id: u32| ends.binary_search(&id).is_ok();
    let context = reader.engine.info().context;
    let begin = |_: &&[u32]| Search {
        live: vec![Beam::default()],
        ended: Vec::new(),
    };
    let mut searches: Vec<Search> = prompts.iter().map(begin).collect();
    loop {
        let window = |prompt: &[u32], beam: &Beam| {
            let tokens: Vec<u32> = lead
                .iter()
                .chain(prompt)
                .chain(&beam.tokens)
                .copied()
                .collect();
            Window {
                positions: vec![tokens.len().saturating_sub(1)],
                tokens,
                want: Want {
                    targets: Targets::None,
                    candidates: beams.width,
                },
            }
        };
        let mut windows = Vec::new();
        let mut working = Vec::new();
        for (i, search) in searches.iter().enumerate() {
            let own: Vec<Window> = search.live.iter().map(|b| window(prompts[i], b)).collect();
            let fits = own.iter().all(|w| w.tokens.len() < context);
            if fits && !search.is_over(beams) {
                working.push((i, own.len()));
                windows.extend(own);
            }
        }
        if windows.is_empty() {
            return Ok(searches.into_iter().map(Search::best).collect());
        }
        let scored = reader.score(windows)?.windows;
        let mut rest = scored.as_slice();
        for (i, count) in working {
            let (own, more) = rest.split_at(count.min(rest.len()));
            searches[i].grow(own, beams, &is_end, &|tokens| enough(i, tokens));
            rest = more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_model::{Candidate, PositionScore};

    fn row(candidates: &[(u32, f64)]) -> WindowScore {
        let candidates = candidates
            .iter()
            .map(|&(id, probability)| Candidate { id, probability });
        WindowScore {
            positions: vec![PositionScore {
                greedy: 0,
                log_probabilities: Vec::new(),
                candidates: candidates.collect(),
                forced: None,
            }],
        }
    }

    #[test]
    fn what_is_likely_as_a_whole_wins_over_what_begins_well() {
        let beams = Beams {
            width: 2,
            tokens: 2,
        };
        let mut search = Search {
            live: vec![Beam::default()],
            ended: Vec::new(),
        };
        let never = |_: &[u32]| false;
        search.grow(&[row(&[(1, 0.6), (2, 0.4)])], beams, &|id| id == 9, &never);
        assert!(!search.is_over(beams));
        // .6 * .3 against .4 * .9.
        let next = [row(&[(3, 0.3), (4, 0.3)]), row(&[(5, 0.9), (6, 0.1)])];
        search.grow(&next, beams, &|id| id == 9, &never);
        assert!(search.is_over(beams));
        assert_eq!(search.best(), [2, 5]);
    }

    #[test]
    fn what_ends_early_is_kept_and_judged_by_its_mean() {
        let beams = Beams {
            width: 2,
            tokens: 9,
        };
        let mut search = Search {
            live: vec![Beam::default()],
            ended: Vec::new(),
        };
        let is_end = |id| id == 9;
        search.grow(&[row(&[(1, 0.5), (9, 0.4)])], beams, &is_end, &|_| false);
        assert_eq!((search.live.len(), search.ended.len()), (1, 1));
        // A text that is enough ends as well: .5 * .9 over two tokens is more than .4 over one.
        search.grow(&[row(&[(2, 0.9)])], beams, &is_end, &|tokens| {
            tokens == [1, 2]
        });
        assert!(search.is_over(beams));
        assert_eq!(search.best(), [1, 2]);
    }
}
