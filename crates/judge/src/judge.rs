//! Verdicts on the steps of a trace: what can be computed from the prompt and the output, without a model.
//!
//! A chain is judged up to its first false step and that step included. What comes later follows from a false value; there only a
//! false equation is reported, and nothing is called right.

use serde_json::Value;

use super::{Verdict as Found, arithmetic, capitalization, counting, truth};
use rotescope_text::{SplitBy, is_filler, sanitize, split_steps};
use rotescope_trace::{Prompt, Trace, Verdict};

/// Fills [`rotescope_trace::Step::verdict`] from arithmetic inside each step, the counting and capitalization verifiers, and the prompt's
/// own chain where it is given (`meta.chain` beside `meta.template`). Verdicts of a process reward model stay where nothing
/// can be computed; all others are made anew.
pub fn judge(trace: &mut Trace) {
    let text = output_text(trace);
    let facts = Facts::of(trace);
    let whole = facts.whole(&text);
    let mut broken = false;
    for i in 0..trace.steps.len() {
        let step = &trace.steps[i];
        let (from, to) = (step.span[0].min(text.len()), step.span[1].min(text.len()));
        let last = i + 1 == trace.steps.len();
        let verdict = text
            .get(from..to)
            .filter(|s| !is_filler(s))
            .and_then(|body| match &whole {
                Some((by, found)) => of_whole(by, found, from, to, last, broken),
                None => facts.step(trace, i, body, broken),
            })
            .map(|(by, found)| verdict(trace, i, by, found));
        broken |= verdict.as_ref().is_some_and(|v| !v.right);
        let step = &mut trace.steps[i];
        if verdict.is_some() || step.verdict.as_ref().is_some_and(|v| v.by != "prm") {
            step.verdict = verdict;
        }
    }
}

/// The output with the byte offsets that spans refer to.
pub fn output_text(trace: &Trace) -> String {
    if trace.tokens.iter().all(|t| t.bytes.is_none()) {
        return trace.output.clone();
    }
    let mut bytes: Vec<u8> = trace.tokens.iter().flat_map(|t| t.raw()).collect();
    bytes.truncate(trace.steps.last().map_or(bytes.len(), |s| s.span[1]));
    sanitize::same_offsets(&bytes).into_owned()
}

/// What the prompt says about its own truth.
struct Facts {
    base: u32,
    counting: Option<(Vec<String>, String)>,
    title: Option<(String, bool)>,
    /// The true chain, cut into steps.
    chain: Option<Vec<String>>,
    /// The wording itself is the task.
    literal: bool,
    answered: bool,
}

impl Facts {
    fn of(trace: &Trace) -> Facts {
        let meta = &trace.prompt.meta;
        let text = |key: &str| meta.get(key).and_then(Value::as_str);
        let list = meta.get("list").and_then(Value::as_array).map(|l| {
            l.iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        });
        let by = if trace.attribution.steps == SplitBy::Line.to_string() {
            SplitBy::Line
        } else {
            SplitBy::Sentence
        };
        // Only chains by template are compared: another solution in free words may be as true.
        let chain = text("chain").filter(|_| text("template").is_some());
        let title = text("title").map(|t| (t.to_owned(), text("rule") == Some("last_word")));
        Facts {
            base: base(&trace.prompt),
            counting: list.zip(text("target").map(str::to_owned)),
            literal: title.is_some(),
            title,
            chain: chain.map(|c| {
                split_steps(c, by)
                    .into_iter()
                    .map(|s| c[s].to_owned())
                    .collect()
            }),
            answered: trace.answer.right == Some(true),
        }
    }

    /// Verifiers that read the whole chain at once.
    fn whole(&self, text: &str) -> Option<(&'static str, Found)> {
        if let Some((list, target)) = &self.counting {
            let list: Vec<&str> = list.iter().map(String::as_str).collect();
            return Some(("counting", counting::check(text, &list, target)));
        }
        let (title, last_word) = self.title.as_ref()?;
        let style = if *last_word {
            capitalization::Style::LastWord
        } else {
            capitalization::Style::Title {
                small: &capitalization::SMALL_WORDS,
            }
        };
        let found = capitalization::check_chain(text, title, style);
        let by_truth = self.wording(text);
        Some(match (at(&found), at(&by_truth)) {
            (Some(f), Some(t)) if t < f => ("truth", by_truth),
            (None, Some(_)) => ("truth", by_truth),
            _ => ("capitalization", found),
        })
    }

    /// The first word in which the whole chain differs from the true one.
    fn wording(&self, text: &str) -> Found {
        match &self.chain {
            Some(chain) if self.literal => truth::wording(text, &chain.concat()),
            _ => Found::NotApplicable,
        }
    }

    /// Arithmetic in one step, and its numbers and unit against the true step; of two mistakes the earlier one counts.
    fn step(
        &self,
        trace: &Trace,
        index: usize,
        body: &str,
        broken: bool,
    ) -> Option<(&'static str, Found)> {
        let computed = arithmetic::check(body, self.base);
        if broken {
            return at(&computed).map(|_| ("arithmetic", computed));
        }
        let is_answer = trace.answer.span.is_some_and(|s| {
            let step = trace.steps[index].span;
            step[0] <= s[0] && s[0] < step[1]
        });
        let told = match &self.chain {
            None => Found::NotApplicable,
            Some(chain) => {
                let same_place = if is_answer {
                    chain.last()
                } else {
                    chain.get(index)
                };
                same_place.map_or(Found::NotApplicable, |t| self.against(body, t))
            }
        };
        match (at(&computed), at(&told)) {
            (Some(c), Some(t)) if t < c => Some(("truth", told)),
            (Some(_), _) => Some(("arithmetic", computed)),
            (None, Some(_)) => Some(("truth", told)),
            _ if told == Found::Right => Some(("truth", told)),
            _ if computed == Found::Right => Some(("arithmetic", computed)),
            _ => None,
        }
    }

    fn against(&self, body: &str, truth: &str) -> Found {
        match truth::numbers(body, truth) {
            // Another order of the same steps is another way to the right answer.
            Found::Wrong { .. } if self.answered => Found::NotApplicable,
            Found::Right => match truth::unit(body, truth) {
                Found::NotApplicable => Found::Right,
                unit => unit,
            },
            numbers => numbers,
        }
    }
}

/// 2 if the prompt asks for it, else 10.
fn base(prompt: &Prompt) -> u32 {
    let named = |v: Option<&Value>| v.and_then(Value::as_str) == Some("base2");
    let factor = |v: &Value| {
        v.as_array()
            .is_some_and(|l| l.iter().any(|f| named(Some(f))))
    };
    let question = prompt.question.to_lowercase();
    let said = ["base 2", "base-2", "base two", "in binary"]
        .iter()
        .any(|s| question.contains(s));
    let meta = &prompt.meta;
    if said || named(meta.get("transformation")) || meta.get("factors").is_some_and(factor) {
        2
    } else {
        10
    }
}

/// Where a text goes wrong.
fn at(found: &Found) -> Option<usize> {
    match found {
        Found::Wrong { at, .. } => Some(*at),
        _ => None,
    }
}

/// What a verdict on the whole chain says of the step `from..to`. Its offsets become those of the step.
fn of_whole(
    by: &'static str,
    found: &Found,
    from: usize,
    to: usize,
    last: bool,
    broken: bool,
) -> Option<(&'static str, Found)> {
    if broken || *found == Found::NotApplicable {
        return None;
    }
    match found {
        Found::Wrong {
            span,
            at,
            expected,
            why,
        } if *at < to || last => Some((
            by,
            Found::Wrong {
                span: span.start.max(from) - from..span.end.max(from) - from,
                at: (*at).max(from) - from,
                expected: expected.clone(),
                why: why.clone(),
            },
        )),
        _ => Some((by, Found::Right)),
    }
}

/// As the trace has it.
fn verdict(trace: &Trace, step: usize, by: &str, found: Found) -> Verdict {
    let right = Verdict {
        right: true,
        by: by.into(),
        p: None,
        span: None,
        tokens: Vec::new(),
        expected: None,
        why: None,
    };
    let from = trace.steps[step].span[0];
    match found.shifted(from) {
        Found::Wrong {
            span,
            at,
            expected,
            why,
        } => Verdict {
            right: false,
            tokens: wrong_tokens(trace, step, span.end, at),
            span: Some([span.start, span.end]),
            expected: Some(expected),
            why: Some(why),
            ..right
        },
        _ => right,
    }
}

/// The token that holds byte `at`, and those of the false value after it.
fn wrong_tokens(trace: &Trace, step: usize, end: usize, at: usize) -> Vec<usize> {
    let [first, last] = trace.steps[step].tokens;
    let range = first..last.min(trace.tokens.len());
    let end = end.max(at + 1);
    let hit: Vec<usize> = range
        .clone()
        .filter(|&i| trace.tokens[i].span[0] < end && trace.tokens[i].span[1] > at)
        .collect();
    if hit.is_empty() {
        range.last().into_iter().collect()
    } else {
        hit
    }
}
