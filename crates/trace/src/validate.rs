//! What must hold in a trace so that whoever reads it can index by it.

use super::source::Reads;
use super::{Candidates, NonLocal, SalientWord, Source, Span, Step, Token, Trace};

/// What is wrong with a trace, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct Invalid {
    /// As in `tokens[3].candidates.p`.
    pub field: String,
    pub what: String,
}

fn invalid(field: impl Into<String>, what: impl Into<String>) -> Invalid {
    Invalid {
        field: field.into(),
        what: what.into(),
    }
}

/// The lengths that positions are checked against.
struct Lengths {
    /// Bytes of the prompt's text.
    prompt: usize,
    /// Bytes of the output.
    output: usize,
    tokens: usize,
}

impl Trace {
    /// Whether its parts fit together: spans in order and within what they are spans of, columns of candidates of one length, numbers that
    /// are numbers. Readers of files call it, so that nothing behind them meets a trace that does not.
    ///
    /// # Errors
    /// The first field that does not fit, and why.
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut bytes = 0;
        for (i, token) in self.tokens.iter().enumerate() {
            let name = |field: &str| format!("tokens[{i}].{field}");
            hex(token, &name)?;
            let want = [bytes, bytes + token.raw().len()];
            if token.span != want {
                let at = format!("{:?}, but its bytes stand at {want:?}", token.span);
                return Err(invalid(name("span"), at));
            }
            bytes = want[1];
        }
        // Where a byte is no UTF-8 of its own, `output` has a longer mark for it.
        let lossy = self.tokens.iter().any(|t| t.bytes.is_some());
        let lengths = Lengths {
            prompt: self.prompt.text.len(),
            output: if lossy { bytes } else { self.output.len() },
            tokens: self.tokens.len(),
        };
        self.sampler()?;
        self.question()?;
        for (i, token) in self.tokens.iter().enumerate() {
            scores(token, &lengths).map_err(|e| within(&format!("tokens[{i}]"), e))?;
        }
        steps(&self.steps, &lengths)?;
        for (name, span) in [
            ("reasoning", self.reasoning),
            ("answer.span", self.answer.span),
        ] {
            if let Some(span) = span {
                inside(name, span, lengths.output, "bytes of the output")?;
            }
        }
        for (i, span) in self.further_reasoning.iter().enumerate() {
            let name = format!("further_reasoning[{i}]");
            inside(&name, *span, lengths.output, "bytes of the output")?;
        }
        Ok(())
    }

    fn sampler(&self) -> Result<(), Invalid> {
        let s = &self.sampler;
        finite("sampler.temperature", s.temperature.into())?;
        finite("sampler.top_p", s.top_p.into())?;
        finite("sampler.min_p", s.min_p.into())
    }

    fn question(&self) -> Result<(), Invalid> {
        let (name, text, span) = (
            "prompt.question_span",
            &self.prompt.text,
            self.prompt.question_span,
        );
        inside(name, span, text.len(), "bytes of prompt.text")?;
        match span.iter().find(|&&at| !text.is_char_boundary(at)) {
            Some(at) => Err(invalid(name, format!("{at} is within a character"))),
            None => Ok(()),
        }
    }
}

fn within(part: &str, e: Invalid) -> Invalid {
    invalid(format!("{part}.{}", e.field), e.what)
}

fn hex(token: &Token, name: &dyn Fn(&str) -> String) -> Result<(), Invalid> {
    let bad = |hex: &String| hex.len() % 2 == 1 || !hex.bytes().all(|b| b.is_ascii_hexdigit());
    match &token.bytes {
        Some(bytes) if bad(bytes) => Err(invalid(name("bytes"), "not bytes in hex")),
        _ => Ok(()),
    }
}

fn scores(t: &Token, lengths: &Lengths) -> Result<(), Invalid> {
    probability("p", t.p.into())?;
    finite("entropy", t.entropy.into())?;
    candidates(&t.candidates).map_err(|e| within("candidates", e))?;
    if let Some(local) = &t.local
        && let Some(aligned) = &local.aligned
        && aligned.context > local.context
    {
        let what = format!(
            "{} tokens, but no more than {} match",
            aligned.context, local.context
        );
        return Err(invalid("local.aligned.context", what));
    }
    let found = |s: &&Source| !s.is_non_local() || t.evidence(**s).is_some();
    if let Some(source) = t.pending.iter().find(found) {
        let what = format!("{source}, but there is what it waits for");
        return Err(invalid("pending", what));
    }
    if let Some(found) = &t.retrieved {
        probability("retrieved.p", found.p.into())?;
    }
    if !t.pending.is_empty() && t.cause.is_some() {
        return Err(invalid(
            "pending",
            "not all sources are known, but a cause is named",
        ));
    }
    for source in Source::non_local() {
        if let Some(d) = t.non_local(source) {
            let of = match source.about().reads {
                Reads::Question => (lengths.prompt, "bytes of prompt.text"),
                Reads::Before | Reads::Output => (lengths.output, "bytes of the output"),
            };
            non_local_parts(d, of, lengths).map_err(|e| within(source.name(), e))?;
        }
    }
    Ok(())
}

fn non_local_parts(d: &NonLocal, of: (usize, &str), lengths: &Lengths) -> Result<(), Invalid> {
    for (i, SalientWord { span, .. }) in d.words.iter().enumerate() {
        inside(&format!("words[{i}].span"), *span, of.0, of.1)?;
    }
    match d.window {
        Some(window) => inside("window", window, lengths.tokens, "tokens"),
        None => Ok(()),
    }
}

fn candidates(c: &Candidates) -> Result<(), Invalid> {
    let ids = c.ids.len();
    let columns = [("text", c.text.len(), false), ("p", c.p.len(), false)];
    let counts = Source::ALL.map(|s| (s.name(), c.counts(s).len(), true));
    for (name, length, optional) in columns.into_iter().chain(counts) {
        if length != ids && !(optional && length == 0) {
            return Err(invalid(name, format!("{length} values for {ids} ids")));
        }
    }
    let bad = c.p.iter().position(|p| !is_probability((*p).into()));
    match bad {
        Some(i) => Err(invalid(format!("p[{i}]"), "no probability")),
        None => Ok(()),
    }
}

fn steps(steps: &[Step], lengths: &Lengths) -> Result<(), Invalid> {
    let (mut byte, mut tokens) = (0, [0, 0]);
    for (i, step) in steps.iter().enumerate() {
        one_step(step, lengths).map_err(|e| within(&format!("steps[{i}]"), e))?;
        if step.span[0] < byte {
            let what = format!("begins before the step before it ends ({byte})");
            return Err(invalid(format!("steps[{i}].span"), what));
        }
        // A token may reach over the end of a step: both have it.
        if step.tokens[0] < tokens[0] || step.tokens[1] < tokens[1] {
            let what = format!("stand before those of the step before it ({tokens:?})");
            return Err(invalid(format!("steps[{i}].tokens"), what));
        }
        (byte, tokens) = (step.span[1], step.tokens);
    }
    Ok(())
}

fn one_step(step: &Step, lengths: &Lengths) -> Result<(), Invalid> {
    inside("span", step.span, lengths.output, "bytes of the output")?;
    inside("tokens", step.tokens, lengths.tokens, "tokens")?;
    let token = |name: &str, at: usize| match at < lengths.tokens {
        true => Ok(()),
        false => Err(invalid(
            name,
            format!("{at}, but there are {} tokens", lengths.tokens),
        )),
    };
    if let Some(flag) = &step.flag {
        probability("flag.p", flag.p)?;
        flag.token.map_or(Ok(()), |t| token("flag.token", t))?;
    }
    if let Some(verdict) = &step.verdict {
        verdict
            .tokens
            .iter()
            .try_for_each(|&t| token("verdict.tokens", t))?;
        verdict.p.map_or(Ok(()), |p| probability("verdict.p", p))?;
        if let Some(span) = verdict.span {
            inside("verdict.span", span, lengths.output, "bytes of the output")?;
        }
    }
    Ok(())
}

fn inside(name: &str, [from, to]: Span, length: usize, of: &str) -> Result<(), Invalid> {
    if from > to {
        return Err(invalid(
            name,
            format!("[{from}, {to}] ends before it begins"),
        ));
    }
    if to > length {
        return Err(invalid(
            name,
            format!("[{from}, {to}] lies beyond the {length} {of}"),
        ));
    }
    Ok(())
}

fn finite(name: &str, value: f64) -> Result<(), Invalid> {
    match value.is_finite() {
        true => Ok(()),
        false => Err(invalid(name, format!("{value} is no finite number"))),
    }
}

/// A hair more than 1 is what adding up leaves.
fn is_probability(p: f64) -> bool {
    (0.0..1.001).contains(&p)
}

fn probability(name: &str, p: f64) -> Result<(), Invalid> {
    match is_probability(p) {
        true => Ok(()),
        false => Err(invalid(name, format!("{p} is no probability"))),
    }
}
