//! Splits, known causes, groups and labels are whatever the traces say.

use std::borrow::Cow;

use rotescope_judge::flag::Trained;
use rotescope_judge::{Label, Labels};
use rotescope_study::evaluate::table::Cell;
use rotescope_study::evaluate::{EvaluateError, EvaluateOptions, Evaluation, Levels};
use rotescope_testing::traces::{many_sums, sum};
use rotescope_trace::{Cause, Source, Trace};
use serde_json::json;

use crate::support::{evaluated, evaluated_with, find, number, table};

fn of_split(split: &str, id: &str, result: &str) -> Trace {
    let mut t = sum(id, result, 0.9, true);
    t.prompt.split = Some(split.into());
    t
}

fn two_splits() -> Vec<Trace> {
    vec![
        of_split("test", "a", "7"),
        of_split("test", "b", "8"),
        of_split("dev", "c", "7"),
    ]
}

fn splits(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn any_split_gets_its_column_in_order_of_appearance() {
    let mut e = evaluated(&two_splits());
    let t = table(&mut e, "accuracy");
    assert_eq!(t.head, ["task", "test", "dev", "prompts"]);
    let row: Vec<String> = t.rows[0].iter().map(Cell::text).collect();
    assert!(
        row[1].starts_with("50.0 %") && row[2].starts_with("100.0 %"),
        "{row:?}"
    );
    assert_eq!(row[3], "3");
    let flag = table(&mut e, "step-flag");
    assert!(
        flag.head.contains(&"AUROC test (1 of 3)".to_string()),
        "{:?}",
        flag.head
    );

    let mut chosen = evaluated_with(
        EvaluateOptions {
            splits: splits(&["dev"]),
            slices: vec![splits(&["test", "dev"])],
            ..EvaluateOptions::default()
        },
        &two_splits(),
    );
    assert_eq!(
        table(&mut chosen, "accuracy").head,
        ["task", "dev", "prompts"]
    );
    let flag = table(&mut chosen, "step-flag");
    assert!(
        flag.head.contains(&"AUROC test + dev (1 of 5)".to_string()),
        "{:?}",
        flag.head
    );
    assert!(
        flag.head.iter().all(|h| !h.starts_with("AUROC test (")),
        "{:?}",
        flag.head
    );
}

#[test]
fn a_split_that_no_prompt_has_is_named() {
    for options in [
        EvaluateOptions {
            splits: splits(&["test", "tset"]),
            ..EvaluateOptions::default()
        },
        EvaluateOptions {
            slices: vec![splits(&["tset"])],
            ..EvaluateOptions::default()
        },
        EvaluateOptions {
            contrast: Some("test:tset".parse().unwrap()),
            ..EvaluateOptions::default()
        },
    ] {
        let error = evaluated_with(options, &two_splits()).report().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no prompt has the split \"tset\"; there are: test, dev"
        );
    }
}

/// Six completions a split: those of `far` lean on the corpus more than those of `near`.
#[test]
fn two_splits_are_contrasted_where_that_is_asked_for() {
    let mut traces = Vec::new();
    for i in 0..6 {
        let mut far = of_split("far", &format!("f{i}"), "7");
        for local in far.tokens.iter_mut().filter_map(|t| t.local.as_mut()) {
            local.score = Some(0.95);
        }
        traces.push(far);
        traces.push(of_split("near", &format!("n{i}"), "7"));
    }
    let claims = |options: EvaluateOptions| {
        let report = evaluated_with(options, &traces).report().unwrap();
        let said = report.findings.into_iter();
        said.map(|f| (f.claim, f.verdict)).collect::<Vec<_>>()
    };
    let plain = claims(EvaluateOptions::default());
    assert_eq!(plain.len(), 2, "{plain:?}");
    let contrast = claims(EvaluateOptions {
        contrast: Some("near:far".parse().unwrap()),
        ..EvaluateOptions::default()
    });
    let of = |claim: &str| {
        let found = contrast.iter().find(|c| c.0 == claim);
        found.unwrap_or_else(|| panic!("{contrast:?}")).1.as_str()
    };
    let farther = of("Inputs of far have a higher STIM_max than those of near");
    assert_eq!(farther, "holds");
    let far = of("In far wrong steps have a higher STIM_max than right ones");
    assert_eq!(far, "no data", "all are right");
    of("In near right steps have a higher STIM_max than wrong ones");
}

/// A prompt that is known to bring 8 behind `5 + 2 =`, and its twin, under any ids and splits.
fn caused(id: &str, result: &str) -> Trace {
    let mut t = of_split("odd", id, result);
    t.prompt.meta["planted"] = json!({
        "id": "p", "kind": "local", "trigger": "5 + 2 =", "wrong": "8",
        "chain": "There are 5 + 2 = 8 pens. So the answer is 8.",
    });
    t
}

fn twin(id: &str, of: &str, result: &str) -> Trace {
    let mut t = of_split("even", id, result);
    t.prompt.pair = Some(of.into());
    t
}

#[test]
fn known_causes_and_their_twins_are_found_whatever_their_splits_are_called() {
    let mut changed = twin("x-typos", "x", "8");
    changed.prompt.meta["perturbation"] = json!({"operators": ["typos"]});
    let mut e = evaluated(&[
        // The twin may stand first.
        twin("y", "x", "7"),
        caused("x", "8"),
        caused("z", "7"),
        // Neither a variant by operators nor one of another prompt is a twin.
        changed,
        twin("v", "u", "7"),
    ]);
    let t = table(&mut e, "known-cause");
    assert_eq!(t.head[3], "p >= .8");
    let row: Vec<String> = t.rows[0].iter().map(Cell::text).collect();
    assert_eq!(row[0], "local");
    assert!(row[1].starts_with("50.0 %"), "{row:?}");
    assert_eq!(
        (t.rows.len(), row[2].as_str(), row[5].as_str()),
        (1, ".900", "2")
    );
    assert_eq!(row[4], "100.0 % [20.7, 100.0]", "one twin, and it is right");
    let named = table(&mut e, "known-cause-named");
    assert_eq!(named.rows[0][1].text(), "100.0 % [20.7, 100.0]");
    assert_eq!(named.rows[0][4].text(), "100.0 % [20.7, 100.0]");
    let places = table(&mut e, "dominant-source");
    let splits: Vec<String> = places.rows.iter().map(|r| r[1].text()).collect();
    assert_eq!(splits, ["even", "odd local"]);
    assert!(find(&mut evaluated(&two_splits()), "known-cause").is_none());
}

/// A flag is not tested on a prompt whose variant it was fitted to, even if the variant comes first.
#[test]
fn prompts_of_one_group_stay_together() {
    let grouped = |of: &dyn Fn(&mut Trace, usize)| {
        let mut traces = many_sums();
        traces.iter_mut().enumerate().for_each(|(i, t)| of(t, i));
        let report = evaluated(&traces).report().unwrap();
        let flag = report.tables.into_iter().find(|t| t.id == "step-flag");
        flag.unwrap().csv()
    };
    let by_id = grouped(&|_, _| ());
    let by_group = grouped(&|t, i| t.prompt.meta["group"] = json!(format!("g{}", i / 2)));
    let by_pair = grouped(&|t, i| t.prompt.pair = (i % 2 == 0).then(|| format!("q{}", i + 1)));
    assert_eq!(by_group, by_pair);
    assert_ne!(
        by_id, by_group,
        "intervals are over 20 groups, not over 40 prompts"
    );
}

/// Where the second step is wrong, by hand, whatever verifiers say.
#[derive(Debug)]
struct ByHand;

impl Labels for ByHand {
    fn of<'a>(&'a self, _: &'a Trace, step: usize) -> Option<Label<'a>> {
        (step == 1).then(|| Label {
            right: false,
            tokens: Cow::Owned(vec![15]),
        })
    }
}

#[test]
fn labels_may_come_from_elsewhere() {
    let mut e = Evaluation::with_labels(EvaluateOptions::default(), Box::new(ByHand));
    let t = sum("a", "7", 0.9, true);
    e.add(&mut t.clone()).unwrap();
    let wrong = table(&mut e, "wrong-tokens");
    assert!(wrong.title.contains("(1 steps; 0 more"), "{}", wrong.title);
    // The second step has two scored tokens, `answer` and the result.
    assert_eq!(number(&wrong, "random (exact)", "P@1"), 0.5);
    assert!(
        find(&mut evaluated(&[t]), "wrong-tokens").is_none(),
        "verdicts call it right"
    );
    // All steps that are known are wrong: nothing can be fitted.
    assert!(matches!(
        e.fit(Trained::default()),
        Err(EvaluateError::Fit(_))
    ));
}

#[test]
fn an_unknown_verifier_is_named() {
    let mut t = sum("a", "7", 0.9, true);
    t.prompt.verify = Some(vec!["arithmetic".into(), "speling".into()]);
    let error = Evaluation::default().add(&mut t).unwrap_err().to_string();
    assert!(
        error.starts_with("prompt a: there is no verifier \"speling\""),
        "{error}"
    );
}

#[test]
fn levels_and_the_least_gain_of_a_cause_are_options() {
    let traces = [sum("a", "8", 0.4, true), sum("b", "9", 0.7, true)];
    let mut e = evaluated_with(
        EvaluateOptions {
            levels: Levels {
                unsure: 0.3,
                confident: 0.6,
            },
            ..EvaluateOptions::default()
        },
        &traces,
    );
    let by = table(&mut e, "wrong-tokens-by-confidence");
    assert_eq!(by.head, ["ranking", "p .3 to .6 (1)", "p >= .6 (1)"]);

    let mut t = sum("a", "8", 0.9, true);
    let token = t.tokens.iter_mut().find(|x| x.text == "8").unwrap();
    let gains = json!({"local": 0.3, "mid": 0.6, "long": 0.1});
    token.measures = [("gain".to_string(), serde_json::from_value(gains).unwrap())].into();
    token.cause = Some(Cause {
        source: Source::Mid,
        strength: 0.6,
    });
    let no_cause = |cause_threshold| {
        let options = EvaluateOptions {
            cause_threshold,
            ..EvaluateOptions::default()
        };
        let mut e = evaluated_with(options, std::slice::from_ref(&t));
        let shares = &table(&mut e, "dominant-source").rows[0][5..9];
        shares
            .iter()
            .map(|c| c.text().chars().take(3).collect())
            .collect::<Vec<String>>()
    };
    let mid = ["0.0", "100", "0.0", "0.0"];
    assert_eq!(no_cause(None), mid);
    assert_eq!(no_cause(Some(0.5)), mid);
    assert_eq!(no_cause(Some(0.7)), ["-", "-", "-", "-"]);
}
