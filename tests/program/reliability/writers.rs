//! Two that write one file.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use super::place::Place;
use crate::support::text;

/// Starts a command and waits until it has written to its output.
fn writing(place: &Place, args: &[&str], out: &str) -> Child {
    let child = place.command(args).spawn().unwrap();
    let begun = Instant::now();
    while place.path(out).metadata().map_or(0, |m| m.len()) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn who_writes_second_is_refused_and_hears_who_writes() {
    let place = Place::new();
    for (line, out) in [
        (
            "score bundle:applied-base --no-index -q -o t.jsonl",
            "t.jsonl",
        ),
        (
            "score bundle:applied-base --no-index -q -o t.jsonl.gz",
            "t.jsonl.gz",
        ),
        (
            "audit extract c.jsonl --no-index -q --window 16/16 --free-running -o e.jsonl",
            "e.jsonl",
        ),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let mut first = writing(&place, &args, out);
        let begun = fs::read(place.path(out)).unwrap();
        let second = place.run(&args);
        let said = text(&second.stderr);
        let still = first.try_wait().unwrap().is_none();
        assert!(still, "{line}: the first had ended");
        assert_eq!(second.status.code(), Some(2), "{said}");
        let process = format!("process {} is writing it", first.id());
        assert!(said.contains(out) && said.contains(&process), "{said}");
        assert!(fs::read(place.path(out)).unwrap().starts_with(&begun));
        first.kill().unwrap();
        first.wait().unwrap();
    }
}

/// Locks of files that are written whole are not needed: the later one stays, as a whole.
#[test]
fn of_two_that_write_a_file_whole_one_stays() {
    let place = Place::new();
    let scored = "score p.jsonl --no-index --max-tokens 20 -q -o t.jsonl";
    assert!(
        place
            .run(&scored.split(' ').collect::<Vec<_>>())
            .status
            .success()
    );
    let args = |theme| ["report", "t.jsonl", "-o", "r.html", "--theme", theme];
    let alone: Vec<Vec<u8>> = ["dark", "light"]
        .map(|theme| {
            assert!(place.run(&args(theme)).status.success());
            fs::read(place.path("r.html")).unwrap()
        })
        .to_vec();
    for _ in 0..5 {
        let both = ["dark", "light"].map(|theme| place.command(&args(theme)).spawn().unwrap());
        for child in both {
            assert!(child.wait_with_output().unwrap().status.success());
        }
        let now = fs::read(place.path("r.html")).unwrap();
        assert!(alone.contains(&now), "neither of both");
    }
}
