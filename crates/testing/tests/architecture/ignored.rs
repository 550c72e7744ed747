//! Each ignored test is run by the command that its reason names: the command picks tests by the name of their module.

use std::path::{Path, PathBuf};

use rotescope_testing::repository;

/// What `make test-NAME` runs: tests in modules of these names.
const RUN: [(&str, &[&str]); 5] = [
    ("long", &["long"]),
    ("data", &["data"]),
    ("models", &["models"]),
    ("remote", &["remote", "gsm8k"]),
    ("readers", &["readers"]),
];

pub fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The reasons of ignored tests that the command in them would not run. `file` is where the tests stand.
fn unrun(file: &Path, text: &str) -> Vec<String> {
    let mut modules: Vec<&str> = file.iter().filter_map(|c| c.to_str()).collect();
    let stem = file.file_stem().and_then(|s| s.to_str());
    modules.extend(stem);
    let mut wrong = Vec::new();
    for line in text.lines().map(str::trim) {
        let inner = line.strip_prefix("mod ").and_then(|l| l.strip_suffix(" {"));
        modules.extend(inner);
        let Some(reason) = line.strip_prefix("#[ignore") else {
            continue;
        };
        let named = |target: &str| {
            let command = reason.split_once("make test-").map_or("", |(_, c)| c);
            command.starts_with(target)
        };
        let run = RUN
            .iter()
            .any(|(target, picked)| named(target) && picked.iter().any(|p| modules.contains(p)));
        if !run {
            wrong.push(format!("{}: {line}", file.display()));
        }
    }
    wrong
}

#[test]
fn the_command_that_an_ignored_test_names_runs_it() {
    let mut all = Vec::new();
    for folder in ["src", "tests", "crates"] {
        files(&repository(folder), &mut all);
    }
    let (mut wrong, mut ignored) = (Vec::new(), 0);
    for file in &all {
        let text = std::fs::read_to_string(file).unwrap();
        ignored += text.matches("#[ignore = ").count();
        let inside = file.strip_prefix(repository("")).unwrap();
        wrong.extend(unrun(inside, &text));
    }
    assert!(ignored > 30, "only {ignored} ignored tests found");
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_commands_pick_those_modules() {
    let makefile = std::fs::read_to_string(repository("Makefile")).unwrap();
    for (target, picked) in RUN {
        let rule = makefile
            .split_once(&format!("\ntest-{target}: deps\n"))
            .unwrap()
            .1;
        let rule = rule.split("\n\n").next().unwrap();
        let filter = rule.split_once("-- --ignored ").unwrap().1;
        for module in picked {
            assert!(
                filter.contains(&format!("{module}::")),
                "{target}: {filter}"
            );
        }
    }
}

#[test]
fn a_test_that_no_command_runs_is_found() {
    let text = "#[ignore = \"needs data: make test-data\"]";
    assert!(unrun(Path::new("tests/app/data.rs"), text).is_empty());
    assert!(unrun(Path::new("tests/data/sums.rs"), text).is_empty());
    assert!(unrun(Path::new("src/sums.rs"), &format!("mod data {{\n{text}")).is_empty());
    assert_eq!(unrun(Path::new("tests/app/sums.rs"), text).len(), 1);
    assert_eq!(unrun(Path::new("tests/app/long.rs"), text).len(), 1);
    assert_eq!(unrun(Path::new("tests/app/data.rs"), "#[ignore]").len(), 1);
}
