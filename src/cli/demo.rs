//! `rotescope` alone: one bundled prompt through the whole house, printed.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};

use super::common::{Global, Parts, print};
use super::{paint, score};
use crate::run::bundle::Bundle;
use crate::run::prompts;

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
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let width = terminal_size::terminal_size()
        .map(|(w, _)| usize::from(w.0))
        .or(columns)
        .unwrap_or(100);
    print(&paint::trace(&trace, width, global.color.wanted(true)))?;
    Ok(ExitCode::SUCCESS)
}
