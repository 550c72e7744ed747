//! `rotescope pii gate`: what a gate before listed values refuses, what gets around it, what it costs.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::decoding::share;
use crate::cli::common::{ModelArgs, grouped, show};
use crate::run::pii::cost::{Cost, Measured};
use crate::run::pii::gate::{filter, listed};
use crate::run::pii::list;
use rotescope_model::{CancelToken, Engine};
use rotescope_privacy::gate::spelling::Spelling;
use rotescope_privacy::gate::{Gate, Protected};

/// Of --speed.
const TURNS: usize = 15;

#[derive(Debug, clap::Args)]
pub struct GateCommand {
    /// The values: a file with one a line, or what `pii scan --reveal` wrote
    list: PathBuf,
    #[command(flatten)]
    parts: ModelArgs,
    /// So much of a value, from its beginning, is refused as the whole is
    #[arg(long, default_value_t = super::GateArgs::default().gate_share, value_name = "SHARE")]
    gate_share: f64,
    /// Texts that are read for places at which something would be refused
    #[arg(long, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Generate with the gate and without, in turns, and say what it costs
    #[arg(long)]
    speed: bool,
}

impl GateCommand {
    pub fn run(self) -> Result<ExitCode> {
        share(self.gate_share)?;
        let values = list::values(&self.list)?;
        let protected = Protected::new(&values, self.gate_share);
        let engine = self.parts.load_model()?;
        let gate = listed(&protected, &engine).with_context(|| self.list.display().to_string())?;
        let mut out = format!(
            "{} values are protected, {} are too short\n\n| spelling | written | refused |\n|---|--:|--:|\n",
            grouped(protected.values as u64),
            grouped(protected.left_out as u64)
        );
        for row in spellings(&gate, &engine, &values) {
            let _ = writeln!(out, "{row}");
        }
        for path in &self.against {
            let text = std::fs::read(path).with_context(|| path.display().to_string())?;
            let text = String::from_utf8_lossy(&text);
            let _ = writeln!(
                out,
                "\n{}: {} places of {} characters would be refused",
                path.display(),
                grouped(gate.hits(&text) as u64),
                grouped(text.chars().count() as u64)
            );
        }
        show(&out)?;
        if self.speed {
            let cost = Cost {
                engine: &engine,
                filter: Some(filter(gate)),
                mixture: None,
                detectors: None,
                turns: TURNS,
                cancel: &CancelToken::new(),
            };
            let Some(measured) = cost.measure()? else {
                bail!("--speed: the model ends before there is anything to measure");
            };
            show(&said(&measured))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A line for each spelling: how many values can be written so, and how many of those a completion would be stopped in.
///
/// Both as the model's tokenizer writes them and byte by byte: a completion may be cut into tokens anywhere.
fn spellings(gate: &Gate, engine: &Engine, values: &[String]) -> Vec<String> {
    let row = |spelling: Spelling| {
        let (mut written, mut refused) = (0u64, 0u64);
        for value in values {
            let text = spelling.write(value);
            if text == *value && spelling.name != "verbatim" {
                continue;
            }
            let mut stream = gate.stream();
            let tokens = engine.tokenize(&text, false, false);
            let whole = tokens
                .iter()
                .fold(false, |hit, t| gate.push(&mut stream, *t) | hit);
            written += 1;
            refused += u64::from(whole && gate.hits(&text) > 0);
        }
        let hole = match spelling.refused {
            true => "",
            false => " (a hole)",
        };
        format!(
            "| {}{hole} | {} | {} |",
            spelling.name,
            grouped(written),
            grouped(refused)
        )
    };
    Spelling::ALL.into_iter().map(row).collect()
}

fn said(m: &Measured) -> String {
    format!(
        "\n{} tokens a second with the gate, {} without: {:.3} times as long for a token (medians of {} turns, {} tokens each)\n",
        grouped(m.with as u64),
        grouped(m.without as u64),
        m.times,
        m.turns,
        grouped(m.tokens as u64)
    )
}
