//! Tables of `report` from the outside: which files there are, and what is refused. `make test-readers` reads them as others do.

use std::path::Path;

use crate::support::{rotescope, text};

/// Completions that another tool wrote.
const FOREIGN: &str = "tests/program/lm-eval-completions.jsonl";

fn refused(args: &[&str], why: &str) {
    let run = rotescope(&[&["report", FOREIGN], args].concat());
    assert_eq!(run.status.code(), Some(2), "{args:?}");
    assert!(text(&run.stderr).contains(why), "{}", text(&run.stderr));
}

fn is_whole(file: &Path) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")
}

#[test]
fn parquet_is_three_files_or_the_one_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let said = |name: &str| place(name).display().to_string();
    let all = ["x.parquet", "x.steps.parquet", "x.traces.parquet"];
    // Twice: a table gives way to a table.
    for _ in 0..2 {
        let run = rotescope(&["report", FOREIGN, "-o", &said("x.parquet")]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        for name in all {
            assert!(is_whole(&place(name)), "{name}");
            assert!(text(&run.stderr).contains(name), "{}", text(&run.stderr));
        }
    }
    let one = said("one.parquet");
    let run = rotescope(&["report", FOREIGN, "--table", "steps", "-o", &one]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(is_whole(&place("one.parquet")) && !place("one.steps.parquet").exists());

    // Nothing is written where one of the three must not be.
    std::fs::write(place("y.steps.parquet"), "notes").unwrap();
    refused(&["-o", &said("y.parquet")], "y.steps.parquet");
    assert!(!place("y.parquet").exists());
    refused(&["-o", &said("x.parquet.gz")], "compressed within");
    refused(&["--format", "parquet"], "give a file with -o");
    refused(&["--table", "steps", "-o", &said("x.html")], "--table");
}

#[test]
fn csv_has_a_table_of_each_kind() {
    let lines = |table: &str| {
        let run = rotescope(&["report", FOREIGN, "--format", "csv", "--table", table]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let lines: Vec<String> = text(&run.stdout).lines().map(String::from).collect();
        assert!(lines[0].starts_with("id,task,split,right,"), "{}", lines[0]);
        lines
    };
    let [tokens, steps, traces] = ["tokens", "steps", "traces"].map(lines);
    assert!(tokens[0].contains(",stim_max,") && steps[0].contains(",flag_reasons,"));
    assert!(traces[0].ends_with(",failed,error") && traces.len() > 2);
    assert!(steps.len() >= traces.len() && tokens.len() > steps.len());
}
