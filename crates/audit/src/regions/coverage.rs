//! How much of foreground and background stands in a source, and what follows from it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::units::Unit;

/// What counts as standing in a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionOptions {
    /// Units of background in a row that must be the same, foreground between them being anything.
    pub background: usize,
    /// Units of foreground in a row that must be the same, background between them being anything.
    pub foreground: usize,
    /// From this share on a region is memorized.
    pub tau: f64,
    /// Where foreground is a smaller share of the text than this, or a larger one than 1 less this, the text is taken as a whole.
    pub beta: f64,
}

impl Default for RegionOptions {
    /// tau is that of FB-Mem's code, beta that of its paper; the lengths are our own.
    fn default() -> Self {
        RegionOptions {
            background: 6,
            foreground: 3,
            tau: 0.8,
            beta: 0.05,
        }
    }
}

/// What of an answer is memorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Class {
    /// Foreground and background: verbatim.
    Vm,
    /// Foreground only: the same numbers and names in other words.
    Fm,
    /// Background only: the template with other numbers and names.
    Bm,
    /// Neither.
    Nm,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Vm, Class::Fm, Class::Bm, Class::Nm];

    pub fn name(self) -> &'static str {
        match self {
            Class::Vm => "VM",
            Class::Fm => "FM",
            Class::Bm => "BM",
            Class::Nm => "NM",
        }
    }

    /// FB-Mem's ranks: 2, 1.5, .5, 0.
    pub fn rank(self) -> f64 {
        match self {
            Class::Vm => 2.0,
            Class::Fm => 1.5,
            Class::Bm => 0.5,
            Class::Nm => 0.0,
        }
    }
}

/// Shares of an answer that stand in one source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub foreground: f64,
    pub background: f64,
    /// Foreground and background are both taken as the whole, for there is too little of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// What of an answer a source has.
#[derive(Debug, Clone, PartialEq)]
pub struct Covered {
    pub coverage: Coverage,
    /// Which units of the answer it has.
    pub units: Vec<bool>,
}

impl Covered {
    /// Of an answer by a source, in linear time.
    pub fn new(answer: &[Unit], source: &[Unit], o: &RegionOptions) -> Covered {
        let share =
            answer.iter().filter(|u| u.foreground).count() as f64 / answer.len().max(1) as f64;
        if share <= o.beta || share >= 1.0 - o.beta {
            let all = |units: &[Unit]| units.iter().map(|u| u.text.clone()).collect::<Vec<_>>();
            let units = covered(&all(answer), &all(source), o.background);
            let share = part(units.iter().copied());
            let coverage = Coverage {
                foreground: share,
                background: share,
                whole: true,
            };
            return Covered { coverage, units };
        }
        // Foreground as one sign: where it stands is part of the template, what it is not.
        let skeleton = |units: &[Unit]| -> Vec<String> {
            let of = |u: &Unit| {
                if u.foreground {
                    "\u{0}".into()
                } else {
                    u.text.clone()
                }
            };
            units.iter().map(of).collect()
        };
        let content = |units: &[Unit]| -> Vec<String> {
            let some = units.iter().filter(|u| u.foreground);
            some.map(|u| u.text.clone()).collect()
        };
        let template = covered(&skeleton(answer), &skeleton(source), o.background);
        let background = answer.iter().zip(&template).filter(|(u, _)| !u.foreground);
        let foreground = covered(&content(answer), &content(source), o.foreground);
        let coverage = Coverage {
            foreground: part(foreground.iter().copied()),
            background: part(background.map(|(_, c)| *c)),
            whole: false,
        };
        let mut foreground = foreground.into_iter();
        let of = |(u, template): (&Unit, bool)| match u.foreground {
            true => foreground.next().unwrap_or(false),
            false => template,
        };
        let units = answer.iter().zip(template).map(of).collect();
        Covered { coverage, units }
    }
}

impl Coverage {
    pub fn class(&self, tau: f64) -> Class {
        match (self.foreground >= tau, self.background >= tau) {
            (true, true) => Class::Vm,
            (true, false) => Class::Fm,
            (false, true) => Class::Bm,
            (false, false) => Class::Nm,
        }
    }

    /// The source with the larger one is the better.
    pub fn mean(&self) -> f64 {
        (self.foreground + self.background) / 2.0
    }
}

/// Which of some units lie in a run of `n` that the source has too; of fewer units than `n`, all are one run.
fn covered(units: &[String], source: &[String], n: usize) -> Vec<bool> {
    let n = n.clamp(1, units.len().max(1));
    let known: HashSet<&[String]> = source.windows(n).collect();
    let mut out = vec![false; units.len()];
    let mut until = 0;
    for (i, run) in units.windows(n).enumerate() {
        if known.contains(run) {
            out[until.max(i)..i + n].fill(true);
            until = i + n;
        }
    }
    out
}

fn part(all: impl Iterator<Item = bool>) -> f64 {
    let (n, yes) = all.fold((0, 0), |(n, y), c| (n + 1, y + usize::from(c)));
    f64::from(yes as u32) / f64::from(n.max(1) as u32)
}

/// FB-Mem's mitigation score of two runs: the mean fall of ranks over the same answers; positive where less is memorized after.
pub fn mitigation(before: &[Class], after: &[Class]) -> Option<f64> {
    let n = before.len();
    (n > 0 && n == after.len()).then(|| {
        let falls = before.iter().zip(after).map(|(a, b)| a.rank() - b.rank());
        falls.sum::<f64>() / n as f64
    })
}

#[cfg(test)]
mod tests {
    use super::super::units::units;
    use super::*;
    use crate::random::Random;

    const NAMES: [&str; 8] = ["Tom", "Ada", "Lucy", "Ben", "Mia", "Omar", "Ines", "Kai"];
    const THINGS: [&str; 6] = ["apples", "shells", "coins", "books", "cups", "pens"];

    /// What a story tells: who, of what, and three numbers.
    struct Facts<'a> {
        who: &'a str,
        whom: &'a str,
        what: &'a str,
        n: [u64; 3],
    }

    fn facts(random: &mut Random) -> Facts<'static> {
        let mut pick = |n: usize| random.below(n as u64) as usize;
        let who = pick(NAMES.len());
        let whom = (who + 1 + pick(NAMES.len() - 1)) % NAMES.len();
        Facts {
            who: NAMES[who],
            whom: NAMES[whom],
            what: THINGS[pick(THINGS.len())],
            n: [
                120 + pick(800) as u64,
                2 + pick(90) as u64,
                3 + pick(15) as u64,
            ],
        }
    }

    fn verbatim(f: &Facts<'_>) -> String {
        let [a, b, c] = f.n;
        format!(
            "In the beginning we see that {} has {a} {} in a box. After the sale to {}, there are {a} - {b} = {} left in it. The trade makes that {c} times as many, so it is {} * {c} = {} at the end of the day.",
            f.who,
            f.what,
            f.whom,
            a - b,
            a - b,
            (a - b) * c
        )
    }

    fn paraphrased(f: &Facts<'_>) -> String {
        let [a, b, c] = f.n;
        format!(
            "To start with, it is {} who owns {a} {}. Selling to {} takes some away: {a} - {b} = {}. Next comes a multiplication by {c}, hence {} * {c} = {}, which answers what was asked.",
            f.who,
            f.what,
            f.whom,
            a - b,
            a - b,
            (a - b) * c
        )
    }

    fn fresh(f: &Facts<'_>) -> String {
        let [a, b, c] = f.n;
        format!(
            "Each of the {c} rows in the hall seats {b}, as {} noted, which gives {c} * {b} = {} seats. With {a} visitors expected by {}, {a} + {} = {} chairs or visitors must be counted before noon.",
            f.whom,
            c * b,
            f.who,
            c * b,
            a + c * b
        )
    }

    fn class_of(answer: &str, source: &str) -> Class {
        let of = |t: &str| units(t, &|_| false);
        let o = RegionOptions::default();
        Covered::new(&of(answer), &of(source), &o)
            .coverage
            .class(o.tau)
    }

    #[test]
    fn four_builds_are_told_apart() {
        let mut random = Random::new(11, 0);
        let mut right = [0; 4];
        for _ in 0..200 {
            let f = facts(&mut random);
            let mut other = facts(&mut random);
            other.what = f.what;
            // New numbers throughout.
            other.n = [f.n[0] + 1, f.n[1] + 100, f.n[2] + 17];
            other.n[0] += 101;
            let source = verbatim(&f);
            let builds = [
                (verbatim(&f), Class::Vm),
                (paraphrased(&f), Class::Fm),
                (verbatim(&other), Class::Bm),
                (fresh(&other), Class::Nm),
            ];
            for (i, (answer, want)) in builds.iter().enumerate() {
                right[i] += usize::from(class_of(answer, &source) == *want);
            }
        }
        assert!(right.iter().all(|n| *n >= 190), "of 200: {right:?}");
    }

    #[test]
    fn text_without_foreground_is_taken_as_a_whole() {
        let source =
            "we see that it is so and that it was so before any of us came here to look at it";
        assert_eq!(class_of(source, source), Class::Vm);
        assert_eq!(
            class_of(
                "nothing of this kind was ever written by those who did not know how",
                source
            ),
            Class::Nm
        );
        assert_eq!(class_of("", source), Class::Nm);
        // Fewer units than a run.
        assert_eq!(class_of("3 + 4 = 7", "so 3 + 4 = 7 it is"), Class::Vm);
    }

    #[test]
    fn a_shuffled_source_covers_nothing() {
        let f = facts(&mut Random::new(5, 0));
        let source = verbatim(&f);
        let mut words: Vec<&str> = source.split(' ').collect();
        Random::new(6, 0).shuffle(&mut words);
        assert_eq!(class_of(&source, &words.join(" ")), Class::Nm);
    }

    #[test]
    fn mitigation_is_the_mean_fall_of_ranks_and_turns_with_its_sides() {
        use Class::{Bm, Fm, Nm, Vm};
        let (before, after) = ([Vm, Vm, Fm, Nm], [Nm, Fm, Bm, Nm]);
        assert_eq!(mitigation(&before, &after), Some((2.0 + 0.5 + 1.0) / 4.0));
        assert_eq!(mitigation(&after, &before), Some(-0.875));
        assert_eq!(mitigation(&before, &before), Some(0.0));
        assert_eq!(mitigation(&[], &[]), None);
        assert_eq!(mitigation(&before, &after[..2]), None);
    }
}
