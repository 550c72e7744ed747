//! Who knows a token as the color of a completion.

use super::support::*;
use rotescope::themes::THEMES;
use rotescope_trace::{Known, Retrieved};

/// A completion whose first four tokens are of each kind; the corpus was not asked of the fifth.
fn finished() -> Ui {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    let job = stream(&mut ui, &CHAIN[..5]);
    let s = ui.app.sessions.iter().find(|s| s.job == job).unwrap();
    let mut tokens = s.tokens().to_vec();
    for (known, token) in Known::ALL.into_iter().zip(&mut tokens) {
        let by_corpus = matches!(known, Known::Both | Known::Corpus);
        token.retrieved = Some(Retrieved {
            p: if by_corpus { 1.0 } else { 0.0 },
            n: 3,
            count: 12,
            sparse: by_corpus,
            gap: by_corpus.then_some(-0.28),
            known,
        });
    }
    let trace = Trace {
        output: tokens.iter().map(|t| t.text.as_str()).collect(),
        steps: s.steps.clone(),
        tokens,
        ..Trace::default()
    };
    let trace = Box::new(trace);
    let effects = ui.update(Update::Finished { job, trace });
    settle(&mut ui, effects);
    ui
}

fn choose(ui: &mut Ui) {
    for _ in 0..9 {
        ui.step(Action::Measure);
        if ui.app.measure.name() == "who knows" {
            return;
        }
    }
    panic!("no such color");
}

#[test]
fn each_kind_has_a_look_of_its_own_and_the_inspector_says_why() {
    let mut ui = finished();
    choose(&mut ui);
    ui.app.message = None;
    ui.step(Action::Last);
    for theme in THEMES.names() {
        ui.app.theme = THEMES.builtin(theme).unwrap();
        for depth in [Depth::TrueColor, Depth::Ansi16, Depth::None] {
            let (buffer, areas) = screen(&mut ui, 120, 24, depth);
            let all = rows(&buffer).join("\n");
            let legend = "both · the weights alone · the corpus alone · neither · not asked";
            assert!(all.contains(legend), "{all}");
            let y = areas.rows.y;
            let line: String = (areas.rows.x..areas.rows.right())
                .map(|x| buffer[(x, y)].symbol())
                .collect();
            let looks: Vec<_> = ["ten", "and", "two", "make"]
                .map(|word| {
                    let at = line.find(word).unwrap() as u16;
                    let cell = &buffer[(areas.rows.x + at, y)];
                    (cell.fg, cell.modifier)
                })
                .into();
            for (i, look) in looks.iter().enumerate() {
                assert!(!looks[..i].contains(look), "{theme} {depth:?} {looks:?}");
            }
        }
    }
    ui.step(Action::First);
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        ui.app.pane = Pane::Token;
        let (buffer, areas) = screen(&mut ui, width, height, Depth::TrueColor);
        let words: Vec<String> = (areas.token.y..areas.token.bottom())
            .map(|y| {
                let row =
                    (areas.token.x + 1..areas.token.right() - 1).map(|x| buffer[(x, y)].symbol());
                row.collect::<String>().trim().to_string()
            })
            .collect();
        let words = words.join(" ");
        // At 80 columns the candidates stand beside it.
        for part in ["known to both: p 0.75", "gap -0.28 nats", "seen 12 ×"] {
            assert!(words.contains(part), "{width}x{height} {words}");
        }
    }
}

#[test]
fn where_nobody_asked_it_is_said() {
    let mut ui = ui(vec![prompt("one", "How many?")]);
    stream(&mut ui, &CHAIN);
    choose(&mut ui);
    let (buffer, _) = screen(&mut ui, 140, 20, Depth::TrueColor);
    let foot = rows(&buffer).pop().unwrap();
    assert!(foot.contains("nobody asked"), "{foot}");
}
