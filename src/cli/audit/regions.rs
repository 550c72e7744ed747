//! `rotescope audit regions`: whether an answer has the numbers and names of a document, its template, both, or neither.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::cli::common::{Global, ModelArgs, print};
use crate::cli::given::GivenArgs;
use crate::cli::open::encoder_for;
use crate::cli::outputs::{OutputPlace, Outputs};
use crate::cli::told::Told;
use rotescope_audit::regions::{Class, RegionOptions, Regions, mitigation, regions};
use rotescope_import::records;
use rotescope_text::SplitBy;
use rotescope_text::sanitize::line;
use rotescope_trace::jsonl::{Record, begins_with_schema};

/// Name and version of a line of the output.
const SCHEMA: &str = "rotescope.regions/1";

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
    /// Write each answer with its sources as a JSON line
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file of another kind
    #[arg(long)]
    force: bool,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    given: GivenArgs,
}

/// An answer, and what its final answer is worth, where that is known.
struct Answer {
    id: String,
    text: String,
    right: Option<bool>,
}

impl RegionsArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.given.marks.clone_from(&global.settings.reasoning);
        if !(0.0..=1.0).contains(&self.tau) {
            bail!("--tau is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, self.force)
            .reads(&self.files)?
            .reads(&self.before)?
            .reads(self.parts.files())?;
        let is = |head: &[u8]| begins_with_schema(head, "rotescope.regions/");
        let place = match &self.output {
            Some(path) => Some(outputs.file("-o", path, "file of regions", is)?),
            None => None,
        };
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
        let of = |answer: &Answer| regions(corpus.as_ref(), &answer.text, &encode, &options);
        let mut file = place.map(OutputPlace::create).transpose()?;
        let mut told = Told::start("answers", None, self.quiet);
        let mut all = Vec::new();
        for answer in self.answers(&self.files)? {
            let found = of(&answer)?;
            if let Some(file) = &mut file {
                writeln!(file, "{}", record(&answer, &found))?;
            }
            told.step(1, &line(&answer.id));
            all.push((answer, found));
        }
        let mut before = BTreeMap::new();
        for answer in self.answers(&self.before)? {
            before.insert(answer.id.clone(), of(&answer)?.class);
            told.step(1, &line(&answer.id));
        }
        drop(told);
        if let Some(file) = file {
            file.finish()?;
        }
        print(&tables(&all, &before))?;
        Ok(ExitCode::SUCCESS)
    }

    fn answers(&self, files: &[PathBuf]) -> Result<Vec<Answer>> {
        let mut out = Vec::new();
        for path in files {
            if !self.given.holds_completions(path) {
                out.push(whole(path)?);
                continue;
            }
            for read in records::read(&[path], &self.given.options(SplitBy::default())) {
                if let Record::Trace(trace) = read?.entry.record {
                    out.push(Answer {
                        id: trace.prompt.id.clone(),
                        right: trace.answer.right,
                        text: trace.output.clone(),
                    });
                }
            }
        }
        Ok(out)
    }
}

fn whole(path: &Path) -> Result<Answer> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(Answer {
        id: path.display().to_string(),
        text,
        right: None,
    })
}

fn record(answer: &Answer, found: &Regions) -> Value {
    json!({
        "schema": SCHEMA,
        "id": answer.id,
        "right": answer.right,
        "class": found.class,
        "coverage": found.coverage,
        "foreground": found.foreground,
        "sources": found.sources,
    })
}

/// Classes with the answers' worth, how many sources a prompt has, the mitigation score.
fn tables(all: &[(Answer, Regions)], before: &BTreeMap<String, Class>) -> String {
    let mut out = String::from("| class | answers | right | wrong |\n|---|--:|--:|--:|\n");
    for class in Class::ALL {
        let of = |right: Option<bool>| {
            let same = |(a, r): &&(Answer, Regions)| {
                r.class == class && (right.is_none() || a.right == right)
            };
            all.iter().filter(same).count()
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            class.name(),
            of(None),
            of(Some(true)),
            of(Some(false))
        );
    }
    out.push_str("\nVM: template, numbers and names stand in a document; FM: numbers and names only; BM: the template only; NM: neither.\n");
    // Of several answers to one prompt.
    let mut hit: BTreeMap<&str, (usize, BTreeSet<u64>)> = BTreeMap::new();
    for (answer, found) in all {
        let prompt = hit.entry(answer.id.as_str()).or_default();
        prompt.0 += 1;
        if let Some(best) = found.sources.first().filter(|s| s.class != Class::Nm) {
            prompt.1.insert(best.document);
        }
    }
    let several: Vec<_> = hit.values().filter(|h| h.0 > 1).collect();
    if !several.is_empty() {
        let many = several.iter().filter(|h| h.1.len() > 1).count();
        let _ = writeln!(
            out,
            "\nOf {} prompts with several answers, {many} draw on more than one document.",
            several.len()
        );
    }
    if !before.is_empty() {
        let pairs: Vec<(Class, Class)> = all
            .iter()
            .filter_map(|(a, r)| Some((*before.get(&a.id)?, r.class)))
            .collect();
        let (was, is): (Vec<Class>, Vec<Class>) = pairs.into_iter().unzip();
        let _ = match mitigation(&was, &is) {
            Some(score) => writeln!(
                out,
                "\nMitigation score over {} answers: {score:.3} (ranks VM 2, FM 1.5, BM .5, NM 0).",
                was.len()
            ),
            None => writeln!(
                out,
                "\nNo answer has the id of one before: no mitigation score."
            ),
        };
    }
    out
}
