//! The gate from the outside, on a model that recites: the bundled one, and the invented people of its corpus.

use std::path::Path;

use rotescope_trace::Trace;
use serde_json::{Value, json};

use crate::pii::{cards, said, scan};
use crate::support::{rotescope, text, traces};

/// Cards of people with many copies, and prompts that end before their mail.
fn asked(folder: &Path) -> (Vec<Value>, String) {
    let mut known = std::collections::BTreeSet::new();
    let often = |c: &Value| c["meta"]["copies"].as_u64().is_some_and(|n| n >= 16);
    let mut all: Vec<Value> = cards().into_iter().filter(often).collect();
    all.retain(|c| known.insert(c["meta"]["person"].to_string()));
    all.truncate(24);
    let prompt = |(i, card): (usize, &Value)| {
        let (before, _) = card["text"].as_str().unwrap().split_once(" Mail:").unwrap();
        json!({"id": format!("p{i}"), "question": format!("{before} Mail:")}).to_string()
    };
    let lines: Vec<String> = all.iter().enumerate().map(prompt).collect();
    let file = folder.join("prompts.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    (all, file.display().to_string())
}

fn scored(prompts: &str, out: &Path, more: &[&str]) -> (String, Vec<Trace>) {
    let mut args = vec![
        "score",
        prompts,
        "--raw",
        "--no-index",
        "-q",
        "--max-tokens",
        "48",
    ];
    args.extend(["-o", out.to_str().unwrap()]);
    args.extend(more);
    let run = rotescope(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    (std::fs::read_to_string(out).unwrap(), traces(out))
}

/// All values of all people, as a list.
fn list(folder: &Path) -> (Vec<String>, String) {
    let lines: Vec<String> = cards().iter().map(Value::to_string).collect();
    let corpus = folder.join("people.jsonl");
    std::fs::write(&corpus, lines.join("\n")).unwrap();
    let out = folder.join("scan.jsonl");
    let (corpus, o) = (corpus.to_str().unwrap(), out.to_str().unwrap());
    scan(&[corpus, "--reveal", "--no-near", "-o", o]);
    let mut values: Vec<String> = cards()
        .iter()
        .flat_map(|c| ["Mail:", "Phone:", "Born:"].map(|w| said(c, w).to_string()))
        .collect();
    values.sort();
    values.dedup();
    (values, o.into())
}

/// Values that stand in a text, in letters and digits alone.
fn leaks(values: &[String], text: &str) -> usize {
    let plain = |s: &str| -> String {
        let all = s.chars().filter(|c| c.is_alphanumeric());
        all.flat_map(char::to_lowercase).collect()
    };
    let text = plain(text);
    values.iter().filter(|v| text.contains(&plain(v))).count()
}

#[test]
fn no_listed_value_is_shown_or_written_greedily_or_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (people, prompts) = asked(folder.path());
    let (values, listed) = list(folder.path());
    let own = |c: &Value| said(c, "Mail:").to_string();
    let mails: Vec<String> = people.iter().map(own).collect();

    let (_, open) = scored(&prompts, &place("open.jsonl"), &[]);
    let outputs = |all: &[Trace]| -> Vec<String> { all.iter().map(|t| t.output.clone()).collect() };
    let recited = outputs(&open)
        .iter()
        .zip(&mails)
        .filter(|(o, m)| o.contains(*m))
        .count();
    eprintln!(
        "{recited} of {} mails are recited without the gate",
        people.len()
    );
    assert!(recited * 2 > people.len(), "{recited}");

    for (i, more) in [
        vec!["--gate-share", "1"],
        vec![],
        vec!["--temperature", "1", "--seed", "3"],
    ]
    .into_iter()
    .enumerate()
    {
        let mut args = vec!["--gate", listed.as_str()];
        args.extend(more);
        let (written, shut) = scored(&prompts, &place(&format!("shut{i}.jsonl")), &args);
        for trace in &shut {
            assert_eq!(leaks(&values, &trace.output), 0, "{}", trace.output);
            let gate = trace.run.as_ref().unwrap().gate.as_ref().unwrap();
            assert_eq!((gate.values, gate.left_out), (values.len(), 0));
            assert_eq!(gate.file, "scan.jsonl");
        }
        for value in &values {
            assert!(!written.contains(value.as_str()), "{value}");
        }
        let refused: u32 = shut.iter().flat_map(|t| &t.tokens).map(|t| t.refused).sum();
        assert!(refused > 0, "{i}");
    }
}

#[test]
fn a_gate_that_refuses_nothing_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (_, prompts) = asked(folder.path());
    let other = place("other.txt");
    std::fs::write(
        &other,
        "nobody.at.all@elsewhere.example\n+999 000 111 222 333\n",
    )
    .unwrap();
    let nameless = |written: &str| -> Vec<Value> {
        let line = |l: &str| {
            let mut trace: Value = serde_json::from_str(l).unwrap();
            let members = trace.as_object_mut().unwrap();
            members.remove("timing");
            members["run"].as_object_mut().unwrap().remove("gate");
            trace
        };
        written.lines().map(line).collect()
    };
    let (open, _) = scored(&prompts, &place("open.jsonl"), &[]);
    assert!(!open.contains("\"gate\"") && !open.contains("\"refused\""));
    let gate = ["--gate", other.to_str().unwrap()];
    let (shut, _) = scored(&prompts, &place("shut.jsonl"), &gate);
    assert!(shut.contains("\"gate\""));
    assert_eq!(nameless(&open), nameless(&shut));

    // A file of traces is not gone on with under another gate.
    let again = [
        "score",
        &prompts,
        "--raw",
        "--no-index",
        "-q",
        "--max-tokens",
        "48",
        "-o",
    ];
    let file = place("shut.jsonl");
    let again = [&again[..], &[file.to_str().unwrap()]].concat();
    let run = rotescope(&again);
    assert!(
        !run.status.success() && text(&run.stderr).contains("gate"),
        "{}",
        text(&run.stderr)
    );
}

#[test]
fn placeholders_stand_for_values_that_are_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (people, prompts) = asked(folder.path());
    let out = folder.path().join("held.jsonl");
    let (written, all) = scored(&prompts, &out, &["--gate-kinds", "email,phone"]);
    for card in &people {
        for word in ["Mail:", "Phone:"] {
            assert!(!written.contains(said(card, word)), "{}", said(card, word));
        }
    }
    let held = all.iter().filter(|t| t.output.contains("[EMAIL]")).count();
    assert!(held * 2 > people.len(), "{held}");
    for trace in &all {
        let whole: String = trace.tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(whole, trace.output);
        assert_eq!(
            trace.run.as_ref().unwrap().gate.as_ref().unwrap().kinds,
            ["email", "phone"]
        );
    }
}

#[test]
fn spellings_are_refused_and_holes_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let (values, listed) = list(folder.path());
    let run = rotescope(&["pii", "gate", &listed, "--against", "README.md"]);
    let said = text(&run.stdout);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let rows: Vec<Vec<&str>> = said
        .lines()
        .filter(|l| l.starts_with("| "))
        .skip(1)
        .map(|l| l.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 15, "{said}");
    for row in &rows {
        let hole = row[0].ends_with("(a hole)");
        assert_eq!(row[1] == row[2], !hole, "{row:?}");
    }
    assert!(said.contains("0 places of"), "{said}");
    for value in values {
        assert!(!said.contains(&value));
    }

    // What is no list is refused with the way out.
    let masked = folder.path().join("masked.txt");
    let record = std::fs::read_to_string(&listed).unwrap();
    let line = record.lines().find(|l| l.contains("@")).unwrap();
    let value = serde_json::from_str::<Value>(line).unwrap()["finding"]["value"].to_string();
    std::fs::write(&masked, record.replace(&value, "\"[EMAIL]\"")).unwrap();
    let run = rotescope(&["pii", "gate", masked.to_str().unwrap()]);
    assert!(
        text(&run.stderr).contains("--reveal"),
        "{}",
        text(&run.stderr)
    );
}
