//! Equations that must be found, and doubt that must stay silent.

use super::Judgement;
use super::arithmetic::{check, equations};
use rotescope_text::ByteRange;

/// (expression, claimed, expected, first wrong character) of each equation.
fn found(step: &str, base: u32) -> Vec<(String, String, String, Option<usize>)> {
    let part = |s: &ByteRange| step[s.clone()].to_owned();
    equations(step, base)
        .into_iter()
        .map(|e| {
            (
                part(&e.expression),
                part(&e.claimed),
                e.expected,
                e.first_wrong,
            )
        })
        .collect()
}

fn right(step: &str) {
    assert_eq!(
        check(step, 10),
        Judgement::Right,
        "{step:?} {:?}",
        found(step, 10)
    );
}

fn wrong(step: &str, expected: &str, rest: &str) {
    match check(step, 10) {
        Judgement::Wrong {
            at, expected: e, ..
        } => assert_eq!((e.as_str(), &step[at..]), (expected, rest), "{step:?}"),
        v => panic!("{step:?}: {v:?}"),
    }
}

fn silent(step: &str) {
    assert_eq!(
        check(step, 10),
        Judgement::NotApplicable,
        "{step:?} {:?}",
        found(step, 10)
    );
}

#[test]
fn spans_of_the_parts() {
    let step = "So (2 + 3) * 4 = 20 and 12 - 5 = 8 apples.";
    assert_eq!(
        found(step, 10),
        [
            ("(2 + 3) * 4".into(), "20".into(), "20".into(), None),
            ("12 - 5".into(), "8".into(), "7".into(), Some(33)),
        ]
    );
}

#[test]
fn true_equations() {
    for step in [
        "5 * 4 = 20",
        "12 - 5 = 7 apples",
        "5 x 4 = 20",
        "5x4=20",
        "20 ÷ 4 = 5",
        "3 × $2.50 = $7.50",
        "1,000 + 500 = 1,500",
        "20% of 50 = 10",
        "1/2 of 50 = 25",
        "5 / 20 * 100 = 25%",
        "5/20 = 25%",
        "50% + 20% = 70%",
        "100 * 20% = 20",
        "5 apples + 3 apples = 8 apples",
        "3 boxes * 4 apples = 12",
        "10 / 3 = 3.33",
        "2 / 3 = 0.667",
        "10 / 3 ≈ 3",
        "17 / 5 = 3 remainder 2",
        "2(3 + 4) = 14",
        "2^3 = 8",
        "2**3 = 8",
        "**5 + 3 = 8**",
        "-5 + 3 = -2",
        "3 - 5 = -2",
        "5 * 4 = 20 = 2 * 10",
        "5 * 4 = 20 - 3 = 17",
        "1. 5 + 3 = 8",
        "- 5 + 3 = 8",
        "5 plus 3 equals 8",
        "5 multiplied by 4 is equal to 20",
        "\\frac{1}{2} + \\frac{1}{4} = \\frac{3}{4}",
        "$5 \\times 4 = 20$",
        "\\(5 \\cdot 4 = 20\\)",
        "16 - 3 - 4 = <<16-3-4=9>>9",
        "1/3 + 1/6 = 1/2",
        ".5 + .5 = 1",
        "8 - 2 * 3 = 2",
        "12 / 4 / 3 = 1",
        "15.375 * 1 = 15.38",
        "2 * 12 = 24 months = 2 years",
        "x = 5 + 3 = 8",
        "5 dozen + 3 = 63",
        "2 * 500 = 1 thousand",
    ] {
        right(step);
    }
}

#[test]
fn false_equations_point_to_the_first_wrong_character() {
    wrong("5 * 4 = 25.", "20", "5.");
    wrong("5 * 4 = 30.", "20", "30.");
    wrong("5 * 4 = 2.", "20", ".");
    wrong("5 * 4 = 200.", "20", "0.");
    wrong("3 - 5 = 2", "-2", "2");
    wrong("1,000 + 500 = 1,600", "1,500", "600");
    wrong("1.5 + .3 = .9", "1.8", ".9");
    wrong("0.2 + 0.3 = .6", "0.5", "6");
    wrong("10 / 3 = 3.4", "3.33", "4");
    wrong("5 / 20 = 30%", "25", "30%");
    wrong("20% of 50 = 11", "10", "1");
    wrong("1/3 + 1/6 = 2/3", "1/2", "2/3");
    wrong("5 * 4 = 20 = 3 * 10", "20", "3 * 10");
    wrong("1) 5 + 3 = 9", "8", "9");
    wrong("The total is 5 + 3 = 9!", "8", "9!");
    wrong("5 apples + 3 apples = 9 apples", "8", "9 apples");
    wrong("50 + 1 = 51. 51 * 2 = 103.", "102", "3.");
    wrong("x = 5 + 3 = 9", "8", "9");
    wrong("0.03 * 0.03 = 0.09", "0.0009", "9");
    wrong(
        "99999999999999999999 * 99999999999999999999 * 9 = 1",
        "9.000e40",
        "1",
    );
}

#[test]
fn doubt_is_silence() {
    for step in [
        "2x + 3 = 7",
        "x + 3 + 4 = 10",
        "twice 5 + 3 = 13",
        "2 groups of 3 + 4 = 10",
        "2 hours + 30 minutes = 150 minutes",
        "10 - 4 = 2 more than 4",
        "n * 3 + 2 = 8",
        "5 + 3 = ?",
        "y = 12",
        "There are 5 = five.",
        "5 * 4 = 21x",
        "100 - 20% = 80",
        "60 minutes = 1 hour",
        "a = b",
        "5 == 6",
        "7 / 0 = 0",
        "5 m + 3 = 9 x",
        "",
        "=",
        "= =",
    ] {
        silent(step);
    }
}

#[test]
fn base_two() {
    assert_eq!(check("10101 - 1111 = 110", 2), Judgement::Right);
    assert_eq!(check("1.1 + 0.1 = 10", 2), Judgement::Right);
    let Judgement::Wrong { at, expected, .. } = check("11 + 10 = 111", 2) else {
        panic!("should be wrong")
    };
    assert_eq!((at, expected.as_str()), (11, "101"));
    // Digits that base 2 does not have.
    assert_eq!(check("12 + 1 = 13", 2), Judgement::NotApplicable);
}
