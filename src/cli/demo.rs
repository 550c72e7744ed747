//! `rotescope` alone: one bundled prompt through the whole house, printed.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};

use super::common::{Global, Parts, print};
use super::{report, score};
use crate::run::bundle::Bundle;
use crate::run::prompts;
use crate::themes::THEMES;
use rotescope_report::{Measure, Options, ansi, evidence, picture};

const FILE: &str = "applied-base.jsonl";
const PROMPT: &str = "applied-base-002";

pub fn run(global: &Global) -> Result<ExitCode> {
    let bundle = Bundle::find().ok_or_else(|| anyhow!("the bundled model is not here: run in the folder that holds models/pocket, or set ROTESCOPE_HOME to it"))?;
    let all = prompts::read(&bundle.prompts().join(FILE))?;
    let prompt = all
        .into_iter()
        .find(|p| p.id == PROMPT)
        .with_context(|| format!("{FILE} has no {PROMPT}"))?;
    let trace = score::one(&Parts::default(), &score::Options::default(), &prompt)?;
    let options = Options {
        measure: Measure::Stim,
        theme: THEMES.load(THEMES.names()[0], None)?,
        dark: None,
        depth: report::depth(global.color, true),
        width: report::columns(),
    };
    let mut lines = picture::lines(&trace, &options);
    lines.extend(evidence::lines(&trace, &options));
    print(&ansi::text(&lines, options.depth))?;
    Ok(ExitCode::SUCCESS)
}
