//! Comparing chains: what a changed prompt explains and what it does not, and the program from the outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rotescope::compare::totals::Totals;
use rotescope::compare::{Comparison, Relation, StepRelation, compare};
use rotescope::text::{SplitBy, final_answer, same_answer, split_steps, token_spans};
use rotescope::trace::{
    Answer, AttributionOptions, Candidates, ModelRef, Prompt, SCHEMA, Sampler, Step, Timing, Token,
    Trace,
};
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rotescope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(args)
        .env("ROTESCOPE_HOME", root())
        .current_dir(root())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A trace whose tokens are single digits and words with the space before them.
fn trace(id: &str, question: &str, output: &str, expected: &str) -> Trace {
    let mut pieces: Vec<String> = Vec::new();
    for c in output.chars() {
        let apart = !c.is_alphabetic()
            || pieces
                .last()
                .is_none_or(|p| p.ends_with(|l: char| !l.is_alphabetic() && l != ' '));
        if apart {
            pieces.push(c.into())
        } else {
            pieces.last_mut().unwrap().push(c)
        }
    }
    let mut at = 0;
    let id_of = |text: &str| {
        text.bytes()
            .fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()))
            % 50_000
    };
    let tokens: Vec<Token> = pieces
        .into_iter()
        .map(|text| {
            at += text.len();
            Token {
                id: id_of(&text),
                span: [at - text.len(), at],
                text,
                bytes: None,
                p: 0.9,
                rank: 1,
                entropy: 0.1,
                candidates: Candidates::default(),
                local: None,
                mid: None,
                long: None,
                measures: Default::default(),
                cause: None,
                skipped: None,
            }
        })
        .collect();
    let steps = split_steps(output, SplitBy::Sentence);
    let spans: Vec<_> = tokens.iter().map(|t| t.span[0]..t.span[1]).collect();
    let of_tokens = token_spans(output.as_bytes(), &steps, &spans);
    let steps = steps.iter().zip(&of_tokens);
    let found = final_answer(output).map(|a| a.text.to_string());
    Trace {
        schema: SCHEMA.into(),
        rotescope: "0".into(),
        prompt: Prompt {
            id: id.into(),
            question: question.into(),
            ..Default::default()
        },
        model: ModelRef {
            file: "m.gguf".into(),
            tokenizer: "t".into(),
            ..Default::default()
        },
        index: None,
        sampler: Sampler::default(),
        attribution: AttributionOptions {
            candidates: 20,
            steps: "sen".into(),
            distant: None,
        },
        output: output.into(),
        steps: steps
            .map(|(s, t)| Step {
                span: [s.start, s.end],
                tokens: [t.start, t.end],
                flag: None,
                verdict: None,
            })
            .collect(),
        tokens,
        reasoning: None,
        answer: Answer {
            right: Some(found.as_ref().is_some_and(|f| same_answer(f, expected))),
            extracted: found,
            span: None,
            expected: Some(expected.into()),
        },
        finish: "end".into(),
        timing: Timing::default(),
        extra: Default::default(),
    }
}

fn original() -> Trace {
    trace(
        "o",
        "Tom has 56 apples. Then Tom finds 10 apples. How many apples does Tom have now?",
        " At first Tom has 56 apples. After finding more, Tom has 56 + 10 = 66 apples. So the answer is 66.",
        "66",
    )
}

/// The same problem with 473 and Mia for 56 and Tom, and this chain.
fn changed(output: &str) -> Trace {
    let mut t = trace(
        "o+x",
        "Mia has 473 apples. Then Mia finds 10 apples. How many apples does Mia have now?",
        output,
        "483",
    );
    t.prompt.pair = Some("o".into());
    t
}

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
            .starts_with("Right before and after; the chains are the same but for"),
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
    let began = std::time::Instant::now();
    let c = compare(&a, &b);
    let took = began.elapsed();
    eprintln!(
        "{} and {} tokens compared in {took:?}",
        a.tokens.len(),
        b.tokens.len()
    );
    assert!(!c.tokens.is_empty() && took.as_millis() < 1000, "{took:?}");
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
}

fn write(path: &Path, traces: &[&Trace]) -> String {
    let lines: Vec<String> = traces
        .iter()
        .map(|t| serde_json::to_string(t).unwrap())
        .collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn the_program_compares_files_and_names_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 483 apples. So the answer is 483.",
    );
    let mut lonely = original();
    lonely.prompt.id = "lonely".into();
    let a = write(&at("a.jsonl"), &[&original(), &lonely]);
    let b = write(&at("b.jsonl"), &[&good]);
    let out = rotescope(&["compare", &a, &b]);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stderr).contains("without a variant: lonely"),
        "{}",
        text(&out.stderr)
    );
    assert!(
        text(&out.stdout).contains("Right before and after"),
        "{}",
        text(&out.stdout)
    );

    let both = write(&at("both.jsonl"), &[&original(), &good]);
    let out = rotescope(&["compare", &both, "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let c: Comparison = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((c.a.id.as_str(), c.b.id.as_str()), ("o", "o+x"));

    let twice = write(&at("twice.jsonl"), &[&original(), &original()]);
    let none = write(&at("none.jsonl"), &[&lonely]);
    let b = b.as_str();
    for (args, want) in [
        (vec!["compare", &twice, b], "id \"o\" stands twice"),
        (vec!["compare", &none, b], "belongs to one of"),
        (
            vec!["compare", "prompts/applied-base.jsonl", b],
            "line 1: not a rotescope trace",
        ),
        (vec!["compare", "no/such", b], "no/such"),
        (
            vec!["compare", &a, b, "--show", "zzz"],
            "no pair has the id",
        ),
        (
            vec!["compare", "prompts/applied-base.jsonl", "--with", "rotat"],
            "there are:",
        ),
        (
            vec!["compare", &a, b, "--with", "reverse"],
            "one file of prompts",
        ),
    ] {
        let out = rotescope(&args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(text(&out.stderr).contains(want), "{}", text(&out.stderr));
    }
}

#[test]
fn the_program_scores_prompts_and_changed_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let args = [
        "compare",
        "prompts/applied-base.jsonl",
        "--with",
        "numbers",
        "--limit",
        "4",
        "--no-index",
        "--threads",
        "1",
        "--keep",
    ];
    let out = rotescope(&[&args[..], &[keep.to_str().unwrap(), "--json"]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let lines: Vec<Value> = text(&out.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    for c in &lines {
        let forced = &c["forced"];
        let (own, other) = (
            forced["original"].as_f64().unwrap(),
            forced["changed"].as_f64().unwrap(),
        );
        // Greedy: no other prompt makes the chain much more probable than its own, which chose it.
        assert!(own <= 0.0 && other < own, "{forced}");
        assert!(!c["mapping"].as_array().unwrap().is_empty());
    }
    // The same from the files that were kept, as tables.
    let file = |n: &str| keep.join(n).to_str().unwrap().to_string();
    let out = rotescope(&["compare", &file("a.jsonl"), &file("b.jsonl")]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let said = text(&out.stdout);
    assert!(
        said.contains("4 pairs") && said.contains("McNemar") && said.contains("Most fragile pairs"),
        "{said}"
    );
}

#[test]
fn the_program_changes_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let out_path = folder.path().join("new.jsonl");
    let out = out_path.to_str().unwrap();
    let run = |extra: &[&str]| {
        rotescope(
            &[
                &[
                    "perturb",
                    "prompts/applied-base.jsonl",
                    "--with",
                    "numbers",
                    "-o",
                    out,
                ][..],
                extra,
            ]
            .concat(),
        )
    };
    let first = run(&[]);
    assert!(
        matches!(first.status.code(), Some(0 | 1)),
        "{}",
        text(&first.stderr)
    );
    let lines: Vec<Value> = std::fs::read_to_string(&out_path)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(lines.len() > 150);
    for l in &lines {
        assert_eq!(
            l["id"],
            json!(format!("{}+numbers", l["pair"].as_str().unwrap()))
        );
        assert_eq!(l["meta"]["perturbation"]["operators"], json!(["numbers"]));
    }
    assert!(text(&run(&[]).stderr).contains("exists already"));
    let titles = rotescope(&[
        "perturb",
        "prompts/capitalization-base.jsonl",
        "--with",
        "numbers",
    ]);
    assert_eq!(titles.status.code(), Some(2));
    assert!(
        text(&titles.stderr).contains("none of"),
        "{}",
        text(&titles.stderr)
    );
    let list = rotescope(&["perturb", "--list"]);
    assert!(list.status.success() && text(&list.stdout).contains("digit-expansion"));
}
