//! `rotescope perturb`: a file of prompts in, a file of changed prompts out.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::common::{Global, ModelArgs, print};
use super::given::FieldArgs;
use super::outputs::{OutputPlace, Outputs};
use crate::run::frequencies::CorpusFrequencies;
use crate::run::prompts;
use crate::say;
use rotescope_study::perturb::{Frequencies, OPERATORS, Plan};
use rotescope_trace::Prompt;

#[derive(Debug, clap::Args)]
pub struct PerturbArgs {
    /// Prompts: JSON lines, or plain text with one prompt a line; bundle:NAME is a bundled file, - is standard input
    #[arg(required_unless_present = "list")]
    prompts: Option<PathBuf>,
    /// What to do, as OP or OP:option or OP:name=option,name=option; may be given several times, applied in order
    #[arg(
        long = "operator",
        alias = "with",
        value_name = "OP",
        required_unless_present = "list"
    )]
    operators: Vec<String>,
    /// The same seed and prompt give the same change
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Index for the operators that ask how frequent a word is, given several times the sum of all; the bundled one if not given
    #[arg(short, long, env = "ROTESCOPE_INDEX", value_name = "DIR")]
    index: Vec<PathBuf>,
    /// Where to write the changed prompts; must not exist. Standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    fields: FieldArgs,
    /// A prompt that cannot be changed is an error
    #[arg(long)]
    strict: bool,
    /// List all operators, their options and their sources
    #[arg(long)]
    list: bool,
}

/// The index that a plan asks, if it asks one.
pub fn frequencies(plan: &Plan, parts: &ModelArgs) -> Result<Option<CorpusFrequencies>> {
    if !plan.needs_corpus() {
        return Ok(None);
    }
    match parts.open_index()? {
        Some(index) => Ok(Some(CorpusFrequencies::new(index))),
        None => bail!(
            "{} needs the counts of a corpus: give an index with --index DIR",
            plan.name()
        ),
    }
}

/// The changed prompt, or in words why it cannot be changed.
pub fn changed(
    plan: &Plan,
    prompt: &Prompt,
    corpus: Option<&CorpusFrequencies>,
) -> Result<Prompt, String> {
    prompts::changed(prompt, plan, corpus.map(|c| c as &dyn Frequencies)).map_err(|e| e.to_string())
}

pub fn run(global: &Global, args: PerturbArgs) -> Result<ExitCode> {
    if args.list {
        print(&listing())?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &args.prompts else {
        bail!("no file of prompts given");
    };
    let plan = Plan::parse(&args.operators, args.seed)?;
    let output = args.output.as_deref();
    let output = output
        .map(|out| {
            Outputs::new(global, args.force)
                .reads([path])?
                .reads(&args.index)?
                .fresh("-o", out)
        })
        .transpose()?;
    let all = super::given::prompts(path, &args.fields)?;
    let parts = ModelArgs {
        index: args.index,
        ..Default::default()
    };
    let corpus = frequencies(&plan, &parts)?;
    let mut output = output.map(OutputPlace::create).transpose()?;
    let (mut done, mut skipped, mut unknown) = (0_usize, Vec::new(), 0_usize);
    for prompt in &all {
        match changed(&plan, prompt, corpus.as_ref()) {
            Ok(new) => {
                unknown += usize::from(new.answer.is_none() && prompt.answer.is_some());
                let line = serde_json::to_string(&new)? + "\n";
                match &mut output {
                    Some(file) => file.write_all(line.as_bytes())?,
                    None => print(&line)?,
                }
                done += 1;
            }
            Err(reason) if args.strict => {
                bail!(
                    "{}: {}: {reason}; without --strict it is left out",
                    path.display(),
                    prompt.id
                )
            }
            Err(reason) => skipped.push((prompt.id.as_str(), reason)),
        }
    }
    if done == 0 {
        let (id, reason) = &skipped[0];
        bail!(
            "{}: none of {} prompts can be changed; the first, {id}: {reason}",
            path.display(),
            all.len()
        );
    }
    if let Some(file) = output {
        file.finish()?;
    }
    for (id, reason) in &skipped {
        say!("left out: {id}: {reason}");
    }
    say!(
        "{done} of {} prompts changed by {}, seed {}; {} left out, {unknown} without a known answer",
        all.len(),
        plan.name(),
        plan.seed,
        skipped.len()
    );
    Ok(if skipped.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn listing() -> String {
    let mut out = String::new();
    for o in OPERATORS {
        out += &format!("{}: {}\n", o.name, o.doc);
        for option in o.options {
            out += &format!(
                "    {}: {} ({})\n",
                option.name,
                option.doc,
                option.kind.describe()
            );
        }
        out += &format!("    source: {}\n", o.source);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_documented() {
        let doc = include_str!("../../docs/perturb.md");
        for o in OPERATORS {
            let named = [format!("`{}`", o.name), format!("`{}[", o.name)];
            let has = |what: &String| doc.contains(what.as_str());
            assert!(named.iter().any(has), "docs/perturb.md lacks {}", o.name);
        }
    }
}
