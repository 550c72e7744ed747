//! What a corpus says of each token of a text: its longest context, what stands behind it, and the documents of verbatim spans.

use std::ops::Range;
use std::sync::Arc;

use pyo3::prelude::*;
use rotescope_audit::{Pieces, SourceDocument, Span, SpanOptions, sources, spans};
use rotescope_corpus::{Continuations, Corpus, LocalIndex, LongestContext, values};
use rotescope_retro::{Infinigram, Place, Retrieved, Retriever};
use rotescope_text::whole_texts;
use rotescope_vocab::{Encode, Vocabulary};

use crate::errors::{Failure, detached};

/// What is asked.
pub struct Asked {
    pub prompt: Vec<u32>,
    pub ids: Vec<u32>,
    pub spans: SpanOptions,
    /// At most so many for each span.
    pub documents: usize,
}

/// See `Index.attribute`.
#[derive(IntoPyObject)]
pub struct Attribution {
    text: String,
    tokens: Vec<AttributedToken>,
    spans: Vec<AttributedSpan>,
    documents: Vec<SpanDocument>,
}

#[derive(IntoPyObject)]
struct AttributedToken {
    token: usize,
    token_id: u32,
    text: String,
    start: usize,
    end: usize,
    local_context: usize,
    local_context_count: u64,
    local_match_count: u64,
    local_share: Option<f64>,
    local_rank: Option<usize>,
    retrieved_p: f64,
    retrieved_n: usize,
    retrieved_count: u64,
    retrieved_sparse: bool,
}

#[derive(IntoPyObject)]
struct AttributedSpan {
    tokens: [usize; 2],
    start: usize,
    end: usize,
    text: String,
    occurrences: u64,
    unigram_logprob: f64,
    kept: bool,
}

#[derive(IntoPyObject)]
struct SpanDocument {
    document: u64,
    id: Option<String>,
    source: String,
    line: u64,
    bm25: f64,
    copies: usize,
    spans: Vec<SpanPlace>,
}

#[derive(IntoPyObject)]
struct SpanPlace {
    span: usize,
    position: Option<u32>,
}

/// Tokens between two looks for Ctrl-C.
const AT_ONCE: usize = 32;

/// Works it out.
///
/// # Errors
/// The corpus cannot be read; Ctrl-C.
pub fn attribute(
    py: Python<'_>,
    corpus: &Arc<LocalIndex>,
    vocabulary: &Vocabulary,
    asked: &Asked,
) -> PyResult<Attribution> {
    let bytes: Vec<Vec<u8>> = asked
        .ids
        .iter()
        .map(|id| vocabulary.token_bytes(*id))
        .collect();
    let all = [asked.prompt.as_slice(), &asked.ids].concat();
    let retriever = Infinigram::new(corpus.clone(), vocabulary.eos());
    let mut said = Vec::with_capacity(asked.ids.len());
    for from in (asked.prompt.len()..all.len()).step_by(AT_ONCE) {
        py.check_signals()?;
        let places = from..all.len().min(from + AT_ONCE);
        said.extend(detached(py, || {
            of_tokens(corpus.as_ref(), &retriever, &all, places)
        })?);
    }
    let pieces = Pieces::new(asked.ids.clone(), &bytes);
    let (spans, documents) = detached(py, || {
        let spans = spans(corpus.as_ref(), &pieces, &asked.spans)?;
        let found = sources(
            corpus.as_ref(),
            &pieces.ids,
            pieces.text(),
            &spans,
            asked.documents,
        )?;
        Ok((spans, found))
    })?;
    let texts = Texts::of(&bytes);
    let tokens = said.into_iter().zip(&asked.ids).enumerate();
    Ok(Attribution {
        text: texts.of_tokens([0, asked.ids.len()]),
        tokens: tokens
            .map(|(i, (said, id))| said.of(i, *id, &texts))
            .collect(),
        spans: spans.into_iter().map(|s| span(&s, &texts)).collect(),
        documents: documents.into_iter().map(document).collect(),
    })
}

/// What the corpus says of a token.
struct Said {
    longest: LongestContext,
    rank: Option<usize>,
    retrieved: Retrieved,
}

/// What the corpus says of the tokens at some places, behind all tokens before them.
fn of_tokens(
    corpus: &dyn Corpus,
    retriever: &Infinigram,
    all: &[u32],
    places: Range<usize>,
) -> Result<Vec<Said>, Failure> {
    let questions: Vec<_> = places.clone().map(|i| (&all[..i], all[i])).collect();
    let longest = values(corpus.longest_contexts(&questions)?);
    let behind: Vec<_> = places.clone().map(|i| Place::behind(&all[..i])).collect();
    let retrieved = retriever.retrieve(&behind)?;
    let contexts: Vec<&[u32]> = places
        .clone()
        .zip(&longest)
        .map(|(i, w)| &all[i - w.len..i])
        .collect();
    let next = values(corpus.continuations(&contexts)?);
    let said = longest.into_iter().zip(retrieved).zip(next);
    let one = |((longest, retrieved), next): ((LongestContext, _), Continuations)| Said {
        rank: (longest.joint_count > 0).then(|| {
            // They stand by their counts.
            1 + next
                .tokens
                .partition_point(|(_, count)| *count > longest.joint_count)
        }),
        longest,
        retrieved,
    };
    Ok(said.map(one).collect())
}

impl Said {
    fn of(self, token: usize, token_id: u32, texts: &Texts) -> AttributedToken {
        let LongestContext {
            len,
            context_count,
            joint_count,
        } = self.longest;
        AttributedToken {
            token,
            token_id,
            text: texts.of_tokens([token, token + 1]),
            start: texts.starts[token],
            end: texts.starts[token + 1],
            local_context: len,
            local_context_count: context_count,
            local_match_count: joint_count,
            local_share: (joint_count > 0).then(|| joint_count as f64 / context_count as f64),
            local_rank: self.rank,
            retrieved_p: self.retrieved.probability(token_id),
            retrieved_n: self.retrieved.length,
            retrieved_count: self.retrieved.count,
            retrieved_sparse: self.retrieved.is_sparse(),
        }
    }
}

/// The texts of tokens, each character in the token that begins it, and where they begin, in characters.
struct Texts {
    texts: Vec<String>,
    /// One more than there are tokens.
    starts: Vec<usize>,
}

impl Texts {
    fn of(bytes: &[Vec<u8>]) -> Texts {
        let texts = whole_texts(bytes);
        let mut starts = vec![0];
        let ends = texts.iter().scan(0, |at, text| {
            *at += text.chars().count();
            Some(*at)
        });
        starts.extend(ends);
        Texts { texts, starts }
    }

    fn of_tokens(&self, [from, to]: [usize; 2]) -> String {
        self.texts[from..to].concat()
    }
}

fn span(span: &Span, texts: &Texts) -> AttributedSpan {
    let [from, to] = span.tokens;
    AttributedSpan {
        tokens: span.tokens,
        start: texts.starts[from],
        end: texts.starts[to],
        text: texts.of_tokens(span.tokens),
        occurrences: span.occurrences,
        unigram_logprob: span.unigram_logprob,
        kept: span.kept,
    }
}

fn document(document: SourceDocument) -> SpanDocument {
    let place = |(span, position)| SpanPlace { span, position };
    SpanDocument {
        document: document.document,
        id: document.id,
        source: document.source,
        line: document.line,
        bm25: document.bm25,
        copies: document.copies,
        spans: document.spans.into_iter().map(place).collect(),
    }
}
