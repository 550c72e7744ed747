//! STIM's transformations of the long tail (Li et al., EMNLP 2025, section 4 and the released task data).
//!
//! On problems that carry their template the operands change and the answer is computed anew. In other prompts the numbers of the text change:
//! whole numbers for digit expansion and int to float (the authors leave decimals as they are), all numbers for base 2; then the answer is
//! unknown, but for base 2, where it is the old one written anew.

use rand_chacha::ChaCha8Rng;

use crate::perturb::chance::{below, choose, shuffle};
use crate::perturb::effects::{
    CARRIED, carried_or, rebuilt, rewritten_numbers, whole_numbers, with_operands,
};
use crate::perturb::numbers::{IN_BASE2, Notation};
use crate::perturb::operator::{Input, Operator, OperatorOption, OptionKind};
use crate::perturb::problem::{Calculation, Capitals, Problem};
use crate::perturb::rename::rename;
use crate::perturb::subject::{AnswerChange, OperatorEffect, Unchanged};
use crate::perturb::worked::bear::Whole;
use crate::perturb::worked::{carry, draw};
use rotescope_text::Rational;

const SOURCE: &str = "STIM (Li et al., EMNLP 2025)";

pub(super) const DIGIT_EXPANSION: Operator = Operator::new(
    "digit-expansion",
    "every whole number n becomes p1 * n + p2",
    SOURCE,
    digit_expansion,
)
.with_options(&[
    OperatorOption {
        name: "p1",
        kind: OptionKind::Whole(2, 997),
        doc: "factor; a prime from 11 to 29 if not given",
    },
    OperatorOption {
        name: "p2",
        kind: OptionKind::Whole(2, 997),
        doc: "summand; a prime from 11 to 29 if not given",
    },
    CARRIED,
]);

pub(super) const INT_TO_FLOAT: Operator = Operator::new(
    "int-to-float",
    "every whole number n becomes n / 100",
    SOURCE,
    int_to_float,
)
.with_options(&[CARRIED]);

pub(super) const BASE2: Operator = Operator::new(
    "base2",
    "all numbers are written in base 2, fractions cut after 8 bits",
    SOURCE,
    base2,
);

pub(super) const LENGTHEN_LIST: Operator = Operator::new(
    "lengthen-list",
    "a counting list grows to so many items, drawn from its own",
    SOURCE,
    lengthen_list,
)
.with_options(&[OperatorOption {
    name: "to",
    kind: OptionKind::Whole(1, 10_000),
    doc: "items; 30, 40 or 50 if not given",
}]);

pub(super) const RARE_ENTITY: Operator = Operator::new(
    "rare-entity",
    "the counted fruit, the names or the nouns of a title become rare ones",
    SOURCE,
    rare_entity,
);

pub(super) const LAST_WORD_CAPITALIZATION: Operator = Operator::new(
    "last-word-capitalization",
    "a title task asks for a capital in the last word only",
    SOURCE,
    last_word_capitalization,
);

/// The primes of the authors: between 10 and 30.
const PRIMES: [i64; 6] = [11, 13, 17, 19, 23, 29];

/// The calculation of a problem, which must have one.
fn calculation(problem: &dyn Problem) -> Result<&dyn Calculation, Unchanged> {
    problem
        .calculation()
        .ok_or_else(|| Unchanged("the problem has no numbers to calculate with".into()))
}

fn in_base2<T>() -> Result<T, Unchanged> {
    Unchanged::because("its numbers are in base 2 already")
}

/// `n -> p1 * n + p2`, the same primes for all numbers of a prompt.
fn digit_expansion(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let given = |name: &str| input.options.number(name).map(|p| p as i64);
    let mut pairs: Vec<(i64, i64)> = PRIMES
        .iter()
        .flat_map(|a| PRIMES.iter().map(move |b| (*a, *b)))
        .collect();
    shuffle(rng, &mut pairs);
    for pair in &mut pairs {
        *pair = (given("p1").unwrap_or(pair.0), given("p2").unwrap_or(pair.1));
    }
    let expand = |v: Rational, (p1, p2): (i64, i64)| {
        v.checked_mul(Rational::whole(p1))?
            .checked_add(Rational::whole(p2))
    };
    let Some(problem) = input.problem() else {
        // Odd summands make no number even that was: where no primes serve, others do.
        let others = (11..=29).flat_map(|a| (2..=30).map(move |b| (a, b)));
        let mut others: Vec<(i64, i64)> = others
            .map(|(a, b)| (given("p1").unwrap_or(a), given("p2").unwrap_or(b)))
            .collect();
        shuffle(rng, &mut others);
        let first = pairs[0];
        let ways = [pairs, others];
        let carried = carry(input.subject, Whole::Kept, |graph, story| {
            draw::changed(graph, story, rng, &ways, |v, pair| expand(v, *pair))
        });
        return carried_or(input, carried, || {
            whole_numbers(input, |n| expand(n, first))
        });
    };
    let problem = calculation(problem.as_ref())?;
    let found = pairs.iter().find_map(|&pair| {
        let before = problem.operands().iter();
        let after = before.map(|v| expand(*v, pair)).collect::<Option<_>>()?;
        with_operands(input.subject, problem, problem.notation(), after)
    });
    found.ok_or_else(|| Unchanged("with no pair of primes do its numbers work out".into()))
}

/// `n -> n / 100`.
fn int_to_float(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let hundredth = |v: Rational| v.checked_div(Rational::whole(100));
    let Some(problem) = input.problem() else {
        let carried = carry(input.subject, Whole::Free, |graph, story| {
            draw::changed(graph, story, rng, &[vec![()]], |v, ()| hundredth(v))
        });
        return carried_or(input, carried, || whole_numbers(input, hundredth));
    };
    let problem = calculation(problem.as_ref())?;
    if problem.notation() == Notation::Binary {
        return in_base2();
    }
    let before = problem.operands().iter();
    before
        .map(|v| hundredth(*v))
        .collect::<Option<_>>()
        .and_then(|after| with_operands(input.subject, problem, problem.notation(), after))
        .ok_or_else(|| Unchanged("its numbers do not work out as hundredths (a result is not positive or has no finite form)".into()))
}

/// All numbers in base 2, and a sentence that says so.
fn base2(input: &Input, _: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let Some(problem) = input.problem() else {
        return text_in_base2(input);
    };
    let problem = calculation(problem.as_ref())?;
    if problem.notation() == Notation::Binary {
        return in_base2();
    }
    let operands = problem.operands().to_vec();
    with_operands(input.subject, problem, Notation::Binary, operands)
        .ok_or_else(|| Unchanged("its numbers do not work out in base 2".into()))
}

fn text_in_base2(input: &Input) -> Result<OperatorEffect, Unchanged> {
    if input.subject.question.starts_with(IN_BASE2) {
        return in_base2();
    }
    let mut changed = rewritten_numbers(input, |n| Notation::Binary.write(n.value))?;
    changed.question = format!("{IN_BASE2}{}", changed.question);
    let value = input
        .subject
        .answer
        .as_deref()
        .and_then(|a| Notation::Decimal.read(&a.replace(',', "")));
    if let Some(answer) = value.and_then(|v| Notation::Binary.write(v)) {
        changed.answer = AnswerChange::New(answer);
    }
    Ok(changed)
}

/// More items at the end of a counting list, drawn from those that it has.
fn lengthen_list(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let problem = input.problem();
    let Some((problem, own)) = problem.as_ref().and_then(|p| Some((p, p.list()?))) else {
        return Unchanged::because("it is no counting problem with its list in meta.list");
    };
    let drawn = [30, 40, 50][below(rng, 3)];
    let to = input.options.number("to").map_or(drawn, |n| n as usize);
    if own.len() >= to {
        return Unchanged::because(format!("its list has {} items already", own.len()));
    }
    let mut list = own.to_vec();
    while list.len() < to {
        match choose(rng, own) {
            Some(item) => list.push(item.clone()),
            None => return Unchanged::because("its list is empty"),
        }
    }
    let built = problem
        .with_list(list)
        .ok_or_else(|| Unchanged("its template has an unknown place".into()))?;
    Ok(rebuilt(input.subject, built, Vec::new()))
}

/// Rare words in the place of frequent ones.
fn rare_entity(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    rename(input, |category, _| {
        choose(rng, &category.rare()).map(std::string::ToString::to_string)
    })
}

const LAST_WORD: [&str; 2] = [
    "Capitalize only the last word: {}.",
    "Write this with a capital in the last word only: {}.",
];

/// Another, rare instruction for the same title.
fn last_word_capitalization(
    input: &Input,
    rng: &mut ChaCha8Rng,
) -> Result<OperatorEffect, Unchanged> {
    let problem = input.problem();
    match problem.as_ref().and_then(|p| Some((p, p.capitals()?))) {
        None => Unchanged::because("it is no title problem with its title in meta.title"),
        Some((_, Capitals::LastWord)) => {
            Unchanged::because("it asks for the last word only already")
        }
        Some((problem, Capitals::Title)) => {
            let instruction = LAST_WORD[below(rng, LAST_WORD.len())];
            problem
                .with_capitals(Capitals::LastWord, instruction)
                .map(|built| rebuilt(input.subject, built, Vec::new()))
                .ok_or_else(|| Unchanged("it cannot ask for other capitals".into()))
        }
    }
}
