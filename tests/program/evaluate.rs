//! `rotescope evaluate` from the outside.

use rotescope_judge::flag::FlagModel;
use rotescope_testing::traces::many_sums;
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Record};

use crate::support::{rotescope, text};

#[test]
fn the_command_writes_tables_json_csv_and_the_flag_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let mut out = Vec::new();
    many_sums()
        .into_iter()
        .for_each(|t| jsonl::append(&mut out, &Record::Trace(Box::new(t))).unwrap());
    std::fs::write(path("t.jsonl"), out).unwrap();
    let run = |n: &str| {
        let (json, csv, fit) = (
            path(&format!("{n}.json")),
            path(n),
            path(&format!("{n}.flag")),
        );
        let o = rotescope(&[
            "evaluate",
            &path("t.jsonl"),
            "--json",
            &json,
            "--csv",
            &csv,
            "--fit",
            &fit,
            "--resamples",
            "20",
        ]);
        assert!(o.status.success(), "{}", text(&o.stderr));
        let read = |p: &str| std::fs::read_to_string(p).unwrap();
        (
            String::from_utf8(o.stdout).unwrap(),
            read(&json),
            read(&format!("{csv}/wrong-tokens.csv")),
            read(&fit),
        )
    };
    let (a, b) = (run("a"), run("b"));
    assert_eq!(a, b);
    assert!(a.0.starts_with("40 traces, 0 failed prompts\n"));
    let json: serde_json::Value = serde_json::from_str(&a.1).unwrap();
    assert_eq!(json["schema"], "rotescope.evaluation/1");
    assert!(a.2.starts_with("ranking,P@1,P@1 low,P@1 high,"), "{}", a.2);
    let flag: FlagModel = serde_json::from_str(&a.3).unwrap();
    assert_eq!(flag.trained.files[0].name, "t.jsonl");
    assert_eq!(flag.trained.files[0].sha256.len(), 64);

    let nothing = rotescope(&["evaluate", &path("none.jsonl")]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing.stderr).contains("none.jsonl"));
    std::fs::write(path("odd.jsonl"), "{\"a\": 1}\n").unwrap();
    let odd = rotescope(&["evaluate", &path("odd.jsonl")]);
    let said = text(&odd.stderr);
    assert!(
        said.contains("odd.jsonl, item 1") && said.contains("not a rotescope trace"),
        "{said}"
    );
}

#[test]
fn what_is_asked_for_wrongly_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let write = |name: &str, traces: Vec<Trace>| {
        let mut out = Vec::new();
        for t in traces {
            jsonl::append(&mut out, &Record::Trace(Box::new(t))).unwrap();
        }
        std::fs::write(path(name), out).unwrap();
    };
    write("t.jsonl", many_sums());
    let mut odd = many_sums();
    odd[1].prompt.verify = Some(vec!["speling".into()]);
    write("odd.jsonl", odd);
    for (file, more, want) in [
        (
            "t.jsonl",
            vec!["--splits", "base,tset"],
            "no prompt has the split \"tset\"; there are: base",
        ),
        ("t.jsonl", vec!["--contrast", "base"], "base:longtail"),
        ("t.jsonl", vec!["--confident", "1.5"], "not a probability"),
        (
            "t.jsonl",
            vec!["--confident", ".3"],
            "--unsure must not be above --confident",
        ),
        (
            "odd.jsonl",
            vec![],
            "odd.jsonl, line 2: prompt q1: there is no verifier \"speling\"",
        ),
    ] {
        let file = path(file);
        let o = rotescope(&[vec!["evaluate", &file], more].concat());
        let said = text(&o.stderr);
        assert_eq!(o.status.code(), Some(2), "{said}");
        assert!(said.contains(want), "{said}");
    }
    // The threshold of the fitted flag stands in its file.
    let (traces, flag) = (path("t.jsonl"), path("flag.json"));
    let o = rotescope(&[
        "evaluate",
        &traces,
        "--fit",
        &flag,
        "--flag-threshold",
        "0.7",
        "--resamples",
        "0",
    ]);
    assert!(o.status.success(), "{}", text(&o.stderr));
    let fitted = FlagModel::load(std::path::Path::new(&flag)).unwrap();
    assert_eq!(fitted.threshold, Some(0.7));
}
