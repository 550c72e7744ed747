//! What many windows under changes say together: who bears them, and what frequency does.

use std::fmt::Write;

use rotescope_stats::interval;
use rotescope_text::number::grouped;
use rotescope_trace::audit::redundancy::RedundancyWindow;

/// Resamples of the intervals.
const RESAMPLES: usize = 1000;
/// Parts of a prefix in the table of replaced tokens.
const PARTS: usize = 8;

/// Takes windows, and makes tables of them.
#[derive(Debug, Default)]
pub struct Vulnerability {
    windows: Vec<RedundancyWindow>,
    seed: u64,
}

type Measure = (&'static str, fn(&RedundancyWindow) -> f64);

/// The three measures of redundancy.
const MEASURES: [Measure; 3] = [
    ("zip", |w| w.zip),
    ("repeated", |w| w.repeated),
    ("order", |w| w.order),
];

fn is_memorized(w: &RedundancyWindow) -> bool {
    w.clean.recited == w.split[1]
}

/// Mean M over all changes that change something.
fn after(w: &RedundancyWindow) -> Option<f64> {
    let changed: Vec<f64> = w
        .changes
        .iter()
        .filter(|c| c.operator != "identity")
        .map(|c| c.after.matched)
        .collect();
    (!changed.is_empty()).then(|| changed.iter().sum::<f64>() / changed.len() as f64)
}

impl Vulnerability {
    pub fn new(seed: u64) -> Vulnerability {
        Vulnerability {
            windows: Vec::new(),
            seed,
        }
    }

    pub fn add(&mut self, w: &RedundancyWindow) {
        self.windows.push(w.clone());
    }

    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    /// Those whose tokens were replaced.
    pub fn replaced(&self) -> usize {
        self.windows
            .iter()
            .filter(|w| !w.replaced.is_empty())
            .count()
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let memorized = self.windows.iter().filter(|w| is_memorized(w)).count();
        let mut out = format!(
            "{} windows, {} of them memorized (M = 1); scores are M\n",
            grouped(self.windows.len() as u64),
            grouped(memorized as u64)
        );
        if self.windows.is_empty() {
            return out;
        }
        self.by_redundancy(&mut out);
        self.by_operator(&mut out);
        self.by_place(&mut out);
        self.by_frequency(&mut out);
        out
    }

    fn of(&self, memorized: bool) -> impl Iterator<Item = &RedundancyWindow> {
        self.windows
            .iter()
            .filter(move |w| is_memorized(w) == memorized)
    }

    fn by_redundancy(&self, out: &mut String) {
        out.push_str("\n| redundancy by | median | group | windows | before | after | drop | 95 % | low : high |\n|---|--:|---|--:|--:|--:|--:|---|--:|\n");
        for (name, measure) in MEASURES {
            let mut values: Vec<f64> = self.windows.iter().map(measure).collect();
            values.sort_by(f64::total_cmp);
            let median = values[values.len() / 2];
            for memorized in [true, false] {
                let mut drops = [None; 2];
                for (k, low) in [true, false].into_iter().enumerate() {
                    let rows: Vec<(f64, f64)> = self
                        .of(memorized)
                        .filter(|w| (measure(w) < median) == low)
                        .filter_map(|w| Some((w.clean.matched, after(w)?)))
                        .collect();
                    let n = rows.len() as f64;
                    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| rows.iter().map(f).sum::<f64>() / n;
                    drops[k] = (n > 0.0).then(|| mean(&|r| r.0 - r.1));
                    let group = format!(
                        "{}, {}",
                        if memorized { "memorized" } else { "not" },
                        if low { "low" } else { "high" }
                    );
                    let ratio = match (low, drops) {
                        (false, [Some(l), Some(h)]) if h > 0.0 => format!("{:.2}", l / h),
                        _ => String::new(),
                    };
                    if rows.is_empty() {
                        let _ = writeln!(out, "| {name} | {median:.3} | {group} | 0 | | | | | |");
                        continue;
                    }
                    let _ = writeln!(
                        out,
                        "| {name} | {median:.3} | {group} | {n} | {:.3} | {:.3} | {:.3} | {} | {ratio} |",
                        mean(&|r| r.0),
                        mean(&|r| r.1),
                        mean(&|r| r.0 - r.1),
                        self.within(&rows.iter().map(|r| r.0 - r.1).collect::<Vec<_>>())
                    );
                }
            }
        }
    }

    fn by_operator(&self, out: &mut String) {
        out.push_str("\n| operator | abs_dist | rel_dist | lost | drop, memorized | 95 % | drop, not | 95 % | nats/token, memorized | nats/token, not |\n|---|--:|--:|--:|--:|---|--:|---|--:|--:|\n");
        let operators = self.windows[0].changes.len();
        for i in 0..operators {
            let mean = |f: &dyn Fn(&RedundancyWindow) -> Option<f64>| {
                let all: Vec<f64> = self.windows.iter().filter_map(f).collect();
                all.iter().sum::<f64>() / all.len().max(1) as f64
            };
            let name = self.windows[0]
                .changes
                .get(i)
                .map_or("", |c| c.operator.as_str());
            let _ = write!(
                out,
                "| {name} | {:.3} | {:.3} | {:.3} |",
                mean(&|w| Some(w.changes.get(i)?.abs_dist)),
                mean(&|w| Some(w.changes.get(i)?.rel_dist)),
                mean(&|w| Some(w.changes.get(i)?.lost))
            );
            for memorized in [true, false] {
                let drops: Vec<f64> = self
                    .of(memorized)
                    .filter_map(|w| Some(w.clean.matched - w.changes.get(i)?.after.matched))
                    .collect();
                match drops.len() {
                    0 => out.push_str(" | |"),
                    n => {
                        let drop = drops.iter().sum::<f64>() / n as f64;
                        let _ = write!(out, " {drop:.3} | {} |", self.within(&drops));
                    }
                }
            }
            for memorized in [true, false] {
                let nats: Vec<f64> = self
                    .of(memorized)
                    .filter_map(|w| Some(w.clean.log_p - w.changes.get(i)?.after.log_p))
                    .collect();
                match nats.len() {
                    0 => out.push_str(" |"),
                    n => _ = write!(out, " {:.3} |", nats.iter().sum::<f64>() / n as f64),
                }
            }
            out.push('\n');
        }
    }

    fn by_place(&self, out: &mut String) {
        let replaced: Vec<&RedundancyWindow> = self
            .windows
            .iter()
            .filter(|w| !w.replaced.is_empty())
            .collect();
        if replaced.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "\nOne token of the prefix replaced, in {} memorized windows:\n\n| place | drop | 95 % |\n|---|--:|---|",
            replaced.len()
        );
        for part in 0..PARTS {
            let mut drops = Vec::new();
            let (mut from, mut to) = (0, 0);
            for w in &replaced {
                let n = w.replaced.len();
                (from, to) = (part * n / PARTS, (part + 1) * n / PARTS);
                let some = &w.replaced[from..to];
                if !some.is_empty() {
                    drops.push(w.clean.matched - some.iter().sum::<f64>() / some.len() as f64);
                }
            }
            if !drops.is_empty() {
                let drop = drops.iter().sum::<f64>() / drops.len() as f64;
                let _ = writeln!(
                    out,
                    "| {from} to {} | {drop:.3} | {} |",
                    to.max(1) - 1,
                    self.within(&drops)
                );
            }
        }
    }

    fn by_frequency(&self, out: &mut String) {
        out.push_str(
            "\n| group | windows | slope of M on log10(copies + 1) | 95 % |\n|---|--:|--:|---|\n",
        );
        for memorized in [true, false] {
            let name = if memorized { "memorized" } else { "not" };
            let points: Vec<(f64, f64)> = self
                .of(memorized)
                .filter_map(|w| Some((((w.counts?.whole + 1) as f64).log10(), w.clean.matched)))
                .collect();
            let all: Vec<usize> = (0..points.len()).collect();
            let said = match slope(&points, &all) {
                Some(b) => {
                    let within = interval(points.len(), RESAMPLES, 0.95, self.seed, |d| {
                        slope(&points, d)
                    });
                    let within =
                        within.map_or(String::new(), |i| format!("{:.3} to {:.3}", i.low, i.high));
                    format!("{b:.3} | {within}")
                }
                None => "undefined: one number of copies, or no index | ".into(),
            };
            let _ = writeln!(out, "| {name} | {} | {said} |", points.len());
        }
    }

    fn within(&self, values: &[f64]) -> String {
        let mean =
            |d: &[usize]| Some(d.iter().map(|i| values[*i]).sum::<f64>() / d.len().max(1) as f64);
        let found = interval(values.len(), RESAMPLES, 0.95, self.seed, mean);
        found.map_or(String::new(), |i| format!("{:.3} to {:.3}", i.low, i.high))
    }
}

/// Least squares of y on x over the drawn points; `None` where x does not vary.
fn slope(points: &[(f64, f64)], drawn: &[usize]) -> Option<f64> {
    let n = drawn.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| drawn.iter().map(|i| f(&points[*i])).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (mut xx, mut xy) = (0.0, 0.0);
    for i in drawn {
        let (dx, dy) = (points[*i].0 - x, points[*i].1 - y);
        (xx, xy) = (xx + dx * dx, xy + dx * dy);
    }
    (xx > 0.0).then(|| xy / xx)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::extract::ExtractCounts;
    use rotescope_trace::audit::redundancy::{Changed, Recited};

    fn window(i: usize) -> RedundancyWindow {
        let memorized = i.is_multiple_of(2);
        let recited = |matched: f64| Recited {
            matched,
            recited: if matched == 1.0 { 4 } else { 0 },
            ..Recited::default()
        };
        let low = i < 20;
        let clean = if memorized { 1.0 } else { 0.5 };
        let fall = if low { 0.4 } else { 0.2 };
        let change = |operator: &str, fall: f64| Changed {
            operator: operator.into(),
            abs_dist: 1.0,
            after: recited(clean - fall),
            ..Changed::default()
        };
        RedundancyWindow {
            split: [8, 4],
            clean: recited(clean),
            changes: vec![change("identity", 0.0), change("reverse", fall)],
            zip: i as f64,
            repeated: 0.5,
            replaced: if memorized {
                vec![0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
            } else {
                Vec::new()
            },
            counts: Some(ExtractCounts {
                whole: if memorized { 9 } else { [0, 9][i / 2 % 2] },
                ..ExtractCounts::default()
            }),
            ..RedundancyWindow::default()
        }
    }

    #[test]
    fn tables_have_what_was_put_in() {
        let mut all = Vulnerability::new(1);
        (0..40).for_each(|i| all.add(&window(i)));
        assert_eq!((all.windows(), all.replaced()), (40, 20));
        let said = all.tables();
        for line in [
            "40 windows, 20 of them memorized",
            "| zip | 20.000 | memorized, low | 10 | 1.000 | 0.600 | 0.400 | 0.400 to 0.400 |  |",
            "| zip | 20.000 | memorized, high | 10 | 1.000 | 0.800 | 0.200 | 0.200 to 0.200 | 2.00 |",
            "| repeated | 0.500 | memorized, low | 0 |",
            "| identity | 1.000 | 0.000 | 0.000 | 0.000 | 0.000 to 0.000 | 0.000 | 0.000 to 0.000 |",
            "| reverse | 1.000 | 0.000 | 0.000 | 0.300 |",
            "| 0 to 0 | 0.500 | 0.500 to 0.500 |",
            "| 7 to 7 | 0.000 |",
            "| memorized | 20 | undefined",
            "| not | 20 | 0.000 |",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
        assert!(Vulnerability::new(0).tables().starts_with("0 windows"));
    }

    #[test]
    fn a_slope_is_that_of_the_line() {
        let points: Vec<(f64, f64)> = (0..5)
            .map(|i| (f64::from(i), 2.0 * f64::from(i) + 1.0))
            .collect();
        assert!((slope(&points, &[0, 1, 2, 3, 4]).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(slope(&points, &[3, 3]), None);
        assert_eq!(slope(&points, &[]), None);
    }
}
