//! `rotescope figure`: figures of labelled traces, as SVG.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};

use super::common::{Global, print};
use super::evaluate::gather;
use super::figures::{FIGURES, FigureKind};
use super::given::GivenArgs;
use super::labels::LabelArgs;
use super::outputs::Outputs;
use super::patterns::matching;
use crate::folders;
use crate::say;
use crate::themes::THEMES;
use rotescope_report::Format;
use rotescope_study::evaluate::{EvaluateOptions, Evaluation, Setting};

#[derive(Debug, clap::Args)]
pub struct FigureArgs {
    /// Which figure; without one, all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Files of traces, as `score` writes them, or generations of other tools
    #[arg(value_name = "TRACES")]
    traces: Vec<PathBuf>,
    /// Where to write the SVG; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file of another kind
    #[arg(long)]
    force: bool,
    /// Built-in theme, theme of your own, or theme file
    #[arg(
        long,
        env = "ROTESCOPE_THEME",
        default_value = "light",
        value_name = "NAME|FILE"
    )]
    theme: String,
    /// Take the steps that people call wrong for the truth: labels in FILE, or without FILE in the traces themselves
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    labels: Option<Option<PathBuf>>,
    #[command(flatten)]
    label: LabelArgs,
    /// Bootstrap resamples of prompts for the 95 % intervals; 0 is off
    #[arg(long, default_value_t = 200, value_name = "N")]
    resamples: usize,
    /// Of the bootstrap
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    given: GivenArgs,
}

/// How figures are evaluated.
pub fn options(resamples: usize, seed: u64) -> EvaluateOptions {
    EvaluateOptions {
        intervals: Setting { resamples, seed },
        ..EvaluateOptions::default()
    }
}

pub fn run(global: &Global, mut args: FigureArgs) -> Result<ExitCode> {
    let Some(name) = &args.name else {
        return list();
    };
    let figure = FigureKind::named(name).with_context(|| {
        let names: Vec<&str> = FIGURES.iter().map(|f| f.name).collect();
        format!(
            "there is no figure {name:?}; there are: {}",
            names.join(", ")
        )
    })?;
    if args.traces.is_empty() {
        bail!("no files of traces: rotescope figure {name} TRACES -o {name}.svg");
    }
    args.given.marks.clone_from(&global.settings.own.reasoning);
    let traces = matching(&args.traces)?;
    let labels_file = args.labels.clone().flatten();
    let place = args.output.as_deref().map(|path| {
        Outputs::new(global, args.force)
            .reads(&traces)?
            .reads(&labels_file)?
            .file("-o", path, "picture", |head| Format::Svg.begins(head))
    });
    let place = place.transpose()?;
    let theme = THEMES.load(
        &args.theme,
        folders::config().map(|f| f.join("themes")).as_deref(),
    )?;
    let mut all = Evaluation::new(options(args.resamples, args.seed));
    let labels = args
        .labels
        .is_some()
        .then_some((&args.label, labels_file.as_deref()));
    gather(&traces, &args.given, labels, &mut all)?;
    let drawn = figure.chart(&all.figures());
    let chart =
        drawn.map_err(|why| anyhow!("no figure {name} of these {} traces: {why}", all.traces))?;
    let svg = chart.svg(&theme);
    match (place, &args.output) {
        (Some(place), Some(path)) => {
            place.write(svg.as_bytes())?;
            say!("{}: {}", figure.title, path.display());
        }
        _ => print(&svg)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// All figures, with what each needs.
fn list() -> Result<ExitCode> {
    for f in &FIGURES {
        print(&format!(
            "{:<14}{}\n{:14}needs {}\n",
            f.name, f.title, "", f.needs
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
