//! Where reasoning lies, at the borders: what stands before, within and behind its marks.

use rotescope_text::think::{ReasoningMark, ReasoningMarks, opened_by, split};

/// Reasoning, answer and marks, each as text; a tilde at the end where the reasoning is open.
fn parts(prompt: &str, output: &str, user: &ReasoningMarks) -> String {
    let parts = split(prompt, output.as_bytes(), user);
    let text = |ranges: &[std::ops::Range<usize>]| {
        let all: Vec<_> = ranges.iter().map(|r| &output[r.clone()]).collect();
        all.join("|")
    };
    let open = if parts.open { "~" } else { "" };
    let (reasoning, answer) = (text(&parts.reasoning), text(&parts.answer));
    format!("{reasoning} / {answer} / {}{open}", text(&parts.marks))
}

fn check(cases: &[(&str, &str, &str)]) {
    let found = |(prompt, output, _): &(&str, &str, &str)| {
        parts(prompt, output, &ReasoningMarks::default()).replace('\n', "⏎")
    };
    let wrong = |c: &&(&str, &str, &str)| found(c) != c.2;
    let bad: Vec<_> = cases.iter().filter(wrong).map(|c| (c, found(c))).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn tags_within_and_behind_each_other() {
    check(&[
        (
            "Q",
            "<p><analysis>a</analysis>b",
            " / <p><analysis>a</analysis>b / ",
        ),
        (
            "Q",
            "A <thought> is one.\n</think>c",
            "A <thought> is one. / c / </think>",
        ),
        (
            "Q",
            "A <think> is one.\n</think>c",
            " / A <think> is one.⏎</think>c / ",
        ),
        ("Q", "<think>a</think>b", "a / b / <think>|</think>"),
        ("Q", "Hm. <think>a</think>b", " / Hm. <think>a</think>b / "),
        (
            "Q",
            "Hm.\n<think>a</think>b",
            "a / Hm.|b / <think>|</think>",
        ),
        (
            "Q",
            "Hm.\n \t<think>a</think>b",
            "a / Hm.|b / <think>|</think>",
        ),
        ("Q", "<think>a", "a /  / <think>~"),
        ("Q", "Hm.\n<think>a", "a / Hm. / <think>~"),
        ("Q", "Hm.\n<thought>a", " / Hm.⏎<thought>a / "),
        ("Q", "<thought>a", "a /  / <thought>~"),
        (
            "Q",
            "<think>a<think>b</think>c</think>d",
            "a<think>b / c</think>d / <think>|</think>",
        ),
        (
            "Q",
            "<think>a\n<think>b</think>c</think>d",
            "a⏎<think>b</think>c / d / <think>|</think>",
        ),
        (
            "Q",
            "<think>a\n<think>b\n<think>c</think></think></think>d",
            "a⏎<think>b⏎<think>c</think></think> / d / <think>|</think>",
        ),
        (
            "Q",
            "<think>a\n<think>b</think>c",
            "a⏎<think>b / c / <think>|</think>",
        ),
        (
            "Q",
            "<think>a</think>b\n<think>c</think>d</think>e",
            "a|c / b|d</think>e / <think>|</think>|<think>|</think>",
        ),
        (
            "Q",
            "<think>a</thinking>b</think>c",
            "a</thinking>b / c / <think>|</think>",
        ),
        (
            "Q",
            "<think>a</thinking>b\n<think>c</think>d",
            "a|c / b|d / <think>|</thinking>|<think>|</think>",
        ),
        (
            "Q",
            "<think>a</b>c</think>d",
            "a</b>c / d / <think>|</think>",
        ),
        (
            "Q",
            "<p>\n<think>a</think>\n</p>b",
            " / <p>⏎<think>a</think>⏎</p>b / ",
        ),
        (
            "Q",
            "<p>\n<think>a</think>\nb",
            "a / <p>|b / <think>|</think>",
        ),
        (
            "Q",
            "<p>x</p>\n<think>a</think>b",
            "a / <p>x</p>|b / <think>|</think>",
        ),
        (
            "Q",
            "<analysis>a</analysis>b",
            "a / b / <analysis>|</analysis>",
        ),
        (
            "Q",
            "<analysis>a</analysis> \n",
            " / <analysis>a</analysis> / ",
        ),
        (
            "Q",
            "Hm.\n<analysis>a</analysis>b",
            " / Hm.⏎<analysis>a</analysis>b / ",
        ),
        (
            "Q",
            "<think>a</think>\n<analysis>b</analysis>c",
            "a|b / c / <think>|</think>|<analysis>|</analysis>",
        ),
        (
            "Q",
            "<think>a</think>b</think>c",
            "a / b</think>c / <think>|</think>",
        ),
        ("Q", "<think></think>b", " / b / <think>|</think>"),
        (
            "Q",
            "<think>a</think><answer>b</answer>c",
            "a / b|c / <think>|</think>|<answer>|</answer>",
        ),
        (
            "Q",
            "<think>a</think>x <answer>b</answer>c",
            "a / x <answer>b</answer>c / <think>|</think>",
        ),
        ("Q", "<answer>b</answer>", " / <answer>b</answer> / "),
    ]);
}

#[test]
fn what_the_prompt_began() {
    check(&[
        ("Q<think>", "a</think>b", "a / b / </think>"),
        (
            "Q<think>\n",
            " <think>a</think>b",
            "a / b / <think>|</think>",
        ),
        (
            "Q<think>\n",
            "x<think>a</think>b",
            "x<think>a / b / </think>",
        ),
        (
            "Q<think>\n",
            "<thought>a</think>b",
            "<thought>a / b / </think>",
        ),
        ("Q<think>x", "a</think>b", "a / b / </think>"),
        ("Q<think>\n", "a", "a /  / ~"),
        ("Q<think>x", "a", " / a / "),
        ("Q</think>", "a", " / a / "),
        (
            "<|channel|>analysis<|message|>",
            "a<|end|>b",
            "a / b / <|end|>",
        ),
        ("<|channel|>final<|message|>", "a<|end|>b", " / a|b / "),
        (
            "<|channel|>analysis<|message|>",
            "a<|start|>assistant<|channel|>final<|message|>b",
            "a / b / <|channel|>final<|message|>",
        ),
    ]);
    for (prompt, opened) in [
        ("Q<think>", true),
        ("Q<think> \n", true),
        ("Q<think>.", false),
        ("Q<think></think>", false),
        ("<think>Q", false),
        ("<|channel>thought", true),
        ("<|channel|>analysis", true),
        ("<|channel|>final<|message|>", false),
        ("", false),
    ] {
        assert_eq!(
            opened_by(prompt, &ReasoningMarks::default()),
            opened,
            "{prompt}"
        );
    }
    // The mark may stand far behind.
    let long = format!("{}<think>\n", "é".repeat(400));
    assert!(opened_by(&long, &ReasoningMarks::default()));
}

#[test]
fn code_quotes_and_sentences_only_name_marks() {
    check(&[
        (
            "Q",
            "```\n<think>a</think>\n```\nb",
            " / ```⏎<think>a</think>⏎```⏎b / ",
        ),
        (
            "Q",
            "```\n<think>a</think>b",
            "a / ```|b / <think>|</think>",
        ),
        (
            "Q",
            "```\nx\n```\n<think>a</think>b",
            "a / ```⏎x⏎```|b / <think>|</think>",
        ),
        ("Q", "<think>\n```\n</think>b", "``` / b / <think>|</think>"),
        (
            "Q",
            "  ```\n<think>a</think>\n~~~\nb",
            " / ```⏎<think>a</think>⏎~~~⏎b / ",
        ),
        (
            "Q",
            "\"<|think|>\" and so on",
            " / \"<|think|>\" and so on / ",
        ),
        ("Q", "\"<|think|> and so on", "and so on / \" / <|think|>~"),
        (
            "Q",
            "It has <|think|> and so on",
            " / It has <|think|> and so on / ",
        ),
        (
            "Q",
            "It has <|think|> And so on",
            "And so on / It has / <|think|>~",
        ),
        (
            "Q",
            "It has. <|think|> and so on",
            "and so on / It has. / <|think|>~",
        ),
        ("Q", "It has <|think|>, too", " / It has <|think|>, too / "),
        ("Q", "It has, <|think|>. So", " / It has, <|think|>. So / "),
        ("Q", "It has<|think|>. So", ". So / It has / <|think|>~"),
        ("Q", "a `</think>` b", " / a `</think>` b / "),
        ("Q", "a.\n</think>b", "a. / b / </think>"),
        ("Q", "<b>a</b>.</think>c", "<b>a</b>. / c / </think>"),
        ("Q", "<b>a.\n</think></b>c", " / <b>a.⏎</think></b>c / "),
        ("Q", "a.</analysis>c", " / a.</analysis>c / "),
    ]);
}

#[test]
fn messages_with_headers() {
    check(&[
        (
            "Q",
            "<|channel>thought\n<channel|>b",
            " / b / <|channel>thought⏎|<channel|>",
        ),
        (
            "Q",
            "<|channel>thought<channel|>b",
            "<|channel>thought / b / <channel|>",
        ),
        (
            "Q",
            "<|channel|>analysis<|message|>a<|end|>b",
            "a / b / <|channel|>analysis<|message|>|<|end|>",
        ),
        (
            "Q",
            "<|channel|>analysis<|message|>a",
            "a /  / <|channel|>analysis<|message|>~",
        ),
        (
            "Q",
            "<|channel|>draft<|message|>a<|end|>b",
            "a / b / <|channel|>draft<|message|>|<|end|>",
        ),
        ("Q", "<|role|>draft<|message|>a<|end|>b", " / a|b / "),
        ("Q", "<|start|>assistant<|message|>a<|end|>", " / a / "),
        (
            "Q",
            "<|channel|>final<|message|>a<|end|>b",
            " / a|b / <|channel|>final<|message|>",
        ),
        (
            "Q",
            "<|channel|>ana\nlysis<|message|>a",
            "lysis<|message|>a /  / <|channel|>ana⏎~",
        ),
        (
            "Q",
            "<|open|>think<|sep|>a<|close|>think<|sep|>b",
            "a / b / <|open|>think<|sep|>|<|close|>think<|sep|>",
        ),
        (
            "Q",
            "a<|close|>think<|sep|>b",
            "a / b / <|close|>think<|sep|>",
        ),
        ("Q", "a<|close|>reply<|sep|>b", " / a|b / "),
        (
            "Q",
            "<|channel>thought\na<channel|>b",
            "a / b / <|channel>thought⏎|<channel|>",
        ),
        (
            "Q",
            "<|channel>thought a<channel|>b",
            "<|channel>thought a / b / <channel|>",
        ),
        (
            "Q",
            "<|im_start|>think\na<|im_end|>b",
            "a / b / <|im_start|>think⏎|<|im_end|>",
        ),
        ("Q", "a<|im_end|>b", " / a|b / "),
        (
            "Q",
            "a<|end|><|start|>assistant<|channel|>final<|message|>b",
            "a / b / <|end|>|<|channel|>final<|message|>",
        ),
        (
            "Q",
            "<|end|>a<|start|>assistant<|channel|>final<|message|>b",
            " / a|b / <|channel|>final<|message|>",
        ),
    ]);
    let header = |n: usize| format!("<|channel|>analysis {}<|message|>a", "x".repeat(n));
    let reasons = |n: usize| parts("Q", &header(n), &ReasoningMarks::default()).starts_with("a /");
    assert_eq!((reasons(91), reasons(92)), (true, false), "a hundred bytes");
}

#[test]
fn phrases_at_the_beginning() {
    // A character that lies across the fortieth byte.
    for n in 17..=20 {
        let output = format!("My thought process: {}éb", "a".repeat(n));
        let want = format!("{}éb /  / My thought process:~", "a".repeat(n));
        assert_eq!(parts("Q", &output, &ReasoningMarks::default()), want);
    }
    check(&[
        (
            "Q",
            "Here is my thought process: a\nHere is my response: b",
            "a / b / Here is my thought process:|Here is my response:",
        ),
        (
            "Q",
            " my thinking process:a\nMy final response:b",
            "a / b / my thinking process:|My final response:",
        ),
        (
            "Q",
            "Here’s my thought process: a\nResponse: b",
            "a⏎Response: b /  / Here’s my thought process:~",
        ),
        (
            "Q",
            "So here is my thought process: a",
            " / So here is my thought process: a / ",
        ),
        (
            "Q",
            "Here is my thought process: a. Here is my response: b",
            "a. Here is my response: b /  / Here is my thought process:~",
        ),
        (
            "Q",
            "Here is my thought process:\nHere is my response:",
            " /  / Here is my thought process:|Here is my response:",
        ),
        (
            "Q",
            "Here is my response: b",
            " / Here is my response: b / ",
        ),
    ]);
}

#[test]
fn marks_of_the_user() {
    let pair = |open: &str, close: &str| ReasoningMark {
        open: open.into(),
        close: close.into(),
    };
    let user = ReasoningMarks::new(vec![
        pair("<<", ">>"),
        pair("<<<", ">>>"),
        pair("é", "ö"),
        pair("((", ")"),
        pair("[[", ")"),
    ]);
    let user = user.unwrap();
    for (output, want) in [
        ("<<a>>b", "a / b / <<|>>"),
        ("((a)b", "a / b / ((|)"),
        ("[[a)b", "a)b /  / [[~"),
        ("<<<a>>>b", "a / b / <<<|>>>"),
        ("<<<a>>b>>>c", "a>>b / c / <<<|>>>"),
        ("x éaöb", "a / x|b / é|ö"),
        ("x <<a>> goes on", "a / x|goes on / <<|>>"),
        ("x \"<<\" a", " / x \"<<\" a / "),
        ("<think>a</think>b", "a / b / <think>|</think>"),
    ] {
        assert_eq!(parts("Q", output, &user), want, "{output}");
    }
    let one = |open: &str, close: &str| ReasoningMarks::new(vec![pair(open, close)]).is_ok();
    assert!(
        one("%", "!") && one("ab", "cd") && one("é", "ö") && !one("7", "x>") && !one("<x", "b")
    );
}
