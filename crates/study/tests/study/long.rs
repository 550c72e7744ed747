//! How long comparisons take: `make test-long`. docs/compare.md has the figures.

use std::time::Instant;

use rotescope_study::compare::compare;
use rotescope_testing::pairs::trace;

#[test]
#[ignore = "long: make test-long"]
fn four_thousand_tokens_are_compared_quickly() {
    let long = |n: usize, m: usize| -> String {
        (0..n)
            .map(|i| format!(" Step {i} adds {} to {m}.", i * m))
            .collect()
    };
    let (a, b) = (
        trace("a", "Use 3.", &long(400, 3), "1"),
        trace("b", "Use 7.", &long(400, 7), "1"),
    );
    assert!(a.tokens.len() >= 4000 && b.tokens.len() >= 4000);
    let began = Instant::now();
    let c = compare(&a, &b);
    let took = began.elapsed();
    eprintln!(
        "{} and {} tokens compared in {took:?}",
        a.tokens.len(),
        b.tokens.len()
    );
    assert!(!c.tokens.is_empty() && took.as_millis() < 1000, "{took:?}");
}

/// Words drawn by a fixed sequence, in sentences of ten.
fn drawn(seed: u64, words: usize) -> String {
    let mut x = seed;
    let mut next = |below: u64| {
        x = x
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) % below
    };
    let word = |i: usize| {
        let letter = |n: u64| char::from(b'a' + n as u8);
        let word: String = (0..3).map(|_| letter(next(8))).collect();
        let end = if i % 10 == 9 { "." } else { "" };
        format!(" {word}{end}")
    };
    (0..words).map(word).collect()
}

#[test]
#[ignore = "long: make test-long"]
fn forty_thousand_tokens_are_no_trouble() {
    let (a, b) = (
        trace("a", "Why?", &drawn(1, 37_000), "1"),
        trace("b", "How?", &drawn(2, 37_000), "1"),
    );
    let began = Instant::now();
    let c = compare(&a, &b);
    let took = began.elapsed();
    eprintln!(
        "{} and {} unrelated tokens compared in {took:?}",
        a.tokens.len(),
        b.tokens.len()
    );
    assert!(c.steps.len() >= 3700 && took.as_secs() < 10, "{took:?}");
}

#[test]
#[ignore = "long: make test-long"]
fn four_thousand_tokens_that_have_nothing_to_do_with_each_other_are_compared_quickly() {
    let (a, b) = (
        trace("a", "Why?", &drawn(1, 3700), "1"),
        trace("b", "How?", &drawn(2, 3700), "1"),
    );
    assert!(a.tokens.len() >= 4000 && b.tokens.len() >= 4000);
    let began = Instant::now();
    let c = compare(&a, &b);
    let took = began.elapsed();
    eprintln!(
        "{} and {} unrelated tokens compared in {took:?}",
        a.tokens.len(),
        b.tokens.len()
    );
    assert!(
        c.first_divergence.is_some() && took.as_millis() < 1000,
        "{took:?}"
    );
}
