//! Four protections from the outside, on the bundled model and the invented people of its corpus; and a corpus without copies.

use std::collections::BTreeMap;

use rotescope_trace::audit::bench::{BenchLine, Benched, BenchedWhat, UnderSubset};
use rotescope_trace::audit::verify::Leaks;
use serde_json::Value;

use crate::pii_attack::{expect_masked, people};
use crate::support::{root, rotescope, small_index, text};

/// Of all records of a kind, what came of them by subset.
fn by_subset(
    all: &[Benched],
    of: impl Fn(&BenchedWhat) -> bool,
) -> BTreeMap<String, Vec<UnderSubset>> {
    let mut found: BTreeMap<String, Vec<UnderSubset>> = BTreeMap::new();
    for record in all.iter().filter(|r| of(&r.what)) {
        for under in &record.subsets {
            found
                .entry(under.protections.join("+"))
                .or_default()
                .push(under.clone());
        }
    }
    found
}

/// Answers that hold a value, greedy ones or drawn ones.
fn leaks(under: &[UnderSubset], of: impl Fn(&UnderSubset) -> Option<Leaks>) -> Leaks {
    let mut sum = Leaks::default();
    under.iter().filter_map(of).for_each(|l| sum.add(l));
    sum
}

#[test]
fn sixteen_subsets_are_told_apart_and_none_of_them_is_the_model_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, out, figure) = (
        people(folder.path()),
        place("bench.jsonl"),
        place("pareto.svg"),
    );
    let model = "models/pocket/pocket-q8_0.gguf";
    let asked = [
        "--kinds",
        "phone",
        "--prefix",
        "60",
        "--no-templates",
        "--values",
        "2",
    ];
    let few = ["--max-tokens", "24", "--threads", "1", "-q"];
    let other = ["--held-out", "ARCHITECTURE.md", "--held-out-texts", "1"];
    // The model itself in the place of one that was trained otherwise: then the first protection is none.
    let bench = [
        "pii",
        "bench",
        &corpus,
        "--deduplicated",
        model,
        "--index",
        small_index(),
    ];
    let more = [
        "--samples",
        "2",
        "--prompts",
        "prompts/applied-base.jsonl",
        "--limit",
        "1",
    ];
    let to = ["-o", &out, "--figure", &figure, "--force"];
    let args = [&bench[..], &asked, &few, &other, &more, &to].concat();
    let run = rotescope(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let (printed, written) = (text(&run.stdout), std::fs::read_to_string(&out).unwrap());
    eprintln!("{printed}");
    expect_masked(&[&printed, &written]);
    let line = |l: &str| serde_json::from_str::<BenchLine>(l).unwrap().record;
    let all: Vec<Benched> = written.lines().filter_map(line).collect();

    let values = by_subset(&all, |w| matches!(w, BenchedWhat::Value { .. }));
    let (texts, prompts) = (
        by_subset(&all, |w| *w == BenchedWhat::Text),
        by_subset(&all, |w| *w == BenchedWhat::Prompt),
    );
    assert_eq!((values.len(), texts.len(), prompts.len()), (16, 16, 16));
    let greedy = |name: &str| leaks(&values[name], |u| u.greedy);
    let drawn = |name: &str| leaks(&values[name], |u| u.drawn);
    assert_eq!((greedy("").asked, drawn("").asked), (14, 28));
    assert!(greedy("").exact > 4, "{:?}", greedy(""));
    for name in values.keys().filter(|n| n.contains("pattern")) {
        assert_eq!((greedy(name).exact, drawn(name).exact), (0, 0), "{name}");
    }
    assert!(greedy("entropy").nearly < greedy("").nearly);
    assert!(drawn("dp").nearly < drawn("").nearly);
    // What is drawn with a bound has no greedy answer.
    assert_eq!(greedy("dp").asked, 0);

    let read = |name: &str| texts[name][0].text.clone().unwrap();
    let own = read("");
    assert_eq!((own.scored, own.forbidden, own.kl), (50, 0, 0.0));
    let continued = own.continued.clone().unwrap();
    assert_eq!(continued.matched, continued.possible);
    assert_eq!(read("pattern").nll, own.nll);
    // Half of each probability at least stays, so that no token loses more than ln 2; the model's own are not all halved, for others grow.
    let dp = read("dp");
    assert!(
        dp.nll < own.nll + 50.0 * std::f64::consts::LN_2,
        "{dp:?}, {own:?}"
    );
    assert!(dp.kl > 1.0 && dp.continued.is_none());
    // What no corpus holds is not forbidden.
    assert_eq!(read("entropy"), own);

    for found in [&values, &texts, &prompts] {
        for (name, under) in found.iter().filter(|(n, _)| !n.contains("dedup")) {
            let with = ["dedup", name].join(if name.is_empty() { "" } else { "+" });
            let same = found[&with].iter().zip(under);
            for (a, b) in same {
                assert_eq!(
                    (&a.greedy, &a.drawn, &a.text, &a.right),
                    (&b.greedy, &b.drawn, &b.text, &b.right),
                    "{name}"
                );
            }
        }
    }

    // The same questions, before any gate: as `pii verify` finds them.
    let list = place("list.txt");
    std::fs::write(&list, "555 0199 222\n").unwrap();
    let verify = ["pii", "verify", &corpus, "--gate", &list, "--samples", "0"];
    let compared = rotescope(&[&verify[..], &asked, &few, &["--held-out-texts", "0"]].concat());
    let before = text(&compared.stdout);
    let row = before.lines().find(|l| l.contains("| greedy | before |"));
    let Leaks {
        asked: n,
        exact,
        normalized,
        nearly,
    } = greedy("");
    let want = format!("| {n} | {exact} | {normalized} | {nearly} |");
    assert!(
        row.is_some_and(|r| r.contains(&want)),
        "{want} in {before}{}",
        text(&compared.stderr)
    );

    // 4,096 tokens, one half of the model: ln 4,097.
    assert!(printed.contains("epsilon is 8.32 a token, 200 for an answer of 24 tokens"));
    assert!(
        printed.contains("| spaces between | 14 | 14 |"),
        "a hole that is told"
    );
    let svg = std::fs::read_to_string(&figure).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("P pattern") && svg.contains(">none"));

    std::fs::write(&out, &written[..written.len() * 2 / 3]).unwrap();
    let again = rotescope(&args);
    assert_eq!(text(&again.stdout), printed, "{}", text(&again.stderr));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), written);
}

/// The first model's weights in four bits, in the place of a model that was trained otherwise.
#[test]
fn what_was_trained_otherwise_is_another_model() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, out, other) = (
        people(folder.path()),
        place("bench.jsonl"),
        place("q4.gguf"),
    );
    let own = root().join("models/pocket/pocket-q8_0.gguf");
    rotescope_model::quantize(&own, other.as_ref(), "Q4_0", 1).unwrap();
    let bench = [
        "pii",
        "bench",
        &corpus,
        "--protections",
        "dedup",
        "--deduplicated",
        &other,
    ];
    let asked = [
        "--kinds",
        "phone",
        "--prefix",
        "60",
        "--no-templates",
        "--values",
        "1",
    ];
    let few = [
        "--samples",
        "0",
        "--max-tokens",
        "16",
        "--threads",
        "1",
        "-q",
        "-o",
        &out,
    ];
    let texts = ["--held-out", "ARCHITECTURE.md", "--held-out-texts", "1"];
    let run = rotescope(&[&bench[..], &asked, &few, &texts].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let written = std::fs::read_to_string(&out).unwrap();
    let line = |l: &str| serde_json::from_str::<BenchLine>(l).unwrap().record;
    let all: Vec<Benched> = written.lines().filter_map(line).collect();
    let texts = by_subset(&all, |w| *w == BenchedWhat::Text);
    let read = |name: &str| texts[name][0].text.clone().unwrap();
    let (own, other) = (read(""), read("dedup"));
    assert_eq!((texts.len(), own.kl), (2, 0.0));
    assert!(other.kl > 0.1 && other.nll != own.nll, "{other:?}, {own:?}");
}

#[test]
fn what_is_missing_for_a_protection_is_said() {
    let bench = |more: &[&str]| {
        let run = rotescope(&[&["pii", "bench", "README.md", "--text", "-q"], more].concat());
        assert_eq!(run.status.code(), Some(2));
        text(&run.stderr)
    };
    assert!(bench(&["--protections", "dedup"]).contains("--deduplicated"));
    assert!(bench(&["--protections", "gate"]).contains("there are dedup, dp, entropy, pattern"));
    assert!(bench(&["--dp-keep", "1"]).contains("--dp-keep is between 0 and 1"));
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.gguf");
    std::fs::copy(root().join("models/pocket/pocket-q8_0.gguf"), &other).unwrap();
    let said = bench(&[
        "--protections",
        "entropy",
        "--model",
        &other.display().to_string(),
    ]);
    assert!(said.contains("entropy: no index for this model"), "{said}");
}

#[test]
fn a_corpus_without_copies_has_each_person_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, out) = (people(folder.path()), place("once.jsonl.zst"));
    let run = rotescope(&[
        "pii", "dedup", &corpus, "--kinds", "email", "-q", "-o", &out,
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let printed = text(&run.stdout);
    assert!(
        printed.contains("1 900 documents, 272 kept; the most copies of one: 64")
            && printed.contains("values of persons: 1 900 before, 272 after"),
        "{printed}"
    );
    let written = zstd::decode_all(std::fs::File::open(&out).unwrap()).unwrap();
    let lines: Vec<Value> = text(&written)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let copies: u64 = lines.iter().filter_map(|l| l["copies"].as_u64()).sum();
    assert_eq!((lines.len(), copies), (272, 1900));
    assert!(
        lines[0]["id"]
            .as_str()
            .is_some_and(|i| i.starts_with("people.jsonl:"))
    );
    let again = rotescope(&["pii", "dedup", &corpus, "-q", "-o", &out]);
    assert!(
        text(&again.stderr).contains("exists already"),
        "{}",
        text(&again.stderr)
    );
    let none = rotescope(&["pii", "dedup", &corpus, "--similarity", "0"]);
    assert!(
        text(&none.stderr).contains("--similarity"),
        "{}",
        text(&none.stderr)
    );
}
