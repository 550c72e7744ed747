//! Loops whose copies differ in nothing but the number that they bear: "Step 57: Check the result. Step 58: Check the result."
//!
//! Chains that count are none: there a number that is not just the copy's name changes too ("1 + 1 = 2, 2 + 1 = 3"), or the number is what the
//! text speaks of ("57 is odd. 58 is even."). So a number counts as a name only behind a word such as "step", or as an item's at the beginning of a line, and all else must stay.

/// Longest copy, in words, numbers and marks.
const LONGEST: usize = 96;
/// So many copies make a loop: of long ones, with `WORDY` words or more, and of shorter ones.
const COPIES: usize = 12;
const SHORT_COPIES: usize = 20;
const WORDY: usize = 12;
/// Fewer words than these are the content of a list: "57. No."
const FEWEST_WORDS: usize = 4;
const FEWEST_WORDS_OF_ITEMS: usize = 8;

/// Words that name the number behind them.
#[rustfmt::skip]
const NAMING: [&str; 12] = [
    "step", "steps", "part", "section", "point", "item", "note", "paragraph", "line", "stage", "phase", "reason",
];

/// A word, a number or a mark.
#[derive(Debug, Clone, PartialEq)]
enum Unit {
    Word(String),
    Number(u64),
    Mark(char),
    Break,
}

/// How far back a period holds.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    /// Units at the end that equal the ones a period before, but for the number that counts.
    equal: usize,
    /// Where it last counted on.
    counted: Option<usize>,
    copies: usize,
}

/// Text as it comes, token by token.
#[derive(Debug, Clone)]
pub(super) struct CountedRepeats {
    /// The unit that may go on with the next token, and the token in which it began.
    open: (String, usize),
    tokens: usize,
    /// Each with the token in which it begins.
    units: Vec<(Unit, usize)>,
    runs: Vec<Run>,
    /// The loop that the units end in.
    found: Option<CountedLoop>,
}

/// The token with which the first copy begins, and how many tokens the last one has.
pub(super) type CountedLoop = (usize, usize);

impl Default for CountedRepeats {
    fn default() -> Self {
        CountedRepeats {
            open: (String::new(), 0),
            tokens: 0,
            units: Vec::new(),
            runs: vec![Run::default(); LONGEST],
            found: None,
        }
    }
}

impl CountedRepeats {
    /// Takes the text of the next token; the loop that it is in.
    pub(super) fn push(&mut self, text: &str) -> Option<CountedLoop> {
        for c in text.chars() {
            let kind = |c: char| (c.is_alphabetic() || c == '\'', c.is_ascii_digit());
            let goes_on = self
                .open
                .0
                .chars()
                .next_back()
                .is_some_and(|last| kind(last) == kind(c));
            let known = kind(c) != (false, false);
            if !(goes_on && known) {
                self.close();
            }
            if known {
                if self.open.0.is_empty() {
                    self.open.1 = self.tokens;
                }
                self.open.0.push(c);
            } else if c == '\n' {
                if !matches!(self.units.last(), None | Some((Unit::Break, _))) {
                    self.take(Unit::Break, self.tokens);
                }
            } else if !c.is_whitespace() {
                self.take(Unit::Mark(c), self.tokens);
            }
        }
        self.tokens += 1;
        self.found
    }

    /// Takes the unit that was open.
    fn close(&mut self) {
        let (text, from) = (std::mem::take(&mut self.open.0), self.open.1);
        if text.is_empty() {
            return;
        }
        let unit = match text.parse() {
            Ok(number) => Unit::Number(number),
            Err(_) => Unit::Word(text.to_lowercase()),
        };
        self.take(unit, from);
    }

    fn take(&mut self, unit: Unit, from: usize) {
        let at = self.units.len();
        let name = self.is_name();
        self.units.push((unit, from));
        self.found = None;
        for period in 1..=LONGEST.min(at) {
            let (earlier, now) = (&self.units[at - period].0, &self.units[at].0);
            let run = &mut self.runs[period - 1];
            let due = run.counted == Some(at - period);
            let first = run.counted.is_none();
            let next = match (earlier, now) {
                (Unit::Number(a), Unit::Number(b)) if a.checked_add(1) == Some(*b) => {
                    (name && (due || first)).then_some((Some(at), run.copies + 1))
                }
                _ => (earlier == now && !due).then_some((run.counted, run.copies)),
            };
            let Some((counted, copies)) = next else {
                *run = Run::default();
                continue;
            };
            *run = Run {
                equal: run.equal + 1,
                counted,
                copies,
            };
            let lasting = run.copies + 1 >= COPIES && run.equal >= (COPIES - 1) * period;
            if self.found.is_none() && lasting && self.is_loop(period) {
                let first = self.units.len() - period - self.runs[period - 1].equal;
                let last = self.units.len() - period;
                self.found = Some((self.units[first].1, self.tokens + 1 - self.units[last].1));
            }
        }
    }

    /// Does what comes next stand where the name of a step or an item does?
    fn is_name(&self) -> bool {
        let mut before = self.units.iter().rev().map(|u| &u.0);
        match before.next() {
            Some(Unit::Word(word)) => NAMING.contains(&word.as_str()),
            _ => self.begins_line(),
        }
    }

    fn begins_line(&self) -> bool {
        let before = self.units.iter().rev().take(5).map(|u| &u.0);
        let mut before =
            before.skip_while(|u| matches!(u, Unit::Mark('*' | '#' | '-' | '(' | '_')));
        matches!(before.next(), None | Some(Unit::Break))
    }

    /// Are the copies of this period many enough, and more than numbers?
    fn is_loop(&self, period: usize) -> bool {
        let run = &self.runs[period - 1];
        let copy = &self.units[self.units.len() - period..];
        let words = copy.iter().filter(|u| matches!(u.0, Unit::Word(_))).count();
        let item = run.counted.is_some_and(|at| {
            let word = at.checked_sub(1).map(|b| &self.units[b].0);
            !matches!(word, Some(Unit::Word(_)))
        });
        let fewest = if item {
            FEWEST_WORDS_OF_ITEMS
        } else {
            FEWEST_WORDS
        };
        let copies = if words >= WORDY { COPIES } else { SHORT_COPIES };
        words >= fewest && run.copies + 1 >= copies && run.equal >= (copies - 1) * period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<CountedLoop> {
        let mut repeats = CountedRepeats::default();
        let all = text.split_inclusive(' ');
        all.fold(None, |_, token| repeats.push(token))
    }

    fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
        (1..=n).map(|i| line(i) + "\n").collect()
    }

    #[test]
    fn steps_that_only_count_are_a_loop() {
        let long = "Check that the result of the step before is the right one and go on.";
        for text in [
            lines(30, |i| format!("Step {i}: Check the result again.")),
            lines(30, |i| format!("**Step {i}:** Check the result again.")),
            lines(30, |i| {
                format!("{i}. Then we look at the number of eggs again.")
            }),
            lines(30, |i| {
                format!("{i}) Then we look at the 16 eggs and 3 more eggs again.")
            }),
            lines(14, |i| format!("Step {i}: {long}")),
            lines(30, |i| format!("### Step {}:\nAdd 5 to the sum.\n", i + 77)),
            (1..40)
                .map(|i| format!("Step {i}: Add the two. "))
                .collect(),
            format!(
                "First, 3 + 4 = 7.\n{}",
                lines(30, |i| format!("- Step {i}: Check the result again."))
            ),
        ] {
            assert!(of(&text).is_some(), "{text}");
        }
        let text = format!(
            "A word. {}",
            lines(25, |i| format!("Step {i}: Check it once again."))
        );
        assert_eq!(of(&text).unwrap().0, 2);
    }

    #[test]
    fn chains_that_count_are_none() {
        for text in [
            lines(200, |i| format!("{i} + 1 = {}", i + 1)),
            lines(200, |i| format!("Step {i}: {i} + 1 = {}", i + 1)),
            lines(200, |i| format!("Step {i}: The sum is {}.", i * 3)),
            lines(200, |i| {
                format!("Step {i}: Now there are {} eggs in the basket.", 500 - i)
            }),
            lines(200, |i| format!("{i} is not a multiple of 211.")),
            lines(200, |i| format!("{i}: not a multiple of 211")),
            lines(200, |i| format!("{i}. Not prime.")),
            lines(200, |i| {
                format!("Day {i}: He eats 3 apples and drinks some water.")
            }),
            lines(200, |i| {
                format!("On day {i} he eats 3 apples and drinks some water.")
            }),
            lines(200, |i| {
                format!("Step {i}: item {i}, which is one of those that we have seen, is taken.")
            }),
            lines(200, |i| format!("{i}")),
            lines(200, |i| format!("Row {i}: 1 0 0 1")),
            lines(10, |i| {
                format!(
                    "Step {i}: Check that the result of the step before is the right one and go on."
                )
            }),
            lines(18, |i| format!("Step {i}: Check the result again.")),
            lines(200, |i| format!("Step {}: Check the result again.", i * 2)),
            lines(40, |i| format!("Step {i}: Check the result again."))
                + "Step 41: So the answer is 7.",
            "Step 1: Check the result again.\n".repeat(40),
            String::new(),
        ] {
            assert_eq!(of(&text), None, "{text}");
        }
    }
}
