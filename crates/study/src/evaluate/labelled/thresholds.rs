//! A score as one who names first wrong steps: the first step from a threshold on, or none.

use rotescope_judge::ByHand;
use rotescope_judge::labels::first_error_f1;

/// The scores of the steps of a chain; `None` where a step has none, which is never named.
pub type Scores = Vec<Option<f64>>;

/// The first step whose score is at least the threshold.
pub fn first_at(scores: &[Option<f64>], threshold: f64) -> Option<usize> {
    scores
        .iter()
        .position(|s| s.is_some_and(|s| s >= threshold))
}

/// What changes where the threshold comes down to a score.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    /// The first wrong step of a chain is named from here down ...
    Found,
    /// ... and from here down a step before it.
    Lost,
    /// A step of a clean chain is named from here down.
    Alarm,
}

/// The threshold with the largest F1 on these chains; of equals the highest, which names least. Infinite where naming none is best.
/// Where chains of only one kind are there, the share of hits counts.
pub fn choose<'a>(chains: impl Iterator<Item = (&'a Scores, ByHand)>) -> f64 {
    let (mut flawed, mut clean) = (0.0, 0.0);
    let mut events: Vec<(f64, Event)> = Vec::new();
    for (scores, label) in chains {
        let largest = |steps: &[Option<f64>]| steps.iter().flatten().copied().reduce(f64::max);
        match label {
            ByHand::Clean => {
                clean += 1.0;
                events.extend(largest(scores).map(|s| (s, Event::Alarm)));
            }
            ByHand::FirstWrong(first) => {
                flawed += 1.0;
                let before = scores.get(..first).and_then(largest);
                let own = scores.get(first).copied().flatten();
                if let Some(own) = own.filter(|own| before.is_none_or(|b| b < *own)) {
                    events.push((own, Event::Found));
                    events.extend(before.map(|b| (b, Event::Lost)));
                }
            }
        }
    }
    events.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut named, mut spared) = (0.0, clean);
    let value = |named: f64, spared: f64| {
        first_error_f1((named, flawed), (spared, clean)).unwrap_or(named + spared)
    };
    let mut best = (value(named, spared), f64::INFINITY);
    let mut at = 0;
    while let Some(&(score, _)) = events.get(at) {
        while let Some((_, event)) = events.get(at).filter(|e| e.0 == score) {
            match event {
                Event::Found => named += 1.0,
                Event::Lost => named -= 1.0,
                Event::Alarm => spared -= 1.0,
            }
            at += 1;
        }
        let now = value(named, spared);
        if now > best.0 {
            // Between this score and the next: other chains have others.
            let next = events.get(at).map_or(score, |e| e.0);
            let middle = f64::midpoint(score, next);
            best = (now, if middle > next { middle } else { score });
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use ByHand::{Clean, FirstWrong};

    fn chosen(chains: &[(&[f64], ByHand)]) -> f64 {
        let all: Vec<(Scores, ByHand)> = chains
            .iter()
            .map(|(s, l)| (s.iter().map(|s| Some(*s)).collect(), *l))
            .collect();
        choose(all.iter().map(|(s, l)| (s, *l)))
    }

    #[test]
    fn the_first_step_from_the_threshold_on() {
        let scores = [Some(0.1), None, Some(0.5), Some(0.9)];
        assert_eq!(first_at(&scores, 0.5), Some(2));
        assert_eq!(first_at(&scores, 0.6), Some(3));
        assert_eq!(first_at(&scores, f64::INFINITY), None);
    }

    #[test]
    fn a_threshold_by_hand() {
        // From above .2 up to .8 the wrong step is named and the clean chain is spared.
        let two = [(&[0.2, 0.8][..], FirstWrong(1)), (&[0.1, 0.1][..], Clean)];
        assert_eq!(chosen(&two), 0.5);
        // Above .4 both clean ones are spared and one of two is named: F1 2/3. Down to .4 it is one of both: 1/2. Down to .3, all and one: 2/3, no more.
        let four = [
            (&[0.9][..], FirstWrong(0)),
            (&[0.3][..], FirstWrong(0)),
            (&[0.4][..], Clean),
            (&[0.1][..], Clean),
        ];
        assert!((chosen(&four) - 0.65).abs() < 1e-12);
        // Whatever is named is wrong.
        assert_eq!(
            chosen(&[(&[0.9, 0.1][..], FirstWrong(1)), (&[0.5][..], Clean)]),
            f64::INFINITY
        );
        assert_eq!(chosen(&[]), f64::INFINITY);
        assert_eq!(chosen(&[(&[0.4][..], Clean)]), f64::INFINITY);
        assert_eq!(chosen(&[(&[0.4][..], FirstWrong(0))]), 0.4);
    }

    /// Against trying every threshold.
    #[test]
    fn none_is_better() {
        let mut state = 7_u64;
        let mut next = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % n
        };
        for _ in 0..200 {
            let chains: Vec<(Scores, ByHand)> = (0..12)
                .map(|_| {
                    let steps = 1 + next(4) as usize;
                    let of = |v: u64| (v > 0).then_some(v as f64 / 8.0);
                    let scores = (0..steps).map(|_| of(next(8))).collect();
                    let label = match next(steps as u64 + 1) as usize {
                        0 => Clean,
                        n => FirstWrong(n - 1),
                    };
                    (scores, label)
                })
                .collect();
            let f1 = |threshold: f64| {
                let (mut named, mut spared) = ((0.0, 0.0), (0.0, 0.0));
                for (scores, label) in &chains {
                    let first = first_at(scores, threshold);
                    let (share, hit) = match label {
                        Clean => (&mut spared, first.is_none()),
                        FirstWrong(w) => (&mut named, first == Some(*w)),
                    };
                    *share = (share.0 + f64::from(u8::from(hit)), share.1 + 1.0);
                }
                first_error_f1(named, spared).unwrap_or(named.0 + spared.0)
            };
            let best = f1(choose(chains.iter().map(|(s, l)| (s, *l))));
            for i in 0..9 {
                assert!(f1(f64::from(i) / 8.0) <= best + 1e-12, "{chains:?}");
            }
            assert!(f1(f64::INFINITY) <= best + 1e-12);
        }
    }
}
