//! The program: command line in, exit code out.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = rotescope::cli::Cli::parse();
    match rotescope::cli::run(cli) {
        Ok(code) => code,
        Err(error) if rotescope::cli::common::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rotescope: {error:#}");
            ExitCode::from(2)
        }
    }
}
