//! The log of a run.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};

use super::common::Global;
use super::outputs::{head, is_something};

/// Sends the log to the file asked for; without one, nothing is logged. llama.cpp's own lines go the same way.
pub fn start(global: &Global) -> Result<()> {
    let Some(path) = &global.log else {
        return Ok(());
    };
    check(path)?;
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("log file {}", path.display()))?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("ROTESCOPE_LOG")
        .unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Arc::new(file))
        .try_init()
        .map_err(|e| anyhow!("log: {e}"))
}

/// Refuses to append a log to a file that is none.
fn check(path: &Path) -> Result<()> {
    if is_something(path) && !is_log(&head(path)?) {
        bail!(
            "--log {}: is there already, and is no log; choose another, or remove it",
            path.display()
        );
    }
    Ok(())
}

/// Whether bytes begin with a time, as in `2024-05-01T10:00:00`.
fn is_log(head: &[u8]) -> bool {
    let form = b"0000-00-00T00:00:00";
    head.len() >= form.len()
        && form.iter().zip(head).all(|(f, b)| match f {
            b'0' => b.is_ascii_digit(),
            f => f == b,
        })
}
