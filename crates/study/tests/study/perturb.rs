//! Operators on free text: what is no quantity stays, and questions with a worked solution keep a known answer.

use proptest::prelude::*;
use rotescope_study::perturb::numbers::find;
use rotescope_study::perturb::role::NumberRole;
use rotescope_study::perturb::{AnswerChange, OPERATORS, Perturbed, Plan, Unchanged};
use rotescope_trace::Prompt;
use serde_json::{Value, json};

fn prompt(question: &str, answer: &str, meta: Value) -> Prompt {
    Prompt {
        id: "x".into(),
        question: question.into(),
        answer: Some(answer.into()),
        meta,
        ..Default::default()
    }
}

fn apply(operator: &str, seed: u64, prompt: &Prompt) -> Result<Perturbed, Unchanged> {
    Plan::parse(&[operator], seed)
        .unwrap()
        .apply(prompt, &[], None)
}

#[test]
fn what_is_no_quantity_is_told() {
    let dates = [
        "on May 5",
        "May 5, 6 and 7",
        "from July 10 to 14",
        "5 May 2020",
        "the 3 of March",
        "Sept. 9",
        "2021-05-17",
        "5/17/2021",
    ];
    let times = [
        "at 6:30",
        "6 pm",
        "from 8 to 10 pm",
        "8-10 a.m.",
        "at 6 o'clock",
        "at 7 in the morning",
        "until 9.",
        "12:05:30",
        "9 AM",
        "at 5 at night",
    ];
    let years = [
        "in 2019",
        "since 1998, he",
        "by 2050.",
        "(1987)",
        "In 1445 a king",
        "May 5, 2020",
        "from 1990 to 1995",
        "the year 2000 was",
        "2020's crop",
        "during 1969",
    ];
    let names = [
        "Route 66",
        "an iPhone 12",
        "Grade 4 has",
        "Room 101",
        "on Highway 9",
        "his Boeing 747 flies",
        "flight 370 left",
        "#5",
        "No. 7",
        "PlayStation 5",
        "page 12",
        "F-16",
        "7-Eleven",
    ];
    let quantities = [
        "gave Tom 5 apples",
        "gives June 9 more books",
        "In Paris 20 tourists came",
        "on Monday 5 people came",
        "Exactly 12 came",
        "each room 3 beds fit",
        "In 1500 boxes",
        "$2000 in cash",
        "costs 1999 dollars",
        "In May 5 people came",
        "at 6 dollars",
        "the ratio 3 to 4",
        "1,250 cups",
        "on page 3 pictures",
    ];
    for (texts, role) in [
        (&dates[..], NumberRole::Date),
        (&times[..], NumberRole::Time),
        (&years[..], NumberRole::Year),
        (&names[..], NumberRole::Name),
        (&quantities[..], NumberRole::Quantity),
        (&["1/2 cup", "3/4 of"][..], NumberRole::Fraction),
        (
            &["1. Tom buys", "He has:\n2) pens", "(1) Add 3, (2) count"][..],
            NumberRole::Item,
        ),
    ] {
        for text in texts {
            let found = find(text);
            let first = found.first().unwrap_or_else(|| panic!("{text}"));
            // A year behind a date is a year.
            let at = if *text == "May 5, 2020" { 1 } else { 0 };
            let told = if at == 0 { first.role } else { found[at].role };
            assert_eq!(told, role, "{text}");
            if role == NumberRole::Date && *text != "5 May 2020" {
                assert!(found.iter().all(|n| n.role == role), "{text}: {found:?}");
            }
        }
    }
}

#[test]
fn numbers_keep_their_form_and_what_is_none_stays() {
    let text = "On May 5, 2021, at 6:30, Ann took Route 66 and sold 1,250 cups at $3.50 each to her 1st and 2nd shop: 1/2 of 80%.";
    let s = Prompt {
        id: "x".into(),
        question: text.into(),
        ..Default::default()
    };
    for operator in ["numbers", "digit-expansion", "int-to-float"] {
        let new = apply(operator, 1, &s).unwrap();
        let now = &new.subject.question;
        for kept in [
            "May 5, 2021, at 6:30",
            "Route 66",
            "at $3.50 each",
            "1st and 2nd",
            "1/2 of",
        ] {
            assert!(now.contains(kept), "{operator}: {now}");
        }
        assert!(!now.contains("1,250"), "{operator}: {now}");
        assert_eq!(new.answer, AnswerChange::Unknown);
    }
    let expanded = apply("digit-expansion:p1=11,p2=13", 1, &s).unwrap();
    assert!(expanded.subject.question.contains("sold 13,763 cups"));
    let spelled = apply("spelled-numbers", 1, &s).unwrap().subject.question;
    let want = "On May 5, 2021, at 6:30, Ann took Route 66 and sold one thousand two hundred fifty cups at $3.50 each to her 1st and 2nd shop: 1/2 of eighty percent.";
    assert_eq!(spelled, want);
    let money = |t: &str| {
        let s = Prompt {
            question: t.into(),
            ..s.clone()
        };
        apply("spelled-numbers", 1, &s).map(|n| n.subject.question)
    };
    assert_eq!(
        money("He pays $5 for it.").unwrap(),
        "He pays five dollars for it."
    );
    assert!(money("He has a $5 bill.").is_err());
}

/// A question with places for numbers, a solution, and what the answer is.
struct Story {
    question: &'static str,
    solution: &'static str,
    truth: fn(&[f64]) -> f64,
}

const STORIES: [Story; 6] = [
    Story {
        question: "Ola has 16 hens that each lay 3 eggs a day. She eats four eggs and sells the rest for $2.50 each. How many dollars does she get?",
        solution: "They lay 16 * 3 = <<16*3=48>>48 eggs.\nShe sells 48 - 4 = <<48-4=44>>44 eggs.\nShe gets 44 x $2.50 = $<<44*2.5=110>>110.\n#### 110",
        truth: |n| (n[0] * n[1] - n[2]) * n[3],
    },
    Story {
        question: "A tank holds 240 liters. 25% of it is used, then half of the rest. How many liters are left?",
        solution: "Used are 240 * 25/100 = <<240*25/100=60>>60 liters.\nThe rest is 240 - 60 = <<240-60=180>>180.\nLeft are 180/2 = <<180/2=90>>90 liters.\n#### 90",
        truth: |n| (n[0] - n[0] * n[1] / 100.0) / 2.0,
    },
    Story {
        question: "A shirt costs $80 and is sold at a 35% discount. Kim buys 3 of them. What does she pay?",
        solution: "The price is 80 * .65 = <<80*.65=52>>52.\nShe pays 52 * 3 = <<52*3=156>>156.\n#### 156",
        truth: |n| n[0] * (100.0 - n[1]) / 100.0 * n[2],
    },
    Story {
        question: "Bo reads 15 pages an hour. He reads for 90 minutes. How many pages does he read in 8 such sittings?",
        solution: "90 minutes are 90/60 = 1.5 hours.\nHe reads 15*1.5 = 22.5 pages.\nIn all 22.5*8 = 180 pages.\n#### 180",
        truth: |n| n[0] * n[1] / 60.0 * n[2],
    },
    Story {
        question: "Ira picks 12 pears and Joe picks 5 more. They share 17 baskets of 30 plums. How many fruits are there?",
        solution: "Joe picks 12 + 5 = <<12+5=17>>17 pears.\nThere are 17 * 30 = <<17*30=510>>510 plums.\nIn all 12 + 17 + 510 = <<12+17+510=539>>539 fruits.\n#### 539",
        truth: |n| n[0] + n[0] + n[1] + n[2] * n[3],
    },
    Story {
        question: "Seven friends pay $1,400 for a boat. Each pays as much. How much do five of them pay?",
        solution: "Each pays 1400/7 = $<<1400/7=200>>200.\nFive pay 200*5 = $<<200*5=1000>>1,000.\n#### 1,000",
        truth: |n| n[1] / n[0] * n[2],
    },
];

/// The numbers of a question in order, words too.
fn numbers(question: &str) -> Vec<f64> {
    let mut all = rotescope_text::words(question);
    all.retain(|w| w.text != "-");
    let mut found: Vec<(usize, f64)> = find(question)
        .into_iter()
        .map(|n| {
            let value: f64 = n.text.replace(',', "").parse().unwrap();
            (n.span.start, value)
        })
        .collect();
    let mut i = 0;
    while i < all.len() {
        let read = rotescope_study::perturb::spelling::read(&all[i..], question);
        if let Some((value, used)) = read {
            found.push((all[i].span.start, f64::from(value)));
            i += used;
        } else {
            i += 1;
        }
    }
    found.sort_by_key(|f| f.0);
    found.into_iter().map(|f| f.1).collect()
}

fn final_number(solution: &str) -> f64 {
    let answer = solution.split("#### ").nth(1).unwrap();
    answer.trim().replace(',', "").parse().unwrap()
}

/// Every plain equation of a text holds, and every calculator's mark.
fn holds(solution: &str) -> bool {
    let marks = solution.split("<<").skip(1);
    let mut marks = marks.map(|m| m.split(">>").next().unwrap());
    let right = |text: &str| {
        let found = rotescope_judge::equations(text, 10);
        found.len() == 1 && found[0].first_wrong.is_none()
    };
    marks.all(right)
        && solution
            .lines()
            .filter(|l| !l.contains("<<"))
            .flat_map(|l| rotescope_judge::equations(l, 10))
            .all(|e| e.first_wrong.is_none())
}

#[test]
fn the_carried_answer_is_the_truth_of_the_new_question() {
    for story in &STORIES {
        let s = prompt(story.question, story.solution, Value::Null);
        assert_eq!(
            (story.truth)(&numbers(&s.question)),
            final_number(story.solution)
        );
        for operator in ["numbers", "digit-expansion", "int-to-float"] {
            let mut carried = 0;
            for seed in 0..20 {
                let new = apply(operator, seed, &s).unwrap();
                let AnswerChange::New(solution) = &new.answer else {
                    continue;
                };
                carried += 1;
                let now = &new.subject.question;
                let truth = (story.truth)(&numbers(now));
                assert!(
                    (truth - final_number(solution)).abs() < 1e-6,
                    "{now}\n{solution}"
                );
                assert_ne!(final_number(solution), final_number(story.solution));
                assert!(holds(solution), "{solution}");
                assert_eq!(new.subject.answer.as_ref(), Some(solution));
            }
            assert!(
                carried == 20 || operator == "int-to-float",
                "{operator}: {}",
                s.question
            );
        }
    }
}

#[test]
fn what_the_story_would_not_bear_is_not_drawn() {
    let s = prompt(
        "Ada works 8 hours a day on 5 days a week and gives 60% of 20 cakes away. How many hours and cakes are left?",
        "She works 8*5 = <<8*5=40>>40 hours.\nShe gives 20*60/100 = <<20*60/100=12>>12 cakes.\nLeft are 20-12 = <<20-12=8>>8.\n40+8 = <<40+8=48>>48\n#### 48",
        Value::Null,
    );
    for seed in 0..40 {
        let new = apply("numbers", seed, &s).unwrap().subject.question;
        let n = numbers(&new);
        let (hours, days, percent, cakes) = (n[0], n[1], n[2], n[3]);
        assert!(hours <= 24.0 && days <= 7.0 && percent < 100.0, "{new}");
        assert_eq!((cakes * percent / 100.0).fract(), 0.0, "{new}");
    }
}

#[test]
fn the_solution_may_stand_in_meta() {
    let solution = "First 14 + 25 = 39 apples. Then 39 * 2 = 78 apples. So the answer is 78.";
    let question =
        "Tim has 14 red and 25 green apples. He doubles them. How many apples does he have?";
    for key in ["solution", "chain"] {
        let s = prompt(question, "78", json!({ key: solution, "source": "own" }));
        let new = apply("numbers", 4, &s).unwrap();
        let n = numbers(&new.subject.question);
        let want = ((n[0] + n[1]) * 2.0).to_string();
        assert_eq!(new.answer, AnswerChange::New(want.clone()));
        let changed = new.subject.meta[key].as_str().unwrap();
        assert!(
            changed.ends_with(&format!("So the answer is {want}.")),
            "{changed}"
        );
        assert!(holds(changed) && new.subject.meta["source"] == "own");
        let graph = &new.subject.meta["graph"];
        assert_eq!(graph["steps"][0]["expression"], "n0 + n1");
        assert_eq!(graph["steps"][1]["expression"], "s0 * 2");
        assert_eq!(graph["steps"][1]["to"], want);
        let place = &graph["numbers"][0]["places"][0];
        let at = |i: usize| place[i].as_u64().unwrap() as usize;
        assert_eq!(&question[at(0)..at(1)], graph["numbers"][0]["from"]);
    }
}

#[test]
fn what_cannot_be_carried_says_why() {
    let cases = [
        ("Tom has 3 pens.", "7", "no worked solution"),
        (
            "Tom has 30 pens and finds 4.",
            "He has 34 pens.\n#### 34",
            "no equation",
        ),
        (
            "Tom has 30 pens and finds 4.",
            "30+4 = <<30+4=35>>35\n#### 35",
            "does not compute",
        ),
        (
            "Tom has 30 pens and finds 4.",
            "30+4 = <<30+4=34>>34\n#### 33",
            "not the last result",
        ),
        (
            "Tom has pens and finds some.",
            "30+4 = <<30+4=34>>34\n#### 34",
            "nothing gives",
        ),
        // 12 is what Tom has, and a dozen.
        (
            "Tom has 12 boxes of a dozen eggs.",
            "12*12 = <<12*12=144>>144\n#### 144",
            "two readings of 12",
        ),
        // 8 is stated, and is 3 + 5.
        (
            "Tom has 3 pens, 5 pins and 8 cups at $8. 8 of each are left.",
            "3+5 = <<3+5=8>>8\n8*8 = <<8*8=64>>64\n64-8 = <<64-8=56>>56\n#### 56",
            "two readings",
        ),
        // Five days, one by one.
        (
            "He saves $5 more each day, for 5 days, beginning with $10.",
            "10+5 = <<10+5=15>>15\n15+5 = <<15+5=20>>20\n20+5 = <<20+5=25>>25\n25+5 = <<25+5=30>>30\n10+15+20+25+30 = <<10+15+20+25+30=100>>100\n#### 100",
            "1",
        ),
        (
            "Tom has 15 pens, gives 5 away.",
            "15-5 = <<5+5=10>>10\n#### 10",
            "two ways",
        ),
    ];
    for (question, answer, want) in cases {
        let s = prompt(question, answer, Value::Null);
        match apply("numbers:carried", 0, &s) {
            Err(reason) => assert!(reason.0.contains(want), "{question}: {reason}"),
            Ok(new) => {
                // Only what is sure has changed.
                assert_eq!(want, "1", "{}", new.subject.question);
                assert!(
                    new.subject
                        .question
                        .contains("$5 more each day, for 5 days")
                );
            }
        }
    }
    let s = prompt(
        "Tom has 30 pens and finds 4.",
        "34 = 34\n#### 34",
        json!({"solution": "old"}),
    );
    let new = apply("numbers", 0, &s).unwrap();
    assert_eq!(new.answer, AnswerChange::Unknown);
    assert_eq!(
        new.subject.meta["not_carried"],
        "the solution has no equation"
    );
    assert_eq!(new.subject.meta.get("solution"), None);
}

#[test]
fn names_come_from_the_text() {
    let s = prompt(
        "Weng earns $12 an hour in Boston. Yesterday Weng worked with her friend Ilse. How much did Weng earn?",
        "12",
        Value::Null,
    );
    let new = apply("names", 2, &s).unwrap();
    assert_eq!(new.answer, AnswerChange::Same);
    let now = &new.subject.question;
    assert!(
        !now.contains("Weng")
            && !now.contains("Ilse")
            && now.contains("Boston")
            && now.contains("Yesterday"),
        "{now}"
    );
}

#[test]
fn long_and_nested_texts_take_no_time() {
    let begin = std::time::Instant::now();
    for piece in [
        "<<",
        "(",
        "1+",
        "1=1 ",
        "9",
        "2 2% ",
        "<<2*2=4>>",
        "A ",
        "(1) (2) ",
        "May 5 and ",
        "two ",
        "Ann and ",
    ] {
        for length in [8000, 1_000_000] {
            let text = piece.repeat(length / piece.len());
            let both = format!("{text}\n#### 4");
            let s = prompt(&text, &both, Value::Null);
            for operator in ["numbers", "digit-expansion", "names", "spelled-numbers"] {
                drop(apply(operator, 0, &s));
            }
        }
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

proptest! {
    #[test]
    fn no_solution_breaks_an_operator(
        question in "(\\PC| |[0-9.,()$%+*-]|Tom has |two |half |[1-9]{1,3} |[1-9] days ){0,30}",
        answer in "(\\PC|[0-9.,()$%+*=-]|<<[1-9][+*/-][1-9]=[0-9]>>|[1-9]\\+[1-9]=[0-9] |\n){0,30}(\n#### [0-9]{1,2})?",
        seed in 0_u64..100,
    ) {
        let s = prompt(&question, &answer, Value::Null);
        for o in OPERATORS {
            if let Ok(new) = apply(o.name, seed, &s) {
                prop_assert_ne!(&new.subject.question, &s.question);
                prop_assert_eq!(new.answer == AnswerChange::Unknown, new.subject.answer.is_none());
                let again = apply(o.name, seed, &s);
                prop_assert_eq!(again.as_ref(), Ok(&new));
            }
        }
    }
}
