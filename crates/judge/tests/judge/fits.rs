//! Features that mean the same on every model, and flags fitted to steps whose truth is known.

use std::collections::BTreeMap;

use rotescope_judge::features::{Feature, Features};
use rotescope_judge::fit::{
    FOLDS, LabelledStep, examples, fit, fit_portable, fit_retrieved, model, portable_examples,
    portable_model,
};
use rotescope_judge::flag::{FlagError, FlagModel, Looks, Trained};
use rotescope_judge::labels::FromVerdicts;
use rotescope_judge::portable::{Basis, of_trace};
use rotescope_judge::{Labels, Variant, judge};
use rotescope_testing::traces::{many_sums, plain, trace};
use rotescope_trace::{Candidates, Meaning, Source};
use serde_json::json;

fn near(found: &Features, name: &str, value: f64) {
    let f = found.get(name).unwrap_or_else(|| panic!("no {name}"));
    assert!(
        (f.value - value).abs() < 1e-6,
        "{name}: {} and not {value}",
        f.value
    );
}

fn log(n: f64) -> f64 {
    (1.0 + n).ln()
}

#[test]
fn form_and_equations_by_hand() {
    let prompt = json!({"id": "a", "question": "Ann has 17 pens and 30% of 250.", "task": "any", "split": "any", "answer": "9"});
    let t = plain(
        prompt,
        "So 17 + 5 = 22 pens. Divide 22 * 2 = 45 by 3/4 − 1. It is 22 times. The answer is 99.",
    );
    let found = of_trace(&t);
    assert_eq!(found.len(), 4);
    for (i, (words, characters, digits)) in [(7, 21, 5), (10, 31, 8), (4, 16, 2), (4, 17, 2)]
        .into_iter()
        .enumerate()
    {
        near(&found[i], "form.words", log(words.into()));
        near(&found[i], "form.characters", log(characters.into()));
        near(&found[i], "form.digits", log(digits.into()));
        near(&found[i], "form.position", log(i as f64));
        near(&found[i], "form.place", (i + 1) as f64 / 4.0);
        near(&found[i], "form.first", f64::from(u8::from(i == 0)));
        near(&found[i], "form.last", f64::from(u8::from(i == 3)));
        near(&found[i], "form.answer", f64::from(u8::from(i == 3)));
    }
    let of = |name: &str, values: [f64; 4]| {
        for (f, v) in found.iter().zip(values) {
            near(f, &format!("equation.{name}"), v);
        }
    };
    of("wrong", [0.0, 1.0, 0.0, 0.0]);
    of("right", [log(1.0), 0.0, 0.0, 0.0]);
    of("signs", [log(1.0), log(1.0), 0.0, 0.0]);
    of("wrong_before", [0.0, 0.0, 1.0, 1.0]);
    of("minus", [0.0, 1.0, 0.0, 0.0]);
    of("plus", [1.0, 0.0, 0.0, 0.0]);
    of("times", [0.0, 1.0, 1.0, 0.0]);
    of("divide", [0.0, 1.0, 0.0, 0.0]);
    of("percent", [0.0; 4]);
    let of = |name: &str, values: [f64; 4]| {
        for (f, v) in found.iter().zip(values) {
            near(f, &format!("number.{name}"), v);
        }
    };
    // 17 | 5 22 | 22 2 45 3 4 1 | 22 | 99
    of("question", [log(1.0), 0.0, 0.0, 0.0]);
    of("earlier", [0.0, log(1.0), log(1.0), 0.0]);
    of("computed", [log(1.0), 0.0, 0.0, 0.0]);
    of("constant", [0.0, log(2.0), 0.0, 0.0]);
    of("contradicts", [0.0; 4]);
    of("unused", [0.0, 0.0, 0.0, log(2.0)]);
    of("unused_share", [0.0, 0.0, 0.0, 2.0 / 3.0]);
    near(&found[0], "number.nowhere_share", 1.0 / 3.0);
    assert_eq!(
        found[0]["number.nowhere"].token,
        t.tokens.iter().position(|t| t.text.contains('5'))
    );
}

#[test]
fn surprise_and_spread_by_hand() {
    let prompt =
        json!({"id": "a", "question": "Has 17.", "task": "any", "split": "any", "answer": "9"});
    let pieces = [
        ("Now", 0.5),
        (" 17", 0.25),
        (" +", 0.5),
        (" 6", 0.125),
        (" =", 0.5),
        (" 23", 0.5),
        (".", 0.5),
    ];
    let mut t = trace(prompt, &pieces.map(|(text, p)| (text, p, None)));
    for token in &mut t.tokens {
        token.entropy = 4.0 * token.p;
        token.rank = if token.p < 0.2 { 3 } else { 1 };
        let rest = (1.0 - token.p) / 4.0;
        token.candidates = Candidates {
            p: vec![token.p, rest, rest, rest, rest],
            ..Candidates::default()
        };
    }
    let found = &of_trace(&t)[0];
    let ln2 = std::f64::consts::LN_2;
    near(found, "surprise.mean", 10.0 * ln2 / 7.0);
    near(found, "surprise.largest", 3.0 * ln2);
    near(found, "surprise.digits", (6.0 * ln2).ln_1p());
    near(found, "surprise.digit", 3.0 * ln2);
    near(found, "surprise.digit_quantile", 13.0 / 14.0);
    near(found, "surprise.digit_rank", log(3.0));
    near(found, "surprise.given", 2.0 * ln2);
    near(found, "surprise.result", ln2);
    near(found, "surprise.unfounded", 3.0 * ln2);
    near(
        found,
        "spread.entropy",
        4.0 * (5.0 * 0.5 + 0.25 + 0.125) / 7.0,
    );
    near(found, "spread.digit_margin", 1.0 + (0.875 / 4.0 - 0.125));
    assert_eq!(found["spread.digit_margin"].token, Some(3));
    assert_eq!(found["surprise.result"].token, Some(5));
    assert!(found.contains_key("spread.confidence") && found.contains_key("spread.min_k"));
    // One token without candidates, and one without a probability.
    t.tokens[6].candidates = Candidates::default();
    let found = &of_trace(&t)[0];
    assert_eq!(Basis::behind(found), Basis::Probabilities);
    t.tokens[6].p = 0.0;
    t.tokens[6].rank = 0;
    assert_eq!(Basis::behind(&of_trace(&t)[0]), Basis::Words);
}

fn judged() -> Vec<rotescope_trace::Trace> {
    let mut all = many_sums();
    all.iter_mut().for_each(judge);
    all
}

#[test]
fn a_flag_learns_what_tells_right_from_wrong() {
    let traces = judged();
    let all: Vec<LabelledStep> = traces
        .iter()
        .flat_map(|t| examples(t, &FromVerdicts, &t.prompt.id))
        .map(|(_, e)| e)
        .collect();
    // Twenty right ones with two steps, twenty that are wrong in the first.
    assert_eq!(
        (all.len(), all.iter().filter(|e| e.wrong).count()),
        (60, 20)
    );
    let refs: Vec<&LabelledStep> = all.iter().collect();
    let fitted = fit(&refs).unwrap();
    let sources: Vec<&[Source]> = fitted.iter().map(|f| &f.variant.sources[..]).collect();
    assert_eq!(sources, [&[][..], &[Source::Local]]);
    for f in &fitted {
        assert_eq!(f.rows, (0..60).collect::<Vec<_>>());
        let metrics = &f.variant.metrics;
        assert_eq!(metrics.folds, FOLDS);
        assert!(
            metrics.auroc > Some(0.95)
                && metrics.average_precision > Some(0.9)
                && metrics.brier < Some(0.1),
            "{metrics:?}"
        );
        let (wrong, right): (Vec<_>, Vec<_>) =
            all.iter().zip(&f.out_of_fold).partition(|(e, _)| e.wrong);
        assert!(wrong.iter().all(|w| right.iter().all(|r| w.1 > r.1)));
        let means: Vec<f64> = ["unsure.p.max", "shape.position"]
            .map(|n| mean(&all, n))
            .to_vec();
        let of = |n: &str| f.variant.features.iter().find(|w| w.name == n).unwrap();
        assert!((of("unsure.p.max").mean - means[0]).abs() < 1e-9);
        assert!((of("shape.position").mean - means[1]).abs() < 1e-9);
        assert!(of("unsure.p.max").weight > 0.0);
        assert!(
            f.variant
                .features
                .iter()
                .all(|w| w.name.split('.').next() != Some("retrieved"))
        );
    }
    let local = |v: &Variant| {
        v.features
            .iter()
            .filter(|w| w.name.contains("local"))
            .count()
    };
    assert_eq!(local(&fitted[0].variant), 0);
    assert!(local(&fitted[1].variant) > 0);
    assert!(fit_retrieved(&refs, &fitted).unwrap().is_empty());
    let flag = model(&fitted, Trained::default());
    assert_eq!((flag.looks_at, flag.models.len()), (Looks::Own, 2));
    // What it says of the steps themselves.
    for mut t in judged() {
        let wrong = t.steps[0].verdict.as_ref().is_some_and(|v| !v.right);
        flag.apply(&mut t);
        let f = t.steps[0].flag.as_ref().unwrap();
        assert_eq!(f.p > 0.5, wrong, "{}", f.p);
        assert_eq!(f.meaning, Meaning::Ranked);
    }
    assert!(fit(&refs.iter().copied().filter(|e| e.wrong).collect::<Vec<_>>()).is_err());
}

fn mean(all: &[LabelledStep], name: &str) -> f64 {
    let values: Vec<f64> = all
        .iter()
        .filter_map(|e| e.features.get(name))
        .map(|f| f.value)
        .collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sixty examples: `always` tells which are wrong, the others are there in the first so many only.
fn made(some: &[(&str, usize)]) -> Vec<LabelledStep> {
    let one = |i: usize| {
        let feature = |value: f64| Feature { value, token: None };
        let wrong = i.is_multiple_of(3);
        let mut features: Features = BTreeMap::new();
        features.insert(
            "always".into(),
            feature(f64::from(u8::from(wrong)) + (i % 7) as f64 / 100.0),
        );
        for (name, there) in some {
            if i < *there {
                features.insert((*name).into(), feature((i % 5) as f64));
            }
        }
        LabelledStep {
            features,
            sources: if i < 40 { vec![Source::Local] } else { vec![] },
            wrong,
            group: i.to_string(),
        }
    };
    (0..60).map(one).collect()
}

#[test]
fn rare_features_are_left_out_and_absent_ones_are_marked() {
    let all = made(&[
        ("few", 19),
        ("rare", 20),
        ("same", 20),
        ("half", 40),
        ("most", 41),
        ("retrieved.gap.max", 30),
        ("local.max", 40),
    ]);
    let refs: Vec<&LabelledStep> = all.iter().collect();
    let fitted = fit(&refs).unwrap();
    let names =
        |v: &Variant| -> Vec<String> { v.features.iter().map(|w| w.name.clone()).collect() };
    // Marks of absence that say the same as one before are left out; so are those of features that all but a few have.
    assert_eq!(
        names(&fitted[0].variant),
        [
            "always",
            "half",
            "missing half",
            "most",
            "rare",
            "missing rare",
            "same"
        ]
    );
    let present = fitted[0]
        .variant
        .features
        .iter()
        .find(|w| w.name == "missing rare")
        .unwrap();
    assert!((present.mean - 40.0 / 60.0).abs() < 1e-9);
    assert_eq!(fitted[1].rows, (0..40).collect::<Vec<_>>());
    assert_eq!(
        names(&fitted[1].variant),
        [
            "always",
            "half",
            "local.max",
            "most",
            "rare",
            "missing rare",
            "same"
        ]
    );
    let with = fit_retrieved(&refs, &fitted).unwrap();
    assert_eq!(with.len(), 2);
    assert_eq!(with[0].rows, (0..30).collect::<Vec<_>>());
    assert!(names(&with[0].variant).contains(&"retrieved.gap.max".to_owned()));
    assert!(!names(&with[0].variant).contains(&"local.max".to_owned()));
    assert!(names(&with[1].variant).contains(&"local.max".to_owned()));
    // Of few rows any that has it counts.
    let few: Vec<&LabelledStep> = refs[..18].to_vec();
    assert!(names(&fit(&few).unwrap()[0].variant).contains(&"few".to_owned()));
}

#[test]
fn a_flag_for_any_model_looks_at_what_is_there() {
    let traces = judged();
    let all: Vec<LabelledStep> = traces
        .iter()
        .flat_map(|t| portable_examples(t, &FromVerdicts, &t.prompt.id))
        .collect();
    assert_eq!(
        (all.len(), all.iter().filter(|e| e.wrong).count()),
        (60, 20)
    );
    assert_eq!(FromVerdicts.up_to_wrong(&traces[0]).len(), 1);
    let refs: Vec<&LabelledStep> = all.iter().collect();
    let of = |basis| fit_portable(&refs, basis, &|_| true).unwrap();
    assert!(of(Basis::Candidates).is_none());
    let words = of(Basis::Words).unwrap().variant;
    let rich = of(Basis::Probabilities).unwrap().variant;
    assert!(
        words
            .features
            .iter()
            .all(|w| !w.name.starts_with("surprise"))
    );
    assert!(rich.features.iter().any(|w| w.name.starts_with("surprise")));
    let kept = fit_portable(&refs, Basis::Probabilities, &|n| n.starts_with("surprise")).unwrap();
    assert!(
        kept.unwrap()
            .variant
            .features
            .iter()
            .all(|w| w.name.contains("surprise"))
    );
    let flag = portable_model(vec![words, rich], Trained::default());
    assert_eq!(flag.looks_at, Looks::Portable);
    assert!(!flag.needs_probabilities());
    let mut t = traces[0].clone();
    flag.apply(&mut t);
    assert!(t.steps[0].flag.as_ref().unwrap().p > 0.5);
    // Written and read again; and what is none, or is broken.
    let dir = std::env::temp_dir().join(format!("rotescope-flag-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("flag.json");
    let load = |text: &str| {
        std::fs::write(&path, text).unwrap();
        FlagModel::load(&path)
    };
    assert_eq!(load(&flag.json().unwrap()).unwrap(), flag);
    let other = flag
        .json()
        .unwrap()
        .replace("rotescope.flag/1", "rotescope.flag/2");
    assert!(matches!(load(&other), Err(FlagError::Schema { .. })));
    assert!(matches!(
        load(&other.replace("rotescope.flag/2", "else")),
        Err(FlagError::NotAFlag { .. })
    ));
    assert!(matches!(load("{"), Err(FlagError::NotAFlag { .. })));
    let mut flat = flag.clone();
    flat.models[0].features[0].scale = 0.0;
    assert!(matches!(
        load(&flat.json().unwrap()),
        Err(FlagError::NotAFlag { .. })
    ));
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(matches!(FlagModel::load(&path), Err(FlagError::Io { .. })));
}
