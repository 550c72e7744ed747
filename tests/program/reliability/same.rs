//! The same seed and options give the same bytes: at one thread and two, side by side and alone, with what earlier runs keep and without.

use std::fs;

use serde_json::Value;

use super::kills::records;
use super::place::Place;
use crate::support::text;

fn run(place: &Place, line: &str) {
    let ended = place.run(&line.split(' ').collect::<Vec<_>>());
    assert!(ended.status.success(), "{line}: {}", text(&ended.stderr));
}

/// Records without what says how many were generated at a time.
fn scored(place: &Place, seed: u64, how: &str) -> Vec<Value> {
    let _ = fs::remove_file(place.path("t.jsonl"));
    let line =
        "score p.jsonl --index ix --max-tokens 40 --temperature 0.9 --scope step:2 -q -o t.jsonl";
    run(place, &format!("{line} --seed {seed} {how}"));
    let mut all = records(&place.path("t.jsonl"));
    for record in &mut all {
        record["run"].as_object_mut().unwrap().remove("parallel");
    }
    all
}

#[test]
fn records_are_the_same_whatever_the_machine_does_beside() {
    let place = Place::new();
    run(&place, "index build c.jsonl --model m.gguf -o ix");
    let alone = scored(&place, 5, "--threads 1");
    assert_eq!(alone.len(), 3);
    for how in [
        "--threads 1",
        "--threads 2",
        "--threads 1 --parallel 3",
        "--threads 2 --jobs 2",
        "--threads 2 --parallel 2",
    ] {
        assert!(scored(&place, 5, how) == alone, "{how}");
    }
    // Without anything that earlier runs keep: the hash of the model is computed anew.
    fs::remove_dir_all(place.path("home")).unwrap();
    fs::create_dir(place.path("home")).unwrap();
    assert!(scored(&place, 5, "--threads 1") == alone);
    // Another index of the same corpus answers the same.
    run(&place, "index build c.jsonl --model m.gguf -o ix --force");
    assert!(scored(&place, 5, "--threads 1") == alone);
    assert!(
        scored(&place, 6, "--threads 1") != alone,
        "the seed does nothing"
    );
}

/// Commands and the file that each writes.
const WRITE: [(&str, &str); 7] = [
    (
        "audit extract c.jsonl --index ix --sample 4 --window 16/16",
        "a.jsonl",
    ),
    ("audit spans t.txt --index ix", "a.jsonl"),
    (
        "pii attack people.jsonl --kinds phone --prefix 40 --values 2 --samples 2",
        "a.jsonl",
    ),
    (
        "retro measure c.jsonl --index ix --sample 4 --window 16/16",
        "a.jsonl",
    ),
    ("retro answer p.jsonl --index ix --max-tokens 8", "a.jsonl"),
    (
        "lab edge --samples 20 --dimension 6 --components 2 --seeds 2",
        "a.jsonl",
    ),
    (
        "perturb p.jsonl --operator rarer:3 --index ix --seed 3",
        "a.jsonl",
    ),
];

#[test]
fn files_are_the_same_byte_for_byte() {
    let place = Place::new();
    run(&place, "index build c.jsonl --model m.gguf -o ix");
    for (line, name) in WRITE {
        let threads = ["audit extract", "pii attack", "retro"]
            .iter()
            .any(|c| line.starts_with(c));
        let once = |threads: &str| {
            let _ = fs::remove_file(place.path(name));
            run(&place, &format!("{line} -o {name}{threads}"));
            fs::read(place.path(name)).unwrap()
        };
        let first = once("");
        assert!(!first.is_empty() && once("") == first, "{line}");
        if threads {
            assert!(
                once(" --threads 1") == once(" --threads 2"),
                "{line}: threads"
            );
        }
    }
}
