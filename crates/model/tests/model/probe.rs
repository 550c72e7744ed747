//! What a probe sees is what the model computes.

use rotescope_model::{CancelToken, ModelError, ModelOptions, Probe, Targets, Want, Window};
use rotescope_testing::pocket;

use crate::{PROMPT, engine};

fn options() -> ModelOptions {
    ModelOptions {
        threads: Some(1),
        ..ModelOptions::new(pocket())
    }
}

#[test]
fn hidden_states_give_the_logits_and_logits_the_scores() {
    let engine = engine();
    let tokens = engine.prompt_ids(PROMPT);
    let positions = [3, tokens.len() - 1];
    let mut probe = Probe::open(&options(), 64).unwrap();
    assert_eq!((probe.layers(), engine.info().layers), (6, 6));
    let seen = probe.run(&tokens, &positions, &[0, 5]).unwrap();
    assert_eq!(seen.inputs.keys().collect::<Vec<_>>(), [&0, &5]);
    for keys in seen.inputs.values() {
        assert_eq!(keys.iter().map(Vec::len).collect::<Vec<_>>(), [704, 704]);
        assert!(keys[0] != keys[1] && keys.iter().flatten().any(|x| *x != 0.0));
    }
    // By hand: the last norm, and the output matrix.
    let head = probe.head([7, 4095]).unwrap();
    let logits = positions.map(|p| probe.logits(p).unwrap());
    for (hidden, logits) in seen.hidden.iter().zip(&logits) {
        assert_eq!(hidden.len(), probe.width());
        let squares: f64 = hidden.iter().map(|x| f64::from(*x).powi(2)).sum();
        let rms = (squares / hidden.len() as f64).sqrt();
        for (token, row) in &head.rows {
            let by_hand: f64 = (0..hidden.len())
                .map(|i| f64::from(row[i]) * f64::from(head.norm[i]) * f64::from(hidden[i]) / rms)
                .sum();
            let given = f64::from(logits[*token as usize]);
            // llama.cpp multiplies 8 bits by 8 bits.
            assert!((by_hand - given).abs() < 0.05, "{by_hand} against {given}");
        }
    }
    // The engine's own numbers.
    let window = Window {
        tokens: tokens.clone(),
        positions: vec![tokens.len() - 1],
        want: Want {
            targets: Targets::Same(vec![7, 4095]),
            candidates: 0,
        },
    };
    let scored = engine.score(vec![window], &CancelToken::new()).unwrap();
    let own = &scored.windows[0].positions[0].log_probabilities;
    let logits = &logits[1];
    let difference = f64::from(logits[7]) - f64::from(logits[4095]);
    assert!((own[0] - own[1] - difference).abs() < 1e-2);
    assert_eq!(best(logits), scored.windows[0].positions[0].greedy);
}

fn best(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    best.unwrap() as u32
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let mut probe = Probe::open(&options(), 8).unwrap();
    assert!(matches!(
        probe.head([1]),
        Err(ModelError::Unsupported { .. })
    ));
    for wrong in [&[][..], &[1; 9], &[4096]] {
        let error = probe.run(wrong, &[0], &[0]).unwrap_err();
        assert!(matches!(error, ModelError::BadRequest(_)), "{error}");
    }
    let error = probe.run(&[1, 2], &[0], &[6]).unwrap_err();
    assert!(error.to_string().contains("feed-forward"), "{error}");
    let missing = ModelOptions::new("nothing.gguf");
    assert!(matches!(
        Probe::open(&missing, 8),
        Err(ModelError::Missing { .. })
    ));
}
