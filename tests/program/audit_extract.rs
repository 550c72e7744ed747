//! `audit extract` from the outside, on the bundled model, whose corpus has each passage a known number of times.

use std::collections::BTreeMap;
use std::path::Path;

use rotescope_stats::spearman;
use rotescope_trace::audit::extract::{ExtractLine, ExtractWindow};
use serde_json::{Value, json};

use crate::support::{root, rotescope, small_index, text};

const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

/// Passages of the corpus with their copies, some of each number; and passages that it does not have.
fn passages(each: usize) -> Vec<(u64, String)> {
    let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let mut known: BTreeMap<u64, BTreeMap<String, String>> = BTreeMap::new();
    for line in corpus.lines().filter(|l| l.contains("\"family\":\"prose\"")) {
        let row: Value = serde_json::from_str(line).unwrap();
        let (copies, name) = (&row["meta"]["copies"], &row["meta"]["passage"]);
        let text = row["text"].as_str().unwrap().to_string();
        known
            .entry(copies.as_u64().unwrap())
            .or_default()
            .insert(name.to_string(), text);
    }
    let of_level = |(copies, texts): (u64, BTreeMap<String, String>)| {
        texts.into_values().take(each).map(move |t| (copies, t))
    };
    let seen = known.into_iter().flat_map(of_level);
    let prompts = std::fs::read_to_string(root().join("prompts/recite.jsonl")).unwrap();
    let rows = prompts.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    let said = |row: &Value, field: &str| row[field].as_str().unwrap().to_string();
    let unseen = rows
        .filter(|r| r["meta"]["copies"] == 0)
        .map(|r| (0, said(&r, "question") + &said(&r, "answer")));
    unseen.chain(seen).collect()
}

fn write(path: &Path, texts: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = texts
        .into_iter()
        .map(|t| json!({"text": t}).to_string())
        .collect();
    std::fs::write(path, lines.join("\n")).unwrap();
    path.display().to_string()
}

fn lines(path: &str) -> Vec<ExtractLine> {
    let content = std::fs::read_to_string(path).unwrap();
    let line = |l: &str| serde_json::from_str(l).unwrap();
    content.lines().map(line).collect()
}

fn windows(path: &str) -> Vec<ExtractWindow> {
    lines(path).into_iter().filter_map(|l| l.window).collect()
}

fn extract(args: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = ["audit", "extract", "--model", MODEL, "--threads", "1"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let run = rotescope(&all);
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

fn extracted(args: &[&str]) -> String {
    let (code, stdout, stderr) = extract(args);
    assert_eq!(code, Some(0), "{args:?}\n{stdout}\n{stderr}");
    stdout
}

/// The passage that a window is of: its line in the file.
fn line_of(w: &ExtractWindow) -> usize {
    let line = w.document.rsplit(':').next().unwrap();
    line.parse::<usize>().unwrap() - 1
}

#[test]
fn planted_copies_are_found_held_out_passages_are_not_and_the_guard_tells_common_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let all = passages(12);
    let file = write(&path("passages.jsonl"), all.iter().map(|p| p.1.clone()));
    let out = path("out.jsonl").display().to_string();
    let said = extracted(&[&file, "--index", small_index(), "-o", &out]);
    let windows = windows(&out);
    let copies: Vec<u64> = windows.iter().map(|w| all[line_of(w)].0).collect();

    let matched: Vec<f64> = windows.iter().map(|w| w.matched).collect();
    let drawn = |w: &ExtractWindow| w.log_p_z.unwrap_or(f64::NEG_INFINITY);
    let drawn: Vec<f64> = windows.iter().map(drawn).collect();
    for (name, values) in [("M", &matched), ("p_z", &drawn)] {
        let rho = spearman(&copies, values).unwrap();
        eprintln!("Spearman's rho of copies with {name}: {rho:.3}");
        assert!(rho >= 0.8, "{name}: {rho}\n{said}");
    }
    let of = |from: u64, to: u64| {
        let some = windows.iter().zip(&copies);
        some.filter(move |(_, c)| (from..to).contains(*c)).map(|(w, _)| w)
    };
    let share = |some: &mut dyn Iterator<Item = &ExtractWindow>, is: fn(&ExtractWindow) -> bool| {
        let (n, yes) = some.fold((0, 0), |(n, y), w| (n + 1, y + usize::from(is(w))));
        assert!(n >= 50, "{n} windows");
        yes as f64 / n as f64
    };
    let held_out = share(&mut of(0, 1), ExtractWindow::is_memorized);
    let claimed = share(&mut of(50, 1000), |w| w.claim);
    let kept = share(&mut of(50, 1000).filter(|w| w.claim), ExtractWindow::is_memorized);
    eprintln!("held out: {held_out:.3}; 50 copies and more: {claimed:.3} claimed, {kept:.3} of them kept");
    assert!(held_out <= 0.01, "{held_out}");
    assert!(claimed >= 0.95 && kept >= 0.95, "{claimed} {kept}");
}
