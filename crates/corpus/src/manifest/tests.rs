//! Tests of the manifest.

use super::*;

fn manifest() -> Manifest {
    Manifest {
        tokenizer: TokenizerInfo {
            description: "test".into(),
            fingerprint: "f".into(),
            size: 9,
        },
        documents: 4,
        tokens: 5,
        words: 6,
        bytes: 7,
        stream_sha256: String::new(),
        id_width: Width::U16,
        shards: Vec::new(),
        sources: Vec::new(),
        parts: Vec::new(),
        files: Vec::new(),
        checksums: None,
        options: IndexOptions::default(),
    }
}

#[test]
fn what_lies_outside_of_the_folder_is_no_file_of_an_index() {
    let fault = |path: &str| {
        let file = IndexFile {
            path: path.into(),
            bytes: 0,
            sha256: String::new(),
        };
        let files = vec![file];
        Manifest {
            files,
            ..manifest()
        }
        .fault()
    };
    for inside in [
        "ngrams/shard-000.sa",
        "documents/meta.json",
        "documents/..x",
    ] {
        assert_eq!(fault(inside), None, "{inside}");
    }
    for outside in [
        "",
        "meta.json",
        "other/meta.json",
        "ngrams/",
        "ngrams/..",
        "ngrams/a/b",
        "documents/../x",
        "documents/a\\b",
        "documents/c:d",
        "/etc/passwd",
        "../ngrams/x",
    ] {
        let what = format!("{outside:?} is no file of an index");
        assert_eq!(fault(outside), Some(what));
    }
    let shard = |name: &str, documents, positions| {
        let name = name.into();
        let shards = vec![ShardInfo {
            name,
            documents,
            positions,
        }];
        Manifest {
            shards,
            ..manifest()
        }
        .fault()
    };
    assert_eq!(shard("shard-000", 3, 3), None);
    for (name, documents) in [("shard-000", 4), ("", 3), ("..", 3), ("a/b", 3)] {
        assert_eq!(
            shard(name, documents, 3),
            Some(format!("{name:?} is no shard"))
        );
    }
}

#[test]
fn an_index_of_one_go_is_one_part() {
    let whole = manifest().all_parts();
    let sizes = |p: &Part| (p.sources, p.documents, p.tokens, p.bytes);
    assert_eq!(whole.iter().map(sizes).collect::<Vec<_>>(), [(0, 4, 5, 7)]);
    let parts = vec![whole[0].clone(); 3];
    assert_eq!(
        Manifest {
            parts: parts.clone(),
            ..manifest()
        }
        .all_parts(),
        parts
    );
}

#[test]
fn a_manifest_and_checksums_that_do_not_belong_together_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, path) = (dir.path(), dir.path().join(FILE));
    let said = || Manifest::read(folder).err().map(|e| e.to_string());
    let part = |what: &str| {
        let said = said().unwrap();
        assert!(said.contains(what), "{said}");
    };
    assert!(!Manifest::is_in(folder) && !Manifest::was_in(folder));
    part("it holds no manifest.json");
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    for (not_there, why) in [
        (file, "it is a file"),
        (folder.join("nowhere"), "there is no such folder"),
    ] {
        let said = Manifest::read(&not_there).err().unwrap().to_string();
        assert!(said.contains(why), "{said}");
    }
    let written = manifest().write(folder, &[]).unwrap();
    assert_eq!(written.checksums, Some(ChecksumFile::of(0)));
    let opened = Manifest::read(folder).unwrap();
    assert_eq!(
        (opened.manifest, opened.made_by.as_str()),
        (written, env!("CARGO_PKG_VERSION"))
    );
    assert!(opened.sums.is_checked());
    assert!(Manifest::is_in(folder) && Manifest::was_in(folder));

    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text} ")).unwrap();
    part("the manifest is not the one that was written");
    checksums::write(folder, text.as_bytes(), &[1]).unwrap();
    fs::write(&path, &text).unwrap();
    part("the manifest has other checksums");
    let none = text.replace("\"checksums\"", "\"others\"");
    fs::write(&path, &none).unwrap();
    checksums::write(folder, none.as_bytes(), &[]).unwrap();
    part("the manifest has other checksums");
    fs::remove_file(&path).unwrap();
    assert!(!Manifest::is_in(folder) && Manifest::was_in(folder));
    fs::remove_file(folder.join(checksums::FILE)).unwrap();
    fs::write(&path, &none).unwrap();
    assert!(!Manifest::read(folder).unwrap().sums.is_checked());
    fs::write(&path, &text).unwrap();
    part("a file of the index is missing");
}
