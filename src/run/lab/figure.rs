//! Pictures of the labs.

use rotescope_lab::Mean;
use rotescope_lab::distill::DistillSummary;
use rotescope_lab::edge::{AtTime, EdgeSummary, SHARES, TrainedSummary};
use rotescope_lab::texts::TextSummary;
use rotescope_report::chart::{Chart, Look, Panel, Point, Series};

fn series(
    name: &str,
    look: Look,
    color: usize,
    points: impl IntoIterator<Item = (f64, f64)>,
) -> Series {
    Series {
        name: name.into(),
        look,
        color,
        points: points.into_iter().map(Point::from).collect(),
        ..Series::default()
    }
}

/// A share with three digits, as `.792`.
pub fn share(value: f64) -> String {
    let text = format!("{value:.3}");
    match text.strip_prefix("0.") {
        Some(digits) => format!(".{digits}"),
        None => text,
    }
}

/// The loss curves of the first world, its trained models, and M* against N where there are several N.
pub fn edge(all: &[EdgeSummary]) -> Chart {
    let Some(s) = all.first() else {
        return Chart::default();
    };
    let n = s.world.samples as f64;
    let unit = s.world.dimension as f64 * s.world.sigma.powi(2);
    let by_time = |value: &dyn Fn(&AtTime) -> f64| -> Vec<(f64, f64)> {
        s.times.iter().map(|t| (t.t, value(t) / unit)).collect()
    };
    let mut of_times = vec![
        series(
            "knows the mixture: Monte Carlo",
            Look::Points,
            0,
            by_time(&|t| t.generalizing),
        ),
        series("closed form", Look::Line, 0, by_time(&|t| t.closed)),
    ];
    for (color, k) in [(1, 1), (2, 3)] {
        let name = format!("knows the first M = {} N points", SHARES[k]);
        of_times.push(series(&name, Look::Both, color, by_time(&|t| t.partial[k])));
    }
    let shares = || (1..=s.partial.len()).map(|m| m as f64 / n);
    let line = |c: f64| shares().map(move |x| (x, c * (1.0 - x)));
    let level = [(1.0 / n, s.generalizing), (1.0, s.generalizing)];
    let of_sizes = vec![
        series("knows the mixture", Look::Line, 0, level),
        series(
            "knows the first M points: Monte Carlo",
            Look::Line,
            1,
            shares().zip(s.partial.iter().copied()),
        ),
        series("closed form, C = 1", Look::Dashed, 2, line(1.0)),
        series("closed form, C = 2", Look::Dashed, 3, line(2.0)),
    ];
    let at = (
        s.crossover.mean,
        format!("M*/N = {}", share(s.crossover.mean)),
    );
    let unit = "excess loss / (d sigma²)";
    let mut panels = vec![
        Panel {
            title: "Loss above that of who knows all points".into(),
            x: "amount of noise t".into(),
            y: unit.into(),
            series: of_times,
            ..Panel::default()
        },
        Panel {
            title: "Mean over noises".into(),
            x: "M / N".into(),
            y: unit.into(),
            series: of_sizes,
            marks: vec![at.clone()],
            range: Some([0.0, 2.0]),
            ..Panel::default()
        },
    ];
    if !s.trained.is_empty() {
        let point = |t: &TrainedSummary| Point {
            x: t.size as f64 / n,
            y: t.copies.mean,
            interval: t.copies.interval,
        };
        let copies = Series {
            name: format!("trained, mean of {} data sets", s.crossover.of),
            look: Look::Both,
            color: 1,
            points: s.trained.iter().map(point).collect(),
            ..Series::default()
        };
        let (low, high) = (s.trained.first().map_or(0.0, |t| t.size as f64 / n), 1.0);
        let step = [(low, 0.0), (at.0, 0.0), (at.0, 1.0), (high, 1.0)];
        panels.push(Panel {
            title: "Copies among what trained models make".into(),
            x: "M / N".into(),
            y: "share of copies".into(),
            series: vec![copies, series("a step at M*", Look::Dashed, 0, step)],
            marks: vec![at],
            range: Some([-0.03, 1.03]),
            ..Panel::default()
        });
    }
    let alike: Vec<&EdgeSummary> = all
        .iter()
        .filter(|o| {
            (o.world.dimension, o.world.components) == (s.world.dimension, s.world.components)
        })
        .collect();
    if alike.len() > 1 {
        let point = |o: &&EdgeSummary| {
            let n = o.world.samples as f64;
            Point {
                x: n,
                y: n * o.crossover.mean,
                interval: o.crossover.interval.map(|ends| ends.map(|e| e * n)),
            }
        };
        let found = Series {
            name: "Monte Carlo".into(),
            look: Look::Points,
            color: 1,
            points: alike.iter().map(point).collect(),
            ..Series::default()
        };
        let largest = alike
            .iter()
            .map(|o| o.world.samples as f64)
            .fold(0.0, f64::max);
        panels.push(Panel {
            title: "The crossover by the number of points".into(),
            x: "N".into(),
            y: "M*".into(),
            series: vec![
                found,
                series(
                    "4/5 N",
                    Look::Line,
                    0,
                    [(0.0, 0.0), (largest, 0.8 * largest)],
                ),
            ],
            ..Panel::default()
        });
    }
    let w = s.world;
    Chart {
        title: format!(
            "Gaussian lab: d = {}, K = {}, N = {}, sigma = {}",
            w.dimension, w.components, w.samples, w.sigma
        ),
        panels,
        columns: 0,
    }
}

/// The loss curves of the first world of texts, and the crossovers of all.
pub fn text(all: &[TextSummary]) -> Chart {
    let Some(s) = all.first() else {
        return Chart::default();
    };
    let n = s.world.samples as f64;
    let mut panels = Vec::new();
    for (name, score) in [
        ("cross-entropy, nats", &s.cross_entropy),
        ("Brier score", &s.brier),
    ] {
        let level = [(1.0 / n, score.generalizing), (1.0, score.generalizing)];
        let partial = score
            .partial
            .iter()
            .enumerate()
            .map(|(i, l)| ((i + 1) as f64 / n, *l));
        panels.push(Panel {
            title: format!("Loss of a masked symbol: {name}"),
            x: "M / N".into(),
            y: name.into(),
            series: vec![
                series("knows the templates", Look::Line, 0, level),
                series("knows the first M texts", Look::Line, 1, partial),
            ],
            marks: vec![(
                score.best.mean,
                format!("M*/N = {}", share(score.best.mean)),
            )],
            ..Panel::default()
        });
    }
    if all.len() > 1 {
        let copies = |s: &TextSummary| s.world.samples as f64 / s.world.templates as f64;
        let found = |name: &str, color: usize, of: fn(&TextSummary) -> &Mean| Series {
            name: name.into(),
            look: Look::Points,
            color,
            points: all
                .iter()
                .map(|s| Point {
                    x: copies(s).log2(),
                    y: of(s).mean,
                    interval: of(s).interval,
                })
                .collect(),
            ..Series::default()
        };
        let closed = Series {
            name: "one neighbour".into(),
            look: Look::Points,
            color: 2,
            points: all
                .iter()
                .map(|s| Point::from((copies(s).log2(), s.closed)))
                .collect(),
            ..Series::default()
        };
        panels.push(Panel {
            title: "The crossover by texts a template, all worlds".into(),
            x: "log2 of N / K".into(),
            y: "M* / N".into(),
            series: vec![
                found("cross-entropy", 0, |s| &s.cross_entropy.best),
                found("Brier", 1, |s| &s.brier.best),
                closed,
            ],
            ..Panel::default()
        });
    }
    let w = s.world;
    Chart {
        title: format!(
            "Lab of texts: d = {}, K = {}, V = {}, N = {}, noise = {}",
            w.length, w.templates, w.symbols, w.samples, w.noise
        ),
        panels,
        columns: 0,
    }
}

/// Verbatim share of students, by their test loss and from pass to pass.
pub fn distill(all: &[DistillSummary]) -> Chart {
    let curves = all.iter().enumerate().map(|(i, s)| {
        let points = s.curve.iter().map(|[loss, verbatim]| (*loss, *verbatim));
        series(&s.loss, Look::Both, i, points)
    });
    let passes = all.iter().enumerate().map(|(i, s)| {
        let points = s.curve.iter().enumerate();
        let points = points.map(|(pass, [_, verbatim])| (pass as f64, *verbatim));
        series(&s.loss, Look::Both, i, points)
    });
    Chart {
        title: "Students of a model that recites".into(),
        panels: vec![
            Panel {
                title: "Over the passes, by test loss".into(),
                x: "test loss, nats a token".into(),
                y: "share given verbatim".into(),
                series: curves.collect(),
                ..Panel::default()
            },
            Panel {
                title: "From pass to pass".into(),
                x: "passes".into(),
                y: "share given verbatim".into(),
                series: passes.collect(),
                ..Panel::default()
            },
        ],
        columns: 0,
    }
}
