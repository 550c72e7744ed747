//! The shortest part of the model's own output that makes it produce a token.
//!
//! One pass over `output[j..]` gives the greedy token after each of its prefixes, so one pass for each start `j` decides the shortest window of
//! every token of the completion; the published code runs up to as many passes for each token.

use std::ops::Range;

use super::error::StimError;
use super::passes::Passes;
use rotescope_model::{CancelToken, Engine, Want, Window};

/// The window of one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eliciting {
    /// Tokens of the output, ending right before the token.
    pub window: Range<usize>,
    /// Whether the model, given only the window, produces the token greedily. If none does, the window is all of the output before the
    /// token, or its last part (see [`eliciting_windows`]).
    pub elicited: bool,
}

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
    find(&mut passes, output, targets, longest, &mut |_, _| ())
}

pub(super) fn find(
    passes: &mut Passes,
    output: &[u32],
    targets: &[usize],
    longest: usize,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Eliciting>, StimError> {
    let longest = longest.max(1);
    let bos = passes.bos();
    let head = usize::from(bos.is_some());
    // For each start the targets that it can reach; both ascend.
    let mut starts: Vec<(usize, Range<usize>)> = Vec::new();
    for start in 0..targets.last().copied().unwrap_or(0) {
        let from = targets.partition_point(|&t| t <= start);
        let to = targets.partition_point(|&t| t <= start + longest);
        if from < to {
            starts.push((start, from..to));
        }
    }
    let windows = starts
        .iter()
        .map(|(start, reach)| {
            let last = targets[reach.end - 1];
            Window {
                tokens: bos
                    .into_iter()
                    .chain(output[*start..last].iter().copied())
                    .collect(),
                positions: targets[reach.clone()]
                    .iter()
                    .map(|t| head + t - start - 1)
                    .collect(),
                want: Want::default(),
            }
        })
        .collect();
    let scores = passes.run(windows, on_progress)?;

    let mut found: Vec<Eliciting> = targets
        .iter()
        .map(|&t| Eliciting {
            window: fallback(t, longest)..t,
            elicited: false,
        })
        .collect();
    // Later starts are shorter windows, so the last one that elicits a token wins.
    for ((start, reach), score) in starts.into_iter().zip(scores) {
        for (i, position) in reach.zip(score.positions) {
            let t = targets[i];
            if position.greedy == output[t] {
                found[i] = Eliciting {
                    window: start..t,
                    elicited: true,
                };
            }
        }
    }
    Ok(found)
}

/// Where the context of a token begins that no window elicits.
fn fallback(target: usize, longest: usize) -> usize {
    const STEP: usize = 64;
    target.saturating_sub(longest) / STEP * STEP
}

#[cfg(test)]
mod tests {
    use super::fallback;

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
