use super::*;
use proptest::prelude::*;

fn none() -> ReasoningMarks {
    ReasoningMarks::default()
}

/// Reasoning, answer, open: as text.
fn parts_by(prompt: &str, output: &str, user: &ReasoningMarks) -> (String, String, bool) {
    let parts = split(prompt, output.as_bytes(), user);
    let text = |ranges: &[Range<usize>]| {
        let all: Vec<_> = ranges.iter().map(|r| &output[r.clone()]).collect();
        all.join("|")
    };
    (text(&parts.reasoning), text(&parts.answer), parts.open)
}

fn parts(prompt: &str, output: &str) -> (String, String, bool) {
    parts_by(prompt, output, &none())
}

fn is(reasoning: &str, answer: &str, open: bool) -> (String, String, bool) {
    (reasoning.into(), answer.into(), open)
}

/// What opens and closes reasoning, of all kinds.
const MARKS: [(&str, &str); 44] = [
    ("<think>", "</think>"),
    ("<THINK>", "</THINK>"),
    ("<Think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<REASONING>", "</REASONING>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<scratch_pad>", "</scratch_pad>"),
    ("<inner_monologue>", "</inner_monologue>"),
    ("<chain_of_thought>", "</chain_of_thought>"),
    ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"),
    ("<think:opensource>", "</think:opensource>"),
    ("<thinking>", "</thinking>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<think effort=\"high\">", "</think>"),
    ("<details type=\"reasoning\" done=\"true\">", "</details>"),
    ("<think_start>", "<think_end>"),
    ("<begin_of_thought>", "<end_of_thought>"),
    ("[THINK]", "[/THINK]"),
    ("[BEGIN THINKING]", "[END THINKING]"),
    ("[REASONING]", "[/REASONING]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking_start|>", "<|thinking_end|>"),
    ("<|think|>", "<|/think|>"),
    ("<|think>", "<think|>"),
    ("<｜think｜>", "<｜/think｜>"),
    ("<｜begin▁of▁thinking｜>", "<｜end▁of▁thinking｜>"),
    ("◁think▷", "◁/think▷"),
    ("◁THOUGHT▷", "◁/THOUGHT▷"),
    ("<|channel>thought\n", "<channel|>"),
    ("<|channel>thinking\n", "<channel|>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
    (
        "<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
        "<|call|>",
    ),
    (
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|end|>",
    ),
    ("<|start|>assistant to=self<|message|>", "<|eom|>"),
    ("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
    (
        "<|start_header_id|>reasoning<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    ("<|start_of_role|>thought<|end_of_role|>", "<|end_of_text|>"),
    ("<|im_start|>think\n", "<|im_end|>"),
    ("<|section|>cot<|content|>", "<|end|>"),
];

/// Those that only count when they are closed.
const PAIRED: [(&str, &str); 15] = [
    ("【思考】", "【/思考】"),
    ("⟨think⟩", "⟨/think⟩"),
    ("〈thinking〉", "〈/thinking〉"),
    ("＜think＞", "＜/think＞"),
    ("[think]", "[/think]"),
    ("{{think}}", "{{/think}}"),
    ("<<think>>", "<</think>>"),
    ("«reasoning»", "«/reasoning»"),
    ("{start thinking}", "{end thinking}"),
    ("<analysis>", "</analysis>"),
    ("(think)", "(/think)"),
    ("<!-- think -->", "<!-- /think -->"),
    ("⟦thought⟧", "⟦/thought⟧"),
    ("<reflection>", "</reflection>"),
    ("<rationale>", "</rationale>"),
];

#[test]
fn every_mark_closed_or_not() {
    for (open, close) in MARKS {
        let say = |what: &str| format!("{open} {what}");
        assert_eq!(
            parts("Q", &format!("{open}\na b\n{close}\n\nc")),
            is("a b", "c", false),
            "{}",
            say("closed")
        );
        assert_eq!(
            parts("Q", &format!(" {open}a b")),
            is("a b", "", true),
            "{}",
            say("open")
        );
        // Twice, with text between.
        let twice = format!("{open}a{close}\nb\n{open}c{close}\nd");
        assert_eq!(
            parts("Q", &twice),
            is("a|c", "b|d", false),
            "{}",
            say("twice")
        );
        // The template has opened it.
        let begun = format!("Q{open}\n");
        assert!(opened_by(&begun, &none()), "{}", say("begun"));
        assert_eq!(
            parts(&begun, &format!("a{close}c")),
            is("a", "c", false),
            "{}",
            say("begun, closed")
        );
        assert_eq!(
            parts(&begun, "a"),
            is("a", "", true),
            "{}",
            say("begun, open")
        );
        // And closed at once.
        assert!(
            !opened_by(&format!("{begun}\n{close}\n\n"), &none()),
            "{}",
            say("empty")
        );
    }
    for (open, close) in PAIRED {
        assert_eq!(
            parts("Q", &format!("{open}\na b\n{close}\n\nc")),
            is("a b", "c", false),
            "{open}"
        );
        let unclosed = format!("{open}a b");
        assert_eq!(parts("Q", &unclosed), is("", &unclosed, false), "{open}");
    }
}

#[test]
fn a_close_that_nothing_opened_ends_what_began_before() {
    let closes = MARKS.map(|(_, close)| close);
    for close in closes.into_iter().chain(["<channel|>"]) {
        // These say nothing of what they end.
        let ends = [
            "<|end|>",
            "<|call|>",
            "<|eom|>",
            "<|eot_id|>",
            "<|end_of_text|>",
            "<|im_end|>",
        ];
        if ends.contains(&close) || close == "</details>" {
            continue;
        }
        assert_eq!(
            parts("Q", &format!("a\n{close}c")),
            is("a", "c", false),
            "{close}"
        );
        assert_eq!(
            parts("Q", &format!("So 7. {close} The answer")),
            is("So 7.", "The answer", false),
            "{close}"
        );
    }
    let harmony = "a<|end|><|start|>assistant<|channel|>final<|message|>b";
    assert_eq!(parts("Q", harmony), is("a", "b", false));
    for mention in [
        "Close it with `</think>` like this.",
        "The tag </think> ends it.",
        "Write \"</think>\" behind it.",
        "```xml\n<a>\n</think>\n```\nThat is all.",
        "We write <think> here and </think> there.",
        "- a <thought>x</thought> inside",
    ] {
        assert_eq!(parts("Q", mention), is("", mention, false));
    }
}

#[test]
fn ordinary_text_is_no_reasoning() {
    for text in [
        " 5 + 5 = 10.".trim(),
        "<b>bold</b> and <i>not</i>",
        "[1] and [2]: a < think and b > think",
        "if a<think && think>b { think() }",
        "a <think> b",
        "[thinking] Hmm.",
        "[Thoughts]\nNone.",
        "(think) about it",
        "Thinking: 3 + 4 = 7.",
        "<thinker>Rodin</thinker>",
        "<think_tank>RAND</think_tank>",
        "<no_think>7</no_think>",
        "Use `<think>` first.\n`<think>` is a tag.",
        "```html\n<think>\nhm\n</think>\n```\nThat was a block.",
        "~~~\n<think>a</think>\n~~~",
        "```xml\n<a>\n<thought>x</thought>\n</a>\n```",
        "<diary>\n  <day>1</day>\n  <thought>so</thought>\n</diary>",
        "<p>\n<thinking>x</thinking>\n</p>\nThat is it.",
        "Here:\n<analysis>x</analysis>\nThat is it.",
        "<analysis>all there is</analysis>",
        "<reason>x",
        "In XML:\n<scratchpad> is an element.",
        "f(x) = {x | x > think}",
        "Vec<Thought> and Option<Reasoning>",
        "#include <reasoning.h>",
        "std::vector<think> v;",
        "{think} is a variable and [[thinking]] a link",
        "«Think» said he; 「思考」とは",
        "My thought is: 7.",
        "Mistral writes [THINK] before its reasoning.",
        "The token <|begin_of_thought|> opens it, and <|end_of_thought|>, too, ends it.",
        "It begins with <|think|>.",
        "In Kimi's ◁think▷, it is otherwise.",
        "<!-- think --> 7",
        "\\[ a \\text{think} \\]",
        "<think/> 7",
        "</b>",
        "< think > 7",
    ] {
        assert_eq!(parts("Q", text), is("", text, false));
    }
    assert_eq!(parts("", ""), is("", "", false));
}

#[test]
fn a_block_may_be_empty_or_written_twice() {
    // Hybrid models write an empty one when thinking is off.
    assert_eq!(
        parts("Q", "<think>\n\n</think>\n\nyes"),
        is("", "yes", false)
    );
    assert_eq!(
        parts("Q<think>\n", "<think>\na</think>\nb"),
        is("a", "b", false)
    );
    assert_eq!(parts("Q", "<think>a</think></think>b"), is("a", "b", false));
    assert_eq!(
        parts("Q", "<think>a\n<think>b</think>\nc</think>d"),
        is("a\n<think>b</think>\nc", "d", false)
    );
}

#[test]
fn blocks_may_follow_each_other_and_mentions_do_not_count() {
    let output = "<think>a</think>b\n<think>c</think>d";
    assert_eq!(parts("Q", output), is("a|c", "b|d", false));
    assert_eq!(
        parts("Q", "<think>a</think><thought>b</thought>c"),
        is("a|b", "c", false)
    );
    let mention = "<think>a</think>The tag <think> opens it.";
    assert_eq!(
        parts("Q", mention),
        is("a", "The tag <think> opens it.", false)
    );
    // Closed under another name.
    assert_eq!(parts("Q", "<think>a</thinking>b"), is("a", "b", false));
    assert_eq!(
        parts("Q", "<think>a</thought>b\n<think>c</think>d"),
        is("a|c", "b|d", false)
    );
    assert_eq!(
        parts("Q", "<think>It is <b>5</b>, a < b.\n```\nx\n</think>7"),
        is("It is <b>5</b>, a < b.\n```\nx", "7", false)
    );
}

#[test]
fn answers_lose_their_marks() {
    for output in [
        "<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>b<|end_of_solution|>",
        "<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>",
        "<think>\na\n</think>\n<answer>\nb\n</answer>",
        "<reasoning>a</reasoning><final_answer>b</final_answer>",
        "<response>\n<think>a</think>\nb",
        "<|channel>thought\na<channel|>b<turn|>",
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>",
        "<|open|>think<|sep|>a<|close|>think<|sep|><|open|>response<|sep|>b<|close|>response<|sep|><|close|>message<|sep|>",
        "<|im_start|>think\na<|im_end|>\n<|im_start|>answer\nb<|im_end|>",
        "Here is my thought process:\na\n\nHere is my response: b",
        "Here's my thought process: a\nHere's my response:\nb",
    ] {
        let (reasoning, answer, open) = parts("Q", output);
        assert_eq!((reasoning.as_str(), open), ("a", false), "{output}");
        assert_eq!(answer.trim_start_matches("<response>|"), "b", "{output}");
    }
    assert_eq!(
        parts("Q", "Here is my thought process: a"),
        is("a", "", true)
    );
    assert_eq!(
        parts("Q", "<answer>7</answer>"),
        is("", "<answer>7</answer>", false)
    );
}

#[test]
fn channels_of_gpt_oss() {
    let prompt = "<|start|>assistant";
    let two = "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>\
               <|start|>assistant<|channel|>analysis<|message|>c<|end|><|start|>assistant<|channel|>final<|message|>d";
    assert_eq!(parts(prompt, two), is("a|b|c", "d", false));
    assert_eq!(
        parts(prompt, "<|channel|>analysis<|message|>a b"),
        is("a b", "", true)
    );
    let begun = "<|start|>assistant<|channel|>analysis<|message|>";
    let rest = "a<|end|><|start|>assistant<|channel|>final<|message|>b";
    assert_eq!(parts(begun, rest), is("a", "b", false));
    assert_eq!(parts("Q", "<|channel|>analysis"), is("", "", false));
    assert_eq!(
        parts("Q", "<|channel|>final<|message|>b"),
        is("", "b", false)
    );
}

#[test]
fn the_users_marks_count_too() {
    let pair = |open: &str, close: &str| ReasoningMark {
        open: open.into(),
        close: close.into(),
    };
    let user =
        ReasoningMarks::new(vec![pair("%%hm", "mh%%"), pair("Thoughts:", "Reply:")]).unwrap();
    for (prompt, output, want) in [
        ("Q", "%%hm a mh%% b", is("a", "b", false)),
        ("Q", "Well. %%hm a mh%% b", is("a", "Well.|b", false)),
        ("Q", "%%hm a", is("a", "", true)),
        ("Q %%hm\n", "a mh%% b", is("a", "b", false)),
        ("Q", "a mh%% b", is("a", "b", false)),
        ("Q", "Thoughts: a\nReply: b", is("a", "b", false)),
        ("Q", "<think>a</think>b", is("a", "b", false)),
        (
            "Q",
            "Write `%%hm` there.",
            is("", "Write `%%hm` there.", false),
        ),
    ] {
        assert_eq!(parts_by(prompt, output, &user), want, "{output}");
    }
    assert_eq!(parts("Q", "%%hm a mh%% b"), is("", "%%hm a mh%% b", false));
}

#[test]
fn what_is_left_without_reasoning_keeps_its_places() {
    let output = "<think>é 9</think>So 7.\n◁think▷8◁/think▷";
    let left = split("Q", output.as_bytes(), &none()).without_reasoning(output);
    assert_eq!((left.len(), left.trim()), (output.len(), "So 7."));
    assert_eq!(left.find("So"), output.find("So"));
}

/// A second is a hundred times what any of them takes.
#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "<",
        "[",
        "<think",
        "<think>",
        "</think>",
        "<think></thought>",
        "<think><think></think>",
        "<|channel|>",
        "<|channel>a",
        "<|open|>think<|sep|>",
        "<|close|>a",
        "◁",
        "◁think▷",
        "【",
        "<a>\n",
        "<a>\n<think>",
        "```\n<think>\n",
        "<analysis></analysis>",
        "«think»",
        "<|",
        "[[[[{{{{<<<<",
        "<answer>",
        "\n<thought>",
    ] {
        let mut text = piece.repeat(1_000_000 / piece.len());
        text.push_str(&" ".repeat(200_000));
        let began = std::time::Instant::now();
        let parts = split("Q", text.as_bytes(), &none());
        assert!(parts.reasoning.iter().all(|r| r.end <= text.len()));
        assert!(
            began.elapsed().as_secs_f64() < 2.0,
            "{piece:?}: {:?}",
            began.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn ranges_lie_within_the_output_in_order_and_apart(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<think>", "</think>", "a ", "\n", "<|channel|>", "<|message|>", "final", "<|end|>", "é", "[THINK]", "[/THINK]", "<|open|>",
            "<|begin_of_solution|>", "<|channel>thought\n", "<channel|>", "think", "<|sep|>", "<|close|>", "<b>", "</b>", "```\n", "◁think▷",
            "◁/think▷", "<answer>", "</answer>", "%%", "analysis", "<|start|>",
        ]), 0..14),
        prompt in prop::sample::select(vec!["Q", "Q<think>\n", "<|channel|>analysis<|message|>", "<|channel>thought\n", "%%"]),
    ) {
        let output = pieces.concat();
        let user = ReasoningMarks::new(vec![ReasoningMark { open: "%%".into(), close: "a a".into() }]).unwrap();
        let p = split(prompt, output.as_bytes(), &user);
        let mut all: Vec<_> = p.reasoning.iter().chain(&p.answer).chain(&p.marks).cloned().collect();
        all.sort_by_key(|r| r.start);
        for r in &all {
            prop_assert!(r.start < r.end && r.end <= output.len());
            prop_assert!(output.is_char_boundary(r.start) && output.is_char_boundary(r.end));
        }
        prop_assert!(all.windows(2).all(|w| w[0].end <= w[1].start), "{:?}", all);
        prop_assert_eq!(p.without_reasoning(&output).len(), output.len());
    }
}
