use std::ops::ControlFlow;

use super::*;
use crate::encoder::tokenize;

#[test]
fn large_models_read_prompts_in_small_chunks() {
    assert_eq!(prompt_chunk(5_000_000), 512);
    assert_eq!(prompt_chunk(500_000_000), 256);
    assert_eq!(prompt_chunk(8_000_000_000), 32);
    assert_eq!(prompt_chunk(0), 512);
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
    let info = ModelInfo::read(&model, path, 0, None);
    let run = |broken: Option<usize>| {
        let mut generator = Generator::new(&model, &options, &info, 1).unwrap();
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
