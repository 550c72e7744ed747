//! What local attribution costs while a model generates.
//!
//! **Measured**: generated tokens per second of whole prompts, wall-clock, with counts from the index of the bundled corpus and without
//! any, in turn, so that a drift of the machine's speed meets both alike. **Model**: the bundled one, Q8_0, one thread.
//! **Prompts**: the first 60 of `prompts/applied-base.jsonl`, greedy.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use rotescope::corpus::{BuildOptions, Corpus, LocalIndex, build};
use rotescope::model::{CancelToken, Engine, ModelOptions};
use rotescope::run::bundle::Bundle;
use rotescope::run::encoder::encoder;
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::text::SplitBy;
use rotescope::trace::{IndexRef, ModelRef, Sampler};

const ROUNDS: usize = 7;
const PROMPTS: usize = 60;

fn main() {
    let bundle = Bundle::find().expect("the bundle, in the working directory");
    let folder = tempfile::tempdir().expect("a folder");
    let options = BuildOptions::new(
        vec![bundle.corpus()],
        folder.path().join("index"),
        "pocket".into(),
    );
    let tokenizer = encoder(Some(&bundle.model()), None).expect("a tokenizer");
    build(&options, tokenizer.as_ref(), &mut ()).expect("an index");
    let index: Arc<dyn Corpus> = Arc::new(LocalIndex::open(&options.out).expect("the index"));
    let mut all = prompts::read(&bundle.prompts().join("applied-base.jsonl")).expect("the prompts");
    all.truncate(PROMPTS);

    let scorer = |corpus: Option<Arc<dyn Corpus>>| {
        let options = ModelOptions {
            threads: Some(1),
            ..ModelOptions::new(bundle.model())
        };
        Scorer {
            engine: Engine::load(options, |_| ControlFlow::Continue(())).expect("the model"),
            corpus: corpus.map(|c| (c, IndexRef::default())),
            model: ModelRef::default(),
            sampler: Sampler {
                max_tokens: 300,
                top_p: 1.0,
                ..Default::default()
            },
            candidates: 20,
            distant: None,
            split: SplitBy::Sentence,
            finish: Default::default(),
            raw: false,
            finish: Default::default(),
        }
    };
    let (with, without) = (scorer(Some(index)), scorer(None));
    let rate = |s: &Scorer| {
        let (began, mut tokens) = (Instant::now(), 0);
        for p in &all {
            tokens += s
                .score(p, &CancelToken::new(), &mut |_| ())
                .expect("a trace")
                .tokens
                .len();
        }
        tokens as f64 / began.elapsed().as_secs_f64()
    };
    rate(&with);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (rate(&with), rate(&without))).collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (a, b) = rounds[ROUNDS / 2];
    println!(
        "{a:.0} tokens/s with local attribution, {b:.0} without: median ratio {:.3} of {ROUNDS} rounds (least {:.3}, most {:.3})",
        a / b,
        rounds[0].0 / rounds[0].1,
        rounds[ROUNDS - 1].0 / rounds[ROUNDS - 1].1
    );
}
