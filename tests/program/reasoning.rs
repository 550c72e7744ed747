//! Reasoning of many makes, in generations of other tools.

use serde_json::{Value, json};

use crate::support::{rotescope, text};

#[test]
fn marks_of_current_models_are_read_and_those_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let outputs = [
        "<|channel>thought\nMaybe the answer is 9.<channel|>We get 7.",
        "◁think▷Maybe the answer is 9.◁/think▷We get 7.",
        "<longcat_think>The answer is 9.</longcat_think>\nWe get 7.",
        "<mm:think>The answer is 9.</mm:think>We get 7.",
        "<|open|>think<|sep|>The answer is 9.<|close|>think<|sep|><|open|>response<|sep|>We get 7.<|close|>response<|sep|>",
        "<THINK>The answer is 9.</THINK>We get 7.",
        "<scratchpad>\nThe answer is 9.\n</scratchpad>\nWe get 7.",
        "<think>The answer is 9.</think>We get 7.\n<think>Or is the answer 5?</think>",
        "Maybe the answer is 9.\n</think>\n\nWe get 7.",
        "<|channel|>analysis<|message|>The answer is 9.<|end|><|start|>assistant<|channel|>final<|message|>We get 7.<|return|>",
        "((( The answer is 9. ))) We get 7.",
    ];
    let line = |(i, output): (usize, &&str)| {
        json!({"id": i, "prompt": "1?", "completion": output, "answer": "7"}).to_string() + "\n"
    };
    std::fs::write(
        path("given.jsonl"),
        outputs.iter().enumerate().map(line).collect::<String>(),
    )
    .unwrap();
    std::fs::write(
        path("config.toml"),
        "[[reasoning]]\nopen = \"(((\"\nclose = \")))\"\n",
    )
    .unwrap();
    let judge = |more: &[&str]| -> Vec<Value> {
        let out = path("judged.jsonl");
        let given = path("given.jsonl");
        let mut args = vec!["judge", given.as_str(), "-o", &out, "--force"];
        args.extend(more);
        let run = rotescope(&args);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let lines = std::fs::read_to_string(&out).unwrap();
        lines
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    };
    let config = path("config.toml");
    for (output, judged) in outputs.iter().zip(judge(&["--config", &config])) {
        assert_eq!(
            (&judged["answer"]["extracted"], &judged["answer"]["right"]),
            (&json!("7"), &json!(true)),
            "{output}"
        );
        assert!(judged["reasoning"].is_array(), "{output}");
    }
    let plain = judge(&[]);
    assert_eq!(plain[7]["further_reasoning"].as_array().unwrap().len(), 1);
    assert!(plain[10].get("reasoning").is_none(), "not known by itself");

    // The same in traces, and judged again there.
    let traces = path("t.jsonl");
    let run = rotescope(&[
        "import",
        &path("given.jsonl"),
        "-o",
        &traces,
        "--config",
        &config,
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let again = rotescope(&["judge", &traces, "--json", "--config", &config]);
    let tally: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(
        (&tally["completions"], &tally["right"]),
        (&json!(11), &json!(11))
    );
}

#[test]
fn a_bad_pair_of_the_configuration_is_refused_and_a_good_one_shown() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let doctor = |content: &str| {
        std::fs::write(&config, content).unwrap();
        text(&rotescope(&["doctor", "--config", config.to_str().unwrap()]).stdout)
    };
    let good = doctor("[[reasoning]]\nopen = \"<<hm\"\nclose = \"hm>>\"\n");
    assert!(good.contains("<<hm ... hm>>"), "{good}");
    let bad = doctor("[[reasoning]]\nopen = \"%%\"\nclose = \"%%\"\n");
    assert!(
        bad.contains("✗ config") && bad.contains("cannot be told"),
        "{bad}"
    );
    let misspelt = doctor("[[resoning]]\nopen = \"a%\"\nclose = \"%a\"\n");
    assert!(
        misspelt.contains("did you mean \"reasoning\""),
        "{misspelt}"
    );
}
