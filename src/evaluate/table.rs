//! Tables as Markdown, and proportions with their intervals.

use std::fmt::Write;

/// A table: a title, column heads, rows of the same width.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub title: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(title: &str, head: &[&str]) -> Self {
        Table {
            title: title.into(),
            head: head.iter().map(|h| h.to_string()).collect(),
            rows: Vec::new(),
        }
    }

    /// As Markdown, columns padded so that it reads as plain text too; the first column flush left, the others right.
    pub fn markdown(&self) -> String {
        let columns = self.head.len();
        let width = |c: usize| {
            self.rows
                .iter()
                .map(|r| &r[c])
                .chain([&self.head[c]])
                .map(|s| s.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |cells: &[String]| {
            let mut out = String::from("|");
            for (c, cell) in cells.iter().enumerate() {
                let pad = " ".repeat(widths[c] - cell.chars().count());
                let _ = if c == 0 {
                    write!(out, " {cell}{pad} |")
                } else {
                    write!(out, " {pad}{cell} |")
                };
            }
            out.push('\n');
            out
        };
        let mut out = format!("### {}\n\n", self.title);
        out += &line(&self.head);
        out += "|";
        for (c, w) in widths.iter().enumerate() {
            out += &if c == 0 {
                format!("{}|", "-".repeat(w + 2))
            } else {
                format!("{}:|", "-".repeat(w + 1))
            };
        }
        out.push('\n');
        self.rows.iter().for_each(|r| out += &line(r));
        out
    }
}

/// `k` of `n`.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Share {
    pub k: usize,
    pub n: usize,
}

impl Share {
    pub fn add(&mut self, yes: bool) {
        self.k += usize::from(yes);
        self.n += 1;
    }

    /// In percent; `None` of nothing.
    pub fn percent(&self) -> Option<f64> {
        (self.n > 0).then(|| 100.0 * self.k as f64 / self.n as f64)
    }

    /// Wilson's 95 % score interval in percent (E. B. Wilson, 1927); `None` of nothing.
    pub fn interval(&self) -> Option<(f64, f64)> {
        if self.n == 0 {
            return None;
        }
        let (n, p, z) = (
            self.n as f64,
            self.k as f64 / self.n as f64,
            1.959_963_984_540_054,
        );
        let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        Some((
            100.0 * (centre - half).max(0.0),
            100.0 * (centre + half).min(1.0),
        ))
    }

    /// `62.5 % [57.1, 67.6]`, or a dash.
    pub fn text(&self) -> String {
        match (self.percent(), self.interval()) {
            (Some(p), Some((low, high))) => format!("{p:.1} % [{low:.1}, {high:.1}]"),
            _ => "-".into(),
        }
    }
}

/// The middle value, the mean of the two middle ones for an even number; `None` of nothing.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some((values[n / 2 - 1] + values[n / 2]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_of_a_published_case() {
        // Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives .2553 to .3662.
        let (low, high) = Share { k: 81, n: 263 }.interval().unwrap();
        assert!(
            (low - 25.53).abs() < 0.005 && (high - 36.62).abs() < 0.005,
            "{low} {high}"
        );
        assert_eq!(Share { k: 0, n: 0 }.text(), "-");
    }

    #[test]
    fn markdown_is_aligned() {
        let mut t = Table::new("T", &["a", "bb"]);
        t.rows.push(vec!["long".into(), "1".into()]);
        assert_eq!(
            t.markdown(),
            "### T\n\n| a    | bb |\n|------|---:|\n| long |  1 |\n"
        );
    }

    #[test]
    fn median_of_odd_even_none() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
    }
}
