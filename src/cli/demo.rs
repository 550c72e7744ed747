//! `rotescope` alone, without a terminal: one bundled prompt scored and printed.

use std::process::ExitCode;

use anyhow::{Context, Result};

use super::common::{Global, ModelArgs, print};
use super::{report, score};
use crate::run::prompts;
use crate::shipped;
use crate::themes::THEMES;
use rotescope_report::{Measure, ReportOptions, ansi, evidence, picture};

pub fn run(global: &Global) -> Result<ExitCode> {
    let bundle = shipped::bundle()?;
    let demo = bundle.demo();
    let file = bundle.prompts(demo.prompts)?;
    let prompt = prompts::read_plainly(&file)?
        .into_iter()
        .find(|p| p.id == demo.id)
        .with_context(|| format!("{} has no {}", file.display(), demo.id))?;
    let trace = score::one(
        &ModelArgs::default(),
        &score::ScoreOptions::default(),
        &prompt,
    )?;
    let options = ReportOptions {
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
