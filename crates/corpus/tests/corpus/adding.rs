//! What goes wrong where documents are added to an index, or indexes merged: the index stays as it was, or is the new one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rotescope_corpus::{
    About, AppendOptions, CorpusError, Documents, LocalIndex, MergeOptions, NgramCounts, append,
    build, merge,
};
use rotescope_vocab::{Encode, VocabError};

use crate::append::of_append;
use crate::same::{of_files, same};
use crate::support::{Numbers, names, numbers};

/// A folder with an index of `1 2 3 ...`, and a file to add.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub corpus: PathBuf,
    pub index: PathBuf,
    pub more: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let (dir, corpus, index) = numbers(200);
        let more = dir.path().join("more.jsonl");
        fs::write(&more, "{\"text\": \"7 7 7\"}\n{\"text\": \"8 7 7\"}\n").unwrap();
        Self {
            dir,
            corpus,
            index,
            more,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn options(&self) -> AppendOptions {
        of_append(std::slice::from_ref(&self.more), &self.index)
    }

    pub fn append(&self) -> Result<(), CorpusError> {
        append(&self.options(), &Numbers(20), &mut ()).map(|_| ())
    }

    /// Appends so many files of one document each.
    pub fn append_small(&self, files: usize) {
        for n in 0..files {
            let file = self.path(&format!("small-{n}.jsonl"));
            fs::write(&file, format!("{{\"text\": \"9 {n} 9\"}}")).unwrap();
            append(&of_append(&[file], &self.index), &Numbers(20), &mut ()).unwrap();
        }
    }

    pub fn names(&self) -> Vec<String> {
        names(self.dir.path())
    }
}

/// All files below a folder, with what they hold and when they, or their permissions and names, changed last.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, i64, u32)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => {
                let meta = fs::metadata(&path).unwrap();
                let content = fs::read(&path).unwrap();
                all.insert(path, (content, meta.mtime_nsec(), meta.mode()));
            }
        }
    }
    all
}

#[test]
fn what_is_refused_leaves_the_index_as_it_was() {
    let place = Place::new();
    let before = (files(&place.index), place.names());
    let empty = place.path("empty.jsonl");
    fs::write(&empty, "").unwrap();
    let bad = place.path("bad.jsonl");
    fs::write(&bad, "{\"text\": \"1\"}\n{\"txt\": 1}\n").unwrap();
    let refused = |options: &AppendOptions, encoder: &dyn Encode| {
        let error = append(options, encoder, &mut ()).unwrap_err();
        assert_eq!(files(&place.index), before.0, "{error}");
        error.to_string()
    };
    let of = |file: &Path| of_append(&[file.to_path_buf()], &place.index);

    let error = refused(&of(&place.corpus), &Numbers(20));
    for part in [
        "corpus.jsonl: is in ",
        "index already (corpus.jsonl)",
        "--again",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let error = refused(&of(&empty), &Numbers(20));
    assert!(
        error.contains("no documents in") && error.contains("empty.jsonl"),
        "{error}"
    );
    let error = refused(&of(&bad), &Numbers(20));
    assert!(error.contains("bad.jsonl: line 2"), "{error}");
    let error = refused(&of(&place.path("absent.jsonl")), &Numbers(20));
    assert!(error.contains("absent.jsonl: no such file"), "{error}");
    let error = refused(&of(&place.more), &Other);
    for part in ["another tokenizer", "numbers", "fingerprint other"] {
        assert!(error.contains(part), "{error}");
    }
    let mut little = of(&place.more);
    little.build.memory = 1 << 20;
    assert!(refused(&little, &Numbers(20)).contains("--memory 64M"));
    let nowhere = of_append(std::slice::from_ref(&place.more), &place.path("nowhere"));
    let error = refused(&nowhere, &Numbers(20));
    assert!(error.contains("nowhere: not a rotescope index"), "{error}");
    let left: Vec<_> = place
        .names()
        .into_iter()
        .filter(|n| !before.1.contains(n))
        .collect();
    assert_eq!(left, ["bad.jsonl", "empty.jsonl"]);

    // Told so, the same file is taken again.
    let mut again = of(&place.corpus);
    again.again = true;
    append(&again, &Numbers(20), &mut ()).unwrap();
    let twice = LocalIndex::open(&place.index).unwrap();
    assert_eq!(twice.info().documents, Some(400));
}

/// Says other ids for the same texts.
struct Other;

impl Encode for Other {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        Numbers(20).encode_batch(texts)
    }
    fn token_bytes(&self, id: u32) -> Vec<u8> {
        Numbers(20).token_bytes(id)
    }
    fn size(&self) -> usize {
        20
    }
    fn fingerprint(&self) -> &'static str {
        "other"
    }
}

#[test]
fn merging_is_refused_where_ids_differ_or_a_file_is_in_two() {
    let place = Place::new();
    let [a, b, c] = ["a", "b", "c"].map(|n| place.path(n));
    build(
        &of_files(&[place.corpus.clone(), place.more.clone()], &a),
        &Numbers(20),
        &mut (),
    )
    .unwrap();
    build(
        &of_files(std::slice::from_ref(&place.more), &b),
        &Other,
        &mut (),
    )
    .unwrap();
    let refused = |indexes: &[&PathBuf]| {
        let indexes = indexes.iter().map(|i| (*i).clone()).collect();
        let error = merge(&MergeOptions::new(indexes, c.clone()), &mut ()).unwrap_err();
        assert!(!c.exists());
        error.to_string()
    };
    let error = refused(&[&a, &b]);
    for part in [
        "/a and ",
        "/b were made with different tokenizers",
        "build one of them again",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let error = refused(&[&place.index, &a]);
    assert!(
        error.contains("a/corpus.jsonl: is in ") && error.contains("--again"),
        "{error}"
    );
    assert!(refused(&[&a, &a]).contains("--again"));
    assert!(refused(&[&a, &place.path("x")]).contains("x: not a rotescope index"));
    let mut again = MergeOptions::new(vec![a.clone(), a.clone()], c.clone());
    again.again = true;
    merge(&again, &mut ()).unwrap();
    let [once, twice] = [&a, &c].map(|i| LocalIndex::open(i).unwrap().count(&[7]).unwrap().value);
    assert_eq!(twice, 2 * once);
    let error = merge(&again, &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
}

#[test]
fn files_of_the_old_index_never_change_and_its_readers_go_on() {
    let place = Place::new();
    place.append_small(3);
    // Other names of the same files, as the new index has some.
    let kept = place.path("kept");
    for folder in ["", "ngrams", "documents"] {
        fs::create_dir(kept.join(folder)).unwrap();
        for entry in fs::read_dir(place.index.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let to = kept.join(path.strip_prefix(&place.index).unwrap());
                fs::hard_link(&path, to).unwrap();
            }
        }
    }
    let before = files(&kept);
    let reader = LocalIndex::open(&place.index).unwrap();
    let seen = |i: &LocalIndex| (i.count(&[7]).unwrap(), i.document(150).unwrap(), i.info());
    let answers = seen(&reader);
    // Small shards and segments are put together as well.
    for compact in [false, true] {
        let mut options = place.options();
        (options.compact, options.again) = (compact, compact);
        append(&options, &Numbers(20), &mut ()).unwrap();
        assert!(files(&kept) == before, "a file changed");
        assert_eq!(seen(&reader), answers);
    }
    let fingerprint = |i: &Path| LocalIndex::open(i).unwrap().info().fingerprint;
    assert_ne!(fingerprint(&place.index), fingerprint(&kept));
    // What was there is there once: linked, not copied.
    let linked = place.path("linked");
    merge(
        &MergeOptions::new(vec![kept.clone()], linked.clone()),
        &mut (),
    )
    .unwrap();
    let inode = |i: &Path| fs::metadata(i.join("ngrams/shard-000.sa")).unwrap().ino();
    assert_eq!(inode(&kept), inode(&linked));
    same(&kept, &linked, 1);
}

#[test]
fn a_link_to_an_index_stays_one() {
    let place = Place::new();
    let link = place.path("latest");
    std::os::unix::fs::symlink(&place.index, &link).unwrap();
    let options = of_append(std::slice::from_ref(&place.more), &link);
    append(&options, &Numbers(20), &mut ()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let index = LocalIndex::open(&place.index).unwrap();
    assert_eq!(index.info().documents, Some(202));
}

/// Where files cannot be linked they are copied: to another file system.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_linked_is_copied() {
    let place = Place::new();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let out = elsewhere.path().join("index");
    let device = |p: &Path| fs::metadata(p).unwrap().dev();
    assert_ne!(device(elsewhere.path()), device(place.dir.path()));
    merge(
        &MergeOptions::new(vec![place.index.clone()], out.clone()),
        &mut (),
    )
    .unwrap();
    same(&place.index, &out, 2);
}

/// Damages a file of the index whose name ends so, in its middle.
fn damage(index: &Path, end: &str) -> PathBuf {
    let mut all: Vec<_> = files(index).into_iter().collect();
    all.retain(|(path, _)| path.to_string_lossy().ends_with(end));
    let (path, (mut bytes, ..)) = all.remove(0);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn damage_is_not_vouched_for() {
    // What is read on the way.
    for (end, compact) in [
        (".ids", false),
        ("meta.json", false),
        ("manifest.json", false),
        ("checksums", false),
        ("000.docs", true),
        (".store", true),
        (".pos", true),
        (".idx", true),
    ] {
        let place = Place::new();
        place.append_small(2);
        let path = damage(&place.index, end);
        let before = (files(&place.index), place.names());
        let mut options = place.options();
        options.compact = compact;
        let error = append(&options, &Numbers(20), &mut ()).unwrap_err();
        let said = error.to_string();
        assert!(said.contains(path.to_str().unwrap()), "{end}: {said}");
        assert!(said.contains("index build --force"), "{end}: {said}");
        assert_eq!((files(&place.index), place.names()), before, "{end}");
    }
    // What is not, is found by whoever reads it.
    for end in ["000.sa", "000.keys"] {
        let place = Place::new();
        damage(&place.index, end);
        place.append().unwrap();
        let index = LocalIndex::open(&place.index).unwrap();
        let error = (0..20).find_map(|id| index.count(&[id, 1]).err()).unwrap();
        assert!(matches!(error, CorpusError::Damaged { .. }), "{error}");
    }
    // A file that is cut, or away.
    for end in ["blocks", "keys"] {
        let place = Place::new();
        let path = place.index.join(format!("ngrams/shard-000.{end}"));
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let error = place.append().unwrap_err();
        assert!(matches!(error, CorpusError::WrongSize { .. }), "{error}");
        fs::remove_file(&path).unwrap();
        let error = place.append().unwrap_err();
        assert!(matches!(error, CorpusError::MissingFile { .. }), "{error}");
    }
}

/// Makes an index as an older version did: without checksums and keys, and of a word index without lengths if `lengths` is not set.
fn of_an_older_version(index: &Path, lengths: bool) {
    use sha2::Digest;
    fs::remove_file(index.join("checksums")).unwrap();
    let path = index.join("manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("checksums");
    let files = manifest["files"].as_array_mut().unwrap();
    files.retain(|file| {
        let name = file["path"].as_str().unwrap();
        let is_keys = name.ends_with(".keys");
        is_keys.then(|| fs::remove_file(index.join(name)).unwrap());
        !is_keys
    });
    if !lengths {
        let meta = index.join("documents/meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        let new = text.replacen("\"fieldnorms\": true", "\"fieldnorms\": false", 1);
        assert_ne!(new, text);
        fs::write(&meta, &new).unwrap();
        for file in manifest["files"].as_array_mut().unwrap() {
            if file["path"] == "documents/meta.json" {
                let hash = sha2::Sha256::digest(new.as_bytes());
                let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
                file["sha256"] = hex.into();
                file["bytes"] = new.len().into();
            }
        }
    }
    fs::write(&path, manifest.to_string()).unwrap();
}

#[test]
fn an_index_of_an_older_version_is_taken_or_the_way_out_is_said() {
    let place = Place::new();
    let whole = place.path("whole");
    let two = [place.corpus.clone(), place.more.clone()];
    build(&of_files(&two, &whole), &Numbers(20), &mut ()).unwrap();
    of_an_older_version(&place.index, true);
    let copy = place.path("copy");
    merge(
        &MergeOptions::new(vec![place.index.clone()], copy.clone()),
        &mut (),
    )
    .unwrap();
    place.append().unwrap();
    // From now on it has checksums.
    assert!(LocalIndex::open(&place.index).unwrap().is_checked());
    same(&whole, &place.index, 3);

    of_an_older_version(&copy, false);
    let refused = append(&of_append(&two[1..], &copy), &Numbers(20), &mut ());
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("made by an older rotescope"), "{said}");
    let way_out = format!("index merge {} --out DIR", copy.display());
    assert!(said.contains(&way_out), "{said}");
    let new = place.path("new");
    merge(&MergeOptions::new(vec![copy.clone()], new.clone()), &mut ()).unwrap();
    append(&of_append(&two[1..], &new), &Numbers(20), &mut ()).unwrap();
    same(&whole, &new, 4);

    // Without checksums damage is told by the hash of the whole file.
    of_an_older_version(&new, true);
    let path = damage(&new, "000.heads");
    let mut options = of_append(&two[1..], &new);
    options.again = true;
    let said = append(&options, &Numbers(20), &mut ())
        .unwrap_err()
        .to_string();
    assert!(
        said.contains(path.to_str().unwrap()) && said.contains("SHA-256"),
        "{said}"
    );
}
