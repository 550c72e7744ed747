//! Files of traces: listed without being read, read when looked at, given up again; what is damaged is said.

use std::io::Write;

use super::support::*;
use crossbeam_channel::Receiver;
use rotescope::tui::catalog::{self, Known, Listed, Listing};
use rotescope_trace::offsets::LinePlace;
use rotescope_trace::{Answer, Flag, Prompt, SCHEMA};

fn line(id: &str, right: Option<bool>) -> String {
    let trace = Trace {
        schema: SCHEMA.into(),
        prompt: Prompt {
            id: id.into(),
            question: format!("What is {id}?"),
            instruction: Some("Be brief.".into()),
            task: Some("add".into()),
            ..Default::default()
        }
        .into(),
        output: format!("{id} ends"),
        tokens: vec![token(id, 0, 0.5, None), token(" ends", id.len(), 0.1, None)],
        steps: vec![Step {
            span: [0, id.len() + 5],
            tokens: [0, 2],
            flag: Some(Flag {
                p: 0.9,
                reasons: vec!["rare".into()],
                ..Flag::default()
            }),
            verdict: None,
            region: None,
        }],
        answer: Answer {
            right,
            ..Default::default()
        },
        finish: "end".into(),
        ..Default::default()
    };
    serde_json::to_string(&trace).unwrap()
}

fn file(lines: &[String]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    file
}

/// Takes in all that is listed, and reads what is looked at.
fn take(ui: &mut Ui, listing: &Receiver<Listing>) {
    for said in listing {
        if let Listing::Lines(lines) = said {
            let effects = ui.listed(lines);
            settle(ui, effects);
        }
    }
}

fn opened(files: &[&tempfile::NamedTempFile]) -> Ui {
    let paths: Vec<PathBuf> = files.iter().map(|f| f.path().into()).collect();
    let mut ui = ui(Vec::new());
    take(&mut ui, &catalog::open(&paths).unwrap());
    ui
}

fn screen_text(ui: &mut Ui) -> String {
    rows(&screen(ui, 120, 30, Depth::None).0).join("\n")
}

#[test]
fn traces_are_listed_unread_and_read_when_looked_at() {
    let first = file(&[line("a", Some(true)), line("b", Some(false))]);
    let second = file(&[line("c", None)]);
    let mut ui = opened(&[&first, &second]);
    assert_eq!(ui.app.entries.len(), 3);
    // The one at the cursor is read; of the others the list says what their lines say.
    let read = |ui: &Ui| -> Vec<bool> {
        let shown = |e: &rotescope::tui::app::PromptEntry| {
            let session = e.sessions.first().map(|&s| &ui.app.sessions[s]);
            session.is_some_and(|s| s.trace.is_some())
        };
        ui.app.entries.iter().map(shown).collect()
    };
    assert_eq!(read(&ui), [true, false, false]);
    let all = screen_text(&mut ui);
    for (id, state) in [("a", "✓"), ("b", "✗"), ("c", "·")] {
        let pane = all.lines().map(|l| l.chars().take(22).collect::<String>());
        let mut rows = pane.filter(|l| l.contains(&format!(" {id} ")));
        let row = rows.next().unwrap_or_default();
        assert!(row.contains(&format!("⚑1 {state}")), "{row}");
    }
    assert!(all.contains("a ends"), "{all}");
    act(&mut ui, Action::RowDown);
    assert_eq!(read(&ui), [true, true, false]);
    assert!(screen_text(&mut ui).contains("b ends"));
    // Filters and orders go by it too.
    keys(&mut ui, "&wrong\n");
    assert_eq!(ui.app.listed, [1]);
}

#[test]
fn few_traces_stay_in_memory_and_the_cursor_stays_where_it_was() {
    let ids: Vec<String> = (0..40).map(|i| format!("p{i}")).collect();
    let lines: Vec<String> = ids.iter().map(|id| line(id, None)).collect();
    let file = file(&lines);
    let mut ui = opened(&[&file]);
    ui.app.pane = Pane::Completion;
    act(&mut ui, Action::Last);
    ui.app.pane = Pane::Prompts;
    for _ in 0..39 {
        act(&mut ui, Action::RowDown);
    }
    let held = ui.app.sessions.iter().filter(|s| s.trace.is_some()).count();
    assert_eq!((ui.app.sessions.len(), held), (40, 8));
    act(&mut ui, Action::First);
    let session = ui.app.session().unwrap();
    assert_eq!((session.tokens().len(), session.cursor), (2, 1));
    assert!(screen_text(&mut ui).contains("p0 ends"));
}

#[test]
fn only_one_trace_is_read_at_a_time_and_then_the_one_looked_at() {
    let ids: Vec<String> = (0..5).map(|i| format!("p{i}")).collect();
    let lines: Vec<String> = ids.iter().map(|id| line(id, None)).collect();
    let file = file(&lines);
    let mut ui = ui(Vec::new());
    let mut effects = Vec::new();
    for said in &catalog::open(&[file.path().into()]).unwrap() {
        if let Listing::Lines(lines) = said {
            effects.extend(ui.listed(lines));
        }
    }
    for _ in 0..4 {
        effects.extend(ui.step(Action::RowDown));
    }
    assert_eq!(effects.len(), 1, "{effects:?}");
    assert!(screen_text(&mut ui).contains("reading the trace"));
    settle(&mut ui, effects);
    assert!(screen_text(&mut ui).contains("p4 ends"));
    let held = ui.app.sessions.iter().filter(|s| s.trace.is_some()).count();
    assert_eq!(held, 2);
}

#[test]
fn what_is_damaged_is_said_with_its_line_and_the_others_open() {
    let good = line("a", None);
    let inside = line("b", None).replacen("\"entropy\":0.5", "\"entropy\":oh", 1);
    let cut = good[..good.len() / 3].to_string();
    let file = file(&[good.clone(), inside, cut, line("d", None)]);
    let mut ui = opened(&[&file]);
    assert_eq!(ui.app.entries.len(), 4);
    let place = |line: usize| format!("{}, line {line}", file.path().display());
    let shows = |ui: &mut Ui, row: usize, text: &str| {
        ui.app.selected = row;
        let effects = ui.step(Action::Measure);
        settle(ui, effects);
        ui.app.message = None;
        let all = rows(&screen(ui, 200, 40, Depth::None).0).concat();
        assert!(all.contains(text), "{text} in {all}");
    };
    shows(&mut ui, 0, "a ends");
    shows(&mut ui, 1, &place(2));
    shows(&mut ui, 2, &place(3));
    shows(&mut ui, 3, "d ends");
    // It cannot be run, and says why.
    ui.app.selected = 2;
    assert!(act(&mut ui, Action::RunPrompt).is_empty());
    assert!(ui.app.message.as_ref().unwrap().0.contains(&place(3)));
    // A file that changes while it is open.
    let mut ui = opened(&[&file]);
    std::fs::write(file.path(), good + "\n").unwrap();
    shows(&mut ui, 3, "the file has changed since it was opened");
    shows(&mut ui, 0, "a ends");
}

#[test]
fn a_large_file_is_listed_as_a_small_one_is() {
    let good = line("a", None);
    let cut = good[..good.len() / 3].to_string();
    // Blank lines of 40 MB, with a damaged one in between, more than one thread goes through.
    let blank = vec![" ".repeat(999); 20_000];
    let lines = [&[good][..], &blank, &[cut], &blank, &[line("d", None)]].concat();
    let file = file(&lines);
    let mut listed = Vec::new();
    for said in catalog::open(&[file.path().into()]).unwrap() {
        if let Listing::Lines(lines) = said {
            listed.extend(lines.into_iter().map(|l| (l.place.line, l.line.err())));
        }
    }
    let damaged = listed[1].1.take().expect("why it cannot be read");
    assert_eq!(listed, [(1, None), (20_002, None), (40_003, None)]);
    let place = format!("{}, line 20002: not JSON", file.path().display());
    assert!(damaged.starts_with(&place), "{damaged}");
    let mut ui = opened(&[&file]);
    act(&mut ui, Action::Last);
    assert!(screen_text(&mut ui).contains("d ends"));
}

#[test]
fn a_file_without_traces_is_refused() {
    let no = |lines: &[String]| {
        let file = file(lines);
        let error = catalog::open(&[file.path().into()]).unwrap_err();
        (error.to_string(), file.path().display().to_string())
    };
    let (says, path) = no(&["# Readme".into()]);
    assert!(
        says.starts_with(&format!("{path}, line 1: not JSON")),
        "{says}"
    );
    let (says, path) = no(&[]);
    assert_eq!(says, format!("no traces in it: {path}"));
    let missing = catalog::open(&["no/such/file".into()]).unwrap_err();
    assert!(missing.to_string().starts_with("no/such/file: "));
}

#[test]
fn a_prompt_of_a_file_is_run_whole() {
    let file = file(&[line("a", None), line("b", None)]);
    let mut ui = opened(&[&file]);
    // The second has never been looked at: its trace is read before its turn.
    let mut effects = act(&mut ui, Action::RunAll);
    let mut ran = Vec::new();
    while let Some(Effect::Run(job)) = effects.into_iter().find(|e| matches!(e, Effect::Run(_))) {
        let p = &job.prompt;
        ran.push((p.id.clone(), p.question.clone(), p.instruction.clone()));
        let failed = ui.update(Update::Failed {
            job: job.id,
            error: "no".into(),
        });
        effects = settle(&mut ui, failed);
    }
    let wanted = |id: &str| {
        (
            id.to_string(),
            format!("What is {id}?"),
            Some("Be brief.".into()),
        )
    };
    assert_eq!(ran, [wanted("a"), wanted("b")]);
}

#[test]
fn a_trace_of_a_file_is_compared_with_one_that_is_not_read_yet() {
    let file = file(&[line("a", None), line("b", None)]);
    let mut ui = opened(&[&file]);
    keys(&mut ui, "c");
    let choices = &ui.view::<Choose>().unwrap().choices;
    let at = choices.iter().position(|c| c.name == "b").unwrap();
    assert!(!choices[at].runs());
    keys(&mut ui, &("j".repeat(at) + "\n"));
    let view = ui.app.compare.view.as_ref().expect("a comparison");
    assert_eq!(
        (view.comparison.a.id.as_str(), view.comparison.b.id.as_str()),
        ("a", "b")
    );
}

#[test]
fn a_comparison_waits_for_its_turn_to_be_read() {
    let file = file(&[line("a", None), line("b", None), line("c", None)]);
    let mut ui = opened(&[&file]);
    // While another one is being read.
    let mut effects = ui.step(Action::RowDown);
    assert_eq!(effects.len(), 1);
    effects.extend(keys(&mut ui, "kc"));
    let choices = &ui.view::<Choose>().unwrap().choices;
    let at = choices.iter().position(|c| c.name == "c").unwrap();
    effects.extend(keys(&mut ui, &("j".repeat(at) + "\n")));
    assert!(ui.app.compare.view.is_none());
    settle(&mut ui, effects);
    let view = ui.app.compare.view.as_ref().expect("a comparison");
    assert_eq!(view.comparison.b.id, "c");
}

/// A format whose records cannot be read alone gives whole traces.
#[test]
fn a_trace_that_comes_whole_is_listed_like_one_of_a_file() {
    let file = file(&[line("a", None)]);
    let mut ui = opened(&[&file]);
    let trace: Trace = serde_json::from_str(&line("b", Some(true))).unwrap();
    let place = LinePlace {
        line: 1,
        at: 0,
        part: None,
        bytes: 0,
    };
    let effects = ui.listed(vec![Listed {
        path: Arc::from(file.path()),
        place,
        line: Ok(Known::Trace(Box::new(trace))),
    }]);
    assert!(settle(&mut ui, effects).is_empty());
    act(&mut ui, Action::RowDown);
    let all = screen_text(&mut ui);
    assert!(all.contains("b ends") && all.contains("⚑1 ✓"), "{all}");
}
