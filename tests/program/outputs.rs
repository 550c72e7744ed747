//! No command writes onto what it reads, by whatever name; nor over a file of another kind, unless it is told to.

use std::path::{Path, PathBuf};

use crate::support::{rotescope, small_index, text};
use serde_json::{Value, json};

/// A trace whose steps are equations, true and false ones.
fn trace(id: &str, pair: Option<&str>) -> Value {
    let pieces = ["1", " + 1 = ", "2", ". ", "2", " + 2 = ", "5", "."];
    let mut at = 0;
    let tokens: Vec<Value> = pieces
        .iter()
        .enumerate()
        .map(|(i, piece)| {
            let from = at;
            at += piece.len();
            json!({
                "id": i, "text": piece, "span": [from, at], "p": 0.9 - 0.1 * i as f64, "rank": 1, "entropy": 0.2 * i as f64,
                "candidates": {"ids": [i, 9], "text": [piece, "x"], "p": [0.9 - 0.1 * i as f64, 0.05]},
            })
        })
        .collect();
    json!({
        "schema": "rotescope.trace/1", "rotescope": "0.1.0",
        "prompt": {"id": id, "question": "Add.", "text": "Add.", "question_span": [0, 4], "tokens": [1], "pair": pair, "task": "sums"},
        "model": {"file": "m.gguf", "sha256": "00", "architecture": "llama", "quantization": "Q8_0", "parameters": 1, "tokenizer": "ff"},
        "sampler": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "max_tokens": 8},
        "attribution": {"candidates": 2, "steps": "sen"},
        "output": pieces.concat(), "tokens": tokens,
        "steps": [{"span": [0, 11], "tokens": [0, 4]}, {"span": [11, 21], "tokens": [4, 8]}],
        "answer": {"extracted": "5", "expected": "4", "right": false}, "finish": "end",
        "timing": {"prompt": 0.1, "generate": 0.2, "attribute": 0.1, "tokens_per_second": 9.0},
    })
}

/// A folder with one file of each kind that commands read.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Files {
        let files = Files {
            folder: tempfile::tempdir().unwrap(),
        };
        let traces = |ids: &[(&str, Option<&str>)]| -> String {
            ids.iter()
                .map(|(id, pair)| trace(id, *pair).to_string() + "\n")
                .collect()
        };
        files.write(
            "a.jsonl",
            &traces(&[("a", None), ("b", None), ("c", None), ("d", None)]),
        );
        files.write("b.jsonl", &traces(&[("a", None), ("e", Some("b"))]));
        files.write(
            "prompts.jsonl",
            "{\"id\": \"a\", \"question\": \"Tom has 3 pens.\"}\n",
        );
        files.write("model.gguf", "GGUF");
        files.write("flag.json", "{}");
        files.write("prm.gguf", "GGUF");
        files.write("theme.toml", "inherits = \"dark\"\n");
        std::fs::create_dir(files.path("corpus")).unwrap();
        files.write("corpus/one.txt", "One text.\n");
        std::fs::create_dir(files.path("keep")).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn content(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs a command line in which names after an @ are files of the folder.
    fn run(&self, line: &str) -> (Option<i32>, String) {
        let full = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).to_str().unwrap().to_string(),
            None => word.to_string(),
        };
        let words: Vec<String> = line.split(' ').map(full).collect();
        let run = rotescope(&words.iter().map(String::as_str).collect::<Vec<_>>());
        (run.status.code(), text(&run.stderr))
    }
}

/// Each with the input that OUT stands for, and whether the command knows `--force`.
const ONTO_INPUTS: &[(&str, &str, bool)] = &[
    ("evaluate @a.jsonl --json OUT", "a.jsonl", true),
    ("evaluate @a.jsonl --fit OUT", "a.jsonl", true),
    ("evaluate @b.jsonl @a.jsonl --json OUT", "a.jsonl", true),
    (
        "report @a.jsonl -o OUT --format jsonl --id a",
        "a.jsonl",
        true,
    ),
    ("report @a.jsonl -o OUT --format html", "a.jsonl", true),
    ("figure accuracy @a.jsonl -o OUT", "a.jsonl", true),
    (
        "report @a.jsonl --theme @theme.toml -o OUT --format html",
        "theme.toml",
        true,
    ),
    ("attribute @a.jsonl -o OUT --index @corpus", "a.jsonl", true),
    (
        "attribute @a.jsonl -o OUT --index @corpus --model @model.gguf",
        "model.gguf",
        true,
    ),
    (
        "attribute @a.jsonl -o OUT --index @corpus",
        "corpus/one.txt",
        true,
    ),
    (
        "attribute @a.jsonl -o OUT --step-classifier @flag.json",
        "flag.json",
        true,
    ),
    (
        "attribute @a.jsonl -o OUT --prm @prm.gguf",
        "prm.gguf",
        true,
    ),
    (
        "perturb @prompts.jsonl --operator typos -o OUT",
        "prompts.jsonl",
        true,
    ),
    (
        "perturb @prompts.jsonl --operator typos --index @corpus -o OUT",
        "corpus/one.txt",
        true,
    ),
    ("compare @a.jsonl @b.jsonl -o OUT", "a.jsonl", true),
    ("compare @a.jsonl @b.jsonl -o OUT", "b.jsonl", true),
    (
        "compare @prompts.jsonl --model-b @model.gguf -o OUT",
        "model.gguf",
        true,
    ),
    (
        "score @prompts.jsonl --no-index -o OUT",
        "prompts.jsonl",
        false,
    ),
    (
        "score @prompts.jsonl --no-index -o OUT --model @model.gguf",
        "model.gguf",
        false,
    ),
    (
        "score @prompts.jsonl --no-index -o OUT --fresh",
        "prompts.jsonl",
        false,
    ),
    (
        "score @prompts.jsonl --index @corpus -o OUT",
        "corpus/one.txt",
        false,
    ),
    (
        "index build @corpus/one.txt --out OUT",
        "corpus/one.txt",
        true,
    ),
    (
        "index build @corpus --model @model.gguf --out OUT",
        "model.gguf",
        true,
    ),
    ("index merge @corpus --out OUT", "corpus/one.txt", true),
    ("evaluate @a.jsonl --log OUT", "a.jsonl", true),
    ("report @a.jsonl --log OUT", "a.jsonl", true),
    (
        "score @prompts.jsonl --no-index --log OUT",
        "prompts.jsonl",
        false,
    ),
    (
        "index build @corpus --out @new --log OUT",
        "corpus/one.txt",
        true,
    ),
];

#[cfg(unix)]
#[test]
fn no_command_writes_onto_what_it_reads() {
    for (line, input, forcible) in ONTO_INPUTS {
        for alias in ["same", "dots", "symbolic", "hard", "through"] {
            let files = Files::new();
            let before = files.content(input);
            let out = match alias {
                "same" => format!("@{input}"),
                "dots" => format!("@./corpus/../{input}"),
                "symbolic" => {
                    std::os::unix::fs::symlink(files.path(input), files.path("alias")).unwrap();
                    "@alias".into()
                }
                "hard" => {
                    std::fs::hard_link(files.path(input), files.path("alias")).unwrap();
                    "@alias".into()
                }
                _ => {
                    std::os::unix::fs::symlink(files.folder.path(), files.path("loop")).unwrap();
                    format!("@loop/{input}")
                }
            };
            // A hard link of a file in a folder that is read is not seen to be one.
            let reads_folder = line.contains("--index") || line.starts_with("index merge");
            if alias == "hard" && reads_folder && input.starts_with("corpus/") {
                continue;
            }
            let line = line.replace("OUT", &out);
            for force in [false, true] {
                if force && !forcible {
                    continue;
                }
                // The program takes no --force for what `report` prints.
                let line = if force {
                    format!("{line} --force")
                } else {
                    line.clone()
                };
                let (code, said) = files.run(&line);
                assert_eq!(code, Some(2), "{line}: {said}");
                assert!(
                    said.contains("this command") || said.contains("and is no log"),
                    "{line}: {said}"
                );
                assert_eq!(files.content(input), before, "{line}");
            }
        }
    }
}

/// What exists is named, whatever its kind; with `--force` it is replaced.
#[test]
fn files_that_must_not_exist_are_replaced_only_when_told_to() {
    let files = Files::new();
    let index = small_index();
    let index = format!("--index {index}");
    let own = |name: &str| -> String {
        let mut t = trace("a", None);
        let info = rotescope(&[
            "index",
            "info",
            "--json",
            index.trim_start_matches("--index "),
        ]);
        let info: Value = serde_json::from_slice(&info.stdout).unwrap();
        t["model"]["tokenizer"] = info["index"]["tokenizer"].clone();
        files.write(name, &(t.to_string() + "\n"));
        format!("@{name}")
    };
    let traces = own("own.jsonl");
    for (line, code) in [
        (
            format!("attribute {traces} {index} --sources local -o @out.jsonl"),
            0,
        ),
        (
            "perturb @prompts.jsonl --operator typos -o @out.jsonl".into(),
            0,
        ),
        // One trace of the first file has nobody.
        ("compare @a.jsonl @b.jsonl -o @out.jsonl".into(), 1),
    ] {
        files.write("out.jsonl", "mine\n");
        let (refused, said) = files.run(&line);
        assert_eq!(refused, Some(2), "{line}: {said}");
        assert!(
            said.contains("exists already") && said.contains("--force"),
            "{line}: {said}"
        );
        assert_eq!(files.content("out.jsonl"), b"mine\n");
        let (done, said) = files.run(&format!("{line} --force"));
        assert_eq!(done, Some(code), "{line}: {said}");
        assert!(files.content("out.jsonl").starts_with(b"{"), "{line}");
    }
}

/// Each writes OUT; what is there may be an older one of the same kind.
const REPLACING: &[&str] = &[
    "evaluate @a.jsonl --json OUT",
    "evaluate @a.jsonl --fit OUT",
    "report @a.jsonl -o OUT --format html",
    "report @a.jsonl -o OUT --format svg --id a",
    "report @a.jsonl -o OUT --format csv",
    "report @a.jsonl -o OUT --format ansi",
    "report @a.jsonl -o OUT --format ansi --color always",
    "report @a.jsonl -o OUT --format jsonl",
];

#[test]
fn files_are_replaced_by_their_own_kind() {
    let mut made = Vec::new();
    for (i, line) in REPLACING.iter().enumerate() {
        let files = Files::new();
        let line = line.replace("OUT", "@out");
        files.write("out", "my notes\n");
        let (code, said) = files.run(&line);
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(
            said.contains("is no") && said.contains("--force"),
            "{line}: {said}"
        );
        assert_eq!(files.content("out"), b"my notes\n", "{line}");
        let (code, said) = files.run(&format!("{line} --force"));
        assert_eq!(code, Some(0), "{line}: {said}");
        let first = files.content("out");
        assert_ne!(first, b"my notes\n", "{line}");
        let (code, said) = files.run(&line);
        assert_eq!(code, Some(0), "{line}: {said}");
        // Nothing half written is left beside it.
        let left = std::fs::read_dir(files.folder.path()).unwrap().count();
        assert_eq!(left, 10, "{line}");
        made.push((i, first));
    }
    // One kind does not go over another. Text plain and colored is one kind.
    let files = Files::new();
    for (i, content) in &made {
        for (j, line) in REPLACING.iter().enumerate() {
            let same = i == &j || (REPLACING[*i].contains("ansi") && line.contains("ansi"));
            if !same {
                std::fs::write(files.path("out"), content).unwrap();
                let (code, said) = files.run(&line.replace("OUT", "@out"));
                assert_eq!(code, Some(2), "{line} over {}: {said}", REPLACING[*i]);
                assert_eq!(&files.content("out"), content);
            }
        }
    }
}

#[test]
fn tables_go_over_tables_only() {
    let files = Files::new();
    let line = "evaluate @a.jsonl --csv @tables";
    assert_eq!(files.run(line).0, Some(0));
    assert_eq!(files.run(line).0, Some(0), "tables of before are replaced");
    let table = std::fs::read_dir(files.path("tables"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(&table, "mine\n").unwrap();
    let (code, said) = files.run(line);
    assert!(
        code == Some(2) && said.contains(table.to_str().unwrap()),
        "{said}"
    );
    assert_eq!(std::fs::read(&table).unwrap(), b"mine\n");
    // A table that is the very file of traces.
    std::fs::remove_file(&table).unwrap();
    std::fs::hard_link(files.path("a.jsonl"), &table).unwrap();
    let before = files.content("a.jsonl");
    let (code, said) = files.run(&format!("{line} --force"));
    assert!(
        code == Some(2) && said.contains("this command reads"),
        "{said}"
    );
    assert_eq!(files.content("a.jsonl"), before);
}

#[test]
fn traces_that_compare_keeps_do_not_go_over_files() {
    let files = Files::new();
    let line = "compare @prompts.jsonl --operator typos --no-index --save-traces @keep";
    files.write("keep/b.jsonl", "mine\n");
    let (code, said) = files.run(line);
    assert!(code == Some(2) && said.contains("exists already"), "{said}");
    std::fs::hard_link(files.path("prompts.jsonl"), files.path("keep/a.jsonl")).unwrap();
    let before = files.content("prompts.jsonl");
    let (code, said) = files.run(&format!("{line} --force"));
    assert!(
        code == Some(2) && said.contains("this command reads"),
        "{said}"
    );
    assert_eq!(files.content("prompts.jsonl"), before);
}

#[test]
fn an_index_does_not_replace_a_folder_that_holds_its_corpus() {
    let files = Files::new();
    for line in [
        "index build @corpus/one.txt --out @corpus --force",
        "index append @corpus @corpus/one.txt",
    ] {
        let (code, said) = files.run(line);
        assert!(code == Some(2) && said.contains("would replace"), "{said}");
    }
    assert_eq!(files.content("corpus/one.txt"), b"One text.\n");
}

#[test]
fn two_options_do_not_write_one_file() {
    let files = Files::new();
    for line in [
        "evaluate @a.jsonl --json @new --fit @new",
        "evaluate @a.jsonl --json @new --fit @corpus/../new",
        "evaluate @a.jsonl --json @new --log @new",
        "compare @a.jsonl @b.jsonl -o @new --log @new",
    ] {
        let (code, said) = files.run(line);
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(
            said.contains("both write it") || said.contains("is the log"),
            "{line}: {said}"
        );
    }
}

#[test]
fn a_log_is_added_to_a_log_only() {
    let files = Files::new();
    let said = files.run("evaluate @a.jsonl --log @new.log").1;
    assert!(files.path("new.log").exists(), "{said}");
    files.write(
        "old.log",
        "2026-01-01T10:00:00.000000Z  INFO rotescope: begun\n",
    );
    assert_eq!(files.run("evaluate @a.jsonl --log @old.log").0, Some(0));
    files.write("notes.txt", "my notes\n");
    let (code, said) = files.run("evaluate @a.jsonl --log @notes.txt");
    assert!(code == Some(2) && said.contains("is no log"), "{said}");
    assert_eq!(files.content("notes.txt"), b"my notes\n");
}

/// A link stays a link; a file that is replaced keeps its permissions, a new one has those of any new file.
#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new();
    let mode = |name: &str| files.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        files
            .run("evaluate @a.jsonl --json @new.json --fit @fitted.json")
            .0,
        Some(0)
    );
    assert_eq!(
        (mode("new.json"), mode("fitted.json")),
        (mode("a.jsonl"), mode("a.jsonl"))
    );
    std::fs::set_permissions(files.path("new.json"), PermissionsExt::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("new.json", files.path("link.json")).unwrap();
    assert_eq!(
        files.run("evaluate @a.jsonl @b.jsonl --json @link.json").0,
        Some(0)
    );
    assert!(
        files
            .path("link.json")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert_eq!(mode("new.json"), 0o640);
    let written: Value = serde_json::from_slice(&files.content("new.json")).unwrap();
    assert_eq!(written["traces"], 5, "the file that the link leads to");
}

/// What is no file is written to, not replaced.
#[cfg(unix)]
#[test]
fn pipes_are_written_to() {
    use std::os::unix::fs::FileTypeExt;
    let files = Files::new();
    let pipe = files.path("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let read = |path: &Path| {
        let path = path.to_path_buf();
        std::thread::spawn(move || std::fs::read(path).unwrap())
    };
    let reader = read(&pipe);
    let (code, said) = files.run("evaluate @a.jsonl --json @pipe");
    assert_eq!(code, Some(0), "{said}");
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
    let report: Value = serde_json::from_slice(&reader.join().unwrap()).unwrap();
    assert_eq!(report["traces"], 4);
}

#[test]
fn a_trace_that_is_given_twice_counts_once() {
    let files = Files::new();
    let mut failed = String::new();
    for (id, error) in [("x", "first"), ("y", "first"), ("x", "second")] {
        failed +=
            &(json!({"schema": "rotescope.trace/1", "id": id, "error": error}).to_string() + "\n");
    }
    // y was answered later.
    failed += &(trace("y", None).to_string() + "\n");
    files.write("failed.jsonl", &failed);
    std::fs::copy(files.path("a.jsonl"), files.path("copy.jsonl")).unwrap();
    for (line, traces, failed, twice) in [
        ("evaluate @a.jsonl", 4, 0, None),
        ("evaluate @a.jsonl @a.jsonl", 4, 0, Some(4)),
        ("evaluate @a.jsonl @copy.jsonl", 4, 0, Some(4)),
        ("evaluate @a.jsonl @b.jsonl", 5, 0, Some(1)),
        ("evaluate @failed.jsonl", 1, 1, None),
        ("evaluate @failed.jsonl @failed.jsonl", 1, 1, Some(1)),
    ] {
        let (code, said) = files.run(&format!("{line} --json @out.json"));
        assert_eq!(code, Some(0), "{line}: {said}");
        let report: Value = serde_json::from_slice(&files.content("out.json")).unwrap();
        assert_eq!(
            (report["traces"].as_u64(), report["failed"].as_u64()),
            (Some(traces), Some(failed)),
            "{line}"
        );
        let want = twice.map(|n| format!("{n} traces stand in the files more than once"));
        assert_eq!(
            want.as_ref().is_some_and(|w| said.contains(w)),
            twice.is_some(),
            "{line}: {said}"
        );
        assert_eq!(
            said.contains("more than once"),
            twice.is_some(),
            "{line}: {said}"
        );
    }
}

/// Every command says the same of a line that is no trace, with its number.
#[test]
fn a_bad_line_is_named_the_same_everywhere() {
    let files = Files::new();
    let mut reversed = trace("z", None);
    reversed["steps"][0]["tokens"] = json!([4, 0]);
    for (bytes, want) in [
        (
            b"{\"schema\":\"rotescope.trace/1\",\"id\":\"\xff\"}".to_vec(),
            "not UTF-8 (byte 37 of the line)",
        ),
        (
            reversed.to_string().into_bytes(),
            "steps[0].tokens: [4, 0] ends before it begins",
        ),
    ] {
        let mut content = b"\n\n".to_vec();
        content.extend(bytes);
        content.push(b'\n');
        std::fs::write(files.path("bad.jsonl"), content).unwrap();
        for line in [
            "evaluate @bad.jsonl",
            "report @bad.jsonl",
            "show @bad.jsonl",
            "compare @a.jsonl @bad.jsonl",
            "score @prompts.jsonl --no-index -o @bad.jsonl",
        ] {
            // compare takes the pairs' traces only, and show reads a trace when it is looked at.
            let later = line.starts_with("compare") || line.starts_with("show");
            if later && want.starts_with("steps") {
                continue;
            }
            let (code, said) = files.run(line);
            assert_eq!(code, Some(2), "{line}: {said}");
            assert!(
                said.contains("bad.jsonl, line 3") && said.contains(want),
                "{line}: {said}"
            );
        }
    }
}
