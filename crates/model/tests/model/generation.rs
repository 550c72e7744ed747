//! Generation: tokens, their distributions, and where it ends.

use rotescope_model::{
    CancelToken, FinishReason, GenerateRequest, GenerationEvent, ModelError, ModelOptions,
    Sampling, Targets, Want, Window,
};
use rotescope_testing::pocket;

use crate::{PROMPT, engine, generate, load, request, same, text};

#[test]
fn greedy_is_reproducible_and_what_it_reports_is_consistent() {
    let engine = engine();
    let mut events = Vec::new();
    let first = engine
        .generate_all(request(&engine), CancelToken::new(), |e| {
            events.push(e.clone());
        })
        .unwrap();
    assert!(same(&first, &generate(&engine, request(&engine))));
    let n = first.outcome.prompt_tokens;
    assert_eq!(events[0], GenerationEvent::Prompt { done: n, total: n });
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
    let engine = engine();
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
fn forced_tokens_come_first_with_their_own_probability() {
    let engine = engine();
    let free = generate(&engine, request(&engine));
    // The beginning of the model's own output changes nothing.
    let forced: Vec<u32> = free.tokens[..5].iter().map(|t| t.id).collect();
    let same_again = GenerateRequest {
        forced: forced.clone(),
        ..request(&engine)
    };
    assert!(same(&free, &generate(&engine, same_again)));
    // Another second token is taken as it is; its probability is what the model gives it there.
    let other = free.tokens[1].candidates[1];
    let changed = GenerateRequest {
        forced: vec![forced[0], other.id],
        max_tokens: Some(8),
        ..request(&engine)
    };
    let found = generate(&engine, changed);
    assert_eq!(found.tokens[0], free.tokens[0]);
    assert_eq!((found.tokens[1].id, found.tokens[1].rank), (other.id, 2));
    assert_eq!(found.tokens[1].probability, other.probability);
    assert!(found.tokens.len() > 2);
    let none = GenerateRequest {
        forced: vec![u32::MAX],
        ..request(&engine)
    };
    let failed = engine.generate_all(none, CancelToken::new(), |_| {});
    assert!(matches!(failed, Err(ModelError::BadToken { .. })));
}

#[test]
fn sampling_follows_its_seed() {
    let engine = engine();
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
    let engine = engine();
    let fresh = generate(&engine, request(&engine));
    let cancel = CancelToken::new();
    let mut seen = 0;
    let cut = engine
        .generate_all(request(&engine), cancel.clone(), |event| {
            seen += usize::from(matches!(event, GenerationEvent::Token(_)));
            if seen == 5 {
                cancel.cancel();
            }
        })
        .unwrap();
    // The model runs ahead of the listener by a few tokens, but the whole completion and its end are more.
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
        (0, FinishReason::Cancelled)
    );
    drop(engine.generate(request(&engine), CancelToken::new()));
    assert!(same(&fresh, &generate(&engine, request(&engine))));
}

#[test]
fn a_dropped_engine_ends_its_work() {
    let engine = engine();
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
    assert!(matches!(last, GenerationEvent::Finished(_)), "{last:?}");
}

#[test]
fn limits_end_a_generation_and_say_so() {
    let path = pocket();
    let engine = load(ModelOptions {
        context: Some(32),
        ..ModelOptions::new(path)
    });
    let prompt = engine.prompt_ids(PROMPT);
    let n = prompt.len();
    assert!(n < 31, "{n}");
    let full = generate(&engine, request(&engine));
    assert_eq!(full.outcome.finish, FinishReason::ContextFull(32));
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
        (3, &FinishReason::MaxTokens)
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
    let path = pocket();
    let whole = load(ModelOptions::new(&path));
    let pieces = load(ModelOptions {
        batch: 5,
        ..ModelOptions::new(&path)
    });
    let mut done = Vec::new();
    let cut = pieces
        .generate_all(request(&pieces), CancelToken::new(), |e| {
            if let GenerationEvent::Prompt { done: d, .. } = e {
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
    let engine = engine();
    let free = generate(&engine, request(&engine));
    let whole = text(&free);
    // From within one token to within another one.
    let border = free.tokens[..6]
        .iter()
        .map(|t| t.bytes.len())
        .sum::<usize>();
    let stop = whole[(border - 1)..=border].to_owned();
    let at = whole.find(&stop).unwrap();
    let stopped = generate(
        &engine,
        GenerateRequest {
            stop: vec!["never".into(), stop.clone()],
            ..request(&engine)
        },
    );
    assert_eq!(stopped.outcome.finish, FinishReason::Stop(stop));
    assert_eq!(text(&stopped), whole[..at]);
    assert_eq!(stopped.outcome.text_bytes, at);
    // The tokens stay what the model said.
    assert_eq!(stopped.tokens, free.tokens[..stopped.tokens.len()]);
    assert!(stopped.tokens.iter().map(|t| t.bytes.len()).sum::<usize>() > at);
}

#[test]
fn looking_at_every_distribution_costs_little() {
    let engine = engine();
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
    let engine = engine();
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
        positions: (0..3).collect(),
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
            positions: (0..4).collect(),
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

#[test]
fn a_loop_ends_the_output_where_asked() {
    let engine = engine();
    // Two tokens again and again, which the model then may go on with.
    let block = engine.prompt_ids(PROMPT)[1..3].to_vec();
    let looping = |stop_loops| {
        let forced = block.iter().copied().cycle().take(80).collect();
        let request = GenerateRequest {
            forced,
            stop_loops,
            max_tokens: Some(90),
            ..request(&engine)
        };
        generate(&engine, request).outcome
    };
    let ended = looping(true);
    assert!(
        matches!(ended.finish, FinishReason::Loop(r) if (r.from, r.period) == (0, 2)),
        "{:?}",
        ended.finish
    );
    assert_eq!(ended.generated, 64);
    assert!(looping(false).generated > 64);
}
