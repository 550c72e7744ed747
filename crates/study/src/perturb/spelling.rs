//! Numbers in English words, both ways.

use rotescope_text::Word;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// A number below a million in English words.
pub fn spelled(n: u32) -> String {
    let join = |head: String, rest: u32, gap: &str| {
        if rest == 0 {
            head
        } else {
            format!("{head}{gap}{}", spelled(rest))
        }
    };
    match n {
        0..20 => ONES[n as usize].into(),
        20..100 => join(TENS[(n / 10) as usize].into(), n % 10, "-"),
        100..1000 => join(
            format!("{} hundred", ONES[(n / 100) as usize]),
            n % 100,
            " ",
        ),
        _ => join(format!("{} thousand", spelled(n / 1000)), n % 1000, " "),
    }
}

/// The number that the words begin with, `two`, `forty-five`, `three hundred`, and how many words it takes. `None` if they begin with none. Hyphens
/// are not among the words.
pub fn read(words: &[Word], text: &str) -> Option<(u32, usize)> {
    let at = |i: usize| words.get(i).map(|w| w.text.to_lowercase());
    let place = |list: &[&str], word: &str| list.iter().position(|w| !w.is_empty() && *w == word);
    // Two words are one number only with nothing but a blank or a hyphen between them.
    let near = |i: usize| {
        words
            .get(i + 1)
            .is_some_and(|next| matches!(&text[words[i].span.end..next.span.start], " " | "-"))
    };
    let first = at(0)?;
    let (mut value, mut used) = match place(&ONES, &first) {
        Some(n) => (n as u32, 1),
        None => {
            let tens = place(&TENS, &first)? as u32 * 10;
            let one = at(1).filter(|_| near(0));
            match one.and_then(|w| place(&ONES, &w)) {
                Some(n @ 1..10) => (tens + n as u32, 2),
                _ => (tens, 1),
            }
        }
    };
    while let Some(scale) = at(used).filter(|_| near(used - 1)) {
        let factor = match scale.as_str() {
            "hundred" if value < 100 => 100,
            "thousand" if value < 1000 => 1000,
            _ => break,
        };
        (value, used) = (value * factor, used + 1);
    }
    Some((value, used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_text::words;

    #[test]
    fn numbers_in_words() {
        for (n, want) in [
            (0, "zero"),
            (13, "thirteen"),
            (40, "forty"),
            (73, "seventy-three"),
            (100, "one hundred"),
            (512, "five hundred twelve"),
            (80_000, "eighty thousand"),
            (120_305, "one hundred twenty thousand three hundred five"),
        ] {
            assert_eq!(spelled(n), want);
        }
    }

    #[test]
    fn words_are_read_as_numbers() {
        let value = |t: &str| {
            let mut all = words(t);
            all.retain(|w| w.text != "-");
            read(&all, t)
        };
        assert_eq!(value("seven apples"), Some((7, 1)));
        assert_eq!(value("Forty-five apples"), Some((45, 2)));
        assert_eq!(value("forty five"), Some((45, 2)));
        assert_eq!(value("three hundred men"), Some((300, 2)));
        assert_eq!(value("two thousand"), Some((2000, 2)));
        assert_eq!(value("twenty, five"), Some((20, 1)));
        assert_eq!(value("hundred"), None);
        assert_eq!(value("often"), None);
    }
}
