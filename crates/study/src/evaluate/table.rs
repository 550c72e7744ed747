//! Tables as Markdown, and proportions with their intervals.

use std::fmt::Write;

use serde_json::{Value, json};

use rotescope_text::{csv, sanitize};

/// A table: a name for files, a title, column heads, rows of the same width.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Short and fit for a file's name.
    pub id: String,
    pub title: String,
    /// What it says, in plain words made from its figures; may be empty.
    pub reading: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Nothing,
    Text(String),
    Count(usize),
    Share(Share),
    /// A number shown with three digits, with an interval if there is one.
    Number(f64, Option<(f64, f64)>),
}

impl Cell {
    pub fn number(value: Option<f64>, interval: Option<rotescope_stats::Interval>) -> Cell {
        value.map_or(Cell::Nothing, |v| {
            Cell::Number(v, interval.map(|i| (i.low, i.high)))
        })
    }

    pub fn text(&self) -> String {
        match self {
            Cell::Nothing => "-".into(),
            Cell::Text(t) => t.clone(),
            Cell::Count(n) => n.to_string(),
            Cell::Share(s) => s.text(),
            Cell::Number(v, None) => short(*v),
            Cell::Number(v, Some((low, high))) => {
                format!("{} [{}, {}]", short(*v), short(*low), short(*high))
            }
        }
    }

    /// Value and interval as numbers; shares as fractions.
    pub fn parts(&self) -> (Value, Option<(f64, f64)>) {
        match self {
            Cell::Nothing => (Value::Null, None),
            Cell::Text(t) => (t.clone().into(), None),
            Cell::Count(n) => ((*n).into(), None),
            Cell::Share(s) => (
                s.percent().map_or(Value::Null, |p| (p / 100.0).into()),
                s.interval().map(|(l, h)| (l / 100.0, h / 100.0)),
            ),
            Cell::Number(v, i) => ((*v).into(), *i),
        }
    }
}

/// Three digits, no zero in front.
fn short(v: f64) -> String {
    let text = format!("{v:.3}");
    match (text.strip_prefix("0."), text.strip_prefix("-0.")) {
        (Some(rest), _) => format!(".{rest}"),
        (_, Some("000")) => ".000".into(),
        (_, Some(rest)) => format!("-.{rest}"),
        _ => text,
    }
}

impl From<String> for Cell {
    fn from(t: String) -> Cell {
        Cell::Text(t)
    }
}

impl From<&str> for Cell {
    fn from(t: &str) -> Cell {
        Cell::Text(t.into())
    }
}

impl From<usize> for Cell {
    fn from(n: usize) -> Cell {
        Cell::Count(n)
    }
}

impl From<Share> for Cell {
    fn from(s: Share) -> Cell {
        Cell::Share(s)
    }
}

impl Table {
    pub fn new<H: AsRef<str>>(id: &str, title: &str, head: &[H]) -> Self {
        Table {
            id: id.into(),
            title: title.into(),
            reading: String::new(),
            head: head.iter().map(|h| h.as_ref().to_string()).collect(),
            rows: Vec::new(),
        }
    }

    /// As JSON: names of columns, rows of cells; a cell with an interval is an object of `value`, `low` and `high`.
    pub fn json(&self) -> Value {
        let cell = |c: &Cell| match c.parts() {
            (value, None) => value,
            (value, Some((low, high))) => json!({"value": value, "low": low, "high": high}),
        };
        let rows: Vec<Vec<Value>> = self
            .rows
            .iter()
            .map(|r| r.iter().map(cell).collect())
            .collect();
        json!({"id": self.id, "title": self.title, "reading": self.reading, "columns": self.head, "rows": rows})
    }

    /// The schema of [`Table::json`].
    pub fn schema() -> Value {
        let text = json!({"type": "string"});
        let value = json!({"type": ["string", "number", "null"]});
        json!({
            "type": "object",
            "properties": {
                "id": {"description": "Short and fit for a file's name.", "type": "string"},
                "title": text,
                "reading": {"description": "What it says, in plain words made from its figures; may be empty.", "type": "string"},
                "columns": {"type": "array", "items": text},
                "rows": {
                    "description": "As many cells as columns. Shares are fractions.",
                    "type": "array",
                    "items": {"type": "array", "items": {"anyOf": [value, {
                        "description": "With its interval of 95 %.",
                        "type": "object",
                        "properties": {"value": value, "low": {"type": "number"}, "high": {"type": "number"}},
                        "required": ["value", "low", "high"],
                    }]}},
                },
            },
            "required": ["id", "title", "reading", "columns", "rows"],
        })
    }

    /// As CSV ([`csv`]); a column with intervals is followed by its lower and upper ends.
    pub fn csv(&self) -> String {
        let wide: Vec<bool> = (0..self.head.len())
            .map(|c| self.rows.iter().any(|r| r[c].parts().1.is_some()))
            .collect();
        let mut lines = Vec::new();
        let mut head = Vec::new();
        for (h, wide) in self.head.iter().zip(&wide) {
            head.push(csv::label(h));
            if *wide {
                head.extend([
                    csv::label(&format!("{h} low")),
                    csv::label(&format!("{h} high")),
                ]);
            }
        }
        lines.push(head.join(","));
        for row in &self.rows {
            let mut line = Vec::new();
            for (cell, wide) in row.iter().zip(&wide) {
                let (value, ends) = cell.parts();
                line.push(match value {
                    Value::Null => String::new(),
                    Value::String(t) => csv::label(&t),
                    other => other.to_string(),
                });
                if *wide {
                    let end =
                        |f: fn((f64, f64)) -> f64| ends.map_or(String::new(), |e| f(e).to_string());
                    line.extend([end(|e| e.0), end(|e| e.1)]);
                }
            }
            lines.push(line.join(","));
        }
        lines.join("\r\n") + "\r\n"
    }

    /// As Markdown, columns padded so that it reads as plain text too; the first column flush left, the others right.
    pub fn markdown(&self) -> String {
        let columns = self.head.len();
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|r| r.iter().map(|c| in_cell(&c.text())).collect())
            .collect();
        let head: Vec<String> = self.head.iter().map(|h| in_cell(h)).collect();
        let width = |c: usize| {
            rows.iter()
                .map(|r| &r[c])
                .chain([&head[c]])
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
        let mut out = format!("### {}\n\n", sanitize::line(&self.title));
        out += &line(&head);
        out += "|";
        for (c, w) in widths.iter().enumerate() {
            out += &if c == 0 {
                format!("{}|", "-".repeat(w + 2))
            } else {
                format!("{}:|", "-".repeat(w + 1))
            };
        }
        out.push('\n');
        rows.iter().for_each(|r| out += &line(r));
        if !self.reading.is_empty() {
            let _ = write!(out, "\n{}\n", sanitize::block(&self.reading));
        }
        out
    }
}

/// A text that neither leaves its cell nor steers the terminal that shows it.
fn in_cell(text: &str) -> String {
    sanitize::line(text).replace('|', "\\|")
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
        let found = rotescope_stats::wilson(self.k, self.n)?;
        Some((100.0 * found.low, 100.0 * found.high))
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
        let mut t = Table::new("t", "T", &["a", "bb"]);
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
