//! What is held against claims: formulas of the stories' templates are common, passages that the corpus has many times are not.

use serde_json::Value;

use crate::audit_extract::{extracted, passages, windows, write};
use crate::support::{root, small_index};
use rotescope_trace::audit::extract::ExtractWindow;

/// Stories that no corpus has, and of each the words that its template has around names, things and numbers.
fn stories(n: usize) -> Vec<(String, Vec<String>)> {
    let prompts = std::fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
    let story = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let of = |v: &Value| v.as_str().unwrap().to_string();
        let text = format!(
            "Question: {}\nAnswer: {}",
            of(&row["question"]),
            of(&row["meta"]["chain"])
        );
        let template = of(&row["meta"]["template"]) + "\nAnswer: The day starts with {x0}";
        let fixed = template
            .split(['{', '}'])
            .step_by(2)
            .map(String::from)
            .collect();
        (text, fixed)
    };
    prompts.lines().take(n).map(story).collect()
}

#[test]
fn formulas_are_common_and_passages_with_many_copies_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let told = stories(24);
    let file = write(&path("stories.jsonl"), told.iter().map(|s| s.0.clone()));
    let out = path("stories-out.jsonl").display().to_string();
    let audit = |file: &str, out: &str, window: [&str; 2]| {
        extracted(&[
            file,
            "--index",
            small_index(),
            "--window",
            window[0],
            "--stride",
            window[1],
            "--no-near",
            "-o",
            out,
        ]);
        let all = windows(out).into_iter();
        all.filter(|w| w.claim).collect::<Vec<ExtractWindow>>()
    };
    let is_fixed = |w: &ExtractWindow| {
        let line = w.document.rsplit(':').next().unwrap();
        let fixed = &told[line.parse::<usize>().unwrap() - 1].1;
        let text = w.text.concat();
        fixed.iter().any(|f| f.contains(text.trim_end()))
    };
    let mut formulas = audit(&file, &out, ["24/4", "3"]);
    formulas.retain(is_fixed);
    let common = |is: fn(&ExtractWindow) -> bool| {
        let some = formulas.iter().filter(|w| is(w)).count();
        some as f64 / formulas.len() as f64
    };
    let (both, model) = (
        common(ExtractWindow::is_common),
        common(|w| w.guard.is_some_and(|g| g.common)),
    );
    eprintln!(
        "{} formulas: {both:.3} are common, {model:.3} by the model alone",
        formulas.len()
    );
    assert!(formulas.len() >= 20, "{}", formulas.len());
    assert!(both >= 0.9 && model < both, "{both} {model}");

    // With continuations as short, passages of 50 copies and more.
    let many = passages(2).into_iter().filter(|p| p.0 >= 50).map(|p| p.1);
    let file = write(&path("passages.jsonl"), many);
    let out = path("passages-out.jsonl").display().to_string();
    let claims = audit(&file, &out, ["24/8", "12"]);
    let kept = claims.iter().filter(|w| w.is_memorized()).count();
    eprintln!("passages: {kept} of {} claims are kept", claims.len());
    assert!(claims.len() >= 15 && kept * 100 >= claims.len() * 95);
}
