//! Marks around a value: braces, quotes, emphasis, formula signs.

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
            ("__", "__"),
            ("_", "_"),
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

/// Takes off signs that were opened or are closed outside of a value: `460$`, `8 \]`, `5)`, and stops that end no title.
pub(super) fn unwrapped(value: &str) -> &str {
    let mut value = value.trim();
    loop {
        let before = value;
        value = value.trim_end_matches(['.', ',', ';', ':', ' ', '*']);
        value = value.trim_start_matches(['*', ' ']);
        for (open, close) in [("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("(", ")")] {
            let (opens, closes) = (value.matches(open).count(), value.matches(close).count());
            let odd = open == close && opens % 2 == 1;
            // "b)" is the letter of a choice.
            let letter = close == ")" && value.len() == 2;
            if value.ends_with(close)
                && (odd || opens < closes)
                && !letter
                && !value.ends_with("\\$")
            {
                value = &value[..value.len() - close.len()];
            } else if value.starts_with(open)
                && value.ends_with(close)
                && value.len() >= open.len() + close.len()
                && open != "("
            {
                value = &value[open.len()..value.len() - close.len()];
            } else if value.starts_with(open) && opens > closes && open != "(" {
                value = &value[open.len()..];
            }
        }
        if value == before {
            return value;
        }
    }
}
