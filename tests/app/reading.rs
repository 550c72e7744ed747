//! Reading a completion: folded reasoning, flags, searches, the mouse, branches.

use super::support::*;
use rotescope_trace::RunOptions;

#[test]
fn reasoning_is_open_while_live_and_folded_after() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(
        &mut ui,
        &[
            ("<think>", 0.0, None),
            (" ten", 0.9, None),
            (" and", 0.9, None),
            (" two.", 0.9, None),
            ("</think>\n\n", 0.0, None),
            (" It", 0.5, None),
            (" is", 0.5, None),
            (" 12.", 0.5, None),
        ],
    );
    ui.step(Action::First);
    let all = |ui: &mut Ui| rows(&screen(ui, 120, 30, Depth::None).0).concat();
    assert!(all(&mut ui).contains("ten and two."));
    finish(&mut ui, job, Some([8, 20]));
    let folded = all(&mut ui);
    assert!(folded.contains("reasoning, 3 tokens; Z unfolds"));
    assert!(!folded.contains("ten and") && folded.contains("It is 12."));
    // The fold is passed like one token, in both directions.
    for (action, wanted) in [
        (Action::NextToken, 1),
        (Action::NextToken, 4),
        (Action::PreviousToken, 1),
        (Action::PreviousToken, 0),
        (Action::NextStep, 5),
    ] {
        ui.step(action);
        assert_eq!(ui.app.session().unwrap().cursor, wanted, "{action:?}");
    }
    // What is found in it unfolds it; Z folds it again, with the cursor on the fold.
    ui.app.search = "two".into();
    act(&mut ui, Action::NextMatch);
    assert!(all(&mut ui).contains("ten and two."));
    assert_eq!(ui.app.session().unwrap().cursor, 3);
    ui.step(Action::FoldReasoning);
    assert!(!all(&mut ui).contains("ten and two."));
    assert_eq!(ui.app.session().unwrap().cursor, 1);
}

#[test]
fn every_block_of_reasoning_is_folded() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let words = [
        "<think>", " a", " b", "</think>", " It", " is", " 12.", "<think>", " c", " d", "</think>",
        " So", " 12.",
    ];
    let job = stream(&mut ui, &words.map(|w| (w, 0.0, None)));
    let s = ui.app.sessions.iter().find(|s| s.job == job).unwrap();
    let spans: Vec<[usize; 2]> = s.tokens().iter().map(|t| t.span).collect();
    let trace = Trace {
        tokens: s.tokens().to_vec(),
        steps: s.steps.clone(),
        reasoning: Some([spans[1][0], spans[2][1]]),
        further_reasoning: vec![[spans[8][0], spans[9][1]]],
        run: Some(RunOptions {
            template_variables: [("enable_thinking".to_string(), true.into())]
                .into_iter()
                .collect(),
            ..RunOptions::default()
        }),
        ..Trace::default()
    };
    ui.update(Update::Finished {
        job,
        trace: Box::new(trace),
    });
    let all = |ui: &mut Ui| rows(&screen(ui, 120, 30, Depth::None).0).concat();
    let folded = all(&mut ui);
    assert_eq!(
        folded.matches("reasoning, 2 tokens; Z unfolds").count(),
        2,
        "{folded}"
    );
    assert!(folded.contains("It is 12.") && !folded.contains("<think> c"));
    assert!(
        folded.contains("enable_thinking=true"),
        "what the template was given"
    );
    ui.step(Action::First);
    let moves: Vec<usize> = (0..9)
        .map(|_| {
            ui.step(Action::NextToken);
            ui.app.session().unwrap().cursor
        })
        .collect();
    assert_eq!(moves, [1, 3, 4, 5, 6, 7, 8, 10, 11]);
    ui.step(Action::FoldReasoning);
    assert!(all(&mut ui).contains("12.<think> c"));
    // Folded again, the cursor lies on the fold.
    ui.app.session_mut().unwrap().cursor = 9;
    ui.step(Action::FoldReasoning);
    assert_eq!(ui.app.session().unwrap().cursor, 8);
}

#[test]
fn reasoning_stays_open_for_who_reads_in_it() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(&mut ui, &CHAIN);
    ui.step(Action::First);
    ui.step(Action::NextToken);
    finish(&mut ui, job, Some([0, 11]));
    assert!(!ui.app.session().unwrap().folded);
    assert_eq!(ui.app.session().unwrap().cursor, 1);
}

#[test]
fn steps_are_cut_as_asked() {
    for (split, steps) in [(SplitBy::Sentence, 2), (SplitBy::Line, 1)] {
        let mut ui = ui(vec![prompt("one", "How many?")]);
        ui.app.split = split;
        stream(&mut ui, &CHAIN);
        assert_eq!(ui.app.session().unwrap().steps.len(), steps, "{split}");
    }
}

#[test]
fn flags_come_with_the_steps_and_stay() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(&mut ui, &CHAIN);
    let mut step = ui.app.session().unwrap().steps[0].clone();
    step.flag = Some(Flag {
        p: 0.9,
        reasons: vec!["rare".into()],
        token: Some(2),
        ..Flag::default()
    });
    let other = Step {
        span: [0, 3],
        ..step.clone()
    };
    ui.update(Update::Steps {
        job,
        steps: vec![step, other],
    });
    let at = ui.app.session().unwrap().tokens().last().unwrap().span[1];
    for (i, text) in [" So", " on", "."].into_iter().enumerate() {
        let token = Box::new(token(text, at + i, 0.1, None));
        ui.update(Update::Token { job, token });
    }
    let flags: Vec<bool> = ui
        .app
        .session()
        .unwrap()
        .steps
        .iter()
        .map(|s| s.flag.is_some())
        .collect();
    assert!(flags[0] && flags[1..].iter().all(|f| !f), "{flags:?}");
    ui.step(Action::NextFlag);
    ui.step(Action::First);
    ui.step(Action::NextFlag);
    assert_eq!(ui.app.session().unwrap().cursor, 2);
}

#[test]
fn searches_look_through_what_has_the_focus() {
    let mut ui = ui(vec![
        prompt("a", "Ann has one apple"),
        prompt("b", "Bob has one pear"),
    ]);
    let search = |ui: &mut Ui, text: &str| {
        keys(ui, &format!("/{text}\n"));
    };
    search(&mut ui, "pear");
    assert_eq!((ui.app.selected, ui.app.pane), (1, Pane::Prompts));
    stream(&mut ui, &CHAIN);
    let hit = |id: &str, text: String| Hit {
        id: id.into(),
        source: String::new(),
        text,
        matched: [0, 1],
        aligned: true,
        copies: 1,
    };
    let long: String = (0..100).map(|i| format!("line {i}\n")).collect();
    ui.app.found = Arc::new(FoundDocuments {
        hits: vec![hit("x", "first text".into()), hit("y", long)],
        ..Default::default()
    });
    ui.app.pane = Pane::Documents;
    search(&mut ui, "LINE 7");
    assert!(
        ui.app
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("not in the documents")
    );
    search(&mut ui, "line 7");
    assert_eq!(ui.app.hit, 1);
    ui.step(Action::Open);
    search(&mut ui, "line 42");
    assert_eq!(ui.app.reading, Some(42));
    let (buffer, _) = screen(&mut ui, 80, 24, Depth::None);
    assert!(
        rows(&buffer)[3].contains("line 42 ◂"),
        "{}",
        rows(&buffer)[3]
    );
    // Esc closes the document; the completion has its own.
    ui.step(Action::Stop);
    ui.app.pane = Pane::Token;
    search(&mut ui, "make");
    assert_eq!(
        (ui.app.pane, ui.app.session().unwrap().cursor),
        (Pane::Completion, 3)
    );
}

#[test]
fn the_mouse_explains_what_it_is_over_and_leaves_the_cursor() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    stream(&mut ui, &CHAIN);
    ui.step(Action::First);
    let (_, areas) = screen(&mut ui, 120, 30, Depth::None);
    let over = |ui: &mut Ui, column: u16, row: u16| {
        let moved = MouseEvent {
            kind: MouseEventKind::Moved,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        ui.input(&Event::Mouse(moved));
        rows(&screen(ui, 120, 30, Depth::None).0).concat()
    };
    let all = over(&mut ui, areas.rows.x + 5, areas.rows.y);
    assert!(all.contains("token under the mouse") && all.contains("\" and\"  p .750"));
    assert_eq!(ui.app.session().unwrap().cursor, 0);
    let all = over(&mut ui, 0, 0);
    assert!(all.contains("\"ten\"  p .750"));
}

#[test]
fn a_candidate_taken_instead_makes_a_branch() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    stream(&mut ui, &CHAIN);
    ui.step(Action::First);
    ui.step(Action::NextToken);
    ui.step(Action::Candidate);
    assert_eq!(ui.app.choosing, Some(0));
    ui.step(Action::RowDown);
    let effects = ui.step(Action::Open);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        panic!("no job");
    };
    let kept: Vec<&str> = job.from.kept.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(kept, ["ten", " other"]);
    assert_eq!(job.from.kept[1].id, 8);
    assert_eq!(ui.app.entry().unwrap().sessions.len(), 2);
    ui.step(Action::PreviousBranch);
    assert_eq!(ui.app.session().unwrap().tokens().len(), CHAIN.len());
}

#[test]
fn a_text_of_ones_own_makes_a_branch_and_branches_are_a_tree() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let first = stream(&mut ui, &CHAIN);
    finish(&mut ui, first, None);
    let branch = |ui: &mut Ui, at: usize, typed: &str| -> Box<Job> {
        ui.step(Action::First);
        for _ in 0..at {
            ui.step(Action::NextToken);
        }
        ui.step(Action::Candidate);
        ui.step(Action::Edit);
        assert_eq!(ui.view::<LineView>().unwrap().wants(), Wants::Instead);
        ui.editor().unwrap().insert(typed);
        let job = keys(ui, "\n").into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        });
        job.expect("a job")
    };
    let job = branch(&mut ui, 2, "thirty");
    assert_eq!(job.from.kept.len(), 2);
    assert_eq!(job.from.typed, " twothirty");
    let text = Box::new(token(" twothirty", 8, 0.1, None));
    ui.update(Update::Token {
        job: job.id,
        token: text,
    });
    let child = job.id;
    finish(&mut ui, child, None);
    let inner = branch(&mut ui, 1, "!");
    ui.app.show_branch(0);
    branch(&mut ui, 5, "?");
    // The first run, its branch and the branch of that, then the second branch.
    let entry = ui.app.entry().unwrap().clone();
    let tree: Vec<(usize, usize)> = ui
        .app
        .branches(&entry)
        .iter()
        .map(|b| (b.place, b.depth))
        .collect();
    assert_eq!(tree, [(0, 0), (1, 1), (2, 2), (3, 1)]);
    ui.app.show_branch(1);
    ui.step(Action::NextBranch);
    assert_eq!(ui.app.session().unwrap().job, inner.id);
    let (buffer, areas) = screen(&mut ui, 120, 40, Depth::None);
    let all = rows(&buffer);
    let row = |i: u16| &all[usize::from(areas.branches.y + i)];
    assert!(row(0).contains("first run"), "{}", row(0));
    assert!(
        row(1).contains("at 3: \" two\" → \" twothirty\""),
        "{}",
        row(1)
    );
    // A click shows a branch.
    let click = Event::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: areas.branches.x + 3,
        row: areas.branches.y,
        modifiers: KeyModifiers::NONE,
    });
    ui.input(&click);
    assert_eq!(ui.app.session().unwrap().job, first);
}

/// Tokens over bytes cut emoji and Chinese: while they come and after, the reader sees characters.
#[test]
fn characters_that_tokens_cut_are_whole() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(&mut ui, &[("Nice", 0.5, None)]);
    let mut at = 4;
    let tokens: [&[u8]; 6] = [
        b" \xf0\x9f",
        b"\x98",
        b"\x80",
        b" so",
        b" \xe8\x8b",
        b"\xb9\xff",
    ];
    for bytes in tokens {
        let mut token = token(&String::from_utf8_lossy(bytes), at, 0.5, None);
        token.bytes = Some(bytes.iter().map(|b| format!("{b:02x}")).collect());
        at += bytes.len();
        token.span[1] = at;
        let token = Box::new(token);
        ui.update(Update::Token { job, token });
    }
    let drawn = |ui: &mut Ui| rows(&screen(ui, 120, 30, Depth::None).0).join("\n");
    // A wide character takes two cells, of which the second is a blank.
    let live = drawn(&mut ui);
    assert!(
        live.contains("Nice 😀") && live.contains("so 苹") && live.contains("⟨FF⟩"),
        "{live}"
    );
    assert!(!live.contains("⟨F0⟩") && !live.contains("⟨E8⟩"), "{live}");
    finish(&mut ui, job, None);
    let after = drawn(&mut ui);
    assert!(
        after.contains("Nice 😀") && after.contains("so 苹"),
        "{after}"
    );
    // The cursor on a piece is seen on its character; the inspector says which bytes the piece has.
    ui.step(Action::First);
    ui.step(Action::NextToken);
    ui.step(Action::NextToken);
    assert_eq!(ui.app.session().unwrap().cursor, 2);
    let (buffer, _) = screen(&mut ui, 120, 30, Depth::None);
    let reversed: String = buffer
        .content
        .iter()
        .filter(|c| c.modifier.contains(ratatui::style::Modifier::REVERSED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(reversed.contains('😀'), "{reversed:?}");
    assert!(rows(&buffer).join("\n").contains("⟨98⟩"));
}
