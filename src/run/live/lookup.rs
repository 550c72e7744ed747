//! Questions about the corpus: documents, verbatim spans, changed prompts.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender};

use super::messages::{FoundDocuments, Hit, Passage, Update};
use crate::run::frequencies::CorpusFrequencies;
use crate::run::prompts::changed;
use crate::run::regions::of_step;
use crate::run::within::ids_within;
use rotescope_audit::regions::RegionOptions;
use rotescope_corpus::{AnswerPart, Corpus, CorpusError, Quality, VerbatimSpan, verbatim_spans};
use rotescope_model::Engine;
use rotescope_study::perturb::Plan;
use rotescope_text::words::runs_over;
use rotescope_trace::{Prompt, Span, StepRegion};

/// Documents looked at for one n-gram.
const LOOKED_AT: usize = 200;
/// Distinct documents listed.
const LISTED: usize = 40;

/// Fewest tokens of a verbatim span that is listed.
const SHORTEST: usize = 4;

/// What is asked about the corpus.
pub(super) enum Question {
    Documents(Passage),
    Verbatim(u64, Vec<u32>),
    Regions(u64, String, Vec<Span>),
    Change(Box<Prompt>, Plan),
}

/// Answers questions about the corpus on a thread of its own, the newest question of a kind first and alone.
pub(super) fn librarian(
    corpus: Arc<dyn Corpus>,
    engine: Engine,
    asked: Receiver<Question>,
    say: Sender<Update>,
    at_work: Sender<()>,
) {
    let answer = move || {
        let _at_work = at_work;
        let engine = engine; // dropped before it says that it is over
        let frequencies = CorpusFrequencies::new(corpus.clone());
        while let Ok(first) = asked.recv() {
            let (mut documents, mut spans, mut change, mut regions) = (None, None, None, None);
            for q in std::iter::once(first).chain(asked.try_iter()) {
                match q {
                    Question::Documents(n) => documents = Some(n),
                    Question::Verbatim(job, out) => spans = Some((job, out)),
                    Question::Regions(job, output, steps) => regions = Some((job, output, steps)),
                    Question::Change(prompt, plan) => change = Some((prompt, plan)),
                }
            }
            if let Some(asked) = documents {
                let found = look_up(corpus.as_ref(), &engine, &asked);
                let found = found.unwrap_or_else(|error| FoundDocuments {
                    error: Some(error),
                    ..Default::default()
                });
                let _ = say.send(Update::Found(FoundDocuments { asked, ..found }));
            }
            // They take two counts for each token, one after the other.
            if let Some((job, output)) = spans.filter(|_| !corpus.info().is_remote) {
                let spans = verbatim(corpus.as_ref(), &output).unwrap_or_default();
                let _ = say.send(Update::Verbatim { job, spans });
            }
            if let Some((job, output, steps)) = regions.filter(|_| !corpus.info().is_remote) {
                let steps = of_steps(corpus.as_ref(), &engine, &output, &steps).unwrap_or_default();
                let _ = say.send(Update::Regions { job, steps });
            }
            if let Some((prompt, plan)) = change {
                let changed = changed(&prompt, &plan, Some(&frequencies));
                let changed = changed.map(Box::new).map_err(|e| e.to_string());
                let _ = say.send(Update::Changed(changed));
            }
        }
    };
    if thread::Builder::new()
        .name("librarian".into())
        .spawn(answer)
        .is_err()
    {
        tracing::error!("no thread for lookups");
    }
}

/// Documents that hold a passage.
fn look_up(
    corpus: &dyn Corpus,
    engine: &Engine,
    asked: &Passage,
) -> Result<FoundDocuments, String> {
    let ngram = match asked {
        Passage::Tokens(ngram) => ngram.clone(),
        Passage::Text(text) => ids_within(engine, text).ok_or_else(|| {
            format!("documents are not available: the model's vocabulary has no tokens that read {text:?}")
        })?,
    };
    find(corpus, engine, &ngram).map_err(|e| e.to_string())
}

/// Documents that hold an n-gram, distinct texts in the order of the corpus: first those in which it begins and ends at the border of a word or
/// number, and of these the most repeated.
fn find(
    corpus: &dyn Corpus,
    engine: &Engine,
    ngram: &[u32],
) -> Result<FoundDocuments, CorpusError> {
    let answer = corpus.occurrences_of(ngram, LOOKED_AT, 0)?;
    let sampled = match answer.basis.quality {
        Quality::Approximate {
            from,
            of: AnswerPart::Samples,
        } => Some(from),
        _ => None,
    };
    let found = answer.value;
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen = HashSet::new();
    for place in &found.hits {
        if !seen.insert(place.document) {
            continue;
        }
        let d = corpus.document(place.document)?;
        if let Some(same) = hits.iter_mut().find(|h| h.text == d.text) {
            same.copies += 1;
            continue;
        }
        let matched = matched_bytes(engine, &d.tokens, place.position as usize, ngram, &d.text);
        hits.push(Hit {
            id: d.id.unwrap_or_else(|| format!("document {}", d.ordinal)),
            source: match d.corpus {
                Some(corpus) => format!("{corpus}: {}, line {}", d.source, d.line),
                None => format!("{}, line {}", d.source, d.line),
            },
            aligned: is_aligned(&d.text, matched),
            text: d.text,
            matched,
            copies: 1,
        });
    }
    hits.sort_by_key(|h| (!h.aligned, Reverse(h.copies)));
    hits.truncate(LISTED);
    Ok(FoundDocuments {
        asked: Passage::default(),
        ngram: ngram.to_vec(),
        occurrences: found.count,
        documents: found.documents,
        sampled,
        hits,
        error: None,
    })
}

/// Where the n-gram at token `at` lies in the text: its bytes follow those of the tokens before it. A tokenizer that adds bytes of its own
/// (a leading space) shifts them, so they are cut to the text.
fn matched_bytes(engine: &Engine, tokens: &[u32], at: usize, ngram: &[u32], text: &str) -> Span {
    let length = |ids: &[u32]| {
        ids.iter()
            .map(|&id| engine.token_bytes(id).len())
            .sum::<usize>()
    };
    let before = length(&tokens[..at.min(tokens.len())]);
    let end = before + length(ngram);
    let fit = |mut i: usize| {
        i = i.min(text.len());
        while !text.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    [fit(before), fit(end)]
}

/// Whether no word or number runs over either end of a match.
fn is_aligned(text: &str, [from, to]: Span) -> bool {
    !runs_over(text, from) && !runs_over(text, to)
}

/// What of each step a document has.
fn of_steps(
    corpus: &dyn Corpus,
    engine: &Engine,
    output: &str,
    steps: &[Span],
) -> Result<Vec<Option<StepRegion>>, CorpusError> {
    let encode = |text: &str| engine.tokenize(text, false, false);
    let options = RegionOptions::default();
    let one = |step: &Span| of_step(corpus, output, *step, &encode, &options);
    steps.iter().map(one).collect()
}

/// The verbatim spans of an output: longest first, rarest first among equals.
fn verbatim(corpus: &dyn Corpus, output: &[u32]) -> Result<Vec<VerbatimSpan>, CorpusError> {
    let mut found = verbatim_spans(corpus, output, SHORTEST)?;
    found.sort_by_key(|v| (Reverse(v.tokens[1] - v.tokens[0]), v.occurrences, v.tokens));
    Ok(found)
}
