//! Steps that people labelled, against verdicts of a reward model, and thresholds that must not see the problem that they are tried on.

use rotescope_judge::ByHand;
use rotescope_study::evaluate::table::{Cell, Table};
use rotescope_study::evaluate::{EvaluateOptions, Evaluation};
use rotescope_testing::pairs::trace;
use rotescope_trace::{Trace, Verdict};

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
