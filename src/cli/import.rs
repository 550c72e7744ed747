//! `rotescope import`: generations of other tools as traces.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::common::{Global, stdout};
use super::given::{ItemArgs, known};
use super::judging::JudgingArgs;
use super::outputs::Outputs;
use super::patterns::matching;
use super::told::Told;
use crate::say;
use rotescope_import::records;
use rotescope_model::CancelToken;
use rotescope_trace::ModelRef;
use rotescope_trace::formats;
use rotescope_trace::jsonl::Record;

#[derive(Debug, clap::Args)]
#[command(after_help = known())]
pub struct ImportArgs {
    /// Files that other tools wrote
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Traces, one JSON line each. Standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    items: ItemArgs,
}

pub fn run(global: &Global, mut args: ImportArgs) -> Result<ExitCode> {
    args.items
        .given
        .marks
        .clone_from(&global.settings.own.reasoning);
    args.files = matching(&args.files)?;
    let mut outputs = Outputs::new(global, args.force).reads(&args.files)?;
    let output = args.output.as_deref();
    let place = output.map(|path| outputs.fresh("-o", path)).transpose()?;
    let options = args.items.options();
    for path in &args.files {
        let format = records::format(path, &options)?;
        let about = format.map_or("traces of rotescope", |f| f.about());
        say!("{}: {about}", path.display());
    }
    let mut file = place.map(super::outputs::OutputPlace::create).transpose()?;
    let writer = formats::writer(output);
    let (mut traces, mut expected, mut right, mut scored, mut skipped) = (0, 0, 0, 0, 0);
    // Which model wrote them is not known for sure: they get the flag for any model.
    let finish = JudgingArgs::default().load(&ModelRef::default())?;
    // On a terminal progress would stand among the traces.
    let shown = output.is_none() && std::io::stdout().is_terminal();
    let mut told = Told::start("records read", None, shown);
    for read in records::read(&args.files, &options) {
        told.step(1, "");
        let Some(located) = args.items.item(read, &mut skipped)? else {
            continue;
        };
        let mut entry = located.entry;
        if let Record::Trace(t) = &mut entry.record {
            if t.import.is_some() && t.judging.is_none() {
                finish.apply(t, &CancelToken::new())?;
            }
            traces += 1;
            expected += usize::from(t.answer.right.is_some());
            right += usize::from(t.answer.right == Some(true));
            scored += usize::from(t.tokens.iter().any(|t| t.probability().is_some()));
        }
        match &mut file {
            Some(file) => writer.write(file, &entry)?,
            None => writer.write(&mut stdout(), &entry)?,
        }
    }
    drop(told);
    if traces == 0 {
        bail!(
            "nothing to import{}",
            if skipped > 0 {
                ": every item was skipped"
            } else {
                ""
            }
        );
    }
    if let Some(file) = file {
        file.finish()?;
    }
    say!(
        "{traces} completions, {right} of {expected} with an expected answer right; {scored} with probabilities; {skipped} skipped"
    );
    Ok(match skipped {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}
