//! `rotescope audit regions`: whether an answer has the numbers and names of a document, its template, both, or neither.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::cli::common::{Global, ModelArgs, cancel_on_signal, index_ref, show};
use crate::cli::given::GivenArgs;
use crate::cli::open::encoder_for;
use crate::cli::outputs::Outputs;
use crate::cli::told::Told;
use crate::run::audit::file::AuditFile;
use crate::run::audit::regions::{RegionTally, record};
use rotescope_audit::regions::{RegionOptions, regions};
use rotescope_corpus::Corpus;
use rotescope_corpus::read::names;
use rotescope_import::records;
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
use rotescope_trace::IndexRef;
use rotescope_trace::audit::texts::{AnswerRegions, RegionsLine, TextRef};
use rotescope_trace::audit::{AuditLine, AuditRun};
use rotescope_trace::jsonl::Record;

#[derive(Debug, clap::Args)]
pub struct RegionsArgs {
    /// Texts (a file is one answer), traces, or generations of other tools, of which each completion is one
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Completions of the same prompts before a change, for the mitigation score
    #[arg(long, value_name = "FILE")]
    before: Vec<PathBuf>,
    #[command(flatten)]
    parts: ModelArgs,
    /// From this share on a region is memorized
    #[arg(long, value_name = "SHARE", default_value_t = RegionOptions::default().tau)]
    tau: f64,
    /// Write each answer with its sources as a JSON line; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    given: GivenArgs,
}

/// An answer, and what its final answer is worth, where that is known.
struct Answer {
    text: TextRef,
    said: String,
    right: Option<bool>,
}

impl RegionsArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.given.marks.clone_from(&global.settings.own.reasoning);
        if !(0.0..=1.0).contains(&self.tau) {
            bail!("--tau is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, false)
            .reads(&self.files)?
            .reads(&self.before)?
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
        let encode = |text: &str| -> Vec<u32> {
            let ids = encoder.encode_batch(&[text]).ok();
            ids.and_then(|mut ids| ids.pop()).unwrap_or_default()
        };
        let options = RegionOptions {
            tau: self.tau,
            ..RegionOptions::default()
        };
        let named = json!({
            "files": names(&self.files),
            "before": names(&self.before),
            "tau": self.tau,
        });
        let run = of_index(corpus.as_ref(), named);
        let mut all = RegionTally::default();
        let mut each = |line: &RegionsLine| line.record.iter().for_each(|a| all.add(a));
        let open = |path: &PathBuf| AuditFile::open(path, &run, &mut each);
        let mut file = self.output.as_ref().map(open).transpose()?;
        let cancel = cancel_on_signal()?;
        let mut told = Told::start("answers", None, self.quiet);
        for (before, files) in [(false, &self.files), (true, &self.before)] {
            for answer in self.answers(files)? {
                if cancel.is_cancelled() {
                    bail!("stopped; what is done is kept, and the same command goes on");
                }
                let empty = RegionsLine::of(AnswerRegions {
                    text: answer.text.clone(),
                    before,
                    ..AnswerRegions::default()
                });
                if let (Some(file), Some(key)) = (&file, empty.key())
                    && file.holds(&key)
                {
                    told.skip(1);
                    continue;
                }
                let found = regions(corpus.as_ref(), &answer.said, &encode, &options)?;
                let record = record(answer.text, before, answer.right, &found);
                told.step(1, &line(&record.text.id));
                all.add(&record);
                if let Some(file) = &mut file {
                    file.append(&[RegionsLine::of(record)])?;
                }
            }
        }
        drop(told);
        show(&all.tables())?;
        Ok(ExitCode::SUCCESS)
    }

    fn answers(&self, files: &[PathBuf]) -> Result<Vec<Answer>> {
        let mut out = Vec::new();
        for (path, name) in files.iter().zip(names(files)) {
            if !self.given.holds_completions(path) {
                out.push(whole(path, name)?);
                continue;
            }
            let options = self.given.options(SplitBy::default());
            for (number, read) in records::read(&[path], &options).enumerate() {
                if let Record::Trace(trace) = read?.entry.record {
                    out.push(Answer {
                        text: TextRef {
                            file: name.clone(),
                            number,
                            id: trace.prompt.id.clone(),
                        },
                        right: trace.answer.right,
                        said: trace.output.clone(),
                    });
                }
            }
        }
        Ok(out)
    }
}

fn whole(path: &Path, name: String) -> Result<Answer> {
    let said = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(Answer {
        text: TextRef {
            file: name.clone(),
            number: 0,
            id: name,
        },
        said,
        right: None,
    })
}

/// What is asked of an index, where no model is asked. `settings`: an object of what changes a record.
pub fn of_index(corpus: &dyn Corpus, settings: Value) -> AuditRun {
    run_over(index_ref(corpus), settings)
}

/// The same, of an index as it is called.
pub fn run_over(index: IndexRef, settings: Value) -> AuditRun {
    AuditRun {
        rotescope: env!("CARGO_PKG_VERSION").into(),
        index: Some(index),
        settings: match settings {
            Value::Object(all) => all,
            _ => Map::new(),
        },
        ..AuditRun::default()
    }
}
