//! Wrong tokens: where they come from, and which scores find them.

use rotescope_report::chart::{Area, Chart, Look, Panel, Point, Series};
use rotescope_study::evaluate::figures::FigureData;
use rotescope_study::evaluate::table::{Cell, Share, Table};
use rotescope_trace::Source;

use super::parts::{distinct, of_source};

pub(super) fn sources(data: &FigureData) -> Option<Chart> {
    let table = data.dominant.as_ref()?;
    let text = |row: &[Cell], i: usize| row.get(i).map_or(String::new(), Cell::text);
    let names: Vec<(String, String)> = table
        .rows
        .iter()
        .map(|row| (text(row, 0), text(row, 1)))
        .collect();
    let tasks = distinct(names.iter().map(|(task, _)| task.as_str()));
    let panel = |task: &&str| {
        let here: Vec<usize> = (0..names.len()).filter(|i| names[*i].0 == **task).collect();
        let shares = |place: usize| -> [Share; Source::COUNT] {
            Source::ALL.map(|s| match table.rows[here[place]].get(2 + s as usize) {
                Some(Cell::Share(share)) => *share,
                _ => Share::default(),
            })
        };
        let series = Source::ALL.map(|source| {
            let bar = |place: usize| {
                let shares = shares(place).map(|s| s.percent().unwrap_or(0.0));
                let from: f64 = shares[..source as usize].iter().sum();
                Area::Bar {
                    x: place as f64,
                    width: 0.5,
                    from,
                    to: from + shares[source as usize],
                }
            };
            Series {
                areas: (0..here.len()).map(bar).collect(),
                ..of_source(source)
            }
        });
        let place = |(place, i): (usize, &usize)| {
            let tokens = shares(place)[0].n;
            format!("{} ({tokens})", names[*i].1)
        };
        Panel {
            title: (*task).into(),
            x: "split (wrong tokens)".into(),
            y: "wrong tokens, %".into(),
            series: series.into(),
            categories: here.iter().enumerate().map(place).collect(),
            range: Some([0.0, 100.0]),
            ..Panel::default()
        }
    };
    Some(Chart {
        panels: tasks.iter().map(panel).collect(),
        columns: 2,
        ..Chart::default()
    })
}

/// The rankings that are drawn: more would hide each other.
const RANKINGS: [(&str, Look, usize); 6] = [
    ("random (exact)", Look::Dashed, 3),
    ("local", Look::Both, 2),
    ("mid", Look::Both, 0),
    ("long", Look::Both, 1),
    ("STIM_max", Look::Both, 3),
    ("entropy", Look::Dotted, 0),
];

pub(super) fn precision(data: &FigureData) -> Option<Chart> {
    let table = data.wrong_tokens.as_ref()?;
    let panel = |(title, y, first): (&str, &str, usize)| Panel {
        title: title.into(),
        x: "k, tokens looked at".into(),
        y: y.into(),
        series: RANKINGS
            .iter()
            .enumerate()
            .filter_map(|(n, kind)| ranking(table, n, *kind, first))
            .collect(),
        categories: ["1", "2", "3"].map(str::to_owned).into(),
        range: Some([0.0, 1.0]),
        ..Panel::default()
    };
    let panels = [
        ("P@k", "share of them that is wrong", 1),
        ("R@k", "share of the wrong ones found", 4),
    ];
    Some(Chart {
        panels: panels.map(panel).into(),
        ..Chart::default()
    })
}

/// The row of a ranking from the column of its first k on; the rankings stand beside each other, so that intervals can be seen.
fn ranking(
    table: &Table,
    n: usize,
    (name, look, color): (&str, Look, usize),
    first: usize,
) -> Option<Series> {
    let row = table.rows.iter().find(|r| r[0].text() == name)?;
    let point = |k: usize| match row[first + k] {
        Cell::Number(y, interval) => Some(Point {
            x: k as f64 + 0.05 * (n as f64 - 2.5),
            y,
            interval: interval.map(|(low, high)| [low, high]),
        }),
        _ => None,
    };
    Some(Series {
        name: name.into(),
        look,
        color,
        points: (0..3).filter_map(point).collect(),
        ..Series::default()
    })
}
