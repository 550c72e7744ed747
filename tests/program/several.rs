//! Several indexes asked as one, from the command line, held against one index of all their documents.

use std::path::Path;

use crate::support::{root, rotescope, text, traces};
use serde_json::Value;
use tempfile::TempDir;

/// Indexes of a part of the bundled corpus, of its first and its second half, and of all.
struct Halves {
    _folder: TempDir,
    first: String,
    second: String,
    all: String,
    out: String,
}

impl Halves {
    fn new() -> Halves {
        let folder = tempfile::tempdir().unwrap();
        let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
        let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
        let lines: Vec<&str> = corpus.lines().take(900).collect();
        let index = |name: &str, lines: &[&str]| {
            let file = folder.path().join(format!("{name}.jsonl"));
            std::fs::write(&file, lines.join("\n")).unwrap();
            built(&file, &folder.path().join(name))
        };
        Halves {
            first: index("first", &lines[..300]),
            second: index("second", &lines[300..]),
            all: index("all", &lines),
            out: folder.path().join("out.jsonl").display().to_string(),
            _folder: folder,
        }
    }

    /// The traces of some prompts, scored over some indexes.
    fn scored(&self, indexes: &[&str]) -> Vec<rotescope_trace::Trace> {
        let mut args = vec!["score", "prompts/applied-seen.jsonl", "--limit", "2"];
        args.extend(["--max-tokens", "40", "-o", &self.out, "--fresh"]);
        args.extend(indexes.iter().flat_map(|i| ["--index", i]));
        let run = rotescope(&args);
        assert!(run.status.success(), "{}", text(&run.stderr));
        traces(Path::new(&self.out))
    }
}

fn built(corpus: &Path, out: &Path) -> String {
    let [corpus, out] = [corpus, out].map(|p| p.display().to_string());
    let model = root().join("models/pocket/pocket-q8_0.gguf");
    let model = model.display().to_string();
    let run = rotescope(&["index", "build", &corpus, "--out", &out, "--model", &model]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    out
}

fn said(args: &[&str]) -> String {
    let run = rotescope(args);
    assert!(run.status.success(), "{args:?}: {}", text(&run.stderr));
    text(&run.stdout)
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&said(args)).unwrap()
}

#[test]
fn answers_are_sums_with_each_index_share() {
    let h = Halves::new();
    for asked in [" the answer is", " 7", " pens", " never seen zebras"] {
        let one = json(&["index", "count", &h.all, asked, "--json"]);
        // However the indexes are named.
        let both = json(&["index", "count", &h.first, asked, "-i", &h.second, "--json"]);
        let named = ["index", "count", "--index", &h.first, "--index", &h.second];
        let again = json(&[&named[..], &[asked, "--json"]].concat());
        assert_eq!(both, again);
        assert_eq!(both["count"], one["count"], "{asked}");
        assert_eq!(both["ids"], one["ids"]);
        let parts = both["parts"].as_array().unwrap();
        let places: Vec<_> = parts.iter().map(|p| p["index"].as_str().unwrap()).collect();
        assert_eq!(places, [&h.first, &h.second]);
        let of_parts = parts.iter().map(|p| p["count"].as_u64().unwrap());
        assert_eq!(of_parts.sum::<u64>(), one["count"].as_u64().unwrap());
    }
    let asked = said(&["index", "count", &h.first, " 7", "-i", &h.second]);
    assert_eq!(asked.lines().count(), 3, "{asked}");

    let one = json(&["index", "next", &h.all, " the", "--json"]);
    let both = json(&[
        "index", "next", &h.first, " the", "--index", &h.second, "--json",
    ]);
    assert_eq!(
        (&both["count"], &both["ends"]),
        (&one["count"], &one["ends"])
    );
    let tokens = |answer: &Value| answer["tokens"].as_array().unwrap().clone();
    for (a, b) in tokens(&one).iter().zip(tokens(&both)) {
        assert_eq!((&a["id"], &a["count"]), (&b["id"], &b["count"]));
        let shares = b["shares"].as_array().unwrap();
        let sum: u64 = shares.iter().map(|s| s.as_u64().unwrap()).sum();
        assert_eq!(Some(sum), a["count"].as_u64());
    }

    let docs = [
        "index", "docs", &h.first, " pens", "--index", &h.second, "--json",
    ];
    let docs = said(&[&docs[..], &["--limit", "100000"]].concat());
    let one = said(&[
        "index", "docs", &h.all, " pens", "--json", "--limit", "100000",
    ]);
    let hits: Vec<Value> = docs
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(hits.len(), one.lines().count());
    for hit in &hits {
        let index = hit["index"].as_str().unwrap();
        assert!(index == h.first || index == h.second);
        // The number is that of the document in its own index.
        assert!(hit["document"].as_u64().unwrap() < 600);
    }
    let shown = said(&["index", "docs", &h.first, " pens", "--index", &h.second]);
    assert!(
        shown.contains(&format!("{}: document ", h.first)),
        "{shown}"
    );

    let info = said(&["index", "info", &h.first, "--index", &h.second]);
    assert!(
        info.contains(&h.first) && info.contains(&h.second),
        "{info}"
    );
}

#[test]
fn scores_over_two_indexes_are_those_over_one_of_both() {
    let h = Halves::new();
    let one = h.scored(&[&h.all]);
    let both = h.scored(&[&h.first, &h.second]);
    assert_eq!((one.len(), both.len()), (2, 2));
    for (a, b) in one.iter().zip(&both) {
        let tokens = |t: &rotescope_trace::Trace| serde_json::to_value(&t.tokens).unwrap();
        assert_eq!(tokens(a), tokens(b));
        assert!(b.tokens.iter().any(|t| t.long.is_some()));
        let (a, b) = (a.index.as_ref().unwrap(), b.index.as_ref().unwrap());
        assert_eq!((b.id.as_str(), b.tokens), ("first + second", a.tokens));
        assert_eq!((a.documents, b.documents), (Some(900), Some(900)));
        let parts: Vec<_> = b
            .parts
            .iter()
            .map(|p| (p.id.as_str(), p.documents))
            .collect();
        assert_eq!(parts, [("first", Some(300)), ("second", Some(600))]);
        assert!(a.parts.is_empty());
    }
}

#[test]
fn what_cannot_be_summed_or_read_is_refused_by_name() {
    let h = Halves::new();
    let refused = |args: &[&str]| {
        let run = rotescope(args);
        assert!(!run.status.success(), "{args:?}: {}", text(&run.stdout));
        text(&run.stderr)
    };
    let again = format!("{}/../first", h.second);
    for other in [h.first.as_str(), again.as_str()] {
        let why = refused(&["index", "count", &h.first, " 7", "--index", other]);
        assert!(
            why.contains("the same corpus") && why.contains(other),
            "{why}"
        );
        let twice = ["score", "prompts/applied-seen.jsonl", "--index", &h.first];
        let why = refused(&[&twice[..], &["--index", other, "-o", &h.out]].concat());
        assert!(why.contains("the same corpus"), "{why}");
    }
    let why = refused(&["index", "count", &h.first, " 7", "--index", "/no/such"]);
    assert!(why.contains("/no/such"), "{why}");
    // Without a text, or without an index.
    let why = refused(&["index", "count", &h.first]);
    assert!(why.contains("nothing to look for"), "{why}");
    let why = refused(&["index", "count", "--ids", "1,2"]);
    assert!(why.contains("no index"), "{why}");
    let why = refused(&["index", "info"]);
    assert!(why.contains("INDEX"), "{why}");
}
