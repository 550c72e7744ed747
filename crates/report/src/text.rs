//! Untrusted text made safe for where it is shown.

/// Untrusted text on one line.
pub(crate) fn safe(text: &str) -> String {
    rotescope_text::sanitize::line(text).into_owned()
}

/// A token's text as it stands in a line: line breaks as spaces, the rest safe.
pub(crate) fn shown(text: &str) -> String {
    safe(&text.replace(['\n', '\r', '\t'], " "))
}

/// Safe for HTML and XML, in text and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Like [`escape`], with the line breaks kept.
pub(crate) fn escape_block(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// Width of text in terminal cells.
pub(crate) fn cells(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
