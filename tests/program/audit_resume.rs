//! Audits that were killed go on to the same records and tables; and regions of text that nobody made up for them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{root, rotescope, small_index, text};

const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

fn said(args: &[&str]) -> String {
    let run = rotescope(args);
    assert!(run.status.success(), "{args:?}\n{}", text(&run.stderr));
    text(&run.stdout)
}

fn sorted(path: &str) -> Vec<String> {
    let content = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = content.lines().map(String::from).collect();
    lines.sort();
    lines
}

/// Cuts the file of a whole run at several places, within lines and between them, and starts it again; refused with `other`, which asks otherwise.
fn goes_on(args: &[&str], out: &str, other: [&str; 2]) -> String {
    let whole = said(args);
    let (bytes, lines) = (std::fs::read(out).unwrap(), sorted(out));
    assert!(lines.len() > 3, "{lines:?}");
    let second = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    for cut in [second + 5, bytes.len() / 2, bytes.len() - 1, bytes.len()] {
        std::fs::write(out, &bytes[..cut]).unwrap();
        assert_eq!(said(args), whole, "cut at {cut} of {}", bytes.len());
        assert_eq!(sorted(out), lines, "cut at {cut} of {}", bytes.len());
    }
    let run = rotescope(&[args, &other].concat());
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stdout));
    let said = text(&run.stderr);
    assert!(said.contains("of another run"), "{said}");
    whole
}

/// Some documents of the corpus, a line each.
fn documents(path: &Path, from: usize, n: usize) -> String {
    let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let lines: Vec<&str> = corpus.lines().skip(from).take(n).collect();
    std::fs::write(path, lines.join("\n")).unwrap();
    path.display().to_string()
}

#[test]
fn redundancy_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = documents(&path("d.jsonl"), 40, 12);
    let out = path("out.jsonl").display().to_string();
    let args = [
        "audit",
        "redundancy",
        &file,
        "--model",
        MODEL,
        "--index",
        small_index(),
        "--threads",
        "1",
        "--operators",
        "identity,reverse",
        "--replace",
        "2",
        "-o",
        &out,
    ];
    let tables = goes_on(&args, &out, ["--seed", "9"]);
    assert!(tables.contains("| reverse |"), "{tables}");
}

#[test]
fn students_go_on_after_a_kill_windows_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = documents(&path("d.jsonl"), 40, 12);
    let out = path("out.jsonl").display().to_string();
    let ladder = path("ladder").display().to_string();
    let args = [
        "audit",
        "students",
        &file,
        "--teacher",
        MODEL,
        "--ladder",
        "Q8_0,Q2_K",
        "--ladder-dir",
        &ladder,
        "--no-index",
        "--threads",
        "1",
        "--window",
        "16/16",
        "--no-rouge",
        "--prompts",
        "bundle:applied-base",
        "--limit",
        "4",
        "--answer-tokens",
        "200",
        "-o",
        &out,
    ];
    let tables = goes_on(&args, &out, ["--seed", "9"]);
    // The teacher's own file again changes no answer and no flag; two bits a weight do.
    let row = |name: &str| {
        let begins = format!("| {name} | 4 |");
        let line = tables.lines().find(|l| l.starts_with(&begins));
        let line = line.unwrap_or_else(|| panic!("{name} in\n{tables}"));
        let cells = line.split('|').map(|c| c.trim().to_string());
        cells.collect::<Vec<String>>()
    };
    let right = row("teacher")[3].parse::<usize>().unwrap();
    assert!(right >= 3, "{tables}");
    assert!(row("Q2_K")[3].parse::<usize>().unwrap() < right, "{tables}");
    assert_eq!(
        row("Q8_0")[3..7],
        [&right.to_string(), "4", "0", "0"],
        "{tables}"
    );
    assert!(
        row("Q8_0")[11].parse::<usize>().unwrap() > 10,
        "steps alike: {tables}"
    );
    assert!(
        tables.contains("Q2_K, right or wrong changed: applied-base-00"),
        "{tables}"
    );
}

/// Paragraphs of this repository's own texts, which no generator made.
fn paragraphs() -> Vec<String> {
    let mut out = Vec::new();
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "CONTRIBUTING.md"] {
        let all = std::fs::read_to_string(root().join(name)).unwrap();
        let some = all
            .split("\n\n")
            .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
        out.extend(some.filter(|p| p.split(' ').count() >= 25 && !p.contains('|')));
    }
    out
}

#[test]
fn regions_of_text_from_outside_are_told_apart_and_go_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let all = paragraphs();
    assert!(all.len() >= 15, "{}", all.len());
    let rows: Vec<String> = all.iter().map(|p| json!({"text": p}).to_string()).collect();
    std::fs::write(path("corpus.jsonl"), rows.join("\n")).unwrap();
    let index = path("index");
    said(&[
        "index",
        "build",
        &path("corpus.jsonl"),
        "--model",
        MODEL,
        "--out",
        &index,
    ]);
    // Word for word; and the words of several paragraphs put together at random.
    let mixed = |i: usize| {
        let words: Vec<&str> = all.iter().flat_map(|p| p.split(' ')).collect();
        let word = |k: usize| words[(i * 977 + k * 7919) % words.len()];
        (0..40).map(word).collect::<Vec<_>>().join(" ")
    };
    let mut answers = Vec::new();
    for (i, paragraph) in all.iter().enumerate() {
        answers.push((format!("same-{i}"), paragraph.clone()));
        answers.push((format!("mixed-{i}"), mixed(i)));
    }
    let answer = |(id, said): &(String, String)| {
        json!({"id": id, "question": "Say it.", "completion": said}).to_string()
    };
    let lines: Vec<String> = answers.iter().map(answer).collect();
    std::fs::write(path("answers.jsonl"), lines.join("\n")).unwrap();
    let (file, out) = (path("answers.jsonl"), path("out.jsonl"));
    let args = [
        "audit", "regions", &file, "--index", &index, "--model", MODEL, "-q", "-o", &out,
    ];
    goes_on(&args, &out, ["--tau", "0.5"]);
    let content = std::fs::read_to_string(&out).unwrap();
    let (mut right, mut seen) = (0, 0);
    for line in content.lines().skip(1) {
        let record: Value = serde_json::from_str(line).unwrap();
        let record = &record["record"];
        let id = record["id"].as_str().unwrap();
        let want = if id.starts_with("same") { "VM" } else { "NM" };
        seen += 1;
        right += usize::from(record["class"] == want);
    }
    assert_eq!(seen, answers.len());
    assert!(right * 100 >= seen * 95, "{right} of {seen}");
}

#[test]
fn spans_go_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut args = vec!["audit", "spans"];
    let names: Vec<String> = (0..4).map(|i| path(&format!("t{i}.txt"))).collect();
    for (i, name) in names.iter().enumerate() {
        std::fs::write(
            name,
            format!("So the answer is {i}. The tally rises to 4 + {i}."),
        )
        .unwrap();
        args.push(name);
    }
    let out = path("out.jsonl");
    args.extend(["--index", small_index(), "--model", MODEL, "-o", &out]);
    goes_on(&args, &out, ["--density", "0.5"]);
}

/// A book of a hundred thousand tokens; few windows of it, since what is held does not grow with them.
#[cfg(target_os = "linux")]
#[test]
fn a_book_streams_in_less_than_a_gibibyte() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (book, out) = (path("book.txt"), path("out.jsonl"));
    let text = (0..7200).map(|i| format!("On day {i} the smith sells {} pots. ", i % 97));
    std::fs::write(&book, text.collect::<String>()).unwrap();
    let args = [
        "audit",
        "extract",
        &book,
        "--model",
        MODEL,
        "--no-index",
        "--threads",
        "1",
        "--stride",
        "4000",
        "-q",
        "-o",
        &out,
    ];
    let peak = crate::support::peak(&args);
    let lines = sorted(&out);
    let last = lines.iter().filter_map(|l| {
        let line: Value = serde_json::from_str(l).unwrap();
        line["window"]["start"].as_u64()
    });
    let last = last.max().unwrap();
    assert!(last > 90_000 && lines.len() > 20, "{last} {}", lines.len());
    eprintln!("{peak} KiB for {last} tokens");
    assert!(peak > 1 << 13 && peak < 1 << 20, "{peak} KiB");
}
