//! What text and verifiers make of thousands of solutions that models and people wrote, held down in numbers: nothing of it changes unseen.
//!
//! `recorded.tsv`, and `odd.tsv` and `nearly.tsv` for texts of this repository, have a row for each function and file: how many results, and a hash of all of them. Where a row changed on purpose, `ROTESCOPE_BLESS=1 make test-data` takes
//! the new one; what the results are is in the temporary folder of the build (`target/tmp/recorded`), to be compared with what the code before made of them.

use std::fmt::{Debug, Write};
use std::path::{Path, PathBuf};

use rotescope_judge::judge;
use rotescope_judge::provenance::Numbers;
use rotescope_judge::{arithmetic, equations};
use rotescope_testing::data;
use rotescope_testing::traces::plain;
use rotescope_text::think::{self, ReasoningMarks};
use rotescope_text::{
    Locale, Repeats, SplitBy, expected_answer, final_answer, is_filler, same_answer,
    same_answer_in, sanitize, scored, split_steps, token_spans, words,
};
use serde_json::{Value, json};

/// Solutions of people are long and many; so many of them.
const OF_PEOPLE: usize = 1500;

struct Solution {
    question: String,
    text: String,
    /// What stands for the right answer.
    expected: String,
}

fn solutions(file: &str) -> Vec<Solution> {
    let text = std::fs::read_to_string(data(file)).unwrap();
    let mut all = Vec::new();
    for row in text.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let said = |v: &Value| v.as_str().unwrap_or_default().to_string();
        let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
        let steps: Vec<String> = list(&row["steps"]).iter().map(said).collect();
        let one = |text: String, expected: &Value| Solution {
            question: said(&row["question"]),
            text,
            expected: said(expected),
        };
        match (&row["solutions"], &row["answer"]) {
            (Value::Array(some), _) => {
                all.extend(some.iter().map(|s| one(said(&s["text"]), &row["expected"])));
            }
            (_, answer) if steps.is_empty() => all.push(one(said(answer), answer)),
            _ => all.push(one(steps.join("\n"), &row["expected"])),
        }
    }
    all.truncate(OF_PEOPLE);
    all
}

/// FNV-1a, which is the same in every version and build.
fn hash(text: &str) -> u64 {
    let fold = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, fold)
}

/// The results of one function on one file.
struct Row<'n> {
    name: &'n str,
    file: &'n str,
    results: String,
    count: usize,
}

impl Row<'_> {
    fn add(&mut self, result: impl Debug) {
        self.count += 1;
        writeln!(self.results, "{result:?}").unwrap();
    }

    fn line(&self) -> String {
        let (name, file) = (self.name, self.file);
        format!(
            "{file}\t{name}\t{}\t{:016x}\n",
            self.count,
            hash(&self.results)
        )
    }
}

type Function = fn(&Solution, &mut dyn FnMut(&dyn Debug));

/// Each gives its results one by one.
const FUNCTIONS: [(&str, Function); 11] = [
    ("sentences", |s, add| {
        for step in split_steps(&s.text, SplitBy::Sentence) {
            add(&(&step, is_filler(&s.text[step.clone()])));
        }
    }),
    ("lines", |s, add| add(&split_steps(&s.text, SplitBy::Line))),
    ("words", |s, add| {
        for word in words(&s.text) {
            add(&(
                &word,
                scored(word.text).err().map(rotescope_text::Skip::name),
            ));
        }
    }),
    ("final answer", |s, add| add(&final_answer(&s.text))),
    ("expected answer", |s, add| {
        add(&expected_answer(&s.expected));
    }),
    ("same answer", |s, add| {
        let found = final_answer(&s.text).map_or(String::new(), |f| f.text.to_string());
        let expected = expected_answer(&s.expected);
        add(&(same_answer(&found, expected), same_answer(expected, &found)));
        // What is nearly the same, and what is written otherwise.
        for other in [
            format!("${found}$"),
            format!("{found}0"),
            format!("-{found}"),
            found.replace(' ', ""),
            found.replace('{', "("),
            format!("{found}%"),
        ] {
            add(&(&other, same_answer(&found, &other)));
        }
    }),
    ("equations", |s, add| {
        for step in split_steps(&s.text, SplitBy::Sentence) {
            add(&(
                equations(&s.text[step.clone()], 10),
                arithmetic::check(&s.text[step], 10),
            ));
        }
    }),
    ("provenance", |s, add| {
        let mut numbers = Numbers::of_question(&s.question);
        for step in split_steps(&s.text, SplitBy::Sentence) {
            add(&numbers.step(&s.text[step]));
        }
        add(&numbers.unused());
    }),
    ("verdicts", |s, add| {
        let prompt = json!({"id": "s", "question": s.question, "answer": s.expected});
        let mut trace = plain(prompt, &s.text);
        judge(&mut trace);
        trace.steps.iter().for_each(|step| add(&step.verdict));
    }),
    ("repetition", |s, add| {
        let mut repeats = Repeats::default();
        let words = s.text.split_inclusive(' ');
        add(&words.filter_map(|w| repeats.push(w.to_string(), w)).next());
    }),
    ("display", |s, add| {
        let noisy = s
            .text
            .replace('e', "\u{1b}")
            .replace('a', "\u{202e}e\u{301}");
        add(&(sanitize::line(&noisy), sanitize::block(&noisy)));
        let cut: Vec<&[u8]> = noisy.as_bytes().chunks(3).collect();
        add(&rotescope_text::whole_texts(&cut));
        let tokens: Vec<_> = (0..s.text.len() / 4).map(|i| i * 4..i * 4 + 4).collect();
        let steps = split_steps(&s.text, SplitBy::Line);
        add(&token_spans(s.text.as_bytes(), &steps, &tokens));
    }),
];

#[test]
#[ignore = "needs foreign data: make test-data"]
fn what_is_made_of_real_solutions_is_what_was_recorded() {
    let mut files: Vec<String> = std::fs::read_dir(data("data/labels"))
        .unwrap()
        .map(|f| format!("data/labels/{}", f.unwrap().file_name().to_str().unwrap()))
        .collect();
    files.push("data/gsm8k/train.jsonl".into());
    files.sort();
    let mut found = String::new();
    for file in &files {
        let solutions = solutions(file);
        assert!(solutions.len() >= 150, "{file}: {}", solutions.len());
        found += &record(file, &solutions, &FUNCTIONS);
    }
    hold(&found, "recorded.tsv");
}

/// The results of some functions on some solutions, a line for each function; all of them are written where they can be looked at.
fn record(of: &str, solutions: &[Solution], functions: &[(&str, Function)]) -> String {
    let shown = shown();
    std::fs::create_dir_all(&shown).unwrap();
    let mut found = String::new();
    for (name, function) in functions {
        let mut row = Row {
            name,
            file: of,
            results: String::new(),
            count: 0,
        };
        for solution in solutions {
            function(solution, &mut |result| row.add(result));
        }
        let path = shown.join(format!("{}-{name}.txt", of.replace('/', "-")));
        std::fs::write(path, &row.results).unwrap();
        found += &row.line();
    }
    found
}

fn shown() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded")
}

/// Are these the lines of a file beside this one?
fn hold(found: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/judge/data")
        .join(file);
    if std::env::var_os("ROTESCOPE_BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    let old: Vec<&str> = recorded.lines().collect();
    let changed: Vec<&str> = found.lines().filter(|l| !old.contains(l)).collect();
    assert!(
        changed.is_empty(),
        "other results than before; look at them in {}:\n{}",
        shown().display(),
        changed.join("\n")
    );
    assert_eq!(found.lines().count(), old.len());
}

/// What odd texts are for beside [`FUNCTIONS`].
const OF_ODD: [(&str, Function); 3] = [
    ("same answer as the next", |s, add| {
        for locale in [Locale::Point, Locale::Comma] {
            add(&same_answer_in(&s.text, &s.expected, locale));
        }
        add(&same_answer(&s.text, &format!("{}.", s.text)));
        add(&same_answer(
            &s.text,
            &format!("{} ", s.text.replace(' ', "")),
        ));
    }),
    ("reasoning", |s, add| {
        let none = ReasoningMarks::default();
        add(&think::split("Q", s.text.as_bytes(), &none));
        add(&think::split(&s.question, s.text.as_bytes(), &none));
        let both = format!("{}\n{}", s.text, s.expected);
        add(&think::split("Q", both.as_bytes(), &none));
    }),
    ("on a line of its own", |s, add| {
        let text = format!("We see it.\n{}\n\n{} So it is.", s.text, s.expected);
        add(&split_steps(&text, SplitBy::Sentence));
        add(&final_answer(&text));
        add(&final_answer(&format!(
            "The answer is {} {}",
            s.text, s.expected
        )));
    }),
];

/// The text with a character less, one twice, or two of them exchanged: at every fifth place, from another one in each length.
fn nearly(text: &str) -> impl Iterator<Item = String> {
    let characters: Vec<char> = text.chars().collect();
    let edits: [fn(&mut Vec<char>, usize); 3] = [
        |c, at| {
            c.remove(at);
        },
        |c, at| c.insert(at, c[at]),
        |c, at| c.swap(at.saturating_sub(1), at),
    ];
    let places = (characters.len() % 5..characters.len()).step_by(5);
    places
        .flat_map(move |at| edits.map(|edit| (edit, at)))
        .map(move |(edit, at)| {
            let mut edited = characters.clone();
            edit(&mut edited, at);
            edited.into_iter().collect()
        })
}

/// What is nearly an odd text is odder still.
const OF_NEARLY_ODD: [(&str, Function); 3] = [
    ("answers", |s, add| {
        for text in nearly(&s.text) {
            add(&(same_answer(&s.text, &text), final_answer(&text)));
        }
    }),
    ("steps", |s, add| {
        for text in nearly(&s.text) {
            let parts = think::split("Q", text.as_bytes(), &ReasoningMarks::default());
            add(&(split_steps(&text, SplitBy::Sentence), parts));
        }
    }),
    ("verdicts", |s, add| {
        for text in nearly(&s.text) {
            add(&(equations(&text, 10), arithmetic::check(&text, 10)));
            let prompt = json!({"id": "s", "question": s.question, "answer": s.expected});
            let mut trace = plain(prompt, &text);
            judge(&mut trace);
            trace.steps.iter().for_each(|step| add(&step.verdict));
        }
    }),
];

/// Texts from the tables of other tests, each given to all functions: most say something odd to most of them.
fn of_odd(record: impl Fn(&str, &[Solution]) -> String) -> String {
    let text = include_str!("odd.jsonl");
    let all: Vec<[String; 2]> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let mut found = String::new();
    for of in all.chunk_by(|a, b| a[0] == b[0]) {
        let at = |i: usize| of[i % of.len()][1].clone();
        let solution = |i: usize| Solution {
            question: at(i + of.len() - 1),
            text: at(i),
            expected: at(i + 1),
        };
        let solutions: Vec<Solution> = (0..of.len()).map(solution).collect();
        found += &record(&of[0][0], &solutions);
    }
    found
}

#[test]
fn what_is_made_of_odd_texts_is_what_was_recorded() {
    let found = of_odd(|of, all| record(of, all, &FUNCTIONS) + &record(of, all, &OF_ODD));
    hold(&found, "odd.tsv");
}

#[test]
fn what_is_made_of_nearly_odd_texts_is_what_was_recorded() {
    let nearly = |of: &str, all: &[Solution]| record(&format!("nearly {of}"), all, &OF_NEARLY_ODD);
    hold(&of_odd(nearly), "nearly.tsv");
}
