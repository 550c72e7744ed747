//! What a story bears: which results other numbers may come to.

use rotescope_text::Rational;

use super::fixed::CountedThing;
use super::form::places;
use super::graph::Graph;
use super::solution::WorkedStep;
use super::tie::{NumberSource, Variable};

/// What holds of the original numbers and has to hold of others.
pub struct Story {
    /// Values of all operations with the original numbers.
    before: Vec<Vec<Rational>>,
    /// The largest that each result may be.
    limits: Vec<Option<Rational>>,
    /// The question asks which is more, or the like: results keep their order.
    ranks: bool,
    /// What becomes of results that are whole.
    whole: Whole,
    /// What no step uses may be the most that there is: 200 dollars to spend, 4 pizzas of 8 slices.
    bounds: Vec<Rational>,
    /// Steps whose result is money.
    money: Vec<bool>,
}

/// What becomes of results that are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// They stay whole: people, eggs.
    Kept,
    /// They may have a fraction, as all numbers are to have one.
    Free,
}

/// How closely a story is kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// All numbers of the question keep their order.
    Strict,
    /// Those do whose part in the story is not known, and all where the question ranks.
    Plain,
    /// The same, and whole amounts of money may come to have cents.
    Cents,
}

/// Words of questions whose solution looks for the larger or smaller of results.
const RANKS: &str = "most least cheaper cheapest highest lowest largest smallest longest shortest fastest slowest better best worse worst maximum minimum \
greatest fewest oldest youngest heaviest winner wins won whichever which";

/// No result is larger.
const LARGEST: i64 = 1_000_000_000;

impl Story {
    /// `text`: the solution. `None` where the graph does not compute with its own numbers.
    pub fn of(graph: &Graph, text: &str, whole: Whole) -> Option<Story> {
        let own: Vec<Rational> = graph.variables.iter().map(|v| v.value).collect();
        let before = graph.values(&own)?;
        let words = &graph.stated.words;
        let steps = &graph.solution.steps;
        let limits = steps
            .iter()
            .map(|step| limit(&text[step.after.clone()], step.value, words))
            .collect();
        // With the original numbers every step comes to what it says.
        let holds = |(v, s): (&Vec<Rational>, &WorkedStep)| v.last() == Some(&s.value);
        if !before.iter().zip(steps).all(holds) {
            return None;
        }
        Some(Story {
            before,
            limits,
            ranks: RANKS.split_whitespace().any(|w| words.contains(w)) || has_choice(graph),
            whole,
            bounds: bounds(graph),
            money: steps.iter().map(|s| is_money(text, s)).collect(),
        })
    }

    /// The results of all steps with these numbers, if the story bears them.
    pub fn bears(
        &self,
        graph: &Graph,
        variables: &[Rational],
        care: Care,
    ) -> Option<Vec<Rational>> {
        if !keeps_limits(graph, variables) || !self.keeps_order(graph, variables, care) {
            return None;
        }
        let after = graph.values(variables)?;
        for ((before, after), money) in self.before.iter().zip(&after).zip(&self.money) {
            let cents = *money && care == Care::Cents;
            let fits = before
                .iter()
                .zip(after)
                .all(|(b, a)| self.alike(*b, *a, cents));
            if !fits {
                return None;
            }
        }
        let results: Vec<Rational> = after.iter().filter_map(|v| v.last().copied()).collect();
        for ((limit, after), step) in self.limits.iter().zip(&results).zip(&graph.solution.steps) {
            if limit.is_some_and(|l| *after > l) {
                return None;
            }
            let most = places(step.value)?.max(2);
            if places(*after)? > most && self.whole == Whole::Kept {
                return None;
            }
        }
        let over = |(before, after): (&Rational, &Rational)| {
            self.bounds.iter().any(|b| before <= b && after > b)
        };
        if self.originals().iter().zip(&results).any(over) {
            return None;
        }
        if self.ranks && !same_order(&self.originals(), &results) {
            return None;
        }
        Some(results)
    }

    fn originals(&self) -> Vec<Rational> {
        self.before
            .iter()
            .filter_map(|v| v.last().copied())
            .collect()
    }

    /// The sign stays, what was whole stays whole, what was a part stays a part.
    fn alike(&self, before: Rational, after: Rational, cents: bool) -> bool {
        let one = Rational::whole(1);
        let sign = |v: Rational| v.numerator().signum();
        let within = |v: Rational| v < Rational::whole(LARGEST);
        let fits = sign(before) == sign(after) && within(after);
        if self.whole == Whole::Free {
            return fits;
        }
        let whole = !before.is_whole() || after.is_whole() || cents;
        fits && (before < one) == (after < one) && whole
    }

    /// Numbers of the question stay in the order in which they were.
    fn keeps_order(&self, graph: &Graph, variables: &[Rational], care: Care) -> bool {
        let mentions = &graph.stated.mentions;
        let first = |v: &Variable| &mentions[v.mentions[0]];
        let percent = |v: &Variable| first(v).measure == CountedThing::Percent;
        for (i, a) in graph.variables.iter().enumerate() {
            for (j, b) in graph.variables.iter().enumerate().skip(i + 1) {
                let moved = variables[i] != a.value || variables[j] != b.value;
                let matters = care == Care::Strict || self.ranks || a.unused || b.unused;
                let kept = a.value.partial_cmp(&b.value) == variables[i].partial_cmp(&variables[j]);
                if moved && matters && percent(a) == percent(b) && !kept {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether a currency sign stands at the result, or in front of the mark that computes it.
fn is_money(text: &str, step: &WorkedStep) -> bool {
    let claim = step
        .claims
        .last()
        .map_or(step.after.start, |c| c.span.start);
    let before = text[..claim].trim_end();
    let mark = before.rfind("<<").map_or("", |i| text[..i].trim_end());
    let marked = step.after.start > claim + 2 && mark.ends_with('$');
    before.ends_with('$')
        || marked
        || text[step.after.clone()]
            .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '))
            .starts_with("dollar")
}

/// The numbers that no step uses, and products of two of them.
fn bounds(graph: &Graph) -> Vec<Rational> {
    let percent =
        |v: &Variable| graph.stated.mentions[v.mentions[0]].measure == CountedThing::Percent;
    let unused = graph.variables.iter().filter(|v| v.unused && !percent(v));
    let unused: Vec<Rational> = unused.map(|v| v.value).collect();
    let products = unused.iter().enumerate().flat_map(|(i, a)| {
        let others = unused[i + 1..].iter();
        others.filter_map(|b| a.checked_mul(*b))
    });
    unused.iter().copied().chain(products).collect()
}

/// Whether a result is used by no step after it: it was only compared with others.
fn has_choice(graph: &Graph) -> bool {
    let steps = &graph.solution.steps;
    let used = |i: usize| {
        let mut sources = graph.sources.iter().flatten();
        sources.any(|s| matches!(s, NumberSource::Step(j, _) if *j == i))
    };
    let again = |i: usize| {
        let later = &steps[i + 1..];
        later
            .iter()
            .any(|s| s.expression.is_like(&steps[i].expression))
    };
    (0..steps.len() - 1).any(|i| !used(i) && !steps[i].same_as_next && !again(i))
}

fn same_order(before: &[Rational], after: &[Rational]) -> bool {
    (0..before.len()).all(|i| {
        (0..i).all(|j| before[i].partial_cmp(&before[j]) == after[i].partial_cmp(&after[j]))
    })
}

fn keeps_limits(graph: &Graph, variables: &[Rational]) -> bool {
    graph.variables.iter().zip(variables).all(|(v, new)| {
        v.frozen
            || v.mentions.iter().all(|m| {
                let limit = graph.stated.mentions[*m].limit;
                limit.is_none_or(|l| *new <= Rational::whole(l))
            })
    })
}

/// The largest that a result may be, by what stands behind it: percent, hours of a day, days of a week.
fn limit(
    after: &str,
    value: Rational,
    words: &std::collections::HashSet<String>,
) -> Option<Rational> {
    let rest = after
        .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '$' | ' '));
    let has = |list: &[&str]| list.iter().any(|w| words.contains(*w));
    let limits: &[i64] = if rest.starts_with('%') || rest.starts_with("percent") {
        &[100]
    } else if rest.starts_with("hour") && has(&["day", "daily", "night", "today", "yesterday"]) {
        &[24]
    } else if rest.starts_with("day") && has(&["week", "weekly"]) {
        &[7]
    } else if rest.starts_with("day") && has(&["month"]) {
        &[31]
    } else if has(&["age", "old", "older", "younger"])
        && (rest.starts_with("year") || !rest.starts_with(char::is_alphanumeric))
    {
        &[100]
    } else {
        &[]
    };
    let limit = limits.iter().map(|l| Rational::whole(*l));
    limit.into_iter().find(|l| value <= *l)
}
