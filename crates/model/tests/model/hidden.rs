//! Hidden states beside scores: the same scores, and states that give the logits.

use std::sync::{Arc, Mutex};

use rotescope_model::{
    CancelToken, GenerateRequest, Mixer, Mixing, Mixture, ModelOptions, Probe, Softmax, Targets,
    Want, Window,
};
use rotescope_testing::pocket;

use crate::{PROMPT, engine, generate, request};

fn window(tokens: &[u32], positions: Vec<usize>) -> Window {
    Window {
        tokens: tokens.to_vec(),
        positions,
        want: Want {
            targets: Targets::Next,
            candidates: 20,
        },
    }
}

#[test]
fn scores_are_the_same_to_the_bit_and_states_give_the_logits() {
    let engine = &engine();
    let tokens = engine.prompt_ids(PROMPT);
    let last = tokens.len() - 2;
    // Some positions, all of them, and a window that begins like the others.
    let windows = vec![
        window(&tokens, vec![3, last]),
        window(&tokens, (0..=last).collect()),
        window(&tokens[..last], vec![5]),
    ];
    let cancel = CancelToken::new();
    let plain = engine.score(windows.clone(), &cancel).unwrap();
    let both = engine.score_hidden(windows.clone(), &cancel).unwrap();
    assert_eq!(plain.windows, both.windows);
    assert!(plain.hidden.is_empty());
    assert_eq!(
        both.hidden.iter().map(Vec::len).collect::<Vec<_>>(),
        [2, last + 1, 1]
    );
    assert_eq!(
        both.hidden[0],
        [both.hidden[1][3].clone(), both.hidden[1][last].clone()]
    );
    // And back again.
    assert_eq!(engine.score(windows, &cancel).unwrap(), plain);

    let options = ModelOptions {
        threads: Some(1),
        ..ModelOptions::new(pocket())
    };
    let mut probe = Probe::open(&options, 64).unwrap();
    let seen = probe.run(&tokens, &[3], &[]).unwrap();
    let norm = probe.head([]).unwrap().norm;
    let squares: f32 = seen.hidden[0].iter().map(|x| x * x).sum();
    let rms = (squares / norm.len() as f32).sqrt();
    for (i, x) in both.hidden[0][0].iter().enumerate() {
        let by_hand = norm[i] * seen.hidden[0][i] / rms;
        assert!(
            (x - by_hand).abs() < 0.02 * by_hand.abs().max(1.0),
            "{x} {by_hand}"
        );
    }
}

/// Keeps what it sees and changes nothing.
struct Watch(Arc<Mutex<Vec<Vec<f32>>>>);

impl Mixture for Watch {
    fn follow(self: Arc<Self>, _: &[u32]) -> Box<dyn Mixing> {
        Box::new(Watch(self.0.clone()))
    }

    fn reads_hidden(&self) -> bool {
        true
    }
}

impl Mixing for Watch {
    fn see(&mut self, hidden: &[f32]) {
        self.0.lock().unwrap().push(hidden.to_vec());
    }

    fn mixed(&mut self, _: &Softmax<'_>) -> Result<Option<Vec<f32>>, String> {
        Ok(None)
    }

    fn take(&mut self, _: u32) {}
}

#[test]
fn a_mixture_sees_the_states_behind_each_token_and_the_completion_is_the_same() {
    let engine = &engine();
    let plain = generate(engine, request(engine));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = GenerateRequest {
        mixture: Some(Mixer(Arc::new(Watch(seen.clone())))),
        ..request(engine)
    };
    assert_eq!(generate(engine, watched).tokens, plain.tokens);
    let seen = seen.lock().unwrap();
    let mut tokens = engine.prompt_ids(PROMPT);
    let start = tokens.len() - 1;
    tokens.extend(plain.tokens.iter().map(|t| t.id));
    let places: Vec<usize> = (start..tokens.len() - 1).collect();
    let read = engine.score_hidden(vec![window(&tokens, places)], &CancelToken::new());
    let read = &read.unwrap().hidden[0];
    assert!(seen.len() >= read.len());
    for (a, b) in seen.iter().zip(read) {
        let away: f32 = a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum();
        let size: f32 = b.iter().map(|x| x * x).sum();
        assert!(away < 1e-3 * size, "{away} of {size}");
    }
}
