//! Features of a step that mean the same on every model: what a flag looks at that is fitted to some models and applied to others.
//!
//! Names begin with their group ([`GROUPS`]). Those of the first groups need the words alone; `surprise` needs the probabilities of the tokens,
//! `spread` their candidates too. As in [`features`](super::features), nothing looks at the truth.

mod basis;

pub use basis::{Basis, GROUPS, Group};

use super::arithmetic::equations;
use super::features::{Feature, Features};
use super::output::output_text;
use super::provenance::{Numbers, Provenance, Stated};
use super::token_scores::{Mean, lowest_group, min_k};
use basis::CANDIDATES;
use rotescope_trace::{Token, Trace};

/// The lowest probability that a logarithm is taken of.
const LEAST: f64 = 1e-9;

/// The tokens of a step.
pub fn tokens(trace: &Trace, step: usize) -> &[Token] {
    let [first, last] = trace.steps[step].tokens;
    let last = last.min(trace.tokens.len());
    &trace.tokens[first.min(last)..last]
}

/// The features of every step of a trace.
pub fn of_trace(trace: &Trace) -> Vec<Features> {
    let text = output_text(trace);
    let mut numbers = Numbers::of_question(&trace.prompt.question);
    let chain = Chain::of(trace);
    let steps = trace.steps.len();
    let mut wrong = 0;
    (0..steps)
        .map(|i| {
            let [from, to] = trace.steps[i].span.map(|at| at.min(text.len()));
            let body = text.get(from..to).unwrap_or_default();
            let mut found = Found::default();
            found.form(body, i, steps);
            wrong += usize::from(found.equation(body, wrong));
            let token = |at: usize| {
                let [first, _] = trace.steps[i].tokens;
                let holds = |t: &Token| t.span[0] <= from + at && from + at < t.span[1];
                tokens(trace, i).iter().position(holds).map(|k| first + k)
            };
            let stated = numbers.step(body);
            found.numbers(&stated, i + 1 == steps, &numbers, &token);
            found.uncertainty(trace, i, &chain, &stated, from);
            found.0
        })
        .collect()
}

/// How surprising the tokens of a chain are, in order of size.
struct Chain {
    sorted: Vec<f64>,
    mean: Option<Mean>,
}

impl Chain {
    fn of(trace: &Trace) -> Chain {
        let mut sorted: Vec<f64> = trace.tokens.iter().filter_map(surprise).collect();
        sorted.sort_by(f64::total_cmp);
        Chain {
            sorted,
            mean: Mean::of(&trace.tokens),
        }
    }

    /// The share of the chain's tokens that are less surprising; of those that are as surprising, half.
    fn quantile(&self, value: f64) -> f64 {
        let below = self.sorted.partition_point(|s| *s < value);
        let up_to = self.sorted.partition_point(|s| *s <= value);
        (below + up_to) as f64 / (2 * self.sorted.len().max(1)) as f64
    }
}

fn surprise(t: &Token) -> Option<f64> {
    Some(-t.probability()?.max(LEAST).ln())
}

fn has_digit(t: &Token) -> bool {
    t.text.bytes().any(|b| b.is_ascii_digit())
}

fn log(n: usize) -> f64 {
    (1.0 + n as f64).ln()
}

fn is(b: bool) -> f64 {
    f64::from(u8::from(b))
}

#[derive(Default)]
struct Found(Features);

impl Found {
    fn set(&mut self, name: &str, value: f64, token: Option<usize>) {
        if value.is_finite() {
            self.0.insert(name.into(), Feature { value, token });
        }
    }

    fn form(&mut self, body: &str, index: usize, steps: usize) {
        let digits = body.bytes().filter(u8::is_ascii_digit).count();
        self.set("form.words", log(body.split_whitespace().count()), None);
        self.set("form.characters", log(body.chars().count()), None);
        self.set("form.digits", log(digits), None);
        self.set("form.position", log(index), None);
        self.set("form.place", (index + 1) as f64 / steps as f64, None);
        self.set("form.first", is(index == 0), None);
        self.set("form.last", is(index + 1 == steps), None);
        let lower = body.to_lowercase();
        let answers = lower.contains("answer") || lower.contains("boxed");
        self.set("form.answer", is(answers), None);
    }

    /// Whether an equation of the step is wrong. `before`: how many steps before have one.
    fn equation(&mut self, body: &str, before: usize) -> bool {
        let all = equations(body, 10);
        let wrong = all.iter().filter(|e| e.first_wrong.is_some()).count();
        self.set("equation.wrong", is(wrong > 0), None);
        self.set("equation.right", log(all.len() - wrong), None);
        self.set("equation.signs", log(body.matches('=').count()), None);
        self.set("equation.wrong_before", is(before > 0), None);
        let has = |any: &[&str]| is(any.iter().any(|s| body.contains(s)));
        self.set("equation.minus", has(&[" - ", "−", "minus"]), None);
        self.set("equation.plus", has(&[" + ", "plus"]), None);
        self.set("equation.times", has(&["*", "×", "\\times", "times"]), None);
        self.set(
            "equation.divide",
            has(&["/", "÷", "\\div", "\\frac", "divide"]),
            None,
        );
        self.set("equation.percent", has(&["%", "percent"]), None);
        wrong > 0
    }

    fn numbers(
        &mut self,
        stated: &[Stated],
        last: bool,
        so_far: &Numbers,
        token: &dyn Fn(usize) -> Option<usize>,
    ) {
        let mut of = |name: &str, keep: &dyn Fn(&Stated) -> bool| {
            let first = stated.iter().find(|s| keep(s)).map(|s| s.span.start);
            let n = stated.iter().filter(|s| keep(s)).count();
            self.set(&format!("number.{name}"), log(n), first.and_then(token));
            n
        };
        of("question", &|s| s.from == Provenance::Question);
        of("earlier", &|s| s.from == Provenance::Earlier);
        of("computed", &|s| s.from == Provenance::Computed);
        of("constant", &|s| s.from == Provenance::Constant);
        of("derived", &|s| s.from == Provenance::Derived);
        of("contradicts", &|s| s.contradicts);
        let nowhere = of("nowhere", &|s| s.from == Provenance::Nowhere);
        let share = nowhere as f64 / stated.len().max(1) as f64;
        self.set("number.nowhere_share", share, None);
        let (unused, asked) = so_far.unused();
        let left = if last { unused } else { 0 };
        self.set("number.unused", log(left), None);
        self.set(
            "number.unused_share",
            left as f64 / asked.max(1) as f64,
            None,
        );
    }

    fn uncertainty(
        &mut self,
        trace: &Trace,
        step: usize,
        chain: &Chain,
        stated: &[Stated],
        from: usize,
    ) {
        let all = tokens(trace, step);
        let basis = Basis::of(all);
        if basis == Basis::Words {
            return;
        }
        let first = trace.steps[step].tokens[0];
        let surprises: Vec<f64> = all.iter().filter_map(surprise).collect();
        let total: f64 = surprises.iter().sum();
        self.set("surprise.mean", total / surprises.len() as f64, None);
        let largest = |keep: &dyn Fn(usize) -> bool| {
            let kept = (0..all.len()).filter(|i| keep(*i));
            kept.max_by(|a, b| surprises[*a].total_cmp(&surprises[*b]))
        };
        if let Some(i) = largest(&|_| true) {
            self.set("surprise.largest", surprises[i], Some(first + i));
        }
        let digit = |i: usize| has_digit(&all[i]);
        let of_digits: f64 = (0..all.len())
            .filter(|i| digit(*i))
            .map(|i| surprises[i])
            .sum();
        self.set("surprise.digits", of_digits.ln_1p(), None);
        if let Some(i) = largest(&digit) {
            let at = Some(first + i);
            self.set("surprise.digit", surprises[i], at);
            self.set("surprise.digit_quantile", chain.quantile(surprises[i]), at);
            self.set("surprise.digit_rank", log(all[i].rank as usize), at);
        }
        // Apart: what is put into an operation, and what comes out.
        let in_number = |i: usize, keep: &dyn Fn(&Stated) -> bool| {
            let [begin, end] = all[i].span;
            let at = stated.partition_point(|s| from + s.span.end <= begin);
            stated
                .get(at)
                .is_some_and(|s| from + s.span.start < end && keep(s))
        };
        let mut of = |name: &str, keep: &dyn Fn(&Stated) -> bool| {
            let here = |i: usize| digit(i) && in_number(i, keep);
            if let Some(i) = largest(&here) {
                self.set(&format!("surprise.{name}"), surprises[i], Some(first + i));
            }
        };
        of("result", &|s| s.from == Provenance::Computed);
        of("given", &|s| s.from == Provenance::Question);
        of("reused", &|s| s.from == Provenance::Earlier);
        of("unfounded", &|s| {
            matches!(s.from, Provenance::Nowhere | Provenance::Derived)
        });
        if basis == Basis::Candidates {
            self.spread(all, first, chain);
        }
    }

    fn spread(&mut self, all: &[Token], first: usize, chain: &Chain) {
        let entropies: Vec<f64> = all.iter().filter_map(Token::entropy).collect();
        if !entropies.is_empty() {
            let mean = entropies.iter().sum::<f64>() / entropies.len() as f64;
            self.set("spread.entropy", mean, None);
        }
        let digits = all.iter().enumerate().filter(|(_, t)| has_digit(t));
        let close =
            digits.filter_map(|(i, t)| Some((i, super::features::closeness(&t.candidates)?)));
        if let Some((i, close)) = close.max_by(|a, b| a.1.total_cmp(&b.1)) {
            self.set("spread.digit_margin", close, Some(first + i));
        }
        if let Some(c) = lowest_group(all, CANDIDATES) {
            self.set("spread.confidence", c, None);
        }
        if let Some(z) = chain.mean.and_then(|m| min_k(all, m)) {
            self.set("spread.min_k", z, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::{Candidates, Prompt, Step};

    /// A token for each word with its blank, with these probabilities; sentences are steps.
    fn trace(question: &str, said: &str, p: &[f32]) -> Trace {
        let mut tokens: Vec<Token> = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        let (mut at, mut from) = (0, [0, 0]);
        for (i, word) in said.split_inclusive(' ').enumerate() {
            let end = at + word.len();
            let p = p.get(i).copied().unwrap_or_default();
            tokens.push(Token {
                text: word.into(),
                span: [at, end],
                p,
                rank: u32::from(p > 0.0),
                ..Token::default()
            });
            at = end;
            if word.trim().ends_with('.') {
                steps.push(Step {
                    span: [from[0], end],
                    tokens: [from[1], i + 1],
                    flag: None,
                    verdict: None,
                    region: None,
                });
                from = [end, i + 1];
            }
        }
        Trace {
            prompt: Prompt {
                question: question.into(),
                ..Prompt::default()
            }
            .into(),
            output: said.into(),
            tokens,
            steps,
            ..Trace::default()
        }
    }

    fn near(found: &Features, name: &str, want: f64) {
        let value = found.get(name).unwrap_or_else(|| panic!("no {name}")).value;
        assert!((value - want).abs() < 1e-6, "{name}: {value}, not {want}");
    }

    #[test]
    fn surprise_by_hand() {
        // ln 2, ln 4, ln 2, ln 16 and ln 2.
        let t = trace("3?", "Take 3 and 5. Done.", &[0.5, 0.25, 0.5, 0.0625, 0.5]);
        let [first, second] = &of_trace(&t)[..] else {
            panic!()
        };
        let ln2 = std::f64::consts::LN_2;
        near(first, "surprise.mean", 8.0 * ln2 / 4.0);
        near(first, "surprise.digits", (6.0 * ln2).ln_1p());
        near(first, "surprise.digit", 4.0 * ln2);
        assert_eq!(first["surprise.digit"].token, Some(3));
        // Four of five are less surprising, and it is half of itself.
        near(first, "surprise.digit_quantile", 0.9);
        near(first, "surprise.digit_rank", 2_f64.ln());
        near(first, "surprise.given", 2.0 * ln2);
        near(first, "surprise.unfounded", 4.0 * ln2);
        near(second, "surprise.digits", 0.0);
        assert!(!second.contains_key("surprise.digit"));
        assert!(!first.contains_key("spread.entropy"));
        assert_eq!(Basis::behind(first), Basis::Probabilities);
    }

    #[test]
    fn words_alone_have_no_surprise() {
        let t = trace("Of 8 and 9?", "It is 8 + 3 = 12. So 12.", &[]);
        let [first, last] = &of_trace(&t)[..] else {
            panic!()
        };
        assert_eq!(Basis::behind(first), Basis::Words);
        assert!(!first.keys().any(|k| k.starts_with("surprise")));
        near(first, "equation.wrong", 1.0);
        near(last, "equation.wrong", 0.0);
        near(last, "equation.wrong_before", 1.0);
        // 8 from the question, 3 from nowhere; 12 is a constant.
        near(first, "number.question", 2_f64.ln());
        near(first, "number.nowhere_share", 1.0 / 3.0);
        near(first, "number.unused", 0.0);
        near(last, "number.unused", 2_f64.ln());
        near(last, "number.unused_share", 0.5);
    }

    #[test]
    fn each_feature_has_its_group_and_its_basis() {
        let mut t = trace("3?", "Take 3. Done.", &[0.5, 0.5, 0.5]);
        for token in &mut t.tokens {
            token.entropy = 1.0;
            token.candidates = Candidates {
                p: vec![0.5, 0.2, 0.1, 0.1, 0.1],
                ..Candidates::default()
            };
        }
        let found = of_trace(&t);
        assert_eq!(Basis::behind(&found[0]), Basis::Candidates);
        near(&found[0], "spread.digit_margin", 0.7);
        for name in found.iter().flat_map(|f| f.keys()) {
            assert_eq!(GROUPS.iter().filter(|g| g.has(name)).count(), 1, "{name}");
            assert!(Basis::Candidates.has(name));
            assert_eq!(Basis::Words.has(name), !name.starts_with('s'), "{name}");
        }
    }
}
