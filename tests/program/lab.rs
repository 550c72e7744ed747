//! `lab` from the outside: figures that were measured before, records, a killed run, pictures, settings that cannot be.

use std::path::Path;

use serde_json::Value;

use crate::support::{root, rotescope, text};

fn lab(args: &[&str]) -> String {
    let all: Vec<&str> = ["lab"].into_iter().chain(args.iter().copied()).collect();
    let run = rotescope(&all);
    assert!(run.status.success(), "{}", text(&run.stderr));
    text(&run.stdout)
}

fn refused(args: &[&str]) -> String {
    let all: Vec<&str> = ["lab"].into_iter().chain(args.iter().copied()).collect();
    let run = rotescope(&all);
    assert_eq!(run.status.code(), Some(2), "{args:?}");
    text(&run.stderr)
}

fn lines(path: &Path) -> Vec<Value> {
    let content = std::fs::read_to_string(path).unwrap();
    content
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn memorizing_takes_over_at_four_fifths() {
    let folder = tempfile::tempdir().unwrap();
    let figure = folder.path().join("edge.svg");
    let printed = lab(&[
        "edge",
        "-q",
        "--samples",
        "50,100,150",
        "--dimension",
        "30",
        "--components",
        "3",
        "--draws",
        "5",
        "--seeds",
        "2",
        "--json",
        "--figure",
        figure.to_str().unwrap(),
    ]);
    let summary: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(summary["schema"], "rotescope.lab-edge-summary/1");
    for world in summary["worlds"].as_array().unwrap() {
        let share = world["crossover"]["mean"].as_f64().unwrap();
        assert!((share - 0.8).abs() < 0.03, "{share}");
        let closed = [0, 1].map(|i| world["closed"][i].as_f64().unwrap());
        assert!(
            (closed[0] - 0.660).abs() < 0.001 && (closed[1] - 0.830).abs() < 0.001,
            "{closed:?}"
        );
        // Who knows all points is the measure of the others.
        assert_eq!(world["partial"].as_array().unwrap().last().unwrap(), 0.0);
    }
    let picture = std::fs::read_to_string(&figure).unwrap();
    assert!(
        picture.starts_with("<svg ") && picture.contains("M*/N = .") && !picture.contains("NaN")
    );
    let tables = lab(&[
        "edge",
        "-q",
        "--samples",
        "50,100,150",
        "--dimension",
        "30",
        "--components",
        "3",
        "--draws",
        "2",
        "--seeds",
        "2",
    ]);
    assert!(
        tables.contains("| 30 | 3 | 50 |") && tables.contains("M* is linear in N, R^2 = 0.99"),
        "{tables}"
    );
}

#[test]
fn a_killed_run_goes_on_with_the_same_figures() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    const SMALL: [&str; 19] = [
        "edge",
        "-q",
        "--samples",
        "20",
        "--dimension",
        "10",
        "--components",
        "2",
        "--draws",
        "2",
        "--times",
        "6",
        "--train",
        "--sizes",
        "0.5,1",
        "--steps",
        "40",
        "--generated",
        "20",
    ];
    let run = |name: &str, seeds: &str| {
        let out = place(name);
        lab(&[&SMALL[..], &["--seeds", seeds, "-o", out.to_str().unwrap()]].concat())
    };
    let printed = run("whole.jsonl", "2");
    // After 40 steps from the data, who knows all points still copies.
    assert!(
        printed.contains("| 10 | 2 | 20 | 20 | 1.000 | 1.000 |"),
        "{printed}"
    );
    let whole = lines(&place("whole.jsonl"));
    assert_eq!(whole.len(), 1 + 2 + 4);
    assert!(whole.iter().all(|l| l["schema"] == "rotescope.lab-edge/1"));
    assert_eq!(whole[0]["run"]["settings"]["weighting"], "x0");
    assert!(whole[0]["run"].get("model").is_none());

    let bytes = std::fs::read(place("whole.jsonl")).unwrap();
    for cut in [bytes.len() / 3, bytes.len() - 5] {
        std::fs::write(place("cut.jsonl"), &bytes[..cut]).unwrap();
        assert_eq!(run("cut.jsonl", "2"), printed);
        let mut again: Vec<String> = lines(&place("cut.jsonl"))
            .iter()
            .map(Value::to_string)
            .collect();
        let mut all: Vec<String> = whole.iter().map(Value::to_string).collect();
        again.sort();
        all.sort();
        assert_eq!(again, all);
    }
    // One seed more is measured, no other again.
    let before = std::fs::read(place("whole.jsonl")).unwrap();
    run("whole.jsonl", "3");
    let after = std::fs::read(place("whole.jsonl")).unwrap();
    assert!(after.starts_with(&before) && lines(&place("whole.jsonl")).len() == 1 + 3 + 6);
    let said = refused(&[
        "edge",
        "-q",
        "--times",
        "7",
        "--draws",
        "2",
        "--steps",
        "40",
        "--generated",
        "20",
        "-o",
        place("whole.jsonl").to_str().unwrap(),
    ]);
    assert!(said.contains("times was 6, now 7"), "{said}");
}

#[test]
fn weights_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights.txt");
    let small = [
        "edge",
        "-q",
        "--samples",
        "20",
        "--dimension",
        "10",
        "--components",
        "2",
        "--draws",
        "2",
        "--seeds",
        "1",
        "--json",
    ];
    let of = |weighting: &str| {
        let printed = lab(&[&small[..], &["--weighting", weighting]].concat());
        let summary: Value = serde_json::from_str(&printed).unwrap();
        summary["worlds"][0]["crossover"]["mean"].as_f64().unwrap()
    };
    std::fs::write(&file, "# the same everywhere\n0 1\n1 1\n").unwrap();
    assert_eq!(of(file.to_str().unwrap()), of("x0"));
    assert!(of("eps") > 0.99);
    std::fs::write(&file, "0 1\n0.5 x\n").unwrap();
    let said = refused(&[&small[..], &["--weighting", file.to_str().unwrap()]].concat());
    assert!(
        said.contains("weights.txt: line 2: give two numbers"),
        "{said}"
    );
    let said = refused(&[&small[..], &["--weighting", "nothing"]].concat());
    assert!(
        said.contains("--weighting nothing: neither x0 nor eps"),
        "{said}"
    );
}

#[test]
fn texts_have_a_crossover_that_is_no_constant() {
    let folder = tempfile::tempdir().unwrap();
    let (out, figure) = (
        folder.path().join("text.jsonl"),
        folder.path().join("text.svg"),
    );
    let (o, f) = (out.to_str().unwrap(), figure.to_str().unwrap());
    let args = [
        "text",
        "-q",
        "--samples",
        "48",
        "--length",
        "24",
        "--templates",
        "3,24",
        "--masks",
        "6",
        "--seeds",
        "3",
        "-o",
        o,
        "--figure",
        f,
    ];
    let printed = lab(&args);
    let records: Vec<Value> = lines(&out);
    assert_eq!(records.len(), 1 + 6);
    assert!(
        records
            .iter()
            .all(|l| l["schema"] == "rotescope.lab-text/1")
    );
    // Two texts a template: who knows few of them has no second one to guess from.
    let summary: Value = serde_json::from_str(&lab(&[&args[..], &["--json"]].concat())).unwrap();
    let share = |i: usize| {
        summary["worlds"][i]["cross_entropy"]["best"]["mean"]
            .as_f64()
            .unwrap()
    };
    assert!(
        share(0) < 0.45 && share(1) > 0.5,
        "{} {}",
        share(0),
        share(1)
    );
    assert!(
        printed.contains("### Is it a constant?") && printed.contains("| no |"),
        "{printed}"
    );
    assert!(
        std::fs::read_to_string(&figure)
            .unwrap()
            .starts_with("<svg ")
    );
    assert_eq!(lines(&out), records);
}

#[test]
fn settings_that_cannot_be_are_named_with_the_way_out() {
    let wrong: [(&[&str], &str); 16] = [
        (&["edge", "--samples", "1"], "--samples 1: give at least 2"),
        (
            &["edge", "--dimension", "0"],
            "--dimension 0: give at least 1",
        ),
        (
            &["edge", "--components", "101"],
            "--components 101: more than the 100 samples; give",
        ),
        (
            &["edge", "--sigma", "0"],
            "--sigma 0: give a number above 0",
        ),
        (
            &["edge", "--sigma", "-1"],
            "--sigma -1: give a number above 0",
        ),
        (
            &["edge", "--sigma", "nan"],
            "--sigma NaN: give a number above 0",
        ),
        (&["edge", "--times", "1"], "--times 1: give at least 2"),
        (&["edge", "--draws", "0"], "--draws 0: give at least 1"),
        (
            &["edge", "--train", "--sizes", "1.1"],
            "--sizes 1.1: a model of more clouds than there are points (M > N); give",
        ),
        (
            &["edge", "--train", "--sizes", "0"],
            "--sizes 0: no share of the points; give",
        ),
        (
            &["edge", "--train", "--rate", "inf"],
            "--rate inf: give a number above 0",
        ),
        (
            &["edge", "--train", "--steps", "0"],
            "--steps 0: give at least 1",
        ),
        (
            &["text", "--templates", "121"],
            "--templates 121: more than the 120 samples; give",
        ),
        (&["text", "--noise", "1"], "--noise 1: give a probability"),
        (
            &["text", "--smoothing", "0"],
            "--smoothing 0: give probabilities",
        ),
        (&["text", "--symbols", "1"], "--symbols 1: give at least 2"),
    ];
    for (args, said) in wrong {
        let error = refused(args);
        assert!(error.contains(said), "{args:?}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.svg");
    std::fs::write(&notes, "mine").unwrap();
    let said = refused(&["edge", "--figure", notes.to_str().unwrap()]);
    assert!(
        said.contains("notes.svg: is there already, and is no picture"),
        "{said}"
    );
}

/// What `training/distill.py` measured of students, read again.
#[test]
fn students_are_compared_where_their_test_loss_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let curves = root().join("tests/program/distill-curves.jsonl");
    let figure = folder.path().join("distill.svg");
    let args = ["distill", curves.to_str().unwrap()];
    let printed = lab(&[&args[..], &["--figure", figure.to_str().unwrap()]].concat());
    let summary: Value = serde_json::from_str(&lab(&[&args[..], &["--json"]].concat())).unwrap();
    let losses = summary["losses"].as_array().unwrap();
    for name in ["sft", "word", "sequence", "reverse"] {
        assert!(printed.contains(&format!("| {name} |")), "{printed}");
        assert!(losses.iter().any(|l| l["loss"] == name), "{summary}");
    }
    // No student can be taken before it has reached what all reach.
    let all = std::fs::read_to_string(&curves).unwrap();
    let of = |name: &str, what: &str| {
        let one = losses.iter().find(|l| l["loss"] == name).unwrap();
        one[what]["mean"].as_f64().unwrap()
    };
    assert!(of("sft", "less") == 0.0 && of("reverse", "at_equal") < of("sft", "at_equal"));
    let svg = std::fs::read_to_string(&figure).unwrap();
    assert!(svg.contains("share given verbatim"), "{svg}");
    // A loss that is missing of every seed but one's leaves nothing to compare.
    let some = folder.path().join("some.jsonl");
    let lines = all
        .lines()
        .filter(|l| !l.contains("\"reverse\"") || l.contains("\"seed\": 9"));
    let mut lines: Vec<&str> = lines.collect();
    let other = all.lines().find(|l| l.contains("\"reverse\"")).unwrap();
    let other = other.replace("\"seed\": 0", "\"seed\": 9");
    lines.push(&other);
    std::fs::write(&some, lines.join("\n") + "\n").unwrap();
    let said = refused(&["distill", some.to_str().unwrap()]);
    assert!(said.contains("training.distill"), "{said}");
    std::fs::write(&some, "{\"schema\": \"rotescope.lab-edge/1\"}\n").unwrap();
    let said = refused(&["distill", some.to_str().unwrap()]);
    assert!(
        said.contains("some.jsonl") && said.contains("lab-edge"),
        "{said}"
    );
}
