//! Compressed files: what is read and what is written, by every command alike.

use std::path::Path;
use std::process::Output;

use crate::support::{root, rotescope, text};
use rotescope_trace::packed::{Packing, Part, Unpacked, part, unpack};
use std::io::Read;

fn run(args: &[&str]) -> Output {
    let run = rotescope(args);
    assert!(run.status.success(), "{args:?}: {}", text(&run.stderr));
    run
}

fn content(path: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    unpack::open(path).unwrap().read_to_end(&mut all).unwrap();
    all
}

/// How many parts a file has.
fn parts(path: &Path) -> usize {
    let packed = std::fs::read(path).unwrap();
    let mut from = Unpacked::new(&packed[..]);
    let all = from.parts();
    let mut plain = Vec::new();
    from.read_to_end(&mut plain).unwrap();
    let begins: std::collections::BTreeSet<u64> = (0..plain.len() as u64)
        .filter_map(|at| all.of(at))
        .map(|p: Part| p.packed)
        .collect();
    begins.len()
}

/// Scores the first prompts of a bundled file, of which a copy compressed by another program is read.
fn score(prompts: &str, out: &str, more: &[&str]) -> Output {
    let limits = ["--no-index", "--threads", "1", "--max-tokens", "6"];
    run(&[&["score", prompts, "-o", out][..], &limits, more].concat())
}

#[test]
fn a_compressed_file_of_traces_is_one_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let plain = std::fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
    let three: String = plain.split_inclusive('\n').take(3).collect();
    std::fs::write(
        at("p.jsonl.gz"),
        part(Packing::Gzip, three.as_bytes()).unwrap(),
    )
    .unwrap();
    std::fs::write(at("p.jsonl"), &three).unwrap();
    score(&at("p.jsonl"), &at("t.jsonl"), &[]);
    // Without times, which differ.
    let bare = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut all: Vec<serde_json::Value> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        all.iter_mut()
            .for_each(|t| t["timing"] = serde_json::Value::Null);
        all
    };
    for name in ["t.jsonl.zst", "t.jsonl.gz"] {
        let out = at(name);
        score(&at("p.jsonl.gz"), &out, &["--limit", "2"]);
        let said = score(&at("p.jsonl.gz"), &out, &[]);
        assert!(
            text(&said.stderr).contains("2 of 3 prompts are in"),
            "{}",
            text(&said.stderr)
        );
        let path = Path::new(&out);
        assert_eq!(
            bare(&content(path)),
            bare(&content(Path::new(&at("t.jsonl"))))
        );
        assert_eq!(parts(path), 3, "{name}: one a record");
        // What a kill leaves. Of gzip all lines may be whole, and only the checksum is not.
        let whole = std::fs::read(path).unwrap();
        std::fs::write(path, &whole[..whole.len() - 9]).unwrap();
        let listed = rotescope(&["report", &out]);
        let says = text(&listed.stderr);
        assert!(
            !listed.status.success() && says.contains(name) && says.contains("cut off"),
            "{says}"
        );
        let said = score(&at("p.jsonl.gz"), &out, &[]);
        assert!(
            text(&said.stderr).contains("of 3 prompts are in"),
            "{}",
            text(&said.stderr)
        );
        assert_eq!(
            bare(&content(path)),
            bare(&content(Path::new(&at("t.jsonl"))))
        );

        // Whatever the name, it is read as it is: by reports, tables, comparisons.
        let other = at("named-otherwise");
        std::fs::copy(path, &other).unwrap();
        // A file is not compared with itself.
        std::fs::copy(at("t.jsonl"), at("again.jsonl")).unwrap();
        for args in [
            vec!["report", &other],
            vec!["evaluate", &other],
            vec!["compare", &other, &at("again.jsonl"), "--json"],
        ] {
            let found = run(&args);
            let wanted = args.iter().map(|a| {
                if *a == other {
                    at("t.jsonl")
                } else {
                    (*a).to_string()
                }
            });
            let wanted: Vec<String> = wanted.collect();
            let wanted = run(&wanted.iter().map(String::as_str).collect::<Vec<_>>());
            // Speeds stand in reports.
            if args[0] != "report" {
                assert_eq!(text(&found.stdout), text(&wanted.stdout), "{args:?}");
            }
        }
    }
    // Finished files, compressed as they are named, and again onto themselves.
    for (name, ending) in [
        ("r.csv.gz", "csv"),
        ("r.html.zst", "html"),
        ("r.jsonl.zst", "jsonl"),
    ] {
        let (packed, plain) = (at(name), at(&format!("plain.{ending}")));
        run(&["report", &at("t.jsonl.zst"), "-o", &packed]);
        run(&["report", &at("t.jsonl.zst"), "-o", &packed]);
        run(&["report", &at("t.jsonl.zst"), "-o", &plain]);
        let (packed, plain) = (Path::new(&packed), Path::new(&plain));
        assert_eq!(content(packed), std::fs::read(plain).unwrap(), "{name}");
        assert!(packed.metadata().unwrap().len() * 2 < plain.metadata().unwrap().len());
    }
}

#[test]
fn a_damaged_file_is_named_and_not_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    std::fs::write(at("p.txt"), "Tom has 3 pens.\nAnn has 2.\n").unwrap();
    let out = at("t.jsonl.zst");
    score(&at("p.txt"), &out, &[]);
    let mut damaged = std::fs::read(&out).unwrap();
    let middle = damaged.len() / 3;
    damaged[middle] ^= 0x10;
    std::fs::write(&out, &damaged).unwrap();
    for args in [
        vec!["report", &out],
        vec!["score", &at("p.txt"), "--no-index", "-o", &out],
    ] {
        let run = rotescope(&args);
        let says = text(&run.stderr);
        assert!(!run.status.success(), "{args:?}");
        assert!(
            says.contains("t.jsonl.zst") && says.contains("compressed data"),
            "{says}"
        );
        assert_eq!(std::fs::read(&out).unwrap(), damaged, "{args:?}");
    }
}
