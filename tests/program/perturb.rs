//! Operators against the bundled prompts: seeded, the truth recomputed equals brute force, nothing changes unasked.

use std::collections::HashMap;
use std::path::PathBuf;

use proptest::prelude::*;
use rotescope::pocket::problem::FORM;
use rotescope::pocket::problem::words::{ADJECTIVES, FRUITS, NOUNS, THINGS};
use rotescope::run::prompts;
use rotescope::shipped::BUNDLED;
use rotescope_study::perturb::lists::{Category, NAMES};
use rotescope_study::perturb::problem::Problem;
use rotescope_study::perturb::{AnswerChange, Frequencies, OPERATORS, Perturbed, Plan, Unchanged};
use rotescope_trace::Prompt;
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every prompt of the bundle.
fn bundled() -> Vec<Prompt> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("prompts"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let all = files.iter().flat_map(|f| prompts::read_plainly(f).unwrap());
    all.collect()
}

/// Counts that fall as words get longer or numbers larger, so that everything has rarer and more frequent neighbours.
struct Falling;

impl Frequencies for Falling {
    fn places(&self, words: &[String]) -> Result<Vec<u64>, String> {
        let count = |w: &String| match w.parse::<u64>() {
            Ok(n) => 1_000_000 / n.max(1),
            Err(_) => 1_000_000 / 3_u64.pow(w.len() as u32).max(1),
        };
        Ok(words.iter().map(count).collect())
    }
}

fn plan(with: &str, seed: u64) -> Plan {
    Plan::parse(&[with], seed).unwrap()
}

fn problem(s: &Prompt) -> Option<Box<dyn Problem>> {
    (FORM.read)(s)
}

/// The prompt changed, with counts for operators that ask.
fn apply(plan: &Plan, s: &Prompt) -> Result<Perturbed, Unchanged> {
    plan.apply(s, BUNDLED.forms, Some(&Falling))
}

#[test]
fn every_bundled_problem_is_read_solved_and_built_as_it_stands() {
    let mut read = HashMap::new();
    for s in bundled() {
        let Some(problem) = problem(&s) else {
            assert_eq!(s.task.as_deref(), Some("recite"), "{} is not read", s.id);
            continue;
        };
        *read.entry(s.task.clone()).or_insert(0) += 1;
        let own = |list: &[String]| problem.with_list(list.to_vec());
        let built = match (problem.calculation(), problem.capitals()) {
            (Some(c), _) => c.with_operands(c.operands().to_vec(), c.notation()),
            (_, Some(capitals)) => {
                let template = s.meta["template"].as_str().unwrap();
                problem.with_capitals(capitals, template)
            }
            _ => problem.list().and_then(own),
        };
        let built = built.unwrap_or_else(|| panic!("{} is not solved", s.id));
        assert_eq!(Some(&built.answer), s.answer.as_ref(), "{}", s.id);
        assert_eq!(built.question, s.question);
        // Nothing else says anything of the equations than the operands that they were built from.
        assert_eq!(
            built.meta.get("equations"),
            s.meta.get("equations"),
            "{}",
            s.id
        );
        if s.meta.get("planted").is_none() {
            assert_eq!(built.meta["chain"], s.meta["chain"], "{}", s.id);
        }
    }
    assert!(
        read.len() == 4 && read.values().all(|n| *n >= 600),
        "{read:?}"
    );
}

/// The value of a base-10 equation's left side, by another way than the solver's: floating point from the text.
fn by_floating_point(equation: &str) -> (f64, f64) {
    let (left, right) = equation.split_once(" = ").unwrap();
    let parts: Vec<&str> = left.split(' ').collect();
    let (a, b): (f64, f64) = (parts[0].parse().unwrap(), parts[2].parse().unwrap());
    let value = match parts[1] {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        other => panic!("{other}"),
    };
    (value, right.parse().unwrap())
}

#[test]
fn recomputed_truth_is_what_the_new_question_says() {
    let all = bundled();
    let subjects: Vec<&Prompt> = all
        .iter()
        .filter(|s| s.task.as_deref() != Some("recite"))
        .step_by(7)
        .collect();
    for op in [
        "digit-expansion",
        "int-to-float",
        "numbers",
        "names",
        "rarer:10",
        "sentence-order",
        "noop",
        "lengthen-list",
        "rare-entity",
        "last-word-capitalization",
    ] {
        let (mut changed, plan) = (0, plan(op, 3));
        for s in &subjects {
            let Ok(new) = apply(&plan, s) else {
                continue;
            };
            changed += 1;
            let n = &new.subject;
            // Read again from the new question and meta: the template gives the question, the answer is the solver's.
            match problem(n).and(n.task.as_deref()) {
                Some("applied") => {
                    let equations = n.meta["equations"].as_array().unwrap();
                    let mut total = 0.0;
                    if !n.question.starts_with("All numbers are in base 2") {
                        for e in equations {
                            let (value, said) = by_floating_point(e.as_str().unwrap());
                            assert!((value - said).abs() < 1e-6 * value.abs().max(1.0), "{e}");
                            total = said;
                        }
                        assert_eq!(
                            n.answer.as_ref().unwrap().parse::<f64>().unwrap(),
                            total,
                            "{}",
                            n.id
                        );
                    }
                }
                Some("formula") => {
                    let last = n.meta["equations"]
                        .as_array()
                        .unwrap()
                        .last()
                        .unwrap()
                        .as_str()
                        .unwrap();
                    assert_eq!(
                        last.split_once(" = ").unwrap().1,
                        n.answer.as_ref().unwrap()
                    );
                }
                Some("counting") => {
                    // Counted in the question itself: all but the one place where the target is named.
                    let target = n.meta["target"].as_str().unwrap();
                    let words = n
                        .question
                        .split(|c: char| !c.is_alphabetic())
                        .filter(|w| *w == target)
                        .count();
                    assert_eq!(
                        n.answer.as_ref().unwrap(),
                        &(words - 1).to_string(),
                        "{}",
                        n.question
                    );
                }
                Some("capitalization") => {
                    let title = n.meta["title"].as_str().unwrap();
                    assert_eq!(n.answer.as_ref().unwrap().to_lowercase(), title);
                    assert!(n.question.contains(title));
                }
                Some(other) => panic!("{other}"),
                None => assert_eq!(op, "noop", "{}: {}", n.id, n.question),
            }
            assert!(n.meta.get("planted").is_none() && n.meta.get("copies").is_none());
        }
        assert!(changed >= 20, "{op}: {changed}");
    }
}

#[test]
fn words_are_those_of_the_corpus_in_its_order() {
    let listed = std::fs::read_to_string(root().join("training/words.py")).unwrap();
    let listed = listed.split_whitespace().collect::<Vec<_>>().join(" ");
    for category in [&NAMES, &THINGS, &FRUITS, &NOUNS, &ADJECTIVES] {
        let Category { words, rare_from } = category;
        assert!(listed.contains(words), "{words}");
        assert!(category.all().len() > *rare_from);
    }
}

#[test]
fn base2_means_the_same_number() {
    let mut seen = 0;
    for s in bundled()
        .iter()
        .filter(|s| s.id.contains("-base-") && s.meta.get("operands").is_some())
    {
        let new = apply(&plan("base2", 0), s).unwrap();
        let answer = new.subject.answer.unwrap();
        assert_eq!(
            u64::from_str_radix(&answer, 2).unwrap().to_string(),
            *s.answer.as_ref().unwrap()
        );
        seen += 1;
    }
    assert!(seen > 200);
}

#[test]
fn the_seed_decides_and_the_file_does_not() {
    let all = bundled();
    for o in OPERATORS {
        let mut differs = false;
        for s in all.iter().step_by(41) {
            let (a, b, c) = (
                apply(&plan(o.name, 5), s),
                apply(&plan(o.name, 5), s),
                apply(&plan(o.name, 6), s),
            );
            assert_eq!(a, b, "{}", o.name);
            if let (Ok(a), Ok(c)) = (a, c) {
                assert_ne!(a.subject.question, s.question, "{}", o.name);
                differs |= a.subject.question != c.subject.question;
            }
        }
        let fixed = [
            "int-to-float",
            "base2",
            "swap-adjacent",
            "rotate",
            "reverse",
            "casing",
            "spelled-numbers",
            "synonyms",
        ];
        assert_eq!(differs, !fixed.contains(&o.name), "{}", o.name);
    }
}

#[test]
fn operators_compose_and_keep_a_map_to_the_original() {
    let all = bundled();
    let s = all.iter().find(|s| s.id == "applied-base-000").unwrap();
    let plan = Plan::parse(&["numbers", "names", "base2"], 1).unwrap();
    let new = apply(&plan, s).unwrap();
    assert_eq!(new.subject.id, "applied-base-000+numbers+names+base2");
    assert!(matches!(new.answer, AnswerChange::New(_)));
    let before = s.meta["operands"].as_array().unwrap();
    let after = new.subject.meta["operands"].as_array().unwrap();
    for (from, to) in before.iter().zip(after) {
        let hit = new
            .record
            .mapping
            .iter()
            .any(|c| *from == c.from && *to == c.to);
        assert!(
            hit || from == to,
            "{from} -> {to} in {:?}",
            new.record.mapping
        );
    }
    let name = |m: &Value| m["names"]["n"].as_str().unwrap().to_string();
    let (old, now) = (name(&s.meta), name(&new.subject.meta));
    assert!(
        new.record
            .mapping
            .iter()
            .any(|c| c.from == old && c.to == now)
    );
    assert!(new.subject.question.contains(&now) && !new.subject.question.contains(&old));
}

#[test]
fn mistakes_are_named_with_the_way_out() {
    for (text, want) in [
        ("rotat", "there are:"),
        ("rotate:3", "has no option"),
        ("rarer:0", "whole number from 1"),
        ("mask:share=2", "above 0, up to 1"),
        ("casing:to=title", "lower or upper"),
    ] {
        let message = Plan::parse(&[text], 0).unwrap_err().to_string();
        assert!(message.contains(want), "{message}");
    }
    assert!(
        Plan::parse::<&str>(&[], 0)
            .unwrap_err()
            .to_string()
            .contains("--operator")
    );
    let s = Prompt {
        question: "Why?".into(),
        ..Default::default()
    };
    let refused = |op| plan(op, 0).apply(&s, &[], None).unwrap_err().to_string();
    let message = refused("digit-expansion");
    assert!(message.starts_with("digit-expansion: "), "{message}");
    let message = refused("rarer");
    assert!(message.contains("--index"), "{message}");
}

proptest! {
    #[test]
    fn no_text_breaks_an_operator(question in "(\\PC| |[0-9.,(){}$%+*-]|the |Tom |one |é){0,40}", seed in 0_u64..1000) {
        let s = Prompt { id: "x".into(), question, answer: Some("7".into()), ..Default::default() };
        for o in OPERATORS {
            if let Ok(new) = apply(&plan(o.name, seed), &s) {
                prop_assert_ne!(&new.subject.question, &s.question);
                prop_assert_eq!(new.answer == AnswerChange::Unknown, new.subject.answer.is_none());
                if new.answer == AnswerChange::Same {
                    prop_assert_eq!(new.subject.answer, s.answer.clone());
                }
            }
        }
    }

    #[test]
    fn order_operators_keep_all_words(words in prop::collection::vec("[a-z]{1,5}", 2..40), seed in 0_u64..1000) {
        let s = Prompt { id: "x".into(), question: words.join(" "), ..Default::default() };
        for op in ["swap-adjacent", "swap-random", "rotate", "reverse", "trigram-shuffle", "shuffle"] {
            if let Ok(new) = apply(&plan(op, seed), &s) {
                let sorted = |t: &str| { let mut w: Vec<String> = t.split(' ').map(String::from).collect(); w.sort(); w };
                prop_assert_eq!(sorted(&new.subject.question), sorted(&s.question));
            }
        }
    }
}
