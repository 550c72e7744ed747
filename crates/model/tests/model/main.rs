//! The model room on a real model: the bundled one, or the prototype while there is none.

mod files;
mod generation;
mod scoring;
mod templates;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rotescope_model::{CancelToken, Engine, GenerateRequest, Generated, ModelOptions};

const PROMPT: &str = "Question: What is 8 * 7 + 1?\nAnswer:";

fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = std::env::var_os("ROTESCOPE_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let path = folder.join(name);
    path.exists().then_some(path)
}

fn prototype() -> Option<PathBuf> {
    shared("recipe/prototype-q8_0.gguf")
}

/// The bundled model, which every checkout has.
fn model_file() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("models/pocket/pocket-q8_0.gguf")
}

/// One thread: llama.cpp's threads spin while they wait, which starves tests that run side by side.
fn load(options: ModelOptions) -> Engine {
    let options = ModelOptions {
        threads: Some(1),
        ..options
    };
    Engine::load(options, |_| ControlFlow::Continue(())).unwrap()
}

fn engine() -> Engine {
    load(ModelOptions::new(model_file()))
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
