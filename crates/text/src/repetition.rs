//! Completions that repeat themselves until their limit: a loop is not a chain of reasoning.

use super::counted::CountedRepeats;

/// Longest block that is looked for, in tokens. A loop of longer blocks is found in none of three
/// copies that fit a usual limit.
const LONGEST: usize = 256;
/// A loop has at least so many tokens, and so many copies of its block.
const TOKENS: usize = 64;
const COPIES: usize = 3;

/// The same block of tokens again and again, up to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repetition {
    /// The token with which the first copy begins.
    pub from: usize,
    /// Length of the block in tokens.
    pub period: usize,
}

/// Tokens as they come, and how far back each period holds.
#[derive(Debug, Clone)]
pub struct Repeats<T> {
    tokens: Vec<T>,
    /// For each period from 1: how many tokens at the end equal the one a period before.
    equal: Vec<usize>,
    counted: CountedRepeats,
}

impl<T> Default for Repeats<T> {
    fn default() -> Self {
        Repeats {
            tokens: Vec::new(),
            equal: vec![0; LONGEST],
            counted: CountedRepeats::default(),
        }
    }
}

impl<T: PartialEq> Repeats<T> {
    /// Takes the next token and its text; the loop that it is in. A loop is a block that stands three times in a
    /// row at least, 64 tokens or more together; the shortest block that does. Blocks up to 256
    /// tokens are found. Copies must be equal, but for the number of a step or an item where there are many
    /// ("Step 57: Check it again." and so on); a list or a chain that counts on is none.
    pub fn push(&mut self, token: T, text: &str) -> Option<Repetition> {
        let counted = self.counted.push(text);
        let at = self.tokens.len();
        for (i, equal) in self.equal.iter_mut().enumerate() {
            let same = at
                .checked_sub(i + 1)
                .is_some_and(|b| self.tokens[b] == token);
            *equal = if same { *equal + 1 } else { 0 };
        }
        self.tokens.push(token);
        let periods = self
            .equal
            .iter()
            .enumerate()
            .map(|(i, &n)| (i + 1, n + i + 1));
        let mut loops = periods.filter(|&(p, length)| length >= TOKENS.max(COPIES * p));
        let plain = loops.next().map(|(period, length)| Repetition {
            from: at + 1 - length,
            period,
        });
        plain.or(counted.map(|(from, period)| Repetition { from, period }))
    }
}

/// The loop that tokens, each with its text, end in.
pub fn repetition<'t, T: PartialEq>(
    tokens: impl IntoIterator<Item = (T, &'t str)>,
) -> Option<Repetition> {
    let mut repeats = Repeats::default();
    let all = tokens.into_iter();
    all.fold(None, |_, (token, text)| repeats.push(token, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Repetition> {
        repetition(text.split_inclusive(' ').map(|t| (t, t)))
    }

    #[test]
    fn a_loop_is_found_with_its_block() {
        let start = "Let us count the pens. ";
        let block = "So the answer is x plus y. ";
        let found = of(&format!("{start}{}", block.repeat(10))).unwrap();
        assert_eq!((found.from, found.period), (5, 7));
        // One token for ever.
        let found = of(&format!("{start}{}", "! ".repeat(64))).unwrap();
        assert_eq!((found.from, found.period), (5, 1));
        // A long block is one from its third copy on.
        let block: String = (0..100).map(|i| format!("w{i} ")).collect();
        assert_eq!(of(&block.repeat(2)), None);
        assert_eq!(of(&block.repeat(3)).map(|r| r.period), Some(100));
    }

    #[test]
    fn what_is_no_loop_is_left_alone() {
        // A list that counts, a row of a table, a chorus that stands twice, a loop that was left.
        let counting: String = (0..500).map(|i| format!("{i}. one more pen ")).collect();
        let row = "0 ".repeat(60);
        let chorus: String = (0..60)
            .map(|i| format!("w{i} "))
            .collect::<String>()
            .repeat(2);
        let left = format!("{} but it ends.", "again ".repeat(100));
        for text in [counting, row, chorus, left, String::new()] {
            assert_eq!(of(&text), None, "{text}");
        }
    }
}
