//! Attribution of whole completions on the bundled model and corpus, against loops that share nothing.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rotescope::run::encoder::encoder;
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::shipped;
use rotescope_corpus::{
    About, BuildOptions, Cooccur, Documents, LocalIndex, NgramCounts, WordCounts, build,
};
use rotescope_model::{CancelToken, Engine, ModelOptions, Targets, Want, Window};
use rotescope_stim::cooccurrence::surface;
use rotescope_stim::mask::neutral_mask;
use rotescope_stim::windows::eliciting_windows;
use rotescope_stim::{
    Cost, Method, NonLocalSettings, Progress, Scope, StimError, attribute_completion,
    completion::clear,
};
use rotescope_text::words;
use rotescope_trace::Prompt;
use rotescope_trace::{IndexRef, Sampler, Source, Trace};

pub struct Parts {
    pub scorer: Scorer,
    pub index: Arc<LocalIndex>,
    _folder: tempfile::TempDir,
}

/// The bundled model and its whole corpus, made once for all tests of this file.
pub fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let bundle = shipped::bundle().expect("the bundle");
        let folder = tempfile::tempdir().unwrap();
        let options = BuildOptions::new(
            vec![bundle.corpus().unwrap()],
            folder.path().join("index"),
            "pocket".into(),
        );
        let tokenizer = encoder(Some(&bundle.model().unwrap()), None).unwrap();
        build(&options, tokenizer.as_ref(), &mut ()).unwrap();
        let index = Arc::new(LocalIndex::open(&options.out).unwrap());
        let scorer = Scorer {
            corpus: Some((index.clone(), IndexRef::default())),
            sampler: Sampler {
                max_tokens: 200,
                ..Default::default()
            },
            ..Scorer::new(load(1, 8, 512))
        };
        Parts {
            scorer,
            index,
            _folder: folder,
        }
    })
}

pub fn load(threads: usize, parallel: usize, batch: usize) -> Engine {
    let options = ModelOptions {
        threads: Some(threads),
        parallel,
        batch,
        ..ModelOptions::new(shipped::bundle().unwrap().model().unwrap())
    };
    Engine::load(options, |_| ControlFlow::Continue(())).unwrap()
}

pub fn prompts_of(file: &str) -> Vec<Prompt> {
    prompts::read_plainly(&shipped::bundle().unwrap().prompts(file).unwrap()).unwrap()
}

pub fn score(prompt: &Prompt) -> Trace {
    parts()
        .scorer
        .score(prompt, &CancelToken::new(), &mut |_| ())
        .unwrap()
}

/// A completion of two steps or more, with its local scores.
pub fn chain() -> Trace {
    static CHAIN: OnceLock<Trace> = OnceLock::new();
    let make = || {
        let all = prompts_of("applied-base.jsonl");
        all.iter()
            .map(score)
            .find(|t| t.steps.len() >= 3 && t.tokens.len() >= 40)
            .expect("a chain of three steps")
    };
    CHAIN.get_or_init(make).clone()
}

pub fn attribute(trace: &mut Trace, engine: &Engine, settings: &NonLocalSettings) -> Cost {
    attribute_completion(
        trace,
        engine,
        parts().index.as_ref(),
        settings,
        &CancelToken::new(),
        &mut |_| (),
    )
    .unwrap()
}

pub fn scored(trace: &Trace) -> Vec<usize> {
    (0..trace.tokens.len())
        .filter(|&t| trace.tokens[t].skipped.is_none())
        .collect()
}

/// `log P` of each token and the greedy token, one pass of its own.
fn alone(engine: &Engine, context: Vec<u32>, token: u32) -> (u32, f64) {
    let at = context.len() - 1;
    let window = Window {
        tokens: context,
        positions: vec![at],
        want: Want {
            targets: Targets::Same(vec![token]),
            candidates: 0,
        },
    };
    let scored = engine.score(vec![window], &CancelToken::new()).unwrap();
    let position = &scored.windows[0].positions[0];
    (position.greedy, position.log_probabilities[0])
}

/// Equal but for what llama.cpp's packing of batches changes.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.01 + 0.01 * b.abs()
}

fn bos(engine: &Engine) -> Option<u32> {
    engine.info().bos.filter(|_| engine.info().add_bos)
}

#[test]
fn eliciting_windows_are_those_of_a_loop_over_tokens_and_starts() {
    let engine = &parts().scorer.engine;
    let trace = chain();
    let output: Vec<u32> = trace.tokens.iter().map(|t| t.id).take(45).collect();
    let targets: Vec<usize> = scored(&trace)
        .into_iter()
        .filter(|&t| t < output.len())
        .collect();
    for longest in [256, 7] {
        let found =
            eliciting_windows(engine, &output, &targets, longest, &CancelToken::new()).unwrap();
        for (&t, found) in targets.iter().zip(&found) {
            let elicits = |&start: &usize| {
                let context = bos(engine)
                    .into_iter()
                    .chain(output[start..t].iter().copied())
                    .collect();
                alone(engine, context, output[t]).0 == output[t]
            };
            let shortest = (t.saturating_sub(longest)..t).rev().find(elicits);
            assert_eq!(found.elicited, shortest.is_some(), "token {t}");
            assert_eq!(found.window, shortest.unwrap_or(0)..t, "token {t}");
        }
    }
}

#[test]
fn shared_passes_give_the_saliency_of_passes_for_each_token() {
    let engine = &parts().scorer.engine;
    let mut trace = chain();
    attribute(&mut trace, engine, &NonLocalSettings::default());
    let mask = neutral_mask(engine);
    let output: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
    let [from, to] = trace.prompt.question_span;
    // Where each token of the prompt lies.
    let mut spans = Vec::new();
    let mut at = 0;
    for (i, &id) in trace.prompt.tokens.iter().enumerate() {
        let bytes = engine.token_bytes(id);
        let held = trace.prompt.text.as_bytes()[at..].starts_with(&bytes);
        let n = if i == 0 && !held { 0 } else { bytes.len() };
        spans.push(at..at + n);
        at += n;
    }
    assert_eq!(at, trace.prompt.text.len());
    let mut seen = 0;
    for t in scored(&trace).into_iter().step_by(5) {
        let whole: Vec<u32> = trace
            .prompt
            .tokens
            .iter()
            .chain(&output[..t])
            .copied()
            .collect();
        let (_, base) = alone(engine, whole.clone(), output[t]);
        let drop =
            |spans: &[std::ops::Range<usize>], context: &[u32], span: [usize; 2], base: f64| {
                let touching = (0..spans.len().min(context.len()))
                    .filter(|&i| spans[i].start < span[1] && spans[i].end > span[0]);
                touching
                    .map(|i| {
                        let mut masked = context.to_vec();
                        masked[i] = mask;
                        base - alone(engine, masked, output[t]).1
                    })
                    .fold(f64::NEG_INFINITY, f64::max)
            };
        let long = trace.tokens[t].long.as_ref().unwrap();
        for word in &long.words {
            assert_eq!(&trace.prompt.text[word.span[0]..word.span[1]], word.text);
            assert!(word.span[0] >= from && word.span[1] <= to);
            let want = drop(&spans, &whole, word.span, base);
            assert!(near(word.saliency, want), "{word:?} {want}");
            seen += 1;
        }
        // The same for the window of the output.
        let mid = trace.tokens[t].mid.as_ref().unwrap();
        let Some([start, end]) = mid.window else {
            panic!()
        };
        assert_eq!(end, t);
        let head = usize::from(bos(engine).is_some());
        let context: Vec<u32> = bos(engine)
            .into_iter()
            .chain(output[start..t].iter().copied())
            .collect();
        let (_, base) = alone(engine, context.clone(), output[t]);
        let mut spans = vec![0..0; head];
        spans.extend(trace.tokens[start..t].iter().map(|t| t.span[0]..t.span[1]));
        for word in &mid.words {
            let want = drop(&spans, &context, word.span, base);
            assert!(near(word.saliency, want), "{word:?} {want}");
            assert!(word.span[1] <= trace.tokens[t].span[0]);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn counts_are_those_of_a_scan_over_all_documents() {
    let engine = &parts().scorer.engine;
    let index = &parts().index;
    let documents: Vec<(Vec<u32>, HashSet<String>)> = (0..index.info().documents.unwrap())
        .map(|d| {
            let held = index.document(d).unwrap();
            let words = words(&held.text)
                .iter()
                .map(|w| w.text.to_string())
                .collect();
            (held.tokens, words)
        })
        .collect();
    let mut trace = chain();
    attribute(&mut trace, engine, &NonLocalSettings::default());
    let t = *scored(&trace)
        .iter()
        .rfind(|&&t| {
            trace.tokens[t]
                .mid
                .as_ref()
                .is_some_and(|m| m.words.len() > 2)
        })
        .unwrap();
    let token = &trace.tokens[t];
    for (non_local, counts) in [
        (token.mid.as_ref().unwrap(), &token.candidates.mid),
        (token.long.as_ref().unwrap(), &token.candidates.long),
    ] {
        for (candidate, &count) in token.candidates.text.iter().zip(counts).step_by(3) {
            let want = surface(candidate).map_or(0, |form| {
                let both = |w: &str| {
                    documents
                        .iter()
                        .filter(|(_, words)| words.contains(w) && words.contains(form))
                        .count()
                };
                non_local
                    .words
                    .iter()
                    .map(|w| {
                        assert_ne!(w.text, form.trim());
                        both(&w.text)
                    })
                    .sum::<usize>()
            });
            let want = want as f64 / non_local.words.len() as f64;
            // A candidate that is a salient word itself occurs with itself twice or not; it is none of these by chance.
            assert_eq!(count, Some(want), "{candidate:?}");
        }
    }
    // Words and n-grams together, and n-grams alone.
    let salient: Vec<String> = token
        .mid
        .as_ref()
        .unwrap()
        .words
        .iter()
        .map(|w| w.text.clone())
        .collect();
    let output: Vec<u32> = trace.tokens[..t].iter().map(|t| t.id).collect();
    let grams: Vec<Vec<u32>> = (0..4)
        .map(|l| {
            output[output.len() - l..]
                .iter()
                .copied()
                .chain([token.id])
                .collect()
        })
        .collect();
    let grams: Vec<&[u32]> = grams.iter().map(Vec::as_slice).chain([&[][..]]).collect();
    let holds = |tokens: &[u32], gram: &[u32]| {
        gram.is_empty() || tokens.windows(gram.len()).any(|w| w == gram)
    };
    let counted = index.documents_with(&salient, &grams).unwrap();
    let alone = index.document_counts(&grams).unwrap();
    for (g, gram) in grams.iter().enumerate() {
        let holders: Vec<&HashSet<String>> = documents
            .iter()
            .filter(|(tokens, _)| holds(tokens, gram))
            .map(|(_, w)| w)
            .collect();
        assert_eq!(alone[g].value, holders.len() as u64, "{gram:?}");
        for (w, word) in salient.iter().enumerate() {
            assert_eq!(
                counted[w].value[g],
                holders.iter().filter(|h| h.contains(word)).count() as u64,
                "{word} {gram:?}"
            );
        }
    }
    // Cached answers are the same as fresh ones, also for places and for a word with itself.
    let pairs: Vec<(String, String)> = salient
        .iter()
        .map(|s| (s.clone(), salient[0].clone()))
        .collect();
    for how in [Cooccur::Document, Cooccur::Window(10)] {
        let first = index.cooccurs(&pairs, how).unwrap();
        assert_eq!(index.cooccurs(&pairs, how).unwrap(), first);
        let turned: Vec<(String, String)> =
            pairs.iter().map(|(a, b)| (b.clone(), a.clone())).collect();
        assert_eq!(index.cooccurs(&turned, how).unwrap(), first);
    }
}

fn bytes(trace: &Trace) -> String {
    let mut trace = trace.clone();
    trace.timing = Default::default();
    serde_json::to_string(&trace).unwrap()
}

#[test]
fn the_same_bytes_whatever_the_order_the_threads_and_what_came_before() {
    let engine = &parts().scorer.engine;
    for method in Method::ALL {
        let settings = NonLocalSettings {
            saliency: method,
            samples: Some(2),
            ..Default::default()
        };
        // Sampling is dear: a short completion will do.
        let mut first = match method {
            Method::LeaveOneOut | Method::Staged => chain(),
            Method::Contrastive | Method::LergS => score(&prompts_of("formula-base.jsonl")[0]),
        };
        let steps = first.steps.len();
        assert!(steps >= 2);
        let plain = first.clone();
        let cost = attribute(&mut first, engine, &settings);
        assert_eq!(cost.tokens, scored(&first).len());
        let again = |engine: &Engine, settings: &NonLocalSettings| {
            let mut trace = plain.clone();
            attribute(&mut trace, engine, settings);
            bytes(&trace)
        };
        let want = bytes(&first);
        assert!(again(engine, &settings) == want, "{method:?} twice");
        let backwards = NonLocalSettings {
            order: Some((0..steps).rev().collect()),
            ..settings.clone()
        };
        assert!(again(engine, &backwards) == want, "{method:?} backwards");
        if method == Method::LeaveOneOut {
            let other = load(2, 8, 512);
            // A longer sequence first: the cache is another one from then on.
            alone(&other, vec![300; 400], 300);
            assert!(again(&other, &settings) == want, "two threads");
        }
        clear(&mut first);
        assert!(bytes(&first) == bytes(&plain), "{method:?} cleared");
    }
}

#[test]
fn scope_and_sources_are_kept_and_tokens_come_in_the_order_asked_for() {
    let engine = &parts().scorer.engine;
    let mut trace = chain();
    let settings = NonLocalSettings {
        sources: vec![Source::Long],
        scope: Scope::Step(2),
        ..Default::default()
    };
    attribute(&mut trace, engine, &settings);
    let [from, to] = trace.steps[1].tokens;
    for (i, token) in trace.tokens.iter().enumerate() {
        let wanted = (from..to).contains(&i) && token.skipped.is_none();
        assert_eq!(token.long.is_some(), wanted, "token {i}");
        assert!(token.mid.is_none() && token.candidates.mid.is_empty());
        assert_eq!(
            token.candidates.long.len(),
            if wanted && !token.long.as_ref().unwrap().words.is_empty() {
                token.candidates.ids.len()
            } else {
                0
            }
        );
    }
    let wrong = NonLocalSettings {
        scope: Scope::Step(99),
        ..Default::default()
    };
    let index = parts().index.as_ref();
    let none = CancelToken::new();
    let error =
        attribute_completion(&mut trace, engine, index, &wrong, &none, &mut |_| ()).unwrap_err();
    assert!(
        matches!(error, StimError::NoStep { step: 99, .. }),
        "{error}"
    );

    let mut seen = Vec::new();
    let last_first = NonLocalSettings {
        order: Some(vec![2]),
        ..Default::default()
    };
    attribute_completion(&mut trace, engine, index, &last_first, &none, &mut |p| {
        if let Progress::Token { index, token, .. } = p {
            assert!(token.mid.is_some() && token.long.is_some());
            seen.push(index);
        }
    })
    .unwrap();
    let [from, to] = trace.steps[2].tokens;
    assert!((from..to).contains(&seen[0]), "{seen:?}");
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, scored(&trace));
    let want = bytes(&trace);

    // Who looks elsewhere in the meantime is served next, with the same scores.
    let focus = Arc::new(AtomicUsize::new(from));
    let watched = NonLocalSettings {
        focus: Some(focus.clone()),
        ..Default::default()
    };
    let last = trace.steps.len() - 1;
    let [begin, end] = trace.steps[last].tokens;
    let mut seen = Vec::new();
    attribute_completion(&mut trace, engine, index, &watched, &none, &mut |p| {
        if let Progress::Token { index, .. } = p {
            seen.push(index);
            focus.store(end - 1, Ordering::Relaxed);
        }
    })
    .unwrap();
    assert!((from..to).contains(&seen[0]), "{seen:?}");
    let then = seen.iter().find(|t| !(from..to).contains(*t)).unwrap();
    assert!((begin..end).contains(then), "{seen:?}");
    assert!(bytes(&trace) == want);
}

#[test]
fn nothing_is_reported_after_a_cancel() {
    let mut trace = chain();
    let cancel = CancelToken::new();
    let mut calls = 0;
    let settings = NonLocalSettings {
        saliency: Method::LergS,
        ..Default::default()
    };
    let p = parts();
    let result = attribute_completion(
        &mut trace,
        &p.scorer.engine,
        p.index.as_ref(),
        &settings,
        &cancel,
        &mut |_| {
            calls += 1;
            if calls == 2 {
                cancel.cancel();
            }
        },
    );
    assert!(matches!(result, Err(StimError::Cancelled)));
    assert_eq!(calls, 2, "it went on");
    assert!(trace.tokens.iter().all(|t| t.mid.is_none()));
}
