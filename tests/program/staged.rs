//! The staged search and budgets, held against the full search on the bundled model and corpus.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rotescope_corpus::{Cooccur, WordCounts};
use rotescope_stim::{Forms, Method, NonLocalSettings};
use rotescope_trace::{Source, Trace};

use crate::stim::{attribute, chain, parts, prompts_of, score, scored};
use crate::support::{rotescope, small_index, text, traces};

fn staged() -> NonLocalSettings {
    NonLocalSettings {
        saliency: Method::Staged,
        ..Default::default()
    }
}

fn tokens(trace: &Trace) -> serde_json::Value {
    serde_json::to_value(&trace.tokens).unwrap()
}

#[test]
fn the_staged_search_names_the_causes_of_the_full_one_and_reads_less() {
    let engine = &parts().scorer.engine;
    let chains: Vec<Trace> = prompts_of("counting-longtail.jsonl")
        .iter()
        .take(3)
        .map(score)
        .collect();
    let (mut same, mut all, mut windows) = (0, 0, 0);
    for chain in chains {
        let mut full = chain.clone();
        let full_cost = attribute(&mut full, engine, &NonLocalSettings::default());
        let mut quick = chain;
        let cost = attribute(&mut quick, engine, &staged());
        quick.validate().unwrap();
        assert_eq!(cost.tokens, full_cost.tokens);
        let less = cost.whole.evaluated as f64 / full_cost.whole.evaluated as f64;
        assert!(less < 0.95, "{less:.2} of {}", full_cost.whole.evaluated);
        for (a, b) in full.tokens.iter().zip(&quick.tokens) {
            if a.skipped.is_some() {
                continue;
            }
            all += 1;
            same += usize::from(a.cause.map(|c| c.source) == b.cause.map(|c| c.source));
            let window =
                |t: &rotescope_trace::Token| t.mid.as_ref().map(|m| (m.window, m.elicited));
            windows += usize::from(window(a) == window(b));
        }
    }
    eprintln!("causes {same} of {all}, windows {windows}");
    assert!(all > 100 && same * 100 >= all * 95, "{same} of {all}");
    assert!(windows * 100 >= all * 70, "{windows} of {all}");
}

#[test]
fn a_budget_leaves_the_least_surprising_pending_and_what_is_done_is_final() {
    let engine = &parts().scorer.engine;
    let mut whole = chain();
    let all = attribute(&mut whole, engine, &staged());
    let budget = all.whole.evaluated / 2;
    let settings = NonLocalSettings {
        budget: Some(format!("{budget}tok").parse().unwrap()),
        ..staged()
    };
    let mut part = chain();
    let cost = attribute(&mut part, engine, &settings);
    part.validate().unwrap();
    assert!(
        cost.whole.evaluated <= budget * 6 / 5,
        "{} of {budget}",
        cost.whole.evaluated
    );
    let pending = |t: &Trace| -> Vec<usize> {
        let of = |&i: &usize| !t.tokens[i].pending.is_empty();
        (0..t.tokens.len()).filter(of).collect()
    };
    let left = pending(&part);
    assert!(!left.is_empty() && cost.tokens > 0);
    assert_eq!(left.len() + cost.tokens, all.tokens);
    let surest = left.iter().map(|&i| part.tokens[i].p).fold(1.0, f32::min);
    for i in scored(&part) {
        let (token, done) = (&part.tokens[i], !left.contains(&i));
        assert_eq!(token.mid.is_some(), done, "token {i}");
        if done {
            assert!(token.p <= surest);
            assert_eq!(
                serde_json::to_value(token).unwrap(),
                serde_json::to_value(&whole.tokens[i]).unwrap()
            );
        } else {
            assert_eq!(token.undefined(Source::Long), Some("pending"));
            assert!(token.cause.is_none() && token.measures.is_empty());
        }
    }
    // Another call does the rest alone, and all is as if it had been done at once.
    let rest = attribute(&mut part, engine, &staged());
    assert_eq!(rest.tokens, left.len());
    assert!(pending(&part).is_empty());
    assert_eq!(tokens(&part), tokens(&whole));
    // Other settings begin anew.
    let mut other = chain();
    attribute(&mut other, engine, &settings);
    let anew = attribute(
        &mut other,
        engine,
        &NonLocalSettings {
            words: 3,
            ..staged()
        },
    );
    assert_eq!(anew.tokens, all.tokens);
}

#[test]
fn what_is_looked_at_changes_the_order_alone() {
    let engine = &parts().scorer.engine;
    let mut plain = chain();
    attribute(&mut plain, engine, &staged());
    let mut watched = chain();
    let last = watched.tokens.len() - 1;
    let focus = NonLocalSettings {
        focus: Some(Arc::new(AtomicUsize::new(last))),
        ..staged()
    };
    attribute(&mut watched, engine, &focus);
    assert_eq!(tokens(&plain), tokens(&watched));
}

#[test]
fn candidates_are_counted_as_the_words_that_the_model_makes_of_them() {
    let engine = &parts().scorer.engine;
    let index = &parts().index;
    let mut trace = chain();
    let settings = NonLocalSettings {
        forms: Forms::Completed,
        ..Default::default()
    };
    attribute(&mut trace, engine, &settings);
    trace.validate().unwrap();
    assert_eq!(
        trace
            .attribution
            .non_local
            .as_ref()
            .unwrap()
            .forms
            .as_deref(),
        Some("completed")
    );
    let mut numbers = 0;
    for i in scored(&trace) {
        let token = &trace.tokens[i];
        let own = token
            .candidates
            .ids
            .iter()
            .position(|&id| id == token.id)
            .unwrap();
        let long = token.long.as_ref().unwrap();
        // The completion is greedy, so the model makes of the token itself what it wrote.
        let words = rotescope_text::words(&trace.output);
        let Some(word) = words
            .iter()
            .find(|w| w.span.start < token.span[1] && w.span.end > token.span[0])
        else {
            continue;
        };
        if long.words.is_empty() || word.span.end > trace.tokens[trace.tokens.len() - 2].span[0] {
            continue;
        }
        let sum: u64 = long
            .words
            .iter()
            .map(|w| {
                index
                    .cooccur(&w.text, word.text, Cooccur::Document)
                    .unwrap()
                    .value
            })
            .sum();
        let want = sum as f64 / long.words.len() as f64;
        assert_eq!(
            token.candidates.long[own],
            Some(want),
            "{:?} of {:?}",
            token.text,
            word.text
        );
        numbers +=
            usize::from(word.text.len() > 1 && word.text.bytes().all(|b| b.is_ascii_digit()));
        for (text, count) in token.candidates.text.iter().zip(&token.candidates.long) {
            if rotescope_text::words(text).is_empty() {
                assert_eq!(*count, None, "{text:?}");
            }
        }
    }
    assert!(numbers > 3, "{numbers}");
}

/// Attributed anew, a trace says what that took, and not what was read for it before as well.
#[test]
fn timing_is_of_the_last_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (first, again) = (path("first.jsonl"), path("again.jsonl"));
    let all = ["--sources", "all", "--index", small_index(), "-o"];
    let score = [
        "score",
        "bundle:applied-base",
        "--limit",
        "1",
        "--max-tokens",
        "12",
    ];
    for (command, out) in [(&score[..], &first), (&["attribute", &first], &again)] {
        let run = rotescope(&[command, &all, &[out]].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
    }
    let read = |file: &str| traces(Path::new(file))[0].timing.attribute_tokens;
    assert!(read(&first) > 0);
    assert_eq!(read(&first), read(&again));
}
