//! Final answers in text as models write it.

use rotescope_text::{AnswerRule, expected_answer, final_answer, same_answer};

/// What is found, and whether it is the right answer.
fn found(text: &str) -> Option<(&str, AnswerRule)> {
    final_answer(text).map(|a| {
        assert_eq!(&text[a.span.clone()], a.text);
        (a.text, a.rule)
    })
}

fn check(cases: &[(&str, &str)]) {
    let mut bad = Vec::new();
    for (text, want) in cases {
        let got = found(text).map(|(t, _)| t);
        if got != Some(*want) {
            bad.push((text, want, got));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Right answers, whatever their text is cut to.
fn right(cases: &[(&str, &str)]) {
    let mut bad = Vec::new();
    for (text, want) in cases {
        let got = found(text);
        if !got.is_some_and(|(t, _)| same_answer(t, expected_answer(want))) {
            bad.push((text, want, got));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

fn wrong(cases: &[(&str, &str)]) {
    let mut bad = Vec::new();
    for (text, want) in cases {
        let got = found(text);
        if got.is_some_and(|(t, _)| same_answer(t, expected_answer(want))) {
            bad.push((text, want, got));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn a_clause_follows() {
    check(&[
        (
            "The answer is 72, in total, so the shop earns that much.",
            "72",
        ),
        (
            "The answer is 18, since each of the 9 eggs sells for $2.",
            "18",
        ),
        ("The answer is $18 per day for 9 eggs.", "$18 per day"),
        ("So the answer is 18 because 9 * 2 = 18.", "18"),
        ("The answer is 18 (9 eggs at $2 each).", "18"),
        ("The answer is 18; the rest is eaten.", "18"),
        ("The answer is 18 — 9 eggs at $2.", "18"),
        ("The answer is 18 and she is happy with 5.", "18"),
        ("The answer is 18, which means 18 / 2 = 9 eggs.", "18"),
        ("The answer is 1,234, as 1,000 + 234.", "1,234"),
        (
            "The answer is (7, 6), where the lines cross at 5.",
            "(7, 6)",
        ),
        (
            "The answer is $\\frac{1}{2}$, so half of 6.",
            "\\frac{1}{2}",
        ),
        ("The answer is 2, 3, and 5.", "2, 3, and 5"),
        ("The answer is 12 dollars in 30 days.", "12 dollars"),
        ("Answer: 18 (18 dollars)", "18"),
        ("The answer is 0. I hope it is correct.", "0"),
        ("The answer is 5. I hope it is correct.", "5"),
        (
            "Answer: 72 clips altogether in April and May",
            "72 clips altogether in April and May",
        ),
    ]);
}

#[test]
fn the_answer_is_only_mentioned() {
    check(&[
        ("The answer is 18. The answer is correct.", "18"),
        ("So \\boxed{18}. The answer is right.", "18"),
        ("#### 18\nThis answer is reasonable.", "18"),
        ("The answer is 18. Ann answers 12 questions.", "18"),
        (
            "The answer is 18. Ann answers 12 questions and is happy.",
            "18",
        ),
        ("\\boxed{18}\nThe answer is in dollars.", "18"),
        (
            "The answer is 18.\nSince the answer is an integer, it is plausible.",
            "18",
        ),
        (
            "The answer is 18. We can check that the answer is valid: 9 + 9 = 18.",
            "18",
        ),
        ("The answer is 18. Is that answer clear?", "18"),
        (
            "The answer is 18. I hope this answer is helpful to you.",
            "18",
        ),
        ("Answer: 18\n\nThe answer is obvious.", "18"),
        ("Ann answers 12 questions.", "12"),
        ("The answer is not 5. The answer is 6.", "6"),
    ]);
}

#[test]
fn the_answer_is_told() {
    check(&[
        (
            "The answer is found by adding 9 and 9, which gives 18.",
            "18",
        ),
        ("The answer is obtained by 9 * 2 = 18.", "18"),
        ("The answer is that Tom has 18 apples.", "18"),
        (
            "Answer: Janet makes $18 every day at the farmers' market.",
            "18",
        ),
        ("Answer: She has 18 dollars left after 3 days.", "18"),
        ("Answer: It takes 3 days to paint 5 rooms.", "3"),
        ("The answer is therefore 18.", "18"),
        ("The answer is thus: 18.", "18"),
        ("The answer is approximately 18.", "18"),
        ("The answer is simply 9 + 9 = 18.", "9 + 9 = 18"),
        ("The answer must be 18.", "18"),
        ("The answer should be 18 eggs.", "18 eggs"),
        ("The answer would be 18.", "18"),
        ("The answer equals 18.", "18"),
        ("The final answer, in dollars: 18", "18"),
        ("Answer (in dollars): 18", "18"),
        ("The answer to part (b) is 18.", "18"),
        ("The correct answer is (C).", "(C)"),
        (
            "The correct answer is option (C) because 5 > 3.",
            "option (C)",
        ),
        ("The answer is yes.", "yes"),
        (
            "So the answer is the giant and the Marvind.",
            "the giant and the Marvind",
        ),
    ]);
}

#[test]
fn hashes() {
    check(&[
        ("So, the answer is #### 18.", "18"),
        (
            "Therefore, she makes #### 18 dollars in 30 days.",
            "18 dollars",
        ),
        ("9 * 2 = 18\n#### 18", "18"),
        ("9 * 2 = 18\n#### $18", "$18"),
        ("9 * 2 = 18 #### 18", "18"),
        ("####18", "18"),
        ("**#### 18**", "18"),
        ("x\n#### Paris", "Paris"),
        ("#### Step 1\nfoo\n#### 18\n", "18"),
        ("#### 1. Add 3 and 4\nWe get 7.\n", "7"),
        ("#### 1) Add them\n3 + 4 = 7\n#### 2) Stop\nDone.", "2"),
        ("#### 18 eggs", "18 eggs"),
        ("##### 5\n so 6", "6"),
    ]);
}

#[test]
fn boxes_and_formulas() {
    check(&[
        ("$$\\boxed{18}$$", "18"),
        ("\\[\\boxed{\\frac{1}{2}}\\]", "\\frac{1}{2}"),
        ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"),
        ("\\boxed 5", "5"),
        ("\\boxed{5} is right, \\boxed{6}", "6"),
        ("\\boxed{\\text{(C)}}", "\\text{(C)}"),
        ("\\boxed{\\text{even}}", "\\text{even}"),
        ("\\fbox{18}", "18"),
        ("\\[ \\text{ANSWER: } \\$460 \\]", "\\$460"),
        ("\\text{ANSWER: } \\$460", "\\$460"),
        ("$\\text{Answer: } 460$", "460"),
        ("\\text{Answer: 460}", "460"),
        ("**Final Answer:**\n\n$$\n18\n$$", "18"),
        ("The answer is:\n\\[\n18\n\\]", "18"),
        ("Answer: \n18", "18"),
        ("Answer: \n\nThe shop earns 72 dollars.", "72"),
        (
            "The final answer is $\\boxed{(3, \\frac{\\pi}{2})}$.",
            "(3, \\frac{\\pi}{2})",
        ),
        ("The answer is \\(x = 5\\).", "x = 5"),
        ("We find \\boxed{10\\,000}.", "10\\,000"),
        ("\\boxed{180 - 90 = \\boxed{90}}", "90"),
    ]);
}

#[test]
fn other_languages() {
    right(&[
        ("Die Antwort ist 18,50 Euro.", "18.50"),
        ("Die Antwort lautet: 18.", "18"),
        ("Antwort: 18 Euro", "18"),
        ("Die richtige Antwort ist also 18.", "18"),
        ("Die Lösung ist 18.", "18"),
        ("La réponse est 18.", "18"),
        ("Réponse : 18 euros", "18"),
        ("La réponse finale est donc 18.", "18"),
        ("La respuesta es 18.", "18"),
        ("Respuesta final: 18 dólares", "18"),
        ("La risposta è 18.", "18"),
        ("A resposta é 18.", "18"),
        ("Het antwoord is 18.", "18"),
        ("Ответ: 18", "18"),
        ("答えは１８です。", "18"),
        ("答えは18個です。", "18"),
        ("答え：18", "18"),
        ("答案是18", "18"),
        ("答案为18元。", "18"),
        ("答案：18", "18"),
        ("最终答案是：18。", "18"),
        ("정답은 18입니다.", "18"),
        ("الجواب هو ١٨", "18"),
        ("合計は１，２３４円", "1234"),
    ]);
}

#[test]
fn the_text_goes_on() {
    check(&[
        (
            "So the answer is 5.\n\nQuestion: What is 2 + 2?\nAnswer: So the answer is 4.",
            "5",
        ),
        (
            "So the answer is 5.\n\nProblem: 2 + 2?\nThe answer is 4.",
            "5",
        ),
        (
            "So the answer is 5.\nProblem 2: 2 + 2?\nThe answer is 4.",
            "5",
        ),
        (
            "So the answer is 5.\n\nHuman: and 2 + 2?\nAssistant: The answer is 4.",
            "5",
        ),
        (
            "So the answer is 5.\nUser: and 2 + 2?\nThe answer is 4.",
            "5",
        ),
        (
            "So the answer is 5.<|im_end|>\n<|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\nThe answer is 4.",
            "5",
        ),
        ("So the answer is 5.<|eot_id|>The answer is 4.", "5"),
        ("So the answer is 5</s>", "5"),
        (
            "So the answer is 5.\n\n### Instruction:\n2 + 2?\n\n### Response:\nThe answer is 4.",
            "5",
        ),
        ("A: 5\nQ: 2 + 2?\nA: 4", "5"),
        ("That is 3 + 2 = 5 apples.\n\nQ: Tom has 2?\nA: 4.", "5"),
        ("That is 3 + 2 = 5 apples.\n\nHuman: what is 2 + 2?", "5"),
        ("That is 3 + 2 = 5 apples.<|endoftext|>Then 7", "5"),
        (
            "That is 3 + 2 = 5.\n\nQuestion: Tom has 2?\nAnswer: 4.",
            "5",
        ),
        ("#### 5\n\nExample 2: Tom has 7.\n#### 7", "5"),
        ("Question: What is 3 + 2?\nAnswer: 5", "5"),
        ("Problem: 3 + 2\nSolution: 3 + 2 = 5", "5"),
        ("\\boxed{5}\n\n## Problem 3\nFind x.\n\\boxed{7}", "5"),
    ]);
}

#[test]
fn last_values_are_whole() {
    check(&[
        (
            "So x is $\\frac{1+\\sqrt{5}}{2}$.",
            "\\frac{1+\\sqrt{5}}{2}",
        ),
        ("So x is $\\frac{10}{9}$.", "\\frac{10}{9}"),
        ("So x is \\frac{10}{9}.", "\\frac{10}{9}"),
        ("Thus x = \\frac{10}{9}", "\\frac{10}{9}"),
        ("The lines meet in (7, 6).", "(7, 6)"),
        ("We get $(7, 6)$.", "(7, 6)"),
        ("It is 3/4 of it", "3/4"),
        ("It is 1 1/2 cups.", "1 1/2"),
        ("She pays 18,50 Euro", "18,50"),
        ("It makes 12\u{202f}500.", "12\u{202f}500"),
        ("It makes 1,234,567.89 in all.", "1,234,567.89"),
        ("We have $90^3 = 729,\\!000$.", "729,\\!000"),
        ("It makes $10\\,000$.", "10\\,000"),
        ("合計１，２３４", "１，２３４"),
        ("المجموع ١٨", "١٨"),
        ("They meet at 6:30.", "6:30"),
        ("They meet at 6 pm.", "6 pm"),
        ("The ratio is 3:2.", "3:2"),
        ("It costs 2 million dollars.", "2 million"),
        ("She needs 3 dozen eggs.", "3 dozen"),
        ("That is 3 × 10^4 m.", "3 × 10^4"),
        ("The side is 2√3.", "2√3"),
        ("The area is $16\\pi$.", "16\\pi"),
        ("So $y = 2x + 3$.", "2x + 3"),
        ("So we have \\[ 5 + 3 = 8 \\]", "8"),
        ("$5 + $3 = $8.", "8"),
        ("The order comes to $29.00 with the tip.", "29.00"),
        ("up by 12%.", "12%"),
        ("12 - 15 = -3.", "-3"),
        ("x = −3", "−3"),
        ("that leaves 12 -3", "3"),
        ("the 5-3", "3"),
        ("about .5 l", ".5"),
        ("It was on May 5, 2024", "2024"),
        ("1. Add.\n2. So 5.", "5"),
        ("She has **7** left", "7"),
    ]);
    assert_eq!(found("no number here."), None);
}

#[test]
fn different_stay_different() {
    wrong(&[
        ("So x is $\\frac{1+\\sqrt{5}}{2}$.", "2"),
        ("So x is $\\frac{10}{9}$.", "9"),
        ("The lines meet in (7, 6).", "6"),
        ("Die Antwort ist 18,50 Euro.", "50"),
        ("Therefore, she makes #### 18 dollars in 30 days.", "30"),
        ("The answer is 50%.", "0.05"),
        ("The answer is 3 × 10^4.", "4"),
        ("It costs 2 million dollars.", "2"),
        ("The answer is correct.", "18"),
    ]);
}

#[test]
fn the_expected_side() {
    for (text, want) in [
        ("9 * 2 = <<9*2=18>>18 a day.\n#### 18", "18"),
        ("She makes 9 * 2 = $<<9*2=18>>18 every day.\nA: 18", "18"),
        ("\\boxed{18}", "18"),
        ("We have $x = 5$, so $\\boxed{18}$.", "18"),
        ("A: 18", "18"),
        ("The answer is 18", "18"),
        ("The answer is 18.", "18"),
        ("Answer: 18", "18"),
        ("18", "18"),
        (" 18\n", "18"),
        ("C", "C"),
        ("(A) 7", "(A) 7"),
        ("Seven Wise Men", "Seven Wise Men"),
        ("a = 5\nb = 6\n11", "11"),
        ("#### 1,234", "1,234"),
        ("72, 5", "72, 5"),
        ("3 or 4", "3 or 4"),
        ("", ""),
    ] {
        assert_eq!(expected_answer(text), want, "{text}");
    }
}

#[test]
fn growing_text_and_hostile_text_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in [
        "\\boxed{",
        "####",
        "#### 5 ",
        "answer is ",
        "the answer is 5. ",
        "answer ",
        "(",
        "$",
        "1,",
        "1 ",
        "9",
        "A:\n",
        "Q:\n",
        "\n",
        "{",
        "\\",
        "答え",
        "答えは",
        "<",
        "[INST",
        "answer is {",
        "is is is ",
        "- ",
        "１",
        "the answer to to to ",
        "****",
        "5\n\nQuestion: ",
        "\\frac{",
        "**Human",
    ] {
        for n in [30, 1000, 2_000_000] {
            let _ = final_answer(&piece.repeat(n / piece.len() + 1));
        }
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
