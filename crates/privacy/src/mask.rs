//! A text without its values.

use crate::detector::Found;

/// The text with a placeholder for each value. A value that the edges of a context cut is hidden too, if it is among `found`.
pub fn masked(text: &str, found: &[Found]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for value in found {
        if value.span.start < at || value.span.end > text.len() {
            continue;
        }
        out += &text[at..value.span.start];
        out += value.kind.placeholder();
        at = value.span.end;
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detectors;

    #[test]
    fn values_are_gone_and_the_rest_stays() {
        let text = "Mail a.b@example.org, or call +1 212 555 0142.\nNo value";
        let found = Detectors::default().find(text);
        assert_eq!(masked(text, &found), "Mail [EMAIL], or call [PHONE].\nNo value");
        assert_eq!(masked("plain", &[]), "plain");
    }
}
