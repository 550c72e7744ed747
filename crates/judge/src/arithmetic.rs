//! Equations in a step, each checked.
//!
//! Found are `5 * 4 = 20`, `20 = 5 * 4`, chains `a = b = c`, brackets, decimals, thousands, powers, roots, factorials, `x`, `×`, `÷`, the commands
//! of LaTeX for them, currency, percent, units behind numbers, words such as `plus` and `equals`, remainders, and calculator marks
//! `<<5*4=20>>`; in base 10 or 2.
//!
//! A false equation is reported only if nothing around it could make it true (a variable, a conversion of units, a word such as "twice" in
//! front), and only if the text stands by it; what rounds correctly is right.

use serde_json::Value as Json;

use super::amount::Value;
use super::congruence::{congruence, is_congruent};
use super::context::Setting;
pub use super::equation::Equation;
use super::lexeme::Kind;
use super::lexer::lex;
use super::marks::{marks, without};
use super::sides::Sides;
use super::stance::is_disowned;
use super::verdict::Judgement;
use super::verifier::{Completion, Findings, Parameter, Verifier};
use rotescope_text::ByteRange;
use rotescope_trace::Prompt;

/// The verifier's name.
pub const NAME: &str = "arithmetic";

/// Every equation of a step. It reads `meta.base`, 10 or 2; see [`base`] for prompts without it.
#[derive(Debug, Clone, Copy)]
pub struct Arithmetic;

impl Verifier for Arithmetic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> &'static [Parameter] {
        &[]
    }

    fn findings(&self, c: &Completion<'_>) -> Findings {
        let Some(base) = base(c.prompt) else {
            return Findings::nothing();
        };
        let setting = Setting::of(&c.prompt.question, base);
        Findings::steps(c, |i, _| verdict(c.text, c.steps[i].clone(), &setting))
    }

    fn stands_alone(&self) -> bool {
        true
    }
}

/// The base that a prompt asks for: `meta.base`, if there is one (`None` unless it is 10 or 2). Else 2 if the question names it or the prompt was made
/// so (`base2` in `meta.transformation` or `meta.factors`), else 10.
fn base(prompt: &Prompt) -> Option<u32> {
    let meta = &prompt.meta;
    if let Some(base) = meta.get("base") {
        let base = base.as_u64().and_then(|b| u32::try_from(b).ok());
        return base.filter(|b| matches!(b, 2 | 10));
    }
    let named = |v: &Json| v.as_str() == Some("base2");
    let factors = meta.get("factors").and_then(Json::as_array);
    let question = prompt.question.to_lowercase();
    let said = ["base 2", "base-2", "base two", "in binary"]
        .iter()
        .any(|s| question.contains(s));
    let made = meta.get("transformation").is_some_and(named)
        || factors.is_some_and(|f| f.iter().any(named));
    Some(if said || made { 2 } else { 10 })
}

/// The equations of a step whose truth is certain, in order of their values. `base` is 10 or 2.
///
/// ```
/// let step = "So 5 * 4 = 25 apples.";
/// let found = rotescope_judge::equations(step, 10);
/// assert_eq!(&step[found[0].expression.clone()], "5 * 4");
/// assert_eq!((found[0].expected.as_str(), found[0].first_wrong), ("20", Some(12)));
/// ```
pub fn equations(step: &str, base: u32) -> Vec<Equation> {
    equations_in(step, 0..step.len(), &Setting::of("", base))
}

/// Wrong at the first false equation of the step, right if all are true, not applicable if there
/// is none.
pub fn check(step: &str, base: u32) -> Judgement {
    verdict(step, 0..step.len(), &Setting::of("", base))
}

/// As [`check`], of the step at `span` of a text; offsets are bytes of the step. What stands around it in the text may say that it is
/// not meant.
fn verdict(text: &str, span: ByteRange, setting: &Setting) -> Judgement {
    let step = &text[span.clone()];
    let found = equations_in(text, span, setting);
    for e in &found {
        if let Some(at) = e.first_wrong {
            let (left, right) = (&step[e.expression.clone()], &step[e.claimed.clone()]);
            return Judgement::Wrong {
                span: e.claimed.clone(),
                at,
                expected: e.expected.clone(),
                why: format!("{left} is {}, not {right}", e.expected),
            };
        }
    }
    if found.is_empty() {
        Judgement::NotApplicable
    } else {
        Judgement::Right
    }
}

fn equations_in(text: &str, span: ByteRange, setting: &Setting) -> Vec<Equation> {
    let step = &text[span.clone()];
    let base = setting.base;
    let marks = marks(step);
    let mut found = if marks.is_empty() {
        plain_equations(step, base)
    } else {
        let mut found = plain_equations(&without(step, &marks), base);
        for mark in &marks {
            let inside = mark.start + 2..mark.end - 2;
            let equations = plain_equations(&step[inside.clone()], base);
            found.extend(equations.into_iter().map(|e| e.shifted(inside.start)));
            found.extend(super::marks::carried(step, mark));
        }
        found.sort_by_key(|e| e.claimed.start);
        found
    };
    if found.iter().all(|e| e.first_wrong.is_none()) {
        return found;
    }
    let setting = setting.and(step);
    found.retain(|e| {
        let sides = [&step[e.expression.clone()], &step[e.claimed.clone()]];
        let from = span.start + e.expression.start.min(e.claimed.start);
        let to = span.start + e.claimed.end.max(e.expression.end);
        e.first_wrong.is_none() || !(is_disowned(text, &(from..to)) || setting.allows(sides))
    });
    found
}

/// The equations of a text without calculator marks.
fn plain_equations(step: &str, base: u32) -> Vec<Equation> {
    if !may_have_equations(step) {
        return Vec::new();
    }
    let lexemes = lex(step, base);
    let is_border = |k: &Kind| matches!(k, Kind::Equal { .. } | Kind::Relation | Kind::Break);
    let borders = lexemes.iter().enumerate();
    let borders: Vec<usize> = borders
        .filter(|(_, l)| is_border(&l.kind))
        .map(|(i, _)| i)
        .collect();
    let mut found: Vec<Equation> = Vec::new();
    // The chain under way: its first value, and where its equations begin in `found`.
    let mut chain: Option<(Value, usize)> = None;
    for (n, &sign) in borders.iter().enumerate() {
        let written = &step[lexemes[sign].span.clone()];
        let (unequal, congruent) = (is_unequal(written), is_congruent(written));
        if !(unequal || congruent || matches!(lexemes[sign].kind, Kind::Equal { .. })) {
            continue;
        }
        let before = n.checked_sub(1).map(|p| borders[p]);
        let chained = before.is_some_and(|b| matches!(lexemes[b].kind, Kind::Equal { .. }));
        let from = before.map_or(0, |b| b + 1);
        let to = borders.get(n + 1).copied().unwrap_or(lexemes.len());
        let places = (from, sign, to);
        if congruent {
            found.extend(congruence(step, &lexemes, places, chained));
            continue;
        }
        let Some(sides) = Sides::of(step, &lexemes, places, chained) else {
            chain = None;
            continue;
        };
        if unequal {
            found.extend(sides.judge_unequal());
            continue;
        }
        if !sides.linked || chain.is_none() {
            chain = Some((sides.left.clone(), found.len()));
        }
        found.extend(sides.judge(base));
        // a = b = c where c is a again: a slip of the pen in b, and no wrong result.
        if let Some((first, begin)) = &mut chain
            && sides.linked
            && sides.comes_back_to(first)
        {
            let mut links = found.split_off(*begin);
            links.retain(|e| e.first_wrong.is_none());
            found.append(&mut links);
            *begin = found.len();
        }
    }
    found
}

/// Does a sign say that its sides differ?
fn is_unequal(sign: &str) -> bool {
    matches!(sign, "≠" | "!=" | "\\neq" | "\\ne")
}

/// Is there any sign of equality? Most steps have none.
fn may_have_equations(step: &str) -> bool {
    step.contains(['=', '≈', '≃', '≅', '≠', '≡'])
        || step.contains("\\ne")
        || step.contains("\\equiv")
        || step.contains("equal")
        || step.contains("\\approx")
        || step.contains("\\sim")
        || step.contains("Equal")
}
