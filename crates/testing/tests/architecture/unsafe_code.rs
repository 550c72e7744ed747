//! `unsafe` stands where SECURITY.md says so, and nowhere else.

use std::collections::BTreeMap;

use rotescope_testing::repository;

use crate::ignored::files;

/// Files that opt out of the lint that denies it, and how often they do.
fn used() -> BTreeMap<String, usize> {
    let mut all = Vec::new();
    for folder in ["src", "tests", "benches", "crates", "examples"] {
        if repository(folder).is_dir() {
            files(&repository(folder), &mut all);
        }
    }
    // Spelled in two parts, so that this file does not count itself.
    let lint = concat!("(unsafe", "_code");
    let of = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.strip_prefix(repository("")).unwrap().display();
        (name.to_string(), text.matches(lint).count())
    };
    all.iter().map(of).filter(|(_, n)| *n > 0).collect()
}

/// The files in the table of SECURITY.md, a row each time that one is used.
fn documented() -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(repository("SECURITY.md")).unwrap();
    let table = text.split("## Unsafe code").nth(1).unwrap();
    let mut named = BTreeMap::new();
    for row in table.lines().filter(|l| l.starts_with("| [`")) {
        let name = row.split('`').nth(1).unwrap();
        *named.entry(name.to_string()).or_default() += 1;
    }
    named
}

#[test]
fn unsafe_code_is_where_the_inventory_says() {
    let used = used();
    assert!(!used.is_empty());
    assert_eq!(used, documented());
    let manifest = std::fs::read_to_string(repository("Cargo.toml")).unwrap();
    assert!(manifest.contains("\nunsafe_code = \"deny\""));
}
