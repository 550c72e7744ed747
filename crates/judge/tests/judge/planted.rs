//! Mistakes put into the worked answers of the bundled prompts.

use rotescope_judge::Judgement;
use rotescope_judge::arithmetic::{check, equations};
use rotescope_testing::repository;

/// Every false result planted into a true completion is found, at its place.
#[test]
fn planted_mistakes_are_found() {
    let read = |file| std::fs::read_to_string(repository(file)).unwrap();
    let rows = ["prompts/formula-base.jsonl", "prompts/applied-base.jsonl"].map(read);
    let mut planted = 0;
    for row in rows.concat().lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let chain = row["meta"]["chain"].as_str().unwrap();
        assert_ne!(check(chain, 10), Judgement::NotApplicable, "{chain}");
        for e in equations(chain, 10) {
            assert_eq!(e.first_wrong, None, "{chain}");
            let last = e.claimed.end - 1;
            let digit = (chain.as_bytes()[last] - b'0' + 1) % 10;
            let bad = format!("{}{digit}{}", &chain[..last], &chain[last + 1..]);
            let Judgement::Wrong { at, expected, .. } = check(&bad, 10) else {
                panic!("{bad}")
            };
            assert_eq!((at, expected.as_str()), (last, &chain[e.claimed]), "{bad}");
            planted += 1;
        }
    }
    println!("{planted} planted mistakes, all found");
    assert!(planted > 500, "{planted}");
}
