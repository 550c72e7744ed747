//! The shortest part of the model's own output that makes it produce a token.
//!
//! One pass over `output[j..]` gives the greedy token after each of its prefixes, so one pass for each start `j` decides the shortest window of
//! every token of the completion; the published code runs up to as many passes for each token.

use std::ops::Range;

use super::chain::Chain;
pub use super::chain::Eliciting;
use super::error::StimError;
use super::passes::Passes;
use rotescope_model::{CancelToken, Engine, Want, Window};

/// The shortest eliciting window of each of `targets` (indices into `output`, ascending), at least one token long.
///
/// A window stands behind the model's beginning-of-text token, where it wants one. Windows longer than `longest` are not tried. Where none elicits a
/// token with more than `longest` tokens before it, its window is the last `longest` to `longest + 63` of them: starts on multiples of 64
/// let neighbours share their passes.
///
/// # Errors
/// When the model fails, or `cancel` is set.
pub fn eliciting_windows(
    engine: &Engine,
    output: &[u32],
    targets: &[usize],
    longest: usize,
    cancel: &CancelToken,
) -> Result<Vec<Eliciting>, StimError> {
    let mut passes = Passes::new(engine, cancel);
    let chain = Chain {
        prompt: Vec::new(),
        output: output.to_vec(),
        targets: targets.to_vec(),
        question: Vec::new(),
        own: Vec::new(),
        sources: Vec::new(),
        longest_window: longest,
        bos: passes.bos(),
    };
    find(&mut passes, &chain, &mut |_, _| ())
}

pub(super) fn find(
    passes: &mut Passes,
    chain: &Chain,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Eliciting>, StimError> {
    let reach = chain.longest_window.max(1);
    let starts = (0..chain.targets.last().copied().unwrap_or(0)).map(|s| (s, reach));
    let tested = read(passes, chain, starts, on_progress)?;
    let windows = chain.targets.iter().zip(tested);
    // The shortest window that elicits a token wins.
    Ok(windows
        .map(|(&t, tested)| match tested.iter().find(|w| w.elicits) {
            Some(found) => Eliciting {
                window: found.start..t,
                elicited: true,
            },
            None => not_elicited(chain, t),
        })
        .collect())
}

/// A window of a token, by its start, and whether it elicits the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tested {
    start: usize,
    elicits: bool,
}

/// Reads windows from each start, which ascend, as far as its reach; for each target the windows that end before it, the shortest first.
fn read(
    passes: &mut Passes,
    chain: &Chain,
    starts: impl Iterator<Item = (usize, usize)>,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Vec<Tested>>, StimError> {
    let targets = &chain.targets;
    // For each start the targets that it can reach; both ascend.
    let reached = |(start, reach): (usize, usize)| {
        let from = targets.partition_point(|&t| t <= start);
        let to = targets.partition_point(|&t| t <= start + reach);
        (from < to).then_some((start, from..to))
    };
    let starts: Vec<(usize, Range<usize>)> = starts.filter_map(reached).collect();
    let windows = starts.iter().map(|(start, reach)| {
        let targets = &targets[reach.clone()];
        window(chain, *start, targets)
    });
    let scores = passes.run(windows.collect(), on_progress)?;
    let mut tested = vec![Vec::new(); targets.len()];
    // Later starts are shorter windows.
    for ((start, reach), score) in starts.into_iter().zip(scores).rev() {
        for (i, position) in reach.zip(score.positions) {
            tested[i].push(Tested {
                start,
                elicits: position.greedy == chain.output[targets[i]],
            });
        }
    }
    Ok(tested)
}

/// The output from `start` on, read right before each of `targets`, which ascend.
fn window(chain: &Chain, start: usize, targets: &[usize]) -> Window {
    let last = targets.last().copied().unwrap_or(start);
    let head = chain.head();
    Window {
        tokens: chain.window(start, last),
        positions: targets.iter().map(|t| head + t - start - 1).collect(),
        want: Want::default(),
    }
}

/// The window of a token that none elicits.
fn not_elicited(chain: &Chain, t: usize) -> Eliciting {
    Eliciting {
        window: fallback(t, chain.longest_window.max(1))..t,
        elicited: false,
    }
}

/// Some windows of each target, the longer the sparser: their number grows with the length of the completion, not with its square.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The shortest first.
    tested: Vec<Vec<Tested>>,
}

/// Starts on multiples of the first number reach as far as the second.
const LEVELS: [(usize, usize); 3] = [(128, usize::MAX), (32, 128), (8, 32)];

/// Reads the grid for all targets.
pub(super) fn grid(
    passes: &mut Passes,
    chain: &Chain,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Grid, StimError> {
    let longest = chain.longest_window.max(1);
    let last = chain.targets.last().copied().unwrap_or(0);
    let starts = (0..last).filter_map(|start| {
        let (_, reach) = LEVELS.iter().find(|(step, _)| start % step == 0)?;
        Some((start, longest.min(*reach)))
    });
    let tested = read(passes, chain, starts, on_progress)?;
    Ok(Grid { tested })
}

impl Grid {
    /// All targets that no window of the grid elicits and whose context begins at `start` therefore.
    pub(super) fn not_elicited_from(&self, chain: &Chain, start: usize) -> Vec<usize> {
        let targets = chain.targets.iter().zip(&self.tested);
        let alone = targets.filter(|(_, tested)| tested.iter().all(|w| !w.elicits));
        let from = |t: &usize| not_elicited(chain, *t).window.start == start;
        alone.map(|(&t, _)| t).filter(from).collect()
    }
}

/// Starts among which the latest is sought that elicits a token.
#[derive(Debug, PartialEq, Eq)]
enum Open {
    /// The first elicits it, the second does not (or is the token itself); those between are not known.
    Between(usize, usize),
    /// A longer window failed where a shorter one did not: all later ones are to be tried.
    After(usize),
}

/// What the grid leaves open of a token's window; nothing where no window elicits it.
fn open(tested: &[Tested], target: usize) -> Option<Open> {
    let first = tested.iter().position(|w| w.elicits)?;
    let start = tested[first].start;
    if tested[first..].iter().any(|w| !w.elicits) {
        return Some(Open::After(start));
    }
    let later = first.checked_sub(1).map_or(target, |k| tested[k].start);
    Some(Open::Between(start, later))
}

/// The shortest eliciting windows of some targets, as far as they can be found by bisection from the grid.
pub(super) fn bisect(
    passes: &mut Passes,
    chain: &Chain,
    grid: &Grid,
    group: &[usize],
) -> Result<Vec<Eliciting>, StimError> {
    let of = |&t: &usize| open(&grid.tested[chain.place(t)], t);
    let mut left: Vec<Option<Open>> = group.iter().map(of).collect();
    loop {
        let mut asked: Vec<(usize, usize)> = Vec::new();
        for (k, open) in left.iter().enumerate() {
            match open {
                Some(Open::Between(lo, hi)) if hi - lo > 1 => asked.push((k, lo + (hi - lo) / 2)),
                Some(Open::After(start)) => asked.extend((start + 1..group[k]).map(|s| (k, s))),
                _ => {}
            }
        }
        if asked.is_empty() {
            break;
        }
        let windows = asked
            .iter()
            .map(|&(k, start)| window(chain, start, &[group[k]]));
        let scores = passes.run(windows.collect(), &mut |_, _| ())?;
        for ((k, start), score) in asked.into_iter().zip(scores) {
            let elicits = score.positions[0].greedy == chain.output[group[k]];
            left[k] = left[k].take().map(|open| open.with(start, elicits));
        }
        for open in &mut left {
            // All were tried.
            if let Some(Open::After(start)) = open {
                *open = Some(Open::Between(*start, *start + 1));
            }
        }
    }
    let found = group.iter().zip(left);
    Ok(found
        .map(|(&t, open)| match open {
            Some(Open::Between(start, _) | Open::After(start)) => Eliciting {
                window: start..t,
                elicited: true,
            },
            None => not_elicited(chain, t),
        })
        .collect())
}

impl Open {
    /// What is left when a start between, or a later one, is known.
    fn with(self, at: usize, elicits: bool) -> Open {
        match self {
            Open::Between(_, later) if elicits => Open::Between(at, later),
            Open::Between(start, _) => Open::Between(start, at),
            Open::After(start) if elicits => Open::After(start.max(at)),
            Open::After(start) => Open::After(start),
        }
    }
}

/// Where the context of a token begins that no window elicits.
fn fallback(target: usize, longest: usize) -> usize {
    const STEP: usize = 64;
    target.saturating_sub(longest) / STEP * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tested(windows: &[(usize, bool)]) -> Vec<Tested> {
        let of = |&(start, elicits): &(usize, bool)| Tested { start, elicits };
        windows.iter().map(of).collect()
    }

    #[test]
    fn a_gap_of_the_grid_is_left_open() {
        let of = |windows: &[(usize, bool)]| open(&tested(windows), 40);
        assert_eq!(
            of(&[(32, false), (24, true), (0, true)]),
            Some(Open::Between(24, 32))
        );
        assert_eq!(of(&[(32, true), (24, true)]), Some(Open::Between(32, 40)));
        assert_eq!(
            of(&[(32, false), (24, true), (0, false)]),
            Some(Open::After(24))
        );
        assert_eq!((of(&[(32, false)]), of(&[])), (None, None));
    }

    #[test]
    fn bisection_and_trying_all_narrow_what_is_open() {
        assert_eq!(Open::Between(24, 32).with(28, true), Open::Between(28, 32));
        assert_eq!(Open::Between(24, 32).with(28, false), Open::Between(24, 28));
        let all = [(25, false), (26, true), (27, false)];
        let found = all
            .into_iter()
            .fold(Open::After(24), |o, (s, e)| o.with(s, e));
        assert_eq!(found, Open::After(26));
    }

    #[test]
    fn an_unelicited_token_has_the_whole_output_or_its_last_part() {
        assert_eq!(fallback(0, 256), 0);
        assert_eq!(fallback(256, 256), 0);
        for target in 257..1000 {
            let length = target - fallback(target, 256);
            assert!((256..320).contains(&length), "{target}: {length}");
        }
    }
}
