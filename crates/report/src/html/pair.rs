//! Two completions side by side: steps that stand for each other in one line, what differs marked.

use std::fmt::Write as _;

use super::list::Row;
use super::row::{beginning, place};
use super::style::class;
use crate::text::{escape, escape_block, shown};
use crate::theme::strength;
use crate::{ReportOptions, token_texts};
use rotescope_trace::{Answer, Trace};

/// A comparison as a page shows it.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    pub a: &'a Trace,
    pub b: &'a Trace,
    pub steps: Vec<PairedStep>,
    /// For each token of `a`, and of `b`, what it is to its counterpart; empty where they are equal.
    pub relations: [Vec<&'static str>; 2],
    /// What stands for what in the second prompt.
    pub mapping: Vec<(String, String)>,
    /// The pair in a sentence.
    pub verdict: String,
    /// From 0, nothing changed but what had to, to 1.
    pub fragility: f64,
}

/// Steps that stand for each other; one of them may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairedStep {
    pub a: Option<usize>,
    pub b: Option<usize>,
    /// What they are to each other, in words.
    pub relation: String,
    /// Whether that needs looking at.
    pub differs: bool,
}

pub(super) fn row(pair: &Pair, name: &str, o: &ReportOptions) -> Row {
    let (a, b) = (pair.a, pair.b);
    let name = escape(name);
    let verdict = match b.answer.right {
        Some(true) => "right",
        Some(false) => "wrong",
        None => "open",
    };
    let differing = pair.steps.iter().filter(|s| s.differs).count();
    let (task, split) = (
        place(b.prompt.task.as_deref()),
        place(b.prompt.split.as_deref()),
    );
    let head = format!(
        "<span class=\"mark\">{}</span> <b class=\"id\">{}</b> <span class=\"place dim\">against {}</span> <span class=\"answer\">{} <span class=\"dim\">→</span> {}</span> \
         <span class=\"counts\" title=\"fragility: 0, nothing changed but what had to, to 1\">{:.2}</span>",
        marks(&a.answer, &b.answer),
        escape(&b.prompt.id),
        escape(&a.prompt.id),
        answer(&a.answer),
        answer(&b.answer),
        pair.fragility
    );
    let mut row = format!(
        "<p class=\"dim\"><a class=\"here\" href=\"#{name}\">#{name}</a> · {differing} of {} steps differ</p>\n<p>{}</p>\n",
        pair.steps.len(),
        escape(&pair.verdict)
    );
    if !pair.mapping.is_empty() {
        let changes = pair
            .mapping
            .iter()
            .map(|(from, to)| format!("{} → {}", escape(from), escape(to)));
        let _ = writeln!(
            row,
            "<p class=\"dim\">{}</p>",
            changes.collect::<Vec<_>>().join(" · ")
        );
    }
    let _ = writeln!(
        row,
        "<div class=\"pairs\"><div class=\"two\"><div class=\"question\">{}</div><div class=\"question\">{}</div></div>",
        escape_block(a.prompt.question.trim()),
        escape_block(b.prompt.question.trim())
    );
    let texts = [token_texts(&a.tokens), token_texts(&b.tokens)];
    for (i, step) in pair.steps.iter().enumerate() {
        let number = i + 1;
        let _ = write!(
            row,
            "<div class=\"two{}\" id=\"{name},{number}\">",
            if step.differs { " differs" } else { "" }
        );
        for (side, (trace, at)) in [(a, step.a), (b, step.b)].into_iter().enumerate() {
            row.push_str("<div class=\"say\">");
            if let Some(step) = at.and_then(|i| trace.steps.get(i)) {
                say(
                    &mut row,
                    trace,
                    &texts[side],
                    step.tokens,
                    &pair.relations[side],
                    o,
                );
            } else {
                row.push_str("<span class=\"dim\">no such step</span>");
            }
            row.push_str("</div>");
        }
        let _ = writeln!(
            row,
            "<a class=\"n\" href=\"#{name},{number}\">{number} {}</a></div>",
            escape(&step.relation)
        );
    }
    row.push_str("</div>\n");
    Row {
        class: " pair",
        data: format!(
            "data-verdict=\"{verdict}\" data-flags=\"{differing}\" data-wrong=\"{}\" data-task=\"{task}\" data-split=\"{split}\"",
            u8::from(b.answer.right == Some(false))
        ),
        head,
        body: row,
        question: beginning(&b.prompt.question),
        name,
    }
}

fn marks(a: &Answer, b: &Answer) -> String {
    let mark = |answer: &Answer| match answer.right {
        Some(true) => "<span class=\"ok\">✓</span>",
        Some(false) => "<span class=\"error\">✗</span>",
        None => "<span class=\"dim\">·</span>",
    };
    format!("{}{}", mark(a), mark(b))
}

fn answer(a: &Answer) -> String {
    escape(a.extracted.as_deref().unwrap_or("no answer"))
}

/// The tokens of a step, each in its color, what differs marked.
fn say(
    row: &mut String,
    t: &Trace,
    texts: &[String],
    [first, last]: [usize; 2],
    relations: &[&'static str],
    o: &ReportOptions,
) {
    let all = texts.iter().enumerate().take(last.min(t.tokens.len()));
    for (i, text) in all.skip(first) {
        let text = shown(text);
        let word = text.trim_start_matches(' ');
        if i > first {
            row.push_str(&text[..text.len() - word.len()]);
        }
        let look = o.measure.of(&t.tokens[i]);
        let look = look.map_or(String::new(), |(s, v)| class(s, strength(v)));
        let relation = relations.get(i).copied().unwrap_or_default();
        let classes = [look.as_str(), relation].join(" ");
        match classes.trim() {
            "" => row.push_str(&escape(word)),
            classes => {
                let _ = write!(row, "<b class=\"{classes}\">{}</b>", escape(word));
            }
        }
    }
}
