//! What anyone can try against the program, and what came of it: `make reliability`, docs/reliability.md.

mod adding;
mod builds;
#[cfg(target_os = "linux")]
mod disk;
mod every;
mod inputs;
pub mod kills;
#[cfg(target_os = "linux")]
mod lasting;
mod parts;
mod place;
mod same;
mod writers;
