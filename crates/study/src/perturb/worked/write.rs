//! Question and solution with other numbers.

use std::ops::Range;

use rotescope_text::Rational;
use rotescope_text::number::number_len;
use rotescope_trace::Prompt;
use serde_json::{Value, json};

use super::expression::{Literal, Place};
use super::form::NumberForm;
use super::graph::Graph;
use super::mention::{Mention, Writing, stated};
use super::tie::{Linear, NumberSource};
use crate::perturb::spelling::spelled;
use crate::perturb::subject::Change;
use crate::perturb::texts::capitalized;

/// What is written anew.
pub struct Rewritten {
    pub question: String,
    pub solution: String,
    pub graph: Value,
    pub changes: Vec<Change>,
}

/// Replacements in a text.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(span, _)| span.start);
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for (span, new) in self.0 {
            if span.start >= at {
                out.push_str(&text[at..span.start]);
                out.push_str(&new);
                at = span.end;
            }
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Question and solution with these numbers for the variables. `None` where one of them cannot be written.
pub fn written(
    prompt: &Prompt,
    solution: &str,
    graph: &Graph,
    variables: &[Rational],
    results: &[Rational],
) -> Option<Rewritten> {
    let (mut edits, mut changes) = (Edits::default(), Vec::new());
    for (variable, new) in graph.variables.iter().zip(variables) {
        if variable.frozen || variable.value == *new {
            continue;
        }
        for m in &variable.mentions {
            let mention = &graph.stated.mentions[*m];
            let text = in_question(mention, *new)?;
            let change = Change::number(&prompt.question[mention.span.clone()], text.as_str());
            if !changes.contains(&change) {
                changes.push(change);
            }
            edits.0.extend(article(&prompt.question, mention, &text));
            edits.0.push((mention.span.clone(), text));
        }
    }
    let question = edits.apply(&prompt.question);
    Some(Rewritten {
        graph: described(graph, variables, results),
        solution: in_solution(solution, graph, variables, results)?,
        question,
        changes,
    })
}

fn in_question(mention: &Mention, new: Rational) -> Option<String> {
    match mention.writing {
        Writing::Digits(form) => form.write(new),
        Writing::Words { capital } => {
            let small = u32::try_from(new.numerator())
                .ok()
                .filter(|n| new.is_whole() && *n < 100);
            match small.map(spelled) {
                Some(words) if capital => Some(capitalized(&words)),
                Some(words) => Some(words),
                None => NumberForm::of("").write(new),
            }
        }
    }
}

/// "an 8-mile walk" is "a 5-mile walk": the article in front of a number.
fn article(question: &str, mention: &Mention, new: &str) -> Option<(Range<usize>, String)> {
    let before = &question[..mention.span.start];
    let before = before.strip_suffix('$').unwrap_or(before);
    if before.len() < mention.span.start {
        return None;
    }
    let before = before.strip_suffix(' ')?;
    let start = before.rfind([' ', '\n']).map_or(0, |i| i + 1);
    let old = &before[start..];
    if !matches!(old, "a" | "an" | "A" | "An") {
        return None;
    }
    let digits = new.bytes().take_while(u8::is_ascii_digit).count();
    let an = new.starts_with('8')
        || matches!(new.get(..2), Some("11" | "18")) && matches!(digits, 2 | 5 | 8)
        || new.starts_with("eight")
        || new.starts_with("eleven");
    let article = if an { "an" } else { "a" };
    let article = if old.starts_with('A') {
        capitalized(article)
    } else {
        article.into()
    };
    Some((start..before.len(), article))
}

/// The digits of a literal with a new value, in the form of the old ones.
fn digits(text: &str, literal: &Literal, old: Rational, new: Rational) -> Option<String> {
    let negative = text[literal.span.clone()].starts_with('-');
    let shown = if negative {
        literal.digits().checked_neg()?
    } else {
        literal.digits()
    };
    // A percent sign counts or not, as it did.
    let times = if old == Rational::ZERO {
        Rational::whole(1)
    } else {
        shown.checked_div(old)?
    };
    let form = NumberForm::of(text[literal.span.clone()].trim_start_matches('-'));
    let money = text[..literal.span.start].ends_with('$');
    form.write_sum(new.checked_mul(times)?, money)
}

fn in_solution(
    text: &str,
    graph: &Graph,
    variables: &[Rational],
    results: &[Rational],
) -> Option<String> {
    let mut edits = Edits::default();
    for (i, (step, sources)) in graph.solution.steps.iter().zip(&graph.sources).enumerate() {
        for (j, (literal, source)) in step.expression.literals.iter().zip(sources).enumerate() {
            let new = source.value(variables, results)?;
            for place in [Some(literal), step.echo.get(j)].into_iter().flatten() {
                let same = digits(text, place, literal.value, literal.value)?;
                let written = digits(text, place, literal.value, new)?;
                if same != written {
                    edits.0.push((place.span.clone(), written));
                }
            }
        }
        for claim in step.claims.iter().filter(|_| step.value != results[i]) {
            let written = digits(text, claim, step.value, results[i])?;
            edits.0.push((claim.span.clone(), written));
        }
    }
    for (literal, steps) in &graph.solution.prose {
        let found = prose(text, graph, literal, *steps);
        let Some((source, old)) = found else {
            continue;
        };
        let new = source.value(variables, results)?;
        if new != old {
            edits
                .0
                .push((literal.span.clone(), digits(text, literal, old, new)?));
        }
    }
    // "If eight such parties are held": words that are a number of the question, and no result.
    for mention in stated(text).mentions {
        let Writing::Words { .. } = mention.writing else {
            continue;
        };
        let literal = Literal {
            span: mention.span.clone(),
            value: mention.value,
            percent: false,
        };
        let sources = graph
            .known()
            .sources(&literal, Place::Divisor, graph.solution.steps.len());
        if let [source @ NumberSource::Variable(..)] = sources[..]
            && source.value(variables, results) != Some(mention.value)
        {
            let new = in_question(&mention, source.value(variables, results)?)?;
            edits.0.push((mention.span, new));
        }
    }
    if let Some(answer) = &graph.solution.answer {
        let last = *results.last()?;
        edits.0.push((
            answer.span.clone(),
            digits(text, answer, graph.solution.steps.last()?.value, last)?,
        ));
    }
    Some(edits.apply(text))
}

/// Where a number in the prose of a solution comes from, and the value that it stands for: the result right before it, a number of the question, a
/// result of its line, any result.
fn prose(
    text: &str,
    graph: &Graph,
    literal: &Literal,
    steps: usize,
) -> Option<(NumberSource, Rational)> {
    let all = &graph.solution.steps;
    for value in [literal.value, literal.digits()] {
        let near = |i: usize| {
            let between = text.get(all[i].after.start..literal.span.start);
            between.is_some_and(|b| !b.contains('\n') && b.len() < 4)
        };
        if let Some(i) = steps.checked_sub(1)
            && all[i].value == value
            && near(i)
        {
            return Some((NumberSource::Step(i, Linear::same()), value));
        }
        let known = graph.known();
        let mut found = known.sources(
            &Literal {
                value,
                ..literal.clone()
            },
            Place::Divisor,
            all.len(),
        );
        // What stands in the question, then the last result before, then the next one.
        found.sort_by_key(|s| match s {
            NumberSource::Constant(_) => (0, 0),
            NumberSource::Variable(..) => (1, 0),
            NumberSource::Step(i, _) if *i < steps => (2, steps - i),
            NumberSource::Step(i, _) => (3, *i),
        });
        if let Some(source) = found.first() {
            return Some((*source, value));
        }
    }
    None
}

/// The last result as the old answer is written.
pub fn answer(old: &str, graph: &Graph, results: &[Rational]) -> Option<String> {
    let start = old.find(|c: char| c.is_ascii_digit())?;
    let end = start + number_len(&old[start..]).max(1);
    let digits = &old[start..end];
    let shown = Rational::from_digits(&digits.replace(',', ""), 10)?;
    let before = graph.solution.steps.last()?.value;
    let times = shown.checked_div(before)?;
    let money = old[..start].ends_with('$');
    let number = NumberForm::of(digits).write_sum(results.last()?.checked_mul(times)?, money)?;
    Some(format!("{}{number}{}", &old[..start], &old[end..]))
}

/// The graph for `meta`: the numbers of the question with their places in the original, and the steps over them.
fn described(graph: &Graph, variables: &[Rational], results: &[Rational]) -> Value {
    let numbers: Vec<Value> = graph
        .variables
        .iter()
        .zip(variables)
        .map(|(v, new)| {
            let places: Vec<Value> = v
                .mentions
                .iter()
                .map(|m| {
                    json!([
                        graph.stated.mentions[*m].span.start,
                        graph.stated.mentions[*m].span.end
                    ])
                })
                .collect();
            json!({ "places": places, "from": v.value.written(10), "to": new.written(10) })
        })
        .collect();
    let line = |name: String, l: &Linear| {
        let times = (l.times != Rational::whole(1)).then(|| format!(" * {}", l.times));
        let plus = (l.plus != Rational::ZERO).then(|| format!(" + {}", l.plus));
        let (times, plus) = (times.unwrap_or_default(), plus.unwrap_or_default());
        if times.is_empty() && plus.is_empty() {
            name
        } else {
            format!("({name}{times}{plus})")
        }
    };
    let leaf = |s: &NumberSource| match s {
        NumberSource::Variable(i, l) => line(format!("n{i}"), l),
        NumberSource::Step(i, l) => line(format!("s{i}"), l),
        NumberSource::Constant(v) => v.written(10),
    };
    let steps: Vec<Value> = graph
        .solution
        .steps
        .iter()
        .zip(&graph.sources)
        .zip(results)
        .map(|((step, sources), result)| {
            let expression = step.expression.written(|i| leaf(&sources[i]));
            json!({ "expression": expression, "from": step.value.written(10), "to": result.written(10) })
        })
        .collect();
    json!({ "numbers": numbers, "steps": steps })
}
