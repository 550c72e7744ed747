//! What the records of a run say together: tables with intervals.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_stats::{interval, spearman};
use rotescope_text::number::grouped;
use rotescope_trace::audit::extract::ExtractWindow;

/// Resamples of the intervals.
const RESAMPLES: usize = 1000;
/// From so many documents on they are what is drawn; of fewer, windows are, and the interval says nothing of other documents.
const ENOUGH: usize = 10;
/// Copies of a window in the corpus, from so many on.
const COPIES: [u64; 6] = [0, 1, 2, 10, 50, 100];

/// What is kept of each window.
#[derive(Debug, Clone, Copy)]
struct Row {
    document: usize,
    start: usize,
    memorized: bool,
    matched: f64,
    recited: bool,
    log_p_z: Option<f64>,
    draws: Option<f64>,
    claim: bool,
    common: bool,
    guarded: bool,
    /// Whole and prefix, in the corpus.
    copies: Option<(u64, u64)>,
    near: Option<u64>,
    label: Option<u8>,
}

const LABELS: [&str; 3] = ["recite", "reconstruct", "recollect"];

/// Rows of one split.
#[derive(Debug, Default)]
struct Group {
    rows: Vec<Row>,
    documents: BTreeMap<String, usize>,
}

/// Takes windows, and makes tables of them: some hundred bytes for each are held.
#[derive(Debug)]
pub struct Tally {
    draws: Vec<u64>,
    p: f64,
    seed: u64,
    groups: BTreeMap<[usize; 2], Group>,
    skipped: usize,
}

impl Tally {
    pub fn new(draws: &[u64], p: f64, seed: u64) -> Tally {
        Tally {
            draws: draws.to_vec(),
            p,
            seed,
            groups: BTreeMap::new(),
            skipped: 0,
        }
    }

    pub fn add(&mut self, w: &ExtractWindow) {
        let group = self.groups.entry(w.split).or_default();
        let next = group.documents.len();
        let document = *group.documents.entry(w.document.clone()).or_insert(next);
        let label = LABELS.iter().position(|l| w.label.as_deref() == Some(*l));
        group.rows.push(Row {
            document,
            start: w.start,
            memorized: w.is_memorized(),
            matched: w.matched,
            recited: w.recited == w.split[1],
            log_p_z: w.log_p_z,
            draws: w.draws,
            claim: w.claim,
            common: w.guard.is_some_and(|g| g.common),
            guarded: w.guard.is_some(),
            copies: w.counts.map(|c| (c.whole, c.prefix)),
            near: w.near.map(|n| n.places),
            label: label.map(|l| l as u8),
        });
    }

    pub fn skip(&mut self) {
        self.skipped += 1;
    }

    pub fn windows(&self) -> usize {
        self.groups.values().map(|g| g.rows.len()).sum()
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let mut out = String::new();
        for (split, group) in &self.groups {
            let _ = writeln!(
                out,
                "{} windows of {} documents, {} tokens of prefix and {} to recite",
                grouped(group.rows.len() as u64),
                grouped(group.documents.len() as u64),
                split[0],
                split[1]
            );
            self.shares(&mut out, group);
            by_document(&mut out, group, *split);
            by_copies(&mut out, group);
            labels(&mut out, group);
            out.push('\n');
        }
        if self.skipped > 0 {
            let line = match self.skipped {
                1 => "1 document is shorter than a window; the records name it.".to_string(),
                n => format!(
                    "{} documents are shorter than a window; the records name them.",
                    grouped(n as u64)
                ),
            };
            let _ = writeln!(out, "{line}");
        }
        out
    }

    fn shares(&self, out: &mut String, group: &Group) {
        let guarded = group.rows.iter().any(|r| r.guarded);
        let _ = write!(out, "\n| measure | value | 95 % |");
        out.push_str(if guarded {
            " not common | 95 % |\n|---|--:|---|--:|---|\n"
        } else {
            "\n|---|--:|---|\n"
        });
        let mut row = |name: &str, value: &dyn Fn(&Row) -> f64, share: bool| {
            let _ = write!(out, "| {name} | {} |", self.mean(group, value));
            if guarded && share {
                let own = |r: &Row| if r.common { 0.0 } else { value(r) };
                let _ = write!(out, " {} |", self.mean(group, &own));
            } else if guarded {
                out.push_str(" | |");
            }
            out.push('\n');
        };
        row(
            "greedy match share M, teacher-forced",
            &|r| r.matched,
            false,
        );
        row("recited greedily (M = 1)", &|r| share(r.recited), true);
        for &n in &self.draws {
            let name = format!("extractable in {} draws with p {}", grouped(n), self.p);
            let is = |r: &Row| share(r.draws.is_some_and(|d| d <= n as f64));
            row(&name, &is, true);
        }
        if group.documents.len() < ENOUGH {
            let _ = writeln!(
                out,
                "\nOf fewer than {ENOUGH} documents, intervals are over their windows: they say nothing of other documents."
            );
        }
    }

    /// Mean over all rows, and its interval.
    fn mean(&self, group: &Group, value: &dyn Fn(&Row) -> f64) -> String {
        let clustered = group.documents.len() >= ENOUGH;
        let clusters = if clustered {
            group.documents.len()
        } else {
            group.rows.len()
        };
        let mut sums = vec![(0.0, 0.0); clusters];
        for (i, row) in group.rows.iter().enumerate() {
            let sum = &mut sums[if clustered { row.document } else { i }];
            *sum = (sum.0 + value(row), sum.1 + 1.0);
        }
        let ratio = |drawn: &mut dyn Iterator<Item = usize>| {
            let (a, b) = drawn.fold((0.0, 0.0), |s, i| (s.0 + sums[i].0, s.1 + sums[i].1));
            (b > 0.0).then(|| a / b)
        };
        let mean = ratio(&mut (0..clusters)).unwrap_or(0.0);
        let within = interval(clusters, RESAMPLES, 0.95, self.seed, |d| {
            ratio(&mut d.iter().copied())
        });
        match within {
            Some(i) => format!("{mean:.4} | {:.4} to {:.4}", i.low, i.high),
            None => format!("{mean:.4} | "),
        }
    }
}

fn share(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// The documents that are listed by themselves, at most.
const LISTED: usize = 40;

/// What can be recited of each document, and from where on.
fn by_document(out: &mut String, group: &Group, [prefix, continuation]: [usize; 2]) {
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

/// M and p_z by the number of copies.
fn by_copies(out: &mut String, group: &Group) {
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

fn labels(out: &mut String, group: &Group) {
    let claims = group.rows.iter().filter(|r| r.claim).count();
    let common = group.rows.iter().filter(|r| r.claim && r.common).count();
    let unguarded = group.rows.iter().filter(|r| r.claim && !r.guarded).count();
    let of = |l: usize| {
        group
            .rows
            .iter()
            .filter(|r| r.label == Some(l as u8))
            .count()
    };
    let _ = write!(out, "\n{} windows are claimed", grouped(claims as u64));
    if claims > 0 {
        let _ = write!(
            out,
            "; {} of them are common after any prefix",
            grouped(common as u64)
        );
    }
    let labelled: Vec<String> = (0..LABELS.len())
        .map(|l| format!("{} {}", LABELS[l], grouped(of(l) as u64)))
        .collect();
    if claims > common {
        let _ = write!(out, "; the others: {}", labelled.join(", "));
    }
    out.push_str(".\n");
    if unguarded > 0 {
        let _ = writeln!(
            out,
            "{} claims were not held against unrelated prefixes.",
            grouped(unguarded as u64)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::extract::{ExtractCounts, ExtractGuard};

    fn window(document: usize, start: usize, copies: Option<u64>) -> ExtractWindow {
        let n = copies.unwrap_or(0);
        ExtractWindow {
            document: format!("d{document}"),
            start,
            split: [4, 4],
            matched: if n > 1 { 1.0 } else { 0.25 },
            recited: if n > 1 { 4 } else { 1 },
            log_p_z: (n > 0).then_some(-1.0 / n as f64),
            draws: (n > 0).then_some(10.0 / n as f64),
            claim: n > 0,
            guard: (n > 0).then_some(ExtractGuard {
                common: n == 1,
                ..ExtractGuard::default()
            }),
            counts: copies.map(|whole| ExtractCounts {
                whole,
                ..ExtractCounts::default()
            }),
            label: (n > 5).then(|| "recite".into()),
            ..ExtractWindow::default()
        }
    }

    #[test]
    fn tables_count_what_was_added() {
        let mut tally = Tally::new(&[1, 10], 0.5, 0);
        for document in 0..20 {
            for (start, copies) in [0, 1, 2, 60].into_iter().enumerate() {
                tally.add(&window(document, start, Some(copies)));
            }
        }
        tally.skip();
        let said = tally.tables();
        for line in [
            "80 windows of 20 documents",
            "| greedy match share M, teacher-forced | 0.6250 | 0.6250 to 0.6250 | | |",
            "| recited greedily (M = 1) | 0.5000 | 0.5000 to 0.5000 | 0.5000 | 0.5000 to 0.5000 |",
            "| extractable in 1 draws with p 0.5 | 0.2500 |",
            "| extractable in 10 draws with p 0.5 | 0.7500 | 0.7500 to 0.7500 | 0.5000 |",
            "| 2 to 9 | 20 | 1.000 | 1.000 | -0.50 |  |",
            "| 50 to 99 | 20 |",
            "| d7 | 4 | 0.625 | 0.500 | 0.500 | 5 | 6 |",
            "20 of the windows do not stand in this corpus",
            "with p_z 1.000.",
            "60 windows are claimed; 20 of them are common after any prefix; the others: recite 20, reconstruct 0, recollect 0.",
            "1 document is shorter than a window; the records name it.",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        let mut tally = Tally::new(&[1], 0.5, 0);
        for start in 0..4 {
            tally.add(&window(0, start, None));
        }
        let said = tally.tables();
        assert!(said.contains("No index: nothing is counted"), "{said}");
        assert!(said.contains("fewer than 10 documents"), "{said}");
        assert!(said.contains("0 windows are claimed."), "{said}");
        let mut absent = Tally::new(&[1], 0.5, 0);
        absent.add(&window(0, 0, Some(0)));
        assert!(absent.tables().contains("All of the windows do not stand"));
        assert_eq!(Tally::new(&[1], 0.5, 0).tables(), "");
    }
}
