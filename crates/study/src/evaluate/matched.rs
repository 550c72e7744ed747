//! Wrong tokens against right ones that the model was as unsure of: what does a score say beyond uncertainty?

use super::bootstrap::{Setting, clusters, weights};
use super::table::Cell;
use rotescope_stats::{Ranked, interval};

/// A stratum has about this many wrong tokens at least.
const WRONG: usize = 5;
/// There are no more strata than this.
const MOST: usize = 10;

/// Tokens of about the same entropy, by stratum.
#[derive(Debug)]
pub struct Strata {
    members: Vec<Vec<usize>>,
}

impl Strata {
    /// Cuts at quantiles of the wrong tokens' entropies, so that all strata have about as many of them. Right tokens that are surer or less sure than all
    /// wrong ones are in none.
    pub fn new(entropy: &[f64], wrong: &[bool]) -> Self {
        let mut of_wrong: Vec<f64> = entropy
            .iter()
            .zip(wrong)
            .filter(|x| *x.1)
            .map(|x| *x.0)
            .collect();
        of_wrong.sort_by(f64::total_cmp);
        let n = (of_wrong.len() / WRONG).clamp(1, MOST);
        let cuts: Vec<f64> = (1..n).map(|k| of_wrong[k * of_wrong.len() / n]).collect();
        let mut members = vec![Vec::new(); n];
        if let (Some(least), Some(most)) = (of_wrong.first(), of_wrong.last()) {
            for (i, e) in entropy.iter().enumerate() {
                if (least..=most).contains(&e) {
                    members[cuts.partition_point(|c| c <= e)].push(i);
                }
            }
        }
        Strata { members }
    }

    /// How likely a wrong token scores above a right one of its stratum: the mean of the strata's AUROC, weighted by their wrong tokens, with a bootstrap interval
    /// over groups. Strata without right tokens are left out.
    pub fn auroc(
        &self,
        scores: &[f64],
        wrong: &[bool],
        groups: &[&str],
        setting: &Setting,
    ) -> Cell {
        struct Stratum<'a> {
            of: &'a [usize],
            wrong: Vec<bool>,
            ranked: Ranked,
        }
        let strata: Vec<Stratum> = self
            .members
            .iter()
            .filter_map(|of| {
                let scores: Vec<f64> = of.iter().map(|&i| scores[i]).collect();
                Some(Stratum {
                    of,
                    wrong: of.iter().map(|&i| wrong[i]).collect(),
                    ranked: Ranked::new(&scores)?,
                })
            })
            .collect();
        let value = |weight: &dyn Fn(usize) -> f64| {
            let (mut won, mut all) = (0.0, 0.0);
            for s in &strata {
                if let Some(a) = s.ranked.auroc(&s.wrong, |k| weight(s.of[k])) {
                    let own = s.of.iter().zip(&s.wrong).filter(|x| *x.1);
                    let here: f64 = own.map(|(&i, _)| weight(i)).sum();
                    won += here * a;
                    all += here;
                }
            }
            (all > 0.0).then(|| won / all)
        };
        let (owner, n) = clusters(groups);
        let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
            let w = weights(drawn, n);
            value(&|i| w[owner[i]])
        });
        Cell::number(value(&|_| 1.0), ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: Setting = Setting {
        resamples: 0,
        seed: 0,
    };

    fn value(cell: Cell) -> f64 {
        match cell {
            Cell::Number(v, _) => v,
            other => panic!("{other:?}"),
        }
    }

    /// Wrong tokens are as many among sure ones as among unsure ones of twice the number, and a score that only says how unsure a token is tells nothing
    /// within a stratum.
    #[test]
    fn a_score_that_restates_the_stratum_is_worth_nothing() {
        let entropy: Vec<f64> = (0..40).map(|i| if i < 20 { 0.1 } else { 2.0 }).collect();
        let wrong: Vec<bool> = (0..40).map(|i| i % 4 == 0 || i >= 30).collect();
        let groups: Vec<String> = (0..40).map(|i| i.to_string()).collect();
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let strata = Strata::new(&entropy, &wrong);
        assert_eq!(
            value(strata.auroc(&entropy, &wrong, &groups, &SETTING)),
            0.5
        );
        // What says more is still seen.
        let knows: Vec<f64> = wrong.iter().map(|w| f64::from(u8::from(*w))).collect();
        assert_eq!(value(strata.auroc(&knows, &wrong, &groups, &SETTING)), 1.0);
        let against: Vec<f64> = knows.iter().map(|k| -k).collect();
        assert_eq!(
            value(strata.auroc(&against, &wrong, &groups, &SETTING)),
            0.0
        );
    }

    #[test]
    fn tokens_between_the_wrong_ones_are_in_one_stratum() {
        let entropy: Vec<f64> = (0..100).map(f64::from).collect();
        let wrong: Vec<bool> = (0..100).map(|i| i % 3 == 0 && i > 0).collect();
        let strata = Strata::new(&entropy, &wrong);
        assert_eq!(strata.members.len(), 6);
        let mut all: Vec<usize> = strata.members.concat();
        all.sort_unstable();
        assert_eq!(all, (3..100).collect::<Vec<_>>());
        let of = |m: &Vec<usize>| m.iter().filter(|&&i| wrong[i]).count();
        assert!(strata.members.iter().all(|m| (5..=7).contains(&of(m))));
        assert_eq!(Strata::new(&[], &[]).members.len(), 1);
    }
}
