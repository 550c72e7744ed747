//! The paper's four findings: which of them the traces show. Prompts with a known cause and their twins are left out.

use std::collections::BTreeMap;

use super::accuracy::Accuracy;
use super::bootstrap::{Setting, clusters, weights};
use super::options::{Contrast, EvaluateOptions};
use super::sources::{CompletionStrength, SourceTables};
use super::table::Cell;
use rotescope_stats::{interval, spearman};
use rotescope_trace::Source;

/// One claim and what the traces say to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub claim: String,
    /// `holds`, `does not hold`, `not clear` (the interval holds zero, or there are too few completions), `no data`.
    pub verdict: String,
    pub evidence: String,
}

/// With fewer completions on either side of a comparison nothing is claimed.
const FEWEST: usize = 5;

/// All findings that the traces say anything to; those that contrast two splits only where the options name them.
pub fn findings(
    accuracy: &Accuracy,
    sources: &SourceTables,
    options: &EvaluateOptions,
) -> Vec<Finding> {
    let contrast = options.contrast.as_ref();
    let here = |split: &str| contrast.is_none_or(|c| split == c.reference || split == c.other);
    if !sources.strengths().any(|s| here(&s.origin.split)) {
        return Vec::new();
    }
    let mut out = vec![harder(accuracy, sources, &here)];
    if let Some(c) = contrast {
        let intervals = &options.intervals;
        out.push(farther(sources, intervals, c));
        out.push(correctness(sources, intervals, &c.reference, true));
        out.push(correctness(sources, intervals, &c.other, false));
    }
    out.push(local_first(sources));
    out
}

fn mean(chains: &[&CompletionStrength]) -> Option<f64> {
    (!chains.is_empty()).then(|| chains.iter().map(|s| s.value).sum::<f64>() / chains.len() as f64)
}

fn finding(claim: &str, verdict: &str, evidence: String) -> Finding {
    Finding {
        claim: claim.into(),
        verdict: verdict.into(),
        evidence,
    }
}

fn harder(accuracy: &Accuracy, sources: &SourceTables, here: &dyn Fn(&str) -> bool) -> Finding {
    let claim = "Harder tasks have a higher STIM_max";
    let mut by: BTreeMap<(&str, &str), Vec<&CompletionStrength>> = BTreeMap::new();
    for s in sources.strengths().filter(|s| here(&s.origin.split)) {
        let place = (s.origin.split.as_str(), s.origin.task.as_str());
        by.entry(place).or_default().push(s);
    }
    let (mut hardness, mut strength) = (Vec::new(), Vec::new());
    for ((split, task), chains) in &by {
        if let (Some(p), Some(m)) = (accuracy.of(task, split).percent(), mean(chains)) {
            hardness.push(100.0 - p);
            strength.push(m);
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
fn difference(
    a: &[&CompletionStrength],
    b: &[&CompletionStrength],
    setting: &Setting,
) -> Option<Cell> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let all: Vec<(&CompletionStrength, bool)> = a
        .iter()
        .map(|s| (*s, true))
        .chain(b.iter().map(|s| (*s, false)))
        .collect();
    let groups: Vec<&str> = all.iter().map(|(s, _)| s.origin.group.as_str()).collect();
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
        let w = weights(drawn, n);
        value(&|i| w[owner[i]])
    });
    Some(Cell::number(value(&|_| 1.0), ends))
}

fn judged(claim: &str, difference: Option<Cell>, what: &str, n: (usize, usize)) -> Finding {
    let Some(cell) = difference else {
        return finding(
            claim,
            "no data",
            format!("{} and {} completions.", n.0, n.1),
        );
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
        format!("{what}: {} ({} and {} completions).", cell.text(), n.0, n.1),
    )
}

fn of<'s>(sources: &'s SourceTables, split: &str) -> Vec<&'s CompletionStrength> {
    let all = sources.strengths();
    all.filter(|s| s.origin.split == split).collect()
}

fn farther(sources: &SourceTables, setting: &Setting, c: &Contrast) -> Finding {
    let (reference, other) = (of(sources, &c.reference), of(sources, &c.other));
    judged(
        &format!(
            "Inputs of {} have a higher STIM_max than those of {}",
            c.other, c.reference
        ),
        difference(&other, &reference, setting),
        &format!("{} less {}", c.other, c.reference),
        (other.len(), reference.len()),
    )
}

/// Whether right steps, or else wrong ones, have the higher STIM_max.
fn correctness(sources: &SourceTables, setting: &Setting, split: &str, right: bool) -> Finding {
    let (higher, lower) = if right {
        ("right", "wrong")
    } else {
        ("wrong", "right")
    };
    let all = of(sources, split).into_iter();
    let (a, b): (Vec<&CompletionStrength>, Vec<&CompletionStrength>) =
        all.partition(|s| s.right == right);
    judged(
        &format!("In {split} {higher} steps have a higher STIM_max than {lower} ones"),
        difference(&a, &b, setting),
        "Difference",
        (a.len(), b.len()),
    )
}

fn local_first(sources: &SourceTables) -> Finding {
    let claim = "Local is the most frequent dominant source of wrong tokens";
    let totals = sources.totals();
    let of = |source: Source| totals[source as usize];
    let others = || Source::ALL.into_iter().filter(|s| *s != Source::Local);
    let total: usize = totals.iter().sum();
    if others().all(|s| of(s) == 0) {
        return finding(
            claim,
            "no data",
            "Mid-range and long-range scores are missing.".into(),
        );
    }
    let most = others().all(|s| of(Source::Local) > of(s));
    let shares = Source::ALL.map(|s| format!("{s} {:.1} %", 100.0 * of(s) as f64 / total as f64));
    let shares = shares.join(", ");
    finding(
        claim,
        if most { "holds" } else { "does not hold" },
        format!("Shares of {total} wrong tokens: {shares}."),
    )
}
