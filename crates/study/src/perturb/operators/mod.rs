//! All operators.
//!
//! # How to add an operator
//!
//! 1. Write it in a file of its own here: a function of type [`Apply`](super::operator::Apply), which gets the prompt, its options and a seeded
//!    generator, and an entry, `pub(super) const NAME: Operator = Operator::new(name, what it does in a line, where it comes from, function)`,
//!    with [`with_options`](Operator::with_options) and [`asking_corpus`](Operator::asking_corpus) where it needs them. A prompt may carry its
//!    problem: [`Input::problem`](super::operator::Input::problem) gives it, and [`effects`](super::effects) make an effect of what was built
//!    anew, or of another text. What cannot be changed is [`Unchanged`](super::Unchanged) with its reason; nothing is changed by half.
//! 2. Name the file and the entry here: the command line, `perturb --list` and the app take it from [`OPERATORS`].
//! 3. Put it into the table of `docs/perturb.md`; a test asks for it.
//! 4. Test it in `tests/perturb.rs`. The tests there that go through [`OPERATORS`] hold for it already: the same seed gives the same result, no
//!    text breaks it, and it is told whether the seed makes a difference.
//!
//! Draw only through [`chance`](super::chance), so that a seed gives the same prompt on every machine.

mod longtail;
mod order;
mod rarity;
mod surface;
mod symbolic;

use super::operator::Operator;

/// The operator with this name.
pub fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|o| o.name == name)
}

/// All operators, in the order of the documentation.
pub const OPERATORS: &[Operator] = &[
    longtail::DIGIT_EXPANSION,
    longtail::INT_TO_FLOAT,
    longtail::BASE2,
    longtail::LENGTHEN_LIST,
    longtail::RARE_ENTITY,
    longtail::LAST_WORD_CAPITALIZATION,
    symbolic::NAMES,
    symbolic::NUMBERS,
    symbolic::NOOP,
    symbolic::SENTENCE_ORDER,
    order::SWAP_ADJACENT,
    order::SWAP_RANDOM,
    order::ROTATE,
    order::REVERSE,
    order::TRIGRAM_SHUFFLE,
    order::SHUFFLE,
    order::DROP,
    order::MASK,
    surface::CASING,
    surface::WHITESPACE,
    surface::SPELLED_NUMBERS,
    surface::SYNONYMS,
    surface::TYPOS,
    rarity::RARER,
    rarity::FREQUENTER,
];
