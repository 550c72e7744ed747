//! What the bundled model does on many prompts, what its makers wrote, how much memory is taken: `make test-long`.

mod attribution;
mod gate;
mod generator;
#[cfg(target_os = "linux")]
mod memory;
mod pocket;
mod verdicts;
