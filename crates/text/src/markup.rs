//! Marks around a value: braces, quotes, emphasis, formula signs.

/// The length of what stands before the brace that closes an open one.
pub(super) fn braces(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// Takes white space, final dot, quotes and marks off a value.
pub(super) fn strip(value: &str) -> &str {
    let mut value = value.trim();
    loop {
        let before = value;
        if let Some(v) = value.strip_suffix('.').filter(|v| !v.ends_with('.')) {
            value = v.trim_end();
        }
        for (open, close) in [
            ("\"", "\""),
            ("'", "'"),
            ("“", "”"),
            ("‘", "’"),
            ("**", "**"),
            ("*", "*"),
            ("`", "`"),
            ("$", "$"),
            ("\\(", "\\)"),
            ("\\[", "\\]"),
        ] {
            if let Some(v) = value.strip_prefix(open).and_then(|v| v.strip_suffix(close)) {
                value = v.trim();
            }
        }
        // Emphasis that was opened before the value: "**Answer: 5**".
        if let Some(v) = value.strip_suffix("**").filter(|v| !v.contains("**")) {
            value = v.trim_end();
        }
        if value == before {
            return value;
        }
    }
}
