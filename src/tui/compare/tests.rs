use super::moves::MoveOutcome;
use super::rows;
use super::view::View;
use crate::tui::action::Action;
use proptest::prelude::*;
use rotescope_study::compare::Relation;
use rotescope_text::{SplitBy, final_answer, same_answer, split_steps, token_spans};
use rotescope_trace::{Answer, Prompt, Step, Token, Trace};

/// A trace whose tokens are words with the space before them, and single other characters.
fn trace(id: &str, question: &str, output: &str, expected: &str) -> Trace {
    let mut pieces: Vec<String> = Vec::new();
    for c in output.chars() {
        let joins =
            |p: &String| c.is_alphabetic() && p.ends_with(|l: char| l.is_alphabetic() || l == ' ');
        match pieces.last_mut() {
            Some(last) if joins(last) => last.push(c),
            _ => pieces.push(c.into()),
        }
    }
    let mut at = 0;
    let token = |text: String| {
        at += text.len();
        let hash = |h: u32, b: u8| h.wrapping_mul(31).wrapping_add(b.into());
        Token {
            id: text.bytes().fold(7, hash),
            span: [at - text.len(), at],
            text,
            p: 0.9,
            rank: 1,
            entropy: 0.1,
            ..Token::default()
        }
    };
    let tokens: Vec<Token> = pieces.into_iter().map(token).collect();
    let steps = split_steps(output, SplitBy::Sentence);
    let spans: Vec<_> = tokens.iter().map(|t| t.span[0]..t.span[1]).collect();
    let of_tokens = token_spans(output.as_bytes(), &steps, &spans);
    let step = |(s, t): (&std::ops::Range<usize>, std::ops::Range<usize>)| Step {
        span: [s.start, s.end],
        tokens: [t.start, t.end],
        flag: None,
        verdict: None,
        region: None,
    };
    let found = final_answer(output).map(|a| a.text.to_string());
    Trace {
        prompt: Prompt {
            id: id.into(),
            question: question.into(),
            ..Default::default()
        }
        .into(),
        output: output.into(),
        steps: steps.iter().zip(of_tokens).map(step).collect(),
        tokens,
        answer: Answer {
            right: Some(found.as_ref().is_some_and(|f| same_answer(f, expected))),
            extracted: found,
            span: None,
            expected: Some(expected.into()),
        },
        ..Trace::default()
    }
}

const A: &str = " We read it twice. Then we add. Tom has 56 + 10 = 66 apples. That is all. So the answer is 66.";
const B: &str = " We read it twice. Then we add. Tom has 473 + 10 = 99 apples. That is all. Surely so. So the answer is 99.";

fn view() -> View {
    let a = trace("a", "Tom has 56 and finds 10.", A, "66");
    let b = trace("b", "Tom has 473 and finds 10.", B, "483");
    View::new([0, 1], a, b)
}

/// Text of the pair at the cursor.
fn at(view: &View) -> (&str, &str) {
    let t = &view.comparison.tokens[view.cursor];
    (t.text_a.as_str(), t.text_b.as_str())
}

/// What the lines say, both sides apart.
fn lines(view: &View) -> Vec<String> {
    let text = |side: usize, row: Option<usize>| -> String {
        let row = row.and_then(|r| view.rows.row(side, r));
        row.map_or(String::new(), |r| {
            r.pieces.iter().map(|p| p.text.as_str()).collect()
        })
    };
    let line = |line: &rows::ComparisonLine| match line {
        rows::ComparisonLine::Alike { count, .. } => format!("{count} alike"),
        rows::ComparisonLine::Rows { rows, .. } => {
            format!("{} | {}", text(0, rows[0]), text(1, rows[1]))
        }
    };
    view.rows.lines().iter().map(line).collect()
}

#[test]
fn it_opens_at_the_first_divergence_and_marks_what_differs() {
    let mut view = view();
    assert_eq!(at(&view), ("6", "9"));
    view.lay_out(60);
    assert_eq!(
        lines(&view),
        [
            "We read it twice. | We read it twice.",
            "Then we add. | Then we add.",
            "Tom has ‹56› + 10 = «66» apples. | Tom has ‹473› + 10 = «99» apples.",
            "That is all. | That is all.",
            " | Surely so."
                .replace("Surely so.", "«Surely so.»")
                .as_str(),
            "So the answer is «66». | So the answer is «99».",
        ]
    );
}

#[test]
fn steps_that_are_alike_fold_and_the_cursor_leaves_them() {
    let mut view = view();
    view.lay_out(60);
    view.act(Action::First);
    assert_eq!(at(&view).0, " We");
    view.act(Action::OnlyDifferences);
    view.lay_out(60);
    assert_eq!(at(&view).0, " Tom", "the first pair that is still shown");
    let folded = lines(&view);
    assert_eq!(folded[0], "2 alike");
    assert_eq!(folded[2], "1 alike");
    assert_eq!(folded.len(), 5);
    // Moving passes over what is folded.
    view.act(Action::NextStep);
    assert_eq!(at(&view), ("", " Surely"));
    view.act(Action::PreviousStep);
    assert_eq!(at(&view).0, " Tom");
    view.act(Action::First);
    assert_eq!(at(&view).0, " Tom");
    view.act(Action::OnlyDifferences);
    view.lay_out(60);
    assert_eq!(lines(&view).len(), 6);
}

#[test]
fn divergences_are_visited_in_a_ring() {
    let mut view = view();
    let first = view.cursor;
    assert_eq!(view.act(Action::NextFlag), MoveOutcome::Moved);
    assert_eq!(at(&view), ("", " Surely"));
    view.act(Action::NextFlag);
    assert_eq!(at(&view), ("6", "9"));
    assert!(view.cursor > first);
    view.act(Action::NextFlag);
    assert_eq!(view.cursor, first);
    view.act(Action::PreviousFlag);
    view.act(Action::FirstDivergence);
    assert_eq!(view.cursor, first);
    assert_eq!(view.act(Action::Edit), MoveOutcome::Passed);
    let same = trace("a", "Tom?", A, "66");
    let mut view = View::new([0, 0], same.clone(), same);
    assert!(matches!(view.act(Action::NextFlag), MoveOutcome::Said(_)));
    assert!(matches!(view.act(Action::TopChange), MoveOutcome::Said(_)));
    view.act(Action::OnlyDifferences);
    view.lay_out(60);
    assert_eq!(lines(&view), ["5 alike"]);
    view.act(Action::RowDown); // nothing to go to
}

#[test]
fn rows_keep_the_column_and_clicks_find_tokens() {
    let mut view = view();
    view.lay_out(20);
    view.act(Action::First);
    view.act(Action::NextWord);
    view.act(Action::NextWord);
    assert_eq!(at(&view).0, " it");
    view.act(Action::RowDown);
    assert_eq!(at(&view).0, " add");
    view.act(Action::RowUp);
    assert_eq!(at(&view).0, " it");
    view.click(1, 1, 6);
    assert_eq!(at(&view).1, " we");
    view.act(Action::Last);
    assert_eq!(at(&view), (".", "."));
    view.act(Action::PageUp);
    view.act(Action::First);
    assert_eq!(view.cursor, 0);
}

#[test]
fn a_newer_trace_keeps_the_place() {
    let mut view = view();
    view.act(Action::OnlyDifferences);
    view.act(Action::Last);
    let mut newer = (*view.traces[1]).clone();
    newer.tokens[3].p = 0.1;
    let mut renewed = View::new(view.sessions, view.traces[0].clone(), newer);
    renewed.stay(&view);
    assert_eq!(renewed.cursor, view.cursor);
    assert!(renewed.only_differences);
    assert_eq!(renewed.traces[1].tokens[3].p, 0.1);
}

#[test]
fn words_that_changed_are_marked_in_both_questions() {
    let view = view();
    for (side, word) in [(0, "56 "), (1, "473 ")] {
        let changed: Vec<&str> = view.questions[side]
            .iter()
            .filter(|w| w.changed)
            .map(|w| w.text.as_str())
            .collect();
        assert_eq!(changed, [word]);
    }
}

#[test]
fn a_pair_over_the_border_of_a_folded_step_stays_where_it_is_drawn() {
    // The first sentence of one side reads as two of the other, and its rest is alike.
    let a = trace("a", "q 1", " b. b1a. b a.", "1");
    let b = trace("b", "q 2", " b1. b 1. aa. 1a.", "2");
    let mut view = View::new([0, 1], a, b);
    view.lay_out(6);
    view.act(Action::OnlyDifferences);
    view.lay_out(6);
    assert_eq!(
        lines(&view),
        [" | b«1».", " | b «1.»", " | «aa. »", "1 alike", "«b a.» | "]
    );
    view.act(Action::First);
    assert_eq!((at(&view), view.line(view.cursor)), ((" b", " b"), Some(0)));
    view.act(Action::RowDown);
    assert_eq!((at(&view), view.line(view.cursor)), ((" b", " b"), Some(1)));
    view.act(Action::Last);
    view.act(Action::PageUp);
    assert!(view.visible(view.cursor));
    assert!(view.line(view.cursor).is_some());
}

proptest! {
    /// Whatever the completions are: every token of a side stands once on its lines, and every action leaves the cursor on a pair that is shown.
    #[test]
    fn all_is_shown_and_nothing_panics(
        a in "(( [ab1]{1,3}){1,4}\\.){0,5}", b in "(( [ab1]{1,3}){1,4}\\.){0,5}",
        width in 1_u16..30, keys in prop::collection::vec(0_usize..17, 0..30),
    ) {
        use Action::*;
        let all = [NextToken, PreviousToken, NextWord, PreviousWord, RowDown, RowUp, NextStep, PreviousStep, NextFlag,
            PreviousFlag, First, Last, PageDown, PageUp, OnlyDifferences, FirstDivergence, TopChange];
        let mut view = View::new([0, 1], trace("a", "q 1", &a, "1"), trace("b", "q 2", &b, "2"));
        view.lay_out(width);
        for side in [0, 1] {
            let mut seen = Vec::new();
            for line in view.rows.lines() {
                if let rows::ComparisonLine::Rows { rows, .. } = line {
                    let row = rows[side].and_then(|r| view.rows.row(side, r));
                    seen.extend(row.iter().flat_map(|r| r.pieces.iter().map(|p| p.token)));
                }
            }
            seen.dedup();
            prop_assert_eq!(seen, (0..view.traces[side].tokens.len()).collect::<Vec<_>>());
        }
        for key in keys {
            view.act(all[key]);
            view.lay_out(width);
            view.scroll_to(5);
            prop_assert!(view.cursor <= view.last());
            let shown = (0..view.comparison.tokens.len()).any(|i| view.visible(i));
            prop_assert!(!shown || view.visible(view.cursor));
            if shown {
                let line = view.line(view.cursor).unwrap();
                prop_assert!((view.scroll..view.scroll + 5).contains(&line));
            }
        }
        let relations = view.comparison.tokens.iter().filter(|t| t.relation == Relation::OnlyA);
        prop_assert!(relations.count() <= view.traces[0].tokens.len());
    }
}
