//! The generator of the bundled corpus is reproducible. It needs Python.

use std::process::Command;

use crate::bundle::manifest;
use crate::support::{root, text};

#[test]
#[ignore = "long: make test-long"]
fn the_generator_writes_the_same_bytes_again() {
    let run = Command::new("python3")
        .args(["-m", "training.corpus", "--hash"])
        .current_dir(root())
        .output();
    let out = run.expect("python3 runs");
    assert!(out.status.success(), "{}", text(&out.stderr));
    let recorded = manifest();
    let said = text(&out.stdout);
    let made: Vec<(&str, &str)> = said
        .lines()
        .filter_map(|l| l.split_once(' '))
        .filter(|(_, n)| recorded.contains_key(*n))
        .collect();
    assert!(made.len() >= 17, "{said}");
    for (hash, name) in made {
        assert_eq!(recorded[name], hash, "{name}");
    }
}
