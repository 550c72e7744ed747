//! `rotescope audit spans`: what of a text stands in a corpus.

use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::cli::common::{Global, ModelArgs, grouped, print};
use crate::cli::given::GivenArgs;
use crate::cli::open::encoder_for;
use crate::cli::outputs::{OutputPlace, Outputs};
use crate::cli::remote;
use rotescope_audit::spans::coverage;
use rotescope_audit::{
    FoundDocument, Pieces, SourceDocument, Span, SpanOptions, ranked, sources, spans,
};
use rotescope_corpus::Corpus;
use rotescope_import::records;
use rotescope_remote::{OlmoTrace, ServedDocument, ServedSpan, SpanQuestion};
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{Record, begins_with_schema};
use rotescope_vocab::Encode;

/// Name and version of a line of the output.
const SCHEMA: &str = "rotescope.spans/1";
/// Coverage counts spans from this many tokens on, as the app lists them.
const LISTED: usize = 4;

#[derive(Debug, clap::Args)]
pub struct SpansArgs {
    /// Texts (a file is one text), traces, or generations of other tools, of which each completion is one
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    parts: ModelArgs,
    /// Fewest tokens of a span
    #[arg(long, value_name = "N", default_value_t = SpanOptions::default().shortest)]
    shortest: usize,
    /// Keep at most so many spans for each token of the text, those whose tokens are the rarest
    #[arg(long, value_name = "SHARE", default_value_t = SpanOptions::default().density)]
    density: f64,
    /// Keep no span that occurs more often (olmotrace: than 10 times, if not given)
    #[arg(long, value_name = "N")]
    max_frequency: Option<u64>,
    /// At most so many documents for each span that is kept
    #[arg(long, value_name = "N", default_value_t = 10)]
    documents: usize,
    /// Spans may begin and end within words and go on over sentences
    #[arg(long)]
    partial: bool,
    /// Show all spans, also those that are not kept
    #[arg(long)]
    all: bool,
    /// Write all spans and documents as JSON, one line a text
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file of another kind
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    given: GivenArgs,
}

/// What finds the spans.
enum Finder {
    Corpus(Arc<dyn Corpus>, Box<dyn Encode>),
    Service(OlmoTrace),
}

/// One text of the files, and what of it stands in the corpus.
struct Found {
    name: String,
    text: String,
    /// Of the text.
    tokens: usize,
    spans: Vec<Span>,
    documents: Vec<SourceDocument>,
}

impl SpansArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.given.marks.clone_from(&global.settings.reasoning);
        if !(0.0..=1.0).contains(&self.density) {
            bail!("--density is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, self.force)
            .reads(&self.files)?
            .reads(self.parts.files())?;
        let is = |head: &[u8]| begins_with_schema(head, "rotescope.spans/");
        let place = match &self.output {
            Some(path) => Some(outputs.file("-o", path, "file of spans", is)?),
            None => None,
        };
        let finder = self.finder()?;
        let mut file = place.map(OutputPlace::create).transpose()?;
        for path in &self.files {
            self.each(path, &finder, |found| {
                match &mut file {
                    Some(file) => writeln!(file, "{}", record(&found))?,
                    None => print(&self.shown(&found))?,
                }
                Ok(())
            })?;
        }
        if let Some(file) = file {
            file.finish()?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn finder(&self) -> Result<Finder> {
        if let Some(service) = remote::span_service(&self.parts.index, &self.parts.remote)? {
            return Ok(Finder::Service(service));
        }
        let Some(corpus) = self.parts.open_index()? else {
            bail!(
                "no index for this model: give one with --index DIR (made by `rotescope index build`)"
            );
        };
        let encoder = encoder_for(&self.parts, corpus.as_ref())?;
        Ok(Finder::Corpus(corpus, encoder))
    }

    /// Does something with what is found of each text of a file.
    fn each(
        &self,
        path: &Path,
        finder: &Finder,
        mut then: impl FnMut(Found) -> Result<()>,
    ) -> Result<()> {
        if !self.given.holds_completions(path) {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            let text = String::from_utf8(text).map_err(|e| {
                let at = e.utf8_error().valid_up_to();
                anyhow::anyhow!(
                    "{}: not UTF-8 from byte {at} on; convert it first",
                    path.display()
                )
            })?;
            return then(self.found(path.display().to_string(), &text, None, finder)?);
        }
        for read in records::read(&[path], &self.given.options(SplitBy::default())) {
            if let Record::Trace(trace) = read?.entry.record {
                then(self.found(trace.prompt.id.clone(), &trace.output, Some(&trace), finder)?)?;
            }
        }
        Ok(())
    }

    /// `trace`: what the text is the completion of.
    fn found(
        &self,
        name: String,
        text: &str,
        trace: Option<&Trace>,
        finder: &Finder,
    ) -> Result<Found> {
        let (corpus, encoder) = match finder {
            Finder::Service(service) => return self.served(name, text, service),
            Finder::Corpus(corpus, encoder) => (corpus.as_ref(), encoder),
        };
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
            shortest: self.shortest,
            self_contained: !self.partial,
            density: self.density,
            most_frequent: self.max_frequency,
        };
        let spans = spans(corpus, &pieces, &options)?;
        Ok(Found {
            documents: sources(corpus, &pieces.ids, pieces.text(), &spans, self.documents)?,
            name,
            text: pieces.text().into(),
            tokens: pieces.ids.len(),
            spans,
        })
    }

    /// As the service has it, which tells only spans that it keeps.
    fn served(&self, name: String, text: &str, service: &OlmoTrace) -> Result<Found> {
        let served = service.spans(
            text,
            &SpanQuestion {
                shortest: self.shortest,
                self_contained: !self.partial,
                density: self.density,
                most_frequent: self.max_frequency,
                documents: self.documents,
            },
        );
        let served = served.with_context(|| format!("{}: {name}", service.address()))?;
        let documents = served.spans.iter().enumerate().flat_map(|(span, s)| {
            let all = s.documents.iter().take(self.documents);
            all.map(move |d| found_document(span, d))
        });
        Ok(Found {
            documents: ranked(text, documents.collect()),
            name,
            text: text.into(),
            tokens: served.tokens,
            spans: served.spans.iter().map(span).collect(),
        })
    }

    fn shown(&self, of: &Found) -> String {
        let (length, found) = (of.tokens, &of.spans);
        let kept = found.iter().filter(|s| s.kept).count();
        let mut out = format!(
            "{}: {} tokens, {:.1} % of them in spans of {LISTED} tokens or more; {} spans, {kept} kept\n",
            line(&of.name),
            grouped(length as u64),
            100.0 * coverage(found, length, LISTED),
            grouped(found.len() as u64),
        );
        let said = |s: &Span| quoted(&of.text[s.bytes[0]..s.bytes[1]]);
        if found.iter().any(|s| s.kept || self.all) {
            out += "  tokens  occurrences  span\n";
        }
        for s in found.iter().filter(|s| s.kept || self.all) {
            let length = s.tokens[1] - s.tokens[0];
            let mark = if s.kept || !self.all {
                ""
            } else {
                "  (not kept)"
            };
            let _ = writeln!(
                out,
                "  {length:>6}  {:>11}  {}{mark}",
                grouped(s.occurrences),
                said(s)
            );
        }
        if !of.documents.is_empty() {
            out += "    BM25  document, the most relevant to the text first\n";
        }
        for d in &of.documents {
            let name =
                d.id.as_ref()
                    .map_or(String::new(), |id| format!(" ({})", line(id)));
            let copies = match d.copies {
                0 => String::new(),
                n => format!(", {n} more of the same text"),
            };
            let spans: Vec<String> = d.spans.iter().map(|(i, _)| said(&found[*i])).collect();
            let _ = writeln!(
                out,
                "  {:>6.1}  {}, line {}{name}{copies}: {}",
                d.bm25,
                line(&d.source),
                d.line,
                spans.join(" · ")
            );
        }
        out + "\n"
    }
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

/// A stretch of text in one line, cut where it is long.
fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = whole.chars().take(MOST).collect();
    let more = if cut.len() < whole.len() { "…" } else { "" };
    format!("\"{}{more}\"", line(&cut))
}

fn record(found: &Found) -> Value {
    let with_text = |s: &Span| {
        let mut span = json!(s);
        span["text"] = found.text[s.bytes[0]..s.bytes[1]].into();
        span
    };
    json!({
        "schema": SCHEMA,
        "id": found.name,
        "tokens": found.tokens,
        "spans": found.spans.iter().map(with_text).collect::<Vec<_>>(),
        "documents": found.documents,
    })
}
