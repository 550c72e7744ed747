//! Other numbers for the variables of a graph.

use std::cell::Cell;

use rand_chacha::ChaCha8Rng;
use rotescope_text::Rational;

use super::bear::{Care, Story};
use super::fixed::CountedThing;
use super::form::places;
use super::graph::Graph;
use super::tie::Variable;
use crate::perturb::chance::{below, shuffle};

/// New numbers for the variables, and the results of all steps.
pub type Drawn = (Vec<Rational>, Vec<Rational>);

/// How often other numbers are drawn.
const DRAWS: usize = 3000;

/// How a number can change: the multiples of `step` from `low` to `high`, over `scale`.
struct Range {
    low: i64,
    high: i64,
    step: i64,
    scale: i64,
}

impl Range {
    fn draw(&self, rng: &mut ChaCha8Rng) -> Option<Rational> {
        let first = (self.low + self.step - 1) / self.step;
        let last = self.high / self.step;
        let n = usize::try_from(last - first + 1).ok().filter(|n| *n > 0)?;
        let drawn = (first + below(rng, n) as i64) * self.step;
        Rational::new(drawn.into(), self.scale.into())
    }
}

/// Numbers with as many digits, not less than half of the old ones and not more than twice as much; round ones stay round if they can.
fn range(graph: &Graph, variable: usize, round: bool) -> Option<Range> {
    let v = &graph.variables[variable];
    let decimals = places(v.value)?;
    let scale = 10_i64.checked_pow(decimals as u32)?;
    let scaled = v.value.checked_mul(Rational::whole(scale))?;
    let n = i64::try_from(scaled.numerator()).ok().filter(|n| *n > 0)?;
    let digits = 10_i64.checked_pow(n.ilog10())?;
    let (below, above) = if is_aged(graph, v) {
        (n - n / 4, n + n / 4 + 1)
    } else {
        ((n + 1) / 2, n.checked_mul(2)?)
    };
    let mut step = 1;
    while round && n % (step * 10) == 0 {
        step *= 10;
    }
    if round && step == 1 && n % 5 == 0 && n > 5 {
        step = 5;
    }
    Some(Range {
        low: below.max(digits).max(2),
        high: above.min(digits.checked_mul(10)? - 1),
        step,
        scale,
    })
}

fn is_aged(graph: &Graph, variable: &Variable) -> bool {
    let mut mentions = variable.mentions.iter();
    mentions.any(|m| graph.stated.mentions[*m].measure == CountedThing::Age)
}

/// Other operands of the same size. The more of them change, the better; not all can in every story.
pub fn alike(graph: &Graph, story: &Story, rng: &mut ChaCha8Rng) -> Option<Drawn> {
    let own: Vec<Rational> = graph.variables.iter().map(|v| v.value).collect();
    let free: Vec<usize> = (0..own.len())
        .filter(|i| !graph.variables[*i].frozen)
        .collect();
    let ranges =
        |round| -> Vec<Option<Range>> { (0..own.len()).map(|i| range(graph, i, round)).collect() };
    let (rounded, any) = (ranges(true), ranges(false));
    for kept in 0..free.len().min(MOST) {
        let mut order = free.clone();
        for draw in 0..DRAWS {
            let ranges = if draw % 2 == 0 { &rounded } else { &any };
            shuffle(rng, &mut order);
            let mut new = own.clone();
            for i in &order[kept..] {
                if let Some(value) = ranges[*i].as_ref().and_then(|r| r.draw(rng)) {
                    new[*i] = value;
                }
            }
            if order[kept..].iter().any(|i| new[*i] == own[*i]) {
                continue;
            }
            let care = match draw * 3 / DRAWS {
                0 if kept == 0 => Care::Strict,
                0 | 1 => Care::Plain,
                _ => Care::Cents,
            };
            if let Some(results) = fitting(graph, story, &new, care) {
                return Some((new, results));
            }
        }
    }
    None
}

/// The results of other numbers that the story bears and that lead to another answer.
fn fitting(graph: &Graph, story: &Story, new: &[Rational], care: Care) -> Option<Vec<Rational>> {
    let results = story.bears(graph, new, care)?;
    let before = graph.solution.steps.last()?.value;
    (results.last() != Some(&before)).then_some(results)
}

/// Of more variables than this the others stay.
const MOST: usize = 8;
/// How often each variable is given a way of its own.
const OWN_WAYS: usize = 800;
/// So many ways are tried in all.
const TRIES: usize = 60_000;

/// As many variables as can be as `change` makes them: all in the same of `ways`, or, where that does not work out, each in its own; by the first
/// of several lists of ways that serves.
pub fn changed<W>(
    graph: &Graph,
    story: &Story,
    rng: &mut ChaCha8Rng,
    ways: &[Vec<W>],
    change: impl Fn(Rational, &W) -> Option<Rational>,
) -> Option<Drawn> {
    let own: Vec<Rational> = graph.variables.iter().map(|v| v.value).collect();
    // No way leads below the limit of some, such as hours of a day.
    let fits = |v: &Variable| {
        let limits = v.mentions.iter().map(|m| graph.stated.mentions[*m].limit);
        limits.flatten().min().is_none_or(|limit| {
            let below = |new: Rational| new <= Rational::whole(limit);
            let mut all = ways.iter().flatten();
            all.any(|way| change(v.value, way).is_some_and(below))
        })
    };
    let free: Vec<usize> = (0..own.len())
        .filter(|i| {
            let v = &graph.variables[*i];
            !v.frozen && !v.percent && v.value.is_whole() && !is_aged(graph, v) && fits(v)
        })
        .take(MOST)
        .collect();
    let left = Cell::new(TRIES);
    let with = |set: u32, care: Care, way: &mut dyn FnMut() -> Option<usize>, ways: &[W]| {
        left.set(left.get().checked_sub(1)?);
        let mut new = own.clone();
        for (_, i) in free
            .iter()
            .enumerate()
            .filter(|(bit, _)| set & (1 << bit) != 0)
        {
            new[*i] = change(own[*i], ways.get(way()?)?)?;
        }
        let results = fitting(graph, story, &new, care)?;
        Some((new, results))
    };
    // Sets of variables that change, the large ones first.
    for size in (1..=free.len() as u32).rev() {
        let sets: Vec<u32> = (1..1_u32 << free.len())
            .filter(|s| s.count_ones() == size)
            .collect();
        for (care, ways) in [Care::Plain, Care::Cents]
            .iter()
            .flat_map(|care| ways.iter().map(move |ways| (*care, ways)))
        {
            for set in &sets {
                let mut all = 0..ways.len();
                let found = all.find_map(|w| with(*set, care, &mut || Some(w), ways));
                if found.is_some() {
                    return found;
                }
            }
            let draws = if ways.len() > 1 && size > 1 {
                OWN_WAYS
            } else {
                0
            };
            for set in &sets {
                let mut drawn = || Some(below(rng, ways.len()));
                let found = (0..draws).find_map(|_| with(*set, care, &mut drawn, ways));
                if found.is_some() {
                    return found;
                }
            }
        }
    }
    None
}
