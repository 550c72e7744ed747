//! Verdicts on completions that the bundled model really writes, against a truth worked out here in other ways: by comparing the completion with the prompt's own
//! solution byte by byte, and by computing every equation anew.

use crate::support::generated;
use rotescope_study::evaluate::known_cause::KnownCause;
use rotescope_trace::{Trace, Verdict};

/// The first byte of the output that differs from a completion, blanks around both aside.
fn first_difference(output: &str, chain: &str) -> Option<usize> {
    let lead = output.len() - output.trim_start().len();
    let (found, want) = (output.trim().as_bytes(), chain.as_bytes());
    let same = found.iter().zip(want).take_while(|(a, b)| a == b).count();
    (same < found.len().max(want.len())).then_some(lead + same)
}

/// The byte of the output that is wrong where it differs from a completion at `byte`: a list that goes on too long does so with a comma, and a count that
/// should not be there begins with a bracket, but what is wrong is the entry or the number behind; of a word that is cut short it is the word; a list
/// that ends too early is wrong in its full stop.
fn wrong_byte(output: &str, chain: &str, byte: usize) -> usize {
    let letter = |text: &str, i: usize| {
        text.as_bytes()
            .get(i)
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let lead = output.len() - output.trim_start().len();
    if letter(output, byte) {
        byte
    } else if letter(chain, byte - lead) && letter(output, byte - 1) {
        byte - 1
    } else if output.as_bytes()[byte] == b'.' {
        byte
    } else {
        let behind = output[byte..].find(|c: char| c.is_alphanumeric());
        byte + behind.unwrap_or(0)
    }
}

fn token_at(t: &Trace, byte: usize) -> usize {
    let holds = |x: &rotescope_trace::Token| x.span[0] <= byte && byte < x.span[1];
    t.tokens
        .iter()
        .position(holds)
        .unwrap_or(t.tokens.len() - 1)
}

/// The first wrong step with its verdict.
fn wrong(t: &Trace) -> Option<(usize, &Verdict)> {
    let judged = t.steps.iter().enumerate();
    let mut verdicts = judged.filter_map(|(i, s)| Some((i, s.verdict.as_ref()?)));
    verdicts.find(|(_, v)| !v.right)
}

fn solution(t: &Trace) -> &str {
    t.prompt.meta["chain"].as_str().unwrap()
}

/// Whether every equation `a op b = c` of a step of plain whole numbers holds.
fn equations_hold(step: &str) -> bool {
    let words: Vec<&str> = step.split_whitespace().collect();
    let number = |w: &str| w.trim_end_matches(['.', ',']).parse::<i64>().ok();
    words.windows(5).filter(|w| w[3] == "=").all(|w| {
        let (Some(a), Some(b), Some(c)) = (number(w[0]), number(w[2]), number(w[4])) else {
            return true;
        };
        match w[1] {
            "+" => a + b == c,
            "-" => a - b == c,
            "*" => a * b == c,
            "/" => b != 0 && c * b == a,
            _ => true,
        }
    })
}

/// The values of a text's numbers, in order.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|n| n.trim_end_matches('.').parse().ok())
        .collect()
}

/// Whoever writes the solution itself is right in every step that is judged; nothing that is right there is called wrong.
fn solutions_are_right(all: &[Trace]) -> usize {
    let same = all
        .iter()
        .filter(|t| first_difference(&t.output, solution(t)).is_none());
    same.map(|t| {
        assert!(wrong(t).is_none(), "{}: {:?}", t.prompt.id, wrong(t));
        let judged = t.steps.iter().filter(|s| s.verdict.is_some()).count();
        assert!(judged > 0, "{}: no step is judged", t.prompt.id);
        assert_eq!(t.answer.right, Some(true), "{}", t.prompt.id);
    })
    .count()
}

/// A completion of counting or capitalization follows one template word by word, so that its first mistake is where it first differs from the solution.
#[test]
#[ignore = "long: make test-long"]
fn lists_and_titles_are_wrong_where_they_leave_the_solution() {
    let (mut right, mut differ) = (0, 0);
    for (name, limit, tokens) in [
        ("counting-base", 12, 400),
        ("counting-seen", 24, 400),
        ("counting-longtail", 4, 300),
        ("capitalization-base", 24, 200),
        ("capitalization-longtail", 60, 200),
    ] {
        let all = generated(name, limit, tokens);
        right += solutions_are_right(&all);
        for t in &all {
            // A list without any counts is one that only names its entries.
            let mut want = solution(t).to_string();
            if !t.output.contains('(') {
                for n in 1..100 {
                    want = want.replace(&format!(" ({n})"), "");
                }
            }
            // A completion that was cut off is right as far as it goes.
            let Some(byte) = first_difference(&t.output, &want).filter(|b| *b < t.output.len())
            else {
                continue;
            };
            differ += 1;
            let Some((step, verdict)) = wrong(t) else {
                panic!("{}: {:?} is not called wrong", t.prompt.id, t.output);
            };
            let token = token_at(t, wrong_byte(&t.output, &want, byte));
            assert_eq!(
                verdict.tokens.first(),
                Some(&token),
                "{}: {:?}",
                t.prompt.id,
                t.output
            );
            let [from, to] = t.steps[step].tokens;
            assert!((from..to).contains(&token), "{}", t.prompt.id);
        }
    }
    assert!(right >= 60 && differ >= 5, "{right} right, {differ} differ");
}

/// Problems with numbers may be told in other words: a step is wrong if an equation of it does not hold or its numbers are not those of the
/// solution's step, and the first step of which that can be said is the one with the verdict.
#[test]
#[ignore = "long: make test-long"]
fn steps_with_numbers_are_wrong_where_the_numbers_are() {
    let (mut right, mut wrong_ones) = (0, 0);
    for (name, limit) in [
        ("applied-base", 30),
        ("applied-longtail", 30),
        ("formula-base", 30),
        ("formula-longtail", 40),
    ] {
        let all = generated(name, limit, 400);
        right += solutions_are_right(&all);
        for t in &all {
            let binary = t.prompt.question.contains("base 2");
            let want: Vec<&str> = solution(t).split(". ").collect();
            let found: Vec<&str> = t.output.trim().split(". ").collect();
            let holds = |(i, step): (usize, &&str)| {
                let same = want.get(i).is_some_and(|w| numbers(w) == numbers(step));
                same && (binary || equations_hold(step))
            };
            let false_step = found.iter().enumerate().position(|x| !holds(x));
            match (false_step, wrong(t)) {
                (None, None) => {}
                (Some(at), Some((step, verdict))) => {
                    wrong_ones += 1;
                    assert_eq!(step, at, "{}: {}", t.prompt.id, t.output);
                    assert!(!verdict.tokens.is_empty(), "{}", t.prompt.id);
                }
                // The same steps in another order, or a number told twice, that end in the right answer.
                (Some(at), None) => {
                    assert_eq!(t.answer.right, Some(true), "{}: {}", t.prompt.id, t.output);
                    assert!(binary || equations_hold(found[at]), "{}", t.prompt.id);
                }
                (None, Some((_, v))) => {
                    panic!("{}: {} is called wrong: {v:?}", t.prompt.id, t.output)
                }
            }
        }
    }
    assert!(
        right >= 50 && wrong_ones >= 20,
        "{right} right, {wrong_ones} wrong"
    );
}

/// A completion that took its plant word for word is right up to it and wrong exactly there.
#[test]
#[ignore = "long: make test-long"]
fn a_planted_error_is_the_one_wrong_token() {
    for kind in ["local", "mid", "long"] {
        let all = generated(&format!("planted-{kind}"), 40, 200);
        let (mut taken, mut twins) = (0, 0);
        for t in &all {
            if KnownCause::of(t).is_none() {
                twins += solutions_are_right(std::slice::from_ref(t));
                continue;
            }
            let planted = t.prompt.meta["planted"]["chain"].as_str().unwrap();
            if t.output.trim() != planted {
                continue;
            }
            taken += 1;
            let byte = first_difference(&t.output, solution(t)).unwrap();
            let token = token_at(t, byte);
            let (step, verdict) =
                wrong(t).unwrap_or_else(|| panic!("{}: nothing wrong", t.prompt.id));
            assert_eq!(
                verdict.tokens.first(),
                Some(&token),
                "{}: {planted}",
                t.prompt.id
            );
            for before in &t.steps[..step] {
                assert!(
                    before.verdict.as_ref().is_some_and(|v| v.right),
                    "{}: {planted}",
                    t.prompt.id
                );
            }
            // What follows inherits the false value: it is not judged right, and not wrong unless it miscalculates again.
            for behind in &t.steps[step + 1..] {
                assert!(behind.verdict.is_none(), "{}: {planted}", t.prompt.id);
            }
        }
        assert!(
            taken >= 10 && twins >= 10,
            "{kind}: {taken} taken, {twins} twins"
        );
    }
}
