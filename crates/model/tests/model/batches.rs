//! Completions side by side: the same as alone, whoever comes, goes or fails beside them.

use crossbeam_channel::Receiver;
use rotescope_model::{
    CancelToken, Engine, FinishReason, GenerateRequest, Generated, GenerationEvent, ModelError,
    ModelOptions, Sampling, Targets, Want, Window,
};
use rotescope_testing::pocket;

use crate::{engine, generate, load, same};

fn batched(sequences: usize) -> Engine {
    load(ModelOptions {
        sequences,
        exact: false,
        ..ModelOptions::new(pocket())
    })
}

/// Requests that differ in all that can be asked for, and in length.
fn requests(engine: &Engine) -> Vec<GenerateRequest> {
    let asked = |i: u64| {
        let text = format!("Question: What is {} * 7 + {i}?\nAnswer:", 3 * i + 2);
        GenerateRequest::new(engine.prompt_ids(&text))
    };
    (0..20)
        .map(|i| match i % 7 {
            0 => asked(i),
            1 => GenerateRequest {
                sampling: Sampling {
                    temperature: 1.5,
                    seed: i,
                    ..Sampling::default()
                },
                max_tokens: Some(60),
                ..asked(i)
            },
            2 => GenerateRequest {
                stop: vec!["=".into()],
                ..asked(i)
            },
            3 => GenerateRequest {
                max_tokens: Some(i as usize),
                candidates: 3,
                ..asked(i)
            },
            4 => GenerateRequest {
                forced: engine.tokenize(" The", false, false),
                ..asked(i)
            },
            5 => GenerateRequest {
                // Long, and read in one piece.
                prompt: engine.prompt_ids(&"7 + 1 = 8. ".repeat(15)),
                max_tokens: Some(30),
                ..asked(i)
            },
            _ => GenerateRequest {
                max_tokens: Some(0),
                ..asked(i)
            },
        })
        .collect()
}

fn ended(events: &Receiver<GenerationEvent>) -> Result<Generated, ModelError> {
    let mut tokens = Vec::new();
    for event in events {
        match event {
            GenerationEvent::Token(token) => tokens.push(token),
            GenerationEvent::Finished(outcome) => return Ok(Generated { tokens, outcome }),
            GenerationEvent::Failed(error) => return Err(error),
            GenerationEvent::Prompt { .. } => {}
        }
    }
    panic!("no end");
}

#[test]
fn completions_are_the_same_side_by_side_as_alone() {
    let alone = engine();
    let expected: Vec<Generated> = requests(&alone)
        .into_iter()
        .map(|r| generate(&alone, r))
        .collect();
    for sequences in [2, 4, 8, 64] {
        let engine = batched(sequences);
        let told: Vec<_> = requests(&engine)
            .into_iter()
            .map(|r| engine.generate(r, CancelToken::new()))
            .collect();
        for (i, (events, expected)) in told.iter().zip(&expected).enumerate() {
            let found = ended(events).unwrap();
            assert!(same(&found, expected), "{i} of {sequences}");
        }
    }
}

#[test]
fn who_fails_or_goes_away_leaves_the_others_alone() {
    let alone = engine();
    let engine = batched(3);
    let mut told = Vec::new();
    let mut lost = Vec::new();
    for (i, request) in requests(&engine).into_iter().enumerate() {
        let cancel = CancelToken::new();
        let beside = engine.prompt_ids("Question: What is 1 + 1?\nAnswer:");
        match i % 4 {
            0 => lost.push(engine.generate(GenerateRequest::new(vec![u32::MAX]), cancel)),
            1 => {
                cancel.cancel();
                let events = engine.generate(GenerateRequest::new(beside), cancel);
                told.push((None, events));
            }
            // Nobody listens.
            2 => drop(engine.generate(GenerateRequest::new(beside), cancel)),
            _ => {}
        }
        let events = engine.generate(request.clone(), CancelToken::new());
        told.push((Some(request), events));
    }
    for (request, events) in told {
        let found = ended(&events).unwrap();
        match request {
            Some(request) => assert!(same(&found, &generate(&alone, request))),
            None => assert_eq!(found.outcome.finish, FinishReason::Cancelled),
        }
    }
    for events in lost {
        assert!(matches!(ended(&events), Err(ModelError::BadToken { .. })));
    }
}

#[test]
fn windows_are_scored_between_tokens() {
    let engine = batched(4);
    let window = Window {
        tokens: engine.prompt_ids("Question: What is 8 * 7 + 1?\nAnswer: 8 * 7 = 56."),
        positions: (0..12).collect(),
        want: Want {
            targets: Targets::Next,
            candidates: 3,
        },
    };
    let score = || engine.score(vec![window.clone()], &CancelToken::new());
    let quiet = score().unwrap();
    let told: Vec<_> = requests(&engine)
        .into_iter()
        .map(|r| engine.generate(r, CancelToken::new()))
        .collect();
    let busy = score().unwrap();
    assert_eq!(busy.windows, quiet.windows);
    // It did not wait for all of them.
    let last = told.last().unwrap();
    assert!(
        last.try_iter()
            .all(|e| !matches!(e, GenerationEvent::Finished(_)))
    );
    for events in &told {
        ended(events).unwrap();
    }
}

#[test]
fn an_engine_that_is_dropped_ends_all_that_is_at_work() {
    let engine = batched(2);
    let told: Vec<_> = requests(&engine)
        .into_iter()
        .map(|r| engine.generate(r, CancelToken::new()))
        .collect();
    drop(engine);
    for events in told {
        let ends = |e: &GenerationEvent| matches!(e, GenerationEvent::Finished(_));
        assert_eq!(events.iter().filter(ends).count(), 1);
    }
}
