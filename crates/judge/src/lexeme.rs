//! The pieces of a step: numbers, operators, brackets, signs of equality and words.

use rotescope_text::ByteRange;

use super::numeral::Numeral;

/// What a piece of text is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A number without sign.
    Number {
        numeral: Numeral,
        percent: bool,
    },
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    Factorial,
    /// `of`, which multiplies after a percentage or a fraction.
    Of,
    /// `\frac`, `\sqrt`, `\binom`: their operands follow in braces.
    Fraction,
    Root,
    Binomial,
    /// A logarithm to this base, or the natural one.
    Log(Option<u32>),
    /// `mod` between two operands.
    Modulo,
    /// The circle's number.
    Pi,
    Open(char),
    Close(char),
    /// `=`, `equals`; `approximate` for `≈`.
    Equal {
        approximate: bool,
    },
    /// Another sign between two sides: `<`, `≠`, `->`.
    Relation,
    /// Two letters or more that can be a word.
    Word(String),
    /// What stands for something unknown: `x`, `ab`, `\pi`. Never dropped.
    Variable(String),
    /// The mark of an item of a list.
    Bullet,
    /// A line break outside of formulas, or the edge of a display; no expression reaches across it.
    Break,
    /// Anything else that is no white space; no expression reaches across it.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub kind: Kind,
    pub span: ByteRange,
    /// Is there white space (or a skipped mark) right before it?
    pub spaced: bool,
    /// Does it stand in a formula? There blanks mean nothing.
    pub math: bool,
    /// Does a formula begin with it?
    pub opens: bool,
}

impl Lexeme {
    pub(super) fn is_operator(&self) -> bool {
        matches!(
            self.kind,
            Kind::Plus | Kind::Minus | Kind::Times | Kind::Divide | Kind::Power | Kind::Modulo
        )
    }

    /// Can an operand begin with it?
    pub(super) fn begins_operand(&self) -> bool {
        matches!(
            self.kind,
            Kind::Number { .. }
                | Kind::Open(_)
                | Kind::Fraction
                | Kind::Root
                | Kind::Binomial
                | Kind::Log(_)
                | Kind::Pi
        )
    }

    /// Can an operand end with it, but for its unit?
    pub(super) fn ends_operand(&self) -> bool {
        matches!(
            self.kind,
            Kind::Number { .. } | Kind::Close(_) | Kind::Factorial | Kind::Pi
        )
    }

    /// Does nothing stand between it and the lexeme before?
    pub(super) fn touches(&self) -> bool {
        !self.spaced || self.math
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Variable(_))
    }

    pub(super) fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(w) => w,
            _ => "",
        }
    }
}
