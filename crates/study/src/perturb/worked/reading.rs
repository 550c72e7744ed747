//! Which source each number of a solution has, where several would do.
//!
//! All readings are compared: the best leave the fewest results and numbers of the question unused. Where several are as good and would come to
//! different results, and where a number might stand for something else besides, the numbers of the question that it hangs on are held still.

use std::collections::BTreeSet;

use rotescope_text::Rational;

use super::solution::{Solution, WorkedStep};
use super::tie::{KnownNumbers, NumberSource};
use crate::perturb::subject::Unchanged;

/// Sources for every literal of every step.
pub type SolutionReading = Vec<Vec<NumberSource>>;

/// Ways to read the ambiguous numbers of a solution that are compared.
const READINGS: usize = 4096;
/// Readings that are kept.
const KEPT: usize = 16;

/// Why a graph cannot be read with these variables, and which of them have to be held still; none if that does not help.
pub struct Stuck {
    pub hold: Vec<usize>,
    pub why: Unchanged,
}

/// The values of all operations of all steps, with these numbers for the variables. `None` where one does not exist.
pub fn values(
    solution: &Solution,
    sources: &SolutionReading,
    variables: &[Rational],
) -> Option<Vec<Vec<Rational>>> {
    let (mut results, mut all): (Vec<Rational>, _) = (Vec::new(), Vec::new());
    for (step, sources) in solution.steps.iter().zip(sources) {
        let literals = sources.iter().map(|s| s.value(variables, &results));
        let values = step
            .expression
            .values(&literals.collect::<Option<Vec<_>>>()?)?;
        results.push(*values.last()?);
        all.push(values);
    }
    Some(all)
}

/// The variables among some sources.
pub fn used<'a>(sources: impl Iterator<Item = &'a NumberSource>) -> BTreeSet<usize> {
    let variable = |s: &NumberSource| match s {
        NumberSource::Variable(i, _) => Some(*i),
        _ => None,
    };
    sources.filter_map(variable).collect()
}

/// The best reading of a solution.
///
/// # Errors
/// There is none, or several that differ.
pub fn read(known: &KnownNumbers) -> Result<SolutionReading, Stuck> {
    let mut choices: Vec<Vec<Vec<NumberSource>>> = Vec::new();
    for (n, step) in known.solution.steps.iter().enumerate() {
        let mut sources = Vec::new();
        let places = step.expression.places();
        for (i, literal) in step.expression.literals.iter().enumerate() {
            // The 3 and the 4 of "3/4" are that fraction of the question.
            if known.stated.is_in_fraction(&step.expression.literals, i) {
                sources.push(vec![NumberSource::Constant(literal.value)]);
                continue;
            }
            let mut found = known.sources(literal, places[i], n);
            if found.is_empty() {
                found.push(unstated(known, literal.value, n)?);
            }
            sources.push(found);
        }
        choices.push(sources);
    }
    let kept = best(known, &choices)?;
    twice(known, &kept[0])?;
    counted(known, &kept[0])?;
    told_again(known, &kept[0])?;
    agreed(known, &choices, kept)
}

/// A number of the question that is multiplied with itself stands for two things, one of which is not stated: 5 miles on 5 days.
fn twice(known: &KnownNumbers, reading: &SolutionReading) -> Result<(), Stuck> {
    for (step, sources) in known.solution.steps.iter().zip(reading) {
        for (a, b) in step.expression.products() {
            if let (NumberSource::Variable(i, _), NumberSource::Variable(j, _)) =
                (sources[a], sources[b])
                && i == j
                && known.variables[i].mentions.len() < 2
            {
                return Err(Stuck {
                    hold: vec![i],
                    why: Unchanged(format!("two readings of {}", known.variables[i].value)),
                });
            }
        }
    }
    Ok(())
}

/// A number of the question may say how often something is done that the solution does one by one: "for 4 days" with four sums. Others would need
/// another solution, so that such numbers stay.
fn counted(known: &KnownNumbers, reading: &SolutionReading) -> Result<(), Stuck> {
    let mut counts = BTreeSet::new();
    let mut run = 1;
    for (n, (step, sources)) in known.solution.steps.iter().zip(reading).enumerate() {
        let terms = step.expression.terms();
        if terms > 2 {
            counts.extend([terms, terms + 1]);
        }
        if terms == sources.len() {
            let again = |s: &NumberSource| sources.iter().filter(|o| *o == s).count();
            counts.extend(sources.iter().map(again).filter(|n| *n > 1));
        }
        let before = n.checked_sub(1);
        let goes_on = before.is_some_and(|b| {
            let follows = |s: &NumberSource| matches!(s, NumberSource::Step(i, _) if *i == b);
            let others = |sources: &[NumberSource]| -> Vec<NumberSource> {
                let other = |s: &&NumberSource| !matches!(s, NumberSource::Step(..));
                sources.iter().filter(other).copied().collect()
            };
            let shape = step
                .expression
                .has_form_of(&known.solution.steps[b].expression);
            let alike = others(sources) == others(&reading[b])
                || others(sources).iter().all(|s| reading[b].contains(s));
            shape && alike && sources.iter().any(follows)
        });
        run = if goes_on { run + 1 } else { 1 };
        if run > 1 {
            counts.extend([run, run + 1]);
        }
    }
    let hold: Vec<usize> = (0..known.variables.len())
        .filter(|i| {
            let v = &known.variables[*i];
            let count = usize::try_from(v.value.numerator()).ok();
            !v.frozen && v.value.is_whole() && count.is_some_and(|c| counts.contains(&c))
        })
        .collect();
    match hold.first() {
        Some(i) => Err(Stuck {
            why: Unchanged(format!("two readings of {}", known.variables[*i].value)),
            hold,
        }),
        None => Ok(()),
    }
}

/// The first of the readings, if all of them come to the same whatever the numbers are.
fn agreed(
    known: &KnownNumbers,
    choices: &[Vec<Vec<NumberSource>>],
    mut kept: Vec<SolutionReading>,
) -> Result<SolutionReading, Stuck> {
    // Numbers with nothing in common.
    let probe: Vec<Rational> = known
        .variables
        .iter()
        .enumerate()
        .filter_map(|(i, v)| {
            let odd = Rational::new(1009 + 97 * i as i128, 991)?;
            if v.frozen {
                Some(v.value)
            } else {
                v.value.checked_mul(odd)
            }
        })
        .collect();
    let results = |r: &SolutionReading| -> Option<Vec<Rational>> {
        let all = values(known.solution, r, &probe)?;
        all.iter().map(|v| v.last().copied()).collect()
    };
    if kept.len() > 1 {
        let first = results(&kept[0]);
        if first.is_none() || kept.iter().any(|r| results(r) != first) {
            let open = choices.iter().flatten().filter(|c| c.len() > 1).flatten();
            let mut hold = BTreeSet::new();
            let mut of = |s: &NumberSource| match s {
                NumberSource::Variable(i, _) => drop(hold.insert(*i)),
                NumberSource::Step(i, _) => {
                    hold.extend(used(choices[..=*i].iter().flatten().flatten()));
                }
                NumberSource::Constant(_) => {}
            };
            open.for_each(&mut of);
            let ambiguous = choices
                .iter()
                .zip(&known.solution.steps)
                .flat_map(|(c, s)| c.iter().zip(&s.expression.literals))
                .find(|(c, _)| c.len() > 1)
                .map_or(Rational::ZERO, |(_, l)| l.value);
            return Err(Stuck {
                hold: hold.into_iter().collect(),
                why: Unchanged(format!("two readings of {ambiguous}")),
            });
        }
    }
    let reading = kept.swap_remove(0);
    // Two ways to say a step that only its own numbers make the same.
    let results = results(&reading).unwrap_or_default();
    let steps = known.solution.steps.iter();
    let differs = |(s, v): (&WorkedStep, &[Rational])| s.same_as_next && v[0] != v[1];
    if steps.zip(results.windows(2)).any(differs) {
        return Err(Stuck {
            hold: Vec::new(),
            why: Unchanged("a step is said in two ways that differ".into()),
        });
    }
    Ok(reading)
}

/// Whether a value is the sum, difference, product or quotient of two, the quotient also without its fraction.
fn is_made(value: Rational, a: Rational, b: Rational) -> bool {
    let whole = |q: Option<Rational>| q.filter(|q| !q.is_whole()).map(Rational::floor);
    let (ab, ba) = (a.checked_div(b), b.checked_div(a));
    let exact = [
        a.checked_add(b),
        a.checked_sub(b),
        b.checked_sub(a),
        a.checked_mul(b),
        ab,
        ba,
    ];
    let cut = |q| {
        whole(q).is_some_and(|n| {
            value.is_whole() && (value.numerator() - n == 0 || value.numerator() - n == 1)
        })
    };
    exact.contains(&Some(value)) || cut(ab) || cut(ba)
}

/// A number of the question that no step uses may say what others come to: "9 rooms, 5 with ... and the other 4 with ...". Others would contradict it,
/// so that those stay.
fn told_again(known: &KnownNumbers, reading: &SolutionReading) -> Result<(), Stuck> {
    let used = used(reading.iter().flatten());
    let literals = known
        .solution
        .steps
        .iter()
        .flat_map(|s| s.expression.literals.iter().map(|l| l.value));
    let leaves: Vec<Rational> = literals.collect();
    let told = known
        .variables
        .iter()
        .filter(|v| !leaves.contains(&v.value) && v.value > Rational::whole(4));
    let mut hold = BTreeSet::new();
    for told in told.map(|v| v.value) {
        let all = known.variables.iter().enumerate();
        for (i, a) in all.clone().filter(|(i, _)| used.contains(i)) {
            let one = Rational::whole(1);
            if a.value.checked_add(one) == Some(told) || a.value.checked_sub(one) == Some(told) {
                hold.insert(i);
            }
            for (j, b) in all.clone() {
                let sum = a.value.checked_add(b.value) == Some(told);
                let rest = a.value.checked_sub(b.value) == Some(told)
                    || b.value.checked_sub(a.value) == Some(told);
                if b.value != told && (sum || rest) {
                    hold.extend([i, j]);
                }
            }
        }
    }
    hold.retain(|i| !known.variables[*i].frozen);
    match hold.first() {
        Some(i) => Err(Stuck {
            why: Unchanged(format!("two readings of {}", known.variables[*i].value)),
            hold: hold.into_iter().collect(),
        }),
        None => Ok(()),
    }
}

/// A number that nothing gives: a constant of the story, if it is not made of what can change.
fn unstated(known: &KnownNumbers, value: Rational, steps: usize) -> Result<NumberSource, Stuck> {
    let free: Vec<(usize, Rational)> = known
        .variables
        .iter()
        .enumerate()
        .filter(|(_, v)| !v.frozen)
        .map(|(i, v)| (i, v.value))
        .collect();
    let why = || Unchanged(format!("nothing gives the {value} of a step"));
    let hundred = Rational::whole(100);
    let made = |a: Rational, b: Rational| is_made(value, a, b);
    let mut hold = BTreeSet::new();
    let common = [1, 2, 3, 4, 7, 12, 24, 60, 100, 1000].map(Rational::whole);
    let frozen = known.variables.iter().filter(|v| v.frozen).map(|v| v.value);
    let fixed: Vec<Rational> = common.into_iter().chain(frozen).collect();
    for (i, a) in &free {
        let with_constant = fixed.iter().any(|k| made(*a, *k));
        if with_constant || hundred.checked_sub(*a) == Some(value) {
            hold.insert(*i);
        }
        for (j, b) in &free {
            if j >= i && made(*a, *b) {
                hold.extend([*i, *j]);
            }
        }
    }
    // Made of results of steps: what these are made of has to stay.
    let results: Vec<Rational> = known.solution.steps[..steps]
        .iter()
        .map(|s| s.value)
        .collect();
    let others = results.iter().chain(free.iter().map(|(_, v)| v));
    let by_results = others.clone().any(|a| results.iter().any(|b| made(*a, *b)));
    if by_results && free.iter().any(|(i, _)| !hold.contains(i)) {
        hold.extend(free.iter().map(|(i, _)| *i));
    }
    if !hold.is_empty() {
        return Err(Stuck {
            hold: hold.into_iter().collect(),
            why: why(),
        });
    }
    // Small counts (of friends that are named) and round numbers of the world.
    if value.is_whole() && value.numerator() <= 12 {
        return Ok(NumberSource::Constant(value));
    }
    Err(Stuck {
        hold: Vec::new(),
        why: Unchanged("a step has a number that nothing gives".into()),
    })
}

/// The readings that leave the fewest results and numbers unused; several only where they may come to the same.
fn best(
    known: &KnownNumbers,
    choices: &[Vec<Vec<NumberSource>>],
) -> Result<Vec<SolutionReading>, Stuck> {
    let total = choices
        .iter()
        .flatten()
        .fold(1_usize, |n, c| n.saturating_mul(c.len()));
    if total > READINGS {
        return Err(Stuck {
            hold: Vec::new(),
            why: Unchanged("too many readings".into()),
        });
    }
    let last = known.solution.steps.len().saturating_sub(1);
    let mut kept: Vec<SolutionReading> = Vec::new();
    let mut lowest = (usize::MAX, usize::MAX);
    for n in 0..total {
        let mut rest = n;
        let reading: SolutionReading = choices
            .iter()
            .map(|step| {
                let pick = |c: &Vec<NumberSource>| {
                    let source = c[rest % c.len()];
                    rest /= c.len();
                    source
                };
                step.iter().map(pick).collect()
            })
            .collect();
        let sources = || reading.iter().flatten();
        let step_unused =
            |i: &usize| !sources().any(|s| matches!(s, NumberSource::Step(j, _) if j == i));
        let variable_unused =
            |i: &usize| !sources().any(|s| matches!(s, NumberSource::Variable(j, _) if j == i));
        let unused = (
            (0..last)
                .filter(|i| !known.solution.steps[*i].same_as_next)
                .filter(step_unused)
                .count(),
            (0..known.variables.len())
                .filter(|i| !known.variables[*i].frozen)
                .filter(variable_unused)
                .count(),
        );
        if unused < lowest {
            (lowest, kept) = (unused, Vec::new());
        }
        if unused == lowest {
            kept.push(reading);
        }
    }
    if kept.len() > KEPT {
        return Err(Stuck {
            hold: Vec::new(),
            why: Unchanged("too many readings".into()),
        });
    }
    Ok(kept)
}
