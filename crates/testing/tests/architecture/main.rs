//! Imports run one way: between crates as the layers say, within the program as its parts stand on each other, and between files never round.

mod graph;
mod ignored;
mod made_up;
mod source;
mod unsafe_code;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use graph::{Uses, circles, uses};
use rotescope_testing::repository;
use source::{Source, read};

/// Each crate and those that it stands on. The same table as in ARCHITECTURE.md.
const LAYERS: [(&str, &[&str]); 17] = [
    ("text", &[]),
    ("stats", &[]),
    ("vocab", &[]),
    ("trace", &[]),
    ("corpus", &["text", "vocab"]),
    ("remote", &["corpus", "text", "vocab"]),
    ("model", &["text", "vocab"]),
    ("audit", &["corpus", "text"]),
    ("retro", &["corpus"]),
    ("lab", &["stats", "trace"]),
    ("privacy", &["text"]),
    ("edit", &[]),
    ("judge", &["text", "trace", "stats"]),
    ("import", &["judge", "trace", "text"]),
    ("stim", &["model", "corpus", "trace", "text", "stats"]),
    ("study", &["judge", "trace", "text", "stats"]),
    ("report", &["trace", "text"]),
];

/// Libraries that only these crates may know; `rotescope` is the program.
const OWNED: [(&str, &[&str]); 11] = [
    ("llama-cpp-2", &["model"]),
    ("llama-cpp-sys-2", &["model"]),
    ("tantivy", &["corpus"]),
    ("ureq", &["remote"]),
    ("redb", &["remote"]),
    ("parquet", &["report"]),
    ("nalgebra", &["edit"]),
    ("ratatui", &["rotescope"]),
    ("crossterm", &["rotescope"]),
    ("clap", &["rotescope"]),
    ("anyhow", &["rotescope"]),
];

/// Parts of the program and those that they stand on. Nothing but `shipped`, the list of what is built in, knows `pocket`.
const PARTS: [(&str, &[&str]); 9] = [
    ("themes", &[]),
    ("folders", &[]),
    ("memory", &[]),
    ("bundle", &["folders"]),
    ("pocket", &["bundle"]),
    ("shipped", &["bundle", "pocket"]),
    ("run", &["bundle", "folders", "shipped"]),
    ("tui", &["run", "themes"]),
    (
        "cli",
        &[
            "bundle", "folders", "memory", "run", "shipped", "themes", "tui",
        ],
    ),
];

/// What the app must not name: it knows what `run` says.
const BEHIND_RUN: [&str; 5] = [
    "rotescope_model",
    "rotescope_corpus",
    "rotescope_remote",
    "llama_cpp_2",
    "tantivy",
];

fn manifest(folder: &Path) -> toml::Table {
    let path = folder.join("Cargo.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The crate folders, by name; the program as `rotescope`.
fn crates() -> Vec<(String, PathBuf)> {
    let folders = std::fs::read_dir(repository("crates")).unwrap();
    let named = folders
        .map(|e| e.unwrap())
        .filter(|e| e.file_name() != "testing");
    let mut all: Vec<_> = named
        .map(|e| (e.file_name().into_string().unwrap(), e.path()))
        .collect();
    all.push(("rotescope".into(), repository("")));
    all.sort();
    all
}

fn stands_on(folder: &Path) -> BTreeSet<String> {
    let manifest = manifest(folder);
    let tables = ["dependencies", "build-dependencies"];
    let tables = tables.iter().filter_map(|t| manifest.get(*t)?.as_table());
    tables.flat_map(|t| t.keys().cloned()).collect()
}

#[test]
fn crates_stand_on_what_their_layer_may() {
    let mut wrong = String::new();
    for (name, folder) in crates() {
        let found = stands_on(&folder);
        let others: BTreeSet<&str> = found
            .iter()
            .filter_map(|d| d.strip_prefix("rotescope-"))
            .collect();
        if name == "rotescope" {
            assert!(
                !others.contains("testing"),
                "the program stands on what is for tests"
            );
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(l, _)| *l == name) else {
            _ = writeln!(wrong, "the crate {name} has no layer");
            continue;
        };
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        for other in others.difference(&allowed) {
            _ = writeln!(wrong, "{name} must not stand on {other}");
        }
        for other in allowed.difference(&others) {
            _ = writeln!(
                wrong,
                "{name} may stand on {other}, and does not: take it out of the table"
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The first and the last column of the page's table of crates: names in backticks.
fn written_layers(page: &str) -> Vec<(String, BTreeSet<String>)> {
    let names = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    };
    let rows = page.lines().filter(|l| l.starts_with("| `"));
    let cells = rows.map(|l| l.trim_matches('|').split('|').collect::<Vec<_>>());
    let four = cells.filter(|c| c.len() == 4);
    four.map(|c| (c[0].trim().trim_matches('`').into(), names(c[3])))
        .filter(|(name, _): &(String, _)| !name.contains('/'))
        .collect()
}

#[test]
fn the_layers_are_those_that_the_page_gives() {
    let page = std::fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let mut written = written_layers(&page);
    let mut layers = LAYERS.map(|(name, below)| {
        let below: BTreeSet<String> = below.iter().map(std::string::ToString::to_string).collect();
        (name.to_string(), below)
    });
    written.sort();
    layers.sort();
    assert_eq!(written, layers);
}

#[test]
fn libraries_are_known_to_their_crate_only() {
    for (name, folder) in crates() {
        let found = stands_on(&folder);
        for (library, owners) in OWNED {
            let is_owner = owners.contains(&name.as_str());
            assert!(
                is_owner || !found.contains(library),
                "{name} must not stand on {library}"
            );
        }
    }
}

/// The part of the program that a file belongs to; none for the roots.
fn part(file: &Path) -> Option<&str> {
    let first = file.iter().next()?.to_str()?;
    let part = first.strip_suffix(".rs").unwrap_or(first);
    (part != "lib" && part != "main").then_some(part)
}

/// What is wrong with the arrows between the parts.
fn upward(source: &Source, uses: &Uses, parts: &[(&str, &[&str])]) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((user, used), path) in uses {
        let (user, used) = (&source.files[*user], &source.files[*used]);
        let (Some(from), Some(to)) = (part(user), part(used)) else {
            continue;
        };
        let allowed = parts.iter().find(|(p, _)| *p == from);
        if from != to && !allowed.is_some_and(|(_, a)| a.contains(&to)) {
            wrong.push(format!(
                "{} must not use {} ({path})",
                user.display(),
                used.display()
            ));
        }
    }
    wrong
}

#[test]
fn parts_of_the_program_stand_on_those_below() {
    let source = read(&repository("src/lib.rs"));
    assert_eq!(upward(&source, &uses(&source), &PARTS), [""; 0]);
}

/// Files of the app with names of what lies behind `run`.
fn naming(source: &Source, folder: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for module in &source.modules {
        let file = &source.files[module.file];
        let imports = module.imports.iter().map(|i| &i.path);
        let heads = imports.chain(&module.paths).map(|p| p[0].as_str());
        for name in heads.filter(|h| file.starts_with(folder) && names.contains(h)) {
            found.push(format!("{} names {name}", file.display()));
        }
    }
    found
}

#[test]
fn the_app_names_neither_model_nor_corpus() {
    let source = read(&repository("src/lib.rs"));
    assert_eq!(naming(&source, "tui", &BEHIND_RUN), [""; 0]);
}

/// Circles with names for files, and what closes them.
fn named_circles(source: &Source) -> Vec<(Vec<String>, String)> {
    let uses = uses(source);
    let name = |f: &usize| source.files[*f].to_str().unwrap().replace('\\', "/");
    let describe = |circle: BTreeSet<usize>| {
        let inside = uses
            .iter()
            .filter(|((a, b), _)| circle.contains(a) && circle.contains(b));
        let arrows =
            inside.map(|((a, b), path)| format!("  {} -> {} ({path})\n", name(a), name(b)));
        (circle.iter().map(name).collect(), arrows.collect())
    };
    circles(&uses).into_iter().map(describe).collect()
}

#[test]
fn files_do_not_use_each_other_in_circles() {
    let mut wrong = String::new();
    for (name, folder) in crates() {
        let source = read(&folder.join("src/lib.rs"));
        assert!(source.files.len() > 1, "{name} is not read");
        for (files, arrows) in named_circles(&source) {
            _ = writeln!(wrong, "in {name}: {files:?}\n{arrows}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
