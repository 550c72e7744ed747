//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

mod recorded;

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

/// Chains that people labelled and solutions that people wrote are no loops, however they count.
#[test]
#[ignore = "needs foreign data: make test-data"]
fn no_labelled_chain_that_goes_on_is_a_loop() {
    let mut chains = Vec::new();
    for file in std::fs::read_dir(data("data/labels")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for row in text.lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            let said = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_string();
            let steps: Vec<String> = row["steps"]
                .as_array()
                .into_iter()
                .flatten()
                .map(said)
                .collect();
            chains.push(steps.join("\n"));
            let solutions = row["solutions"].as_array().into_iter().flatten();
            chains.extend(solutions.map(|s| said(&s["text"])));
        }
    }
    let text = std::fs::read_to_string(data("data/gsm8k/train.jsonl")).unwrap();
    chains.extend(text.lines().map(str::to_string));
    assert!(chains.len() > 10_000, "{}", chains.len());
    // Some do repeat themselves, word for word. What counts on in other words must not be taken for that.
    let is_false = |chain: &&String| {
        let mut repeats = rotescope_text::Repeats::default();
        let words: Vec<String> = chain.split_inclusive(' ').map(str::to_owned).collect();
        let mut found = |end: usize| Some((end, repeats.push(words[end].clone(), &words[end])?));
        let first = (0..words.len()).find_map(&mut found);
        first.is_some_and(|(end, found)| {
            (found.from..=end - found.period).any(|i| words[i] != words[i + found.period])
        })
    };
    let loops: Vec<&String> = chains.iter().filter(is_false).collect();
    assert!(loops.is_empty(), "{loops:#?}");
}
