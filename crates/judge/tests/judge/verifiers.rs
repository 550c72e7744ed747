//! Lists, titles, true completions, numbers by where they come from, and texts that do not stand by what they say.

use rotescope_judge::capitalization::{SMALL_WORDS, TitleStyle, check_answer, check_completion};
use rotescope_judge::labels::{ByHand, FromVerdicts, Labels, first_error_f1};
use rotescope_judge::provenance::{Numbers, Provenance};
use rotescope_judge::{Judgement, judge};
use rotescope_testing::traces::{applied, plain};
use rotescope_trace::Trace;
use serde_json::{Value, json};

/// What is said of a completion: `+`, `.` or what should stand where, step by step.
fn said(prompt: Value, output: &str) -> String {
    let mut t = plain(prompt, output);
    judge(&mut t);
    let one = |s: &rotescope_trace::Step| match &s.verdict {
        None => ".".to_owned(),
        Some(v) if v.right => "+".to_owned(),
        Some(v) => {
            let [from, to] = v.span.unwrap();
            let tokens: Vec<&str> = v
                .tokens
                .iter()
                .map(|&i| t.tokens[i].text.as_str())
                .collect();
            format!(
                "{}>{}@{}",
                &t.output[from..to],
                v.expected.as_deref().unwrap_or_default(),
                tokens.concat()
            )
        }
    };
    t.steps.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn all(prompt: impl Fn() -> Value, cases: &[(&str, &str)]) {
    let found: Vec<_> = cases
        .iter()
        .map(|(out, want)| (*out, *want, said(prompt(), out)))
        .collect();
    let bad: Vec<_> = found.iter().filter(|f| f.1 != f.2).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn enumerations() {
    let list = || {
        json!({
            "id": "c", "question": "Count plum in: plum, pear, plum.", "task": "any", "split": "any", "answer": "2",
            "meta": {"list": ["plum", "pear", "plum"], "target": "plum"},
        })
    };
    all(
        list,
        &[
            ("1 plum (1), 2 pear, 3 plum (2). The answer is 2.", "+ +"),
            ("plum, pear, plum. The answer is 2.", "+ +"),
            ("* plum -> 1; pear; plum -> 2.", "+"),
            ("1: 'plum' [1], 2: \"pear\", 3: Plum = 2.", "+"),
            ("plum: 1, pear, and plum: 2.", "+"),
            ("1 plum, 2 pear, 3 plum. The answer is 3.", "+ 3>2@3"),
            ("1 plum, 2 pear, 3 plum. The answer is 12.", "+ 12>2@12"),
            ("1 plum, 2 pear, 3 plum, 4 plum.", "4 plum>@4 plum"),
            ("1 plum, 2 pear.", "2 pear>3 plum@."),
            ("1 plum, 3 pear, 3 plum.", "3>2@3"),
            ("1 plum, 2 fig, 3 plum.", "fig>pear@ fig"),
            ("1 plum (1), 2 pear (1), 3 plum (2).", "1>@1"),
            ("1 plum (1), 2 pear, 3 plum (3).", "3>2@3"),
            ("1 plum (1), 2 pear, 3 plum.", "plum>plum (2)@."),
            ("1 plum (1 of 2), 2 pear, 3 plum.", "+"),
            ("A 2nd plum it is.", "."),
            ("1 plum, 2 pear-fig, 3 plum.", "pear-fig>pear@-fig"),
            ("1 plum, 2 pear fig, 3 plum.", "pear fig>pear@ fig"),
            ("1 plum, 2 pear_fig, 3 plum.", "3>2@3"),
            ("1 plum, 2 p9, 3 plum.", "3>2@3"),
            ("1 plum, 2 pear or some fig, 3 plum.", "3>2@3"),
            ("So: plum, pear, plum. And so it is.", "+ +"),
            ("plum, pear, plum, pear. And so it is.", "pear>@ pear ."),
            (
                "1 plum, 2 fig. And so it is. So it is.",
                "fig>pear@ fig . .",
            ),
            ("Some plum, 2 pear.", "2>1@2"),
            ("The answer is two.", "."),
            ("The answer is 2 plums.", "+"),
            ("So 7.", "."),
        ],
    );
}

#[test]
fn titles() {
    let title = TitleStyle::Title {
        small: &SMALL_WORDS,
    };
    let at = |chain: &str, given: &str, style| match check_completion(chain, given, style) {
        Judgement::Right => "+".to_owned(),
        Judgement::NotApplicable => ".".to_owned(),
        Judgement::Wrong {
            span, at, expected, ..
        } => format!("{}>{expected}@{}", &chain[span], &chain[at..]),
    };
    for (chain, want) in [
        ("red -> Red", "+"),
        ("'red' → \"Red\".", "+"),
        ("red => red, river -> River", "red>Red@red, river -> River"),
        ("The last word is river and becomes River", "+"),
        (
            "The last word is river and becomes river",
            "river>River@river",
        ),
        ("river and becomes River", "."),
        ("The -> A", "A>The@A"),
        ("the -> The the -> the", "+"),
        ("-> Red", "."),
        ("red ->", "."),
        ("blue -> Blue", "."),
        ("So the answer is The Red River by the Sea.", "+"),
        (
            "So the answer is The Red River By the Sea.",
            "The Red River By the Sea>The Red River by the Sea@By the Sea.",
        ),
        (
            "So the answer is The Red.",
            "The Red>The Red River by the Sea@.",
        ),
    ] {
        assert_eq!(
            at(chain, "the red river by the sea", title),
            want,
            "{chain}"
        );
    }
    for (answer, want) in [("  A b ", true), ("A b c", false), ("a b", false)] {
        let found = check_answer(answer, "a b", TitleStyle::Title { small: &["b"] });
        assert_eq!(
            found == Judgement::Right,
            want && answer.trim() == "A B",
            "{answer}"
        );
    }
    assert_eq!(check_answer(" ", "a b", title), Judgement::NotApplicable);
    let colon = "a b: a b a";
    assert_eq!(
        check_answer(
            "A b: A b A",
            colon,
            TitleStyle::Title { small: &["a", "b"] }
        ),
        Judgement::Right
    );
    assert_eq!(
        check_answer("a b: a b A", colon, TitleStyle::LastWord),
        Judgement::Right
    );
    assert_eq!(
        check_answer("A B: A B A", colon, TitleStyle::EveryWord),
        Judgement::Right
    );
}

#[test]
fn against_the_true_completion() {
    let chain = "There are 35 pens. Then there are 35 - 4 = 31 pens. So the answer is 31.";
    all(
        || applied("a", "31", chain),
        &[
            (
                "Some 35 pens. Now 35 - 4 = 31 pens. The answer is 31.",
                "+ + +",
            ),
            (
                "Some 35 pens. Now 35 + 4 = 31 pens. The answer is 31.",
                "+ 31>39@1 .",
            ),
            (
                "Some 35 pens. Now 35 - 4 = 31. The answer is 30.",
                "+ + 30>31@0",
            ),
            (
                "Some 35.0 pens. Now 35.00 - 4 = 31 pens. The answer is 30.",
                "+ + 30>31@0",
            ),
            (
                "Some 36 pens. Now 36 - 4 = 32 pens. The answer is 32.",
                "36>35@6 . .",
            ),
            (
                "Some pens. Now 35 - 4 = 31 pens. The answer is 32.",
                "Some pens>35@. . .",
            ),
            (
                "Some 35 of 40 pens. Now 35 - 4 = 31 pens. The answer is 32.",
                "40>@40 . .",
            ),
            (
                "Some 35 cups. Now 35 - 4 = 31 pens. The answer is 31.",
                "cups>pens@ cups . .",
            ),
            // Another way to the right answer is not wrong.
            (
                "Some 36 pens. Now 40 - 9 = 31 pens. The answer is 31.",
                ". + +",
            ),
            // The step of the answer is compared with the last one, wherever it stands.
            ("Some 35 pens. The answer is 30.", "+ 30>31@0"),
        ],
    );
    let words = || {
        let mut prompt = applied("a", "31", "Red, then blue.");
        prompt["meta"]["compare"] = "words".into();
        prompt
    };
    all(
        words,
        &[
            ("Red, then blue.", "+"),
            ("Red, then bluish.", "bluish>blue@ bluish"),
            ("Red, then.", "then>blue@."),
            ("Red, then blue now.", "now>@ now"),
        ],
    );
}

#[test]
fn where_numbers_come_from() {
    use Provenance::{Computed, Constant, Derived, Earlier, Nowhere, Question};
    let of = |question: &str, step: &str| -> Vec<Provenance> {
        Numbers::of_question(question)
            .step(step)
            .iter()
            .map(|s| s.from)
            .collect()
    };
    for (question, step, want) in [
        ("He has 17.", "17 18", &[Question, Nowhere][..]),
        ("He has 17 and 5.", "22 85 3.4", &[Derived; 3]),
        ("He has 17 and 5.", "12 21", &[Constant, Nowhere]),
        (
            "He has 30%.",
            "0.3 0.7 1.3 70 130 130.1",
            &[Question, Question, Question, Question, Question, Nowhere],
        ),
        ("He has 30 percent.", "0.7", &[Question]),
        ("He has 30 pens.", "0.7", &[Nowhere]),
        (
            "He has half of three quarters.",
            "2 0.5 3 4 0.25",
            &[Question; 5],
        ),
        (
            "He has twenty dozens.",
            "20 12 240",
            &[Question, Question, Derived],
        ),
        ("", "5 + 6 = 11", &[Nowhere, Nowhere, Computed]),
        ("", "5 + 6 = 13", &[Nowhere, Nowhere, Nowhere]),
        ("", "77 and 77", &[Nowhere, Earlier]),
        (
            "",
            "0 1 2 7 10 12 24 30 52 60 100 365 1000 3",
            &[
                Constant, Constant, Constant, Constant, Constant, Constant, Constant, Constant,
                Constant, Constant, Constant, Constant, Constant, Derived,
            ],
        ),
        ("He has 1,500.5.", "1500.5", &[Question]),
        ("", "3. 77", &[Nowhere]),
        ("", "(3) 77", &[Nowhere]),
        ("", "Step 3: 77", &[Nowhere]),
        ("", "step 3 77", &[Nowhere]),
        ("", "Ste 3 77", &[Nowhere, Nowhere]),
        ("", "x3 77", &[Nowhere]),
    ] {
        assert_eq!(of(question, step), want, "{question} | {step}");
    }
    let contradicts = |question: &str, step: &str| {
        Numbers::of_question(question)
            .step(step)
            .iter()
            .any(|s| s.contradicts)
    };
    assert!(contradicts("18 pens.", "So 77 pens."));
    assert!(contradicts("18 pen.", "So 77 pens."));
    assert!(!contradicts("18 pens.", "So 77 cups."));
    assert!(!contradicts("18 pens.", "So 77 (pens)."));
    assert!(!contradicts("18 an.", "So 77 an."));
    assert!(!contradicts("18 pens.", "So 36 pens."), "it is derived");
    assert!(
        contradicts("He has 17.", "So 78 pens. So 79 pens."),
        "within a step"
    );
    let mut numbers = Numbers::of_question("17 pens and 5 cups and 5 mugs.");
    assert_eq!(numbers.unused(), (2, 2));
    numbers.step("5");
    assert_eq!(numbers.unused(), (1, 2));
}

#[test]
fn what_a_text_does_not_stand_by() {
    let sum = || json!({"id": "s", "question": "?", "task": "any", "split": "any", "answer": "1", "verify": ["arithmetic"]});
    let wrong = "9>8@9";
    for (text, stands) in [
        ("So 5 + 3 = 9.", true),
        ("Is 5 + 3 = 9?", false),
        ("He said 5 + 3 = 9.", false),
        ("He said so, 5 + 3 = 9.", true),
        ("He said it; then 5 + 3 = 9.", true),
        ("He said so 5 + 3 = 9.", true),
        ("He said it. And 5 + 3 = 9.", true),
        ("He said it.And 5 + 3 = 9.", false),
        ("5 + 3 = 9 is wrong.", false),
        ("5 + 3 = 9 apples. It is wrong.", true),
        ("5 + 3 = 9 apples and that is not what was bought.", true),
        ("5 + 3 = 9 is not so.", false),
        ("5 + 3 = 9 it is so but one did not go.", true),
        ("\"5 + 3 = 9\" it is.", false),
        ("\"So\" 5 + 3 = 9.", true),
        ("\"So 5 + 3 = 9.", true),
        ("“5 + 3 = 9” it is.", false),
        ("“So” 5 + 3 = 9 ”.", true),
        ("«5 + 3 = 9» it is.", false),
        ("'5 + 3 = 9' it is.", false),
        ("Tom's 5 + 3 = 9 isn't.", false),
        ("Tom's 5 + 3 = 9 Bob's.", true),
        ("5 + 3 = 9. Wait, no.", false),
        ("5 + 3 = 9. But wait, no.", false),
        ("5 + 3 = 9. Well, actually 8.", false),
        ("5 + 3 = 9. So it is. Wait.", true),
        ("5 + 3 = 9. So it is. Wait, 5+3 = 8.", false),
        ("5 + 3 = 9. So it is. Wait, 5 + 4 = 9.", true),
        ("5 + 3 = 9. So wait.", true),
    ] {
        let said = said(sum(), text);
        assert_eq!(said.contains(wrong), stands, "{text}: {said}");
    }
    // Sentences are followed for 240 bytes, corrections looked for in twelve sentences and 1500 bytes.
    let far = |n: usize| format!("He said {} 5 + 3 = 9.", "a".repeat(n));
    for (n, stands) in [(200, false), (230, false), (231, false), (240, true)] {
        assert_eq!(said(sum(), &far(n)).contains(wrong), stands, "{n}");
    }
    let later = |n: usize| format!("5 + 3 = 9. {}Wait, 5 + 3 = 8.", "So it is. ".repeat(n));
    for (n, stands) in [(1, false), (11, false), (12, true)] {
        assert_eq!(said(sum(), &later(n)).contains(wrong), stands, "{n}");
    }
}

#[test]
fn bases_and_moduli_that_a_text_names() {
    let of = |question: &str, text: &str| {
        said(
            json!({"id": "s", "question": question, "task": "any", "split": "any", "answer": "1", "verify": ["arithmetic"]}),
            text,
        )
    };
    for (question, silent) in [
        ("Add in base 8.", true),
        ("Add in base-8.", true),
        ("Add in base $8$.", true),
        ("Add in base_8.", true),
        ("Add in octal.", true),
        ("Add in base eight.", true),
        ("Add a base 8 number.", true),
        ("Add (base 8 numbers).", true),
        ("Add for base 8 cm.", false),
        ("The base 8 is long.", false),
        ("Add in base 10.", false),
        ("Add in base 9.", false),
        ("Add in base 1.", false),
        ("Add in base 37.", false),
        ("Add mod 2.", true),
        ("Add modulo 2.", true),
        ("Add (mod 2).", true),
        ("Add mod 3.", false),
        ("Add in modern times 2.", false),
        ("Add models 2.", false),
        ("Are they congruent?", true),
        ("Are they congruent mod 3?", false),
    ] {
        let found = of(question, "So 7 + 6 = 15.");
        assert_eq!(found == ".", silent, "{question}: {found}");
    }
}

#[test]
fn how_a_prompt_writes_numbers() {
    use rotescope_judge::locale::{check, of};
    use rotescope_text::Locale;
    use rotescope_trace::Prompt;
    for (own, locale, known) in [
        (None, Locale::Point, true),
        (Some("point"), Locale::Point, true),
        (Some("comma"), Locale::Comma, true),
        (Some("other"), Locale::Point, false),
    ] {
        let prompt = Prompt {
            locale: own.map(str::to_owned),
            ..Prompt::default()
        };
        assert_eq!(
            (of(&prompt), check(&prompt).is_ok()),
            (locale, known),
            "{own:?}"
        );
    }
}

#[test]
fn truth_of_steps() {
    let trace = || {
        let prompt = json!({"id": "s", "question": "?", "task": "any", "split": "any", "answer": "1", "verify": ["arithmetic"]});
        let mut t = plain(prompt, "So 5 + 3 = 8. So 5 + 3 = 9. So 5 + 3 = 8. Then.");
        judge(&mut t);
        t
    };
    let t = trace();
    let known = |l: &dyn Labels, t: &Trace| -> Vec<Option<bool>> {
        (0..=t.steps.len())
            .map(|i| l.of(t, i).map(|l| l.right))
            .collect()
    };
    assert_eq!(known(&FromVerdicts, &t)[..2], [Some(true), Some(false)]);
    assert_eq!(FromVerdicts.first_wrong(&t).map(|w| w.0), Some(1));
    assert_eq!(FromVerdicts.up_to_wrong(&t).len(), 2);
    let mut estimated = trace();
    for step in &mut estimated.steps {
        if let Some(v) = &mut step.verdict {
            v.by = "prm".into();
        }
    }
    assert_eq!(known(&FromVerdicts, &estimated), [None; 5]);
    let clean = Some(ByHand::Clean);
    assert_eq!(
        known(&clean, &t),
        [Some(true), Some(true), Some(true), Some(true), None]
    );
    assert_eq!(clean.first_wrong(&t), None);
    let second = Some(ByHand::FirstWrong(1));
    assert_eq!(
        known(&second, &t),
        [Some(true), Some(false), None, None, None]
    );
    assert_eq!(known(&None::<ByHand>, &t), [None; 5]);
    for (label, named, hit) in [
        (ByHand::Clean, None, true),
        (ByHand::Clean, Some(1), false),
        (ByHand::FirstWrong(1), Some(1), true),
        (ByHand::FirstWrong(1), Some(2), false),
        (ByHand::FirstWrong(1), None, false),
    ] {
        assert_eq!(label.is_hit(named), hit, "{label:?} {named:?}");
    }
    assert_eq!(
        first_error_f1((1.0, 2.0), (1.0, 4.0)),
        Some(2.0 * 0.5 * 0.25 / 0.75)
    );
    assert_eq!(first_error_f1((0.0, 2.0), (0.0, 4.0)), Some(0.0));
    assert_eq!(first_error_f1((0.0, 0.0), (1.0, 4.0)), None);
    assert_eq!(first_error_f1((1.0, 4.0), (0.0, 0.0)), None);
}
