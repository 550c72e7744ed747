//! `rotescope audit spans`: what of a text stands in a corpus.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::regions::{displayed, of_index};

use crate::cli::common::{Global, ModelArgs, grouped, print};
use crate::cli::given::GivenArgs;
use crate::cli::open::encoder_for;
use crate::cli::outputs::Outputs;
use crate::run::audit::file::AuditFile;
use rotescope_audit::spans::coverage;
use rotescope_audit::{Pieces, SourceDocument, Span, SpanOptions, sources, spans};
use rotescope_corpus::Corpus;
use rotescope_import::records;
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::AuditRecord;
use rotescope_trace::audit::texts::{SpansLine, TextRef, TextSpans};
use rotescope_trace::jsonl::Record;
use rotescope_vocab::Encode;

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
    /// Write all spans and documents as JSON, one line a text; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    given: GivenArgs,
}

/// One text of the files.
struct Text {
    of: TextRef,
    pieces: Pieces,
}

impl SpansArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.given.marks.clone_from(&global.settings.reasoning);
        if !(0.0..=1.0).contains(&self.density) {
            bail!("--density is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, false)
            .reads(&self.files)?
            .reads(self.parts.files())?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let Some(corpus) = self.parts.open_index()? else {
            bail!(
                "no index for this model: give one with --index DIR (made by `rotescope index build`)"
            );
        };
        let encoder = encoder_for(&self.parts, corpus.as_ref())?;
        let named = json!({
            "files": displayed(&self.files),
            "shortest": self.shortest,
            "density": self.density,
            "max-frequency": self.max_frequency,
            "documents": self.documents,
            "partial": self.partial,
        });
        let run = of_index(corpus.as_ref(), named);
        let open = |path: &PathBuf| AuditFile::open(path, &run, &mut |_: &SpansLine| ());
        let mut file = self.output.as_ref().map(open).transpose()?;
        let options = SpanOptions {
            shortest: self.shortest,
            self_contained: !self.partial,
            density: self.density,
            most_frequent: self.max_frequency,
        };
        for path in &self.files {
            for text in self.texts(path, encoder.as_ref(), &corpus)? {
                let asked = TextSpans {
                    text: text.of.clone(),
                    tokens: text.pieces.ids.len(),
                    ..TextSpans::default()
                };
                if file.as_ref().is_some_and(|f| f.holds(&asked.key())) {
                    continue;
                }
                let found = spans(corpus.as_ref(), &text.pieces, &options)?;
                let behind = sources(
                    corpus.as_ref(),
                    &text.pieces.ids,
                    text.pieces.text(),
                    &found,
                    self.documents,
                )?;
                match &mut file {
                    Some(file) => {
                        file.append(&[SpansLine::of(record(asked, &text, &found, &behind))])?;
                    }
                    None => print(&self.shown(&text, &found, &behind))?,
                }
            }
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
                of: TextRef {
                    file: name.clone(),
                    number: 0,
                    id: name,
                },
                pieces: encoded(&text)?,
            }]);
        }
        let tokenizer = corpus.info().tokenizer;
        let mut out = Vec::new();
        let options = self.given.options(SplitBy::default());
        for (number, read) in records::read(&[path], &options).enumerate() {
            let Record::Trace(trace) = read?.entry.record else {
                continue;
            };
            // Tokens as the model wrote them, where they are the corpus' own.
            let own = !trace.tokens.is_empty() && trace.model.tokenizer == tokenizer;
            out.push(Text {
                of: TextRef {
                    file: path.display().to_string(),
                    number,
                    id: trace.prompt.id.clone(),
                },
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
            line(&text.of.id),
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

fn record(asked: TextSpans, text: &Text, found: &[Span], behind: &[SourceDocument]) -> TextSpans {
    let with_text = |s: &Span| {
        let mut span = json!(s);
        span["text"] = text.pieces.text()[s.bytes[0]..s.bytes[1]].into();
        span
    };
    TextSpans {
        spans: found.iter().map(with_text).collect(),
        documents: behind.iter().map(|d| json!(d)).collect(),
        ..asked
    }
}
