//! Tables and a plot from comparisons: `perturbation_results DIR PROMPTS OUT.md OUT.svg`.
//!
//! DIR holds files of comparisons as `rotescope compare --json` writes them: `op-TASK-OPERATOR.jsonl`, `rarer-TASK-FACTOR.jsonl` and
//! `planted-KIND.jsonl`; PROMPTS is the folder of prompt files, where the planted tokens stand. `scripts/perturbations.sh` makes them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::io::BufRead;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rotescope::run::prompts;
use rotescope_stats::{interval, mcnemar_exact};
use rotescope_study::compare::Comparison;
use rotescope_study::evaluate::table::{Cell, Share, Table};

/// Judged pairs: right before, right after.
fn judged(path: &Path) -> Result<Vec<(bool, bool)>> {
    Ok(comparisons(path)?
        .iter()
        .filter_map(|c| c.a.answer.right.zip(c.b.answer.right))
        .collect())
}

fn comparisons(path: &Path) -> Result<Vec<Comparison>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let lines = std::io::BufReader::new(file).lines();
    lines
        .map(|l| serde_json::from_str(&l?).with_context(|| path.display().to_string()))
        .collect()
}

fn accuracy(pairs: &[(bool, bool)]) -> Vec<String> {
    let count = |f: &dyn Fn(&(bool, bool)) -> bool| pairs.iter().filter(|p| f(p)).count();
    let n = pairs.len();
    let share = |k| Share { k, n }.text();
    let (lost, won) = (count(&|p| p.0 && !p.1), count(&|p| !p.0 && p.1));
    let change = |p: (bool, bool)| f64::from(u8::from(p.1)) - f64::from(u8::from(p.0));
    let range = interval(n, 2000, 0.95, 0, |d| {
        Some(d.iter().map(|i| change(pairs[*i])).sum::<f64>() / d.len() as f64)
    });
    vec![
        n.to_string(),
        share(count(&|p| p.0)),
        share(count(&|p| p.1)),
        range.map_or("-".into(), |r| {
            format!("{:+.1} to {:+.1}", 100.0 * r.low, 100.0 * r.high)
        }),
        format!("{lost} / {won}"),
        format!("{:.1e}", mcnemar_exact(lost as u64, won as u64)),
    ]
}

/// Whether the pair of tokens at `at` is a place where the planted word stands in the original's output.
fn names(c: &Comparison, at: Option<usize>, planted: &str) -> bool {
    let Some(token) = at.and_then(|i| c.tokens[i].a) else {
        return false;
    };
    let before = c.tokens.iter().filter(|t| t.a.is_some_and(|a| a < token));
    let start: usize = before.map(|t| t.text_a.len()).sum();
    let length: usize = c
        .tokens
        .iter()
        .filter(|t| t.a == Some(token))
        .map(|t| t.text_a.len())
        .sum();
    let output = &c.a.output;
    let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    output.match_indices(planted).any(|(i, w)| {
        let end = i + w.len();
        let whole = !inner(output[..i].chars().next_back()) && !inner(output[end..].chars().next());
        whole && i < start + length && end > start
    })
}

/// By task and factor: whether each prompt was answered right before and after.
type ByFactor = BTreeMap<String, BTreeMap<u64, Vec<(bool, bool)>>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, folder, out, plot] = args.as_slice() else {
        bail!("usage: perturbation_results DIR PROMPTS OUT.md OUT.svg");
    };
    let (dir, folder) = (Path::new(dir), Path::new(folder));
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .with_context(|| dir.display().to_string())?
        .map(|e| Ok(e?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    files.sort();
    let head = [
        "operator",
        "pairs",
        "before",
        "after",
        "difference, 95 %",
        "lost / won",
        "McNemar p",
    ];
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut rarer: ByFactor = BTreeMap::new();
    let mut planted = Table::new(
        "planted",
        "Planted against clean: what the verdict names",
        &[
            "kind",
            "pairs with the planted error",
            "first divergence",
            "top change",
            "either",
        ],
    );
    for file in &files {
        let path = dir.join(file);
        let Some(name) = file.strip_suffix(".jsonl") else {
            continue;
        };
        let parts: Vec<&str> = name.splitn(3, '-').collect();
        match parts.as_slice() {
            ["op", task, operator] => {
                let table = tables
                    .entry(task.to_string())
                    .or_insert_with(|| Table::new(task, &format!("{task}, base"), &head));
                let mut row: Vec<Cell> = vec![Cell::from(*operator)];
                row.extend(accuracy(&judged(&path)?).into_iter().map(Cell::from));
                table.rows.push(row);
            }
            ["rarer", task, factor] => {
                let factor = factor.parse().with_context(|| file.clone())?;
                rarer
                    .entry(task.to_string())
                    .or_default()
                    .insert(factor, judged(&path)?);
            }
            ["planted", kind] => {
                let row = planted_row(kind, &comparisons(&path)?, folder)?;
                planted.rows.push(row.into_iter().map(Cell::from).collect());
            }
            _ => {}
        }
    }
    let mut text = String::from(
        "# Perturbations of the pocket bundle\n\nMade by `scripts/perturbations.sh`. Shares with Wilson's 95 % interval; differences in points with a bootstrap interval over pairs.\n\n",
    );
    for table in tables.values().filter(|t| !t.rows.is_empty()) {
        text += &table.markdown();
        text.push('\n');
    }
    if !planted.rows.is_empty() {
        text += &planted.markdown();
        text.push('\n');
    }
    let mut table = Table::new(
        "rarer",
        "Replaced by what is so many times rarer in the index (`rarer`)",
        &[
            "task and factor",
            "pairs",
            "before",
            "after",
            "difference, 95 %",
            "lost / won",
            "McNemar p",
        ],
    );
    for (task, factors) in &rarer {
        for (factor, pairs) in factors {
            let mut row = vec![Cell::from(format!("{task}, {factor}"))];
            row.extend(accuracy(pairs).into_iter().map(Cell::from));
            table.rows.push(row);
        }
    }
    if !rarer.is_empty() {
        text += &table.markdown();
        let name = Path::new(plot)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let _ = writeln!(text, "\n![Accuracy against rarity]({name})");
        std::fs::write(plot, svg(&rarer)).with_context(|| plot.clone())?;
    }
    std::fs::write(out, text).with_context(|| out.clone())
}

fn planted_row(kind: &str, pairs: &[Comparison], folder: &Path) -> Result<Vec<String>> {
    let file = folder.join(format!("planted-{kind}.jsonl"));
    let wrong: HashMap<String, String> = prompts::read_plainly(&file)?
        .into_iter()
        .filter_map(|p| {
            Some((
                p.id.clone(),
                p.meta.get("planted")?.get("wrong")?.as_str()?.to_string(),
            ))
        })
        .collect();
    let (mut first, mut top, mut either) = (Share::default(), Share::default(), Share::default());
    for c in pairs {
        // Only where the model makes the planted error is there something to name.
        let Some(planted) = wrong
            .get(&c.a.id)
            .filter(|w| numbers_and_words(&c.a.output).any(|x| x == w.as_str()))
        else {
            continue;
        };
        let (f, t) = (
            names(c, c.first_divergence, planted),
            names(c, c.top_change, planted),
        );
        first.add(f);
        top.add(t);
        either.add(f || t);
    }
    Ok(vec![
        kind.into(),
        first.n.to_string(),
        first.text(),
        top.text(),
        either.text(),
    ])
}

fn numbers_and_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
}

/// Accuracy against the factor, a line a task, with Wilson's intervals.
fn svg(rarer: &ByFactor) -> String {
    const COLORS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
    let (left, right, top, bottom) = (60.0, 560.0, 30.0, 300.0);
    let largest = rarer
        .values()
        .flat_map(|f| f.keys())
        .max()
        .copied()
        .unwrap_or(1)
        .max(10) as f64;
    let x = |factor: u64| left + (right - left) * (factor.max(1) as f64).log10() / largest.log10();
    let y = |percent: f64| bottom - (bottom - top) * percent / 100.0;
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 360\" font-family=\"sans-serif\" font-size=\"12\">\n",
    );
    out += "<rect width=\"700\" height=\"360\" fill=\"#ffffff\"/>\n";
    for percent in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let at = y(percent);
        let _ = writeln!(
            out,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/><text x=\"52\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>",
            at + 4.0
        );
    }
    let mut factors: Vec<u64> = rarer.values().flat_map(|f| f.keys().copied()).collect();
    factors.sort_unstable();
    factors.dedup();
    for factor in factors {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"318\" text-anchor=\"middle\">{factor}</text>",
            x(factor)
        );
    }
    out += "<text x=\"310\" y=\"342\" text-anchor=\"middle\">times rarer in the corpus than the original</text>\n";
    out += "<text x=\"60\" y=\"18\">right answers after the replacement</text>\n";
    for (i, (task, points)) in rarer.iter().enumerate() {
        let color = COLORS[i % COLORS.len()];
        let mut line = String::new();
        for (factor, pairs) in points.iter().filter(|(_, p)| !p.is_empty()) {
            let share = Share {
                k: pairs.iter().filter(|p| p.1).count(),
                n: pairs.len(),
            };
            let (Some(value), Some((low, high))) = (share.percent(), share.interval()) else {
                continue;
            };
            let (at, height) = (x(*factor), y(value));
            let _ = write!(line, "{at:.1},{height:.1} ");
            let _ = writeln!(
                out,
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"/><circle cx=\"{at:.1}\" cy=\"{height:.1}\" r=\"4\" fill=\"{color}\"/>",
                y(low),
                y(high)
            );
        }
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            line.trim()
        );
        let _ = writeln!(
            out,
            "<text x=\"575\" y=\"{:.1}\" fill=\"{color}\">{task}</text>",
            50.0 + 18.0 * i as f64
        );
    }
    out + "</svg>\n"
}
