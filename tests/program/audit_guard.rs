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
    let told = stories(40);
    let file = write(&path("stories.jsonl"), told.iter().map(|s| s.0.clone()));
    let claims = |more: &[&str]| -> Vec<ExtractWindow> {
        let out = path(&format!("{}.jsonl", more.len())).display().to_string();
        let args = [
            &[
                file.as_str(),
                "--index",
                small_index(),
                "--window",
                "24/4",
                "--stride",
                "3",
                "--no-near",
                "-o",
                &out,
            ],
            more,
        ];
        extracted(&args.concat());
        let is_fixed = |w: &ExtractWindow| {
            let line = w.document.rsplit(':').next().unwrap();
            let fixed = &told[line.parse::<usize>().unwrap() - 1].1;
            let text = w.text.concat();
            w.claim && fixed.iter().any(|f| f.contains(text.trim_end()))
        };
        windows(&out).into_iter().filter(is_fixed).collect()
    };
    let share = |some: &[ExtractWindow]| {
        let common = some.iter().filter(|w| w.is_common()).count();
        (common, some.len(), common as f64 / some.len().max(1) as f64)
    };
    let (both, model) = (claims(&[]), claims(&["--elsewhere", "0"]));
    eprintln!(
        "formulas that are common: {:?} with the corpus' counts, {:?} by the model alone",
        share(&both),
        share(&model)
    );
    assert!(both.len() >= 20, "{}", both.len());
    assert!(share(&both).2 >= 0.9);
    assert!(share(&model).2 < share(&both).2, "the counts do something");

    // With continuations as short, passages of 50 copies and more.
    let many = passages(4).into_iter().filter(|p| p.0 >= 50).map(|p| p.1);
    let file = write(&path("passages.jsonl"), many);
    let out = path("passages-out.jsonl").display().to_string();
    for window in ["32/32", "24/8"] {
        let _ = std::fs::remove_file(&out);
        extracted(&[
            &file,
            "--index",
            small_index(),
            "--window",
            window,
            "--no-near",
            "-o",
            &out,
        ]);
        let claimed: Vec<ExtractWindow> = windows(&out).into_iter().filter(|w| w.claim).collect();
        let (common, n, lost) = share(&claimed);
        eprintln!("passages in windows of {window}: {common} of {n} claims are lost");
        assert!(n >= 15 && lost <= 0.05, "{window}: {common} of {n}");
    }
}
