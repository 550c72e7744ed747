//! How much of the same makes a loop, to the token.

use rotescope_text::{Repetition, repetition};

/// What is found when the text has so many copies, at one copy fewer nothing.
fn first_at(copies: usize, of: impl Fn(usize) -> String) -> Option<Repetition> {
    let found = |n: usize| {
        let text: String = (1..=n).map(&of).collect();
        repetition(text.split_inclusive([' ', '\n']).map(|t| (t, t)))
    };
    assert_eq!(found(copies - 1), None, "{} copies", copies - 1);
    found(copies)
}

fn words(n: usize) -> String {
    (0..n)
        .map(|i| format!("w{} ", char::from(b'a' + i as u8)))
        .collect()
}

#[test]
fn three_copies_and_64_tokens_at_least() {
    for (words_of_one, copies) in [(1, 64), (2, 32), (8, 8), (16, 4), (21, 4), (22, 3), (25, 3)] {
        let found = first_at(copies, |_| words(words_of_one)).unwrap();
        assert_eq!((found.from, found.period), (0, words_of_one));
    }
    // Blocks of 256 tokens are the longest.
    let block = |n: usize| {
        (0..n)
            .map(|i| format!("w{i} "))
            .collect::<String>()
            .repeat(3)
    };
    let found = |n: usize| {
        let text = block(n);
        repetition(text.split_inclusive(' ').map(|t| (t, t))).map(|r| r.period)
    };
    assert_eq!((found(256), found(257)), (Some(256), None));
    // The first copy begins where what comes before ends.
    let text = format!("So it is. {}", words(22).repeat(4));
    let found = repetition(text.split_inclusive(' ').map(|t| (t, t))).unwrap();
    assert_eq!((found.from, found.period), (3, 22));
}

#[test]
fn steps_that_count_need_many_copies() {
    // Eleven words and fewer: the twentieth copy, said by what begins the one behind it. Twelve: the twelfth.
    let step = |n: usize| move |i: usize| format!("Step {i}: {}\n", words(n).trim_end());
    for (more, copies) in [(3, 20), (9, 20), (10, 20), (11, 12), (20, 12)] {
        assert!(first_at(copies, step(more)).is_some(), "{more}");
    }
    // With "step" four words at least; as bare items eight.
    assert_eq!(first_at(90, step(2)), None);
    let item = |n: usize| move |i: usize| format!("{i}. {}\n", words(n).trim_end());
    assert!(first_at(20, item(8)).is_some());
    assert_eq!(first_at(90, item(7)), None);
    // Where the first copy begins, with the line break before it, and how many tokens the last one has.
    let text: String = (1..=20).map(step(6)).collect();
    let text = format!("So it is.\n{text}");
    let found = repetition(text.split_inclusive([' ', '\n']).map(|t| (t, t))).unwrap();
    assert_eq!(found, Repetition { from: 2, period: 8 });
}

#[test]
fn what_names_a_copy() {
    for loops in [
        "Step", "**Step", "### Part", "(Section", "the item", "Reason",
    ] {
        let text = |i: usize| format!("{loops} {i} is to look at it once again.\n");
        assert!(first_at(20, text).is_some(), "{loops}");
    }
    for counts in ["Day", "On day", "is", "+"] {
        let text = |i: usize| format!("{counts} {i} is to look at it once again.\n");
        assert_eq!(first_at(90, text), None, "{counts}");
    }
    // A number that jumps, falls or stays; another one that changes; a word that does.
    for (k, n) in [(2, 0), (0, 7)] {
        let text = |i: usize| format!("Step {}: look at it once again.\n", k * i + n);
        if k > 0 {
            assert_eq!(first_at(90, text), None);
        }
    }
    let falls = |i: usize| format!("Step {}: look at it once again.\n", 200 - i);
    assert_eq!(first_at(90, falls), None);
    let both = |i: usize| format!("Step {i}: look at all the {} once again.\n", i * 3);
    assert_eq!(first_at(90, both), None);
    // Blanks and the size of letters say nothing.
    let dress = |i: usize| {
        let word = if i.is_multiple_of(2) { "LOOK" } else { "look" };
        format!(
            "Step  {i}:  {word} at it once again.{}\n",
            " ".repeat(i % 3)
        )
    };
    let text: String = (1..=30).map(dress).collect();
    assert!(repetition(text.split_inclusive('\n').map(|t| (t, t))).is_some());
}
