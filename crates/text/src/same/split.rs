//! Cuts plain text at what stands outside of its brackets.

use super::numeral::{Marks, numeral};

/// Items of one list, at most.
const MOST_ITEMS: usize = 64;

/// The text with one blank for any.
pub(super) fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The depth after a character.
fn deeper(c: char, depth: usize) -> usize {
    match c {
        '(' | '[' | '{' | '⦃' | '⟨' => depth + 1,
        ')' | ']' | '}' | '⦄' | '⟩' => depth.saturating_sub(1),
        _ => depth,
    }
}

/// The pieces between marks that stand outside of brackets.
pub(super) fn pieces<'t>(text: &'t str, marks: &[char]) -> Vec<&'t str> {
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0);
    for (i, c) in text.char_indices() {
        depth = deeper(c, depth);
        if depth == 0 && marks.contains(&c) {
            found.push(&text[start..i]);
            start = i + c.len_utf8();
        }
    }
    found.push(&text[start..]);
    found
}

/// The items of a list: two or more, between commas, semicolons, "and", "or". A comma within a number parts nothing.
pub(super) fn items(text: &str, marks: Marks) -> Option<Vec<&str>> {
    let (mut found, mut start, mut depth, mut i) = (Vec::new(), 0, 0, 0);
    let semicolons = pieces(text, &[';']).len() > 1;
    while let Some(c) = text[i..].chars().next() {
        let before = text[..i].chars().next_back();
        if c.is_ascii_digit() && !before.is_some_and(|c| c.is_ascii_digit() || c == '.') {
            i += numeral(&text[i..], marks).map_or(1, |(_, len)| len);
            continue;
        }
        depth = deeper(c, depth);
        let mark = if depth > 0 {
            0
        } else if c == ';' || c == ',' && !semicolons {
            1
        } else {
            ["and ", "or "]
                .iter()
                .find(|w| before == Some(' ') && text[i..].starts_with(**w))
                .map_or(0, |w| w.len())
        };
        if mark > 0 {
            found.push(text[start..i].trim());
            start = i + mark;
        }
        i += c.len_utf8();
    }
    found.push(text[start..].trim());
    // ", and" are two marks at one place.
    found.retain(|p| !p.is_empty());
    ((2..=MOST_ITEMS).contains(&found.len())).then_some(found)
}

/// What stands between the brackets around a whole text, and these.
pub(super) fn enclosed(text: &str) -> Option<(char, &str, char)> {
    let open = text.chars().next().filter(|c| deeper(*c, 0) == 1)?;
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        depth = deeper(c, depth);
        if depth == 0 {
            let rest = &text[i + c.len_utf8()..];
            return rest
                .is_empty()
                .then_some((open, &text[open.len_utf8()..i], c));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let groups = Marks {
            comma_groups: true,
            ..Marks::LIST
        };
        for (text, want) in [
            ("1, 2, and 3", vec!["1", "2", "3"]),
            ("1 or 2", vec!["1", "2"]),
            ("(1,2), (3,4)", vec!["(1,2)", "(3,4)"]),
            ("1,234, 5", vec!["1,234", "5"]),
            ("1,5; 2,5", vec!["1,5", "2,5"]),
            ("x = 1, y = 2", vec!["x = 1", "y = 2"]),
        ] {
            assert_eq!(items(text, groups), Some(want), "{text}");
        }
        for text in ["1,234", "sand or", "(1,2)", ""] {
            assert_eq!(items(text, groups), None, "{text}");
        }
    }

    #[test]
    fn brackets() {
        assert_eq!(enclosed("(1, 2]"), Some(('(', "1, 2", ']')));
        assert_eq!(enclosed("(1)(2)"), None);
        assert_eq!(enclosed("(1"), None);
        assert_eq!(enclosed("1"), None);
    }
}
