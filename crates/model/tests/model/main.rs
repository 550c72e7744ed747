//! llama.cpp on a real model: the bundled one.

mod batches;
mod data;
mod files;
mod generation;
mod hidden;
mod probe;
mod scoring;
mod templates;

use std::ops::ControlFlow;

use rotescope_model::{CancelToken, Engine, GenerateRequest, Generated, ModelOptions};
use rotescope_testing::pocket;

const PROMPT: &str = "Question: What is 8 * 7 + 1?\nAnswer:";

/// One thread: llama.cpp's threads spin while they wait, which starves tests that run side by side.
fn load(options: ModelOptions) -> Engine {
    let options = ModelOptions {
        threads: Some(1),
        ..options
    };
    Engine::load(options, |_| ControlFlow::Continue(())).unwrap()
}

fn engine() -> Engine {
    load(ModelOptions::new(pocket()))
}

fn generate(engine: &Engine, request: GenerateRequest) -> Generated {
    engine
        .generate_all(request, CancelToken::new(), |_| {})
        .unwrap()
}

fn request(engine: &Engine) -> GenerateRequest {
    GenerateRequest::new(engine.prompt_ids(PROMPT))
}

fn text(generated: &Generated) -> String {
    String::from_utf8(generated.text()).unwrap()
}

/// The same distributions to the last bit; times differ.
fn same(a: &Generated, b: &Generated) -> bool {
    a.tokens == b.tokens
        && a.outcome.finish == b.outcome.finish
        && a.outcome.ending == b.outcome.ending
}
