use std::ops::ControlFlow;

use super::*;
use crate::encoder::tokenize;

#[test]
fn large_models_read_prompts_in_small_chunks() {
    assert_eq!(prompt_chunk(5_000_000), 64);
    assert_eq!(prompt_chunk(8_000_000_000), 32);
    assert_eq!(prompt_chunk(0), 64);
}

/// One of three is broken while all are at work: llama.cpp refuses the batch, and only that one fails.
#[test]
fn a_batch_that_fails_costs_only_the_one_to_blame() {
    let path = rotescope_testing::repository("models/pocket/pocket-q8_0.gguf");
    let options = ModelOptions {
        sequences: 3,
        ..ModelOptions::new(&path)
    };
    let model = load::open(&path, false, None, |_| ControlFlow::Continue(())).unwrap();
    let model = Weights::from(model);
    let info = ModelInfo::read(&model, path, 0, None);
    let run = |broken: Option<usize>| {
        let mut generator = Generator::new(&model, &options, &info, (1, false)).unwrap();
        // The bundled model gives the same bits in batches: it may have them unasked.
        assert_eq!(generator.most, 3);
        let told: Vec<_> = ["8 * 7 + 1", "3 + 4 - 5", "9 * 9 - 2"]
            .map(|text| {
                let text = format!("Question: What is {text}?\nAnswer:");
                let prompt = tokenize(&model, &text, true, false);
                let (events, told) = crossbeam_channel::unbounded();
                generator.take(Job {
                    request: GenerateRequest {
                        max_tokens: Some(20),
                        ..GenerateRequest::new(prompt)
                    },
                    cancel: CancelToken::new(),
                    events,
                });
                told
            })
            .into();
        let mut threads = Threads::scripted(Vec::new());
        for step in 0.. {
            if generator.is_idle() {
                break;
            }
            // Three steps read the prompts.
            if let (6, Some(i)) = (step, broken) {
                generator.slots[i].sequence.out.generated += 9; // a gap of places
            }
            generator.step(&mut threads, &AtomicBool::new(false));
        }
        let all = told.into_iter().map(|told| told.iter().collect());
        all.collect::<Vec<Vec<GenerationEvent>>>()
    };
    let tokens = |events: &[GenerationEvent]| -> Vec<u32> {
        let id = |e: &GenerationEvent| match e {
            GenerationEvent::Token(t) => Some(t.id),
            _ => None,
        };
        events.iter().filter_map(id).collect()
    };
    let whole = run(None);
    for i in 0..3 {
        for (j, events) in run(Some(i)).iter().enumerate() {
            let (found, expected) = (tokens(events), tokens(&whole[j]));
            let failed = matches!(events.last(), Some(GenerationEvent::Failed(_)));
            assert_eq!(failed, j == i);
            // The one to blame has what it had before.
            let count = if failed { 4 } else { expected.len() };
            assert_eq!(found, expected[..count], "{j} beside {i}");
        }
    }
}

/// Prompts that begin alike are read once, and get the numbers that they get alone: behind each other in one sequence, beside each other, and when the
/// count of threads changes on the way.
#[test]
fn what_prompts_begin_with_is_read_once_and_changes_no_bit() {
    let path = rotescope_testing::repository("models/pocket/pocket-q8_0.gguf");
    let model = load::open(&path, false, None, |_| ControlFlow::Continue(())).unwrap();
    let model = Weights::from(model);
    let info = ModelInfo::read(&model, path.clone(), 0, None);
    let shots =
        "Question: What is 8 * 7 + 1?\nAnswer: 8 * 7 = 56. 56 + 1 = 57. So the answer is 57.\n\n"
            .repeat(6);
    let prompts: Vec<Vec<u32>> = ["9 * 9 - 2", "3 + 4", "9 * 9 - 2", "12 + 30 - 5"]
        .map(|ask| format!("{shots}Question: What is {ask}?\nAnswer:"))
        .iter()
        .chain([&"Question: What is 3 + 4?\nAnswer:".to_owned()])
        .map(|text| tokenize(&model, text, true, false))
        .collect();
    let whole_chunks = (prompts[0].len() - 12) / 64 * 64;
    assert!(whole_chunks >= 128, "{}", prompts[0].len());
    // The events of each, and how far the first part read of it reaches.
    let run = |prompts: &[Vec<u32>], sequences: usize, threads: Vec<i32>| {
        let options = ModelOptions {
            sequences,
            ..ModelOptions::new(&path)
        };
        let mut generator = Generator::new(&model, &options, &info, (1, false)).unwrap();
        let take = |prompt: &Vec<u32>| {
            let (events, told) = crossbeam_channel::unbounded();
            generator.take(Job {
                request: GenerateRequest {
                    max_tokens: Some(12),
                    ..GenerateRequest::new(prompt.clone())
                },
                cancel: CancelToken::new(),
                events,
            });
            told
        };
        let told: Vec<_> = prompts.iter().map(take).collect();
        let mut threads = Threads::scripted(threads);
        while !generator.is_idle() {
            generator.step(&mut threads, &AtomicBool::new(false));
        }
        let one = |events: Vec<GenerationEvent>| {
            let Some(GenerationEvent::Prompt { done, .. }) = events.first() else {
                panic!("{events:?}");
            };
            let done = *done;
            let token = |e| match e {
                GenerationEvent::Token(t) => Some(t),
                _ => None,
            };
            (
                done,
                events.into_iter().filter_map(token).collect::<Vec<_>>(),
            )
        };
        told.iter()
            .map(|t| one(t.iter().collect()))
            .collect::<Vec<_>>()
    };
    let alone: Vec<_> = prompts
        .iter()
        .map(|p| run(std::slice::from_ref(p), 1, vec![]).remove(0))
        .collect();
    assert!(alone.iter().take(4).all(|(first, _)| *first == 64));
    let changing: Vec<i32> = (0..60).map(|i| 1 + i % 7 / 5).collect();
    for (sequences, threads) in [(1, vec![]), (2, vec![]), (3, vec![]), (3, changing)] {
        let still = threads.is_empty();
        for (i, (first, tokens)) in run(&prompts, sequences, threads).into_iter().enumerate() {
            assert_eq!(tokens, alone[i].1, "{i} of {sequences}");
            if still && (1..4).contains(&i) {
                assert!(first > whole_chunks, "{i} of {sequences}: {first}");
            }
        }
    }
}
