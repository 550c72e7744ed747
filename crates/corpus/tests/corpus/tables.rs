//! Tables that contradict each other, in an index whose pages no checksum covers: an error that names the file, and no answer.

use std::path::Path;

use rotescope_corpus::{
    CorpusError, Documents, LocalIndex, MergeOptions, NgramCounts, build, merge,
};

use crate::support::{Numbers, change, numbers, options, table};

/// Which file of the first shard an error names, and what it says of it.
fn damage<T: std::fmt::Debug>(found: Result<T, CorpusError>) -> (String, String) {
    match found.unwrap_err() {
        CorpusError::Damaged { path, what } => {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name.replace("shard-000.", ""), what)
        }
        other => panic!("{other}"),
    }
}

fn said<T: std::fmt::Debug>(
    index: &Path,
    ask: impl FnOnce(&LocalIndex) -> Result<T, CorpusError>,
) -> (String, String) {
    damage(ask(&LocalIndex::open(index).unwrap()))
}

fn of(file: &str, what: String) -> (String, String) {
    (file.to_string(), what)
}

#[test]
fn where_a_token_stands() {
    let (_dir, _, out) = numbers(200);
    let heads = table::<u32>(&out, "heads");
    change(&out, "heads", |h: &mut [u32]| h[7] = h[8] + 1);
    let what = format!("token 7 stands from {} to {}", heads[8] + 1, heads[8]);
    assert_eq!(said(&out, |i| i.count(&[7])), of("heads", what));
    // A range without any is none that contradicts.
    change(&out, "heads", |h: &mut [u32]| h[7] = h[8]);
    assert_eq!(
        LocalIndex::open(&out).unwrap().count(&[7]).unwrap().value,
        0
    );
    change(&out, "heads", |h: &mut [u32]| h[20] = 994);
    let what = format!("token 19 stands from {} to 994", heads[19]);
    assert_eq!(said(&out, |i| i.count(&[19])), of("heads", what));
}

#[test]
fn where_a_document_begins_and_ends() {
    let (_dir, _, out) = numbers(200);
    let begins = |d: u32| {
        let what = format!("document {d} of the shard begins where it has ended");
        of("docs", what)
    };
    let docs = table::<u32>(&out, "docs");
    change(&out, "docs", |d: &mut [u32]| d[5] = d[4]);
    assert_eq!(said(&out, |i| i.document_tokens(&[4])), begins(4));
    // One separator is a document without tokens.
    change(&out, "docs", |d: &mut [u32]| d[5] = d[4] + 1);
    let tokens = LocalIndex::open(&out).unwrap().document_tokens(&[4]);
    assert_eq!(tokens.unwrap(), [[0; 0]]);
    change(&out, "docs", |d: &mut [u32]| d[200] += 1);
    assert_eq!(said(&out, |i| i.document_tokens(&[199])), begins(199));
    // Behind all positions of the first block.
    change(&out, "docs", |d: &mut [u32]| d.copy_from_slice(&docs));
    change(&out, "blocks", |b: &mut [u32]| b[0] = 150);
    let found = said(&out, |i| i.occurrences_of(&[7], 1, 0));
    assert_eq!(found, begins(150));
    change(&out, "blocks", |b: &mut [u32]| b[0] = 0);
    change(&out, "docs", |d: &mut [u32]| d.fill(0));
    let what = "number 201 is asked for, and it has 201: this file or another of the index is not what was written";
    let found = said(&out, |i| i.occurrences_of(&[7], 1, 0));
    assert_eq!(found, of("docs", what.into()));
}

#[test]
fn what_is_put_together_from_them() {
    let (dir, corpus, out) = numbers(200);
    let other = dir.path().join("other");
    build(&options(&corpus, &other), &Numbers(20), &mut ()).unwrap();
    let merged = |indexes: [&Path; 2]| {
        let indexes = indexes.map(Path::to_path_buf).to_vec();
        let mut options = MergeOptions::new(indexes, dir.path().join("merged"));
        (options.again, options.compact) = (true, true);
        merge(&options, &mut ())
    };
    let (docs, ids) = (table::<u32>(&out, "docs"), table::<u16>(&out, "ids"));
    let (first, end) = (docs[8] as usize, docs[9] as usize - 1);
    let no_end = |d: u32| of("docs", format!("document {d} of the shard has no end"));

    change(&out, "ids", |i: &mut [u16]| i[end] = 3);
    assert_eq!(damage(merged([&other, &out])), no_end(8));
    let what = "its token ids are not those that it was built of";
    assert_eq!(damage(merged([&out, &other])), of("index", what.into()));

    change(&out, "ids", |i: &mut [u16]| {
        (i[first], i[end]) = (20, ids[end]);
    });
    let what = "a token is outside of the vocabulary";
    assert_eq!(damage(merged([&other, &out])), of("ids", what.into()));

    change(&out, "ids", |i: &mut [u16]| i[first] = ids[first]);
    change(&out, "docs", |d: &mut [u32]| d[5] = d[4] - 1);
    assert_eq!(damage(merged([&other, &out])), no_end(4));
    change(&out, "docs", |d: &mut [u32]| d[5] = docs[5]);
    assert_eq!(merged([&other, &out]).unwrap().manifest.documents, 400);
}
