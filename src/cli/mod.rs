//! The command line: one file per subcommand. The only room, with `main`, that uses `anyhow`.

pub mod app;
pub mod attribute;
pub mod common;
pub mod compare;
mod compare_view;
pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod index;
pub mod judging;
pub mod log;
pub mod manual;
pub mod outputs;
pub mod perturb;
pub mod report;
pub mod score;
pub mod settings;
pub mod sources;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// See, token by token, how much of a language model's reasoning is rote.
#[derive(Debug, Parser)]
#[command(
    name = "rotescope",
    version,
    propagate_version = true,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
#[command(
    after_help = "Exit status: 0 done, 1 done with failed items (named on standard error), 2 could not run."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: common::Global,
    #[command(flatten)]
    pub app: app::AppArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate an answer for each prompt of a file and score every token; one trace a line
    Score(score::ScoreArgs),
    /// Score saved generations again, without generating
    Attribute(attribute::AttributeArgs),
    /// Print tables from labelled traces, as Markdown, and fit the step flag
    Evaluate(evaluate::EvaluateArgs),
    /// Compare the chains of two files, of prompts and changed prompts, or of two models
    Compare(compare::CompareArgs),
    /// Change the prompts of a file and carry their answers along
    Perturb(perturb::PerturbArgs),
    /// Open saved traces in the app
    Show(app::ShowArgs),
    /// Print the table of keys, as Markdown
    Keys,
    /// Build and ask the exact index of a corpus
    Index(index::IndexArgs),
    /// Make a document of saved traces: HTML, SVG, CSV, text
    Report(report::ReportArgs),
    /// Say what is found on this machine, and what is wrong with it
    Doctor(doctor::DoctorArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Runs what the command line says; returns the exit code.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    log::start(&cli.global)?;
    match cli.command {
        None if app::on_terminal() => app::run(&cli.global, cli.app),
        None => demo::run(&cli.global),
        Some(Command::Show(args)) => app::show(&cli.global, args),
        Some(Command::Keys) => app::keys(),
        Some(Command::Score(args)) => score::run(&cli.global, args),
        Some(Command::Attribute(args)) => attribute::run(&cli.global, args),
        Some(Command::Evaluate(args)) => evaluate::run(&cli.global, args),
        Some(Command::Compare(args)) => compare::run(&cli.global, args),
        Some(Command::Perturb(args)) => perturb::run(&cli.global, args),
        Some(Command::Index(args)) => index::run(&cli.global, args),
        Some(Command::Report(args)) => report::run(&cli.global, args),
        Some(Command::Doctor(args)) => doctor::run(&cli.global, args),
        Some(Command::Completions(args)) => manual::completions(args),
        Some(Command::Man) => manual::man(),
    }
}
