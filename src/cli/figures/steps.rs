//! Steps and prompts: how far a flag can be trusted, and what perturbations cost.

use rotescope_report::chart::{Area, Chart, Look, Panel, Point, Series};
use rotescope_study::evaluate::figures::{FigureData, PerturbedShare};
use rotescope_study::evaluate::table::{Cell, Share};

fn diagonal(name: &str) -> Series {
    Series {
        name: name.into(),
        look: Look::Dashed,
        color: 3,
        points: [(0.0, 0.0), (1.0, 1.0)].map(Point::from).into(),
        ..Series::default()
    }
}

/// How the curves look, the flag first.
const CURVES: [(Look, usize); 5] = [
    (Look::Line, 0),
    (Look::LongDashed, 0),
    (Look::Dotted, 2),
    (Look::DashDotted, 1),
    (Look::LongDashed, 3),
];

pub(super) fn roc(data: &FigureData) -> Option<Chart> {
    if data.roc.is_empty() {
        return None;
    }
    let curve = |(i, r): (usize, &rotescope_study::evaluate::figures::Roc)| {
        let (look, color) = CURVES[i % CURVES.len()];
        Series {
            name: format!("{}: AUROC {:.3}", r.name, r.auroc),
            look,
            color,
            points: r.points.iter().copied().map(Point::from).collect(),
            ..Series::default()
        }
    };
    let mut series: Vec<Series> = data.roc.iter().enumerate().map(curve).collect();
    series.push(diagonal("random: AUROC .5"));
    let (steps, wrong) = data.steps;
    Some(Chart {
        panels: vec![Panel {
            title: format!("{wrong} of {steps} steps are wrong"),
            x: "right steps flagged, share".into(),
            y: "wrong steps flagged, share".into(),
            series,
            range: Some([0.0, 1.02]),
            ..Panel::default()
        }],
        ..Chart::default()
    })
}

pub(super) fn reliability(data: &FigureData) -> Option<Chart> {
    let table = data.calibration.as_ref()?;
    let mut points = Vec::new();
    let mut bars = Vec::new();
    for (i, row) in table.rows.iter().enumerate() {
        let [_, Cell::Count(n), predicted, observed] = row.as_slice() else {
            continue;
        };
        bars.push(Area::Bar {
            x: 0.05 + 0.1 * i as f64,
            width: 0.08,
            from: 0.0,
            to: *n as f64,
        });
        if let (Cell::Number(x, _), Cell::Number(y, _)) = (predicted, observed) {
            let k = (y * *n as f64).round() as usize;
            let ends = Share { k, n: *n }.interval();
            points.push(Point {
                x: *x,
                y: *y,
                interval: ends.map(|(low, high)| [low / 100.0, high / 100.0]),
            });
        }
    }
    let found = Series {
        name: "cross-validated flag".into(),
        look: Look::Both,
        points,
        ..Series::default()
    };
    let steps = Series {
        name: "steps".into(),
        areas: bars,
        ..Series::default()
    };
    Some(Chart {
        panels: vec![
            Panel {
                title: table.title.clone(),
                x: "predicted probability that the step is wrong".into(),
                y: "share of steps that is wrong".into(),
                series: vec![found, diagonal("as predicted")],
                range: Some([-0.02, 1.02]),
                ..Panel::default()
            },
            Panel {
                title: "Steps by prediction".into(),
                x: "predicted probability".into(),
                y: "steps".into(),
                series: vec![steps],
                ..Panel::default()
            },
        ],
        ..Chart::default()
    })
}

pub(super) fn perturbation(data: &FigureData) -> Option<Chart> {
    if data.perturbed.is_empty() {
        return None;
    }
    let panel = |title: &str, x: &str, of: fn(&PerturbedShare) -> f64| {
        let mut all: Vec<&PerturbedShare> = data.perturbed.iter().collect();
        all.sort_by(|a, b| of(a).total_cmp(&of(b)));
        let point = |p: &&PerturbedShare| {
            Some(Point {
                x: of(p),
                y: p.right.percent()?,
                interval: p.right.interval().map(|(low, high)| [low, high]),
            })
        };
        let named = all.iter().filter(|p| !p.operators.is_empty());
        Panel {
            title: title.into(),
            x: x.into(),
            y: "right answers, %".into(),
            series: vec![Series {
                name: "all prompts of an operator, 95 % interval".into(),
                look: Look::Points,
                points: all.iter().filter_map(point).collect(),
                ..Series::default()
            }],
            marks: named
                .map(|p| (of(p), format!("{} ({})", p.operators, p.right.n)))
                .collect(),
            range: Some([-3.0, 103.0]),
            ..Panel::default()
        }
    };
    Some(Chart {
        panels: vec![
            panel("How far words moved", "mean distance, words", |p| {
                p.absolute
            }),
            panel("New neighbours", "share of neighbours", |p| p.relative),
        ],
        ..Chart::default()
    })
}
