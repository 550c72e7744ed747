//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

use rotescope_judge::equations;
use rotescope_testing::data;

/// GSM8K's solutions are nearly always right, so hardly any step may be called wrong.
#[test]
#[ignore = "needs foreign data: make test-data"]
fn hardly_any_false_alarm_on_gsm8k() {
    let text = std::fs::read_to_string(data("data/gsm8k/train.jsonl")).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for row in text.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let mut solution = String::new();
        // Without the calculator's notes <<..>>.
        for part in row["answer"].as_str().unwrap().split("<<") {
            solution.push_str(part.split_once(">>").map_or(part, |(_, rest)| rest));
        }
        for line in solution.lines() {
            for e in equations(line, 10) {
                match e.first_wrong {
                    None => right += 1,
                    Some(_) => {
                        wrong.push(format!("{line}  [{} -> {}]", &line[e.claimed], e.expected));
                    }
                }
            }
        }
    }
    println!("{right} equations right, {} wrong", wrong.len());
    for w in &wrong {
        println!("{w}");
    }
    assert!(right > 20_000, "{right}");
    assert!(wrong.len() * 400 < right, "{} of {right}", wrong.len());
}
