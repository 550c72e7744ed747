//! What is said beside the tables: spellings that pass, costs, and the picture.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::cli::common::grouped;
use crate::cli::told::Told;
use crate::run::pii::attack::targets::Target;
use crate::run::pii::bench::measure::Bench;
use crate::run::pii::bench::subset::{Protection, named};
use crate::run::pii::bench::tally::Sum;
use crate::run::pii::cost::Cost;
use rotescope_model::CancelToken;
use rotescope_privacy::attack::Held;
use rotescope_privacy::gate::spelling::Spelling;
use rotescope_privacy::{Detectors, masked_behind};
use rotescope_report::chart::{Chart, Look, Panel, Point, Series};

/// Turns in which costs are measured.
const TURNS: usize = 7;

/// Spellings in which the pattern filter lets a value pass that is still known by letters and digits.
pub fn holes(targets: &[Target], detectors: &Detectors) -> String {
    let mut out = String::from(
        "\n### Values that the pattern filter lets pass\n\n| spelling | written | by letters and digits still there |\n|---|--:|--:|\n",
    );
    for spelling in Spelling::ALL {
        let (mut written, mut there) = (0u64, 0u64);
        for target in targets {
            let text = spelling.write(&target.value);
            if text == target.value && spelling.name != "verbatim" {
                continue;
            }
            written += 1;
            let (shown, _) = masked_behind(&target.around[0], &text, detectors);
            there += u64::from(Held::new(&target.value, &shown).normalized);
        }
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            spelling.name,
            grouped(written),
            grouped(there)
        );
    }
    out
}

/// What each subset costs.
///
/// # Errors
/// Those of the model; to be cancelled.
pub fn costs(bench: &Bench<'_>, cancel: &CancelToken, quiet: bool) -> Result<String> {
    let mut out = String::from(
        "\n### Cost\n\n| protections | tokens a second | without | times as long for a token |\n|---|--:|--:|--:|\n",
    );
    let count = bench.sides.len() * bench.patterns().count();
    let mut told = Told::start("subsets timed", Some(count), quiet);
    for side in &bench.sides {
        for pattern in bench.patterns() {
            told.step(1, "");
            // These generate as the model itself does.
            if side.asker.mixture.is_none() && pattern.is_none() {
                continue;
            }
            let names = side.subset.iter().map(|p| p.name().to_string());
            let names = names.chain(pattern.map(|_| Protection::Pattern.name().to_string()));
            let cost = Cost {
                engine: side.engine,
                filter: None,
                mixture: side.asker.mixture.clone(),
                detectors: pattern,
                turns: TURNS,
                cancel,
            };
            let measured = cost.measure()?;
            let m =
                measured.context("--speed: the model ends before there is anything to measure")?;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {:.2} |",
                named(&names.collect::<Vec<_>>()),
                grouped(m.with as u64),
                grouped(m.without as u64),
                m.times
            );
        }
    }
    Ok(out)
}

/// The name of a subset, short enough to stand beside a point.
fn letters(name: &str) -> String {
    let letter = |name: &str| match Protection::of_name(name)? {
        Protection::Dedup => Some('D'),
        Protection::Dp => Some('N'),
        Protection::Entropy => Some('E'),
        Protection::Pattern => Some('P'),
    };
    let all: Option<String> = name.split(" + ").map(letter).collect();
    all.unwrap_or_else(|| name.into())
}

/// What leaks against what is left: those that no other beats, and the rest.
pub fn chart(sums: &[Sum]) -> Chart {
    // Subsets at the same place have one name together.
    let mut places: Vec<(f64, f64, bool, Vec<String>)> = Vec::new();
    for s in sums {
        let near = |p: &&mut (f64, f64, bool, Vec<String>)| {
            (p.0 - s.utility).abs() < 0.005 && (p.1 - s.leaked).abs() < 0.005 && p.2 == s.best
        };
        match places.iter_mut().find(near) {
            Some(place) => place.3.push(letters(&s.name)),
            None => places.push((s.utility, s.leaked, s.best, vec![letters(&s.name)])),
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let series = |name: &str, best: bool, look, color| {
        let of = || places.iter().filter(move |p| p.2 == best);
        Series {
            name: name.into(),
            look,
            color,
            points: of().map(|p| Point::from((p.0, 100.0 * p.1))).collect(),
            names: of().map(|p| p.3.join(", ")).collect(),
            ..Series::default()
        }
    };
    Chart {
        title: "What protections leave".into(),
        panels: vec![Panel {
            title: "D dedup, N dp, E entropy, P pattern".into(),
            x: "utility: exp of the mean log-probability against the model's own".into(),
            y: "answers that hold a value, %".into(),
            series: vec![
                series("not beaten by another", true, Look::Both, 0),
                series("beaten", false, Look::Points, 1),
            ],
            ..Panel::default()
        }],
        columns: 1,
    }
}
