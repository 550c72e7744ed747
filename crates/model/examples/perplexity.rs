//! The perplexity of a text: `perplexity MODEL.gguf TEXT [WINDOWS]`, as llama.cpp's llama-perplexity works it out, to hold the two against each other.
//!
//! The text is cut into windows of [`WINDOW`] tokens, what is left over is dropped, and of each window the tokens behind the middle one count. Where
//! the tokenizer begins texts with a token of its own, that stands in place of the first token of each window. Printed: perplexity, tokens that
//! count, windows. `WINDOWS`: no more than so many.

use std::ops::ControlFlow;

use anyhow::{Context, Result, ensure};
use rotescope_model::{CancelToken, Engine, ModelOptions, Targets, Want, Window};

/// Tokens of a window, as llama-perplexity has it where nothing is said.
const WINDOW: usize = 512;
/// Windows that are given to the model at a time.
const AT_ONCE: usize = 8;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (model, text) = args
        .next()
        .zip(args.next())
        .context("usage: perplexity MODEL.gguf TEXT [WINDOWS]")?;
    let most = args.next().map_or(Ok(usize::MAX), |n| n.parse())?;
    let text = std::fs::read_to_string(&text).with_context(|| text.clone())?;
    let options = ModelOptions {
        context: Some(WINDOW),
        ..ModelOptions::new(model)
    };
    let engine = Engine::load(options, |_| ControlFlow::Continue(()))?;
    let tokens = engine.tokenize(&text, true, false);
    let begins = (engine.tokenize("a", true, false).first()
        != engine.tokenize("a", false, false).first())
    .then(|| tokens[0]);
    let windows: Vec<Window> = tokens
        .chunks_exact(WINDOW)
        .take(most)
        .map(|tokens| {
            let mut tokens = tokens.to_vec();
            tokens[0] = begins.unwrap_or(tokens[0]);
            Window {
                tokens,
                positions: (WINDOW / 2..WINDOW - 1).collect(),
                want: Want {
                    targets: Targets::Next,
                    candidates: 0,
                },
            }
        })
        .collect();
    ensure!(
        !windows.is_empty(),
        "the text has {} tokens, and a window {WINDOW}",
        tokens.len()
    );
    let (mut sum, mut counted) = (0.0, 0usize);
    for windows in windows.chunks(AT_ONCE) {
        let scored = engine.score(windows.to_vec(), &CancelToken::new())?;
        for position in scored.windows.iter().flat_map(|w| &w.positions) {
            sum -= position.log_probabilities[0];
            counted += 1;
        }
    }
    let perplexity = (sum / counted as f64).exp();
    println!("{perplexity:.4} {counted} {}", windows.len());
    Ok(())
}
