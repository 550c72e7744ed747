//! What goes wrong with indexes: stopped and killed builds, damaged files, wrong tokenizers.

use std::fs;
use std::path::Path;

use crate::support::{Numbers, PHASES, Until, names, numbers, options};
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::{About, BuildOptions, CorpusError, LocalIndex, NgramCounts, build};
use rotescope_vocab::Encode;

#[test]
fn an_index_is_replaced_only_when_told() {
    let (dir, corpus, out) = numbers(10);
    let again = options(&corpus, &out);
    let error = build(&again, &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
    fs::write(&corpus, "{\"text\": \"7 7 7\"}").unwrap();
    let open_before = LocalIndex::open(&out).unwrap();
    build(
        &BuildOptions {
            force: true,
            ..again.clone()
        },
        &Numbers(20),
        &mut (),
    )
    .unwrap();
    assert_eq!(
        LocalIndex::open(&out)
            .unwrap()
            .count(&[7, 7])
            .unwrap()
            .value,
        2
    );
    // Who has the old one open goes on with it.
    assert_eq!(open_before.info().documents, Some(10));
    assert_eq!(open_before.count(&[7, 7]).unwrap().value, 0);
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);

    let precious = dir.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("thesis.txt"), "years").unwrap();
    let mistaken = BuildOptions {
        force: true,
        out: precious.clone(),
        ..again
    };
    let error = build(&mistaken, &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::NotOurs { .. }), "{error}");
    assert!(precious.join("thesis.txt").exists());
}

#[test]
fn a_stopped_build_leaves_nothing() {
    let (dir, corpus, _) = numbers(10);
    let out = dir.path().join("stopped");
    for phase in PHASES {
        let error = build(
            &options(&corpus, &out),
            &Numbers(20),
            &mut Until(phase, false),
        )
        .unwrap_err();
        assert!(matches!(error, CorpusError::Stopped), "{error}");
        assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);
    }
    fs::write(&corpus, "{\"text\": \"1\"}\n{\"text\": 1}\n").unwrap();
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap_err();
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);
}

#[test]
fn builds_of_one_index_at_a_time_are_in_no_ones_way() {
    let (dir, corpus, _) = numbers(10);
    let out = dir.path().join("shared");
    for round in 0..40 {
        let options = BuildOptions {
            force: round % 2 == 1,
            ..options(&corpus, &out)
        };
        let built: Vec<_> = std::thread::scope(|scope| {
            let build = || build(&options, &Numbers(20), &mut ()).map(|_| ());
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(build)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let made = built.iter().filter(|b| b.is_ok()).count();
        assert_eq!(made, if options.force { 8 } else { 1 }, "{built:?}");
        for error in built.into_iter().filter_map(Result::err) {
            assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
        }
        LocalIndex::open(&out).unwrap();
        assert_eq!(names(dir.path()), ["corpus.jsonl", "index", "shared"]);
        fs::remove_dir_all(&out).unwrap();
    }
}

/// Set in the process that is to die: the number of the phase and the folder.
const DIES: &str = "ROTESCOPE_TEST_DIES";

/// Builds until the process ends in the middle.
fn die(spec: &str) -> ! {
    let (phase, folder) = spec.split_once(':').unwrap();
    let folder = Path::new(folder);
    let phase = PHASES[phase.parse::<usize>().unwrap()];
    let built = build(
        &options(&folder.join("corpus.jsonl"), &folder.join("killed")),
        &Numbers(20),
        &mut Until(phase, true),
    );
    panic!("the build was not killed: {:?}", built.err());
}

#[test]
fn a_killed_build_never_looks_finished() {
    if let Ok(spec) = std::env::var(DIES) {
        die(&spec);
    }
    let (dir, corpus, _) = numbers(10);
    let out = dir.path().join("killed");
    for phase in 0..PHASES.len() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::a_killed_build_never_looks_finished"])
            .env(DIES, format!("{phase}:{}", dir.path().display()))
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), None, "killed by a signal");
        assert!(
            names(dir.path())
                .iter()
                .any(|n| n.starts_with("killed.partial-")),
            "{:?}",
            names(dir.path())
        );
        assert!(!out.exists());
        for name in names(dir.path())
            .iter()
            .filter(|n| n.starts_with("killed.partial-"))
        {
            let error = LocalIndex::open(dir.path().join(name)).err().unwrap();
            assert!(matches!(error, CorpusError::NotAnIndex { .. }), "{error}");
        }
    }
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap();
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index", "killed"]);

    // Killed between the two renames of a replacement.
    fs::rename(&out, dir.path().join("killed.old-1-0")).unwrap();
    let error = build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
    LocalIndex::open(&out).unwrap();
}

#[test]
fn truncated_and_missing_files_are_named() {
    let (_dir, _, out) = numbers(40);
    let index = LocalIndex::open(&out).unwrap();
    let files: Vec<_> = index
        .manifest()
        .files
        .iter()
        .map(|f| f.path.clone())
        .collect();
    drop(index);
    assert!(
        files.iter().any(|f| f.ends_with(".sa")) && files.iter().any(|f| f.ends_with(".store"))
    );
    for file in files {
        let path = out.join(&file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        match LocalIndex::open(&out).err().unwrap() {
            CorpusError::WrongSize {
                path: p,
                expected,
                found,
            } => {
                assert_eq!(
                    (p, expected, found),
                    (path.clone(), bytes.len() as u64, bytes.len() as u64 - 1)
                );
            }
            other => panic!("{other}"),
        }
        fs::remove_file(&path).unwrap();
        let error = LocalIndex::open(&out).err().unwrap();
        assert!(
            matches!(&error, CorpusError::MissingFile { path: p } if *p == path),
            "{error}"
        );
        fs::write(&path, &bytes).unwrap();
    }
    LocalIndex::open(&out).unwrap();
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    fs::write(out.join("manifest.json"), &manifest[..manifest.len() / 2]).unwrap();
    let error = LocalIndex::open(&out).err().unwrap();
    assert!(error.to_string().contains("manifest.json"), "{error}");
    let error = LocalIndex::open(out.join("nowhere")).err().unwrap();
    assert!(
        error.to_string().contains("there is no such folder"),
        "{error}"
    );
}

#[test]
fn check_finds_flipped_bits() {
    let (_dir, _, out) = numbers(200);
    let options = CheckOptions {
        full: true,
        ..CheckOptions::default()
    };
    let faults = |out: &Path| {
        let index = LocalIndex::open(out).unwrap();
        let findings = check(&index, options, |_| ()).unwrap();
        findings
            .into_iter()
            .filter(|f| !f.faults.is_empty())
            .map(|f| f.what)
            .collect::<Vec<_>>()
    };
    assert!(faults(&out).is_empty());
    for (extension, says) in [
        ("sa", "order"),
        ("ids", "tables"),
        ("heads", "tables"),
        ("docs", "tables"),
        ("blocks", "tables"),
        ("keys", "16 keys"),
    ] {
        let path = out.join(format!("ngrams/shard-000.{extension}"));
        let bytes = fs::read(&path).unwrap();
        let mut wrong = bytes.clone();
        // A small change, to a number that stays in range.
        let at = bytes.len() / 2 / 4 * 4;
        wrong[at] ^= 1;
        fs::write(&path, &wrong).unwrap();
        let found = faults(&out);
        assert!(
            found.iter().any(|f| f.starts_with("hashes")),
            "{extension}: {found:?}"
        );
        assert!(
            found.iter().any(|f| f.starts_with(says)),
            "{extension}: {found:?}"
        );
        fs::write(&path, &bytes).unwrap();
    }
    assert!(faults(&out).is_empty());
}

#[test]
fn another_tokenizer_and_a_newer_format_are_refused() {
    let (_dir, _, out) = numbers(5);
    let index = LocalIndex::open(&out).unwrap();
    let info = index.info();
    info.expect_tokenizer(Numbers(20).fingerprint(), "same")
        .unwrap();
    let message = info
        .expect_tokenizer("other", "other.json")
        .unwrap_err()
        .to_string();
    for part in ["numbers", "fingerprint other", "other.json", "test"] {
        assert!(message.contains(part), "{message}");
    }
    drop(index);
    let path = out.join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    // They vouch for the manifest as it was.
    fs::remove_file(out.join("checksums")).unwrap();
    // The newer one may look different in everything but its head.
    let newer = r#"{"format": "rotescope.index", "version": 1000, "needs": "0.9.0", "made_by": "1.2.3", "news": []}"#;
    fs::write(&path, newer).unwrap();
    let message = LocalIndex::open(&out).err().unwrap().to_string();
    assert!(
        message.contains("made by a newer rotescope (1.2.3): needs rotescope >= 0.9.0"),
        "{message}"
    );
    fs::write(&path, manifest.replace("rotescope.index", "something.else")).unwrap();
    let message = LocalIndex::open(&out).err().unwrap().to_string();
    assert!(message.contains("not a rotescope index"), "{message}");
}

#[test]
fn inputs_without_documents_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("empty.jsonl");
    fs::write(&corpus, "\n\n").unwrap();
    let error = build(
        &options(&corpus, &dir.path().join("out")),
        &Numbers(20),
        &mut (),
    )
    .unwrap_err();
    assert!(matches!(error, CorpusError::NoDocuments { .. }), "{error}");
    assert!(error.to_string().contains("empty.jsonl"), "{error}");
    assert_eq!(names(dir.path()), ["empty.jsonl"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, corpus, _) = numbers(5);
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let error = if fs::write(locked.join("probe"), "").is_ok() {
        // Root may write anywhere but on file systems that are read-only as a whole.
        let out = Path::new("/sys/rotescope-test");
        if fs::create_dir(out).is_ok() {
            fs::remove_dir(out).unwrap();
            panic!("there is no folder that this user may not write to");
        }
        build(&options(&corpus, out), &Numbers(20), &mut ()).unwrap_err()
    } else {
        build(
            &options(&corpus, &locked.join("out")),
            &Numbers(20),
            &mut (),
        )
        .unwrap_err()
    };
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(error, CorpusError::Denied { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("choose a place you may write to"),
        "{error}"
    );
}

/// `/dev/full` is a device without space: what is written to it fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_called_one() {
    use std::io::Write;
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .and_then(|mut f| f.write_all(b"x"));
    let error = CorpusError::io("index/shard-000.sa", "write the file", full.unwrap_err());
    assert!(matches!(error, CorpusError::NoSpace { .. }), "{error}");
    let inside = tantivy::TantivyError::from(std::io::Error::from_raw_os_error(28));
    let error = CorpusError::tantivy("index", inside);
    assert!(matches!(error, CorpusError::NoSpace { .. }), "{error}");
    let text = std::io::Error::from_raw_os_error(28).to_string();
    let error = CorpusError::tantivy("index", tantivy::TantivyError::InternalError(text));
    assert!(matches!(error, CorpusError::NoSpace { .. }), "{error}");
}
