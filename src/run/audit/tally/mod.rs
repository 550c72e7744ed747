//! What the records of a run say together: tables with intervals.
//!
//! | file | what is in it |
//! |---|---|
//! | [`rows`] | what is kept of windows |
//! | [`shares`] | what can be recited and extracted, with intervals |
//! | [`documents`] | each document by itself |
//! | [`copies`] | by copies in the corpus |
//! | [`labels`] | claims, and what is held against them |

mod copies;
mod documents;
mod labels;
mod rows;
mod shares;

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_text::number::grouped;
use rotescope_trace::audit::extract::ExtractWindow;
use rows::Group;
use shares::Shares;

/// Takes windows, and makes tables of them: some hundred bytes for each are held.
#[derive(Debug)]
pub struct Tally {
    shares: Shares,
    /// By the tokens of prefix and continuation.
    groups: BTreeMap<[usize; 2], Group>,
    skipped: usize,
}

impl Tally {
    pub fn new(draws: &[u64], p: f64, seed: u64) -> Tally {
        Tally {
            shares: Shares {
                draws: draws.to_vec(),
                p,
                seed,
            },
            groups: BTreeMap::new(),
            skipped: 0,
        }
    }

    pub fn add(&mut self, w: &ExtractWindow) {
        self.groups.entry(w.split).or_default().add(w);
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
            self.shares.table(&mut out, group);
            documents::table(&mut out, group, *split);
            copies::table(&mut out, group);
            labels::lines(&mut out, group);
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
