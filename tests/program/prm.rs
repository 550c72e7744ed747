//! A process reward model: the bundled model stands in, so that the way through the engine is real.

use std::ops::ControlFlow;
use std::path::PathBuf;

use rotescope::run::prm::{Prm, PrmError, PrmOptions};
use rotescope_model::{CancelToken, Engine, ModelOptions, Targets, Want, Window};

fn engine() -> Engine {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/pocket/pocket-q8_0.gguf");
    Engine::load(ModelOptions::new(path), |_| ControlFlow::Continue(())).unwrap()
}

fn options() -> PrmOptions {
    PrmOptions {
        good: " +".into(),
        bad: " -".into(),
        separator: " =".into(),
        ..PrmOptions::default()
    }
}

const QUESTION: &str = "What is 5 * 6 + 2?";
const STEPS: [&str; 3] = [
    "5 * 6 = 30, which leaves 30 + 2.",
    " 30 + 2 = 32.",
    " So the answer is 32.",
];

#[test]
fn scores_are_the_engines_own_probabilities_after_each_separator() {
    let engine = engine();
    let prm = Prm::new(engine.clone(), options()).unwrap();
    let cancel = CancelToken::new();
    let got = prm.score(QUESTION, &STEPS, &cancel).unwrap();
    assert_eq!(got.len(), 3);
    // Each step asked for by itself, from text put together here.
    let one = |text: &str| engine.tokenize(text, false, true);
    let targets = vec![one(" +")[0], one(" -")[0]];
    let mut ids = engine.prompt_ids(&format!("{QUESTION} \n\n"));
    for (step, p) in STEPS.iter().zip(&got) {
        ids.extend(one(step.trim()));
        ids.extend(one(" ="));
        let window = Window {
            positions: vec![ids.len() - 1],
            tokens: ids.clone(),
            want: Want {
                targets: Targets::Same(targets.clone()),
                candidates: 0,
            },
        };
        let scored = engine.score(vec![window], &cancel).unwrap();
        let lp = &scored.windows[0].positions[0].log_probabilities;
        let want = lp[0].exp() / (lp[0].exp() + lp[1].exp());
        assert!((p - want).abs() < 1e-4, "{p} {want}");
        assert!(*p > 0.0 && *p < 1.0);
    }
    assert_eq!(got, prm.score(QUESTION, &STEPS, &cancel).unwrap());
    assert!(prm.score(QUESTION, &[], &cancel).unwrap().is_empty());
}

#[test]
fn text_that_is_no_single_token_is_refused() {
    let bad = PrmOptions {
        good: "a good step indeed".into(),
        ..options()
    };
    match Prm::new(engine(), bad).err() {
        Some(PrmError::NotOneToken { option, tokens, .. }) => {
            assert_eq!(option, "--prm-good");
            assert!(tokens > 1);
        }
        other => panic!("{other:?}"),
    }
    let none = PrmOptions {
        separator: String::new(),
        ..options()
    };
    assert!(matches!(
        Prm::new(engine(), none),
        Err(PrmError::NoSeparator { .. })
    ));
}
