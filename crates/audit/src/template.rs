//! Text that is predictable by itself: what repeats, what counts on (after the filters of Prashanth et al., 2024).

use serde::{Deserialize, Serialize};

/// Why a text could be reconstructed without having been learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// The same tokens over and over, at least twice.
    Repeating,
    /// Numbers that go on in equal steps, at least three, with the same words between them.
    Incrementing,
}

impl Template {
    /// That of a text, given as tokens and as such.
    pub fn of(tokens: &[u32], text: &str) -> Option<Template> {
        if is_repeating(tokens) {
            return Some(Template::Repeating);
        }
        is_incrementing(text).then_some(Template::Incrementing)
    }
}

/// Whether the shortest period is at most half of the length: by the borders of Knuth, Morris and Pratt, in linear time.
fn is_repeating(tokens: &[u32]) -> bool {
    let n = tokens.len();
    if n < 2 {
        return false;
    }
    let mut border = vec![0; n];
    for i in 1..n {
        let mut k = border[i - 1];
        while k > 0 && tokens[i] != tokens[k] {
            k = border[k - 1];
        }
        border[i] = k + usize::from(tokens[i] == tokens[k]);
    }
    let period = n - border[n - 1];
    period <= n / 2
}

/// Numbers in a row that go together, at most.
const TOGETHER: usize = 4;
/// Members of a progression, at least.
const MEMBERS: usize = 3;

/// Whether all numbers go on in equal steps, one row of them or a few in turn, and what stands between them stays the same.
fn is_incrementing(text: &str) -> bool {
    let (numbers, between) = numerals(text);
    let steady = |together: usize| {
        if numbers.len() < MEMBERS * together {
            return false;
        }
        let same = between.iter().zip(between.iter().skip(together));
        let steps = |i: usize| numbers[i + together].wrapping_sub(numbers[i]);
        let last = numbers.len() - together;
        same.into_iter().all(|(a, b)| a == b)
            && (together..last).all(|i| steps(i) == steps(i - together))
            && (0..last).any(|i| steps(i) != 0)
    };
    (1..=TOGETHER).any(steady)
}

/// The runs of digits of a text, and what stands between each two.
fn numerals(text: &str) -> (Vec<i128>, Vec<&str>) {
    let (mut numbers, mut between) = (Vec::new(), Vec::new());
    let (mut rest, mut first) = (text, true);
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        if !first {
            between.push(&rest[..at]);
        }
        first = false;
        let tail = &rest[at..];
        let end = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        // Of longer ones the end decides.
        let digits = &tail[end.saturating_sub(30)..end];
        numbers.push(digits.parse().unwrap_or(0));
        rest = &tail[end..];
    }
    (numbers, between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Template> {
        let tokens: Vec<u32> = text.bytes().map(u32::from).collect();
        Template::of(&tokens, text)
    }

    #[test]
    fn what_repeats_is_found() {
        let repeating = Some(Template::Repeating);
        for text in [
            "==========",
            "abcabc",
            "abcabcab",
            "a\n\na\n\na",
            "no no no no ",
        ] {
            assert_eq!(of(text), repeating, "{text:?}");
        }
        for text in [
            "",
            "a",
            "ab",
            "abcab",
            "no no no yes",
            "The quick brown fox",
        ] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_counts_on_is_found() {
        let incrementing = Some(Template::Incrementing);
        for text in [
            "1, 2, 3, 4",
            "page 10\npage 20\npage 30",
            "x[0] = 0;\nx[1] = 2;\nx[2] = 4;\nx[",
            "9 8 7 6 5",
            "1 of 9, 2 of 9, 3 of 9, ",
        ] {
            assert_eq!(of(text), incrementing, "{text:?}");
        }
        for text in [
            "1, 2",
            "1, 2, 4, 8",
            "7, 7x 7, 8",
            "1. Mix the flour 2. Bake it 3. Eat",
            "in 1645 and 1646 and 1649",
            "no numbers at all",
        ] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let digits = "9".repeat(1 << 20);
        assert_eq!(of(&digits), Some(Template::Repeating));
        let numbers: String = (0..200_000).map(|i| format!("{} ", i * i)).collect();
        assert_eq!(of(&numbers), None);
        let almost: Vec<u32> = (0..1 << 20)
            .map(|i| u32::from(i == (1 << 20) - 1))
            .collect();
        assert!(!is_repeating(&almost));
    }
}
