//! What the command line can say, and what each command runs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    app, attribute, audit, cache, calibrate, common, compare, config, demo, doctor, evaluate,
    figure, import, index, judge, lab, log, manual, perturb, pii, queries, report, retro, schema,
    score, telling,
};

/// What this program was built of: its commit, where the build was told (`ROTESCOPE_COMMIT`), llama.cpp, the accelerators, and the processor that it needs.
fn long_version() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(text_of_version)
}

fn text_of_version() -> String {
    let accelerators = [
        (cfg!(feature = "cuda"), "cuda"),
        (cfg!(feature = "vulkan"), "vulkan"),
        (cfg!(feature = "metal"), "metal"),
        (cfg!(feature = "openmp"), "openmp"),
    ];
    let has = accelerators.iter().filter(|(has, _)| *has);
    let features: Vec<&str> = has.map(|(_, name)| *name).collect();
    let needs = [
        (cfg!(target_feature = "avx512f"), "AVX-512"),
        (cfg!(target_feature = "avx2"), "AVX2"),
        (cfg!(target_feature = "neon"), "NEON"),
    ];
    let needs = needs.iter().find(|(needs, _)| *needs);
    format!(
        "{}\ncommit: {}\nllama.cpp: {}\nfeatures: {}\nplatform: {}-{}, {}",
        env!("CARGO_PKG_VERSION"),
        option_env!("ROTESCOPE_COMMIT").unwrap_or("not told to the build"),
        rotescope_model::LLAMA_CPP,
        if features.is_empty() {
            "none".into()
        } else {
            features.join(", ")
        },
        std::env::consts::ARCH,
        std::env::consts::OS,
        needs.map_or("any processor".into(), |(_, name)| format!("with {name}")),
    )
}

/// See, token by token, how much of a language model's reasoning is rote.
#[derive(Debug, Parser)]
#[command(
    name = "rotescope",
    version,
    long_version = long_version(),
    propagate_version = true,
    max_term_width = 100
)]
#[command(
    after_help = "Exit status: 0 done, 1 done with failed items (named on standard error), 2 could not run."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: common::Global,
    /// Open these in the app: prompts, traces, or completions that other tools wrote
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
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
    /// Make traces of what other tools wrote: lm-eval, inspect_ai, OpenAI-like servers, JSON, CSV, text
    Import(import::ImportArgs),
    /// Judge answers, equations and steps of completions, without model and index
    Judge(judge::JudgeArgs),
    /// Print tables from labelled traces, as Markdown, and fit the step flag
    Evaluate(evaluate::EvaluateArgs),
    /// Fit the step flag to one model, whose steps nobody has to label
    Calibrate(calibrate::CalibrateArgs),
    /// Compare the completions of two files, of prompts and changed prompts, or of two models
    Compare(compare::CompareArgs),
    /// Change the prompts of a file and carry their answers along
    Perturb(perturb::PerturbArgs),
    /// Open saved traces in the app
    Show(app::ShowArgs),
    /// Print the table of keys, as Markdown
    Keys,
    /// Say what of a text stands in the corpus
    Audit(audit::AuditArgs),
    /// Find personal data in a corpus
    Pii(pii::PiiArgs),
    /// Find out when memorizing pays, in small worlds where that is known
    Lab(lab::LabArgs),
    /// Mix a model with what the corpus alone predicts, and say which of both knows a token
    Retro(retro::RetroArgs),
    /// Build and ask the exact index of a corpus
    Index(index::IndexArgs),
    /// The answers kept of indexes behind a network
    Cache(cache::CacheArgs),
    /// Make a document of saved traces: HTML, SVG, CSV, Parquet, text
    Report(report::ReportArgs),
    /// Draw a figure of labelled traces, as SVG; without a name, list all figures
    Figure(figure::FigureArgs),
    /// Print the settings in force and where each comes from, as a file of settings
    Config(config::ConfigArgs),
    /// Say what is found on this machine, and what is wrong with it
    Doctor(doctor::DoctorArgs),
    /// Print the JSON Schema of what a command writes as JSON; without a name, list all
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Runs what the command line says; returns the exit code.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    log::start(&cli.global)?;
    if cli.global.json_progress {
        telling::say_json();
    }
    let done = command(cli);
    queries::keep_answers();
    done
}

fn command(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None if !cli.files.is_empty() => app::files(&cli.global, cli.app, &cli.files),
        None if app::on_terminal() => app::run(&cli.global, cli.app),
        None => demo::run(&cli.global),
        Some(Command::Show(args)) => app::show(&cli.global, args),
        Some(Command::Keys) => app::keys(),
        Some(Command::Score(args)) => score::run(&cli.global, args),
        Some(Command::Attribute(args)) => attribute::run(&cli.global, args),
        Some(Command::Import(args)) => import::run(&cli.global, args),
        Some(Command::Judge(args)) => judge::run(&cli.global, args),
        Some(Command::Evaluate(args)) => evaluate::run(&cli.global, args),
        Some(Command::Calibrate(args)) => calibrate::run(&cli.global, args),
        Some(Command::Compare(args)) => compare::run(&cli.global, args),
        Some(Command::Perturb(args)) => perturb::run(&cli.global, args),
        Some(Command::Audit(args)) => audit::run(&cli.global, args),
        Some(Command::Pii(args)) => pii::run(&cli.global, args),
        Some(Command::Lab(args)) => lab::run(&cli.global, args),
        Some(Command::Retro(args)) => retro::run(&cli.global, args),
        Some(Command::Index(args)) => index::run(&cli.global, args),
        Some(Command::Cache(args)) => cache::run(&args),
        Some(Command::Report(args)) => report::run(&cli.global, args),
        Some(Command::Figure(args)) => figure::run(&cli.global, args),
        Some(Command::Config(args)) => config::run(&cli.global, &args, &Cli::command()),
        Some(Command::Doctor(args)) => doctor::run(&cli.global, args),
        Some(Command::Schema(args)) => schema::run(&args),
        Some(Command::Completions(args)) => manual::completions(args, Cli::command()),
        Some(Command::Man) => manual::man(Cli::command()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Names of options as they were up to version 0.1, each with a command line that has it.
    const FORMER: [(&str, &str, &str); 7] = [
        ("perturb", "with", "perturb p.jsonl --with typos"),
        ("compare", "with", "compare p.jsonl --with typos"),
        ("compare", "keep", "compare p.jsonl --with typos --keep d"),
        ("score", "flag", "score p.jsonl --flag f.json"),
        ("attribute", "flag", "attribute t.jsonl --flag f.json"),
        ("score", "only", "score p.jsonl --only a"),
        ("report", "only", "report t.jsonl --only a"),
    ];

    #[test]
    fn former_names_of_options_are_understood_and_not_shown() {
        for (command, name, line) in FORMER {
            let words = ["rotescope"].into_iter().chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{line}: {e}"));
            let mut all = Cli::command();
            let command = all.find_subcommand_mut(command).unwrap();
            let help = command.render_long_help().to_string();
            assert!(!help.contains(&format!("--{name} ")), "{line}: {help}");
        }
    }

    /// Of two options of one name clap takes the last, and says so in debug builds only.
    #[test]
    fn no_command_has_two_options_of_one_name() {
        fn look(command: &mut clap::Command, commands: &mut usize) {
            *commands += 1;
            let (mut long, mut short) = (BTreeSet::new(), BTreeSet::new());
            for option in command.get_arguments() {
                for name in option.get_long_and_visible_aliases().into_iter().flatten() {
                    assert!(long.insert(name), "{} --{name}", command.get_name());
                }
                let letters = option.get_short_and_visible_aliases();
                for letter in letters.into_iter().flatten() {
                    assert!(short.insert(letter), "{} -{letter}", command.get_name());
                }
            }
            for inner in command.get_subcommands_mut() {
                look(inner, commands);
            }
        }
        let (mut all, mut commands) = (Cli::command(), 0);
        // Options of all commands are handed down.
        all.build();
        look(&mut all, &mut commands);
        assert!(commands > 30, "{commands}");
    }
}
