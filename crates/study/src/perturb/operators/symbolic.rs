//! Other names, other numbers, a clause that does not matter, another order of sentences (GSM-Symbolic and its kin).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::perturb::chance::{below, choose, shuffle};
use crate::perturb::effects::{
    CARRIED, carried_or, rebuilt, reworded, whole_numbers, with_operands,
};
use crate::perturb::lists::NOOPS;
use crate::perturb::numbers::Notation;
use crate::perturb::operator::{Input, Operator};
use crate::perturb::rename::rename;
use crate::perturb::subject::{AnswerChange, OperatorEffect, Unchanged};
use crate::perturb::texts::before_last;
use crate::perturb::worked::bear::Whole;
use crate::perturb::worked::{carry, draw};
use rotescope_text::{Rational, SplitBy, split_steps};

const SOURCE: &str = "GSM-Symbolic (Mirzadeh et al., 2410.05229)";

pub(super) const NAMES: Operator = Operator::new("names", "other names and things", SOURCE, names);

pub(super) const NUMBERS: Operator = Operator::new(
    "numbers",
    "other operands with as many digits; the answer is computed anew",
    SOURCE,
    numbers,
)
.with_options(&[CARRIED]);

pub(super) const NOOP: Operator = Operator::new(
    "noop",
    "a sentence with a number that does not matter",
    SOURCE,
    noop,
);

pub(super) const SENTENCE_ORDER: Operator = Operator::new(
    "sentence-order",
    "the events of a story change places where the answer stays",
    "reorder_statement of Xie et al., 2410.23123",
    sentence_order,
);

/// Other names, things, fruits or title words, drawn evenly from their lists.
fn names(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    rename(input, |category, _| {
        choose(rng, &category.all()).map(std::string::ToString::to_string)
    })
}

/// A whole number with as many digits as `n`, at least 1.
fn alike(rng: &mut ChaCha8Rng, n: Rational) -> Rational {
    let digits = n.numerator().unsigned_abs().max(1).ilog10();
    let low = 10_i64.saturating_pow(digits);
    let span = low.saturating_mul(9).max(1) as u64;
    let drawn = ((u128::from(rng.next_u64()) * u128::from(span)) >> 64) as i64;
    Rational::whole(low.saturating_add(drawn))
}

/// Other operands of the same size. All totals of the new problem are positive, and whole where the old ones were.
fn numbers(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let Some(problem) = input.problem() else {
        let carried = carry(input.subject, Whole::Kept, |graph, story| {
            draw::alike(graph, story, rng)
        });
        return carried_or(input, carried, || {
            whole_numbers(input, |n| Some(alike(rng, n)))
        });
    };
    let Some(problem) = problem.calculation() else {
        return Unchanged::because("the problem has no numbers to calculate with");
    };
    let before = problem.operands();
    if before.iter().any(|v| !v.is_whole()) {
        return Unchanged::because("its operands are not whole");
    }
    for _ in 0..2000 {
        let after: Vec<Rational> = before.iter().map(|v| alike(rng, *v)).collect();
        if after == before || !problem.is_whole_with(&after) {
            continue;
        }
        if let Some(effect) = with_operands(input.subject, problem, problem.notation(), after) {
            return Ok(effect);
        }
    }
    Unchanged::because("no other numbers of this size work out")
}

/// A sentence with a number that does not matter, before the last sentence.
fn noop(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let number = 2 + below(rng, 18);
    let problem = input.problem().filter(|p| p.takes_clauses());
    // The clauses about things need things to be about.
    let fitting: Vec<&str> = NOOPS
        .iter()
        .copied()
        .filter(|c| problem.is_some() || !c.contains("{o}"))
        .collect();
    let Some(clause) = choose(rng, &fitting) else {
        return Unchanged::because("no clause fits");
    };
    let notation = problem
        .as_ref()
        .and_then(|p| Some(p.calculation()?.notation()));
    let value = notation
        .unwrap_or(Notation::Decimal)
        .write(Rational::whole(number as i64));
    let clause = clause.replace("{x}", &value.unwrap_or_default());
    match problem {
        Some(problem) => problem
            .with_clause(&clause)
            .map(|built| rebuilt(input.subject, built, Vec::new()))
            .ok_or_else(|| Unchanged("its numbers do not work out".into())),
        None => {
            let question = before_last(&input.subject.question, &clause);
            Ok(reworded(input, question, Vec::new()))
        }
    }
}

/// The events of a story in another order in which the answer is the same and every total is positive. In other prompts the sentences between the
/// first and the last, and the answer is unknown: what happens first may matter.
fn sentence_order(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    if let Some(problem) = input.problem() {
        return Ok(rebuilt(input.subject, problem.reordered(rng)?, Vec::new()));
    }
    let question = &input.subject.question;
    let spans = split_steps(question, SplitBy::Sentence);
    let sentences: Vec<&str> = spans.iter().map(|r| question[r.clone()].trim()).collect();
    if sentences.len() < 4 {
        return Unchanged::because("fewer than two sentences stand between its first and its last");
    }
    let mut order: Vec<&str> = sentences.clone();
    let last = order.len() - 1;
    shuffle(rng, &mut order[1..last]);
    if order == sentences {
        order[1..last].rotate_left(1);
    }
    Ok(OperatorEffect {
        answer: AnswerChange::Unknown,
        ..reworded(input, order.join(" "), Vec::new())
    })
}
