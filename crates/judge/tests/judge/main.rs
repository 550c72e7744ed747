//! Verdicts on steps: completions made by hand, whose truth is known.

mod data;
mod equations;
mod features;
mod fits;
mod planted;
mod verifiers;

use rotescope_judge::judge;
use rotescope_testing::traces::{applied, plain};
use rotescope_trace::{Trace, Verdict};
use serde_json::json;

const CHAIN: &str =
    "At first there are 35 pens. After the loss, there are 35 - 4 = 31 pens. So the answer is 31.";

fn judged(mut t: Trace) -> Trace {
    judge(&mut t);
    t
}

fn marks(t: &Trace) -> Vec<Option<bool>> {
    t.steps
        .iter()
        .map(|s| s.verdict.as_ref().map(|v| v.right))
        .collect()
}

fn first_wrong(t: &Trace) -> &Verdict {
    t.steps
        .iter()
        .filter_map(|s| s.verdict.as_ref())
        .find(|v| !v.right)
        .expect("a wrong step")
}

fn texts<'t>(t: &'t Trace, v: &Verdict) -> Vec<&'t str> {
    v.tokens
        .iter()
        .map(|&i| t.tokens[i].text.as_str())
        .collect()
}

#[test]
fn a_right_chain_is_right_throughout() {
    let t = judged(plain(applied("a", "31", CHAIN), &format!(" {CHAIN}")));
    assert_eq!(marks(&t), [Some(true); 3]);
    assert_eq!(t.steps[0].verdict.as_ref().unwrap().by, "truth");
}

#[test]
fn a_false_equation_points_to_its_wrong_digits_and_ends_the_judging() {
    let out = " At first there are 35 pens. After the loss, there are 35 - 4 = 39 pens. So the answer is 39.";
    let t = judged(plain(applied("a", "31", CHAIN), out));
    assert_eq!(marks(&t), [Some(true), Some(false), None]);
    let v = first_wrong(&t);
    assert_eq!(
        (v.by.as_str(), v.expected.as_deref()),
        ("arithmetic", Some("31"))
    );
    assert_eq!(texts(&t, v), ["9"]);
    assert_eq!(v.why.as_deref(), Some("35 - 4 is 31, not 39"));
    let [from, to] = v.span.unwrap();
    assert_eq!(&t.output[from..to], "39");
}

#[test]
fn a_number_carried_over_wrongly_is_found_where_it_stands() {
    let out = " At first there are 25 pens. After the loss, there are 25 - 4 = 21 pens. So the answer is 21.";
    let t = judged(plain(applied("a", "31", CHAIN), out));
    let v = first_wrong(&t);
    assert_eq!(marks(&t), [Some(false), None, None]);
    assert_eq!((v.by.as_str(), texts(&t, v)), ("truth", vec!["2", "5"]));
    assert_eq!(v.expected.as_deref(), Some("35"));
}

#[test]
fn a_wrong_answer_after_right_steps_is_wrong() {
    let out = " At first there are 35 pens. After the loss, there are 35 - 4 = 31 pens. So the answer is 35.";
    let t = judged(plain(applied("a", "31", CHAIN), out));
    assert_eq!(marks(&t), [Some(true), Some(true), Some(false)]);
    assert_eq!(texts(&t, first_wrong(&t)), ["5"]);
}

#[test]
fn another_unit_is_wrong_even_if_the_answer_is_right() {
    let out = " At first there are 35 pens. After the loss, there are 35 - 4 = 31 shells. So the answer is 31.";
    let t = judged(plain(applied("a", "31", CHAIN), out));
    assert_eq!(marks(&t), [Some(true), Some(false), None]);
    assert_eq!(texts(&t, first_wrong(&t)), [" shells"]);
}

#[test]
fn another_order_that_leads_to_the_right_answer_is_not_wrong() {
    let chain = "There are 5 + 2 = 7 pens. There are 7 + 3 = 10 pens. So the answer is 10.";
    let out = " There are 5 + 3 = 8 pens. There are 8 + 2 = 10 pens. So the answer is 10.";
    let t = judged(plain(applied("a", "10", chain), out));
    assert_eq!(marks(&t), [Some(true); 3]);
}

#[test]
fn a_solution_in_free_words_is_no_yardstick() {
    let mut prompt = applied("a", "31", "Start with 35. Take 4 away.");
    prompt["meta"].as_object_mut().unwrap().remove("template");
    let t = judged(plain(prompt, " Well, there are some. So the answer is 30."));
    assert_eq!(marks(&t), [None, None]);
}

#[test]
fn base_two_is_computed_in_base_two() {
    let prompt = json!({
        "id": "b", "question": "In base 2, what is 11 + 1?", "task": "formula", "split": "longtail", "answer": "100", "meta": null,
    });
    let t = judged(plain(
        prompt.clone(),
        " 11 + 1 = 100. So the answer is 100.",
    ));
    assert_eq!(marks(&t)[0], Some(true));
    let t = judged(plain(prompt, " 11 + 1 = 110. So the answer is 110."));
    assert_eq!(texts(&t, first_wrong(&t)), ["1", "0"]);
}

#[test]
fn counting_and_capitals_are_judged_step_by_step() {
    let list = json!({
        "id": "c", "question": "Count plum in: plum, pear, plum.", "task": "counting", "split": "base", "answer": "2",
        "meta": {"template": "t", "list": ["plum", "pear", "plum"], "target": "plum", "chain": "x"},
    });
    let t = judged(plain(
        list,
        " 1 plum (1), 2 pear, 3 plum (2). So the answer is 3.",
    ));
    assert_eq!(marks(&t), [Some(true), Some(false)]);
    assert_eq!(
        (first_wrong(&t).by.as_str(), texts(&t, first_wrong(&t))),
        ("counting", vec!["3"])
    );

    let chain = "The words are the, red, river. the becomes The, red becomes Red, river becomes River. So the answer is The Red River.";
    let title = json!({
        "id": "d", "question": "Make this a title: the red river.", "task": "capitalization", "split": "base", "answer": "The Red River",
        "meta": {"template": "t", "title": "the red river", "rule": "title", "chain": chain},
    });
    let wrong = chain.replace("red becomes Red", "red becomes red");
    let t = judged(plain(title.clone(), &format!(" {wrong}")));
    assert_eq!(marks(&t), [Some(true), Some(false), None]);
    assert_eq!(texts(&t, first_wrong(&t)), [" red"]);
    // The list of words itself is only in the true completion.
    let t = judged(plain(
        title,
        &format!(" {}", chain.replace("the, red, river.", "the, rid, river.")),
    ));
    assert_eq!(marks(&t), [Some(false), None, None]);
    assert_eq!(first_wrong(&t).by, "truth");
}

#[test]
fn a_reward_models_verdict_stays_only_where_nothing_can_be_computed() {
    let mut t = plain(
        applied("a", "31", CHAIN),
        " Hm, pens. It is 35 - 4 = 31 pens.",
    );
    t.prompt.meta = serde_json::Value::Null;
    for s in &mut t.steps {
        s.verdict = Some(Verdict {
            right: false,
            by: "prm".into(),
            p: Some(0.2),
            span: None,
            tokens: vec![],
            expected: None,
            why: None,
        });
    }
    judge(&mut t);
    let by: Vec<&str> = t
        .steps
        .iter()
        .map(|s| s.verdict.as_ref().unwrap().by.as_str())
        .collect();
    assert_eq!(by, ["prm", "arithmetic"]);
}

/// Counting alone would let the false sum pass, and after the first mistake only what is false in itself is called wrong.
#[test]
fn declared_verifiers_judge_together() {
    let prompt = |verify: serde_json::Value| {
        json!({
            "id": "c", "question": "Count plum in: plum, pear, plum.", "task": "any", "split": "any", "answer": "2", "verify": verify,
            "meta": {"list": ["plum", "pear", "plum"], "target": "plum"},
        })
    };
    let out = " 1 plum (1), 2 pear, 3 plum (2). That is 1 + 1 = 3. So the answer is 2.";
    let verify = |names: &[&str]| {
        let t = judged(plain(prompt(json!(names)), out));
        let by = t.steps.iter().map(|s| {
            let v = s.verdict.as_ref()?;
            Some((v.by.clone(), v.right))
        });
        by.collect::<Vec<_>>()
    };
    let said = |by: &str, right| Some((by.to_string(), right));
    assert_eq!(verify(&["counting"]), vec![said("counting", true); 3]);
    assert_eq!(
        verify(&["arithmetic", "counting"]),
        [said("counting", true), said("arithmetic", false), None]
    );
    assert_eq!(
        verify(&["arithmetic"]),
        [None, said("arithmetic", false), None]
    );
    assert_eq!(verify(&[]), [None, None, None]);
    // What is not known says nothing here; it is refused where prompts are read.
    assert_eq!(verify(&["speling"]), [None, None, None]);
    assert_eq!(
        judged(plain(prompt(json!(null)), out)).steps[0].verdict,
        judged(plain(prompt(json!(["counting"])), out)).steps[0].verdict
    );
}

#[test]
fn verifiers_read_their_own_parameters() {
    let with = |verify: &str, meta: serde_json::Value, out: &str| {
        let prompt =
            json!({"id": "p", "question": "?", "answer": "100", "verify": [verify], "meta": meta});
        marks(&judged(plain(prompt, out)))
    };
    let sum = " 11 + 1 = 100.";
    assert_eq!(with("arithmetic", json!({"base": 2}), sum), [Some(true)]);
    assert_eq!(with("arithmetic", json!({"base": 10}), sum), [Some(false)]);
    assert_eq!(
        with("arithmetic", json!({"base": 8}), sum),
        [None],
        "no such base"
    );
    // Declared, a completion needs no template to be the yardstick; words count where that is asked for.
    let chain = "Well, 9 pens.";
    let numbers = json!({"chain": chain});
    let words = json!({"chain": chain, "compare": "words"});
    assert_eq!(with("truth", numbers, " Oh, 9 pens."), [Some(true)]);
    assert_eq!(with("truth", words, " Oh, 9 pens."), [Some(false)]);
}

#[test]
fn judging_twice_changes_nothing() {
    let out = " At first there are 35 pens. After the loss, there are 35 - 4 = 39 pens. So the answer is 39.";
    let once = judged(plain(applied("a", "31", CHAIN), out));
    let twice = judged(once.clone());
    assert_eq!(
        serde_json::to_string(&once).unwrap(),
        serde_json::to_string(&twice).unwrap()
    );
}
