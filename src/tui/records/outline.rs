//! One record as indented lines, a value on one line where it fits.

use serde_json::Value;

use rotescope_text::sanitize;
use unicode_width::UnicodeWidthStr;

/// A line of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineLine {
    pub indent: usize,
    /// The name of a field, or the place in a list; none where the line goes on with the one before.
    pub name: String,
    pub text: String,
}

/// Columns of indentation for each level.
pub const INDENT: usize = 2;
/// Lines at most: a record of a hundred thousand tokens is looked into by other means.
const LINES: usize = 50_000;

/// A record as lines of a width at most, as far as its levels leave room; safe for the terminal.
pub fn outline(record: &Value, width: usize) -> Vec<OutlineLine> {
    let mut lines = Vec::new();
    children(record, 0, width, &mut lines);
    if lines.len() >= LINES {
        lines.truncate(LINES);
        lines.push(OutlineLine {
            indent: 0,
            name: "…".into(),
            text: format!("more than {LINES} lines: jq shows the rest"),
        });
    }
    lines
}

fn children(value: &Value, indent: usize, width: usize, lines: &mut Vec<OutlineLine>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                entry(name, value, indent, width, lines);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                entry(&i.to_string(), item, indent, width, lines);
            }
        }
        other => entry("", other, indent, width, lines),
    }
}

fn entry(name: &str, value: &Value, indent: usize, width: usize, lines: &mut Vec<OutlineLine>) {
    if lines.len() >= LINES {
        return;
    }
    let name = sanitize::line(name).into_owned();
    let room = width
        .saturating_sub(indent * INDENT + name.width() + 2)
        .max(8);
    let one = |text: String| OutlineLine {
        indent,
        name: name.clone(),
        text,
    };
    match value {
        Value::String(text) => {
            let text = sanitize::block(text);
            let rows = crate::tui::wrap::rows(&text, room as u16);
            for (i, row) in rows.into_iter().enumerate() {
                let text = text[row].to_string();
                lines.push(match i {
                    0 => one(text),
                    _ => OutlineLine {
                        indent,
                        name: String::new(),
                        text: format!("{:pad$}{text}", "", pad = name.width() + 2),
                    },
                });
            }
        }
        Value::Object(_) | Value::Array(_) => match short(value, room) {
            Some(text) => lines.push(one(text)),
            None => {
                lines.push(one(String::new()));
                children(value, indent + 1, width, lines);
            }
        },
        scalar => lines.push(one(scalar.to_string())),
    }
}

/// A value on one line, where it fits.
fn short(value: &Value, room: usize) -> Option<String> {
    let small = match value {
        Value::Object(o) => o.len() <= room / 4,
        Value::Array(a) => a.len() <= room / 2,
        _ => true,
    };
    let text = small.then(|| value.to_string())?;
    let text = sanitize::line(&text).into_owned();
    (text.width() <= room).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(record: &Value, width: usize) -> Vec<String> {
        let line = |l: OutlineLine| {
            let colon = if l.name.is_empty() { "" } else { ": " };
            format!(
                "{:pad$}{}{colon}{}",
                "",
                l.name,
                l.text,
                pad = l.indent * INDENT
            )
        };
        outline(record, width).into_iter().map(line).collect()
    }

    #[test]
    fn values_stand_on_one_line_where_they_fit() {
        let record = json!({"id": "a", "p": [0.5, 1.0], "deep": {"words": ["one", "two", "three"], "none": null}});
        assert_eq!(
            text(&record, 30),
            [
                "id: a",
                "p: [0.5,1.0]",
                "deep: ",
                "  words: [\"one\",\"two\",\"three\"]",
                "  none: null",
            ][..4]
                .iter()
                .map(ToString::to_string)
                .chain(["  none: null".into()])
                .collect::<Vec<_>>()
        );
        assert_eq!(text(&json!(3), 30), ["3"]);
        assert_eq!(text(&json!([]), 30), [] as [&str; 0]);
    }

    #[test]
    fn long_text_is_wrapped_under_itself_and_cannot_reach_the_terminal() {
        let record = json!({"says": "one two three \u{1b}[31mfour", "x\u{7}": 1});
        let lines = text(&record, 18);
        assert!(
            lines.len() > 2 && lines[1].starts_with("      "),
            "{lines:?}"
        );
        assert!(
            lines.iter().all(|l| !l.contains(['\u{1b}', '\u{7}'])),
            "{lines:?}"
        );
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let mut deep = json!("x".repeat(50));
        for _ in 0..100 {
            deep = json!({ "d": deep });
        }
        assert!(outline(&deep, 40).len() > 100);
        let long = json!({ "all": vec!["y".repeat(60); 80_000] });
        assert_eq!(outline(&long, 40).len(), LINES + 1);
    }
}
