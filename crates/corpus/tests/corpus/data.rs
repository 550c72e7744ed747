//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

use rotescope_testing::data;

use crate::scan::compare;

#[test]
#[ignore = "needs foreign data: make test-data"]
fn grade_school_math() {
    let corpus = data("data/gsm8k/train.jsonl");
    compare(&corpus, &["question", "answer"], 1);
}
