//! What copies in the corpus do.

use std::fmt::Write;

use super::rows::{Group, Row, share};
use rotescope_stats::spearman;
use rotescope_text::number::grouped;

/// Copies of a window in the corpus, from so many on.
const COPIES: [u64; 6] = [0, 1, 2, 10, 50, 100];

/// M and p_z by the number of copies.
pub fn table(out: &mut String, group: &Group) {
    let counted: Vec<(&Row, u64)> = group
        .rows
        .iter()
        .filter_map(|r| Some((r, r.copies?.0)))
        .collect();
    if counted.is_empty() {
        out.push_str("\nNo index: nothing is counted, and nothing is known to be common.\n");
        return;
    }
    let absent = counted.iter().filter(|(_, n)| *n == 0).count();
    if absent > 0 {
        let _ = writeln!(
            out,
            "\n{} of the windows do not stand in this corpus: of them it says nothing but that.",
            if absent == counted.len() {
                "All".into()
            } else {
                grouped(absent as u64)
            }
        );
    }
    out.push_str("\n| copies in the corpus | windows | M | recited | median log p_z | near-duplicates, mean |\n|---|--:|--:|--:|--:|--:|\n");
    for (i, from) in COPIES.iter().enumerate() {
        let to = COPIES.get(i + 1);
        let rows: Vec<&Row> = counted
            .iter()
            .filter(|(_, n)| n >= from && to.is_none_or(|to| n < to))
            .map(|(r, _)| *r)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let name = match to {
            Some(to) if to - from == 1 => from.to_string(),
            Some(to) => format!("{from} to {}", to - 1),
            None => format!("{from} or more"),
        };
        let n = rows.len() as f64;
        let mean = |f: &dyn Fn(&Row) -> f64| rows.iter().map(|r| f(r)).sum::<f64>() / n;
        let mut logs: Vec<f64> = rows
            .iter()
            .map(|r| r.log_p_z.unwrap_or(f64::NEG_INFINITY))
            .collect();
        logs.sort_by(f64::total_cmp);
        let median = match logs[logs.len() / 2] {
            l if l.is_finite() => format!("{l:.2}"),
            _ => "never drawn".into(),
        };
        let near = rows.iter().filter_map(|r| r.near).collect::<Vec<_>>();
        let near = match near.len() {
            0 => String::new(),
            k => format!("{:.1}", near.iter().sum::<u64>() as f64 / k as f64),
        };
        let _ = writeln!(
            out,
            "| {name} | {} | {:.3} | {:.3} | {median} | {near} |",
            grouped(rows.len() as u64),
            mean(&|r| r.matched),
            mean(&|r| share(r.recited))
        );
    }
    let copies: Vec<u64> = counted.iter().map(|c| c.1).collect();
    let matched: Vec<f64> = counted.iter().map(|c| c.0.matched).collect();
    let drawn: Vec<f64> = counted
        .iter()
        .map(|c| c.0.log_p_z.unwrap_or(f64::NEG_INFINITY))
        .collect();
    let said = |rho: Option<f64>| rho.map_or("undefined".into(), |r| format!("{r:.3}"));
    let _ = writeln!(
        out,
        "\nSpearman's rho of copies with M {}, with p_z {}.",
        said(spearman(&copies, &matched)),
        said(spearman(&copies, &drawn))
    );
}
