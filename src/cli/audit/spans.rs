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
use crate::cli::index::own_tokenizer;
use crate::cli::outputs::{OutputPlace, Outputs};
use crate::run::encoder::encoder;
use rotescope_audit::spans::coverage;
use rotescope_audit::{Pieces, SourceDocument, Span, SpanOptions, sources, spans};
use rotescope_corpus::Corpus;
use rotescope_import::records;
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
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
    /// Keep no span that occurs more often
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

/// One text of the files.
struct Text {
    name: String,
    pieces: Pieces,
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
        let Some(corpus) = self.parts.open_index()? else {
            bail!(
                "no index for this model: give one with --index DIR (made by `rotescope index build`)"
            );
        };
        let encoder = encoder_for(&self.parts, corpus.as_ref())?;
        let mut file = place.map(OutputPlace::create).transpose()?;
        let options = SpanOptions {
            shortest: self.shortest,
            self_contained: !self.partial,
            density: self.density,
            most_frequent: self.max_frequency,
        };
        for path in &self.files {
            for text in self.texts(path, encoder.as_ref(), &corpus)? {
                let found = spans(corpus.as_ref(), &text.pieces, &options)?;
                let ids = &text.pieces.ids;
                let behind = sources(
                    corpus.as_ref(),
                    ids,
                    text.pieces.text(),
                    &found,
                    self.documents,
                )?;
                match &mut file {
                    Some(file) => writeln!(file, "{}", record(&text, &found, &behind))?,
                    None => print(&self.shown(&text, &found, &behind))?,
                }
            }
        }
        if let Some(file) = file {
            file.finish()?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The texts of a file.
    fn texts(
        &self,
        path: &Path,
        encoder: &dyn Encode,
        corpus: &Arc<dyn Corpus>,
    ) -> Result<Vec<Text>> {
        let pieces = |ids: Vec<u32>| {
            let bytes: Vec<Vec<u8>> = ids.iter().map(|id| encoder.token_bytes(*id)).collect();
            Pieces::new(ids, &bytes)
        };
        let encoded = |text: &str| -> Result<Pieces> {
            let ids = encoder.encode_batch(&[text])?.pop();
            Ok(pieces(ids.context("the tokenizer gave no answer")?))
        };
        if !self.given.holds_completions(path) {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            let text = String::from_utf8(text).map_err(|e| {
                let at = e.utf8_error().valid_up_to();
                anyhow::anyhow!(
                    "{}: not UTF-8 from byte {at} on; convert it first",
                    path.display()
                )
            })?;
            let name = path.display().to_string();
            return Ok(vec![Text {
                name,
                pieces: encoded(&text)?,
            }]);
        }
        let tokenizer = corpus.info().tokenizer;
        let mut out = Vec::new();
        for read in records::read(&[path], &self.given.options(SplitBy::default())) {
            let Record::Trace(trace) = read?.entry.record else {
                continue;
            };
            // Tokens as the model wrote them, where they are the corpus' own.
            let own = !trace.tokens.is_empty() && trace.model.tokenizer == tokenizer;
            out.push(Text {
                name: trace.prompt.id.clone(),
                pieces: match own {
                    true => pieces(trace.tokens.iter().map(|t| t.id).collect()),
                    false => encoded(&trace.output)?,
                },
            });
        }
        Ok(out)
    }

    fn shown(&self, text: &Text, found: &[Span], behind: &[SourceDocument]) -> String {
        let length = text.pieces.ids.len();
        let kept = found.iter().filter(|s| s.kept).count();
        let mut out = format!(
            "{}: {} tokens, {:.1} % of them in spans of {LISTED} tokens or more; {} spans, {kept} kept\n",
            line(&text.name),
            grouped(length as u64),
            100.0 * coverage(found, length, LISTED),
            grouped(found.len() as u64),
        );
        let said = |s: &Span| quoted(&text.pieces.text()[s.bytes[0]..s.bytes[1]]);
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
        if !behind.is_empty() {
            out += "    BM25  document, the most relevant to the text first\n";
        }
        for d in behind {
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

/// A stretch of text in one line, cut where it is long.
fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = whole.chars().take(MOST).collect();
    let more = if cut.len() < whole.len() { "…" } else { "" };
    format!("\"{}{more}\"", line(&cut))
}

fn record(text: &Text, found: &[Span], behind: &[SourceDocument]) -> Value {
    let with_text = |s: &Span| {
        let mut span = json!(s);
        span["text"] = text.pieces.text()[s.bytes[0]..s.bytes[1]].into();
        span
    };
    json!({
        "schema": SCHEMA,
        "id": text.name,
        "tokens": text.pieces.ids.len(),
        "spans": found.iter().map(with_text).collect::<Vec<_>>(),
        "documents": behind,
    })
}

/// The tokenizer of an index: the model's, where that is given.
pub fn encoder_for(parts: &ModelArgs, corpus: &dyn Corpus) -> Result<Box<dyn Encode>> {
    let info = corpus.info();
    let Some(path) = &parts.model else {
        return own_tokenizer(&info).with_context(|| {
            format!("the tokenizer of the index is needed: give the model with --model (the index was made with {})", info.tokenizer_name)
        });
    };
    let encoder = encoder(Some(path), None)?;
    info.expect_tokenizer(encoder.fingerprint(), &path.display().to_string())?;
    Ok(encoder)
}
