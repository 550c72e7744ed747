//! The paper's four findings: which of them the traces show.

use super::accuracy::Accuracy;
use super::sources::{Sources, Strength};
use super::table::Cell;
use super::{Setting, clusters};
use rotescope_stats::{interval, spearman};

/// One claim and what the traces say to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub claim: String,
    /// `holds`, `does not hold`, `not clear` (the interval holds zero, or there are too few chains), `no data`.
    pub verdict: String,
    pub evidence: String,
}

/// With fewer chains on either side of a comparison nothing is claimed.
const FEWEST: usize = 5;
/// The splits of the tasks proper: nothing that is planted or was seen in training.
const SPLITS: [&str; 2] = ["base", "longtail"];

pub fn findings(accuracy: &Accuracy, sources: &Sources, setting: &Setting) -> Vec<Finding> {
    if sources.tasks("base").is_empty() && sources.tasks("longtail").is_empty() {
        return Vec::new();
    }
    vec![
        harder(accuracy, sources),
        longtail(sources, setting),
        correctness(
            sources,
            setting,
            "base",
            "In base inputs right steps have a higher STIM_max than wrong ones",
            |s| s.right,
        ),
        correctness(
            sources,
            setting,
            "longtail",
            "In long-tail inputs wrong steps have a higher STIM_max than right ones",
            |s| !s.right,
        ),
        local_first(sources),
    ]
}

fn mean(chains: &[Strength]) -> Option<f64> {
    (!chains.is_empty()).then(|| chains.iter().map(|s| s.value).sum::<f64>() / chains.len() as f64)
}

fn finding(claim: &str, verdict: &str, evidence: String) -> Finding {
    Finding {
        claim: claim.into(),
        verdict: verdict.into(),
        evidence,
    }
}

fn harder(accuracy: &Accuracy, sources: &Sources) -> Finding {
    let claim = "Harder tasks have a higher STIM_max";
    let (mut hardness, mut strength) = (Vec::new(), Vec::new());
    for split in SPLITS {
        for task in sources.tasks(split) {
            if let (Some(p), Some(m)) = (
                accuracy.of(task, split).percent(),
                mean(sources.strengths(task, split)),
            ) {
                hardness.push(100.0 - p);
                strength.push(m);
            }
        }
    }
    match spearman(&hardness, &strength) {
        Some(rho) => finding(
            claim,
            if rho > 0.0 { "holds" } else { "does not hold" },
            format!(
                "Rank correlation of the share of wrong answers and the mean STIM_max over {} tasks and splits: {rho:.2}.",
                hardness.len()
            ),
        ),
        None => finding(claim, "no data", "Fewer than two tasks and splits.".into()),
    }
}

/// The difference of two means with its bootstrap interval over groups.
fn difference(a: &[&Strength], b: &[&Strength], setting: &Setting) -> Option<Cell> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let all: Vec<(&Strength, bool)> = a
        .iter()
        .map(|s| (*s, true))
        .chain(b.iter().map(|s| (*s, false)))
        .collect();
    let groups: Vec<&str> = all.iter().map(|(s, _)| s.group.as_str()).collect();
    let (owner, n) = clusters(&groups);
    let value = |w: &dyn Fn(usize) -> f64| {
        let side = |first: bool| {
            let (mut sum, mut count) = (0.0, 0.0);
            for (i, (s, of)) in all.iter().enumerate() {
                if *of == first {
                    sum += w(i) * s.value;
                    count += w(i);
                }
            }
            (count > 0.0).then(|| sum / count)
        };
        Some(side(true)? - side(false)?)
    };
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        let w = super::weights(drawn, n);
        value(&|i| w[owner[i]])
    });
    Some(Cell::number(value(&|_| 1.0), ends))
}

fn judged(claim: &str, difference: Option<Cell>, what: &str, n: (usize, usize)) -> Finding {
    let Some(cell) = difference else {
        return finding(claim, "no data", format!("{} and {} chains.", n.0, n.1));
    };
    let verdict = match &cell {
        // An interval over so few says nothing: every resample draws the same.
        _ if n.0.min(n.1) < FEWEST => "not clear",
        Cell::Number(v, None) => {
            if *v > 0.0 {
                "holds"
            } else {
                "does not hold"
            }
        }
        Cell::Number(_, Some((low, _))) if *low > 0.0 => "holds",
        Cell::Number(_, Some((_, high))) if *high < 0.0 => "does not hold",
        _ => "not clear",
    };
    finding(
        claim,
        verdict,
        format!("{what}: {} ({} and {} chains).", cell.text(), n.0, n.1),
    )
}

fn longtail(sources: &Sources, setting: &Setting) -> Finding {
    let of = |split: &str| -> Vec<&Strength> {
        sources
            .tasks(split)
            .into_iter()
            .flat_map(|t| sources.strengths(t, split))
            .collect()
    };
    let (base, tail) = (of("base"), of("longtail"));
    judged(
        "Long-tail inputs have a higher STIM_max than base ones",
        difference(&tail, &base, setting),
        "Long tail less base",
        (tail.len(), base.len()),
    )
}

fn correctness(
    sources: &Sources,
    setting: &Setting,
    split: &str,
    claim: &str,
    higher: fn(&Strength) -> bool,
) -> Finding {
    let all: Vec<&Strength> = sources
        .tasks(split)
        .into_iter()
        .flat_map(|t| sources.strengths(t, split))
        .collect();
    let (a, b): (Vec<&Strength>, Vec<&Strength>) = all.into_iter().partition(|s| higher(s));
    let n = (a.len(), b.len());
    judged(claim, difference(&a, &b, setting), "Difference", n)
}

fn local_first(sources: &Sources) -> Finding {
    let claim = "Local is the most frequent dominant source of wrong tokens";
    let [local, mid, long] = sources.totals();
    let total = local + mid + long;
    if total == 0 || mid + long == 0 {
        return finding(
            claim,
            "no data",
            "Mid-range and long-range scores are missing.".into(),
        );
    }
    let share = |k: usize| 100.0 * k as f64 / total as f64;
    finding(
        claim,
        if local > mid && local > long {
            "holds"
        } else {
            "does not hold"
        },
        format!(
            "Local {:.1} %, mid {:.1} %, long {:.1} % of {total} wrong tokens.",
            share(local),
            share(mid),
            share(long)
        ),
    )
}
