//! What all traces say together: right answers, flags, sources, and what was run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::filters::filters;
use super::pair::Pair;
use super::run::run;
use crate::text::escape;
use crate::theme::mark;
use rotescope_text::number::grouped;
use rotescope_trace::{Source, Trace};

/// Strength of a score from which on a table calls it strong.
const STRONG: f64 = 0.6;
/// Ways of running that are spelled out; more are counted.
const RUNS: usize = 4;

/// Right answers of some prompts.
#[derive(Debug, Default, Clone, Copy)]
struct Answers {
    right: usize,
    /// With an expected answer.
    known: usize,
    all: usize,
}

/// Tokens by one source.
#[derive(Debug, Default, Clone, Copy)]
struct BySource {
    scored: usize,
    sum: f64,
    strong: usize,
    dominant: usize,
}

/// Sums over pairs of completions.
#[derive(Debug, Default)]
struct Pairs {
    all: usize,
    /// With a known answer on both sides; right of the first and of the second; right only of the first, only of the second.
    known: usize,
    right: [usize; 2],
    lost: usize,
    won: usize,
    fragility: f64,
}

/// Sums over traces.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pairs: Pairs,
    traces: usize,
    pub(super) failed: usize,
    /// In order of appearance.
    tasks: Vec<String>,
    splits: Vec<String>,
    answers: BTreeMap<(String, String), Answers>,
    steps: usize,
    flagged: usize,
    ranked: bool,
    /// With a verdict; wrong by it; wrong and flagged; right by it and flagged.
    judged: usize,
    wrong: usize,
    found: usize,
    alarms: usize,
    tokens: usize,
    sources: [BySource; Source::COUNT],
    /// What was run, in lines, and how many traces say so.
    runs: Vec<(Vec<(&'static str, String)>, usize)>,
}

impl Summary {
    pub(super) fn add_pair(&mut self, pair: &Pair) {
        self.add(pair.a);
        self.add(pair.b);
        let p = &mut self.pairs;
        p.all += 1;
        p.fragility += pair.fragility;
        if let (Some(a), Some(b)) = (pair.a.answer.right, pair.b.answer.right) {
            p.known += 1;
            p.right[0] += usize::from(a);
            p.right[1] += usize::from(b);
            p.lost += usize::from(a && !b);
            p.won += usize::from(!a && b);
        }
    }

    pub(super) fn has_pairs(&self) -> bool {
        self.pairs.all > 0
    }

    pub(super) fn add(&mut self, t: &Trace) {
        self.traces += 1;
        let name = |s: &Option<String>| s.clone().unwrap_or_else(|| "-".into());
        let (task, split) = (name(&t.prompt.task), name(&t.prompt.split));
        for (list, name) in [(&mut self.tasks, &task), (&mut self.splits, &split)] {
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
        let answers = self.answers.entry((task, split)).or_default();
        answers.all += 1;
        answers.known += usize::from(t.answer.right.is_some());
        answers.right += usize::from(t.answer.right == Some(true));
        for step in &t.steps {
            self.steps += 1;
            let raised = step
                .flag
                .as_ref()
                .is_some_and(rotescope_trace::Flag::is_raised);
            self.flagged += usize::from(raised);
            self.ranked |= step
                .flag
                .as_ref()
                .is_some_and(|f| !f.meaning.is_probability());
            if let Some(v) = &step.verdict {
                self.judged += 1;
                self.wrong += usize::from(!v.right);
                self.found += usize::from(!v.right && raised);
                self.alarms += usize::from(v.right && raised);
            }
        }
        self.tokens += t.tokens.len();
        for token in &t.tokens {
            for source in Source::ALL {
                if let Some(score) = token.score(source) {
                    let s = &mut self.sources[source as usize];
                    s.scored += 1;
                    s.sum += score;
                    s.strong += usize::from(score >= STRONG);
                }
            }
            if let Some((source, _)) = token.stim_max() {
                self.sources[source as usize].dominant += 1;
            }
        }
        let run = run(t);
        match self.runs.iter_mut().find(|(r, _)| *r == run) {
            Some((_, n)) => *n += 1,
            None => self.runs.push((run, 1)),
        }
    }

    pub(super) fn filters(&self, searched: &str) -> String {
        filters(&self.tasks, &self.splits, self.has_pairs(), searched)
    }

    /// Model, index and number of traces.
    pub(super) fn title(&self) -> String {
        let first = self
            .runs
            .first()
            .map(|(r, _)| r.as_slice())
            .unwrap_or_default();
        let line = |name: &str| first.iter().find(|(n, _)| *n == name);
        let short = |name| line(name).and_then(|(_, v)| v.split(" · ").next());
        let more = if self.runs.len() > 1 {
            " and others"
        } else {
            ""
        };
        match (short("model"), short("index")) {
            (Some(model), Some(index)) => {
                format!("{model} on {index}{more} · {}", self.counts())
            }
            (Some(model), None) => format!("{model}{more} · {}", self.counts()),
            _ => self.counts(),
        }
    }

    pub(super) fn counts(&self) -> String {
        format!(
            "{} traces, {} failed",
            grouped(self.traces as u64),
            self.failed
        )
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(
            out,
            "<section class=\"summary\">\n<h2 id=\"rotescope-summary\">Summary</h2>\n<div class=\"cards\">\n{}{}{}{}{}</div>\n</section>\n",
            self.pairs(),
            self.accuracy(),
            self.flags(),
            self.by_source(),
            self.header()
        )
    }

    fn accuracy(&self) -> String {
        let mut rows = String::new();
        let row = |name: &str, of: &dyn Fn(&str) -> Answers, class: &str| {
            let mut line = format!("<tr{class}><th scope=\"row\">{}</th>", escape(name));
            let mut all = Answers::default();
            for split in &self.splits {
                let a = of(split);
                for (to, n) in [
                    (&mut all.right, a.right),
                    (&mut all.known, a.known),
                    (&mut all.all, a.all),
                ] {
                    *to += n;
                }
                line += &share_cell(a);
            }
            if self.splits.len() > 1 {
                line += &share_cell(all);
            }
            line + &format!("<td>{}</td></tr>\n", grouped(all.all as u64))
        };
        let cell = |task: &str, split: &str| {
            let key = (task.to_string(), split.to_string());
            self.answers.get(&key).copied().unwrap_or_default()
        };
        for task in &self.tasks {
            rows += &row(task, &|split| cell(task, split), "");
        }
        if self.tasks.len() > 1 {
            let sum = |split: &str| {
                let each = self.tasks.iter().map(|t| cell(t, split));
                each.fold(Answers::default(), |a, b| Answers {
                    right: a.right + b.right,
                    known: a.known + b.known,
                    all: a.all + b.all,
                })
            };
            rows += &row("all", &sum, " class=\"sum\"");
        }
        let mut head: String = self
            .splits
            .iter()
            .map(|s| format!("<th scope=\"col\">{}</th>", escape(s)))
            .collect();
        if self.splits.len() > 1 {
            head += "<th scope=\"col\">all</th>";
        }
        format!(
            "<div class=\"card wide\"><h3>Right answers by task and split</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">task</th>{head}<th scope=\"col\">traces</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div></div>\n"
        )
    }

    fn pairs(&self) -> String {
        let p = &self.pairs;
        if p.all == 0 {
            return String::new();
        }
        format!(
            "<div class=\"card wide\"><h3>{} pairs</h3>\n<table><tbody>\n{}{}{}{}<tr><th scope=\"row\">mean fragility, 0 to 1</th><td>{:.3}</td><td></td><td></td></tr>\n</tbody></table></div>\n",
            grouped(p.all as u64),
            line("right, first of the pair", p.right[0], p.known),
            line("right, second", p.right[1], p.known),
            line("right only the first", p.lost, p.known),
            line("right only the second", p.won, p.known),
            p.fragility / p.all as f64
        )
    }

    fn flags(&self) -> String {
        let mut rows = line("steps flagged", self.flagged, self.steps);
        if self.judged > 0 {
            rows += &line("steps with a verdict", self.judged, self.steps);
            rows += &line("wrong by verdict", self.wrong, self.judged);
            rows += &line("wrong steps that are flagged", self.found, self.wrong);
            rows += &line(
                "right steps that are flagged",
                self.alarms,
                self.judged - self.wrong,
            );
        }
        let note = match self.ranked {
            true => {
                "<p class=\"dim\">Some flags are ranked: fitted to other models, their numbers order steps and are no probabilities.</p>"
            }
            false => "",
        };
        format!(
            "<div class=\"card\"><h3>Flags and verdicts</h3>\n<table><tbody>\n{rows}</tbody></table>{note}</div>\n"
        )
    }

    fn by_source(&self) -> String {
        let scored: usize = self.sources.iter().map(|s| s.dominant).sum();
        let mut rows = String::new();
        for source in Source::ALL {
            let s = &self.sources[source as usize];
            let name = source.name();
            let mean = match s.scored {
                0 => "–".to_string(),
                n => format!("{:.2}", s.sum / n as f64),
            };
            let _ = writeln!(
                rows,
                "<tr><th scope=\"row\"><kbd>{}</kbd> <b class=\"{name}5\">{name}</b></th><td>{}</td><td>{mean}</td><td>{}</td><td>{}</td></tr>",
                mark(source),
                grouped(s.scored as u64),
                share(s.strong, s.scored),
                share(s.dominant, scored)
            );
        }
        format!(
            "<div class=\"card\"><h3>Sources of {} tokens</h3>\n<table><thead><tr><th scope=\"col\">source</th><th scope=\"col\">scored</th><th scope=\"col\">mean</th><th scope=\"col\">≥ {STRONG}</th><th scope=\"col\">dominant</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
            grouped(self.tokens as u64)
        )
    }

    fn header(&self) -> String {
        let mut out = String::from("<div class=\"card wide\"><h3>What was run</h3>\n");
        for (run, n) in self.runs.iter().take(RUNS) {
            out += "<dl>";
            if self.runs.len() > 1 {
                let _ = write!(out, "<dt>traces</dt><dd>{}</dd>", grouped(*n as u64));
            }
            for (name, value) in run {
                let _ = write!(out, "<dt>{name}</dt><dd>{}</dd>", escape(value));
            }
            out += "</dl>\n";
        }
        if let Some(more @ 1..) = self.runs.len().checked_sub(RUNS) {
            let _ = writeln!(out, "<p class=\"dim\">and {more} other ways of running</p>");
        }
        out + "</div>\n"
    }
}

/// A row of a table: how many, of how many, and the share.
fn line(name: &str, n: usize, of: usize) -> String {
    format!(
        "<tr><th scope=\"row\">{name}</th><td>{}</td><td class=\"dim\">of {}</td><td>{}</td></tr>\n",
        grouped(n as u64),
        grouped(of as u64),
        share(n, of)
    )
}

fn share(n: usize, of: usize) -> String {
    match of {
        0 => "–".into(),
        _ => format!("{:.1} %", 100.0 * n as f64 / of as f64),
    }
}

/// `71 %` and `12 of 17`, with a bar.
fn share_cell(a: Answers) -> String {
    if a.known == 0 {
        return "<td class=\"dim\">–</td>".into();
    }
    let share = a.right as f64 / a.known as f64;
    format!(
        "<td><span class=\"big\">{:.0} %</span> <span class=\"dim\">{} of {}</span><svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"4\"/><rect class=\"fill\" width=\"{:.1}\" height=\"4\"/></svg></td>",
        100.0 * share,
        a.right,
        a.known,
        100.0 * share
    )
}
