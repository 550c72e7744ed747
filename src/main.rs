//! The program: command line in, exit code out.

use std::process::ExitCode;

use rotescope::memory::Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

fn main() -> ExitCode {
    let cli = rotescope::cli::line::command_line(std::env::args_os().collect());
    match cli.map_err(Into::into).and_then(rotescope::cli::run) {
        Ok(code) => code,
        Err(_) if rotescope::cli::common::reader_is_gone() => ExitCode::SUCCESS,
        Err(error) => {
            rotescope::say!("rotescope: {}", rotescope::cli::common::message(&error));
            ExitCode::from(2)
        }
    }
}
