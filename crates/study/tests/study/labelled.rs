//! Steps that people labelled, against verdicts of a reward model, and thresholds that must not see the problem that they are tried on.

use rotescope_judge::ByHand;
use rotescope_study::evaluate::table::{Cell, Table};
use rotescope_study::evaluate::{EvaluateOptions, Evaluation};
use rotescope_testing::pairs::trace;
use rotescope_trace::{RegionClass, Retrieved, StepRegion, Trace, Verdict};

fn tables(traces: Vec<(Trace, ByHand)>) -> Vec<Table> {
    let mut all = Evaluation::new(EvaluateOptions::default());
    for (mut t, label) in traces {
        all.add_labelled(&mut t, Ok(Some(label))).unwrap();
    }
    all.report().unwrap().tables
}

/// The shares of wrong and of clean chains that a line is right on, as `k` of `n`.
fn line(tables: &[Table], name: &str) -> [(usize, usize); 2] {
    let table = tables.iter().find(|t| t.id == "first-error").unwrap();
    let row = table.rows.iter().find(|r| r[0] == Cell::from(name));
    let row = row.unwrap_or_else(|| panic!("{name} in {table:?}"));
    [1, 2].map(|i| match row[i] {
        Cell::Share(s) => (s.k, s.n),
        _ => panic!("{row:?}"),
    })
}

/// Two steps of words; the second has this many more letters.
fn chain(id: &str, question: &str, letters: usize) -> Trace {
    let output = format!("It is so. It is {}.", "x".repeat(letters));
    let t = trace(id, question, &output, "x");
    assert_eq!(t.steps.len(), 2);
    t
}

#[test]
fn a_reward_model_has_lines_of_its_own() {
    let estimated = |id: &str, p: [f64; 2]| {
        let mut t = chain(id, id, 3);
        for (step, p) in t.steps.iter_mut().zip(p) {
            step.verdict = Some(Verdict {
                right: p >= 0.5,
                by: "prm".into(),
                p: Some(p),
                span: None,
                tokens: Vec::new(),
                expected: None,
                why: None,
            });
        }
        t
    };
    let found = tables(vec![
        (estimated("a", [0.9, 0.2]), ByHand::FirstWrong(1)),
        (estimated("b", [0.4, 0.1]), ByHand::FirstWrong(1)),
        (estimated("c", [0.9, 0.6]), ByHand::Clean),
    ]);
    assert_eq!(line(&found, "verdicts"), [(0, 2), (1, 1)]);
    let with_model = line(&found, "verdicts, reward model where none");
    assert_eq!(with_model, [(1, 2), (1, 1)]);
    // 1 - p of the wrong steps: .8, .9; of the right ones: .1, .6, .1, .4.
    let steps = found.iter().find(|t| t.id == "first-error-steps").unwrap();
    let row = steps
        .rows
        .iter()
        .find(|r| r[0] == Cell::from("reward model"));
    assert!(matches!(row.unwrap()[1], Cell::Number(auroc, _) if auroc == 1.0));
}

/// Two chains on one question, alike: each could be named by a threshold that was learned from the other.
#[test]
fn a_threshold_does_not_see_the_other_chains_of_its_problem() {
    let wrong = ByHand::FirstWrong(1);
    let found = tables(vec![
        (chain("a", "first", 30), wrong),
        (chain("b", "first", 30), wrong),
        (chain("c", "second", 90), wrong),
        (chain("d", "second", 20), ByHand::Clean),
    ]);
    // From `second` the threshold is halfway from 99 to 29 characters, which a and b do not reach. From `first`, where none is clean, it is halfway from 39
    // to the 9 of a first step, which c and d both reach.
    let length = line(&found, "length in characters");
    assert_eq!(length, [(1, 3), (0, 1)]);
}

#[test]
fn labels_are_the_truth_that_a_flag_is_fitted_to() {
    let mut all = Evaluation::new(EvaluateOptions::default());
    for (id, label) in [("a", ByHand::FirstWrong(0)), ("b", ByHand::Clean)] {
        all.add_labelled(&mut chain(id, id, 3), Ok(Some(label)))
            .unwrap();
    }
    all.add_labelled(&mut chain("c", "c", 3), Ok(None)).unwrap();
    let misfit = Err("of other steps".into());
    all.add_labelled(&mut chain("d", "d", 3), misfit).unwrap();
    let report = all.report().unwrap();
    let notes = report.notes.join("\n");
    for want in ["2 chains", "without a label: 1", "d: of other steps"] {
        assert!(notes.contains(want), "{want}: {notes}");
    }
    // The first step of a; both of b.
    let flag = all.fit(Default::default()).unwrap();
    assert_eq!((flag.trained.steps, flag.trained.wrong), (3, 1));
}

/// The first wrong step is the one with a template of a document and other numbers, and with tokens that the corpus lacks there, whatever the model's
/// uncertainty; or any other.
#[test]
fn regions_and_the_corpus_are_worth_what_they_say_beyond_uncertainty() {
    let found = |telling: bool| {
        let chains = (0..60).map(|i| {
            let id = format!("q{i}");
            let mut t = chain(&id, &id, 3);
            let wrong = i % 2 == 0;
            for (s, step) in t.steps.iter_mut().enumerate() {
                let is_wrong = wrong && s == 1;
                let template = if telling {
                    is_wrong
                } else {
                    (i / 2 + s) % 2 == 0
                };
                step.region = Some(StepRegion {
                    class: if template {
                        RegionClass::Bm
                    } else {
                        RegionClass::Vm
                    },
                    background: 1.0,
                    foreground: if template { 0.0 } else { 1.0 },
                    ..StepRegion::default()
                });
            }
            let steps = t.steps.clone();
            for (k, token) in t.tokens.iter_mut().enumerate() {
                let step = steps.iter().find(|s| s.tokens[1] > k);
                let template = step.and_then(|s| s.region.as_ref());
                let is_there = template.is_some_and(|r| r.class == RegionClass::Vm);
                token.retrieved = Some(Retrieved {
                    p: if is_there { 0.8 } else { 0.0 },
                    count: 9,
                    ..Retrieved::default()
                });
                (token.rank, token.p) = (1, 0.5 + 0.01 * ((i * 7 + k * 3) % 40) as f32);
                token.entropy = 1.0 - token.p;
            }
            let label = match wrong {
                true => ByHand::FirstWrong(1),
                false => ByHand::Clean,
            };
            (t, label)
        });
        tables(chains.collect())
    };
    let of = |tables: &[Table], id: &str| tables.iter().find(|t| t.id == id).cloned().unwrap();
    let gain = |tables: &[Table], what: &str| {
        let id = format!("first-error-{what}-added");
        match of(tables, &id).rows[0][3] {
            Cell::Number(more, _) => more,
            ref other => panic!("{other:?}"),
        }
    };
    let telling = found(true);
    let classes = of(&telling, "first-error-regions");
    assert_eq!(classes.rows[0][2..4], [Cell::from(90), Cell::from(0)]);
    assert_eq!(classes.rows[2][2..4], [Cell::from(30), Cell::from(30)]);
    let random = found(false);
    for what in ["regions", "retrieved"] {
        let (more, none) = (gain(&telling, what), gain(&random, what));
        assert!(more > 0.3 && none.abs() < 0.15, "{what} {more} {none}");
    }
    // A flag too is the better for it, and says by how much.
    let said = |tables: &[Table]| of(tables, "step-flag").reading;
    let says = "AUROC more with what the corpus alone says of the tokens, paired: flag (uncertainty and text) .";
    assert!(said(&telling).starts_with(says), "{}", said(&telling));
    // Chains whose steps were not held against documents have no such tables.
    let none = tables(vec![(chain("a", "a", 3), ByHand::FirstWrong(1))]);
    assert!(
        none.iter()
            .all(|t| !t.id.contains("regions") && !t.id.contains("retrieved"))
    );
    assert!(!none.iter().any(|t| t.reading.contains("corpus alone")));
}
