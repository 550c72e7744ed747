//! What anyone can try against the program, and what came of it: `make reliability`, docs/reliability.md.

mod builds;
mod every;
mod inputs;
mod kills;
mod place;
mod same;
mod writers;
