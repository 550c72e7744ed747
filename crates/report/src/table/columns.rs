//! The columns of the tables, and their rows: the two stand side by side, so that they agree.

use std::io;

use super::{Column, Kind, Table, Value};
use crate::{Measure, token_texts};
use rotescope_trace::record::{Failed, Record};
use rotescope_trace::source::Reads;
use rotescope_trace::{Flag, NonLocal, Source, Step, Token, Trace};

/// Columns that every row of a completion begins with.
const OF_TRACE: [(&str, Kind); 4] = [
    ("id", Kind::Name),
    ("task", Kind::Name),
    ("split", Kind::Name),
    ("right", Kind::Bool),
];

/// Columns of tokens before those of the sources.
const OF_TOKEN: [(&str, Kind); 13] = [
    ("step", Kind::Count),
    ("step_flag", Kind::Number),
    ("step_right", Kind::Bool),
    ("token", Kind::Count),
    ("token_id", Kind::Count),
    ("text", Kind::Text),
    ("start", Kind::Count),
    ("end", Kind::Count),
    ("p", Kind::Single),
    ("rank", Kind::Count),
    ("entropy", Kind::Single),
    ("skipped", Kind::Name),
    ("wrong", Kind::Bool),
];

/// Columns of tokens behind those of the sources.
const OF_TOKEN_BEHIND: [(&str, Kind); 11] = [
    ("stim_max", Kind::Number),
    ("stim_source", Kind::Name),
    ("cause", Kind::Name),
    ("cause_strength", Kind::Number),
    ("measure", Kind::Number),
    ("retrieved_p", Kind::Single),
    ("retrieved_n", Kind::Count),
    ("retrieved_count", Kind::Count),
    ("retrieved_sparse", Kind::Bool),
    ("gap", Kind::Single),
    ("known", Kind::Name),
];

const OF_STEP: [(&str, Kind); 21] = [
    ("step", Kind::Count),
    ("start", Kind::Count),
    ("end", Kind::Count),
    ("first_token", Kind::Count),
    ("tokens", Kind::Count),
    ("text", Kind::Text),
    ("step_flag", Kind::Number),
    ("flag_meaning", Kind::Name),
    ("flagged", Kind::Bool),
    ("flag_reasons", Kind::Texts),
    ("step_right", Kind::Bool),
    ("by", Kind::Name),
    ("step_p", Kind::Number),
    ("expected", Kind::Text),
    ("why", Kind::Text),
    ("first_wrong_token", Kind::Count),
    ("region", Kind::Name),
    ("stim_max", Kind::Number),
    ("stim_source", Kind::Name),
    ("stim_token", Kind::Count),
    ("measure", Kind::Number),
];

const OF_WHOLE: [(&str, Kind); 25] = [
    ("pair", Kind::Name),
    ("question", Kind::Text),
    ("expected", Kind::Text),
    ("extracted", Kind::Text),
    ("output", Kind::Text),
    ("finish", Kind::Name),
    ("prompt_tokens", Kind::Count),
    ("tokens", Kind::Count),
    ("steps", Kind::Count),
    ("flagged_steps", Kind::Count),
    ("judged_steps", Kind::Count),
    ("wrong_steps", Kind::Count),
    ("first_wrong_step", Kind::Count),
    ("model", Kind::Name),
    ("model_sha256", Kind::Name),
    ("index", Kind::Name),
    ("temperature", Kind::Single),
    ("seed", Kind::Name),
    ("imported_from", Kind::Name),
    ("generate_seconds", Kind::Number),
    ("attribute_seconds", Kind::Number),
    ("tokens_per_second", Kind::Number),
    ("rotescope", Kind::Name),
    ("failed", Kind::Bool),
    ("error", Kind::Text),
];

/// Columns of a source, each behind the name of the source; the first is the score.
fn of_source(source: Source) -> &'static [(&'static str, Kind)] {
    const UNDEFINED: (&str, Kind) = ("_undefined", Kind::Name);
    match source.about().reads {
        Reads::Before => &[
            ("", Kind::Number),
            UNDEFINED,
            ("_context", Kind::Count),
            ("_context_count", Kind::Count),
            ("_match_count", Kind::Count),
        ],
        Reads::Output => &[
            ("", Kind::Number),
            UNDEFINED,
            ("_elicited", Kind::Bool),
            ("_words", Kind::Texts),
        ],
        Reads::Question => &[("", Kind::Number), UNDEFINED, ("_words", Kind::Texts)],
    }
}

/// The columns of a table, in order.
pub fn columns(table: Table) -> Vec<Column> {
    let column = |(name, kind): &(&str, Kind)| Column {
        name: (*name).to_string(),
        kind: *kind,
    };
    let of_trace = OF_TRACE.iter().map(column);
    match table {
        Table::Tokens => {
            let of_sources = Source::ALL.into_iter().flat_map(|s| {
                let all = of_source(s).iter();
                all.map(move |(name, kind)| Column {
                    name: format!("{s}{name}"),
                    kind: *kind,
                })
            });
            let before = of_trace.chain(OF_TOKEN.iter().map(column));
            let behind = OF_TOKEN_BEHIND.iter().map(column);
            before.chain(of_sources).chain(behind).collect()
        }
        Table::Steps => of_trace.chain(OF_STEP.iter().map(column)).collect(),
        Table::Traces => of_trace.chain(OF_WHOLE.iter().map(column)).collect(),
    }
}

/// The rows of a record, one after another. A prompt that failed is a row of the traces, and has no tokens or steps.
///
/// # Errors
/// Those of `each`.
pub fn rows(
    table: Table,
    record: &Record,
    measure: &Measure,
    each: &mut dyn FnMut(Vec<Value>) -> io::Result<()>,
) -> io::Result<()> {
    match (table, record) {
        (Table::Tokens, Record::Trace(t)) => tokens(t, measure, each),
        (Table::Steps, Record::Trace(t)) => steps(t, measure, each),
        (Table::Traces, Record::Trace(t)) => each(whole(t)),
        (Table::Traces, Record::Failed(f)) => each(failed(f)),
        (Table::Tokens | Table::Steps, Record::Failed(_)) => Ok(()),
    }
}

fn of_trace(t: &Trace) -> [Value; OF_TRACE.len()] {
    [
        text(&t.prompt.id),
        option(t.prompt.task.as_deref(), text),
        option(t.prompt.split.as_deref(), text),
        option(t.answer.right, Value::Bool),
    ]
}

fn tokens(
    t: &Trace,
    measure: &Measure,
    each: &mut dyn FnMut(Vec<Value>) -> io::Result<()>,
) -> io::Result<()> {
    let texts = token_texts(&t.tokens);
    let mut next = 0;
    for (i, (token, read)) in t.tokens.iter().zip(texts).enumerate() {
        // Steps stand in order, and a token that two of them share is the first's.
        while t.steps.get(next).is_some_and(|s| s.tokens[1] <= i) {
            next += 1;
        }
        let at = t.steps.get(next).filter(|s| s.tokens[0] <= i);
        let verdict = at.and_then(|s| s.verdict.as_ref());
        let stim = token.stim_max();
        let mut row = Vec::from(of_trace(t));
        row.extend([
            option(at, |_| count(next + 1)),
            option(at.and_then(|s| s.flag.as_ref()), |f| Value::Number(f.p)),
            option(verdict, |v| Value::Bool(v.right)),
            count(i),
            Value::Count(token.id.into()),
            Value::Text(read),
            count(token.span[0]),
            count(token.span[1]),
            option(token.probability(), |_| Value::Single(token.p)),
            option(Some(token.rank).filter(|r| *r > 0), |r| {
                Value::Count(r.into())
            }),
            option(token.entropy(), |_| Value::Single(token.entropy)),
            option(token.skipped.as_deref(), text),
            option(verdict, |v| Value::Bool(v.tokens.contains(&i))),
        ]);
        row.extend(Source::ALL.into_iter().flat_map(|s| source(token, s)));
        row.extend([
            option(stim, |s| Value::Number(s.1)),
            option(stim, |s| text(s.0.name())),
            option(token.cause, |c| text(c.source.name())),
            option(token.cause, |c| Value::Number(c.strength)),
            option(measure.of(token), |m| Value::Number(m.1)),
        ]);
        let alone = token.retrieved.as_ref();
        row.extend([
            option(alone, |r| Value::Single(r.p)),
            option(alone, |r| count(r.n)),
            option(alone, |r| Value::Count(r.count)),
            option(alone, |r| Value::Bool(r.sparse)),
            option(alone.and_then(|r| r.gap), Value::Single),
            option(alone, |r| text(r.known.name())),
        ]);
        each(row)?;
    }
    Ok(())
}

/// The values of a source: [`of_source`] has their columns.
fn source(token: &Token, source: Source) -> Vec<Value> {
    let mut values = vec![
        option(token.score(source), Value::Number),
        option(token.undefined(source), text),
    ];
    let found = token.non_local(source);
    match source.about().reads {
        Reads::Before => {
            let local = token.local.as_ref();
            values.extend([
                option(local, |l| count(l.context)),
                option(local, |l| Value::Count(l.context_count)),
                option(local, |l| Value::Count(l.match_count)),
            ]);
        }
        Reads::Output => values.extend([
            option(found.and_then(|d| d.elicited), Value::Bool),
            words(found),
        ]),
        Reads::Question => values.push(words(found)),
    }
    values
}

/// The salient words, most salient first.
fn words(found: Option<&NonLocal>) -> Value {
    option(found, |d| {
        Value::Texts(d.words.iter().map(|w| w.text.clone()).collect())
    })
}

fn steps(
    t: &Trace,
    measure: &Measure,
    each: &mut dyn FnMut(Vec<Value>) -> io::Result<()>,
) -> io::Result<()> {
    for (i, step) in t.steps.iter().enumerate() {
        let mut row = Vec::from(of_trace(t));
        row.extend(of_step(t, i, step, measure));
        each(row)?;
    }
    Ok(())
}

fn of_step(t: &Trace, i: usize, step: &Step, measure: &Measure) -> [Value; OF_STEP.len()] {
    let (flag, verdict) = (step.flag.as_ref(), step.verdict.as_ref());
    let [from, to] = step.tokens;
    let own = t.tokens.get(from..to).unwrap_or_default();
    let scored = own
        .iter()
        .enumerate()
        .filter_map(|(j, t)| Some((j, t.stim_max()?)));
    // The first of equals.
    let stim = scored.rev().max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let measured = own.iter().filter_map(|t| Some(measure.of(t)?.1));
    [
        count(i + 1),
        count(step.span[0]),
        count(step.span[1]),
        count(from),
        count(to - from),
        option(t.output.get(step.span[0]..step.span[1]), text),
        option(flag, |f| Value::Number(f.p)),
        option(flag, |f| text(f.meaning.word())),
        option(flag, |f| Value::Bool(f.is_raised())),
        option(flag, |f| Value::Texts(f.reasons.clone())),
        option(verdict, |v| Value::Bool(v.right)),
        option(verdict, |v| text(&v.by)),
        option(verdict.and_then(|v| v.p), Value::Number),
        option(verdict.and_then(|v| v.expected.as_deref()), text),
        option(verdict.and_then(|v| v.why.as_deref()), text),
        option(verdict.and_then(|v| v.tokens.first().copied()), count),
        option(step.region.as_ref(), |r| text(r.class.name())),
        option(stim, |s| Value::Number(s.1.1)),
        option(stim, |s| text(s.1.0.name())),
        option(stim, |s| count(from + s.0)),
        option(measured.max_by(f64::total_cmp), Value::Number),
    ]
}

fn whole(t: &Trace) -> Vec<Value> {
    let judged = t.steps.iter().filter_map(|s| s.verdict.as_ref());
    let is_wrong = |s: &Step| s.verdict.as_ref().is_some_and(|v| !v.right);
    let raised = |s: &&Step| s.flag.as_ref().is_some_and(Flag::is_raised);
    let mut row = Vec::from(of_trace(t));
    let of_whole: [Value; OF_WHOLE.len()] = [
        option(t.prompt.pair.as_deref(), text),
        text(&t.prompt.question),
        option(t.answer.expected.as_deref(), text),
        option(t.answer.extracted.as_deref(), text),
        text(&t.output),
        text(&t.finish),
        count(t.prompt.tokens.len()),
        count(t.tokens.len()),
        count(t.steps.len()),
        count(t.steps.iter().filter(raised).count()),
        count(judged.count()),
        count(t.steps.iter().filter(|s| is_wrong(s)).count()),
        option(t.steps.iter().position(is_wrong), |s| count(s + 1)),
        text(&t.model.file),
        text(&t.model.sha256),
        option(t.index.as_ref(), |i| text(&i.id)),
        Value::Single(t.sampler.temperature),
        // A number of 64 bits, which no program that reads tables has to have.
        text(&t.sampler.seed.to_string()),
        option(t.import.as_ref(), |i| text(&i.format)),
        Value::Number(t.timing.generate),
        Value::Number(t.timing.attribute),
        Value::Number(t.timing.tokens_per_second),
        text(&t.rotescope),
        Value::Bool(false),
        Value::None,
    ];
    row.extend(of_whole);
    row
}

fn failed(f: &Failed) -> Vec<Value> {
    let mut row = vec![Value::None; OF_TRACE.len() + OF_WHOLE.len()];
    row[0] = text(&f.id);
    let n = row.len();
    row[n - 2] = Value::Bool(true);
    row[n - 1] = text(&f.error);
    row
}

fn option<T>(value: Option<T>, made: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::None, made)
}

fn count(n: usize) -> Value {
    Value::Count(n as u64)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}
