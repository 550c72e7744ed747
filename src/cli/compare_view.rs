//! Comparisons as text for a terminal: pairs in two columns or one below the other, and the tables over a set.

use std::fmt::Write;

use super::common::{ColorChoice, Global};
use rotescope_stats::bootstrap::Interval;
use rotescope_study::compare::totals::Totals;
use rotescope_study::compare::{Comparison, Relation, StepPair, StepRelation};
use rotescope_study::evaluate::table::Table;
use rotescope_text::sanitize;
use rotescope_trace::{Source, Trace};

/// From this width on, the completions stand in two columns.
const TWO_COLUMNS: usize = 100;

/// How pairs are shown.
pub struct ComparisonText {
    width: usize,
    color: bool,
    only_differences: bool,
}

/// A piece of a completion and whether it is marked.
type Piece = (String, Option<Relation>);

impl ComparisonText {
    pub fn new(global: &Global, only_differences: bool) -> ComparisonText {
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let width = terminal_size::terminal_size()
            .map(|(w, _)| usize::from(w.0))
            .or(columns)
            .unwrap_or(100);
        ComparisonText {
            width: width.clamp(40, 200),
            color: ColorChoice::wanted(global.color, false),
            only_differences,
        }
    }

    /// A pair: questions, steps side by side, verdict.
    pub fn pair(&self, a: &Trace, b: &Trace, c: &Comparison) -> String {
        let mut out = format!(
            "{}  against  {}\n",
            sanitize::line(&c.a.id),
            sanitize::line(&c.b.id)
        );
        let plain = |t: &str| vec![(sanitize::line(t).into_owned(), None)];
        self.columns(
            &mut out,
            "Q",
            plain(&c.a.question),
            plain(&c.b.question),
            "",
        );
        for change in &c.mapping {
            let _ = writeln!(
                out,
                "  {} -> {}",
                sanitize::line(&change.from),
                sanitize::line(&change.to)
            );
        }
        let mut hidden = 0;
        for (n, step) in c.steps.iter().enumerate() {
            if self.only_differences && step.relation == StepRelation::Same && !step.copied {
                hidden += 1;
                continue;
            }
            let (left, right) = (
                self.step(a, step.a, c, true),
                self.step(b, step.b, c, false),
            );
            self.columns(&mut out, &(n + 1).to_string(), left, right, &mark(step));
        }
        if hidden > 0 {
            let _ = writeln!(out, "  ({hidden} steps that are the same are not shown)");
        }
        if let Some(f) = c.forced {
            let _ = writeln!(
                out,
                "original completion: log-probability {:.2} under its own prompt, {:.2} under the changed one ({} tokens)",
                f.original, f.changed, f.tokens
            );
        }
        let _ = writeln!(out, "{}\n", c.verdict);
        out
    }

    /// The tokens of a step, the different ones marked.
    fn step(&self, t: &Trace, step: Option<usize>, c: &Comparison, first: bool) -> Vec<Piece> {
        let Some(range) = step.map(|i| t.steps[i].tokens) else {
            return Vec::new();
        };
        let mut relation = vec![None; t.tokens.len()];
        for pair in &c.tokens {
            if let Some(i) = if first { pair.a } else { pair.b } {
                relation[i] = (pair.relation != Relation::Equal).then_some(pair.relation);
            }
        }
        let tokens = t.tokens[range[0]..range[1]]
            .iter()
            .zip(&relation[range[0]..range[1]]);
        tokens
            .map(|(t, r)| (sanitize::line(&t.text).into_owned(), *r))
            .collect()
    }

    fn columns(
        &self,
        out: &mut String,
        name: &str,
        left: Vec<Piece>,
        right: Vec<Piece>,
        note: &str,
    ) {
        if self.width < TWO_COLUMNS {
            for (side, pieces) in [("a", left), ("b", right)] {
                for (i, line) in self.wrap(&pieces, self.width - 8).into_iter().enumerate() {
                    let head = if i == 0 {
                        format!("{name:>3} {side}")
                    } else {
                        String::new()
                    };
                    let _ = writeln!(out, "{head:<6} {}", line.0);
                }
            }
            if !note.is_empty() {
                let _ = writeln!(out, "       {note}");
            }
            return;
        }
        let column = (self.width - 26) / 2;
        let (left, right) = (self.wrap(&left, column), self.wrap(&right, column));
        for i in 0..left.len().max(right.len()) {
            let empty = (String::new(), 0);
            let (l, r) = (
                left.get(i).unwrap_or(&empty),
                right.get(i).unwrap_or(&empty),
            );
            let gap = |used: usize| " ".repeat(column.saturating_sub(used));
            let head = if i == 0 { name } else { "" };
            let line = format!(
                "{head:>3} {}{} │ {}{} {}",
                l.0,
                gap(l.1),
                r.0,
                gap(r.1),
                if i == 0 { note } else { "" }
            );
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    /// Lines of at most `width` characters with the number of characters that they show.
    fn wrap(&self, pieces: &[Piece], width: usize) -> Vec<(String, usize)> {
        let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
        for (text, relation) in pieces {
            for part in text.split_inclusive(' ') {
                let shown = if used == 0 { part.trim_start() } else { part };
                let marked = relation.is_some() && !shown.trim().is_empty();
                let brackets = if marked && !self.color { 2 } else { 0 };
                let size = shown.chars().count() + brackets;
                if used > 0 && used + size > width {
                    lines.push((std::mem::take(&mut line), used));
                    used = 0;
                }
                let shown = if used == 0 { shown.trim_start() } else { shown };
                used += shown.chars().count() + brackets;
                line += &if marked {
                    self.marked(shown, *relation)
                } else {
                    shown.to_string()
                };
            }
        }
        if used > 0 {
            lines.push((line, used));
        }
        lines
    }

    /// Explained differences underlined or in round brackets, divergences bold or in square brackets.
    fn marked(&self, text: &str, relation: Option<Relation>) -> String {
        let diverges = relation.is_some_and(Relation::diverges);
        let core = text.trim();
        let (before, after) = text.split_once(core).unwrap_or(("", ""));
        match (self.color, diverges) {
            (true, true) => format!("{before}\x1b[1;7m{core}\x1b[0m{after}"),
            (true, false) => format!("{before}\x1b[4m{core}\x1b[0m{after}"),
            (false, true) => format!("{before}[{core}]{after}"),
            (false, false) => format!("{before}({core}){after}"),
        }
    }
}

fn mark(step: &StepPair) -> String {
    let name = match step.relation {
        StepRelation::Same => "same",
        StepRelation::SameButNumbers => "numbers",
        StepRelation::Changed => "changed",
        StepRelation::OnlyA => "only a",
        StepRelation::OnlyB => "only b",
    };
    let change = step
        .delta
        .map_or(String::new(), |d| format!(" p {:+.2}", d.p));
    format!("{name}{change}{}", if step.copied { " copied" } else { "" })
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn range(i: Option<Interval>) -> String {
    i.map_or(String::new(), |i| {
        format!(" ({:+.1} to {:+.1})", 100.0 * i.low, 100.0 * i.high)
    })
}

/// The tables over a set of pairs, as Markdown.
pub fn totals(t: &Totals, top: usize) -> String {
    let mut out = format!("{} pairs\n\n", t.rows.len());
    let [first, second] = t.sides();
    if let Some(p) = t.paired() {
        let mut table = Table::new(
            "paired",
            &format!(
                "Right answers {first} and {second} (McNemar's exact test; 95 % bootstrap interval of the difference, in points)"
            ),
            &["pairs", first, second, "difference", "lost", "won", "p"],
        );
        table.rows.push(vec![
            p.pairs.into(),
            percent(p.before).into(),
            percent(p.after).into(),
            format!(
                "{:+.1}{}",
                100.0 * (p.after - p.before),
                range(p.difference)
            )
            .into(),
            p.lost.to_string().into(),
            p.won.to_string().into(),
            format!("{:.2e}", p.p).into(),
        ]);
        out += &table.markdown();
        out.push('\n');
    }
    if let Some((drop, interval)) = t.memorization_drop() {
        let _ = writeln!(
            out,
            "Memorization drop (share of expected words at their places, in points): {:+.1}{}",
            100.0 * drop,
            range(interval)
        );
    }
    if let Some(forced) = t.forced() {
        let _ = writeln!(
            out,
            "Original completions under the changed prompts: {forced:+.3} nats a token on average"
        );
    }
    let count = |f: &dyn Fn(&rotescope_study::compare::totals::TotalsRow) -> bool| {
        t.rows.iter().filter(|r| f(r)).count()
    };
    let _ = writeln!(
        out,
        "Answered the original question: {} pairs",
        count(&|r| r.answered_original)
    );
    let _ = writeln!(
        out,
        "Used a number that only the original has: {} pairs",
        count(&|r| r.copies)
    );
    let steps: Vec<String> = t
        .steps()
        .iter()
        .map(|(name, n)| format!("{n} {name}"))
        .collect();
    let _ = writeln!(out, "Steps: {}\n", steps.join(", "));
    if t.shifts().keys().any(|(a, b)| a.is_some() || b.is_some()) {
        let name = |s: Option<Source>| s.map_or("none", Source::name);
        let columns: Vec<Option<Source>> =
            Source::ALL.into_iter().map(Some).chain([None]).collect();
        let corner = format!("{first} \\ {second}");
        let head: Vec<&str> = [corner.as_str()]
            .into_iter()
            .chain(columns.iter().map(|s| name(*s)))
            .collect();
        let mut table = Table::new(
            "shifts",
            &format!("Dominant source of paired tokens, {first} and {second}"),
            &head,
        );
        for before in &columns {
            let cell =
                |after: &Option<Source>| t.shifts().get(&(*before, *after)).copied().unwrap_or(0);
            let cells = columns.iter().map(|a| (cell(a) as usize).into());
            table
                .rows
                .push([name(*before).into()].into_iter().chain(cells).collect());
        }
        out += &table.markdown();
        out.push('\n');
    }
    let mut table = Table::new(
        "fragile",
        "Most fragile pairs",
        &[
            "pair",
            "fragility",
            first,
            second,
            "copied",
            "answered the original",
        ],
    );
    let word = |r: Option<bool>| {
        r.map_or("-", |r| if r { "right" } else { "wrong" })
            .to_string()
    };
    let yes = |b: bool| if b { "yes" } else { "" }.to_string();
    for r in t.by_fragility().into_iter().take(top) {
        let cells = vec![
            sanitize::line(&r.b).as_ref().into(),
            format!("{:.3}", r.fragility).into(),
            word(r.right_a).into(),
            word(r.right_b).into(),
            yes(r.copies).into(),
            yes(r.answered_original).into(),
        ];
        table.rows.push(cells);
    }
    out + &table.markdown()
}
