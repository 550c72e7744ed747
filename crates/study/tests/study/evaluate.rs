//! Tables with known answers, the flag's file, and what is refused.

use std::path::Path;

use rotescope_judge::features;
use rotescope_judge::flag::{FlagError, FlagModel, Trained};
use rotescope_study::evaluate::EvaluateError;
use rotescope_study::evaluate::table::Cell;
use rotescope_testing::traces::{many_sums, sum};
use rotescope_trace::Trace;

use crate::support::{evaluated, number, table};

/// The wrong step has six scored tokens (5, +, 2, =, the result, pens), one of them wrong. In two of three completions the local score ranks it
/// first, in one last; the probability of the result is the lowest in one completion (.4) and the highest in the others (.995).
#[test]
fn wrong_tokens_are_ranked_as_by_hand() {
    let traces = [
        sum("a", "8", 0.4, true),
        sum("b", "9", 0.995, true),
        sum("c", "6", 0.995, false),
        sum("d", "7", 0.9, true),
    ];
    let mut e = evaluated(&traces);
    let t = table(&mut e, "wrong-tokens");
    let third = 1.0 / 3.0;
    for (row, column, want) in [
        ("random (exact)", "P@1", 1.0 / 6.0),
        ("random (exact)", "R@3", 0.5),
        ("local", "P@1", 2.0 * third),
        ("local", "R@3", 2.0 * third),
        ("STIM_max", "P@1", 2.0 * third),
        ("1 - p", "P@1", third),
        ("1 - p", "P@3", third),
    ] {
        let got = number(&t, row, column);
        assert!(
            (got - want).abs() < 1e-9,
            "{row} {column}: {got}, want {want}"
        );
    }
    // AUROC by hand: 3 wrong tokens against 15 others. Local: two wrong tokens (.9) win all 15, the third (.1) ties with the ten
    // others at .1 and loses to the five at .5: (30 + 5) / 45.
    assert!((number(&t, "local", "AUROC") - 35.0 / 45.0).abs() < 1e-9);
    let by = table(&mut e, "wrong-tokens-by-confidence");
    assert_eq!(by.head, ["ranking", "p < .5 (1)", "p >= .8 (2)"]);
    assert_eq!(number(&by, "1 - p", "p < .5"), 1.0);
    assert_eq!(number(&by, "1 - p", "p >= .8"), 0.0);
    assert_eq!(number(&by, "local", "p >= .8"), 0.5);
}

#[test]
fn sources_and_strengths_are_counted_as_by_hand() {
    let mut e = evaluated(&[sum("a", "8", 0.4, true), sum("d", "7", 0.9, true)]);
    let t = table(&mut e, "dominant-source");
    assert_eq!(t.rows.len(), 1);
    assert_eq!(t.rows[0][2].text(), "100.0 % [20.7, 100.0]");
    assert_eq!(t.rows[0].last().unwrap(), &Cell::Count(1));
    // Wrong: (5 * .1 + .9) / 6; right: the least sure step is the first, with the same scores.
    let s = table(&mut e, "stim-max");
    for column in ["right", "wrong", "all"] {
        let c = s.head.iter().position(|h| h == column).unwrap();
        match s.rows[0][c] {
            Cell::Number(v, _) => assert!((v - 1.4 / 6.0).abs() < 1e-6, "{v}"),
            ref other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_flag_is_fitted_stored_read_and_applied() {
    let traces = many_sums();
    let mut e = evaluated(&traces);
    let model = e.fit(Trained::default()).unwrap();
    assert_eq!(
        (
            model.trained.traces,
            model.trained.steps,
            model.trained.wrong
        ),
        (40, 60, 20)
    );
    assert_eq!(model.trained.model.file, "hand.gguf");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flag.json");
    std::fs::write(&path, model.json().unwrap()).unwrap();
    let read = FlagModel::load(&path).unwrap();
    assert_eq!(read, model);

    let sets: Vec<usize> = model.models.iter().map(|m| m.sources.len()).collect();
    assert_eq!(sets, [0, 1], "one model without sources, one with local");
    let mut wrong = traces[0].clone();
    read.apply(&mut wrong);
    let flag = wrong.steps[0].flag.clone().unwrap();
    let features = features::of_trace(&wrong);
    assert_eq!(
        flag.p,
        model.models[1].probability(&features[0]),
        "the model with local speaks"
    );
    assert!(flag.p > 0.5, "{}", flag.p);
    assert!(
        flag.reasons[0].starts_with("unsure: p .35, entropy 1.3 bit on '8'"),
        "{:?}",
        flag.reasons
    );
    assert_eq!(flag.token, Some(7));
    let mut right = traces[1].clone();
    read.apply(&mut right);
    assert!(right.steps[0].flag.as_ref().unwrap().p < 0.5);

    // From which probability on it is raised stands in the record.
    assert!(flag.is_raised() && flag.threshold.is_none());
    let strict = FlagModel {
        threshold: Some(flag.p + 0.001),
        ..read.clone()
    };
    std::fs::write(&path, strict.json().unwrap()).unwrap();
    FlagModel::load(&path).unwrap().apply(&mut wrong);
    let other = wrong.steps[0].flag.clone().unwrap();
    assert!(other.p == flag.p && !other.is_raised());

    // Without any scores the model without sources speaks.
    let mut bare = traces[0].clone();
    for t in &mut bare.tokens {
        t.local = None;
        t.candidates.local.clear();
    }
    read.apply(&mut bare);
    let features = features::of_trace(&bare);
    assert_eq!(
        bare.steps[0].flag.as_ref().unwrap().p,
        model.models[0].probability(&features[0])
    );
}

/// The flag must not change when the truth does.
#[test]
fn a_flag_does_not_look_at_the_truth() {
    let model = evaluated(&many_sums()).fit(Trained::default()).unwrap();
    let mut a = sum("a", "8", 0.4, true);
    let mut b = a.clone();
    b.prompt.meta = serde_json::json!({"chain": "There are 5 + 2 = 8 pens. So the answer is 8.", "template": "t"});
    b.answer.expected = Some("8".into());
    b.answer.right = Some(true);
    rotescope_judge::judge(&mut b);
    model.apply(&mut a);
    model.apply(&mut b);
    let flags = |t: &Trace| t.steps.iter().map(|s| s.flag.clone()).collect::<Vec<_>>();
    assert_eq!(flags(&a), flags(&b));
}

#[test]
fn flags_are_measured_on_prompts_that_they_have_not_seen() {
    let t = table(&mut evaluated(&many_sums()), "step-flag");
    assert_eq!(t.rows[0][0].text(), "flag (with local)");
    assert_eq!(number(&t, "flag (with local)", "AUROC all"), 1.0);
    assert!(t.head[1].contains("(20 of 60)"), "{:?}", t.head);
    let c = table(&mut evaluated(&many_sums()), "flag-calibration");
    let counts: usize = c
        .rows
        .iter()
        .map(|r| if let Cell::Count(n) = r[1] { n } else { 0 })
        .sum();
    assert_eq!(counts, 60);
}

#[test]
fn what_cannot_be_evaluated_or_fitted_is_said() {
    assert!(matches!(
        evaluated(&[]).report(),
        Err(EvaluateError::NoTraces)
    ));
    let mut bare = sum("a", "8", 0.4, true);
    bare.answer.right = None;
    bare.answer.expected = None;
    bare.prompt.meta = serde_json::Value::Null;
    bare.output = " Hm".into();
    bare.steps.clear();
    assert!(matches!(
        evaluated(&[bare]).report(),
        Err(EvaluateError::NoLabels(1))
    ));

    let mut right = evaluated(&[sum("d", "7", 0.9, true)]);
    assert!(matches!(
        right.fit(Trained::default()),
        Err(EvaluateError::Fit(_))
    ));
    let notes = right.report().unwrap().notes;
    assert!(
        notes.iter().any(|n| n.contains("0 of 2 steps")),
        "{notes:?}"
    );

    let mut other = sum("e", "7", 0.9, true);
    other.model.sha256 = "bb".into();
    other.model.file = "other.gguf".into();
    let mut mixed = evaluated(&[sum("d", "8", 0.9, true), other]);
    assert!(matches!(
        mixed.fit(Trained::default()),
        Err(EvaluateError::MixedModels(2, _))
    ));
    let notes = mixed.report().unwrap().notes;
    assert!(
        notes[0].contains("2 models (hand.gguf, other.gguf)"),
        "{notes:?}"
    );
}

#[test]
fn files_that_are_no_flag_are_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| {
        let path = folder.path().join("f.json");
        std::fs::write(&path, text).unwrap();
        FlagModel::load(&path)
    };
    assert!(matches!(write("{"), Err(FlagError::NotAFlag { .. })));
    assert!(matches!(
        write("{\"a\": 1}"),
        Err(FlagError::NotAFlag { .. })
    ));
    assert!(matches!(
        write("{\"schema\": \"rotescope.flag/9\"}"),
        Err(FlagError::Schema { .. })
    ));
    let message = write("{").unwrap_err().to_string();
    assert!(
        message.contains("f.json") && message.contains("--fit"),
        "{message}"
    );
    assert!(matches!(
        FlagModel::load(Path::new("/no/such.json")),
        Err(FlagError::Io { .. })
    ));
}

/// Sums with measures: of the result the probability and the gains are given, all else is sure and has no cause.
fn backed(id: &str, result: &str, p: f32, mid: f64) -> Trace {
    let mut t = sum(id, result, f64::from(p), true);
    let gain = |mid: f64| serde_json::json!({"local": 0.0, "mid": mid, "long": 0.1});
    for token in &mut t.tokens {
        if token.skipped.is_some() {
            continue;
        }
        let own = token.text == result;
        let gains = gain(if own { mid } else { 0.45 });
        token.measures = [("gain".to_string(), serde_json::from_value(gains).unwrap())].into();
        let cause = serde_json::json!({"source": "mid", "strength": if own { mid } else { 0.45 }});
        token.cause = serde_json::from_value(cause).unwrap();
    }
    t
}

/// Of each completion of one wrong step six tokens are rote, one of them wrong; the gain ranks it last, 1 - p first but for one operator.
#[test]
fn wrong_rote_is_told_from_right_rote_as_by_hand() {
    let mut e = evaluated(&[
        backed("a", "8", 0.9, 0.41),
        backed("b", "9", 0.9, 0.42),
        // Not confident: no rote token, and its step has no wrong one.
        backed("c", "6", 0.7, 0.9),
    ]);
    let t = table(&mut e, "rote-right-or-wrong");
    // Right ones: 4 before the first wrong token in each of the three completions; what stands behind it is left out.
    assert!(t.head[2].starts_with("AUROC (2 of 14)"), "{:?}", t.head);
    let number = |signal: &str, column: usize| {
        let row = t.rows.iter().find(|r| r[1].text() == signal);
        match row.unwrap_or_else(|| panic!("no {signal}"))[column] {
            Cell::Number(v, _) => v,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(number("gain mid", 2), 0.0);
    assert_eq!(number("1 - p", 2), 1.0);
    assert_eq!(number("1 - p", 4), 1.0);
    assert_eq!(number("gain mid", 4), 0.0);
    assert_eq!(number("arithmetic says wrong", 2), 1.0);
    // 5 and 2 are digits, and the results.
    assert!(t.head[3].contains("(2 of 8)"), "{:?}", t.head);
    assert!(
        t.reading.contains("uncertainty: 1 - p (1.000)"),
        "{}",
        t.reading
    );
}

/// Levels of uncertainty differ from completion to completion, and the wrong token is the least sure of its step in all: the combination learns to rank within
/// the step, and says in which columns it is worse than the best single ranking.
#[test]
fn combinations_are_fitted_within_the_step() {
    let traces: Vec<Trace> = (0..20)
        .map(|i| sum(&format!("s{i}"), "8", 0.94 - 0.04 * f64::from(i), true))
        .collect();
    let t = table(&mut evaluated(&traces), "wrong-tokens");
    assert_eq!(number(&t, "in step: uncertainty", "P@1"), 1.0);
    let c = t.head.iter().position(|h| h == "AUROC").unwrap();
    let row = |name: &str| t.rows.iter().find(|r| r[0].text() == name).unwrap();
    assert_eq!(row("in step: uncertainty")[c], Cell::Nothing);
    // These traces have no measures; then the published score goes in.
    assert_eq!(number(&t, "in step: uncertainty + local", "P@1"), 1.0);
    let best = "`in step: all` is no worse than the best single ranking in P@1.";
    assert!(t.reading.ends_with(best), "{}", t.reading);
    assert!(matches!(row("across: uncertainty")[c], Cell::Number(..)));
}
