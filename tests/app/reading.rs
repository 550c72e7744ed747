//! Reading a chain: folded reasoning, flags, searches, the mouse, branches.

use super::support::*;

#[test]
fn reasoning_is_open_while_live_and_folded_after() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let job = stream(
        &mut app,
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
    app.step(Action::First);
    let all = |app: &mut App| rows(&screen(app, 120, 30, Depth::None).0).concat();
    assert!(all(&mut app).contains("ten and two."));
    finish(&mut app, job, Some([8, 20]));
    let folded = all(&mut app);
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
        app.step(action);
        assert_eq!(app.session().unwrap().cursor, wanted, "{action:?}");
    }
    // What is found in it unfolds it; Z folds it again, with the cursor on the fold.
    app.search = "two".into();
    app.step(Action::NextMatch);
    assert!(all(&mut app).contains("ten and two."));
    assert_eq!(app.session().unwrap().cursor, 3);
    app.step(Action::FoldReasoning);
    assert!(!all(&mut app).contains("ten and two."));
    assert_eq!(app.session().unwrap().cursor, 1);
}

#[test]
fn reasoning_stays_open_for_who_reads_in_it() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let job = stream(&mut app, &CHAIN);
    app.step(Action::First);
    app.step(Action::NextToken);
    finish(&mut app, job, Some([0, 11]));
    assert!(!app.session().unwrap().folded);
    assert_eq!(app.session().unwrap().cursor, 1);
}

#[test]
fn steps_are_cut_as_asked() {
    for (split, steps) in [(SplitBy::Sentence, 2), (SplitBy::Line, 1)] {
        let mut app = app(vec![prompt("one", "How many?")]);
        app.split = split;
        stream(&mut app, &CHAIN);
        assert_eq!(app.session().unwrap().steps.len(), steps, "{split}");
    }
}

#[test]
fn flags_come_with_the_steps_and_stay() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let job = stream(&mut app, &CHAIN);
    let mut step = app.session().unwrap().steps[0].clone();
    step.flag = Some(Flag {
        p: 0.9,
        reasons: vec!["rare".into()],
        token: Some(2),
        threshold: None,
    });
    let other = Step {
        span: [0, 3],
        ..step.clone()
    };
    app.update(Update::Steps {
        job,
        steps: vec![step, other],
    });
    let at = app.session().unwrap().tokens.last().unwrap().span[1];
    for (i, text) in [" So", " on", "."].into_iter().enumerate() {
        let token = Box::new(token(text, at + i, 0.1, None));
        app.update(Update::Token { job, token });
    }
    let flags: Vec<bool> = app
        .session()
        .unwrap()
        .steps
        .iter()
        .map(|s| s.flag.is_some())
        .collect();
    assert!(flags[0] && flags[1..].iter().all(|f| !f), "{flags:?}");
    app.step(Action::NextFlag);
    app.step(Action::First);
    app.step(Action::NextFlag);
    assert_eq!(app.session().unwrap().cursor, 2);
}

#[test]
fn searches_look_through_what_has_the_focus() {
    let mut app = app(vec![
        prompt("a", "Ann has one apple"),
        prompt("b", "Bob has one pear"),
    ]);
    let search = |app: &mut App, text: &str| {
        app.step(Action::Search);
        let Mode::Search(editor, _) = &mut app.mode else {
            panic!();
        };
        editor.insert(text);
        app.sent();
    };
    search(&mut app, "pear");
    assert_eq!((app.selected, app.pane), (1, Pane::Prompts));
    stream(&mut app, &CHAIN);
    let hit = |id: &str, text: String| Hit {
        id: id.into(),
        source: String::new(),
        text,
        matched: [0, 1],
        copies: 1,
    };
    let long: String = (0..100).map(|i| format!("line {i}\n")).collect();
    app.found.hits = vec![hit("x", "first text".into()), hit("y", long)];
    app.pane = Pane::Documents;
    search(&mut app, "LINE 7");
    assert!(
        app.message
            .as_ref()
            .unwrap()
            .0
            .contains("not in the documents")
    );
    search(&mut app, "line 7");
    assert_eq!(app.hit, 1);
    app.step(Action::Open);
    search(&mut app, "line 42");
    assert!(matches!(app.mode, Mode::Document(42)), "{:?}", app.mode);
    let (buffer, _) = screen(&mut app, 80, 24, Depth::None);
    assert!(
        rows(&buffer)[3].contains("line 42 ◂"),
        "{}",
        rows(&buffer)[3]
    );
    // Esc closes the document; the chain has its own.
    app.step(Action::Stop);
    app.pane = Pane::Token;
    search(&mut app, "make");
    assert_eq!((app.pane, app.session().unwrap().cursor), (Pane::Chain, 3));
}

#[test]
fn the_mouse_explains_what_it_is_over_and_leaves_the_cursor() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    app.step(Action::First);
    let (_, areas) = screen(&mut app, 120, 30, Depth::None);
    let over = |app: &mut App, column: u16, row: u16| {
        let moved = MouseEvent {
            kind: MouseEventKind::Moved,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        on_input(app, &Event::Mouse(moved), &areas);
        rows(&screen(app, 120, 30, Depth::None).0).concat()
    };
    let all = over(&mut app, areas.rows.x + 5, areas.rows.y);
    assert!(all.contains("token under the mouse") && all.contains("\" and\"  p .750"));
    assert_eq!(app.session().unwrap().cursor, 0);
    let all = over(&mut app, 0, 0);
    assert!(all.contains("\"ten\"  p .750"));
}

#[test]
fn a_candidate_taken_instead_makes_a_branch() {
    let mut app = app(vec![prompt("one", "How many?")]);
    stream(&mut app, &CHAIN);
    app.step(Action::First);
    app.step(Action::NextToken);
    app.step(Action::Candidate);
    assert!(matches!(app.mode, Mode::Candidate(0)));
    app.step(Action::RowDown);
    let effects = app.step(Action::Open);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        panic!("no job");
    };
    let kept: Vec<&str> = job.from.kept.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(kept, ["ten", " other"]);
    assert_eq!(job.from.kept[1].id, 8);
    assert_eq!(app.entry().unwrap().sessions.len(), 2);
    app.step(Action::PreviousBranch);
    assert_eq!(app.session().unwrap().tokens.len(), CHAIN.len());
}

#[test]
fn a_text_of_ones_own_makes_a_branch_and_branches_are_a_tree() {
    let mut app = app(vec![prompt("one", "How many?")]);
    let first = stream(&mut app, &CHAIN);
    finish(&mut app, first, None);
    let branch = |app: &mut App, at: usize, typed: &str| -> Box<Job> {
        app.step(Action::First);
        for _ in 0..at {
            app.step(Action::NextToken);
        }
        app.step(Action::Candidate);
        app.step(Action::Edit);
        let Mode::Instead(editor) = &mut app.mode else {
            panic!("{:?}", app.mode);
        };
        editor.insert(typed);
        let job = app.sent().into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        });
        job.expect("a job")
    };
    let job = branch(&mut app, 2, "thirty");
    assert_eq!(job.from.kept.len(), 2);
    assert_eq!(job.from.typed, " twothirty");
    let text = Box::new(token(" twothirty", 8, 0.1, None));
    app.update(Update::Token {
        job: job.id,
        token: text,
    });
    let child = job.id;
    finish(&mut app, child, None);
    let inner = branch(&mut app, 1, "!");
    app.show_branch(0);
    branch(&mut app, 5, "?");
    // The first run, its branch and the branch of that, then the second branch.
    let entry = app.entry().unwrap().clone();
    let tree: Vec<(usize, usize)> = app
        .branches(&entry)
        .iter()
        .map(|b| (b.place, b.depth))
        .collect();
    assert_eq!(tree, [(0, 0), (1, 1), (2, 2), (3, 1)]);
    app.show_branch(1);
    app.step(Action::NextBranch);
    assert_eq!(app.session().unwrap().job, inner.id);
    let (buffer, areas) = screen(&mut app, 120, 40, Depth::None);
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
    on_input(&mut app, &click, &areas);
    assert_eq!(app.session().unwrap().job, first);
}
