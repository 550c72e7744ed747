//! What a table of P@1 says of the combination, in words.

use super::sets::{ALL, IN_STEP, is_combination};
use crate::evaluate::options::{Confidence, Levels};
use crate::evaluate::scores::UNCERTAINTY;
use crate::evaluate::table::{Cell, Table};

/// Where the combination of everything ranks worse than the best of the single rankings, in the columns of a table that are headed P@1 or a slice
/// with its number of steps. Empty without a combination.
pub fn reading(t: &Table, levels: &Levels) -> String {
    let value = |row: &[Cell], c: usize| match row[c] {
        Cell::Number(v, _) => Some(v),
        _ => None,
    };
    let name = format!("{IN_STEP}{ALL}");
    let Some(own) = t.rows.iter().find(|r| r[0].text() == name) else {
        return String::new();
    };
    let columns: Vec<usize> = (1..t.head.len())
        .filter(|&c| t.head[c] == "P@1" || t.head[c].ends_with(')'))
        .collect();
    let single = || t.rows[1..].iter().filter(|r| !is_combination(&r[0].text()));
    let best = |c: usize, keep: &dyn Fn(&str) -> bool| {
        let rows = single().filter(|r| keep(&r[0].text()));
        rows.filter_map(|r| Some((r[0].text(), value(r, c)?)))
            .reduce(|a, b| if b.1 > a.1 { b } else { a })
    };
    let mut worse = Vec::new();
    let mut beyond = String::new();
    for &c in &columns {
        let (Some(own), Some((part, most))) = (value(own, c), best(c, &|_| true)) else {
            continue;
        };
        if own < most - 1e-9 {
            let of = t.head[c].as_str();
            worse.push(format!("{of}: {own:.3} against {most:.3} ({part})"));
        }
        let unsure = |n: &str| UNCERTAINTY.contains(&n);
        let (Some(sure), Some(rote)) = (best(c, &unsure), best(c, &|n| !unsure(n))) else {
            continue;
        };
        if t.head[c].starts_with(&levels.name(Confidence::Confident)) {
            beyond = confident(sure, rote, own);
        }
    }
    let verdict = match (worse.len(), columns.len()) {
        (0, 1) => format!("`{name}` is no worse than the best single ranking in P@1."),
        (0, n) => format!("`{name}` is in all {n} columns no worse than the best single ranking."),
        (k, n) => format!(
            "`{name}` is no worse than the best single ranking in {} of {n} columns, worse in {}.",
            n - k,
            worse.join("; ")
        ),
    };
    format!("{verdict}{beyond}")
}

/// What confident errors leave to gain over uncertainty.
fn confident((by, sure): (String, f64), (source, rote): (String, f64), all: f64) -> String {
    let twice = if 2.0 * sure > 1.0 {
        "twice that is above 1, so no ranking can reach it here"
    } else {
        "twice that is the aim"
    };
    format!(
        " On confident errors {by} has P@1 {sure:.3} ({twice}), the best memorization score, {source}, {rote:.3}, the combination {all:.3}."
    )
}
