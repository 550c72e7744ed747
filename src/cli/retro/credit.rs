//! `rotescope retro credit`: the documents of the index that carry answers.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;

use super::parts::{both, weights};
use crate::cli::audit::texts::resumable;
use crate::cli::common::{Global, ModelArgs, cancel_on_signal, check_tokenizer, index_ref, show};
use crate::cli::outputs::Outputs;
use crate::cli::patterns::matching;
use crate::cli::told::Told;
use crate::run::audit::file::AuditFile;
use crate::run::retro::credit::Crediting;
use crate::run::retro::tokens::{infinigram, spelled};
use rotescope_corpus::read::names;
use rotescope_retro::Weights;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::retro::RetroCredit;
use rotescope_trace::audit::texts::TextRef;
use rotescope_trace::audit::{AuditRun, RecordLine};
use rotescope_trace::files;
use rotescope_trace::jsonl::Record;

/// Said with every table.
const WHOSE: &str = "Leave-one-out retrieval: how much less likely the mixture would find the answer if the index lacked a document and its near-duplicates. It is the index's share; what the weights keep of a document is not measured.\n";

#[derive(Debug, clap::Args)]
pub struct CreditArgs {
    /// Traces, as `score` writes them
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    #[command(flatten)]
    parts: ModelArgs,
    /// How much of the mixture is the corpus, from 0 to 1: W, or SPARSE/SEVERAL
    #[arg(long, value_name = "W", default_value = "0.25", value_parser = weights)]
    lam: Weights,
    /// Tokens whose suffix stands at more places of the index credit no document
    #[arg(long, default_value_t = 64, value_name = "N")]
    places: usize,
    /// Documents that are named for each answer
    #[arg(long, default_value_t = 5, value_name = "N")]
    top: usize,
    /// Least similarity of near-duplicates: the share of runs of three tokens that both have (Jaccard), as MinHash estimates it
    #[arg(long, default_value_t = 0.8, value_name = "SHARE")]
    similarity: f64,
    /// Write a JSON line for each trace; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
}

impl CreditArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if self.lam.are_zero() {
            bail!("--lam 0 is the model alone, which no document of the index carries");
        }
        if !(self.similarity > 0.0 && self.similarity <= 1.0) {
            bail!("--similarity is a share, above 0 and 1 at most");
        }
        self.traces = matching(&self.traces)?;
        let mut outputs = Outputs::new(global, false)
            .reads(&self.traces)?
            .reads(self.parts.files())?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let (corpus, engine, model) = both(&self.parts)?;
        let cancel = cancel_on_signal()?;
        let run = AuditRun {
            rotescope: env!("CARGO_PKG_VERSION").into(),
            model,
            index: Some(index_ref(corpus.as_ref())),
            settings: self.named(),
        };
        let mut out = String::new();
        let mut each = |line: &RecordLine<RetroCredit>| {
            line.record.iter().for_each(|r| table(&mut out, r));
        };
        let path = self.output.as_deref();
        let file = path.map(|p| AuditFile::<RecordLine<RetroCredit>>::open(p, &run, &mut each));
        let mut file = file.transpose()?;
        let crediting = Crediting {
            retriever: infinigram(&corpus, &engine),
            corpus: corpus.clone(),
            weights: self.lam,
            most: self.places,
            top: self.top,
            similarity: self.similarity,
            spell: &|ids| spelled(&engine, ids),
            cancel: &cancel,
        };
        let mut told = Told::start("answers", None, self.quiet);
        for (path, name) in self.traces.iter().zip(names(&self.traces)) {
            for (number, read) in files::read(&[path]).enumerate() {
                let Record::Trace(trace) = read?.entry.record else {
                    continue;
                };
                // Its tokens are those of the index.
                check_tokenizer(&trace.model, corpus.as_ref())?;
                let text = TextRef {
                    file: name.clone(),
                    number,
                    id: trace.prompt.id.clone(),
                };
                if file.as_ref().is_some_and(|f| f.holds(&text.key())) {
                    told.skip(1);
                    continue;
                }
                let made = crediting.credit(text, &trace);
                let made = made.map_err(|e| resumable(e, file.is_some()))?;
                table(&mut out, &made);
                told.step(1, &line(&made.text.id));
                if let Some(file) = &mut file {
                    file.append(&[RecordLine::of(made)])?;
                }
            }
        }
        drop(told);
        show(&(out + WHOSE))?;
        Ok(ExitCode::SUCCESS)
    }

    fn named(&self) -> serde_json::Map<String, serde_json::Value> {
        let all = json!({
            "files": names(&self.traces),
            "lam": [self.lam.sparse(), self.lam.dense()],
            "places": self.places,
            "top": self.top,
            "similarity": self.similarity,
        });
        match all {
            serde_json::Value::Object(all) => all,
            _ => serde_json::Map::new(),
        }
    }
}

/// The documents of an answer, as Markdown.
fn table(out: &mut String, r: &RetroCredit) {
    let one_line = |text: &str| text.replace('\n', "⏎").replace('|', "\\|");
    let _ = write!(
        out,
        "{}: {} tokens, {} of them too common to credit; ln p of the model {:.2}, of the mixture {:.2}\n\n",
        one_line(&r.text.id),
        r.tokens,
        r.common,
        r.model,
        r.mixture
    );
    if r.documents.is_empty() {
        out.push_str("No document makes it more likely.\n\n");
        return;
    }
    out.push_str("| document | copies | share | nats | tokens | where it carries most |\n|---|--:|--:|--:|--:|---|\n");
    for d in &r.documents {
        let name = match &d.id {
            Some(id) => format!("{} ({})", d.document, one_line(id)),
            None => d.document.to_string(),
        };
        let _ = writeln!(
            out,
            "| {name} | {} | {:.1} % | {:.2} | {} | {}«{}» |",
            d.copies.len(),
            d.share * 100.0,
            d.credit,
            d.tokens,
            one_line(&d.before),
            one_line(&d.token)
        );
    }
    out.push('\n');
}
