//! Final answers: where a text ends, where an announcement begins, how far a value goes.

use rotescope_text::{AnswerRule, expected_answer, final_answer};

fn found(text: &str) -> &str {
    final_answer(text).map_or("", |a| a.text)
}

fn check(cases: &[(&str, &str)]) {
    let wrong = |(text, want): &&(&str, &str)| found(text) != *want;
    let bad: Vec<_> = cases
        .iter()
        .filter(wrong)
        .map(|c| (c, found(c.0)))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn another_exercise_ends_the_text() {
    check(&[
        // Behind an answer any line that looks like one does.
        ("So the answer is 5.\nQuestion: 2?\nThe answer is 4.", "5"),
        (
            "So the answer is 5.\nExample: 2?\n\nProblem: 3?\nThe answer is 4.",
            "5",
        ),
        // Before it only one behind a blank line, or in short form, with a number before.
        ("5 of them.\nQuestion: 2?\nThe answer is 4.", "4"),
        ("5 of them.\n\nQuestion: 2?\nThe answer is 4.", "5"),
        ("5 of them.\nQ: 2?\nThe answer is 4.", "5"),
        ("None of them.\n\nQuestion: 2?\nThe answer is 4.", "4"),
        (
            "None of them.\nQ: 2?\nThe answer is 4.\nQ: 3?\nThe answer is 6.",
            "4",
        ),
        (
            "5.\nQuestion: 2?\nThe answer is 4.\nQuestion: 3?\nThe answer is 6.",
            "4",
        ),
        // Without any answer.
        ("It is 5.\n\nQuestion: 2?\nIt is 4.", "5"),
        ("It is 5.\nQuestion: 2?\nIt is 4.", "4"),
        ("It is 5.\nQ: 2?\nIt is 4.", "5"),
        ("None.\n\nQuestion: 2?\nIt is 4.", "4"),
        ("It is 5.\n \t\r\nQuestion: 2?\nIt is 4.", "4"),
        ("It is 5.\n\n \tQuestion: 2?\nIt is 4.", "5"),
        // How such lines begin.
        ("It is 5.\n\nHere is another one: 4", "5"),
        ("It is 5.\n\nNext problem. Take 4", "5"),
        ("It is 5.\n\nnext of all 4", "4"),
        ("It is 5.\n\n**Problem 2.**\nTake 4", "5"),
        ("It is 5.\n\nProblem 2\nTake 4", "5"),
        ("It is 5.\n\nProblem\nTake 4", "4"),
        ("It is 5.\n\n## Problem\nTake 4", "5"),
        ("It is 5.\n\n# Problem\nTake 4", "4"),
        ("It is 5.\n\nProblem 2 is 4", "4"),
        ("It is 5.\n\nProblem #2: 4", "5"),
        ("It is 5.\n\nProblematic: 4", "4"),
        ("It is 5.\n\n问题：4", "5"),
        ("It is 5.\n\nAufgabe: 4", "5"),
    ]);
}

#[test]
fn the_turn_of_someone_else_ends_the_text() {
    check(&[
        ("It is 5.\nHuman: 4", "5"),
        ("It is 5.\n[User] 4", "5"),
        ("It is 5.\nHuman has 4", "4"),
        ("It is 5.\nInput: 4\nHuman: 3", "5"),
        ("Human: 4", "4"),
        ("\n Human: 4", "4"),
        ("<|im_end|>It is 5.", "5"),
        ("It is 5.</s>Then 4.", "5"),
        ("It is 5.\nHuman: 4</s>3", "5"),
        ("It is 5.</s>\nHuman: 4", "5"),
        ("It is 5.<s>Then 4.", "4"),
        ("It is 5.[INST]Then 4.", "5"),
        ("It is 5 [or 6].", "6"),
        ("The answer is 5</s>6", "5"),
        ("The answer is <5", "<5"),
    ]);
}

#[test]
fn what_announces_an_answer() {
    check(&[
        ("The answer (in dollars) is 5. So 6.", "5"),
        ("The answers are 5 and 7. So 6.", "5 and 7"),
        ("The answer we must find here is then 5. So 6.", "5"),
        (
            "The answer to the first of all the parts of it is 5. So 6.",
            "6",
        ),
        ("The answer Tom gave is 5. So 6.", "6"),
        ("The answer, Tom, is 5. So 6.", "6"),
        ("The answer to it. Is 5. So 6.", "6"),
        ("The answer? 5. So 6.", "6"),
        ("The answer = 5. So 6.", "5"),
        ("The answer to it: 5. So 6.", "5"),
        ("The answer to it：5. So 6.", "5"),
        ("The **answer** is 5. So 6.", "5"),
        ("The answer isn't 5. So 6.", "6"),
        ("The answer is: 5. So 6.", "5"),
        ("The answer is\n- 5\n- 6", "5"),
        ("The answer is - 5", "- 5"),
        ("An unanswered one is 5. So 6.", "6"),
        ("The 3 answers: 5. So 6.", "6"),
        ("The answers: 5. So 6.", "5"),
        ("The correct option is 5. So 6.", "5"),
        ("A: 5\nSo 6.", "5"),
        (" **A: 5**\nSo 6.", "5"),
        ("A: 5\nB: 6", "6"),
        ("So A: 5\nSo 6.", "6"),
        ("#### 5\nSo 6.", "5"),
        ("### 5\nSo 6.", "6"),
        ("##### 5\nSo 6.", "6"),
        ("So #### 5 or #### 7\nSo 6.", "7"),
        ("#### Tom\nSo 6.", "6"),
        ("#### Tom\n", "Tom"),
        ("So #### Tom", ""),
        ("#### 2) Tom has 5\nSo 6.", "6"),
        ("#### 2)Tom\nSo 6.", "6"),
        ("#### Step 5\nSo 6.", "6"),
        ("\\boxed5 So 6.", "5"),
        ("\\boxed x So 6.", "x"),
        ("\\boxedx So 6.", "6"),
        ("\\boxed{\\{5\\}} So 6.", "\\{5\\}"),
        ("\\boxed {5} So 6.", "5"),
        ("\\framebox{5} So 6.", "5"),
        ("\\text{5} So 6.", "6"),
        ("\\boxed{5 So 6.", "6"),
        ("{\\boxed{5}} So 6.", "5"),
        ("\\text{Answer: 5} So 6.", "5"),
        ("Answer: \\text{{5}x} So", "\\text{{5}x} So"),
        ("Answer:\n$$\n5\n$$\nSo 6.", "5"),
        ("Answer: ```\n5\n```\nSo 6.", "5"),
    ]);
}

#[test]
fn what_belongs_to_a_last_number() {
    check(&[
        ("It is -3", "-3"),
        ("It is - 3", "3"),
        ("so x -3", "3"),
        ("so (2) -3", "3"),
        ("so 2 - -3", "3"),
        ("it is= -3", "-3"),
        ("It is 3/4", "3/4"),
        ("It is 3/ 4", "4"),
        ("It is 1 3/4 l", "1 3/4"),
        ("It is 1 123/4 l", "123/4"),
        ("It is 12:30 now", "12:30"),
        ("It is 12:30:45 now", "12:30:45"),
        ("It is 123:30", "30"),
        ("It is 12:345", "345"),
        ("It is 3 x 10^4", "3 x 10^4"),
        ("It is 3 \\times 10^{-4} m", "3 \\times 10^{-4} m"),
        ("It is 3 * 10^4.", "3 * 10^4"),
        ("It is 3 x 4", "4"),
        ("It is 5%", "5%"),
        ("It is 5 %", "5"),
        ("It is 5\\%", "5\\%"),
        ("It is 5 million in all", "5 million"),
        ("It is 5 millions", "5"),
        ("It is 5pm", "5pm"),
        ("It is 5 pms", "5"),
        ("It is x5", "5"),
        ("It is 5x.", "5x"),
        ("It is 5xy", "5"),
        ("It is .5", ".5"),
        ("It is a.5", "5"),
        ("It is $x = 5$", "5"),
        ("It is $x + 5$", "x + 5"),
        ("It is x + 5", "5"),
        ("It is (5, 6)", "(5, 6)"),
        ("It is (5 and 6)", "6"),
        ("It is (6)", "6"),
        ("It is $\\frac{5}{6}$ of it", "\\frac{5}{6}"),
        ("It is \\sqrt{5}!", "\\sqrt{5}"),
        ("It is = 4 = 2√5", "2√5"),
        ("It is 2\\pi + 5 \"", "2\\pi + 5"),
        ("5\nnothing", "5"),
        ("1,234 or 5", "5"),
        ("It is 1{,}234", "1{,}234"),
        ("It is ٣٤", "٣٤"),
    ]);
    // Its line is looked at for 300 bytes to both sides, words whole.
    let far = |n: usize| format!("{} 12345", "é".repeat(n));
    for n in [140, 147, 148, 149, 150, 151, 200] {
        assert_eq!(final_answer(&far(n)).unwrap().text, "12345", "{n}");
    }
    let long = format!("It is {}", "7".repeat(200));
    assert_eq!(final_answer(&long).map(|a| a.rule), None);
}

#[test]
fn how_far_a_value_goes() {
    check(&[
        ("The answer is 5 because of 6.", "5"),
        ("The answer is 5 dollars in 6 days.", "5 dollars"),
        ("The answer is 5 dollars in May.", "5 dollars in May"),
        ("The answer is thus, simply 5.", "5"),
        ("The answer is thusly 5.", "thusly 5"),
        ("The answer is that he has, after 3 days, 5.", "5"),
        (
            "The answer is given by the sum 4 + 5 = 9.",
            "the sum 4 + 5 = 9",
        ),
        ("The answer is the sum 4 and 5.", "5"),
        ("The answer is summed 4 and 5.", "summed 4 and 5"),
        ("Answer: Tom has a lot of about 5 of 6.", "5"),
        (
            "Answer: Tom has one two three four five 5.",
            "Tom has one two three four five 5",
        ),
        ("Answer: Tom has in 6 days.", "Tom has in 6 days"),
        ("Answer: Who? Me!", "Who? Me!"),
        ("Answer: 5!", "5!"),
        ("The answer is a number. So 6.", "6"),
        ("The answer is a tree. So 6.", "a tree"),
        ("The answer is correct. So 6.", "6"),
        ("The answer is correctness. So 6.", "correctness"),
        ("答えは18です。", "18"),
        ("The answer is ∅.", "∅"),
        ("The answer is -. So 6.", "6"),
        ("The answer is (A) 5", "(A) 5"),
        ("The answer is **5**.", "5"),
        ("The answer is \"5\".", "5"),
        ("The answer is $5$.", "5"),
        ("The answer is \\(5\\).", "5"),
        ("The answer is $5.", "$5"),
        ("The answer is 5$.", "5"),
        ("The answer is b).", "b)"),
        ("The answer is \\$5\\$.", "\\$5\\$"),
    ]);
    // No value is longer than 600 bytes.
    let long = |n: usize| format!("#### {}", "x".repeat(n));
    assert_eq!(final_answer(&long(600)).map(|a| a.text.len()), Some(600));
    assert_eq!(
        final_answer(&format!("\\boxed{{{}}}", "x".repeat(601))),
        None
    );
    let boxed = format!("\\boxed{{{}}}", "x".repeat(600));
    assert_eq!(
        final_answer(&boxed).map(|a| a.rule),
        Some(AnswerRule::Boxed)
    );
}

#[test]
fn last_lines_of_solutions() {
    for (text, want) in [
        ("It is so.\n5", "5"),
        ("It is so.\nfew apples there", "It is so.\nfew apples there"),
        ("It is 5", "It is 5"),
        ("\\boxed{5}\n6", "5"),
        ("6\n\n 7 \n", "7"),
    ] {
        assert_eq!(expected_answer(text), want, "{text}");
    }
}
