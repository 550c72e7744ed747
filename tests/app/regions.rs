//! Regions as the color of a completion: from the trace, or asked of the index.

use super::support::*;
use rotescope_trace::{IndexRef, RegionClass, RegionStretch, StepRegion};

fn region() -> StepRegion {
    StepRegion {
        class: RegionClass::Bm,
        foreground: 0.0,
        background: 0.75,
        document: Some(7),
        id: Some("story-7".into()),
        covered: vec![
            RegionStretch {
                span: [4, 7],
                foreground: false,
            },
            RegionStretch {
                span: [8, 11],
                foreground: true,
            },
        ],
    }
}

/// A finished completion of one step, with or without regions in its trace.
fn finished(known: bool) -> Ui {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    ui.update(Update::Ready(Ready {
        remote: false,
        model: ModelRef::default(),
        index: (!known).then(IndexRef::default),
        note: None,
    }));
    let job = stream(&mut ui, &CHAIN[..4]);
    let s = ui.app.sessions.iter().find(|s| s.job == job).unwrap();
    let mut trace = Trace {
        tokens: s.tokens().to_vec(),
        steps: s.steps.clone(),
        output: "ten and two make".into(),
        ..Trace::default()
    };
    if known {
        trace.steps[0].region = Some(region());
    }
    let trace = Box::new(trace);
    let effects = ui.update(Update::Finished { job, trace });
    settle(&mut ui, effects);
    ui
}

/// Chooses regions for the color; what that asks for.
fn choose(ui: &mut Ui) -> Vec<Effect> {
    for _ in 0..9 {
        let effects = ui.step(Action::Measure);
        if ui.app.measure.name() == "regions" {
            return effects;
        }
    }
    panic!("no such color");
}

#[test]
fn what_a_document_has_is_colored_and_its_class_named() {
    let mut ui = finished(true);
    assert!(choose(&mut ui).is_empty(), "they are known");
    ui.step(Action::First);
    ui.app.message = None;
    for depth in [Depth::TrueColor, Depth::None] {
        let (buffer, areas) = screen(&mut ui, 140, 20, depth);
        let all = rows(&buffer).join("\n");
        assert!(all.contains("story-7 has 0.75 of the template"), "{all}");
        assert!(all.contains("  BM"), "{all}");
        assert!(
            all.contains("a document has the template · numbers, names"),
            "{all}"
        );
        let style = |text: &str| {
            let y = areas.rows.y;
            let line: String = (areas.rows.x..areas.rows.right())
                .map(|x| buffer[(x, y)].symbol())
                .collect();
            let at = line.find(text).unwrap() as u16;
            let cell = &buffer[(areas.rows.x + at, y)];
            (cell.fg, cell.modifier)
        };
        let (template, number, none) = (style("and"), style("two"), style("make"));
        assert!(
            template != number && template != none && number != none,
            "{depth:?}"
        );
    }
}

#[test]
fn the_index_is_asked_once_and_only_when_they_are_looked_at() {
    let mut ui = finished(false);
    let asked = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Regions(job, output, steps) => Some((*job, output.clone(), steps.clone())),
            _ => None,
        })
    };
    let effects = ui.step(Action::NextToken);
    assert!(asked(&effects).is_none());
    let (job, output, steps) = asked(&choose(&mut ui)).expect("a question");
    assert_eq!(output, "ten and two make");
    assert_eq!(steps, [[0, 16]]);
    assert!(
        asked(&ui.step(Action::PreviousToken)).is_none(),
        "asked already"
    );
    let steps = vec![Some(region())];
    ui.update(Update::Regions { job, steps });
    let (buffer, _) = screen(&mut ui, 140, 20, Depth::TrueColor);
    assert!(
        rows(&buffer)
            .join("\n")
            .contains("regions BM: the template, other numbers")
    );
    // Another color, and back: nothing is asked again.
    for _ in 0..7 {
        assert!(asked(&ui.step(Action::Measure)).is_none());
    }
}

#[test]
fn without_an_index_it_is_said() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    choose(&mut ui);
    let (buffer, _) = screen(&mut ui, 140, 20, Depth::TrueColor);
    let foot = rows(&buffer).pop().unwrap();
    assert!(foot.contains("none are known"), "{foot}");
}
