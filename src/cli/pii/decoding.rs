//! What completions are kept from saying: options of every command that generates.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::source::kind;
use crate::run::pii::gate::{DecodeGate, filter, listed};
use crate::run::pii::list;
use rotescope_model::Engine;
use rotescope_privacy::gate::Protected;
use rotescope_privacy::{Country, Detectors, Kind};
use rotescope_trace::GateRef;

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "What is kept from being said")]
pub struct GateArgs {
    /// Values that no completion may hold, in whatever spelling: a file with one a line, or what `pii scan --reveal` wrote
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,
    /// So much of a listed value, from its beginning, is refused as the whole is (7 letters or digits at least); 1 refuses only whole values
    #[arg(long, default_value_t = GateArgs::default().gate_share, value_name = "SHARE")]
    pub gate_share: f64,
    /// Placeholders stand for values of these kinds, listed or not; lines are shown when they have ended
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', value_parser = kind)]
    pub gate_kinds: Vec<Kind>,
}

impl Default for GateArgs {
    fn default() -> Self {
        GateArgs {
            gate: None,
            gate_share: 0.8,
            gate_kinds: Vec::new(),
        }
    }
}

impl GateArgs {
    /// The gate that was asked for, if one was.
    ///
    /// # Errors
    /// A list that cannot be read, or has nothing to protect.
    pub fn open(&self, engine: &Engine) -> Result<Option<DecodeGate>> {
        share(self.gate_share)?;
        if self.gate.is_none() && self.gate_kinds.is_empty() {
            return Ok(None);
        }
        let mut reference = GateRef {
            share: self.gate_share,
            kinds: self.gate_kinds.iter().map(|k| k.name().into()).collect(),
            ..GateRef::default()
        };
        let mut refusing = None;
        if let Some(path) = &self.gate {
            let values = list::values(path)?;
            let protected = Protected::new(&values, self.gate_share);
            let gate = listed(&protected, engine).with_context(|| path.display().to_string())?;
            refusing = Some(filter(gate));
            if protected.left_out > 0 {
                crate::say!(
                    "warning: {}: {} values are not protected, for they are too short to tell from other text",
                    path.display(),
                    protected.left_out
                );
            }
            let name = path.file_name().unwrap_or_default();
            reference.file = name.to_string_lossy().into_owned();
            reference.check = list::check(&values);
            (reference.values, reference.left_out) = (protected.values, protected.left_out);
        }
        let countries: Vec<Country> = Country::ALL.iter().map(|(_, c)| *c).collect();
        let detectors =
            (!self.gate_kinds.is_empty()).then(|| Detectors::new(&self.gate_kinds, &countries));
        Ok(Some(DecodeGate {
            filter: refusing,
            detectors,
            reference,
        }))
    }
}

/// # Errors
/// What is no share.
pub fn share(share: f64) -> Result<()> {
    match share > 0.0 && share <= 1.0 {
        true => Ok(()),
        false => bail!("a share of a value is above 0, and 1 at most: {share}"),
    }
}
