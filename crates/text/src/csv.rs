//! Cells of comma-separated values (RFC 4180).

/// Text from elsewhere, which a spreadsheet cannot take for a formula: where it begins like one, an apostrophe goes before it.
pub fn label(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    quote(&format!("{}{text}", if formula { "'" } else { "" }))
}

/// Text as it is, in quotes where it needs them.
pub fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_text_stays() {
        for formula in ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1"] {
            assert!(
                label(formula).trim_start_matches('"').starts_with('\''),
                "{formula}"
            );
        }
        assert_eq!(label("a=1"), "a=1");
        assert_eq!(label("=a,\"b\""), "\"'=a,\"\"b\"\"\"");
        assert_eq!(quote("=a"), "=a");
        assert_eq!(quote("a\rb"), "\"a\rb\"");
    }
}
