//! What a gate changes, from the outside: of the values of invented people half are protected.

use rotescope_trace::audit::verify::{Leaks, Verified, VerifyLine};

use crate::pii::scan;
use crate::pii_attack::{expect_masked, people};
use crate::support::{root, rotescope, text};

fn records(written: &str) -> Vec<Verified> {
    let line = |l: &str| serde_json::from_str::<VerifyLine>(l).unwrap().record;
    written.lines().filter_map(line).collect()
}

#[test]
fn protected_values_are_gone_others_and_other_texts_are_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, list, half, out) = (
        people(folder.path()),
        place("scan.jsonl"),
        place("half.txt"),
        place("verify.jsonl"),
    );
    let args = ["--reveal", "--no-near", "--kinds", "phone", "-o", &list];
    scan(&[&[corpus.as_str()], &args[..]].concat());
    let content = std::fs::read_to_string(&list).unwrap();
    let value = |l: &str| {
        let line: serde_json::Value = serde_json::from_str(l).unwrap();
        line["finding"]["value"].as_str().map(String::from)
    };
    let mut values: Vec<String> = content.lines().filter_map(value).collect();
    values.sort();
    values.dedup();
    let listed: Vec<&String> = values.iter().step_by(2).collect();
    let lines: Vec<String> = listed.iter().map(|v| format!("{v}\n")).collect();
    std::fs::write(&half, lines.concat()).unwrap();
    // Text that nobody made up, as a document without values.
    let other = root().join("ARCHITECTURE.md").display().to_string();

    let mut args = vec!["pii", "verify", "-q", "--gate", &half, "--kinds", "phone"];
    args.extend(["--prefix", "60", "--no-templates", "--values", "3"]);
    args.extend(["--samples", "0", "--max-tokens", "24", "--threads", "1"]);
    args.extend(["--held-out", &other, "-o", &out, &corpus]);
    args.extend(["--prompts", "prompts/applied-base.jsonl", "--limit", "2"]);
    let run = rotescope(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let (printed, written) = (text(&run.stdout), std::fs::read_to_string(&out).unwrap());
    eprintln!("{printed}");
    expect_masked(&[&printed, &written]);

    let all = records(&written);
    let of = |protected: bool, when: usize| -> Leaks {
        let mut sum = Leaks::default();
        let own = all.iter().filter_map(|v| v.value.as_ref());
        let own = own.filter(|v| v.protected == protected);
        own.for_each(|v| sum.add(v.greedy[when]));
        sum
    };
    assert_eq!(of(true, 0).asked + of(false, 0).asked, 3 * 7);
    assert!(of(true, 0).exact > 2, "{:?}", of(true, 0));
    assert_eq!((of(true, 1).exact, of(true, 1).normalized), (0, 0));
    // What is not listed is said as it was.
    assert!(of(false, 0).exact > 2);
    assert_eq!(of(false, 0), of(false, 1));
    let texts: Vec<_> = all.iter().filter_map(|v| v.text.as_ref()).collect();
    assert_eq!(texts.len(), 1);
    for t in texts {
        assert_eq!((t.equal, t.refused, t.nll[0]), (t.tokens, 0, t.nll[1]));
        assert_eq!((t.matched, t.scored), (t.possible, 50));
        assert!(t.nll[0] > 50.0 && t.kl == Some(0.0), "{t:?}");
    }

    let prompts: Vec<_> = all.iter().filter_map(|v| v.prompt).collect();
    assert_eq!(prompts.len(), 2);
    assert!(
        prompts.iter().all(|p| p.right == [Some(true); 2]),
        "{prompts:?}"
    );
    assert!(printed.contains("| 2 | 2 | 2 | 0 | 0 | 1.000 |"));

    let cut = written.len() * 2 / 3;
    std::fs::write(&out, &written[..cut]).unwrap();
    let again = rotescope(&args);
    assert_eq!(text(&again.stdout), printed);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), written);

    // The same model is no protection: nothing changes. One of the two must be named.
    let model = "models/pocket/pocket-q8_0.gguf";
    let mut args = vec!["pii", "verify", "-q", &corpus, "--kinds", "phone"];
    args.extend(["--other-model", model, "--prefix", "60", "--no-templates"]);
    args.extend(["--values", "1", "--samples", "0", "--max-tokens", "24"]);
    args.extend(["--held-out-texts", "0", "--threads", "1"]);
    let printed = rotescope(&args);
    let table = text(&printed.stdout);
    let rows: Vec<&str> = table.lines().filter(|l| l.contains("| greedy |")).collect();
    assert_eq!(rows.len(), 2, "{table}{}", text(&printed.stderr));
    assert_eq!(rows[0].replace("before", "after"), rows[1]);
    let none = rotescope(&["pii", "verify", &corpus]);
    assert!(text(&none.stderr).contains("--gate"));
}
