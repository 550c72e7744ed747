//! What finds the verbatim spans of a text: an index, or OLMoTrace's service.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::regions::{of_index, run_over};
use crate::cli::common::ModelArgs;
use crate::cli::open::encoder_for;
use crate::cli::remote;
use rotescope_audit::{
    FoundDocument, Pieces, SourceDocument, Span, SpanOptions, ranked, sources, spans,
};
use rotescope_corpus::Corpus;
use rotescope_remote::{OlmoTrace, ServedDocument, ServedSpan, SpanQuestion};
use rotescope_trace::audit::AuditRun;
use rotescope_trace::{IndexRef, Trace};
use rotescope_vocab::Encode;

pub enum Finder {
    Corpus(Arc<dyn Corpus>, Box<dyn Encode>),
    Service(Box<OlmoTrace>),
}

/// What of a text stands in the corpus.
pub struct Found {
    pub text: String,
    /// Of the text.
    pub tokens: usize,
    pub spans: Vec<Span>,
    /// Behind the spans that are kept, the most relevant first.
    pub documents: Vec<SourceDocument>,
}

impl Finder {
    pub fn open(parts: &ModelArgs) -> Result<Finder> {
        if let Some(service) = remote::span_service(&parts.index, &parts.remote)? {
            return Ok(Finder::Service(Box::new(service)));
        }
        let Some(corpus) = parts.open_index()? else {
            bail!(
                "no index for this model: give one with --index DIR (made by `rotescope index build`)"
            );
        };
        let encoder = encoder_for(parts, corpus.as_ref())?;
        Ok(Finder::Corpus(corpus, encoder))
    }

    /// What a file of spans says of its making.
    pub fn run(&self, settings: Value) -> AuditRun {
        match self {
            Finder::Corpus(corpus, _) => of_index(corpus.as_ref(), settings),
            Finder::Service(service) => {
                let index = IndexRef {
                    id: service.address().to_string(),
                    ..IndexRef::default()
                };
                run_over(index, settings)
            }
        }
    }

    /// `trace`: what the text is the completion of.
    pub fn find(&self, text: &str, trace: Option<&Trace>, wanted: &SpanQuestion) -> Result<Found> {
        match self {
            Finder::Corpus(corpus, encoder) => {
                in_corpus(corpus.as_ref(), encoder.as_ref(), text, trace, wanted)
            }
            Finder::Service(service) => served(service, text, wanted),
        }
    }
}

fn in_corpus(
    corpus: &dyn Corpus,
    encoder: &dyn Encode,
    text: &str,
    trace: Option<&Trace>,
    wanted: &SpanQuestion,
) -> Result<Found> {
    // Tokens as the model wrote them, where they are the corpus' own.
    let tokenizer = corpus.info().tokenizer;
    let own = trace.filter(|t| !t.tokens.is_empty() && t.model.tokenizer == tokenizer);
    let ids = match own {
        Some(trace) => trace.tokens.iter().map(|t| t.id).collect(),
        None => encoder
            .encode_batch(&[text])?
            .pop()
            .context("the tokenizer gave no answer")?,
    };
    let bytes: Vec<Vec<u8>> = ids.iter().map(|id| encoder.token_bytes(*id)).collect();
    let pieces = Pieces::new(ids, &bytes);
    let options = SpanOptions {
        shortest: wanted.shortest,
        self_contained: wanted.self_contained,
        density: wanted.density,
        most_frequent: wanted.most_frequent,
    };
    let spans = spans(corpus, &pieces, &options)?;
    Ok(Found {
        documents: sources(corpus, &pieces.ids, pieces.text(), &spans, wanted.documents)?,
        text: pieces.text().into(),
        tokens: pieces.ids.len(),
        spans,
    })
}

/// As the service has it, which tells only spans that it keeps.
fn served(service: &OlmoTrace, text: &str, wanted: &SpanQuestion) -> Result<Found> {
    let served = service
        .spans(text, wanted)
        .with_context(|| service.address().to_string())?;
    let documents = served.spans.iter().enumerate().flat_map(|(i, s)| {
        let all = s.documents.iter().take(wanted.documents);
        all.map(move |d| found_document(i, d))
    });
    Ok(Found {
        documents: ranked(text, documents.collect()),
        text: text.into(),
        tokens: served.tokens,
        spans: served.spans.iter().map(span).collect(),
    })
}

fn span(served: &ServedSpan) -> Span {
    Span {
        tokens: served.tokens,
        bytes: served.bytes,
        occurrences: served.occurrences,
        unigram_logprob: served.unigram_logprob,
        kept: true,
    }
}

fn found_document(span: usize, served: &ServedDocument) -> FoundDocument {
    let metadata = &served.metadata;
    let id = &metadata["metadata"]["id"];
    FoundDocument {
        span,
        document: served.document,
        id: id.as_str().map(str::to_string),
        source: metadata["path"].as_str().unwrap_or_default().into(),
        line: metadata["linenum"].as_u64().unwrap_or(0),
        text: served.text.clone(),
    }
}
