//! All operators: name, options, what they do, where they come from.

use rand_chacha::ChaCha8Rng;

use super::plan::Options;
use super::{Effect, Frequencies, Subject, Unchanged};
use super::{longtail, order, rarity, surface, symbolic};

/// How an operator changes a prompt.
pub type Apply =
    fn(&Subject, &Options, &mut ChaCha8Rng, Option<&dyn Frequencies>) -> Result<Effect, Unchanged>;

/// One operator.
#[derive(Debug)]
pub struct Operator {
    pub name: &'static str,
    pub options: &'static [OperatorOption],
    /// What it does, in a line.
    pub doc: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    pub needs_corpus: bool,
    pub apply: Apply,
}

/// An option of an operator.
#[derive(Debug)]
pub struct OperatorOption {
    pub name: &'static str,
    pub kind: OptionKind,
    /// What it means and what it is when not given.
    pub doc: &'static str,
}

/// What an option takes.
#[derive(Debug)]
pub enum OptionKind {
    Whole(u64, u64),
    /// Above 0, up to 1.
    Share,
    OneOf(&'static [&'static str]),
}

/// The operator with this name.
pub fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|o| o.name == name)
}

const fn operator(
    name: &'static str,
    options: &'static [OperatorOption],
    doc: &'static str,
    source: &'static str,
    apply: Apply,
) -> Operator {
    Operator {
        name,
        options,
        doc,
        source,
        needs_corpus: false,
        apply,
    }
}

const STIM: &str = "STIM (Li et al., EMNLP 2025)";
const SYMBOLIC: &str = "GSM-Symbolic (Mirzadeh et al., 2410.05229)";
const ORDER: &str = "GPTOrder (github.com/lshowway/GPTOrder), as in 2506.12321";
const OWN: &str = "rotescope";
const SURFACE: &str = "surface robustness, as in PromptBench (Zhu et al., 2306.04528)";

const PRIMES: OptionKind = OptionKind::Whole(2, 997);
const SHARE: &[OperatorOption] = &[OperatorOption {
    name: "share",
    kind: OptionKind::Share,
    doc: "of the words; 0.1 if not given",
}];
const FACTOR: &[OperatorOption] = &[
    OperatorOption {
        name: "by",
        kind: OptionKind::Whole(1, 1_000_000_000),
        doc: "so many times; 10 if not given",
    },
    OperatorOption {
        name: "what",
        kind: OptionKind::OneOf(&["number", "entity"]),
        doc: "what to replace; numbers where the problem has operands, else entities",
    },
];

/// All operators, in the order of the documentation.
pub const OPERATORS: &[Operator] = &[
    operator(
        "digit-expansion",
        &[
            OperatorOption {
                name: "p1",
                kind: PRIMES,
                doc: "factor; a prime from 11 to 29 if not given",
            },
            OperatorOption {
                name: "p2",
                kind: PRIMES,
                doc: "summand; a prime from 11 to 29 if not given",
            },
        ],
        "every whole number n becomes p1 * n + p2",
        STIM,
        longtail::digit_expansion,
    ),
    operator(
        "int-to-float",
        &[],
        "every whole number n becomes n / 100",
        STIM,
        longtail::int_to_float,
    ),
    operator(
        "base2",
        &[],
        "all numbers are written in base 2, fractions cut after 8 bits",
        STIM,
        longtail::base2,
    ),
    operator(
        "lengthen-list",
        &[OperatorOption {
            name: "to",
            kind: OptionKind::Whole(1, 10_000),
            doc: "items; 30, 40 or 50 if not given",
        }],
        "a counting list grows to so many items, drawn from its own",
        STIM,
        longtail::lengthen_list,
    ),
    operator(
        "rare-entity",
        &[],
        "the counted fruit, the names or the nouns of a title become rare ones",
        STIM,
        longtail::rare_entity,
    ),
    operator(
        "last-word-capitalization",
        &[],
        "a title task asks for a capital in the last word only",
        STIM,
        longtail::last_word_capitalization,
    ),
    operator(
        "names",
        &[],
        "other names and things",
        SYMBOLIC,
        symbolic::names,
    ),
    operator(
        "numbers",
        &[],
        "other operands with as many digits; the answer is computed anew",
        SYMBOLIC,
        symbolic::numbers,
    ),
    operator(
        "noop",
        &[],
        "a sentence with a number that does not matter",
        SYMBOLIC,
        symbolic::noop,
    ),
    operator(
        "sentence-order",
        &[],
        "the events of a story change places where the answer stays",
        "reorder_statement of Xie et al., 2410.23123",
        symbolic::sentence_order,
    ),
    operator(
        "swap-adjacent",
        &[],
        "words 2i and 2i+1 change places",
        ORDER,
        order::swap_adjacent,
    ),
    operator(
        "swap-random",
        &[],
        "two random words change places",
        ORDER,
        order::swap_random,
    ),
    operator(
        "rotate",
        &[],
        "the halves of the question change places",
        ORDER,
        order::rotate,
    ),
    operator(
        "reverse",
        &[],
        "the last word comes first",
        ORDER,
        order::reverse,
    ),
    operator(
        "trigram-shuffle",
        &[],
        "words are shuffled inside groups of three",
        ORDER,
        order::trigram_shuffle,
    ),
    operator(
        "shuffle",
        &[],
        "all words are shuffled",
        ORDER,
        order::full_shuffle,
    ),
    operator(
        "drop",
        SHARE,
        "random words are left out",
        ORDER,
        order::drop_words,
    ),
    operator(
        "mask",
        SHARE,
        "random words become underscores",
        ORDER,
        order::mask_words,
    ),
    operator(
        "casing",
        &[OperatorOption {
            name: "to",
            kind: OptionKind::OneOf(&["lower", "upper"]),
            doc: "lower if not given",
        }],
        "all letters in one case",
        SURFACE,
        surface::casing,
    ),
    operator(
        "whitespace",
        &[],
        "some spaces are doubled",
        SURFACE,
        surface::whitespace,
    ),
    operator(
        "spelled-numbers",
        &[],
        "numbers below a million in words",
        SURFACE,
        surface::spelled_numbers,
    ),
    operator(
        "synonyms",
        &[],
        "words with a synonym in a small list get it",
        SURFACE,
        surface::synonyms,
    ),
    operator(
        "typos",
        SHARE,
        "two letters change places inside random words",
        SURFACE,
        surface::typos,
    ),
    Operator {
        name: "rarer",
        options: FACTOR,
        doc: "numbers or entities become ones that are so many times rarer in the corpus",
        source: OWN,
        needs_corpus: true,
        apply: rarity::rarer,
    },
    Operator {
        name: "frequenter",
        options: FACTOR,
        doc: "numbers or entities become ones that are so many times more frequent in the corpus",
        source: OWN,
        needs_corpus: true,
        apply: rarity::frequenter,
    },
];
