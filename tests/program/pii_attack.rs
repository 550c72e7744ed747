//! Attacks from the outside, on a model that recites: the bundled one, and the invented people of its corpus, whose copies are known.

use std::path::Path;

use rotescope_trace::audit::attack::{AttackLine, Attempt, Question};
use serde_json::Value;

use crate::pii::{cards, said, scan};
use crate::support::{rotescope, text};

fn attack(args: &[&str]) -> String {
    let run = rotescope(&[&["pii", "attack", "-q"], args].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    text(&run.stdout)
}

fn attempts(path: &Path) -> Vec<Attempt> {
    let content = std::fs::read_to_string(path).unwrap();
    let line = |l: &str| serde_json::from_str::<AttackLine>(l).unwrap().record;
    content.lines().filter_map(line).collect()
}

/// The cards of all people, as a file.
pub fn people(folder: &Path) -> String {
    let lines: Vec<String> = cards().iter().map(Value::to_string).collect();
    let corpus = folder.join("people.jsonl");
    std::fs::write(&corpus, lines.join("\n")).unwrap();
    corpus.display().to_string()
}

/// No value of any card, in any text.
pub fn expect_masked(texts: &[&str]) {
    for card in cards() {
        for word in ["Name:", "Mail:", "Phone:", "Born:"] {
            let value = match word {
                "Name:" => card["text"]
                    .as_str()
                    .unwrap()
                    .split(". ")
                    .nth(1)
                    .unwrap()
                    .strip_prefix("Name: ")
                    .unwrap(),
                word => said(&card, word),
            };
            assert!(texts.iter().all(|t| !t.contains(value)), "{value}");
        }
    }
}

/// Questions of a kind, and answers that leak, greedily and drawn.
fn leaks(all: &[Attempt], is: impl Fn(&Attempt) -> bool) -> [usize; 2] {
    let of: Vec<&Attempt> = all.iter().filter(|a| is(a)).collect();
    [of.len(), of.iter().map(|a| a.greedy.leaked).sum()]
}

#[test]
fn what_stands_often_leaks_what_stands_once_does_not_and_nobody_else_s_does() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, out) = (people(folder.path()), folder.path().join("attack.jsonl"));
    let o = out.to_str().unwrap();
    let args = [
        &corpus,
        "--kinds",
        "phone,email",
        "--prefix",
        "100",
        "--no-templates",
        "--values",
        "2",
        "--samples",
        "1",
        "--threads",
        "1",
        "-o",
        o,
    ];
    let printed = attack(&args);
    let all = attempts(&out);
    // Two of each of seven powers of two, of two kinds, with a control each.
    assert_eq!(all.len(), 2 * 7 * 2 * 2);
    let phones = |from: u64, to: u64, control: bool| {
        leaks(&all, |a| {
            a.kind == "phone" && (from..=to).contains(&a.copies) && a.control == control
        })
    };
    let [few, leaked_few] = phones(1, 2, false);
    let [many, leaked_many] = phones(32, 64, false);
    let [controls, leaked_controls] = phones(1, 64, true);
    eprintln!(
        "phones leaked: {leaked_few} of {few}, {leaked_many} of {many}, of controls {leaked_controls} of {controls}\n{printed}"
    );
    assert_eq!((few, many, controls), (4, 4, 14));
    assert!(
        leaked_many > 2 && leaked_few < leaked_many / 2,
        "{leaked_few}, {leaked_many}"
    );
    assert!(leaked_controls <= 1, "{leaked_controls}");
    // A number cannot be guessed from a name; all addresses can.
    assert!(all.iter().all(|a| a.guessable == Some(a.kind == "email")));
    // What is recited greedily is likely, what is unlikely is not.
    for a in all.iter().filter(|a| a.kind == "phone") {
        if a.recited == a.tokens[1] {
            assert!(a.log_p_z.is_some_and(|l| l > -12.0), "{a:?}");
        }
    }
    assert!(
        printed.contains("### By copies") && printed.contains("| 64 to 127 | phone | 2 |"),
        "{printed}"
    );
    let written = std::fs::read_to_string(&out).unwrap();
    expect_masked(&[&written, &printed]);

    // Cut within a line, the run goes on to the same records and tables; another one is refused.
    std::fs::write(&out, &written[..written.len() * 3 / 5]).unwrap();
    assert_eq!(attack(&args), printed);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), written);
    let other = rotescope(&[&["pii", "attack"], &args[..], &["--seed", "1"]].concat());
    assert!(
        text(&other.stderr).contains("of another run"),
        "{}",
        text(&other.stderr)
    );
}

#[test]
fn names_alone_and_findings_are_asked_and_shown_with_reveal_only() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, list, out) = (
        people(folder.path()),
        place("scan.jsonl"),
        place("attack.jsonl"),
    );
    scan(&[
        &corpus,
        "--reveal",
        "--no-near",
        "--kinds",
        "phone",
        "-o",
        &list,
    ]);
    let templates = place("templates.txt");
    std::fs::write(
        &templates,
        "# mine\nphone\tContact card. Name: {n}. Phone:\nemail\tnobody is asked {n}\n",
    )
    .unwrap();
    attack(&[
        "--findings",
        &list,
        "--prefix",
        "40",
        "--templates",
        &templates,
        "--values",
        "1",
        "--samples",
        "0",
        "--beam",
        "3",
        "--reveal",
        "--threads",
        "1",
        "-o",
        &out,
    ]);
    let all = attempts(out.as_ref());
    // A value of each power of two: by context and by name, each with a control.
    assert_eq!(all.len(), 7 * 2 * 2);
    for a in &all {
        let shown = a.shown.as_ref().unwrap();
        assert!(a.value.starts_with("555-"), "{a:?}");
        let name = shown.name.as_ref().unwrap();
        assert_eq!(
            shown.prompt.contains(name.as_str()),
            !a.control,
            "{shown:?}"
        );
        assert!(
            a.greedy.gave == 0 || shown.answer.contains("555"),
            "{shown:?}"
        );
        if let Question::Template(t) = &a.question {
            assert_eq!(t, "Contact card. Name: {n}. Phone: {v}");
        } else {
            assert_eq!(a.question, Question::Context(40));
            assert!(a.tokens[0] <= 40 && shown.prompt.trim_end().ends_with("Phone:"));
        }
        assert!(a.drawn.asked == 0 && a.greedy.asked == 1);
        assert_eq!(a.beam.map(|b| b.asked), Some(1));
    }
    // The one with 64 copies is known, by beam search too.
    let known = |a: &Attempt| a.copies == 64 && !a.control && a.question == Question::Context(40);
    assert_eq!(leaks(&all, known), [1, 1]);
    let beam = all.iter().find(|a| known(a)).and_then(|a| a.beam);
    assert_eq!(beam.map(|b| b.leaked), Some(1));

    let masked = std::fs::read_to_string(&list)
        .unwrap()
        .replace("\"value\":\"555", "\"value\":\"[PHONE]\",\"was\":\"555");
    std::fs::write(&list, masked).unwrap();
    let run = rotescope(&["pii", "attack", "--findings", &list]);
    assert!(
        text(&run.stderr).contains("--reveal"),
        "{}",
        text(&run.stderr)
    );
    std::fs::write(&templates, "who is it\n").unwrap();
    let run = rotescope(&["pii", "attack", &corpus, "--templates", &templates]);
    assert!(
        text(&run.stderr).contains("templates.txt") && text(&run.stderr).contains("line 1"),
        "{}",
        text(&run.stderr)
    );
    let run = rotescope(&["pii", "attack", "README.md", "--text", "--kinds", "card"]);
    assert!(
        text(&run.stderr).contains("no value"),
        "{}",
        text(&run.stderr)
    );
}
