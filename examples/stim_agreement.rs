//! How far the operators give what the STIM authors' data holds: `stim_agreement DIR`, where DIR has their `applied/`, `formula/`, `cap/`.
//!
//! Their random primes are not recorded, so for digit expansion the pair (p1, p2) of each problem is the one of the 36 that explains most of its
//! numbers. Questions are compared after white space is collapsed. Prints a Markdown table.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rotescope::pocket::problem::Title;
use rotescope::shipped::BUNDLED;
use rotescope_study::perturb::Plan;
use rotescope_study::perturb::numbers::{self, IN_BASE2, Notation};
use rotescope_text::Rational;
use rotescope_trace::Prompt;
use serde_json::{Value, json};

const PRIMES: [u32; 6] = [11, 13, 17, 19, 23, 29];

fn read(dir: &Path, name: &str) -> Result<Vec<Value>> {
    let path = dir.join(name);
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

fn field<'v>(v: &'v Value, key: &str) -> &'v str {
    v[key].as_str().unwrap_or_default()
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `k` of `n` as text.
#[derive(Default, Clone, Copy)]
struct Share(usize, usize);

impl Share {
    fn add(&mut self, yes: bool) {
        self.0 += usize::from(yes);
        self.1 += 1;
    }

    fn text(self) -> String {
        format!(
            "{} of {} ({:.1} %)",
            self.0,
            self.1,
            100.0 * self.0 as f64 / self.1.max(1) as f64
        )
    }
}

/// The values of a text's numbers; binary numbers as their digits read in base 10, which is enough to compare them.
fn values(text: &str) -> Vec<Rational> {
    numbers::find(text).into_iter().map(|n| n.value).collect()
}

/// Ours for one problem, the best over the primes for digit expansion.
fn ours(operator: &str, text: &str, theirs: &[Rational]) -> Option<String> {
    let subject = Prompt {
        id: "x".into(),
        question: text.into(),
        ..Default::default()
    };
    let apply = |with: String| {
        let plan = Plan::parse(&[with], 0).ok()?;
        let question = plan
            .apply(&subject, BUNDLED.forms, None)
            .ok()?
            .subject
            .question;
        Some(question.trim_start_matches(IN_BASE2).to_string())
    };
    if operator != "digit-expansion" {
        return apply(operator.into());
    }
    let pairs = PRIMES
        .iter()
        .flat_map(|a| PRIMES.iter().map(move |b| (a, b)));
    let all = pairs.filter_map(|(p1, p2)| apply(format!("digit-expansion:p1={p1},p2={p2}")));
    all.max_by_key(|q| values(q).iter().zip(theirs).filter(|(x, y)| x == y).count())
}

/// Whole texts; single numbers where all three texts have equally many; and of these the numbers that the authors changed.
fn texts(operator: &str, before: &[Value], after: &[Value], key: &str) -> (Share, Share, Share) {
    let (mut whole, mut single, mut changed) =
        (Share::default(), Share::default(), Share::default());
    for (a, b) in before.iter().zip(after) {
        let (from, to) = (collapse(field(a, key)), collapse(field(b, key)));
        let want = values(&to);
        // Where nothing in a text can change, it stays.
        let got = ours(operator, &from, &want).unwrap_or_else(|| from.clone());
        whole.add(got.trim() == to.trim());
        let (old, got) = (values(&from), values(&got));
        if got.len() == want.len() && old.len() == want.len() {
            for ((x, y), was) in got.iter().zip(&want).zip(&old) {
                single.add(x == y);
                if y != was {
                    changed.add(x == y);
                }
            }
        }
    }
    (whole, single, changed)
}

fn main() -> Result<()> {
    let dir = std::env::args().nth(1).context(
        "usage: stim_agreement DIR (the folder with the authors' applied/, formula/, cap/)",
    )?;
    let dir = Path::new(&dir);
    println!(
        "| data | operator | whole texts | single numbers | numbers that they changed | their result from their equation |"
    );
    println!("|---|---|---:|---:|---:|---:|");
    for (task, key) in [("applied", "question"), ("formula", "equation")] {
        let original = read(dir, &format!("{task}/original.json"))?;
        for (operator, file) in [
            ("digit-expansion", "digit_expand"),
            ("int-to-float", "int_to_float"),
            ("base2", "changing_base"),
        ] {
            let changed = read(dir, &format!("{task}/{file}.json"))?;
            if changed.len() != original.len() {
                bail!(
                    "{task}/{file}.json has {} entries, original.json {}",
                    changed.len(),
                    original.len()
                );
            }
            let left = |all: &[Value]| -> Vec<Value> {
                let cut = |v: &Value| {
                    field(v, key)
                        .split('=')
                        .next()
                        .unwrap_or_default()
                        .to_string()
                };
                all.iter().map(|v| json!({ key: cut(v) })).collect()
            };
            // Of an equation its left side is what the operator sees; the result is computed.
            let (whole, single, moved) = match task {
                "formula" => texts(operator, &left(&original), &left(&changed), key),
                _ => texts(operator, &original, &changed, key),
            };
            let answers = if task == "formula" {
                results(&changed, operator).text()
            } else {
                "-".into()
            };
            println!(
                "| {task} | {operator} | {} | {} | {} | {answers} |",
                whole.text(),
                single.text(),
                moved.text()
            );
        }
    }
    let titles = read(dir, "cap/book_title.json")?;
    let (mut last, mut title) = (Share::default(), Share::default());
    for t in titles.iter().filter(|t| field(t, "task_type") == "title") {
        let subject = Prompt {
            id: "x".into(),
            question: format!("Make this a title: {}.", field(t, "original")),
            meta: json!({ "template": "Make this a title: {}.", "title": field(t, "original"), "rule": "title" }),
            ..Default::default()
        };
        let meta = subject.meta.as_object().context("an object")?;
        if let Some(problem) = Title::read(meta, &subject.question) {
            title.add(problem.solve() == field(t, "title"));
        }
        let changed =
            Plan::parse(&["last-word-capitalization"], 0)?.apply(&subject, BUNDLED.forms, None);
        last.add(changed.is_ok_and(|c| c.subject.answer.as_deref() == Some(field(t, "caplast"))));
    }
    println!(
        "| titles | last-word-capitalization | {} | - | - | - |",
        last.text()
    );
    println!(
        "| titles | (title, the base task) | {} | - | - | - |",
        title.text()
    );
    Ok(())
}

/// How often our evaluation of their transformed expression gives their result: rounded to 5 places as theirs, in base 2 to 8 bits.
fn results(changed: &[Value], operator: &str) -> Share {
    let mut share = Share::default();
    let binary = operator == "base2";
    let notation = if binary {
        Notation::Binary
    } else {
        Notation::Decimal
    };
    for c in changed {
        let (left, result) = field(c, "equation").split_once('=').unwrap_or_default();
        let value = numbers::evaluate(left, notation);
        let theirs = notation.read(result);
        share.add(match (value, theirs) {
            (Some(v), Some(t)) if binary => v.truncated(2, 8) == t.truncated(2, 8),
            (Some(v), Some(t)) => v.rounded(10, 5) == t.rounded(10, 5),
            _ => false,
        });
    }
    share
}
