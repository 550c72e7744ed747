//! Comparing completions: what a changed prompt explains and what it does not.

use rotescope_study::compare::totals::Totals;
use rotescope_study::compare::{Comparison, Relation, StepRelation, compare};
use rotescope_testing::pairs::{changed, original, trace};
use rotescope_trace::ModelRef;

fn relations(c: &Comparison, text_b: &str) -> Vec<Relation> {
    c.tokens
        .iter()
        .filter(|t| t.text_b.trim() == text_b)
        .map(|t| t.relation)
        .collect()
}

#[test]
fn a_chain_that_follows_its_prompt_does_not_diverge() {
    let b = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 483 apples. So the answer is 483.",
    );
    let c = compare(&original(), &b);
    assert_eq!(c.first_divergence, None, "{}", c.verdict);
    assert_eq!(relations(&c, "Mia"), [Relation::Mapped; 2]);
    assert!(c.copied.is_empty() && !c.answered_original);
    assert_eq!(
        c.steps.iter().map(|s| s.relation).collect::<Vec<_>>(),
        [StepRelation::SameButNumbers; 3]
    );
    assert!(
        c.verdict
            .starts_with("Right before and after; the completions are the same but for"),
        "{}",
        c.verdict
    );
}

#[test]
fn the_originals_numbers_and_answer_are_seen() {
    let b = changed(
        " At first Mia has 473 apples. After finding more, Mia has 56 + 10 = 66 apples. So the answer is 66.",
    );
    let c = compare(&original(), &b);
    let first = &c.tokens[c.first_divergence.unwrap()];
    assert_eq!(
        (first.text_b.trim(), first.relation),
        ("5", Relation::Copied)
    );
    assert_eq!(
        c.copied
            .iter()
            .map(|n| n.number.as_str())
            .collect::<Vec<_>>(),
        ["56"]
    );
    assert!(c.answered_original);
    assert!(c.steps[1].copied && !c.steps[0].copied);
    assert!(
        c.verdict.contains("a number that only the original has")
            && c.verdict.contains("answered the original"),
        "{}",
        c.verdict
    );
}

#[test]
fn a_wrong_result_is_the_first_divergence() {
    let b = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 999 apples. So the answer is 999.",
    );
    let c = compare(&original(), &b);
    let first = &c.tokens[c.first_divergence.unwrap()];
    assert_eq!(
        (first.text_b.as_str(), first.relation),
        ("9", Relation::Substituted)
    );
    assert!(
        c.tokens[..c.first_divergence.unwrap()]
            .iter()
            .any(|t| t.relation == Relation::Mapped)
    );
    assert_eq!(c.steps[2].relation, StepRelation::SameButNumbers);
    assert!(c.fragility > 0.3, "{}", c.fragility);
}

#[test]
fn a_trace_is_the_same_as_itself() {
    let c = compare(&original(), &original());
    assert!(
        c.tokens
            .iter()
            .all(|t| t.relation == Relation::Equal && t.a == t.b)
    );
    assert_eq!(
        (c.first_divergence, c.top_change, c.fragility),
        (None, None, 0.0)
    );
    let back: Comparison = serde_json::from_value(serde_json::to_value(&c).unwrap()).unwrap();
    assert_eq!(back.verdict, c.verdict);
}

#[test]
fn other_tokenizers_are_aligned_by_words_and_said() {
    let mut b = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 483 apples. So the answer is 483.",
    );
    b.model = ModelRef {
        file: "n.gguf".into(),
        tokenizer: "u".into(),
        ..Default::default()
    };
    for t in &mut b.tokens {
        t.id += 1;
    }
    let c = compare(&original(), &b);
    assert_eq!(c.first_divergence, None, "{}", c.verdict);
    let notes = c.notes.join("; ");
    assert!(
        notes.contains("different models: m.gguf and n.gguf")
            && notes.contains("different tokenizers"),
        "{notes}"
    );
}

#[test]
fn the_same_question_has_no_original() {
    let mut b = original();
    let text = " At first Tom has 56 apples. After finding more, Tom has 56 + 10 = 99 apples. So the answer is 99.";
    let other = trace("o", &b.prompt.question, text, "66");
    let c = compare(&b, &other);
    assert!(
        c.verdict
            .starts_with("A right, B wrong; the completions part at \"6\" against \"9\""),
        "{}",
        c.verdict
    );
    // The same completion, a little less sure, by the same model under another name.
    (b.model.sha256, b.model.file) = ("1f".into(), "x.gguf".into());
    let mut less = b.clone();
    (less.tokens[3].p, less.model.file) = (0.899, "y.gguf".into());
    let c = compare(&b, &less);
    assert_eq!(c.verdict, "Both right; the completions are the same.");
    assert_eq!(c.notes, ["the same model in two files: x.gguf and y.gguf"]);
    (less.model.file, less.model.sha256) = ("x.gguf".into(), "2f".into());
    let notes = compare(&b, &less).notes;
    assert!(notes[0].contains("both called x.gguf"), "{notes:?}");
}

#[test]
fn totals_are_the_sums() {
    let good = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 483 apples. So the answer is 483.",
    );
    let bad = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 999 apples. So the answer is 999.",
    );
    let mut totals = Totals::default();
    for b in [&good, &bad, &bad] {
        totals.add(&original(), b, &compare(&original(), b));
    }
    let p = totals.paired().unwrap();
    assert_eq!((p.pairs, p.before, p.lost, p.won, p.p), (3, 1.0, 2, 0, 0.5));
    assert!((p.after - 1.0 / 3.0).abs() < 1e-12);
    let order: Vec<bool> = totals
        .by_fragility()
        .iter()
        .map(|r| r.right_b.unwrap())
        .collect();
    assert_eq!(order, [false, false, true]);
    assert_eq!(totals.sides(), ["before", "after"]);
    let (a, mut alike) = (original(), Totals::default());
    alike.add(&a, &a, &compare(&a, &a));
    assert_eq!(alike.sides(), ["A", "B"]);
}
