//! `rotescope audit spans`: what of a text stands in a corpus.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::finder::{Finder, Found};
use crate::cli::common::{Global, ModelArgs, grouped, print};
use crate::cli::given::GivenArgs;
use crate::cli::outputs::Outputs;
use crate::run::audit::file::AuditFile;
use rotescope_audit::spans::coverage;
use rotescope_audit::{SourceDocument, Span, SpanOptions};
use rotescope_corpus::read::names;
use rotescope_import::records;
use rotescope_remote::SpanQuestion;
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
use rotescope_trace::Trace;
use rotescope_trace::audit::AuditRecord;
use rotescope_trace::audit::texts::{SpanDocument, SpansLine, TextRef, TextSpan, TextSpans};
use rotescope_trace::jsonl::Record;

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
    /// Write all spans and documents as JSON, one line a text; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    given: GivenArgs,
}

impl SpansArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.given.marks.clone_from(&global.settings.own.reasoning);
        if !(0.0..=1.0).contains(&self.density) {
            bail!("--density is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, false)
            .reads(&self.files)?
            .reads(self.parts.files())?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let finder = Finder::open(&self.parts)?;
        let run = finder.run(json!({
            "files": names(&self.files),
            "shortest": self.shortest,
            "density": self.density,
            "max-frequency": self.max_frequency,
            "documents": self.documents,
            "partial": self.partial,
        }));
        let open = |path: &PathBuf| AuditFile::open(path, &run, &mut |_: &SpansLine| ());
        let mut file = self.output.as_ref().map(open).transpose()?;
        let wanted = SpanQuestion {
            shortest: self.shortest,
            self_contained: !self.partial,
            density: self.density,
            most_frequent: self.max_frequency,
            documents: self.documents,
        };
        for (path, name) in self.files.iter().zip(names(&self.files)) {
            self.each(path, name, |of, text, trace| {
                let asked = TextSpans {
                    text: of,
                    ..TextSpans::default()
                };
                if file.as_ref().is_some_and(|f| f.holds(&asked.key())) {
                    return Ok(());
                }
                let found = finder.find(text, trace, &wanted);
                let found = found.with_context(|| asked.text.id.clone())?;
                match &mut file {
                    Some(file) => file.append(&[SpansLine::of(record(asked, &found))])?,
                    None => print(&self.shown(&asked.text.id, &found))?,
                }
                Ok(())
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Does something with each text of a file, which is called `file`, and with what it is the completion of.
    fn each(
        &self,
        path: &Path,
        file: String,
        mut then: impl FnMut(TextRef, &str, Option<&Trace>) -> Result<()>,
    ) -> Result<()> {
        if !self.given.holds_completions(path) {
            let shown = path.display();
            let text = std::fs::read(path).with_context(|| shown.to_string())?;
            let text = String::from_utf8(text).map_err(|e| {
                let at = e.utf8_error().valid_up_to();
                anyhow::anyhow!("{shown}: not UTF-8 from byte {at} on; convert it first")
            })?;
            let id = file.clone();
            let number = 0;
            return then(TextRef { file, number, id }, &text, None);
        }
        let options = self.given.options(SplitBy::default());
        for (number, read) in records::read(&[path], &options).enumerate() {
            if let Record::Trace(trace) = read?.entry.record {
                let of = TextRef {
                    file: file.clone(),
                    number,
                    id: trace.prompt.id.clone(),
                };
                then(of, &trace.output, Some(&trace))?;
            }
        }
        Ok(())
    }

    fn shown(&self, id: &str, of: &Found) -> String {
        let (length, found) = (of.tokens, &of.spans);
        let kept = found.iter().filter(|s| s.kept).count();
        let mut out = format!(
            "{}: {} tokens, {:.1} % of them in spans of {LISTED} tokens or more; {} spans, {kept} kept\n",
            line(id),
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

/// A stretch of text in one line, cut where it is long.
fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = whole.chars().take(MOST).collect();
    let more = if cut.len() < whole.len() { "…" } else { "" };
    format!("\"{}{more}\"", line(&cut))
}

fn record(asked: TextSpans, found: &Found) -> TextSpans {
    let span = |s: &Span| TextSpan {
        tokens: s.tokens,
        bytes: s.bytes,
        occurrences: s.occurrences,
        unigram_logprob: s.unigram_logprob,
        kept: s.kept,
        text: found.text[s.bytes[0]..s.bytes[1]].into(),
    };
    let document = |d: &SourceDocument| SpanDocument {
        document: d.document,
        id: d.id.clone(),
        source: d.source.clone(),
        line: d.line,
        bm25: d.bm25,
        copies: d.copies,
        spans: d.spans.clone(),
    };
    TextSpans {
        tokens: found.tokens,
        spans: found.spans.iter().map(span).collect(),
        documents: found.documents.iter().map(document).collect(),
        ..asked
    }
}
