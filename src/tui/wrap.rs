//! Plain text wrapped to a width.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The rows of a text, as byte ranges without their line breaks. Words stay whole where they fit; a longer one is broken between
/// graphemes. Text of nothing is one empty row.
pub fn rows(text: &str, width: u16) -> Vec<Range<usize>> {
    let width = usize::from(width.max(1));
    let mut rows = Vec::new();
    let mut from = 0;
    for line in text.split('\n') {
        let end = from + line.len();
        let (mut start, mut used) = (from, 0);
        let mut at = from;
        for word in line.split_inclusive(' ') {
            if used > 0 && used + word.trim_end().width() > width {
                rows.push(start..at);
                (start, used) = (at, 0);
            }
            for g in word.graphemes(true) {
                let w = g.width();
                // Spaces at the end of a row may stand over.
                if used + w > width && used > 0 && g != " " {
                    rows.push(start..at);
                    (start, used) = (at, 0);
                }
                used += w;
                at += g.len();
            }
        }
        rows.push(start..end);
        from = end + 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: u16) -> Vec<&str> {
        rows(text, width).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn words_stay_whole_and_long_ones_are_broken() {
        assert_eq!(lines("one two three", 8), ["one two ", "three"]);
        assert_eq!(lines("one\n\ntwo", 8), ["one", "", "two"]);
        assert_eq!(lines("abcdefgh ij", 3), ["abc", "def", "gh ", "ij"]);
        assert_eq!(lines("日本語 日", 4), ["日本", "語 ", "日"]);
        assert_eq!(lines("", 4), [""]);
    }
}
