//! The files of an index, without checksums before them: an input takes the place of one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rotescope_corpus::{
    BuildOptions, Cooccur, Documents, LocalIndex, LocalQuestion, NgramCounts, WordCounts, build,
};
use rotescope_testing::repository;
use rotescope_vocab::Vocabulary;

use crate::{Target, seeds};

/// An index of a few documents.
struct Small {
    _folder: tempfile::TempDir,
    index: PathBuf,
    /// Relative to it, in order, with what they hold.
    files: Vec<(PathBuf, Vec<u8>)>,
}

fn small() -> &'static Small {
    static SMALL: OnceLock<Small> = OnceLock::new();
    SMALL.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let part = folder.path().join("part.jsonl");
        fs::write(&part, seeds::documents()).expect("a temporary file");
        let encoder = Vocabulary::from_json(&repository("models/pocket/tokenizer.json"))
            .expect("the bundled tokenizer");
        let index = folder.path().join("index");
        let options = BuildOptions::new(vec![part], index.clone(), "pocket".into());
        build(&options, &encoder, &mut ()).expect("an index");
        // As versions before checksums made it: nothing stands between damage and the reader.
        fs::remove_file(index.join("checksums")).expect("checksums");
        let manifest = index.join("manifest.json");
        let text = fs::read(&manifest).expect("a manifest");
        let mut value: serde_json::Value = serde_json::from_slice(&text).expect("a manifest");
        let removed = value.as_object_mut().and_then(|m| m.remove("checksums"));
        assert!(removed.is_some(), "the manifest names its checksums");
        fs::write(&manifest, value.to_string()).expect("a manifest");
        let mut files = Vec::new();
        listed(&index, &index, &mut files);
        files.sort();
        Small {
            _folder: folder,
            index,
            files,
        }
    })
}

fn listed(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            listed(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("within").to_path_buf();
            files.push((name, fs::read(&path).expect("a file")));
        }
    }
}

/// Asks all that can be asked; whether anything was answered.
fn asked(index: &Path) -> bool {
    let Ok(index) = LocalIndex::open(index) else {
        return false;
    };
    let ids = [17, 300, 25];
    let question = LocalQuestion {
        context: &ids[..2],
        token: 25,
        candidates: &[25, 17],
    };
    let words = ["answer".to_string(), "is".to_string()];
    let pair = (words[0].clone(), words[1].clone());
    let found = [
        index.count(&ids[..1]).is_ok(),
        index.next(&[]).is_ok(),
        index.next(&ids[..1]).is_ok(),
        index.occurrences_of(&ids[..1], 3, 0).is_ok(),
        index.document_counts(&[&ids[..1]]).is_ok(),
        index.local_counts(&[question]).is_ok(),
        index.document(0).is_ok(),
        index.document_tokens(&[1]).is_ok(),
        index.word_counts(&words).is_ok(),
        index.word_document_counts(&words).is_ok(),
        index
            .cooccurs(std::slice::from_ref(&pair), Cooccur::Window(15))
            .is_ok(),
        index.cooccurs(&[pair], Cooccur::Document).is_ok(),
        index
            .cooccurs_tokens(&[(&ids[..1], &ids[1..2])], Cooccur::Window(20))
            .is_ok(),
    ];
    found.iter().any(|f| *f)
}

/// The first byte of an input names the file, the rest is what it holds.
pub fn index() -> Target {
    Target {
        name: "index",
        seeds: || {
            let files = small().files.iter().enumerate();
            files
                .map(|(n, (_, content))| [&[n as u8], &content[..]].concat())
                .collect()
        },
        run: |input, _| {
            let Some((file, content)) = input.split_first() else {
                return false;
            };
            let small = small();
            let (name, sound) = &small.files[*file as usize % small.files.len()];
            let path = small.index.join(name);
            fs::write(&path, content).expect("a file of the index");
            let answered = asked(&small.index);
            fs::write(&path, sound).expect("a file of the index");
            answered
        },
    }
}
