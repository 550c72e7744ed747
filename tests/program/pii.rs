//! `pii scan` from the outside, on the invented people of the bundled corpus, whose copies are known.

use std::collections::BTreeMap;
use std::path::Path;

use rotescope_trace::audit::pii::{ScanFinding, ScanLine};
use serde_json::Value;

use crate::support::{root, rotescope, text};

/// The cards of invented people, one JSON line each.
pub fn cards() -> Vec<Value> {
    let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let lines = corpus.lines().map(|l| serde_json::from_str(l).unwrap());
    lines.filter(|l: &Value| l["family"] == "people").collect()
}

/// What a card says behind a word.
pub fn said<'a>(card: &'a Value, word: &str) -> &'a str {
    let (_, after) = card["text"].as_str().unwrap().split_once(word).unwrap();
    let after = after.trim_start();
    after.split(' ').next().unwrap().trim_end_matches('.')
}

pub fn scan(args: &[&str]) -> String {
    let all: Vec<&str> = ["pii", "scan", "-q"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let run = rotescope(&all);
    assert!(run.status.success(), "{}", text(&run.stderr));
    text(&run.stdout)
}

fn findings(path: &Path) -> Vec<ScanFinding> {
    let content = std::fs::read_to_string(path).unwrap();
    let line = |l: &str| serde_json::from_str::<ScanLine>(l).unwrap().finding;
    content.lines().filter_map(line).collect()
}

#[test]
fn all_values_are_found_counted_and_masked_and_a_killed_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards();
    let lines: Vec<String> = cards.iter().map(Value::to_string).collect();
    let corpus = folder.path().join("people.jsonl");
    std::fs::write(&corpus, lines.join("\n")).unwrap();
    let (corpus, out) = (corpus.to_str().unwrap(), folder.path().join("scan.jsonl"));
    let o = out.to_str().unwrap();

    let printed = scan(&[corpus, "-o", o]);
    let found = findings(&out);
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for f in &found {
        *by_kind.entry(&f.kind).or_default() += 1;
    }
    let each = cards.len();
    let want = [("birth", each), ("email", each), ("phone", each)];
    assert_eq!(by_kind, BTreeMap::from(want));
    // Copies are the planted ones.
    let mails = found.iter().filter(|f| f.kind == "email");
    for (card, mail) in cards.iter().zip(mails) {
        assert_eq!(mail.count, card["meta"]["copies"].as_u64().unwrap());
    }
    // No value stands in anything that is written or printed.
    let written = std::fs::read_to_string(&out).unwrap();
    for card in &cards {
        for word in ["Mail:", "Phone:", "Born:"] {
            let value = said(card, word);
            assert!(
                !written.contains(value) && !printed.contains(value),
                "{value}"
            );
        }
    }

    // Cut anywhere, the run goes on to the same bytes.
    for cut in [written.len() / 3, written.len() * 2 / 3 + 1] {
        std::fs::write(&out, &written[..cut]).unwrap();
        scan(&[corpus, "-o", o]);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), written, "{cut}");
    }

    let shown = folder.path().join("shown.jsonl");
    scan(&[
        corpus,
        "--reveal",
        "--kinds",
        "email",
        "-o",
        shown.to_str().unwrap(),
    ]);
    for (card, mail) in cards.iter().zip(findings(&shown)) {
        assert_eq!(mail.value, said(card, "Mail:"));
    }
}

#[test]
fn the_documents_of_an_index_have_the_findings_of_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (corpus, index) = (place("people.jsonl"), place("index"));
    let cards: Vec<Value> = cards().into_iter().take(200).collect();
    let lines: Vec<String> = cards.iter().map(Value::to_string).collect();
    std::fs::write(&corpus, lines.join("\n")).unwrap();
    let model = "models/pocket/pocket-q8_0.gguf";
    let built = rotescope(&["index", "build", &corpus, "--model", model, "--out", &index]);
    assert!(built.status.success(), "{}", text(&built.stderr));

    let (of_file, of_index) = (place("file.jsonl"), place("index.jsonl"));
    scan(&[&corpus, "-o", &of_file]);
    scan(&["--index", &index, "-o", &of_index]);
    let (of_file, found) = (findings(of_file.as_ref()), findings(of_index.as_ref()));
    let what = |all: &[ScanFinding]| -> Vec<(String, [usize; 2], u64)> {
        let one = |f: &ScanFinding| (f.kind.clone(), f.span, f.count);
        all.iter().map(one).collect()
    };
    assert_eq!(what(&found), what(&of_file));
    assert_eq!(found.len(), 3 * cards.len());
    // A card that stands there twice is nearly the same as its copy, which is another place.
    let twice = found.iter().filter(|f| f.kind == "email" && f.count > 1);
    assert!(twice.clone().count() > 10);
    for f in twice {
        assert!(f.near.as_ref().is_some_and(|n| n.places > 0), "{f:?}");
    }
    let written = std::fs::read_to_string(place("index.jsonl")).unwrap();
    for card in &cards {
        assert!(!written.contains(said(card, "Mail:")));
    }
}
