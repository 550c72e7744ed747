//! What tests of the tables share.

use rotescope_study::evaluate::table::{Cell, Table};
use rotescope_study::evaluate::{EvaluateOptions, Evaluation, Setting};
use rotescope_trace::Trace;

pub fn evaluated(traces: &[Trace]) -> Evaluation {
    evaluated_with(EvaluateOptions::default(), traces)
}

/// With a few resamples.
pub fn evaluated_with(options: EvaluateOptions, traces: &[Trace]) -> Evaluation {
    let intervals = Setting {
        resamples: 20,
        seed: 0,
    };
    let mut e = Evaluation::new(EvaluateOptions {
        intervals,
        ..options
    });
    for t in traces {
        e.add(&mut t.clone()).unwrap();
    }
    e
}

pub fn table(e: &mut Evaluation, id: &str) -> Table {
    find(e, id).unwrap_or_else(|| panic!("no table {id}"))
}

pub fn find(e: &mut Evaluation, id: &str) -> Option<Table> {
    let tables = e.report().unwrap().tables;
    tables.into_iter().find(|t| t.id == id)
}

pub fn number(t: &Table, row: &str, column: &str) -> f64 {
    let c = t.head.iter().position(|h| h.starts_with(column)).unwrap();
    match t
        .rows
        .iter()
        .find(|r| r[0].text() == row)
        .unwrap_or_else(|| panic!("no row {row}"))[c]
    {
        Cell::Number(v, _) => v,
        ref other => panic!("{other:?}"),
    }
}
