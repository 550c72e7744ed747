//! Reads odd texts in one way so many times, for scripts/instructions.sh, which counts what that takes: `read` names the ways, `read WAY TIMES` reads.

use std::hint::black_box;

use rotescope_judge::{equations, judge};
use rotescope_testing::{repository, traces};
use rotescope_text::{SplitBy, expected_answer, final_answer, same_answer, split_steps, words};
use serde_json::json;

type Way = fn(&str);

const WAYS: [(&str, Way); 6] = [
    ("steps", |text| {
        black_box(split_steps(text, SplitBy::Sentence));
    }),
    ("words", |text| {
        black_box(words(text));
    }),
    ("final answer", |text| {
        black_box(final_answer(text));
    }),
    ("same answer", |text| {
        black_box(same_answer(expected_answer(text), text));
    }),
    ("equations", |text| {
        black_box(equations(text, 10));
    }),
    ("all verdicts of a completion", |text| {
        let prompt = json!({"id": "s", "question": "How many?", "answer": "5"});
        let mut trace = traces::plain(prompt, text);
        judge(&mut trace);
        black_box(trace);
    }),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [way, times] = &arguments[..] else {
        WAYS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let (_, read) = WAYS
        .iter()
        .find(|(name, _)| name == way)
        .ok_or("no such way")?;
    let texts = std::fs::read_to_string(repository("crates/judge/tests/judge/data/odd.jsonl"))?;
    let texts = texts
        .lines()
        .map(|line| serde_json::from_str::<[String; 2]>(line).map(|[_, text]| text))
        .collect::<Result<Vec<String>, _>>()?;
    // Neighbours are alike: every 31st.
    for i in 0..times.parse()? {
        read(&texts[i * 31 % texts.len()]);
    }
    Ok(())
}
