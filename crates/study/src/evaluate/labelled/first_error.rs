//! Who names the first wrong step of flawed chains, and none of clean ones? As in ProcessBench (Zheng et al., 2024).

use rotescope_judge::ByHand;
use rotescope_judge::fit::FOLDS;
use rotescope_judge::labels::first_error_f1;
use rotescope_stats::crossval::folds;
use rotescope_stats::interval;

use super::super::bootstrap::{Setting, clusters, weights};
use super::super::table::{Cell, Share, Table};
use super::chains::{Chain, Chains};
use super::step_scores::{PLAIN, SCORES, VERDICT};
use super::thresholds::{Scores, choose, first_at};

/// One who names a step of each chain, or none of it.
#[derive(Debug, Clone)]
pub struct Line {
    name: String,
    /// Whether it looks at nothing of a step but its length, its place, its digits.
    plain: bool,
    /// By chain; `None` where the record lacks what it needs.
    named: Vec<Option<Option<usize>>>,
}

/// The trivial ones first, then verdicts and flags as they stand, then scores with a threshold.
pub fn lines(chains: &Chains) -> Vec<Line> {
    let line = |name: &str, plain, of: &dyn Fn(&Chain) -> Option<Option<usize>>| Line {
        name: name.into(),
        plain,
        named: chains.all.iter().map(of).collect(),
    };
    let mut all = vec![
        line("none", true, &|_| Some(None)),
        line("always the last step", true, &|c| {
            Some(c.steps.len().checked_sub(1))
        }),
    ];
    let standing = [
        line("verdicts", false, &|c| Some(c.computed)),
        line("verdicts, reward model where none", false, &|c| {
            c.with_model
        }),
        line("flags as raised", false, &|c| c.flagged),
    ];
    let said = |l: &Line| l.named.iter().any(Option::is_some);
    all.extend(standing.into_iter().filter(said));
    let fold = folds(&chains.problems(), FOLDS);
    if fold.iter().any(|f| *f != fold[0]) {
        let scores = chains.scores().filter(|s| *s != VERDICT);
        all.extend(scores.map(|s| by_threshold(chains, s, &fold)));
    }
    all
}

/// A score with the threshold that is best on the problems of the other folds.
fn by_threshold(chains: &Chains, score: usize, fold: &[usize]) -> Line {
    let scores: Vec<Scores> = chains
        .all
        .iter()
        .map(|c| c.steps.iter().map(|s| s[score]).collect())
        .collect();
    let has = |i: usize| scores[i].iter().any(Option::is_some);
    let threshold = |out: usize| {
        let others = (0..fold.len()).filter(|i| fold[*i] != out && has(*i));
        choose(others.map(|i| (&scores[i], chains.all[i].label)))
    };
    let thresholds: Vec<f64> = (0..FOLDS).map(threshold).collect();
    Line {
        name: SCORES[score].name.into(),
        plain: score >= PLAIN,
        named: (0..fold.len())
            .map(|i| has(i).then(|| first_at(&scores[i], thresholds[fold[i]])))
            .collect(),
    }
}

/// Hits on flawed and on clean chains.
fn shares<'a>(items: impl Iterator<Item = (&'a Chain, Option<usize>)>) -> (Share, Share) {
    let (mut named, mut spared) = (Share::default(), Share::default());
    for (chain, step) in items {
        let share = match chain.label {
            ByHand::FirstWrong(_) => &mut named,
            ByHand::Clean => &mut spared,
        };
        share.add(chain.is_hit(step));
    }
    (named, spared)
}

/// F1 with its bootstrap interval over problems: of each chain its label, its problem, and whether what is named is right.
pub fn f1_of(items: &[(ByHand, &str, bool)], setting: &Setting) -> Cell {
    let problems: Vec<&str> = items.iter().map(|(_, problem, _)| *problem).collect();
    let (owner, n) = clusters(&problems);
    // By problem: named, flawed, spared, clean.
    let mut sums = vec![[0.0; 4]; n];
    for ((label, _, hit), owner) in items.iter().zip(&owner) {
        let at = match label {
            ByHand::FirstWrong(_) => 0,
            ByHand::Clean => 2,
        };
        sums[*owner][at] += f64::from(u8::from(*hit));
        sums[*owner][at + 1] += 1.0;
    }
    let f1 = |weight: &[f64]| {
        let mut all = [0.0; 4];
        for (sum, w) in sums.iter().zip(weight) {
            all.iter_mut().zip(sum).for_each(|(a, s)| *a += w * s);
        }
        first_error_f1((all[0], all[1]), (all[2], all[3]))
    };
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        f1(&weights(drawn, n))
    });
    Cell::number(f1(&vec![1.0; n]), ends)
}

fn f1_cell(items: &[(&Chain, Option<usize>)], setting: &Setting) -> Cell {
    let one = items
        .iter()
        .map(|(c, step)| (c.label, c.problem.as_str(), c.is_hit(*step)));
    let all: Vec<(ByHand, &str, bool)> = one.collect();
    f1_of(&all, setting)
}

const HEAD: [&str; 5] = [
    "named by",
    "right on wrong chains",
    "right on clean chains",
    "F1 (ProcessBench)",
    "chains",
];

/// The cells of a line over some of the chains; `None` where it speaks of none of them.
fn cells(
    chains: &Chains,
    line: &Line,
    place: Option<&str>,
    setting: &Setting,
) -> Option<Vec<Cell>> {
    let here = chains.all.iter().zip(&line.named);
    let here = here.filter(|(c, _)| place.is_none_or(|p| c.place == p));
    let items: Vec<(&Chain, Option<usize>)> =
        here.filter_map(|(c, named)| Some((c, (*named)?))).collect();
    if items.is_empty() {
        return None;
    }
    let (named, spared) = shares(items.iter().copied());
    Some(vec![
        line.name.as_str().into(),
        named.into(),
        spared.into(),
        f1_cell(&items, setting),
        items.len().into(),
    ])
}

pub fn overall(chains: &Chains, lines: &[Line], setting: &Setting) -> Table {
    let (wrong, clean) = chains.counts();
    let mut t = Table::new(
        "first-error",
        &format!(
            "First wrong step, as people labelled it ({wrong} wrong chains, {clean} clean; thresholds of scores chosen in {FOLDS} folds of problems)"
        ),
        &HEAD,
    );
    let rows = lines
        .iter()
        .filter_map(|l| Some((l, cells(chains, l, None, setting)?)));
    let rows: Vec<(&Line, Vec<Cell>)> = rows.collect();
    t.reading = reading(&rows);
    t.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    t
}

/// The best line beside the best of those that look at next to nothing.
fn reading(rows: &[(&Line, Vec<Cell>)]) -> String {
    let best = |plain: bool| {
        let all = rows.iter().filter(|(l, _)| l.plain == plain);
        let valued = all.filter_map(|(l, cells)| match cells[3] {
            Cell::Number(f1, _) => Some((f1, &l.name, cells[3].text())),
            _ => None,
        });
        valued.reduce(|a, b| if b.0 > a.0 { b } else { a })
    };
    match (best(false), best(true)) {
        (Some((_, name, f1)), Some((_, plain, least))) => format!(
            "Highest F1: {name}, {f1}; of what looks at nothing but length, digits and place of a step: {plain}, {least}."
        ),
        _ => "F1 takes wrong and clean chains.".into(),
    }
}

/// The same by task and split, where there are several.
pub fn by_place(chains: &Chains, lines: &[Line], setting: &Setting) -> Option<Table> {
    let places = chains.places();
    let mut head = vec!["task and split"];
    head.extend(HEAD);
    let mut t = Table::new(
        "first-error-by-task",
        "First wrong step by task and split, or by file where prompts name none",
        &head,
    );
    for place in places {
        for line in lines {
            if let Some(cells) = cells(chains, line, Some(place), setting) {
                t.rows.push([vec![place.into()], cells].concat());
            }
        }
    }
    (!t.rows.is_empty()).then_some(t)
}
