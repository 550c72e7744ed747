//! The program: command line in, exit code out.

use std::process::ExitCode;

use rotescope::memory::Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

fn main() -> ExitCode {
    let cli = rotescope::cli::line::command_line(std::env::args_os().collect());
    match cli.map_err(Into::into).and_then(rotescope::cli::run) {
        Ok(code) => code,
        Err(error) if rotescope::cli::common::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rotescope: {}", rotescope::cli::common::message(&error));
            ExitCode::from(2)
        }
    }
}
