//! `rotescope judge`: answers, equations and steps of completions, without model and index.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::common::{Global, print};
use super::given::{ItemArgs, known};
use super::labels::LabelArgs;
use super::outputs::Outputs;
use super::patterns::matching;
use super::told::Told;
use crate::say;
use rotescope_import::judged::{Judged, Tally};
use rotescope_import::reading;
use rotescope_import::records::{self, Given, RecordsError};
use rotescope_judge::judge;
use rotescope_text::think::ReasoningMarks;
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{Record, begins_with_schema};

#[derive(Debug, clap::Args)]
#[command(after_help = known())]
pub struct JudgeArgs {
    /// Traces, or files that other tools wrote
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// One record a completion, as JSON lines. Only the summary if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file of another kind
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    labels: LabelArgs,
    /// The summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    items: ItemArgs,
}

/// Completions that are judged side by side.
const BATCH: usize = 512;

pub fn run(global: &Global, mut args: JudgeArgs) -> Result<ExitCode> {
    let marks = &global.settings.own.reasoning;
    args.items.given.marks.clone_from(marks);
    args.files = matching(&args.files)?;
    let began = Instant::now();
    let mut outputs = Outputs::new(global, args.force).reads(&args.files)?;
    let is = |head: &[u8]| begins_with_schema(head, "rotescope.judged/");
    let output = args.output.as_deref();
    let place = output.map(|path| outputs.file("-o", path, "file of judged completions", is));
    let mut file = place
        .transpose()?
        .map(super::outputs::OutputPlace::create)
        .transpose()?
        .map(BufWriter::new);
    let options = args.items.options();
    let labels = args.labels.fields();
    let one = |given: Given| -> Result<Option<Judged>, RecordsError> {
        let ours = matches!(given, Given::Record(_));
        let Record::Trace(mut trace) = given.located(&options)?.entry.record else {
            return Ok(None);
        };
        if ours {
            again(&mut trace, marks);
        }
        Ok(Some(Judged::of(&trace, &labels)))
    };
    let (mut tally, mut skipped) = (Tally::default(), 0);
    let mut all = records::given(&args.files, &options);
    let mut told = Told::start("completions judged", None, false);
    loop {
        let batch: Vec<_> = all.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let judged: Vec<_> = batch.into_par_iter().map(|g| one(g?)).collect();
        for judged in judged {
            let Some(Some(judged)) = args.items.item(judged, &mut skipped)? else {
                continue;
            };
            tally.add(&judged);
            if let Some(file) = &mut file {
                serde_json::to_writer(&mut *file, &judged)?;
                file.write_all(b"\n")?;
            }
        }
        told.reach(tally.completions, 0, "");
    }
    drop(told);
    if tally.completions == 0 {
        bail!("no completions to judge");
    }
    if let Some(file) = file {
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .finish()?;
    }
    print(&if args.json {
        serde_json::to_string_pretty(&tally)? + "\n"
    } else {
        summary(&tally)
    })?;
    say!(
        "{} completions in {:.2} s; {skipped} skipped",
        tally.completions,
        began.elapsed().as_secs_f64()
    );
    Ok(match skipped {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}

/// Reads and judges a trace anew, with its steps as they are cut.
fn again(trace: &mut Trace, marks: &ReasoningMarks) {
    let output = rotescope_judge::output_text(trace).into_bytes();
    let steps = std::mem::take(&mut trace.steps);
    trace.prompt.answer = trace.answer.expected.take();
    reading::read(trace, &output, marks);
    trace.steps = steps;
    judge(trace);
}

fn summary(t: &Tally) -> String {
    let share = |k: usize, n: usize| match n {
        0 => format!("{k} of 0"),
        n => format!("{k} of {n} ({:.1} %)", 100.0 * k as f64 / n as f64),
    };
    let mut lines = vec![
        format!("completions           {}", t.completions),
        format!("answer right          {}", share(t.right, t.expected)),
        format!("no answer found       {}", t.unanswered),
        format!("steps with a verdict  {}", share(t.judged, t.steps)),
        format!("steps called wrong    {}", t.wrong_steps),
    ];
    if t.labelled > 0 {
        let wrong = t.labelled - t.labelled_right;
        let (most, word) = match t.labelled_right > wrong {
            true => (t.labelled_right, "right"),
            false => (wrong, "wrong"),
        };
        lines.push(format!(
            "labels of answers     {} alike; {most} for one who always says {word}",
            share(t.agreed, t.labelled)
        ));
    }
    if t.misfits > 0 {
        lines.push(format!(
            "labels of steps       {} that do not fit their completions",
            t.misfits
        ));
    }
    if let Some(f1) = t.f1() {
        lines.push(format!(
            "first wrong step      {} named",
            share(t.named, t.flawed)
        ));
        lines.push(format!(
            "clean completions     {} without a wrong step",
            share(t.spared, t.clean)
        ));
        // Who names nothing spares every clean completion.
        lines.push(format!(
            "F1 (ProcessBench)     {f1:.3}; 0 for one who names no step"
        ));
    }
    lines.join("\n") + "\n"
}
