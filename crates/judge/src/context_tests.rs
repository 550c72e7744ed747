//! Equations within a text: how its numbers are meant, whether it stands by them, how much of it there is.

use super::Judgement;
use super::arithmetic::{Arithmetic, check};
use super::equations_tests::{not_wrong, silent, wrong};
use super::verifier::{Completion, Findings, Verifier};
use rotescope_trace::{Answer, Prompt};

/// Verdicts on steps of one text, separated by `|`.
fn judged(text: &str, question: &str) -> Vec<Judgement> {
    let whole = text.replace('|', "");
    let mut spans = Vec::new();
    let mut at = 0;
    for step in text.split('|') {
        spans.push(at..at + step.len());
        at += step.len();
    }
    let prompt = Prompt {
        question: question.into(),
        ..Prompt::default()
    };
    let answer = Answer::default();
    match Arithmetic.findings(&Completion::new(&prompt, &answer, &whole, spans)) {
        Findings::Steps(found) => found,
        Findings::Whole(v) => panic!("{v:?}"),
    }
}

fn marks(text: &str) -> String {
    let sign = |v: &Judgement| match v {
        Judgement::Right => '+',
        Judgement::Wrong { .. } => '-',
        Judgement::NotApplicable => '.',
    };
    judged(text, "").iter().map(sign).collect()
}

#[test]
fn decimal_commas_and_other_bases() {
    not_wrong(&[
        "1.500 + 500 = 2.000",
        "1.500.000 + 500.000 = 2.000.000",
        "2.500 * 2 = 5.000",
        "12,600 / 1,600 = 7,875",
        "<<12600/1600=7.875>>7,875 pounds",
        "<<600000*5/100=30000.0>>30 000.",
        "3,50 + 2,50 = 6,00",
        "3,5 * 2 = 7",
        "2,5 + 2,5 = 5",
        "In base 8, 7 + 6 = 15.",
        "17 + 5 = 22 = 2 (mod 5)",
        "9 + 5 = 2 mod 12",
        "1 + 1 = 10 in binary",
    ]);
    wrong(&[("1.500 + 500 = 2.500", "501.5")]);
    assert!(matches!(
        judged("7 + 6 = 15", "Add 7 and 6 in base 8.")[..],
        [Judgement::NotApplicable]
    ));
    // Wrong in base 3 and in base 10.
    assert!(matches!(
        judged("3^3 + 1 = 81 + 1", "What is 1001 in base 3?")[..],
        [Judgement::Wrong { .. }]
    ));
}

#[test]
fn what_is_asked_supposed_quoted_or_denied_is_not_wrong() {
    let mut other = Vec::new();
    for text in [
        "Is 5 + 3 = 9?| No, 5 + 3 = 8.",
        "Does 5 + 3 = 9? No.| 5 + 3 = 8.",
        "The claim \"2 + 2 = 5\" is false.| 2 + 2 = 4.",
        "The claim “2 + 2 = 5” was made.| 2 + 2 = 4.",
        "He says '2 + 2 = 5'.| 2 + 2 = 4.",
        "If it were 5 + 3 = 9, we would stop.| 5 + 3 = 8.",
        "Suppose 5 + 3 = 9.| 5 + 3 = 8.",
        "2 + 2 = 5 is wrong.| 2 + 2 = 4.",
        "2 + 2 = 5, which is impossible.| 2 + 2 = 4.",
        "It is not true that 2 + 2 = 5.| 2 + 2 = 4.",
        "5 + 3 = 9.| Wait, that's wrong. 5 + 3 = 8.",
        "5 + 3 = 9.| No, 5 + 3 = 8.",
        "5 + 3 = 9... wait, 8.| 5 + 3 = 8.",
        "5 + 3 = 9. Actually, 8.| 5 + 3 = 8.",
        "5 + 3 = 9.\n|Hmm, let me recheck: 5 + 3 = 8.",
        "So 5 + 3 = 9 apples. That is a lot. Oops, I made a mistake: 5 + 3 = 8.| 5 + 3 = 8.",
        "One might think that 5 + 3 = 9.| 5 + 3 = 8.",
        "5 + 3 = 9, no, 8.| 5 + 3 = 8.",
        "Sam mistakenly wrote 5 + 3 = 9.| 5 + 3 = 8.",
        "5 + 3 does not equal 9.| 5 + 3 = 8.",
    ] {
        let found = marks(text);
        if found.contains('-') || !found.ends_with('+') {
            other.push((text, found));
        }
    }
    for (text, found) in [
        ("If she buys 5, then 5 + 3 = 9.| 5 + 4 = 9.", "-+"),
        ("If she buys 5 more, she has 5 + 3 = 9.| 5 + 4 = 9.", "-+"),
        ("5 + 3 = 9. So she has 9.| 5 + 4 = 9.", "-+"),
        ("There were 16 - 3 = 14 eggs.| 5 + 4 = 9.", "-+"),
        ("5 + 3 = 9. Nobody knows.| 5 + 4 = 9.", "-+"),
        ("How many? 5 + 3 = 9.| 5 + 4 = 9.", "-+"),
        (
            "Since he does not eat, 5 + 3 = 9 are left.| 5 + 4 = 9.",
            "-+",
        ),
    ] {
        if marks(text) != found {
            other.push((text, marks(text)));
        }
    }
    assert!(other.is_empty(), "{other:#?}");
}

#[test]
fn a_chain_that_comes_back_is_no_wrong_result() {
    silent(&[
        "2 * (3 + 4) = 2 * 3 + 4 = 14",
        "A = 5 * 4 = 5 + 15 + 1 = 20",
    ]);
    wrong(&[("2 * (3 + 4) = 2 * 3 + 4 = 10", "14")]);
}

/// Work grows in proportion to the text, and nothing panics.
#[test]
fn hostile_text() {
    let start = std::time::Instant::now();
    for piece in [
        "(",
        ")",
        "[",
        "{",
        "}",
        "-",
        "\u{2212}",
        "√",
        "^",
        "2^",
        "2(",
        "\\frac{",
        "\\sqrt",
        "\\sqrt[",
        "9",
        "1,",
        "1,00,",
        "1.",
        "1+",
        "1=",
        "=",
        "<<",
        "<<1=",
        "$",
        "$1",
        "\\",
        "\\\\",
        "\\text{",
        "\\begin{",
        "\\begin{array}",
        "\"",
        "'",
        "no, ",
        "1+1=3. ",
        "25*4=1; ",
        "mod 7 1+1=3, ",
        "base 8: 1+1=3, ",
        "1+1=3, A. Wait. ",
        "Wait ",
        "1 of ",
        "1/2 of ",
        "1 a ",
        "é",
        "1+1=3\n",
        "base ",
        "mod ",
        "&",
        "!",
        "5!",
        "~",
        "=~",
        "½",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        check(&text, 10);
        check(&format!("{text} 1 + 1 = 3"), 10);
        check(&format!("1 + 1 = 3 {text}"), 2);
    }
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
