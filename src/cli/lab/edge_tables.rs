//! Tables of `lab edge`.

use super::table::{interval, share, table};
use rotescope_lab::edge::{EdgeSummary, SHARES, reached, straightness};
use rotescope_lab::gaussian::world::World;

/// The world of a row.
fn world(s: &EdgeSummary) -> Vec<String> {
    let w = s.world;
    [w.dimension, w.components, w.samples]
        .map(|n| n.to_string())
        .to_vec()
}

/// Crossovers by Monte Carlo and in closed form, how straight they grow, and the constants of theorem 2.
pub fn crossovers(all: &[EdgeSummary]) -> String {
    let row = |s: &EdgeSummary| {
        let found = vec![share(s.crossover.mean), interval(&s.crossover)];
        [world(s), found, s.closed.map(share).to_vec()].concat()
    };
    let columns = "d | K | N | Monte Carlo | 95 % interval | closed form, C = 1 | C = 2";
    let mut out = format!(
        "### Where memorizing takes over: M*/N\n\n{}",
        table(columns, all.iter().map(row))
    );
    let first = all.first().map(|s| s.world.samples);
    for s in all.iter().filter(|s| Some(s.world.samples) == first) {
        let World {
            dimension,
            components,
            ..
        } = s.world;
        if let Some(r2) = straightness(all, &s.world) {
            out += &format!(
                "\nd = {dimension}, K = {components}: M* is linear in N, R^2 = {r2:.5}.\n"
            );
        }
    }
    let shares = SHARES.map(|s| format!("M/N = {s}")).join(" | ");
    let row = |s: &EdgeSummary| match s.constants {
        Some(c) => [world(s), c.map(|c| format!("{c:.2}")).to_vec()].concat(),
        None => [world(s), vec!["–".into(); SHARES.len()]].concat(),
    };
    out += &format!(
        "\n### C of the first M points' excess loss, C (1 - M/N) d sigma^2 (t from .1 to .7; 1 to 2 by theorem 2)\n\n{}",
        table(&format!("d | K | N | {shares}"), all.iter().map(row))
    );
    out
}

/// What trained models copy of the data among `generated` points that each makes.
pub fn copies(all: &[EdgeSummary], generated: usize) -> String {
    let rows = all.iter().flat_map(|s| {
        let n = s.world.samples as f64;
        s.trained.iter().map(move |t| {
            let step = t.size as f64 >= s.crossover.mean * n;
            let of_model = vec![
                t.size.to_string(),
                share(t.size as f64 / n),
                share(t.copies.mean),
                interval(&t.copies),
                u8::from(step).to_string(),
                format!("{:.2}", t.learned),
            ];
            [world(s), of_model].concat()
        })
    });
    let columns = "d | K | N | M | M/N | copies | 95 % interval | a step at M* | sigma learned";
    let mut out = format!(
        "### Copies among {generated} points that a trained denoiser makes (three times nearer to one point of the data than to any other)\n\n{}",
        table(columns, rows)
    );
    for s in all {
        let World {
            dimension,
            components,
            samples,
            ..
        } = s.world;
        let [tenth, half, most] =
            [0.1, 0.5, 0.9].map(|level| reached(s, level).map_or("–".into(), share));
        out += &format!(
            "\nd = {dimension}, K = {components}, N = {samples}: a tenth are copies at M/N = {tenth}, half at {half}, nine tenths at {most}; M*/N is {}.\n",
            share(s.crossover.mean)
        );
    }
    out
}
