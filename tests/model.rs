//! The model room on a real model: the bundled one, or the prototype while there is none.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rotescope::model::{
    CancelToken, Engine, Event, Finish, GenerateRequest, Generated, LlamaEncoder, ModelError,
    ModelOptions, Sampling, Targets, Want, Window,
};
use rotescope::vocab::Encode;

const PROMPT: &str = "Question: What is 8 * 7 + 1?\nAnswer:";

fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("ROTESCOPE_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let path = folder.join(name);
    path.exists().then_some(path)
}

fn prototype() -> Option<PathBuf> {
    shared("recipe/prototype-q8_0.gguf")
}

/// The model to test with: `None`, said plainly, where none is there.
fn model_file() -> Option<PathBuf> {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pocket/pocket-q8_0.gguf");
    let found = bundled.exists().then_some(bundled).or_else(prototype);
    if found.is_none() {
        eprintln!("skipped: neither models/pocket/pocket-q8_0.gguf nor the prototype is here");
    }
    found
}

/// One thread: llama.cpp's threads spin while they wait, which starves tests that run side by side.
fn load(options: ModelOptions) -> Engine {
    let options = ModelOptions {
        threads: Some(1),
        ..options
    };
    Engine::load(options, |_| ControlFlow::Continue(())).unwrap()
}

fn engine() -> Option<Engine> {
    Some(load(ModelOptions::new(model_file()?)))
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

#[test]
fn the_prototype_answers_as_recorded() {
    let Some(path) = prototype() else {
        eprintln!("skipped: the prototype is not here");
        return;
    };
    let engine = load(ModelOptions::new(path));
    let answer = generate(&engine, request(&engine));
    assert_eq!(
        text(&answer),
        " 8 * 7 = 56, which leaves 56 + 1. 56 + 1 = 57. So the answer is 57."
    );
    assert_eq!(answer.outcome.finish, Finish::End);
    let info = engine.info();
    assert_eq!(answer.outcome.ending.as_ref().map(|t| t.id), info.eos);
    assert_eq!(
        (info.architecture.as_str(), info.quantization.as_deref()),
        ("llama", Some("Q8_0"))
    );
    assert_eq!(
        (info.context_train, info.context, info.vocabulary),
        (256, 256, 2048)
    );
    assert_eq!(info.file, "prototype-q8_0.gguf");
    assert!(
        info.parameters > 5_000_000 && info.parameters < 6_000_000,
        "{}",
        info.parameters
    );
    assert_eq!(info.sha256().unwrap().len(), 64);
}

#[test]
fn greedy_is_reproducible_and_what_it_reports_is_consistent() {
    let Some(engine) = engine() else { return };
    let mut events = Vec::new();
    let first = engine
        .generate_all(request(&engine), CancelToken::new(), |e| {
            events.push(e.clone())
        })
        .unwrap();
    assert!(same(&first, &generate(&engine, request(&engine))));
    let n = first.outcome.prompt_tokens;
    assert_eq!(events[0], Event::Prompt { done: n, total: n });
    assert_eq!(events.len(), first.tokens.len() + 2);
    for (i, token) in first.tokens.iter().enumerate() {
        assert_eq!(
            (token.index, token.rank, token.id),
            (i, 1, token.candidates[0].id)
        );
        assert_eq!(token.candidates.len(), 20);
        assert_eq!(token.probability, token.candidates[0].probability);
        assert!((token.log_probability.exp() - token.probability).abs() < 1e-12);
        assert_eq!(token.bytes, engine.token_bytes(token.id));
    }
    // Another engine on the same file, at the same time, says the same.
    let other = load(ModelOptions::new(engine.info().path.clone()));
    assert!(same(&first, &generate(&other, request(&other))));
}

#[test]
fn the_whole_distribution_sums_to_one_and_has_its_entropy() {
    let Some(engine) = engine() else { return };
    let all = GenerateRequest {
        candidates: engine.info().vocabulary,
        max_tokens: Some(8),
        ..request(&engine)
    };
    for token in generate(&engine, all).tokens {
        assert_eq!(token.candidates.len(), engine.info().vocabulary);
        let sum: f64 = token.candidates.iter().map(|c| c.probability).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        let bits: f64 = token
            .candidates
            .iter()
            .filter(|c| c.probability > 0.0)
            .map(|c| -c.probability * c.probability.log2())
            .sum();
        assert!(
            (bits - token.entropy).abs() < 1e-9,
            "{bits} {}",
            token.entropy
        );
        assert!(
            token
                .candidates
                .windows(2)
                .all(|w| w[0].probability >= w[1].probability)
        );
    }
}

#[test]
fn sampling_follows_its_seed() {
    let Some(engine) = engine() else { return };
    let with = |seed| {
        let sampling = Sampling {
            temperature: 3.0,
            seed,
            ..Sampling::default()
        };
        generate(
            &engine,
            GenerateRequest {
                sampling,
                max_tokens: Some(40),
                ..request(&engine)
            },
        )
    };
    let first = with(1);
    assert!(same(&first, &with(1)));
    assert!(!same(&first, &with(2)));
    let unlikely = first
        .tokens
        .iter()
        .find(|t| t.rank > 20)
        .expect("at temperature 3 some token is unlikely");
    assert_eq!(unlikely.candidates.len(), 21);
    assert_eq!(unlikely.candidates[20].id, unlikely.id);
    assert_eq!(unlikely.candidates[20].probability, unlikely.probability);
}

#[test]
fn after_a_cancel_the_engine_is_as_new() {
    let Some(engine) = engine() else { return };
    let fresh = generate(&engine, request(&engine));
    let cancel = CancelToken::new();
    let mut seen = 0;
    let cut = engine
        .generate_all(request(&engine), cancel.clone(), |event| {
            seen += usize::from(matches!(event, Event::Token(_)));
            if seen == 5 {
                cancel.cancel();
            }
        })
        .unwrap();
    // The model runs ahead of the listener by a few tokens, but the whole chain and its end are more.
    assert!(cut.tokens.len() >= 5);
    assert!(cut.tokens.iter().zip(&fresh.tokens).all(|(a, b)| a == b));
    assert!(same(&fresh, &generate(&engine, request(&engine))));

    // Cancelled before it starts, and with nobody listening.
    let early = CancelToken::new();
    early.cancel();
    let nothing = engine
        .generate_all(request(&engine), early, |_| {})
        .unwrap();
    assert_eq!(
        (nothing.tokens.len(), nothing.outcome.finish),
        (0, Finish::Cancelled)
    );
    drop(engine.generate(request(&engine), CancelToken::new()));
    assert!(same(&fresh, &generate(&engine, request(&engine))));
}

#[test]
fn a_dropped_engine_ends_its_work() {
    let Some(engine) = engine() else { return };
    let endless = Sampling {
        temperature: 50.0,
        ..Sampling::default()
    };
    let events = engine.generate(
        GenerateRequest {
            sampling: endless,
            ..request(&engine)
        },
        CancelToken::new(),
    );
    drop(engine);
    // Its thread has been joined, so every event is there already.
    let last = events.try_iter().last().expect("a last event");
    assert!(matches!(last, Event::Finished(_)), "{last:?}");
}

#[test]
fn limits_end_a_generation_and_say_so() {
    let Some(path) = model_file() else { return };
    let engine = load(ModelOptions {
        context: Some(32),
        ..ModelOptions::new(path)
    });
    let prompt = engine.prompt_ids(PROMPT);
    let n = prompt.len();
    assert!(n < 31, "{n}");
    let full = generate(&engine, request(&engine));
    assert_eq!(full.outcome.finish, Finish::ContextFull(32));
    assert_eq!(full.tokens.len(), 32 - n);

    let short = generate(
        &engine,
        GenerateRequest {
            max_tokens: Some(3),
            ..request(&engine)
        },
    );
    assert_eq!(
        (short.tokens.len(), &short.outcome.finish),
        (3, &Finish::MaxTokens)
    );
    assert_eq!(short.tokens, full.tokens[..3]);

    let long = GenerateRequest::new(prompt.iter().copied().cycle().take(32).collect());
    let error = engine
        .generate_all(long, CancelToken::new(), |_| {})
        .unwrap_err();
    assert!(
        matches!(
            error,
            ModelError::PromptTooLong {
                tokens: 32,
                limit: 32,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("--context"), "{error}");
    assert_eq!(full.tokens, generate(&engine, request(&engine)).tokens);
}

#[test]
fn prompts_are_read_in_chunks_and_may_end_anywhere() {
    let Some(path) = model_file() else { return };
    let whole = load(ModelOptions::new(&path));
    let pieces = load(ModelOptions {
        batch: 5,
        ..ModelOptions::new(&path)
    });
    let mut done = Vec::new();
    let cut = pieces
        .generate_all(request(&pieces), CancelToken::new(), |e| {
            if let Event::Prompt { done: d, .. } = e {
                done.push(*d);
            }
        })
        .unwrap();
    let n = cut.outcome.prompt_tokens;
    let expected: Vec<usize> = (5..n).step_by(5).chain([n]).collect();
    assert_eq!(done, expected);
    let whole = generate(&whole, request(&whole));
    assert_eq!(text(&cut), text(&whole));
    for (a, b) in cut.tokens.iter().zip(&whole.tokens) {
        assert!(
            (a.log_probability - b.log_probability).abs() < 2e-2,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn stop_strings_end_the_output_across_token_borders() {
    let Some(engine) = engine() else { return };
    let free = generate(&engine, request(&engine));
    let whole = text(&free);
    // From within one token to within another one.
    let border = free.tokens[..6]
        .iter()
        .map(|t| t.bytes.len())
        .sum::<usize>();
    let stop = whole[border - 1..border + 1].to_owned();
    let at = whole.find(&stop).unwrap();
    let stopped = generate(
        &engine,
        GenerateRequest {
            stop: vec!["never".into(), stop.clone()],
            ..request(&engine)
        },
    );
    assert_eq!(stopped.outcome.finish, Finish::Stop(stop));
    assert_eq!(text(&stopped), whole[..at]);
    assert_eq!(stopped.outcome.text_bytes, at);
    // The tokens stay what the model said.
    assert_eq!(stopped.tokens, free.tokens[..stopped.tokens.len()]);
    assert!(stopped.tokens.iter().map(|t| t.bytes.len()).sum::<usize>() > at);
}

#[test]
fn looking_at_every_distribution_costs_little() {
    let Some(engine) = engine() else { return };
    let (mut decode, mut scoring, mut tokens) = (0.0, 0.0, 0);
    for _ in 0..10 {
        let outcome = generate(&engine, request(&engine)).outcome;
        decode += outcome.decode_time.as_secs_f64();
        scoring += outcome.scoring_time.as_secs_f64();
        tokens += outcome.generated;
    }
    let share = scoring / (decode + scoring);
    let rate = tokens as f64 / (decode + scoring);
    eprintln!(
        "{rate:.0} tokens/s, of which softmax, candidates and sampling take {:.1} %",
        100.0 * share
    );
    assert!(share < 0.1, "{share}");
}

#[test]
fn nonsense_is_refused_before_it_reaches_llama() {
    let Some(engine) = engine() else { return };
    let fails = |r: GenerateRequest| {
        engine
            .generate_all(r, CancelToken::new(), |_| {})
            .unwrap_err()
    };
    assert!(matches!(
        fails(GenerateRequest::new(vec![])),
        ModelError::BadRequest(_)
    ));
    let size = engine.info().vocabulary;
    assert_eq!(
        fails(GenerateRequest::new(vec![size as u32])),
        ModelError::BadToken {
            id: size as u32,
            size
        }
    );
    let hot = Sampling {
        temperature: -1.0,
        ..Sampling::default()
    };
    assert!(matches!(
        fails(GenerateRequest {
            sampling: hot,
            ..request(&engine)
        }),
        ModelError::BadRequest(_)
    ));

    let score = |w: Window| engine.score(vec![w], &CancelToken::new()).unwrap_err();
    let good = Window {
        tokens: vec![5, 6, 7],
        positions: 0..3,
        want: Want::default(),
    };
    let next = Want {
        targets: Targets::Next,
        candidates: 0,
    };
    assert!(matches!(
        score(Window {
            want: next,
            ..good.clone()
        }),
        ModelError::BadRequest(_)
    ));
    assert!(matches!(
        score(Window {
            positions: 0..4,
            ..good.clone()
        }),
        ModelError::BadRequest(_)
    ));
    let lists = Want {
        targets: Targets::Each(vec![vec![1]]),
        candidates: 0,
    };
    assert!(matches!(
        score(Window {
            want: lists,
            ..good.clone()
        }),
        ModelError::BadRequest(_)
    ));
    assert!(matches!(
        score(Window {
            tokens: vec![5, 6, 9_999_999],
            ..good.clone()
        }),
        ModelError::BadToken { .. }
    ));
    let foreign = Want {
        targets: Targets::Same(vec![9_999_999]),
        candidates: 0,
    };
    assert!(matches!(
        score(Window {
            want: foreign,
            ..good.clone()
        }),
        ModelError::BadToken { .. }
    ));
    let long = Window {
        tokens: vec![5; engine.info().context + 1],
        ..good.clone()
    };
    assert!(matches!(score(long), ModelError::WindowTooLong { .. }));
    // None of that harms the engine.
    assert_eq!(
        engine
            .score(vec![good], &CancelToken::new())
            .unwrap()
            .windows[0]
            .positions
            .len(),
        3
    );
}

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
    let Some(engine) = engine() else { return };
    let (tokens, start, answer) = chain(&engine);
    let positions = start - 1..tokens.len() - 1;
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
            positions: 0..tokens.len() - j - 1,
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
                positions: start - 1..tokens.len() - 1,
                want: want.clone(),
            });
        }
    }
    // Twice the same, one that wants nothing, and one that wants what lies within a shared prefix.
    windows.push(windows[0].clone());
    windows.push(Window {
        tokens: tokens.clone(),
        positions: 4..4,
        want: want.clone(),
    });
    windows.push(Window {
        tokens: tokens.clone(),
        positions: 0..tokens.len() - 1,
        want,
    });
    windows
}

#[test]
fn packing_and_sharing_change_nothing_but_rounding() {
    let Some(engine) = engine() else { return };
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
        .flat_map(|w| (1..=w.positions.end).map(|n| &w.tokens[..n]))
        .collect();
    eprintln!("{} distinct prefixes", distinct.len());
    assert!(together.evaluated as usize >= distinct.len());
    assert!(
        (together.evaluated as usize) < distinct.len() * 11 / 10,
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
    let Some(engine) = engine() else { return };
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

#[test]
fn files_that_are_no_model_give_errors() {
    let Some(path) = model_file() else { return };
    let dir = tempfile::tempdir().unwrap();
    let fails = |path: &Path| {
        let error = Engine::load(ModelOptions::new(path), |_| ControlFlow::Continue(()))
            .err()
            .expect("no model");
        assert!(
            error.to_string().contains(&path.display().to_string()),
            "{error}"
        );
        eprintln!("{error}");
        error
    };
    assert!(matches!(
        fails(&dir.path().join("none.gguf")),
        ModelError::Missing { .. }
    ));
    assert!(matches!(
        fails(dir.path()),
        ModelError::NotAFile { what: "folder", .. }
    ));
    #[cfg(unix)]
    assert!(matches!(
        fails(Path::new("/dev/null")),
        ModelError::NotAFile { .. }
    ));
    let whole = std::fs::read(&path).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    assert!(matches!(
        fails(&write("empty.gguf", b"")),
        ModelError::Empty { .. }
    ));
    assert!(matches!(
        fails(&write("text.gguf", b"Once upon a time")),
        ModelError::NotGguf { .. }
    ));
    for size in [
        4,
        8,
        15,
        16,
        24,
        100,
        1_000,
        20_000,
        60_000,
        100_000,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        let error = fails(&write("cut.gguf", &whole[..size]));
        assert!(
            matches!(error, ModelError::Truncated { .. }),
            "{size}: {error:?}"
        );
    }
    // An architecture of the same length that nobody has.
    let key = b"general.architecture";
    let at = whole.windows(key.len()).position(|w| w == key).unwrap() + key.len() + 12;
    let mut renamed = whole.clone();
    renamed[at..at + 5].copy_from_slice(b"lyama");
    let error = fails(&write("renamed.gguf", &renamed));
    assert!(
        matches!(&error, ModelError::UnsupportedArchitecture { architecture, .. } if architecture == "lyama"),
        "{error:?}"
    );
    if let Some(vocabulary) = shared("vocabs/ggml-vocab-gpt-2.gguf") {
        assert!(matches!(
            fails(&vocabulary),
            ModelError::VocabularyOnly { .. }
        ));
    }
}

#[test]
fn loading_reports_progress_and_can_be_stopped() {
    let Some(path) = model_file() else { return };
    let (sender, shares) = std::sync::mpsc::channel();
    let engine = Engine::load(ModelOptions::new(&path), move |share| {
        let _ = sender.send(share);
        ControlFlow::Continue(())
    });
    assert!(engine.is_ok());
    let shares: Vec<f32> = shares.iter().collect();
    assert!(
        shares.windows(2).all(|w| w[0] <= w[1]) && shares.last() == Some(&1.0),
        "{shares:?}"
    );
    let stopped = Engine::load(ModelOptions::new(&path), |_| ControlFlow::Break(()));
    assert_eq!(stopped.err(), Some(ModelError::LoadStopped));
}

#[test]
fn the_tokenizer_of_llama_cpp_serves_with_and_without_weights() {
    let Some(path) = model_file() else { return };
    let engine = load(ModelOptions::new(&path));
    let encoder = LlamaEncoder::load(&path).unwrap();
    let texts = [PROMPT, "", " é 漢字 🦀\t\r\n", "a<|endoftext|>b", "\u{0}"];
    for (text, ids) in texts.iter().zip(encoder.encode_batch(&texts).unwrap()) {
        assert_eq!(ids, engine.tokenize(text, false, true), "{text:?}");
        assert!(ids.iter().all(|&id| (id as usize) < encoder.size()));
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| encoder.token_bytes(id)).collect();
        assert_eq!(bytes, text.as_bytes());
    }
    assert_eq!(encoder.size(), engine.info().vocabulary);
    assert_eq!(encoder.token_bytes(u32::MAX), b"");
    assert_eq!(engine.token_bytes(encoder.size() as u32), b"");
    assert_eq!(
        encoder.fingerprint(),
        LlamaEncoder::load(&path).unwrap().fingerprint()
    );
}

#[test]
fn vocabularies_of_other_models_encode_as_recorded() {
    let mut fingerprints = std::collections::BTreeSet::new();
    for name in ["gpt-2", "llama-spm", "falcon", "starcoder", "deepseek-llm"] {
        let Some(file) = shared(&format!("vocabs/ggml-vocab-{name}.gguf")) else {
            eprintln!("skipped: vocabulary {name} is not here");
            continue;
        };
        let read = |end: &str| std::fs::read_to_string(format!("{}{end}", file.display())).unwrap();
        let (inputs, outputs) = (read(".inp"), read(".out"));
        let texts: Vec<&str> = inputs.split("\n__ggml_vocab_test__\n").collect();
        let encoder = LlamaEncoder::load(&file).unwrap();
        let ids = encoder.encode_batch(&texts).unwrap();
        let mut compared = 0;
        for ((text, ids), line) in texts.iter().zip(ids).zip(outputs.lines()) {
            let expected: Vec<u32> = line
                .split_whitespace()
                .map(|id| id.parse().unwrap())
                .collect();
            assert_eq!(ids, expected, "{name}: {text:?}");
            compared += 1;
        }
        assert!(compared > 30, "{name}: {compared}");
        fingerprints.insert(encoder.fingerprint().to_owned());
        assert_eq!(
            fingerprints.len(),
            fingerprints.iter().filter(|f| f.len() == 64).count()
        );
    }
}
