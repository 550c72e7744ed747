//! Models in several files.

use std::path::{Path, PathBuf};

use rotescope_testing::gguf::split;
use rotescope_testing::pocket;
use rotescope_vocab::hash;
use serde_json::Value;

use crate::support::{rotescope, text};

/// The bundled model in three files, in a folder.
fn cut(folder: &Path) -> Vec<PathBuf> {
    let whole = std::fs::read(pocket()).unwrap();
    let parts = split(&whole, 3).into_iter().enumerate();
    parts
        .map(|(i, bytes)| {
            let path = folder.join(format!("model-{:05}-of-00003.gguf", i + 1));
            std::fs::write(&path, bytes).unwrap();
            path
        })
        .collect()
}

/// The first trace that a model makes.
fn scored(model: &Path, to: &Path) -> Value {
    let run = rotescope(&[
        "score",
        "prompts/formula-base.jsonl",
        "--no-index",
        "-q",
        "--limit",
        "1",
        "--model",
        model.to_str().unwrap(),
        "-o",
        to.to_str().unwrap(),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    serde_json::from_str(std::fs::read_to_string(to).unwrap().lines().next().unwrap()).unwrap()
}

/// What the program says of a model that it cannot use.
fn refused(model: &Path) -> String {
    let model = model.to_str().unwrap();
    let run = rotescope(&[
        "score",
        "prompts/formula-base.jsonl",
        "--no-index",
        "--model",
        model,
    ]);
    assert_eq!(run.status.code(), Some(2));
    let said = text(&run.stderr);
    let doctor = rotescope(&["doctor", "--model", model]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(
        text(&doctor.stdout).contains("✗ model"),
        "{}",
        text(&doctor.stdout)
    );
    said
}

#[test]
fn any_part_or_the_pattern_opens_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let parts = cut(folder.path());
    let whole = scored(&pocket(), &folder.path().join("whole.jsonl"));
    let (_, of_all) = hash::of_files(&parts, &mut |_| ()).unwrap();
    let names = parts
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap());
    let patterns = [
        "model-*.gguf",
        "model-*-of-00003.gguf",
        "model-%05d-of-00003.gguf",
        "model-0000?-of-00003.gguf",
    ];
    for (i, name) in names.chain(patterns).enumerate() {
        let trace = scored(
            &folder.path().join(name),
            &folder.path().join(format!("{i}.jsonl")),
        );
        assert_eq!(trace["output"], whole["output"], "{name}");
        assert_eq!(trace["tokens"], whole["tokens"], "{name}");
        for same in ["architecture", "quantization", "parameters", "tokenizer"] {
            assert_eq!(trace["model"][same], whole["model"][same], "{name}: {same}");
        }
        assert_eq!(trace["model"]["sha256"], of_all, "{name}");
        assert_eq!(trace["model"]["file"], "model-00001-of-00003.gguf");
    }
    let (_, one) = hash::of_file(&pocket()).unwrap();
    assert_eq!(whole["model"]["sha256"], one, "as it was");
    let doctor = text(&rotescope(&["doctor", "--model", parts[1].to_str().unwrap()]).stdout);
    assert!(
        doctor.contains("✓ model") && doctor.contains("in 3 files"),
        "{doctor}"
    );
}

#[test]
fn a_part_that_is_missing_or_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let parts = cut(folder.path());
    let bytes: Vec<Vec<u8>> = parts.iter().map(|p| std::fs::read(p).unwrap()).collect();
    for named in [0, 1, 2] {
        for gone in [0, 1, 2] {
            std::fs::remove_file(&parts[gone]).unwrap();
            let said = refused(&parts[named]);
            let missing = format!("model-0000{}-of-00003.gguf is missing", gone + 1);
            assert!(
                said.contains(&missing) && said.contains("download or copy"),
                "{named} {gone}: {said}"
            );
            std::fs::write(&parts[gone], &bytes[gone]).unwrap();
        }
    }
    std::fs::write(&parts[2], &bytes[1]).unwrap();
    let said = refused(&parts[0]);
    assert!(
        said.contains("part 3 of 3") && said.contains("it is part 2 of 3"),
        "{said}"
    );
    std::fs::copy(pocket(), &parts[2]).unwrap();
    assert!(refused(&parts[0]).contains("it is no part of a model"));
    std::fs::write(&parts[2], &bytes[2][..bytes[2].len() - 999]).unwrap();
    let said = refused_load(&parts[0]);
    assert!(said.contains("cut short or damaged"), "{said}");
    std::fs::write(&parts[2], &bytes[2]).unwrap();
    let renamed = folder.path().join("renamed.gguf");
    std::fs::copy(&parts[0], &renamed).unwrap();
    let said = refused(&renamed);
    assert!(
        said.contains("name") && said.contains("gguf-split --merge"),
        "{said}"
    );
    let none = refused(&folder.path().join("other-*.gguf"));
    assert!(none.contains("no .gguf file has such a name"), "{none}");
    std::fs::copy(pocket(), folder.path().join("model.gguf")).unwrap();
    let several = refused(&folder.path().join("m*.gguf"));
    assert!(several.contains("means several models"), "{several}");
    // A whole model may be named like a part.
    let alike = folder.path().join("alone-00001-of-00002.gguf");
    std::fs::copy(pocket(), &alike).unwrap();
    scored(&alike, &folder.path().join("alike.jsonl"));
}

/// The same where only the weights are damaged, at which `doctor` does not look.
fn refused_load(model: &Path) -> String {
    let model = model.to_str().unwrap();
    let run = rotescope(&[
        "score",
        "prompts/formula-base.jsonl",
        "--no-index",
        "--model",
        model,
    ]);
    assert_eq!(run.status.code(), Some(2));
    text(&run.stderr)
}
