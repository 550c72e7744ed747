//! Reads expressions: sums, products, powers, fractions, roots, functions, with or without LaTeX.

use super::form::Form;
use super::functions::{absolute, binomial, factorial, function, logarithm, rounded, value_of};
use super::measures::measure;
use super::numeral::{Marks, fraction_behind, numeral};
use crate::number::Rational;

/// Brackets within brackets that are followed.
const DEEPEST: usize = 24;

/// How letters behind a number are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// `5 km` is five times `k` times `m`.
    Variables,
    /// `5 km` is 5, and what follows is left.
    Units,
}

/// Reads an expression from the start of plain characters.
pub(super) struct Expression<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    marks: Marks,
    letters: Letters,
    /// What ± stands for.
    plus: bool,
}

impl<'t> Expression<'t> {
    pub(super) fn new(text: &'t str, marks: Marks, letters: Letters, plus: bool) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            marks,
            letters,
            plus,
        }
    }

    /// The longest expression at the start, and what follows it.
    pub(super) fn read(mut self) -> Option<(Form, &'t str)> {
        let form = self.sum()?;
        Some((form, self.rest()))
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(' ').len();
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.rest().chars().next()
    }

    fn take(&mut self, mark: &str) -> bool {
        let rest = self.rest().trim_start_matches(' ');
        let found = rest.starts_with(mark);
        if found {
            self.at = self.text.len() - rest.len() + mark.len();
        }
        found
    }

    fn sum(&mut self) -> Option<Form> {
        let mut total = self.signed()?;
        loop {
            let before = self.at;
            let Some(sign) = self.sign() else {
                self.at = before;
                return Some(total);
            };
            // What does not go on as an expression is left: 18-inch.
            let Some(term) = self.product() else {
                self.at = before;
                return Some(total);
            };
            total = total.add(&if sign { term } else { term.neg()? })?;
        }
    }

    /// A term with signs in front.
    fn signed(&mut self) -> Option<Form> {
        let mut plus = true;
        for _ in 0..DEEPEST {
            match self.sign() {
                Some(sign) => plus = plus == sign,
                None => break,
            }
        }
        let term = self.product()?;
        if plus { Some(term) } else { term.neg() }
    }

    fn sign(&mut self) -> Option<bool> {
        let sign = match self.peek()? {
            '+' => true,
            '-' => false,
            '±' => self.plus,
            '∓' => !self.plus,
            _ => return None,
        };
        self.at += self.rest().chars().next()?.len_utf8();
        Some(sign)
    }

    fn product(&mut self) -> Option<Form> {
        let mut total = self.power()?;
        loop {
            let before = self.at;
            let next = self.peek();
            let divides = next == Some('/') && !self.rest().starts_with("//");
            // 3 x 10^4 has a letter for its sign.
            let cross = self.cross();
            let times = next == Some('*') && !self.rest().starts_with("**");
            if divides || times || cross {
                self.at += 1;
                let signed = if self.peek() == Some('-') {
                    self.signed()
                } else {
                    self.power()
                };
                let Some(factor) = signed else {
                    self.at = before;
                    return Some(total);
                };
                total = if divides {
                    total.div(&factor)?
                } else {
                    total.mul(&factor)?
                };
            } else if next.is_some_and(|c| self.juxtaposed(c, before)) {
                let Some(factor) = self.power() else {
                    self.at = before;
                    return Some(total);
                };
                total = total.mul(&factor)?;
            } else {
                self.at = before;
                return Some(total);
            }
        }
    }

    fn cross(&self) -> bool {
        let before = self.text[..self.at].trim_end();
        self.rest().strip_prefix(['x', 'X']).is_some_and(|r| {
            before.ends_with(|c: char| c.is_ascii_digit())
                && (r.starts_with(' ') && self.text[..self.at].ends_with(' ')
                    || r.trim_start().starts_with("10^"))
                && r.trim_start().starts_with(|c: char| c.is_ascii_digit())
        })
    }

    /// May a factor begin here without a sign of multiplication? `before` is where the last one ended.
    fn juxtaposed(&self, c: char, before: usize) -> bool {
        let rest = self.rest();
        // 5 \frac{\text{m}}{\text{s}}: words have blanks around them.
        if self.letters == Letters::Units && rest.starts_with("\\frac{ ") {
            return false;
        }
        if matches!(c, '(' | 'π') || rest.starts_with("\\sqrt") || rest.starts_with("\\frac") {
            return true;
        }
        if let Some(name) = rest.strip_prefix('\\') {
            return name.starts_with(|c: char| c.is_ascii_alphabetic());
        }
        if !c.is_alphabetic() {
            return false;
        }
        let word = self.word();
        if function(word).is_some() || matches!(word, "sqrt" | "pi") {
            return true;
        }
        if !c.is_ascii() {
            return is_greek(c) && word.chars().count() == 1;
        }
        match self.letters {
            Letters::Variables => word.len() <= 3,
            Letters::Units => {
                let ends = rest[word.len()..]
                    .trim_start_matches(|c: char| "^{}23. ".contains(c))
                    .is_empty();
                let behind_number = self.text[..before].ends_with(|c: char| c.is_ascii_digit());
                let unit = behind_number && ends && measure(word).is_some();
                word.len() == 1 && !unit && !(behind_number && before < self.at)
            }
        }
    }

    /// The letters at this place.
    fn word(&self) -> &'t str {
        let rest = self.rest();
        &rest[..rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len())]
    }

    /// A factor with its powers and factorials.
    fn power(&mut self) -> Option<Form> {
        let base = self.factor()?;
        self.raised(base)
    }

    fn raised(&mut self, mut base: Form) -> Option<Form> {
        if self.take("**") || self.take("^") {
            let exponent = if self.peek() == Some('-') {
                self.at += 1;
                self.factor()?.neg()?
            } else {
                self.factor()?
            };
            base = base.pow(&exponent)?;
        }
        // 5! within an expression; at the end it may be only emphasis.
        if self.rest().starts_with('!')
            && self.rest()[1..]
                .trim_start()
                .starts_with(['+', '-', '*', '/', ')', '}'])
        {
            self.at += 1;
            base = factorial(&base)?;
        }
        Some(base)
    }

    /// Brackets, numbers, names, roots, fractions, functions.
    fn factor(&mut self) -> Option<Form> {
        self.depth += 1;
        let form = if self.depth > DEEPEST {
            None
        } else {
            self.atom()
        };
        self.depth -= 1;
        form
    }

    fn atom(&mut self) -> Option<Form> {
        let c = self.peek()?;
        match c {
            '(' | '[' | '{' => {
                self.at += 1;
                let (marks, letters) = (self.marks, self.letters);
                (self.marks, self.letters) = (marks.inside_brackets(), Letters::Variables);
                let inside = self.sum();
                (self.marks, self.letters) = (marks, letters);
                let close = match c {
                    '(' => ")",
                    '[' => "]",
                    _ => "}",
                };
                inside.filter(|_| self.take(close))
            }
            '|' => {
                self.at += 1;
                let inside = self.sum()?;
                self.take("|").then_some(())?;
                absolute(inside)
            }
            '0'..='9' | '.' => {
                let (value, len) = numeral(self.rest(), self.marks)?;
                self.at += len;
                self.mixed(value)
            }
            'π' => {
                self.at += c.len_utf8();
                Some(Form::name("π"))
            }
            '∞' => {
                self.at += c.len_utf8();
                Some(Form::name("∞"))
            }
            '\\' => self.command(),
            _ if c.is_alphabetic() => self.name(),
            _ => None,
        }
    }

    /// A number, and the fraction behind it in a mixed one: `1 1/2`, `1\frac{1}{2}`.
    fn mixed(&mut self, value: Rational) -> Option<Form> {
        if value.is_whole()
            && let Some((fraction, len)) = fraction_behind(self.rest())
        {
            self.at += len;
            return Some(Form::number(value.checked_add(fraction)?));
        }
        Some(Form::number(value))
    }

    fn command(&mut self) -> Option<Form> {
        let rest = self.rest().strip_prefix('\\')?;
        let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &rest[..len];
        let start = self.at;
        self.at += 1 + len;
        match name {
            "frac" => {
                let above = self.argument()?;
                let below = self.argument()?;
                above.div(&below)
            }
            "sqrt" => self.root(),
            "binom" | "dbinom" | "tbinom" => {
                let (n, k) = (self.argument()?, self.argument()?);
                binomial(&n, &k).or_else(|| Form::opaque("binom", &[&n, &k], None))
            }
            "lfloor" | "lceil" => {
                let inside = self.sum()?;
                let close = if name == "lfloor" {
                    "\\rfloor"
                } else {
                    "\\rceil"
                };
                self.take(close).then_some(())?;
                rounded(&inside, name == "lceil")
            }
            _ if function(name).is_some() => self.call(name),
            "alpha" | "beta" | "gamma" | "delta" | "epsilon" | "varepsilon" | "zeta" | "eta"
            | "theta" | "iota" | "kappa" | "lambda" | "mu" | "nu" | "xi" | "rho" | "sigma"
            | "tau" | "phi" | "varphi" | "chi" | "psi" | "omega" | "Gamma" | "Delta" | "Theta"
            | "Lambda" | "Sigma" | "Phi" | "Psi" | "Omega" | "ell" | "hbar" => {
                self.subscripted(name)
            }
            _ => {
                self.at = start;
                None
            }
        }
    }

    /// An argument of a command: in braces, a digit, a letter, a command.
    fn argument(&mut self) -> Option<Form> {
        match self.peek()? {
            d @ '0'..='9' => {
                self.at += 1;
                Some(Form::number(Rational::whole(d.to_digit(10)?.into())))
            }
            c if c.is_ascii_alphabetic() => {
                self.at += 1;
                Some(Form::name(c.encode_utf8(&mut [0; 4])))
            }
            _ => self.factor(),
        }
    }

    fn root(&mut self) -> Option<Form> {
        let degree = if self.peek() == Some('[') {
            self.factor()?
        } else {
            Form::number(Rational::whole(2))
        };
        // √12 written without LaTeX has all its digits under the root.
        let number = self.peek().is_some_and(|c| c.is_ascii_digit());
        let inside = if number {
            self.factor()?
        } else {
            self.argument()?
        };
        inside.pow(&Form::number(Rational::whole(1)).div(&degree)?)
    }

    /// A function: its power or base, and its argument.
    fn call(&mut self, name: &str) -> Option<Form> {
        let mut base = None;
        let mut power = None;
        for _ in 0..2 {
            if self.take("_") {
                base = Some(self.argument()?);
            } else if self.take("^") {
                power = Some(self.argument()?);
            }
        }
        let inside = if matches!(self.peek()?, '(' | '{' | '[' | '\\') {
            self.factor()?
        } else {
            self.plain_argument()?
        };
        let degrees = self.take("°");
        let value = match &base {
            Some(b) => logarithm(b, &inside)?,
            None => value_of(name, &inside, degrees)?,
        };
        match power {
            Some(p) => value.pow(&p),
            None => Some(value),
        }
    }

    /// The argument of a function without brackets: numbers and letters that touch.
    fn plain_argument(&mut self) -> Option<Form> {
        let mut total = self.power()?;
        while self
            .rest()
            .starts_with(|c: char| c.is_alphanumeric() || c == 'π')
        {
            total = total.mul(&self.power()?)?;
        }
        Some(total)
    }

    fn name(&mut self) -> Option<Form> {
        let word = self.word();
        if word == "pi" {
            self.at += 2;
            return Some(Form::name("π"));
        }
        if word == "sqrt" {
            self.at += 4;
            return self.root();
        }
        if function(word).is_some() {
            self.at += word.len();
            return self.call(word);
        }
        let letters = word.chars().count();
        if letters > 3 || letters > 1 && self.letters == Letters::Units {
            return None;
        }
        // Each letter is a factor; the last one takes the power.
        let letter = word
            .chars()
            .next()
            .filter(|c| c.is_ascii() || is_greek(*c))?;
        let first = &word[..letter.len_utf8()];
        self.at += first.len();
        self.subscripted(first)
    }

    fn subscripted(&mut self, name: &str) -> Option<Form> {
        if !self.rest().starts_with('_') {
            return Some(Form::name(name));
        }
        self.at += 1;
        let rest = self.rest();
        let len = if rest.starts_with('{') {
            rest.find('}')? + 1
        } else {
            rest.find(|c: char| !c.is_ascii_digit())
                .filter(|n| *n > 0)
                .unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8))
        };
        self.at += len;
        let below = rest[..len].trim_matches(['{', '}', ' ']);
        Some(Form::name(&format!("{name}_{below}")))
    }
}

fn is_greek(c: char) -> bool {
    ('\u{370}'..='\u{3ff}').contains(&c)
}
