//! With the vocabularies of `make test-data`.

use std::path::PathBuf;

use rotescope_testing::{data, pocket};
use rotescope_vocab::{Encode, Gguf, Vocabulary};

use crate::cutting::check;

#[test]
#[ignore = "needs data: make test-data DATA=DIR"]
fn no_candidate_changes_the_ids_before_it_unnoticed() {
    let folder = data("vocabs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "gguf"))
        .collect();
    files.sort();
    assert!(files.len() >= 5, "{files:?}");
    files.push(pocket());
    let open = |file: &PathBuf| Vocabulary::from_gguf(&Gguf::open(file).unwrap()).unwrap();
    let all: Vec<(String, Vocabulary)> = files
        .iter()
        .map(|f| {
            (
                f.file_stem().unwrap().to_string_lossy().into_owned(),
                open(f),
            )
        })
        .collect();
    let hard = std::fs::read_to_string(folder.join("ggml-vocab-llama-spm.gguf.inp")).unwrap();
    let plain = "Tom has 3 pens, buys 12 more and gives 1/2 away. So 3 + 12 = 15 and 15 / 2 = 7.5 pens.\n\nThe answer is $7.50.";
    let mut texts: Vec<&str> = hard.split("\n__ggml_vocab_test__\n").collect();
    texts.push(plain);
    for (of_index, index) in &all {
        for (of_model, model) in &all {
            let step = model.size() / 20;
            let candidates: Vec<u32> = (0..20)
                .map(|n| (n * step + 300) as u32 % model.size() as u32)
                .collect();
            let (mut changed, mut looked_at) = (0, 0);
            for text in &texts {
                let one = check(index, model, text, &candidates);
                (changed, looked_at) = (changed + one.0, looked_at + one.1);
            }
            eprintln!(
                "{of_index} asked by {of_model}: {changed} of {looked_at} change ids before them"
            );
            assert!(looked_at > 1000);
        }
    }
}
