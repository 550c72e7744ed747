//! `evaluate --labels`: what people say of steps, against verdicts, flags and plain scores. The figures are worked out by hand.

use std::path::Path;

use crate::support::{rotescope, text};
use rotescope_testing::pairs::trace;
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{Flag, Trace};
use serde_json::{Value, json};

/// Five chains. Verdicts name the slip of `a`, nothing of `b` and `e`, spare `c`, and call a sum in `d` wrong that its reader passed over.
fn chains() -> [(&'static str, Vec<&'static str>, i64); 5] {
    [
        (
            "a",
            vec!["First 2 + 2 = 4.", "Then 4 + 1 = 6.", "So it is 6."],
            1,
        ),
        (
            "b",
            vec!["First 3 + 3 = 6.", "Twice as many are 13.", "So it is 13."],
            1,
        ),
        ("c", vec!["First 1 + 1 = 2."], -1),
        ("d", vec!["First 5 + 5 = 11.", "So it is 11."], -1),
        ("e", vec!["First 4 + 4 = 8.", "So it is 9."], 1),
    ]
}

fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_string()
}

/// The chains as others write them, with or without their labels.
fn generations(folder: &Path, name: &str, with_labels: bool) -> String {
    let lines = chains().map(|(id, steps, label)| {
        let mut row = json!({"id": id, "question": format!("How many in {id}?"), "steps": steps});
        if with_labels {
            row["label"] = label.into();
        }
        row.to_string()
    });
    write(folder, name, &lines.join("\n"))
}

/// Runs `evaluate` with these arguments; the JSON that it writes, what it prints, and what it says beside.
fn evaluate(folder: &Path, arguments: &[&str]) -> (Value, String, String) {
    let json = folder.join("evaluation.json");
    let more = ["--json", json.to_str().unwrap(), "--resamples", "50"];
    let out = rotescope(&[&["evaluate"], arguments, &more].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let json = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    (json, text(&out.stdout), text(&out.stderr))
}

fn table<'a>(json: &'a Value, id: &str) -> &'a Value {
    let all = json["tables"].as_array().unwrap();
    all.iter()
        .find(|t| t["id"] == id)
        .unwrap_or_else(|| panic!("no table {id}: {json}"))
}

/// The numbers of a row, by the text of one of its cells; a cell with an interval counts by its value.
fn row(table: &Value, name: &str) -> Vec<f64> {
    let rows = table["rows"].as_array().unwrap().iter();
    let named = |r: &&Value| r.as_array().unwrap().iter().any(|c| c == name);
    let row = rows.filter(named).collect::<Vec<_>>();
    let [row] = row[..] else {
        panic!("{name} in {table}")
    };
    let value = |c: &Value| c.as_f64().or_else(|| c["value"].as_f64());
    row.as_array().unwrap().iter().filter_map(value).collect()
}

fn near(found: &[f64], want: &[f64]) {
    let same = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
    assert!(
        found.len() == want.len() && found.iter().zip(want).all(same),
        "{found:?} is not {want:?}"
    );
}

fn notes(json: &Value) -> String {
    let notes = json["notes"].as_array().unwrap().iter();
    notes
        .map(|n| n.as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn verdicts_and_plain_scores_beside_labels_that_the_file_brings() {
    let folder = tempfile::tempdir().unwrap();
    let file = generations(folder.path(), "labelled.jsonl", true);
    let (json, printed, _) = evaluate(folder.path(), &[&file, "--labels"]);
    let first = table(&json, "first-error");
    // Share of 3 wrong chains, share of 2 clean ones, F1, chains.
    near(&row(first, "none"), &[0.0, 1.0, 0.0, 5.0]);
    near(
        &row(first, "always the last step"),
        &[1.0 / 3.0, 0.0, 0.0, 5.0],
    );
    near(&row(first, "verdicts"), &[1.0 / 3.0, 0.5, 0.4, 5.0]);
    // Each chain is a problem, and a fold. "From the second step on" is best wherever `c`, of one step, is among the others; without it naming none is
    // no worse. So the second steps of a, b, e and d are named, and c is spared.
    near(
        &row(first, "position from the start"),
        &[1.0, 0.5, 2.0 / 3.0, 5.0],
    );
    // Wrong: the second steps of a, b, e. Right: the first steps of all, and the second of d. Verdicts name one of either: 5 1/2 of its 6 pairs, and of the
    // 6 pairs of each of the others 5 are ties and one is lost.
    let steps = table(&json, "first-error-steps");
    let average = row(steps, "verdict");
    near(&average[..1], &[10.5 / 18.0]);
    near(&average[2..], &[9.0]);
    near(&row(steps, "position from the start")[..1], &[16.5 / 18.0]);
    let said = notes(&json);
    assert!(
        said.contains("5 chains: 3 with a wrong step, 2 clean"),
        "{said}"
    );
    assert!(said.contains("1 - p, mean; 1 - p, largest"), "{said}");
    // What is lacking has no row.
    for table in [first, steps] {
        let text = table["rows"].to_string();
        for lacking in ["1 - p", "entropy", "DeepConf", "Min-K%++", "flag", "tokens"] {
            assert!(!text.contains(lacking), "{lacking}: {text}");
        }
    }
    assert!(
        printed.contains("33.3 %") && printed.contains("F1 (ProcessBench)"),
        "{printed}"
    );

    // The same file alone, and labels from a file of their own, by id.
    let (alone, _, _) = evaluate(folder.path(), &["--labels", &file]);
    assert_eq!(alone["tables"], json["tables"]);
    let bare = generations(folder.path(), "labelled-no.jsonl", false);
    let rows = chains().map(|(id, _, label)| {
        let wrong: Vec<i64> = (label >= 0).then_some(label + 1).into_iter().collect();
        json!({"id": id, "error_steps": wrong}).to_string()
    });
    let labels = write(folder.path(), "labels.jsonl", &rows.join("\n"));
    let base = ["--label-base", "1"];
    let (joined, _, _) = evaluate(
        folder.path(),
        &[&[&bare as &str, "--labels", &labels], &base[..]].concat(),
    );
    assert_eq!(
        table(&joined, "first-error")["rows"],
        table(&json, "first-error")["rows"]
    );
    // `judge` reads them alike.
    let out = rotescope(&["judge", &file, "--json"]);
    let sums: Value = serde_json::from_slice(&out.stdout).unwrap();
    let of = |n: &str| sums[n].as_u64().unwrap();
    assert_eq!(
        [of("flawed"), of("named"), of("clean"), of("spared")],
        [3, 1, 2, 1]
    );
}

#[test]
fn labels_that_do_not_fit_count_for_nothing_and_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let bare = generations(folder.path(), "bare.jsonl", false);
    let labels = write(
        folder.path(),
        "labels.csv",
        "id,label\na,1\nb,3\nc,-1\nz,0\n",
    );
    let (json, _, said) = evaluate(folder.path(), &[&bare, "--labels", &labels]);
    let noted = notes(&json);
    for want in [
        "2 chains: 1 with a wrong step, 1 clean",
        "Traces without a label: 2",
        "count for nothing: 1",
        "b: step 3 of 3, counted from 0, is not there",
    ] {
        assert!(noted.contains(want), "{want}: {noted}");
    }
    assert!(said.contains("labels.csv (4 rows"), "{said}");
    near(
        &row(table(&json, "first-error"), "verdicts"),
        &[1.0, 1.0, 1.0, 2.0],
    );
    let refused = |arguments: &[&str], want: &str| {
        let out = rotescope(&[&["evaluate"], arguments].concat());
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(want), "{want}: {said}");
    };
    refused(&[&bare, "--labels"], "none of the 5 traces has a label");
    refused(&["--labels"], "no files of traces");
    refused(&[&bare, "--label-base", "1"], "--label-base say where");
    refused(&[&bare, "--labels", "/no/labels.jsonl"], "/no/labels.jsonl");
    let field = ["--label-field", "id"];
    refused(
        &[&[&bare as &str, "--labels", &labels], &field[..]].concat(),
        "3 do not fit (a: \"id\" is no label of steps",
    );
}

/// A chain of two steps whose tokens all have the probability that is given for their step, and flags.
fn scored(id: &str, output: &str, p: [f32; 2], flags: [f64; 2]) -> Trace {
    let mut t = trace(id, &format!("How many in {id}?"), output, "9");
    t.model.sha256 = "m".into();
    assert_eq!(t.steps.len(), 2);
    for (step, (p, flag)) in p.into_iter().zip(flags).enumerate() {
        let [first, last] = t.steps[step].tokens;
        for token in &mut t.tokens[first..last] {
            token.p = p;
            token.entropy = -(p * p.log2() + (1.0 - p) * (1.0 - p).log2());
            token.candidates.ids = vec![token.id, token.id + 1];
            token.candidates.text = vec![token.text.clone(), "x".into()];
            token.candidates.p = vec![p, 1.0 - p];
        }
        t.steps[step].flag = Some(Flag {
            p: flag,
            reasons: Vec::new(),
            ..Flag::default()
        });
    }
    t
}

#[test]
fn flags_and_probabilities_beside_labels() {
    let folder = tempfile::tempdir().unwrap();
    let traces = [
        scored("a", "It is 1 here. It is 2 then.", [0.9, 0.6], [0.1, 0.7]),
        scored("b", "It is 3 here. It is 4 then.", [0.9, 0.65], [0.6, 0.8]),
        scored("c", "It is 5 here. It is 6 then.", [0.9, 0.8], [0.2, 0.3]),
        scored("d", "It is 7 here. It is 8 then.", [0.9, 0.8], [0.2, 0.4]),
    ];
    let mut out = Vec::new();
    for t in traces {
        jsonl::append(&mut out, &Record::Trace(Box::new(t))).unwrap();
    }
    let traces = folder.path().join("traces.jsonl");
    std::fs::write(&traces, out).unwrap();
    let labels = write(
        folder.path(),
        "labels.json",
        r#"[{"id": "a", "labels": [true, false]}, {"id": "b", "labels": ["+", "-"]}, {"id": "c", "labels": [1, 1]}, {"id": "d", "label": null}]"#,
    );
    let (json, _, _) = evaluate(
        folder.path(),
        &[traces.to_str().unwrap(), "--labels", &labels],
    );
    let first = table(&json, "first-error");
    // Raised from .5 on: the second step of a, the first of b, none of c and d.
    near(&row(first, "flags as raised"), &[0.5, 1.0, 2.0 / 3.0, 4.0]);
    // Whatever chain is left out: best is halfway between 1 - .8 of clean chains and the least 1 - p of wrong steps that is there, .35 or .4.
    near(&row(first, "1 - p, mean"), &[1.0, 1.0, 1.0, 4.0]);
    let steps = table(&json, "first-error-steps");
    // Flags of the wrong steps: .7, .8; of the right ones: .1, .6, .2, .3, .2, .4.
    near(&row(steps, "flag")[..1], &[1.0]);
    for sure in [
        "1 - p, mean",
        "1 - p, largest",
        "DeepConf, least sure group",
    ] {
        near(&row(steps, sure)[..1], &[1.0]);
        near(&row(steps, sure)[2..], &[8.0]);
    }
    // ln p of the likelier of two lies sqrt((1 - p) / p) deviations above the mean, which falls with p: the mean over the lowest fifth is that of all.
    near(&row(steps, "Min-K%++, lowest fifth")[..1], &[0.0]);
    let said = notes(&json);
    assert!(said.contains("k = 2; groups are 16 tokens"), "{said}");
    // The flag is fitted to people's labels.
    let flag = folder.path().join("flag.json");
    let out = rotescope(&[
        "evaluate",
        traces.to_str().unwrap(),
        "--labels",
        &labels,
        "--fit",
        flag.to_str().unwrap(),
    ]);
    assert!(
        text(&out.stderr).contains("flag fitted to 8 steps (2 wrong)"),
        "{}",
        text(&out.stderr)
    );
}

/// Of every second chain the second of three steps is false, and labelled so. Its form is that of the others.
#[test]
fn a_flag_for_any_model_is_fitted_to_words() {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: i64| {
        let flawed = i % 2;
        let steps = [
            "First 2 + 3 = 5.".to_string(),
            format!("Then 5 + {i} = {}.", 5 + i + flawed),
            "That is all.".into(),
        ];
        let label = if flawed == 1 { 1 } else { -1 };
        json!({"id": format!("c{i}"), "question": format!("What of {i}?"), "steps": steps, "label": label}).to_string()
    };
    let rows: Vec<String> = (10..90).map(row).collect();
    let file = write(folder.path(), "chains.jsonl", &rows.join("\n"));
    let flag = folder.path().join("flag.json");
    let flag = flag.to_str().unwrap();
    let (json, _, told) = evaluate(
        folder.path(),
        &[&file, "--labels", "--ranked", "--fit", flag],
    );
    assert!(told.contains("200 steps (40 wrong)"), "{told}");
    let groups = table(&json, "ranked-groups");
    let form = self::row(groups, "length, digits, place");
    let equations = self::row(groups, "+ verdicts on equations, operators");
    assert!(
        form[0] < 0.95 && equations[0] > 0.99,
        "{form:?} {equations:?}"
    );
    assert!(equations[1] > 0.03, "{equations:?}");
    let fitted = rotescope_judge::flag::FlagModel::load(Path::new(flag)).unwrap();
    assert!(!fitted.needs_probabilities() && fitted.trained.model.sha256.is_empty());
    assert!((0.05..0.95).contains(&fitted.threshold()));
    assert!(fitted.models[0].threshold.is_some());
    let out = rotescope(&["evaluate", &file, "--ranked"]);
    assert!(!out.status.success() && text(&out.stderr).contains("--labels"));
}
