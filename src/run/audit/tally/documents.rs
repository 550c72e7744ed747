//! What can be recited of each document.

use std::fmt::Write;

use super::rows::{Group, Row, share};

/// The documents that are listed by themselves, at most.
const LISTED: usize = 40;

/// What can be recited of each document, and from where on.
pub fn table(out: &mut String, group: &Group, [prefix, continuation]: [usize; 2]) {
    let n = group.documents.len();
    if !(2..=LISTED).contains(&n) {
        return;
    }
    let mut rows: Vec<Vec<&Row>> = vec![Vec::new(); n];
    for row in &group.rows {
        rows[row.document].push(row);
    }
    out.push_str("\n| document | windows | M | recited | memorized | longest run, tokens | from token |\n|---|--:|--:|--:|--:|--:|--:|\n");
    for (name, document) in &group.documents {
        let all = &mut rows[*document];
        all.sort_by_key(|r| r.start);
        let windows = all.len() as f64;
        let mean = |f: &dyn Fn(&Row) -> f64| all.iter().map(|r| f(r)).sum::<f64>() / windows;
        let mut longest: Option<[usize; 2]> = None;
        let mut run: Option<[usize; 2]> = None;
        for row in all.iter().filter(|r| r.memorized) {
            let from = row.start + prefix;
            let grown = match run {
                Some([begin, end]) if from <= end => [begin, from + continuation],
                _ => [from, from + continuation],
            };
            run = Some(grown);
            let length = |r: Option<[usize; 2]>| r.map_or(0, |[a, b]| b - a);
            if length(run) > length(longest) {
                longest = run;
            }
        }
        let (length, from) = match longest {
            Some([from, to]) => ((to - from).to_string(), from.to_string()),
            None => (String::new(), String::new()),
        };
        let _ = writeln!(
            out,
            "| {} | {windows} | {:.3} | {:.3} | {:.3} | {length} | {from} |",
            name.replace('|', "/"),
            mean(&|r| r.matched),
            mean(&|r| share(r.recited)),
            mean(&|r| share(r.memorized))
        );
    }
}
