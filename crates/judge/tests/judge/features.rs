//! What flags look at, worked out by hand; and why they say what they say.

use rotescope_judge::features::{Features, closeness, distance, of_trace, source};
use rotescope_judge::flag::{FlagModel, Looks, SCHEMA, Trained};
use rotescope_judge::token_scores::{self as scores, Mean};
use rotescope_judge::{Variant, Weight};
use rotescope_testing::traces::trace;
use rotescope_trace::{
    Candidates, Cause, Known, Local, NonLocal, PerSource, Retrieved, SalientWord, Source, Token,
    Trace,
};
use serde_json::json;

fn near(found: &Features, name: &str, value: f64, token: Option<usize>) {
    let f = found.get(name).unwrap_or_else(|| panic!("no {name}"));
    assert!(
        (f.value - value).abs() < 1e-6,
        "{name}: {} and not {value}",
        f.value
    );
    assert_eq!(f.token, token, "{name}");
}

fn made(pieces: &[(&str, f64, Option<f64>)]) -> Trace {
    let prompt = json!({"id": "a", "question": "Ann has 3 red pens.", "task": "any", "split": "any", "answer": "9"});
    trace(prompt, pieces)
}

#[test]
fn shape_and_what_is_new() {
    let t = made(&[
        ("She", 0.9, None),
        (" buys", 0.9, None),
        (" 12", 0.9, None),
        (" green", 0.9, None),
        (" pens", 0.9, None),
        (":", 0.9, None),
        (" 3", 0.9, None),
        (" +", 0.9, None),
        (" 12", 0.9, None),
        (" =", 0.9, None),
        (" 1550", 0.9, None),
        (".", 0.9, None),
        (" The", 0.9, None),
        (" answer", 0.9, None),
        (" buys", 0.9, None),
        (" 47", 0.9, None),
        (".", 0.9, None),
    ]);
    let found = of_trace(&t);
    assert_eq!(found.len(), 2);
    let (first, second) = (&found[0], &found[1]);
    near(first, "shape.words", 11_f64.ln(), None);
    near(first, "shape.position", 0.0, None);
    near(first, "shape.digits", 4.0, None);
    near(first, "shape.equation", 1.0, None);
    near(first, "shape.answer", 0.0, None);
    // "buys" and "green" are new; "She" is a stop word, "pens" and 3 are asked about, what an equation comes to is computed. A sign is a word, too.
    near(first, "new.words", 4.0, Some(1));
    near(first, "new.numbers", 1.0, Some(2));
    near(second, "shape.words", 5_f64.ln(), None);
    near(second, "shape.position", 2_f64.ln(), None);
    near(second, "shape.digits", 2.0, None);
    near(second, "shape.equation", 0.0, None);
    near(second, "shape.answer", 1.0, None);
    near(second, "new.words", 1.0, Some(13));
    near(second, "new.numbers", 1.0, Some(15));
}

#[test]
fn how_unsure_the_model_is() {
    let mut t = made(&[("One", 0.8, None), (" pen", 0.5, None), (".", 0.25, None)]);
    t.tokens[2].candidates.p = vec![0.25, 0.125];
    // Without probabilities a token says nothing.
    t.tokens[0].p = 0.0;
    t.tokens[0].rank = 0;
    let found = &of_trace(&t)[0];
    near(found, "unsure.p.max", 0.75, Some(2));
    near(found, "unsure.p.mean", 0.625, None);
    near(found, "unsure.surprise.max", 4_f64.ln(), Some(2));
    near(found, "unsure.surprise.mean", 1.5 * 2_f64.ln(), None);
    near(found, "unsure.odds.max", 3_f64.ln(), Some(2));
    near(found, "unsure.odds.mean", 3_f64.ln() / 2.0, None);
    // 2 (1 - p), by the hand that made the trace.
    near(found, "unsure.entropy.max", 1.5, Some(2));
    near(found, "unsure.entropy.mean", 1.25, None);
    near(found, "unsure.margin.max", 1.0, Some(1));
    near(found, "unsure.margin.mean", (1.0 + 0.875) / 2.0, None);
    let certain = made(&[("One", 1.0, None), (".", 1e-12, None)]);
    let found = &of_trace(&certain)[0];
    near(
        found,
        "unsure.odds.max",
        (1.0_f64 - 1e-4).ln() - 1e-4_f64.ln(),
        Some(1),
    );
    near(found, "unsure.surprise.max", -(1e-9_f64.ln()), Some(1));
    let candidates = |p: &[f32]| Candidates {
        p: p.to_vec(),
        ..Candidates::default()
    };
    assert_eq!(closeness(&candidates(&[0.5])), None);
    assert_eq!(closeness(&candidates(&[0.75, 0.25])), Some(0.5));
}

#[test]
fn distances_of_distributions() {
    assert_eq!(distance(&[1.0, 1.0], &[2.0, 6.0]), Some(0.25));
    assert_eq!(distance(&[3.0, 1.0], &[3.0, 1.0]), Some(0.0));
    assert_eq!(distance(&[1.0, 0.0], &[0.0, 9.0]), Some(1.0));
    assert_eq!(distance(&[1.0], &[2.0, 6.0]), None);
    assert_eq!(distance(&[0.0, 0.0], &[2.0, 6.0]), None);
    assert_eq!(distance(&[1.0, 1.0], &[0.0, 0.0]), None);
}

/// Two tokens with all that can be known of them.
fn attributed() -> Trace {
    let mut t = made(&[("Ann", 0.5, None), (" sells", 0.75, None), (".", 0.9, None)]);
    for (i, scale) in [(0, 1_u64), (1, 3)] {
        let token = &mut t.tokens[i];
        let gain = |s| match s {
            Source::Local => Some(0.5 * scale as f64),
            Source::Mid => Some(0.125),
            Source::Long => None,
        };
        token.local = Some(Local {
            score: Some(0.25 * scale as f64),
            undefined: None,
            context: 3 * scale as usize,
            context_count: 100 * scale - 1,
            match_count: 10 * scale - 1,
            aligned: None,
        });
        let words = |all: &[(&str, f64)]| NonLocal {
            score: Some(0.5),
            undefined: None,
            words: all
                .iter()
                .map(|(text, saliency)| SalientWord {
                    text: (*text).into(),
                    span: [0, 1],
                    saliency: *saliency,
                    error: None,
                })
                .collect(),
            window: None,
            elicited: Some(i == 1),
        };
        token.mid = Some(words(&[
            ("pens", 2.0 * scale as f64),
            ("Tom", 1.0),
            ("Red", 0.5),
            ("x", 0.1),
        ]));
        token.long = Some(words(&[("has", 0.5)]));
        token.measures = [("gain".to_string(), PerSource::of(gain))].into();
        token.cause = Some(Cause {
            source: Source::Mid,
            strength: 0.5 / scale as f64,
        });
        token.retrieved = Some(Retrieved {
            p: 0.25,
            n: 4 * scale as usize,
            count: 8,
            known: if i == 0 {
                Known::Weights
            } else {
                Known::Corpus
            },
            ..Retrieved::default()
        });
        let id = token.id;
        token.candidates = Candidates {
            ids: vec![999, id],
            text: vec!["x".into(), "y".into()],
            p: vec![0.5, 0.5],
            local: vec![3, 1],
            mid: vec![Some(0.0), Some(4.0)],
            long: vec![Some(1.0), Some(1.0)],
        };
    }
    t
}

#[test]
fn what_a_corpus_says() {
    let t = attributed();
    let found = &of_trace(&t)[0];
    let log = |n: f64| n.log10();
    for (name, most, mean, token) in [
        ("local", 0.75, 0.5, 1),
        ("mid", 0.5, 0.5, 0),
        ("context.local", 9.0, 6.0, 1),
        ("seen.local", log(300.0), (log(100.0) + log(300.0)) / 2.0, 1),
        ("matched.local", log(30.0), (log(10.0) + log(30.0)) / 2.0, 1),
        (
            "share.local",
            29.0 / 299.0,
            (9.0 / 99.0 + 29.0 / 299.0) / 2.0,
            1,
        ),
        ("measure.gain.local", 1.5, 1.0, 1),
        ("measure.gain.mid", 0.125, 0.125, 0),
        ("cause.mid", 0.5, (0.5 + 0.5 / 3.0) / 2.0, 0),
        ("salient.mid", 6.0, 4.0, 1),
        ("salient.long", 0.5, 0.5, 0),
        // Of pens, Tom, Red and x the question has pens and red.
        ("unsupported.mid", 0.5, 0.5, 0),
        ("elicited.mid", 1.0, 0.5, 1),
        ("apart.local", 0.25, 0.25, 0),
        ("apart.mid", 0.5, 0.5, 0),
        ("apart.long", 0.0, 0.0, 0),
        ("prefers_other.local", 0.5, 0.5, 0),
        ("prefers_other.mid", 0.0, 0.0, 0),
        ("conflict.local.mid", 0.75, 0.75, 0),
        ("conflict.local.long", 0.25, 0.25, 0),
        ("conflict.mid.long", 0.5, 0.5, 0),
        ("retrieved.surprise", 4_f64.ln(), 4_f64.ln(), 0),
        (
            "retrieved.gap",
            3_f64.ln(),
            (2_f64.ln() + 3_f64.ln()) / 2.0,
            1,
        ),
        (
            "retrieved.gap_below",
            -(2_f64.ln()),
            -(2_f64.ln() + 3_f64.ln()) / 2.0,
            0,
        ),
        ("retrieved.length", 12.0, 8.0, 1),
        ("retrieved.weights", 1.0, 0.5, 0),
        ("retrieved.corpus", 1.0, 0.5, 1),
    ] {
        near(found, &format!("{name}.max"), most, Some(token));
        near(found, &format!("{name}.mean"), mean, None);
    }
    near(found, "context.local.min", 3.0, Some(0));
    near(found, "seen.local.min", 2.0, Some(0));
    near(found, "matched.local.min", 1.0, Some(0));
    near(found, "share.local.min", 9.0 / 99.0, Some(0));
    assert!(
        !found.contains_key("unsupported.long.max"),
        "the question supports itself"
    );
    assert!(
        !found.contains_key("conflict.mid.local.max"),
        "one of each pair"
    );
    // What is skipped has no memorization; what is not seen no share.
    let mut skipped = attributed();
    skipped.tokens[1].skipped = Some("stop_word".into());
    skipped.tokens[0].local.as_mut().unwrap().context_count = 0;
    skipped.tokens[0].measures.clear();
    let found = &of_trace(&skipped)[0];
    near(found, "context.local.max", 3.0, Some(0));
    assert!(
        !found.contains_key("share.local.max") && !found.contains_key("measure.gain.local.max")
    );
    near(found, "retrieved.length.max", 12.0, Some(1));
}

#[test]
fn sources_of_features() {
    for (name, of) in [
        ("unsure.p.max", None),
        ("local.max", Some(Source::Local)),
        ("missing mid.max", Some(Source::Mid)),
        ("measure.gain.long.max", Some(Source::Long)),
        ("conflict.local.long.max", Some(Source::Long)),
    ] {
        assert_eq!(source(name), of, "{name}");
    }
}

#[test]
fn reasons_name_the_token() {
    let weight = |name: &str, weight: f64| Weight {
        name: name.into(),
        mean: 0.0,
        scale: 2.0,
        weight,
    };
    let reasons = |weights: &[(&str, f64)]| {
        let variant = Variant {
            sources: Vec::new(),
            basis: Default::default(),
            threshold: None,
            intercept: 0.0,
            l2: 1.0,
            metrics: Default::default(),
            features: weights.iter().map(|(n, w)| weight(n, *w)).collect(),
        };
        let model = FlagModel {
            schema: SCHEMA.into(),
            trained: Trained::default(),
            threshold: None,
            looks_at: Looks::Own,
            models: vec![variant],
        };
        let mut t = attributed();
        model.apply(&mut t);
        let flag = t.steps[0].flag.clone().unwrap();
        (flag.p, flag.reasons, flag.token)
    };
    // unsure.p.max is .5 at the first token: log-odds of 1 * .5 / 2.
    let (p, said, token) = reasons(&[("unsure.p.max", 1.0)]);
    assert!((p - 1.0 / (1.0 + (-0.25_f64).exp())).abs() < 1e-9);
    assert_eq!(
        (said, token),
        (
            vec!["unsure: p .50, entropy 1.0 bit on 'Ann'".into()],
            Some(0)
        )
    );
    for (name, want) in [
        ("unsure.p.mean", "unsure throughout"),
        ("local.max", "local .75 on 'sells', context seen 299 times"),
        ("mid.max", "mid .50 on 'Ann', named as its cause (.50)"),
        ("local.mean", "local mean .50"),
        (
            "seen.local.max",
            "9-token context seen 299 times, followed by 'sells' 29 times",
        ),
        (
            "seen.local.min",
            "3-token context seen 99 times, followed by 'Ann' 9 times",
        ),
        ("apart.local.max", "local counts prefer 'x' to 'Ann'"),
        (
            "apart.mid.max",
            "mid counts and probabilities differ on 'Ann'",
        ),
        (
            "conflict.local.mid.max",
            "local and mid contradict each other on 'Ann'",
        ),
        ("new.words", "a word that nothing before holds on 'sells'"),
        (
            "unsupported.mid.max",
            "leans on words that the prompt does not hold on 'Ann'",
        ),
        ("salient.mid.max", "hangs on few words on 'sells'"),
        (
            "elicited.mid.max",
            "the output before alone brings it on 'sells'",
        ),
        ("shape.words", "steps of this form are often wrong"),
        ("retrieved.length.max", "retrieved length max on 'sells'"),
    ] {
        let (_, said, _) = reasons(&[(name, 9.0)]);
        assert_eq!(said, [want], "{name}");
    }
    // Three subjects at most, the strongest first; what adds less than a tenth is not worth a word.
    let many = [
        ("shape.words", 1.0),
        ("new.words", 3.0),
        ("salient.mid.max", 1.0),
        ("elicited.mid.max", 0.5),
    ];
    let (_, said, token) = reasons(&many);
    assert_eq!(said.len(), 3);
    assert!(
        said[0].starts_with("hangs") && said[1].starts_with("a word"),
        "{said:?}"
    );
    assert_eq!(token, Some(1));
    assert_eq!(reasons(&[("elicited.mid.max", 0.2)]).1.len(), 1);
    assert_eq!(reasons(&[("elicited.mid.max", 0.19)]).1, [""; 0]);
    // Of one subject that which points to a token speaks.
    let (_, said, token) = reasons(&[("unsure.p.mean", 9.0), ("unsure.p.max", 1.0)]);
    assert_eq!(
        (said[0].as_str(), token),
        ("unsure: p .50, entropy 1.0 bit on 'Ann'", Some(0))
    );
}

#[test]
fn scores_of_tokens() {
    let token = |p: &[f32], entropy: f32| Token {
        p: p[0],
        rank: 1,
        entropy,
        candidates: Candidates {
            p: p.to_vec(),
            ..Candidates::default()
        },
        ..Token::default()
    };
    let is = |found: Option<f64>, value: f64| {
        assert!(
            found.is_some_and(|f| (f - value).abs() < 1e-6),
            "{found:?} {value}"
        );
    };
    // Of 4/5 and 1/5 with their own entropy: as over the candidates alone.
    let two = token(&[0.8, 0.2], 0.721_928_1);
    is(scores::z_score(&two), 0.5);
    is(Mean::Entropy.z(&two), 0.5);
    // 1/2 and a rest of 1/2: with 2 bits it has 1.5 bits, a mean of 3 bits. Mean 2, variance 1/2 + 9/2 - 4 = 1, in bits.
    is(scores::z_score(&token(&[0.5], 2.0)), 1.0);
    // All alike: no deviation.
    assert_eq!(scores::z_score(&token(&[0.5, 0.5], 1.0)), None);
    // The record has less entropy than the candidates: the rest has none.
    is(
        scores::z_score(&token(&[0.5, 0.25], 0.5)),
        (0.5 - 1.0) / (0.5_f64 + 1.0 - 0.25).sqrt(),
    );
    assert_eq!(Mean::of(std::slice::from_ref(&two)), Some(Mean::Entropy));
    assert_eq!(Mean::of(&[token(&[0.8, 0.2], 0.0)]), Some(Mean::Candidates));
    assert_eq!(Mean::of(&[token(&[0.8], 0.0)]), None);
    assert_eq!(Mean::Candidates.z(&token(&[0.8], 0.0)), None);
    // Shares of the candidates: .4 and .1 are 4/5 and 1/5.
    let part = token(&[0.4, 0.1], 0.0);
    is(Mean::Candidates.z(&part), 0.5);
    assert_ne!(Mean::Entropy.about(), Mean::Candidates.about());
    is(
        scores::confidence(&token(&[0.5, 0.25, 0.0], 0.0), 3),
        (3.0 * 2_f64.ln() - 1e-30_f64.ln()) / 3.0,
    );
    assert_eq!(scores::confidence(&two, 0), None);
    assert_eq!(scores::confidence(&two, 3), None);
    assert_eq!(
        scores::candidates(&[token(&[0.03; 30], 0.0), token(&[0.9], 0.0)]),
        Some(20)
    );
    is(scores::gap(&token(&[1e-40], 0.0)).or(Some(0.0)), 0.0);
    // Eleven tokens: the three lowest of them.
    let z = |p: f32| Token { p, ..two.clone() };
    let eleven: Vec<Token> = [0.8, 0.8, 0.2, 0.8, 0.8, 0.8, 0.2, 0.8, 0.8, 0.8, 0.8]
        .map(z)
        .to_vec();
    is(
        scores::min_k(&eleven, Mean::Entropy),
        (-2.0 - 2.0 + 0.5) / 3.0,
    );
    is(scores::min_k(&eleven[..10], Mean::Entropy), -2.0);
    is(scores::min_k(&eleven[3..6], Mean::Entropy), 0.5);
}
