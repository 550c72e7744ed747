//! The graph of a solution: each step's numbers tied to the question, to steps before, or to constants.

use rotescope_text::Rational;

use super::constants::{Constants, implied};
use super::expression::Place;
use super::mention::{Stated, stated};
use super::reading::{SolutionReading, Stuck, read, used, values};
use super::solution::Solution;
use super::tie::{KnownNumbers, Variable, variables};
use crate::perturb::subject::Unchanged;

/// A solution that can be computed with other numbers.
#[derive(Debug, Clone)]
pub struct Graph {
    pub stated: Stated,
    pub variables: Vec<Variable>,
    pub constants: Constants,
    pub solution: Solution,
    /// The sources of every literal of every step.
    pub sources: SolutionReading,
}

/// More numbers than this, in a question or in the steps of its solution, are not looked through.
const MOST: usize = 100;

impl Graph {
    /// The graph of a question and its solution.
    ///
    /// # Errors
    /// A number has no source, or several that are not the same.
    pub fn of(question: &str, solution: Solution, answer: Rational) -> Result<Graph, Unchanged> {
        let stated = stated(question);
        let last = solution.steps.last();
        let is_last = last
            .is_some_and(|s| s.value == answer || s.claims.iter().any(|c| c.digits() == answer));
        if !is_last {
            return Unchanged::because("the answer is not the last result");
        }
        let literals = solution.steps.iter().map(|s| s.expression.literals.len());
        if stated.mentions.len() > MOST || literals.sum::<usize>() > MOST {
            return Unchanged::because("it has too many numbers");
        }
        let constants = implied(question, &stated);
        let mut variables = variables(&stated);
        let mut reason = Unchanged("uses no number of the question".into());
        // What stands for a number of the question and for a constant stays: then both readings are one.
        for v in &mut variables {
            let places = places(&solution, &stated, v.value);
            let constant = constants.anywhere.contains(&v.value)
                || places.iter().any(|p| constants.has(v.value, *p));
            if constant && !v.frozen {
                v.frozen = true;
                reason = Unchanged(format!("two readings of {}", v.value));
            }
        }
        // A number that only one reading of the rest explains is held still, and the rest is read again.
        for _ in 0..=variables.len() {
            let known = KnownNumbers {
                stated: &stated,
                variables: &variables,
                constants: &constants,
                solution: &solution,
            };
            match read(&known) {
                Ok(sources) => {
                    let used = used(sources.iter().flatten());
                    for (i, v) in variables.iter_mut().enumerate() {
                        let literals = solution.steps.iter().map(|s| &s.expression.literals);
                        // What is held still may be a constant of some step.
                        let stands = literals.flatten().any(|l| l.value == v.value);
                        v.unused = !(used.contains(&i) || v.frozen && stands);
                        v.frozen |= v.unused;
                    }
                    if variables.iter().all(|v| v.frozen) {
                        return Err(reason);
                    }
                    return Ok(Graph {
                        stated,
                        variables,
                        constants,
                        solution,
                        sources,
                    });
                }
                Err(Stuck { hold, why }) => {
                    if hold.is_empty() {
                        return Err(why);
                    }
                    reason = why;
                    for i in hold {
                        variables[i].frozen = true;
                    }
                }
            }
        }
        Err(reason)
    }

    /// The values of all operations of all steps, with these numbers for the variables. `None` where one does not exist.
    pub fn values(&self, variables: &[Rational]) -> Option<Vec<Vec<Rational>>> {
        values(&self.solution, &self.sources, variables)
    }

    pub fn known(&self) -> KnownNumbers<'_> {
        KnownNumbers {
            stated: &self.stated,
            variables: &self.variables,
            constants: &self.constants,
            solution: &self.solution,
        }
    }
}

/// The places of a number in the steps, but for those in fractions of the question.
fn places(solution: &Solution, stated: &Stated, value: Rational) -> Vec<Place> {
    let mut places = Vec::new();
    for step in &solution.steps {
        let literals = &step.expression.literals;
        for (i, place) in step.expression.places().into_iter().enumerate() {
            if literals[i].value == value && !stated.is_in_fraction(literals, i) {
                places.push(place);
            }
        }
    }
    places
}
