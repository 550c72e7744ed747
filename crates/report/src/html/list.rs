//! A trace, a pair, a failed prompt: as a row that opens, or as a line that leads to the part of the page where the row is.

use std::fmt::Write as _;

/// A row of a page.
#[derive(Debug)]
pub(super) struct Row {
    /// Classes beside `trace`.
    pub class: &'static str,
    /// Its address, escaped.
    pub name: String,
    /// What it can be picked by, as attributes.
    pub data: String,
    /// What is seen while it is closed.
    pub head: String,
    /// What is seen when it is open; empty where there is nothing to open.
    pub body: String,
    /// The beginning of the question, escaped, to be found by.
    pub question: String,
}

impl Row {
    fn attributes(&self, more: &str) -> String {
        let (class, name, data) = (self.class, &self.name, &self.data);
        format!("class=\"trace{class}{more}\" id=\"{name}\" {data}")
    }

    /// The whole of it.
    pub(super) fn whole(&self) -> String {
        match self.body.is_empty() {
            true => format!("<div {}>{}</div>\n", self.attributes(""), self.head),
            false => format!(
                "<details {}>\n<summary>{}</summary>\n{}</details>\n",
                self.attributes(""),
                self.head,
                self.body
            ),
        }
    }
}

/// The line of a row in the page that lists all parts.
#[derive(Debug)]
pub(super) struct Line {
    name: String,
    /// Up to the address.
    before: String,
    /// From behind it on; a line without a row to open has no address.
    behind: Option<String>,
}

impl Line {
    pub(super) fn of(row: Row) -> Line {
        if row.body.is_empty() {
            let before = row.whole();
            return Line {
                name: row.name,
                before,
                behind: None,
            };
        }
        Line {
            before: format!("<a {} href=\"", row.attributes(" listed")),
            behind: Some(format!(
                "\">{}<span class=\"question dim\">{}</span></a>\n",
                row.head, row.question
            )),
            name: row.name,
        }
    }

    /// `part`: the address of the page with its row.
    pub(super) fn write(&self, out: &mut String, part: &str) {
        out.push_str(&self.before);
        if let Some(behind) = &self.behind {
            let _ = write!(out, "{part}#{}{behind}", encoded(&self.name));
        }
    }
}

/// A name in an address (RFC 3986): letters, digits and `-._~` as they are.
pub(super) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for b in name.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(b));
            }
            _ => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    out
}
