//! Teacher-forced scoring against generation and against itself.

use rotescope_model::{
    CancelToken, Engine, Generated, ModelError, ModelOptions, Targets, Want, Window,
};

use crate::{PROMPT, engine, generate, load, request};

/// The prompt and its answer as one sequence, and where the answer begins.
fn chain(engine: &Engine) -> (Vec<u32>, usize, Generated) {
    let answer = generate(engine, request(engine));
    let mut tokens = engine.prompt_ids(PROMPT);
    let start = tokens.len();
    tokens.extend(answer.tokens.iter().map(|t| t.id));
    (tokens, start, answer)
}

#[test]
fn scores_equal_what_generation_saw() {
    let engine = engine();
    let (tokens, start, answer) = chain(&engine);
    let positions = (start - 1..tokens.len() - 1).collect();
    let want = Want {
        targets: Targets::Next,
        candidates: 20,
    };
    let scored = engine
        .score(
            vec![Window {
                tokens: tokens.clone(),
                positions,
                want,
            }],
            &CancelToken::new(),
        )
        .unwrap();
    assert_eq!(scored.windows[0].positions.len(), answer.tokens.len());
    // The last token is followed by nothing that is wanted.
    assert_eq!(scored.evaluated as usize, tokens.len() - 1);
    let mut worst = 0.0f64;
    for (score, token) in scored.windows[0].positions.iter().zip(&answer.tokens) {
        assert_eq!(score.greedy, token.id);
        worst = worst.max((score.log_probabilities[0] - token.log_probability).abs());
        worst = worst.max((score.candidates[0].probability - token.probability).abs());
    }
    eprintln!("generation against scoring: largest difference of log P {worst:.2e}");
    assert!(worst < 1e-3, "{worst}");
}

/// Windows of the kinds that attribution needs: all suffixes, and variants of the prompt.
fn many_windows(engine: &Engine) -> Vec<Window> {
    let (tokens, start, _) = chain(engine);
    let unknown = engine.tokenize("_", false, false)[0];
    let want = Want {
        targets: Targets::Next,
        candidates: 3,
    };
    let mut windows: Vec<Window> = (start..tokens.len() - 1)
        .map(|j| Window {
            tokens: tokens[j..].to_vec(),
            positions: (0..tokens.len() - j - 1).collect(),
            want: want.clone(),
        })
        .collect();
    for i in 0..start {
        for k in [1, 3] {
            let mut variant = tokens.clone();
            variant[i] = unknown;
            variant[(i * k + 5) % start] = unknown;
            windows.push(Window {
                tokens: variant,
                positions: (start - 1..tokens.len() - 1).collect(),
                want: want.clone(),
            });
        }
    }
    // Twice the same, one that wants nothing, and one that wants what lies within a shared prefix.
    windows.push(windows[0].clone());
    windows.push(Window {
        tokens: tokens.clone(),
        positions: Vec::new(),
        want: want.clone(),
    });
    windows.push(Window {
        tokens: tokens.clone(),
        positions: (0..tokens.len() - 1).collect(),
        want,
    });
    windows
}

#[test]
fn packing_and_sharing_change_nothing_but_rounding() {
    let engine = engine();
    let windows = many_windows(&engine);
    let together = engine.score(windows.clone(), &CancelToken::new()).unwrap();
    let total: usize = windows.iter().map(|w| w.tokens.len()).sum();
    eprintln!(
        "{} windows, {total} tokens, {} evaluated",
        windows.len(),
        together.evaluated
    );
    // No evaluation can do with less than the distinct prefixes; ours is near.
    let distinct: std::collections::BTreeSet<&[u32]> = windows
        .iter()
        .flat_map(|w| (1..=w.positions.last().map_or(0, |p| p + 1)).map(|n| &w.tokens[..n]))
        .collect();
    eprintln!("{} distinct prefixes", distinct.len());
    assert!(together.evaluated as usize >= distinct.len());
    assert!(
        (together.evaluated as usize) < distinct.len() * 9 / 8,
        "{} for {} of {total}",
        together.evaluated,
        distinct.len()
    );
    // Small batches cut windows apart.
    let small = load(ModelOptions {
        batch: 7,
        parallel: 3,
        ..ModelOptions::new(engine.info().path.clone())
    });
    let small = small.score(windows.clone(), &CancelToken::new()).unwrap();
    let mut worst = 0.0f64;
    for (i, window) in windows.iter().enumerate() {
        let alone = engine
            .score(vec![window.clone()], &CancelToken::new())
            .unwrap();
        for other in [&together.windows[i], &small.windows[i]] {
            assert_eq!(other.positions.len(), window.positions.len());
            for (a, b) in alone.windows[0].positions.iter().zip(&other.positions) {
                worst = worst.max((a.log_probabilities[0] - b.log_probabilities[0]).abs());
            }
        }
    }
    eprintln!("one by one against packed: largest difference of log P {worst:.2e}");
    assert!(worst < 1e-3, "{worst}");
}

#[test]
fn scoring_can_be_cancelled() {
    let engine = engine();
    let windows = many_windows(&engine);
    let before = engine.score(windows.clone(), &CancelToken::new()).unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    assert_eq!(
        engine.score(windows.clone(), &cancel),
        Err(ModelError::Cancelled)
    );
    assert_eq!(engine.score(windows, &CancelToken::new()).unwrap(), before);
    assert_eq!(
        engine.score(vec![], &CancelToken::new()).unwrap().windows,
        []
    );
}
