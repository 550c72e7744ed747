//! Traces of another model than the one that is loaded: nothing is looked up by ids that mean something else, and nothing goes on with the
//! wrong model.

use super::support::*;
use rotescope_trace::{IndexRef, Prompt};

fn model(file: &str, sha256: &str, tokenizer: &str) -> ModelRef {
    ModelRef {
        file: file.into(),
        sha256: sha256.into(),
        tokenizer: tokenizer.into(),
        ..Default::default()
    }
}

/// A trace of `ten and two` with a local score at its last token, whose context has two tokens.
fn trace(model: ModelRef) -> Trace {
    let mut tokens = Vec::new();
    for text in ["ten", " and", " two"] {
        let at = tokens.last().map_or(0, |t: &Token| t.span[1]);
        tokens.push(token(text, at, 0.5, None));
    }
    tokens[2].local.as_mut().unwrap().context = 2;
    Trace {
        prompt: Prompt {
            id: "one".into(),
            question: "How many?".into(),
            ..Default::default()
        }
        .into(),
        model,
        steps: vec![Step {
            span: [0, 11],
            tokens: [0, 3],
            flag: None,
            verdict: None,
            region: None,
        }],
        tokens,
        finish: "end".into(),
        ..Default::default()
    }
}

/// The app on a trace, with `ours` and an index loaded; and what it asks for then.
fn showing(trace: Trace, ours: ModelRef) -> (Ui, Vec<Effect>) {
    let mut ui = Ui::new(
        Vec::new(),
        rotescope::themes::THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    ui.app.add_traces(vec![trace]);
    let index = IndexRef {
        id: "corpus".into(),
        ..Default::default()
    };
    let mut effects = ui.update(Update::Ready(Ready {
        remote: false,
        model: ours,
        index: Some(index),
        note: None,
    }));
    effects.extend(ui.step(Action::NextPane));
    effects.extend(ui.step(Action::Last));
    (ui, effects)
}

fn said(ui: &Ui) -> &str {
    ui.app.message.as_ref().map_or("", |(text, _)| text)
}

fn passages(effects: &[Effect]) -> Vec<&Passage> {
    let mut found = Vec::new();
    for effect in effects {
        if let Effect::Documents(passage) = effect {
            found.push(passage);
        }
    }
    found
}

#[test]
fn the_models_own_trace_is_looked_up_by_its_ids() {
    let ours = model("a.gguf", "aa", "t");
    let (_, effects) = showing(trace(ours.clone()), ours);
    let ids = Passage::Tokens(vec![7, 7, 7]);
    assert_eq!(passages(&effects).last(), Some(&&ids));
    let spans = effects.iter().filter(|e| matches!(e, Effect::Verbatim(..)));
    assert_eq!(spans.count(), 1, "{effects:?}");
}

#[test]
fn another_tokenizers_trace_is_looked_up_by_its_text_alone() {
    let (mut ui, effects) = showing(
        trace(model("b.gguf", "bb", "u")),
        model("a.gguf", "aa", "t"),
    );
    let asked = passages(&effects);
    assert!(!asked.is_empty() && asked.iter().all(|p| matches!(p, Passage::Text(_))));
    let text = Passage::Text("ten and two".into());
    assert_eq!(asked.last(), Some(&&text));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Verbatim(..))));
    ui.step(Action::NextSpan);
    assert!(said(&ui).contains("another tokenizer"), "{}", said(&ui));
    ui.app.message = None;
    ui.update(Update::Found(FoundDocuments {
        asked: text,
        documents: Some(3),
        occurrences: 4,
        ..Default::default()
    }));
    let (buffer, _) = screen(&mut ui, 160, 40, Depth::None);
    let all = rows(&buffer).concat();
    for text in [
        "documents with \"ten and two\"",
        "by text: b.gguf has another tokenizer",
        "3 documents, 4 occurrences",
        "another tokenizer than the index",
        "completion one · by b.gguf",
    ] {
        assert!(all.contains(text), "{text} in {all}");
    }
    // Half a character has no text: what was found for another token does not stand there.
    let mut half = trace(model("b.gguf", "bb", "u"));
    half.tokens[2].bytes = Some("f0".into());
    let (ui, effects) = showing(half, model("a.gguf", "aa", "t"));
    assert!(
        effects
            .iter()
            .all(|e| !matches!(e, Effect::Documents(p) if *p == Passage::Text(String::new())))
    );
    assert_eq!(ui.app.found.asked, Passage::default());
    assert!(!ui.app.looking_up());
}

#[test]
fn documents_of_another_completion_do_not_stand_by_one_that_has_none() {
    let ours = model("a.gguf", "aa", "t");
    let (mut ui, _) = showing(trace(ours.clone()), ours.clone());
    ui.update(Update::Found(FoundDocuments {
        asked: Passage::Tokens(vec![7, 7, 7]),
        documents: Some(3),
        ..Default::default()
    }));
    assert_eq!(ui.app.found.documents, Some(3));
    let mut empty = trace(ours);
    empty.tokens.clear();
    empty.steps.clear();
    ui.app.add_traces(vec![empty]);
    ui.app.pane = Pane::Prompts;
    ui.step(Action::RowDown);
    assert_eq!(ui.app.found.documents, None);
}

#[test]
fn counts_of_another_corpus_are_said_to_be() {
    let ours = model("a.gguf", "aa", "t");
    let mut trace = trace(ours.clone());
    trace.index = Some(IndexRef {
        id: "books".into(),
        fingerprint: "other".into(),
        ..Default::default()
    });
    let (ui, _) = showing(trace, ours);
    let about = ui.app.about_documents();
    assert_eq!(about.as_deref(), Some("of corpus; the counts are of books"));
}

#[test]
fn what_another_model_wrote_is_not_gone_on_with() {
    for (tokenizer, candidate) in [("t", true), ("u", false)] {
        let (mut ui, _) = showing(
            trace(model("b.gguf", "bb", tokenizer)),
            model("a.gguf", "aa", "t"),
        );
        let effects = if candidate {
            ui.step(Action::Candidate)
        } else {
            ui.step(Action::Open)
        };
        assert!(
            effects.is_empty() && ui.app.choosing.is_none(),
            "{effects:?}"
        );
        assert_eq!(
            said(&ui),
            "x cannot continue b.gguf's completion; r runs the prompt anew with a.gguf"
        );
    }
    // Not even where the candidates were opened before the model was there.
    let (mut ui, _) = showing(
        trace(model("b.gguf", "bb", "t")),
        model("a.gguf", "aa", "t"),
    );
    ui.app.choosing = Some(1);
    let effects = ui.step(Action::Open);
    assert!(effects.is_empty(), "{effects:?}");
}

#[test]
fn the_prompt_is_run_anew_beside_what_another_model_wrote() {
    let (mut ui, _) = showing(
        trace(model("b.gguf", "bb", "t")),
        model("a.gguf", "aa", "t"),
    );
    let run = |ui: &mut Ui| -> Box<Job> {
        let effects = ui.step(Action::RunPrompt);
        let job = effects.into_iter().find_map(|e| match e {
            Effect::Run(job) => Some(job),
            _ => None,
        });
        job.expect("a job")
    };
    let job = run(&mut ui);
    assert!(job.from.kept.is_empty());
    assert_eq!(
        said(&ui),
        "a.gguf runs the prompt anew; what b.gguf wrote stays beside it"
    );
    let own = Box::new(trace(model("a.gguf", "aa", "t")));
    ui.update(Update::Finished {
        job: job.id,
        trace: own,
    });
    assert_eq!(ui.app.entry().unwrap().sessions.len(), 2);
    ui.app.message = None;
    let (buffer, areas) = screen(&mut ui, 120, 40, Depth::None);
    let all = rows(&buffer);
    let row = |i: u16| &all[usize::from(areas.branches.y + i)];
    assert!(row(0).contains("by b.gguf"), "{}", row(0));
    assert!(row(1).contains("first run"), "{}", row(1));
    // Once more takes the place of the own one alone.
    run(&mut ui);
    assert_eq!(ui.app.entry().unwrap().sessions.len(), 2);
    ui.step(Action::PreviousBranch);
    let shown = ui.app.session().unwrap().trace.as_ref().unwrap();
    assert_eq!(shown.model.file, "b.gguf");
}

#[test]
fn before_the_model_is_there_nothing_is_taken_for_a_new_run() {
    let mut ui = Ui::new(
        Vec::new(),
        rotescope::themes::THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    ui.app.add_traces(vec![trace(model("a.gguf", "aa", "t"))]);
    ui.app.pane = Pane::Completion;
    let effects = keys(&mut ui, "x");
    assert!(effects.is_empty() && ui.app.queue.is_empty());
    assert!(said(&ui).contains("still being loaded"), "{}", said(&ui));
    ui.app.choosing = Some(1);
    keys(&mut ui, "\n");
    assert!(ui.app.queue.is_empty(), "a branch is no run from the start");
    let ready = Ready {
        remote: false,
        model: model("a.gguf", "aa", "t"),
        index: None,
        note: None,
    };
    assert!(ui.update(Update::Ready(ready)).is_empty());
    assert_eq!(ui.app.session().unwrap().tokens().len(), 3);
}

#[test]
fn a_changed_prompt_is_said_to_be_run_by_another_model() {
    let (mut ui, _) = showing(
        trace(model("b.gguf", "bb", "t")),
        model("a.gguf", "aa", "t"),
    );
    keys(&mut ui, "c");
    let choices = &ui.view::<Choose>().unwrap().choices;
    let at = choices.iter().position(|c| c.name == "reverse").unwrap();
    let effects = keys(&mut ui, &("j".repeat(at) + "\n"));
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Run(_))),
        "{effects:?}"
    );
    assert!(
        said(&ui).contains("is run by a.gguf, not b.gguf"),
        "{}",
        said(&ui)
    );
}

#[test]
fn a_text_is_found_by_the_loaded_models_own_tokens() {
    // The bundled model and corpus on their threads: a trace whose ids mean nothing to them.
    let live = live();
    let mut foreign = trace(model("b.gguf", "bb", "u"));
    for (token, text) in foreign.tokens.iter_mut().zip([" the", " answer", " is"]) {
        token.id += 1_000_000;
        token.text = text.into();
    }
    let mut ui = Ui::new(
        Vec::new(),
        rotescope::themes::THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    ui.app.add_traces(vec![foreign]);
    follow(&mut ui, &live, Vec::new(), |app| app.ready.is_some());
    let effects = ui.step(Action::NextPane);
    follow(&mut ui, &live, effects, |_| true);
    let effects = ui.step(Action::Last);
    follow(&mut ui, &live, effects, |app| {
        !app.looking_up() && app.found.documents > Some(0)
    });
    let found = &ui.app.found;
    assert_eq!(found.asked, Passage::Text(" the answer is".into()));
    assert!(!found.ngram.is_empty() && found.ngram.iter().all(|id| *id < 1_000_000));
    for hit in &found.hits {
        let [from, to] = hit.matched;
        assert_eq!(&hit.text[from..to], " the answer is");
    }
}

#[test]
fn a_completion_without_tokens_is_shown_with_its_verdicts() {
    let generation = rotescope_import::Generation {
        prompt: Prompt {
            id: "one".into(),
            question: "How many?".into(),
            ..Default::default()
        },
        completion: "First there are 2 + 2 = 5 pens.".into(),
        model: "somebody".into(),
        ..Default::default()
    };
    let marks = rotescope_text::think::ReasoningMarks::default();
    let trace = generation.trace(
        SplitBy::Sentence,
        &marks,
        rotescope_trace::Import::default(),
    );
    let (mut ui, _) = showing(trace, model("ours.gguf", "aa", "bb"));
    let (buffer, _) = screen(&mut ui, 110, 30, Depth::None);
    let all = rows(&buffer).join("\n");
    assert!(all.contains("2 + 2 = 5 pens"), "{all}");
    assert!(all.contains("✗ 2 + 2 is 4, not 5"), "{all}");
    assert!(all.contains("p –  rank –  H – bit"), "{all}");
}
