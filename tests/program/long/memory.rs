//! How much memory long files take.

use crate::support::peak;
use rotescope_testing::{pairs, repository};

#[test]
#[ignore = "long: make test-long"]
fn a_thousand_pairs_need_no_more_memory_than_a_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let steps: String = (0..30)
        .map(|i| format!(" Step {i} adds {i} to 3."))
        .collect();
    let peaks = [100, 1000].map(|pairs| {
        let file = |side: &str, question: &str| {
            let original = pairs::trace("o", question, &steps, "1");
            let lines = (0..pairs).map(|i| {
                let mut trace = original.clone();
                trace.prompt.id = format!("pair-{i}");
                serde_json::to_string(&trace).unwrap() + "\n"
            });
            let path = folder.path().join(format!("{side}-{pairs}.jsonl"));
            std::fs::write(&path, lines.collect::<String>()).unwrap();
            path.to_str().unwrap().to_string()
        };
        let (a, b) = (file("a", "Use 3."), file("b", "Use 4."));
        let out = folder.path().join(format!("out-{pairs}.jsonl"));
        peak(&["compare", &a, &b, "-o", out.to_str().unwrap()])
    });
    eprintln!(
        "100 pairs: {} KiB at most, 1000 pairs: {} KiB",
        peaks[0], peaks[1]
    );
    assert!(peaks[0] > 0 && peaks[1] < peaks[0] * 3 / 2, "{peaks:?}");
}

/// What is no part of it, the program and its tokenizer, is what a question to the index takes.
#[test]
#[ignore = "long: make test-long"]
fn building_an_index_keeps_to_its_memory() {
    const MEMORY: u64 = 256 << 10;
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    // 41 million tokens, of which 34 million are sorted at a time.
    for copy in 0..4 {
        let bundled = repository("indexes/pocket/corpus.jsonl.zst");
        std::fs::copy(bundled, corpus.join(format!("{copy}.jsonl.zst"))).unwrap();
    }
    let index = folder.path().join("index");
    let [corpus, index] = [&corpus, &index].map(|p| p.to_str().unwrap());
    let model = "models/pocket/pocket-q8_0.gguf";
    let build = ["index", "build", corpus, "--model", model, "--out", index];
    let built = peak(&[&build[..], &["--memory", "256M"]].concat());
    let program = peak(&["index", "count", index, "the answer", "--model", model]);
    eprintln!("{built} KiB to build with {MEMORY}, {program} of it the program");
    assert!(built > MEMORY / 2 && built <= MEMORY * 105 / 100 + program);
}
