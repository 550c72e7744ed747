//! Inputs as an enemy or an accident makes them: nested too deeply, links that go round, far too many.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::place::Place;
use crate::support::text;

/// Every reader of JSON; IN stands for the file.
const READERS: [&str; 17] = [
    "score IN --no-index -o out.jsonl",
    "attribute IN --sources local -o out.jsonl",
    "import IN -o out.jsonl",
    "judge IN",
    "evaluate IN",
    "evaluate t.jsonl --labels IN",
    "report IN",
    "figure sources IN",
    "compare IN IN",
    "perturb IN --operator typos",
    "calibrate --prompts IN --no-index",
    "score p.jsonl --step-classifier IN --no-index -o out.jsonl",
    "index build IN -m m.gguf -o out",
    "pii scan IN",
    "pii gate IN",
    "audit spans IN",
    "retro answer IN -o out.jsonl",
];

#[test]
fn json_that_is_nested_too_deeply_is_refused_by_name() {
    let place = Place::new();
    let scored = "score p.jsonl --no-index --limit 1 --max-tokens 4 -q -o t.jsonl";
    assert!(
        place
            .run(&scored.split(' ').collect::<Vec<_>>())
            .status
            .success()
    );
    let depth = 100_000;
    let (open, close) = ("{\"a\":".repeat(depth), "}".repeat(depth));
    for (name, content) in [
        ("open.jsonl", "[".repeat(depth)),
        ("closed.jsonl", format!("{open}1{close}\n")),
        ("open.json", open.clone()),
        (
            "closed.json",
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        ),
    ] {
        fs::write(place.path(name), content).unwrap();
        for line in READERS {
            let line = line.replace("IN", name);
            let ended = place.run(&line.split(' ').collect::<Vec<_>>());
            let said = text(&ended.stderr);
            // What is no record may be text to whoever reads texts.
            let texts = line.starts_with("audit spans")
                || line.starts_with("pii gate")
                || name.ends_with("json");
            let refused = ended.status.code() == Some(2) && said.contains(name);
            assert!(
                refused || (texts && ended.status.success()),
                "{line}: {}\n{said}",
                ended.status
            );
            assert!(!said.contains("panicked"), "{line}: {said}");
            assert!(
                !place.path("out.jsonl").exists() && !place.path("out").exists(),
                "{line}: written"
            );
        }
    }
}

#[test]
fn links_that_go_round_end() {
    let place = Place::new();
    let corpus = place.path("corpus");
    fs::create_dir(&corpus).unwrap();
    fs::copy(place.path("c.jsonl"), corpus.join("c.jsonl")).unwrap();
    symlink(&corpus, corpus.join("again")).unwrap();
    symlink("..", corpus.join("up")).unwrap();
    symlink("it", corpus.join("it")).unwrap();
    symlink(place.path("c.jsonl"), corpus.join("linked.jsonl")).unwrap();
    symlink("itself.jsonl", place.path("itself.jsonl")).unwrap();
    let documents = |args: &[&str]| {
        let built = place.run(args);
        assert!(built.status.success(), "{}", text(&built.stderr));
        let info = place.run(&["index", "info", "ix", "--json"]);
        let info: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
        info["manifest"]["documents"].as_u64().unwrap()
    };
    let build = |input| {
        [
            "index", "build", input, "-m", "m.gguf", "-o", "ix", "--force",
        ]
    };
    fs::remove_file(corpus.join("it")).unwrap();
    // A link to a file is that file; one to a folder is not followed.
    assert_eq!(documents(&build("corpus")), 120);
    for args in [
        &["score", "itself.jsonl", "-o", "out.jsonl"][..],
        &["report", "itself.jsonl"],
        &build("itself.jsonl"),
    ] {
        let ended = place.run(args);
        let said = text(&ended.stderr);
        assert!(
            ended.status.code() == Some(2) && said.contains("itself.jsonl"),
            "{args:?}: {said}"
        );
    }
}

/// Files whose time is to come: of a clock that went back.
#[test]
fn files_from_the_future_are_read_as_all_others() {
    let place = Place::new();
    let run = |line: &str| {
        let ended = place.run(&line.split(' ').collect::<Vec<_>>());
        assert!(ended.status.success(), "{line}: {}", text(&ended.stderr));
    };
    let line = "score p.jsonl --index ix --max-tokens 8 --sources local -q -o t.jsonl";
    run("index build c.jsonl --model m.gguf -o ix");
    run(line);
    let alone = super::kills::records(&place.path("t.jsonl"));
    let first = fs::read_to_string(place.path("t.jsonl")).unwrap();
    let (first, _) = first.split_once('\n').unwrap();
    fs::write(place.path("t.jsonl"), format!("{first}\n")).unwrap();
    fs::remove_file(place.path("m.gguf")).unwrap();
    fs::copy(
        crate::support::root().join("models/pocket/pocket-q8_0.gguf"),
        place.path("m.gguf"),
    )
    .unwrap();
    let later = std::time::SystemTime::now() + Duration::from_secs(10 * 365 * 86400);
    let mut all = Vec::new();
    super::every::files(&place.folder, &mut all);
    for path in all.iter().filter(|p| p.is_file()) {
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(later)
            .unwrap();
    }
    run(line);
    assert!(super::kills::records(&place.path("t.jsonl")) == alone);
    run("index check ix");
    run("index build c.jsonl --model m.gguf -o ix --force");
}

mod long {
    use super::*;
    use crate::support::peak;

    /// So many prompts are listed and resumed without a wait, and none of them takes memory of its own.
    #[test]
    #[ignore = "long: make test-long"]
    fn two_hundred_thousand_prompts() {
        let place = Place::new();
        let prompts = |n: usize| -> String {
            (0..n)
                .map(|i| format!("{{\"id\": \"p{i}\", \"question\": \"What is {i} plus 1?\"}}\n"))
                .collect()
        };
        fs::write(place.path("many.jsonl"), prompts(200_000)).unwrap();
        fs::write(place.path("few.jsonl"), prompts(20)).unwrap();
        let score = |name: &str, limit: &str| {
            let path = |n: &str| place.path(n).display().to_string();
            let (prompts, out) = (
                path(&format!("{name}.jsonl")),
                path(&format!("{name}-out.jsonl")),
            );
            let begun = Instant::now();
            let held = peak(&[
                "score",
                &prompts,
                "--raw",
                "--no-index",
                "-q",
                "--max-tokens",
                "1",
                "--limit",
                limit,
                "-o",
                &out,
            ]);
            (held, begun.elapsed())
        };
        let (few, quick) = score("few", "20");
        let (many, slow) = score("many", "20");
        eprintln!(
            "20 of 20 prompts: {few} KiB, {quick:.1?}; 20 of 200,000: {many} KiB, {slow:.1?}"
        );
        assert!(many < few + 120_000, "{many} KiB and {few} KiB");
        assert!(
            slow < quick + Duration::from_secs(5),
            "{slow:?} and {quick:?}"
        );
        // All are done: nothing is left to do, and that is found out at once.
        let record = fs::read_to_string(place.path("many-out.jsonl")).unwrap();
        let record = record.lines().next().unwrap();
        let all: String = (0..200_000)
            .map(|i| {
                record
                    .replace("\"p0\"", &format!("\"p{i}\""))
                    .replace("What is 0 plus", &format!("What is {i} plus"))
                    + "\n"
            })
            .collect();
        fs::write(place.path("many-out.jsonl"), all).unwrap();
        let (held, time) = score("many", "200000");
        eprintln!("resumed behind 200,000 records: {held} KiB, {time:.1?}");
        assert!(
            time < Duration::from_secs(120) && held < few + 400_000,
            "{held} KiB, {time:?}"
        );
    }

    /// A trace of a million tokens is judged, tabled and reported.
    #[test]
    #[ignore = "long: make test-long"]
    fn a_trace_of_a_million_tokens() {
        let place = Place::new();
        let scored = "score p.jsonl --no-index --limit 1 --max-tokens 60 -q -o t.jsonl";
        assert!(
            place
                .run(&scored.split(' ').collect::<Vec<_>>())
                .status
                .success()
        );
        let line = fs::read_to_string(place.path("t.jsonl")).unwrap();
        let mut trace: serde_json::Value = serde_json::from_str(&line).unwrap();
        let (output, tokens) = (
            trace["output"].as_str().unwrap().to_string(),
            trace["tokens"].as_array().unwrap().clone(),
        );
        let times = 1_000_000 / tokens.len() + 1;
        let (mut text, mut all) = (String::new(), Vec::new());
        for _ in 0..times {
            let begin = text.len() as u64;
            for token in &tokens {
                let mut token = token.clone();
                let span = token["span"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|n| n.as_u64().unwrap() + begin);
                token["span"] = span.collect();
                for list in token["candidates"].as_object_mut().unwrap().values_mut() {
                    list.as_array_mut().unwrap().truncate(1);
                }
                all.push(token);
            }
            text += &output;
        }
        let (end, count) = (text.len(), all.len());
        trace["output"] = text.into();
        trace["tokens"] = all.into();
        trace["steps"] = serde_json::json!([{"span": [0, end], "tokens": [0, count]}]);
        let path = place.path("million.jsonl").display().to_string();
        fs::write(&path, format!("{trace}\n")).unwrap();
        drop(trace);
        let size = fs::metadata(&path).unwrap().len();
        for (what, args) in [
            ("judge", vec!["judge", &path]),
            ("evaluate", vec!["evaluate", &path]),
            ("report as CSV", vec!["report", &path, "--format", "csv"]),
            ("report as HTML", vec!["report", &path, "--format", "html"]),
        ] {
            let begun = Instant::now();
            let held = peak(&args);
            let time = begun.elapsed();
            eprintln!("a trace of a million tokens, {size} bytes: {what} {time:.1?}, {held} KiB");
            assert!(
                time < Duration::from_secs(240) && held < 6_000_000,
                "{what}: {time:?}, {held} KiB"
            );
        }
    }
}
