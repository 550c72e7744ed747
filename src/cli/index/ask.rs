//! `rotescope index count|next|docs`: questions about a text.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::question::Question;
use super::readings::{as_json, hints, readings};
use super::show;
use crate::cli::common::stdout;
use rotescope_corpus::{Answered, Basis, Continuations, Counted, Occurrences, Quality};

pub(super) fn count(question: &Question) -> Result<ExitCode> {
    let asked = question.open()?;
    let count = asked.corpus.count(&asked.ids)?;
    let parts = asked.of_parts(|part| part.count(&asked.ids))?;
    let other = match (question.text(), &asked.encoder) {
        // They take a count for each token of the vocabulary.
        (Some(text), Some(encoder)) if !asked.corpus.info().is_remote => {
            readings(asked.corpus.as_ref(), encoder.as_ref(), text)?
        }
        _ => Vec::new(),
    };
    let mut out = stdout();
    if question.json {
        let mut answer = json!({"ids": asked.ids, "count": count.value});
        if !other.is_empty() {
            answer["other_readings"] = as_json(&other);
        }
        let share = |(place, count): &(String, Answered<u64>)| {
            on(count.basis, json!({"index": place, "count": count.value}))
        };
        let answer = with_parts(answer, parts.iter().map(share));
        writeln!(out, "{}", on(count.basis, answer))?;
        return Ok(ExitCode::SUCCESS);
    }
    hints(&mut io::stderr().lock(), &other)?;
    if count.basis.is_exact_occurrences() {
        writeln!(out, "{}", count.value)?;
    } else {
        writeln!(out, "{} ({})", count.value, count.basis)?;
    }
    let shares = parts.iter().map(|(p, c)| (p.as_str(), c.value, c.basis));
    show::shares(&mut out, shares)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn next(question: &Question, top: usize) -> Result<ExitCode> {
    let asked = question.open()?;
    let found = asked.corpus.next(&asked.ids)?;
    let parts = asked.of_parts(|part| part.next(&asked.ids))?;
    let next = found.value;
    let mut out = stdout();
    if question.json {
        let total = next.total();
        let of_part = |part: &Answered<Continuations>, id: u32| {
            let token = part.value.tokens.iter().find(|t| t.0 == id);
            token.map_or(0, |t| t.1)
        };
        let tokens = next.tokens.iter().take(top).map(|&(id, count)| {
            let mut token = json!({
                "id": id,
                "text": asked.text_of(&[id]),
                "count": count,
                "probability": count as f64 / total as f64,
            });
            if !parts.is_empty() {
                // In the order of the parts.
                let shares = parts.iter().map(|(_, part)| of_part(part, id));
                token["shares"] = shares.collect::<Vec<_>>().into();
            }
            token
        });
        let answer = json!({
            "ids": asked.ids,
            "count": total,
            "ends": next.ends,
            "distinct": next.tokens.len(),
            "tokens": tokens.collect::<Vec<_>>(),
        });
        let share = |(place, part): &(String, Answered<Continuations>)| {
            let share = json!({
                "index": place,
                "count": part.value.total(),
                "ends": part.value.ends,
                "distinct": part.value.tokens.len(),
            });
            on(part.basis, share)
        };
        let answer = with_parts(answer, parts.iter().map(share));
        writeln!(out, "{}", on(found.basis, answer))?;
    } else {
        if !found.basis.is_exact_occurrences() {
            writeln!(out, "{}", found.basis)?;
        }
        show::next(&mut out, &next, top, |id| asked.text_of(&[id]))?;
        if !parts.is_empty() {
            writeln!(out, "of these")?;
        }
        let shares = parts
            .iter()
            .map(|(p, n)| (p.as_str(), n.value.total(), n.basis));
        show::shares(&mut out, shares)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn docs(
    question: &Question,
    limit: usize,
    offset: usize,
    around: u32,
) -> Result<ExitCode> {
    let asked = question.open()?;
    let answer = asked.corpus.occurrences_of(&asked.ids, limit, offset)?;
    let found = answer.value;
    // Bold and dim where standard output shows them.
    let colors = anstream::AutoStream::choice(&io::stdout());
    let mut out = anstream::AutoStream::new(Vec::new(), colors);
    if !question.json {
        writeln!(out, "{}", totals(&found, answer.basis))?;
    }
    for hit in &found.hits {
        let mut document = asked.corpus.document(hit.document)?;
        if let Some(several) = &asked.several {
            document.ordinal = several.part_of(hit.document).1;
        }
        let start = hit.position as usize;
        let end = start + asked.ids.len();
        let from = start.saturating_sub(around as usize);
        let to = document.tokens.len().min(end + around as usize);
        let snippet = show::Snippet {
            cut_before: from > 0,
            before: asked.text_of(&document.tokens[from..start]),
            text: asked.text_of(&document.tokens[start..end]),
            after: asked.text_of(&document.tokens[end..to]),
            cut_after: to < document.tokens.len(),
        };
        if question.json {
            let mut hit = json!({
                "document": document.ordinal,
                "position": hit.position,
                "id": document.id,
                "source": document.source,
                "line": document.line,
                "meta": document.meta,
                "before": snippet.before,
                "text": snippet.text,
                "after": snippet.after,
            });
            if let Some(corpus) = &document.corpus {
                hit["index"] = corpus.as_str().into();
            }
            writeln!(out, "{hit}")?;
        } else {
            show::hit(&mut out, &document, &snippet)?;
        }
    }
    stdout().write_all(&out.into_inner())?;
    Ok(ExitCode::SUCCESS)
}

/// An answer in JSON, which says what it rests on where that is not exact counts of occurrences.
fn on(basis: Basis, mut answer: serde_json::Value) -> serde_json::Value {
    if !basis.is_exact_occurrences() {
        answer["basis"] = basis.to_string().into();
    }
    answer
}

/// An answer in JSON with what it is the sum of, where there are several indexes.
fn with_parts(
    mut answer: serde_json::Value,
    parts: impl Iterator<Item = serde_json::Value>,
) -> serde_json::Value {
    let parts: Vec<_> = parts.collect();
    if !parts.is_empty() {
        answer["parts"] = parts.into();
    }
    answer
}

/// How many occurrences there are, in how many documents, as far as the corpus tells.
fn totals(found: &Occurrences, basis: Basis) -> String {
    let mut text = format!("{} {}", show::grouped(found.count), basis.counted);
    if let (Counted::Occurrences, Some(documents)) = (basis.counted, found.documents) {
        text.push_str(&format!(" in {} documents", show::grouped(documents)));
    }
    if basis.quality != Quality::Exact {
        text.push_str(&format!(" ({})", basis.quality));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::AnswerPart;

    #[test]
    fn answers_say_what_they_rest_on() {
        let found = Occurrences {
            count: 1200,
            documents: Some(300),
            hits: Vec::new(),
        };
        let answer = json!({"count": 1200});
        assert_eq!(
            totals(&found, Basis::default()),
            "1 200 occurrences in 300 documents"
        );
        assert_eq!(on(Basis::default(), answer.clone()), answer);
        let sampled = Basis {
            quality: Quality::Approximate {
                from: 1000,
                of: AnswerPart::Samples,
            },
            counted: Counted::Documents,
            retokenized: false,
        };
        assert_eq!(
            totals(&found, sampled),
            "1 200 documents (approximate, from 1000 samples)"
        );
        assert_eq!(
            on(sampled, answer)["basis"],
            "documents, approximate, from 1000 samples"
        );
    }
}
