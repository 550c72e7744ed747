//! Scores: by task, split and correctness, by count; right answers.

use rotescope_report::chart::{Area, Chart, Look, Panel, Point, Series};
use rotescope_stats::bootstrap::quantile;
use rotescope_study::evaluate::figures::FigureData;
use rotescope_trace::Source;

use super::parts::{distinct, of_source};

/// Quartiles, median, and the last values within 1.5 times the height of the box (Tukey, 1977); with how many values there are.
fn five(values: &mut [f64]) -> Option<([f64; 5], usize)> {
    values.sort_by(f64::total_cmp);
    let at = |q: f64| quantile(values, q);
    let (q1, median, q3) = (at(0.25)?, at(0.5)?, at(0.75)?);
    let reach = 1.5 * (q3 - q1);
    let low = values.iter().copied().find(|v| *v >= q1 - reach);
    let high = values.iter().rev().copied().find(|v| *v <= q3 + reach);
    let ends = (low?.min(q1), high?.max(q3));
    Some(([ends.0, q1, median, q3, ends.1], values.len()))
}

pub(super) fn stim_max(data: &FigureData) -> Option<Chart> {
    let all = &data.strengths;
    if all.is_empty() {
        return None;
    }
    let mut tasks = distinct(all.iter().map(|s| s.origin.task.as_str()));
    tasks.sort_unstable();
    let splits = distinct(all.iter().map(|s| s.origin.split.as_str()));
    let panel = |task: &&str| {
        let series = [(true, "right completions"), (false, "wrong completions")];
        let series = series.into_iter().enumerate().map(|(n, (right, name))| {
            let area = |(i, split): (usize, &&str)| {
                let here = all.iter().filter(|s| s.right == right);
                let here = here.filter(|s| s.origin.task == **task && s.origin.split == **split);
                let (five, of) = five(&mut here.map(|s| s.value).collect::<Vec<_>>())?;
                Some(Area::Box {
                    x: i as f64 + 0.36 * (n as f64 - 0.5),
                    width: 0.28,
                    five,
                    of,
                })
            };
            Series {
                name: name.into(),
                color: n,
                areas: splits.iter().enumerate().filter_map(area).collect(),
                ..Series::default()
            }
        });
        Panel {
            title: (*task).into(),
            x: "split".into(),
            y: "mean STIM_max of the step, -1 to 1".into(),
            series: series.collect(),
            categories: splits.iter().map(ToString::to_string).collect(),
            range: Some(range(all.iter().map(|s| s.value))),
            ..Panel::default()
        }
    };
    Some(Chart {
        panels: tasks.iter().map(panel).collect(),
        columns: 2,
        ..Chart::default()
    })
}

/// One scale for all panels, with room for the numbers above the boxes.
fn range(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (low, high) = values.fold((0f64, 0f64), |(l, h), v| (l.min(v), h.max(v)));
    [low - 0.05, high + 0.12]
}

/// Powers of ten as places: none, 1 to 9, 10 to 99, ...
const DECADES: [&str; 6] = ["0", "1+", "10+", "100+", "1000+", "10⁴+"];

fn decade(count: f64) -> usize {
    match count {
        c if c < 1.0 => 0,
        c => (c.log10().floor() as usize + 1).min(DECADES.len() - 1),
    }
}

pub(super) fn by_count(data: &FigureData) -> Option<Chart> {
    let mut panels = Vec::new();
    for source in Source::ALL {
        let all = &data.counts[source as usize];
        if all.is_empty() {
            continue;
        }
        let area = |i: usize| {
            let here = all.iter().filter(|(count, _)| decade(*count) == i);
            let (five, of) = five(&mut here.map(|(_, score)| *score).collect::<Vec<_>>())?;
            Some(Area::Box {
                x: i as f64,
                width: 0.5,
                five,
                of,
            })
        };
        let what = match source {
            Source::Local => "times the run occurs with the token",
            _ => "mean co-occurrences with the salient words",
        };
        panels.push(Panel {
            title: source.name().into(),
            x: what.into(),
            y: "score, rank correlation".into(),
            series: vec![Series {
                areas: (0..DECADES.len()).filter_map(area).collect(),
                ..of_source(source)
            }],
            categories: DECADES.map(str::to_owned).into(),
            range: Some([-1.05, 1.15]),
            ..Panel::default()
        });
    }
    (!panels.is_empty()).then(|| Chart {
        panels,
        columns: 2,
        ..Chart::default()
    })
}

pub(super) fn accuracy(data: &FigureData) -> Option<Chart> {
    let all = &data.accuracy;
    let tasks = distinct(all.iter().map(|(task, _, _)| task.as_str()));
    let splits = distinct(all.iter().map(|(_, split, _)| split.as_str()));
    if all.is_empty() {
        return None;
    }
    let series = |(n, task): (usize, &&str)| {
        let point = |(i, split): (usize, &&str)| {
            let (_, _, share) = all.iter().find(|(t, s, _)| t == task && s == split)?;
            let (low, high) = share.interval()?;
            Some(Point {
                x: i as f64 + 0.12 * (n as f64 - (tasks.len() as f64 - 1.0) / 2.0),
                y: share.percent()?,
                interval: Some([low, high]),
            })
        };
        Series {
            name: (*task).into(),
            look: Look::Points,
            color: n,
            points: splits.iter().enumerate().filter_map(point).collect(),
            ..Series::default()
        }
    };
    Some(Chart {
        panels: vec![Panel {
            x: "split".into(),
            y: "right answers, %".into(),
            series: tasks.iter().enumerate().map(series).collect(),
            categories: splits.iter().map(ToString::to_string).collect(),
            range: Some([-3.0, 103.0]),
            ..Panel::default()
        }],
        ..Chart::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_numbers_of_a_known_sample() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 100.0];
        let (found, n) = five(&mut values).unwrap();
        assert_eq!((found, n), ([1.0, 3.0, 5.0, 7.0, 8.0], 9));
        assert_eq!(five(&mut []), None);
    }

    #[test]
    fn counts_stand_at_their_power_of_ten() {
        let places = [0.0, 0.5, 1.0, 9.9, 10.0, 999.0, 1e4, 1e9].map(decade);
        assert_eq!(places, [0, 0, 1, 1, 2, 3, 5, 5]);
    }
}
