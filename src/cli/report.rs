//! `rotescope report`: saved traces as a document.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::common::{ColorChoice, Global, stdout};
use super::given::GivenArgs;
use super::outputs::Outputs;
use super::page_parts::{self, PageParts, Written};
use super::patterns::matching;
use super::report_documents::RunDocuments;
use super::told::Told;
use super::{figure, figures, heat, tables};
use crate::folders;
use crate::say;
use crate::themes::THEMES;
use rotescope_import::records;
use rotescope_report::table::Table;
use rotescope_report::theme::{Depth, Terminal, Theme};
use rotescope_report::{Format, Measure, Report, ReportOptions};
use rotescope_study::evaluate::Evaluation;
use rotescope_text::SplitBy;
use rotescope_trace::packed::ending;
use rotescope_trace::record::{Entry, Record};

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Traces, as `score` writes them, or windows of `audit extract`; several files make one report
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    /// Where to write: .html, .svg, .csv, .parquet, .ansi, .txt or .jsonl. Standard output, as text, if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file of another kind
    #[arg(long)]
    force: bool,
    /// What to write, whatever the file's name says
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Kind>,
    /// CSV and Parquet only: which table. CSV is of tokens if not given; Parquet then has all, x.parquet of tokens, x.steps.parquet, x.traces.parquet
    #[arg(long, value_enum, value_name = "TABLE")]
    table: Option<TableName>,
    /// Only the trace with this id, or the document of this name; may be given several times
    #[arg(long = "id", alias = "only", value_name = "ID")]
    ids: Vec<String>,
    /// Built-in theme, theme of your own, or theme file; HTML follows the reader's light or dark setting if not given
    #[arg(long, env = "ROTESCOPE_THEME", value_name = "NAME|FILE")]
    theme: Option<String>,
    /// Which number colors the tokens: stim, cause, or the name of a measure in the traces
    #[arg(long, default_value = "stim", value_name = "NAME")]
    measure: String,
    /// Leave the figures out of HTML: they take most of the time of a long report
    #[arg(long)]
    no_figures: bool,
    /// HTML only: of more traces than this, the page is a summary with a line for each, and a folder of parts beside it holds so many each; 0: all in one page
    #[arg(long, value_name = "N", default_value_t = page_parts::EACH)]
    part: usize,
    /// HTML only: index of the corpus (a folder), to show documents that hold what strong, wrong and flagged tokens follow
    #[arg(long, value_name = "DIR")]
    index: Option<PathBuf>,
    /// Columns of text and SVG; the terminal's, or 100, if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(30..))]
    width: Option<u16>,
    #[command(flatten)]
    given: GivenArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
enum Kind {
    Html,
    Svg,
    Csv,
    Parquet,
    Ansi,
    Jsonl,
    /// Answers of an OpenAI-like server, one a line, with log-probabilities
    #[value(name = "openai")]
    OpenAi,
}

impl From<Kind> for Format {
    fn from(k: Kind) -> Format {
        match k {
            Kind::Html => Format::Html,
            Kind::Svg => Format::Svg,
            Kind::Csv => Format::Csv(Table::Tokens),
            Kind::Parquet => Format::Parquet,
            Kind::Ansi => Format::Ansi,
            Kind::Jsonl => Format::Jsonl,
            Kind::OpenAi => Format::OpenAi,
        }
    }
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
enum TableName {
    Tokens,
    Steps,
    Traces,
}

impl From<TableName> for Table {
    fn from(name: TableName) -> Table {
        match name {
            TableName::Tokens => Table::Tokens,
            TableName::Steps => Table::Steps,
            TableName::Traces => Table::Traces,
        }
    }
}

/// How many colors text gets: those of the terminal, or all of them where color is forced and nothing is known.
pub fn depth(color: ColorChoice, piped: bool) -> Depth {
    if !color.wanted(piped) {
        return Depth::None;
    }
    let var = |name| std::env::var(name).ok();
    let (term, colorterm) = (var("TERM"), var("COLORTERM"));
    let found = Depth::detect(&Terminal {
        term: term.as_deref(),
        colorterm: colorterm.as_deref(),
        no_color: None,
    });
    match (found, color) {
        (Depth::None, ColorChoice::Always) => Depth::Ansi16,
        (found, _) => found,
    }
}

/// Columns of the terminal, of `COLUMNS`, or 100.
pub fn columns() -> usize {
    let columns = || std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    terminal_size::terminal_size()
        .map(|(w, _)| usize::from(w.0))
        .or_else(columns)
        .unwrap_or(100)
}

fn theme(name: &str) -> Result<Theme> {
    Ok(THEMES.load(name, folders::config().map(|f| f.join("themes")).as_deref())?)
}

/// How a page looks: in a theme, or in the reader's choice of light and dark.
pub fn page_options(name: Option<&str>, measure: &str) -> Result<ReportOptions> {
    let (theme, dark) = match name {
        Some(name) => (theme(name)?, None),
        None => (theme("light")?, Some(theme("dark")?)),
    };
    Ok(ReportOptions {
        measure: Measure::parse(measure),
        theme,
        dark,
        depth: Depth::None,
        width: 0,
    })
}

fn options(global: &Global, args: &ReportArgs, format: Format) -> Result<ReportOptions> {
    if format == Format::Html {
        return page_options(args.theme.as_deref(), &args.measure);
    }
    let theme = theme(match (&args.theme, format) {
        (Some(name), _) => name,
        (None, Format::Svg) => "light",
        (None, _) => "dark",
    })?;
    // A file named .txt is plain, one named .ansi colored.
    let ending = args.output.as_deref().and_then(ending);
    let depth = match ending.as_deref() {
        Some("ansi") if global.color != ColorChoice::Never => Depth::TrueColor,
        Some(_) if global.color != ColorChoice::Always => Depth::None,
        _ => depth(global.color, false),
    };
    Ok(ReportOptions {
        measure: Measure::parse(&args.measure),
        theme,
        dark: None,
        depth,
        width: args.width.map_or_else(columns, usize::from),
    })
}

pub fn run(global: &Global, mut args: ReportArgs) -> Result<ExitCode> {
    args.given.marks.clone_from(&global.settings.own.reasoning);
    args.traces = matching(&args.traces)?;
    let format = match (args.format, &args.output) {
        (Some(kind), _) => kind.into(),
        (None, None) => Format::Ansi,
        (None, Some(path)) => Format::of(path).with_context(|| {
            format!("{}: the name says no format; end it in .html, .svg, .csv, .parquet, .ansi, .txt or .jsonl, or give --format", path.display())
        })?,
    };
    let table = args.table.map(Table::from);
    let format = match (format, table) {
        (Format::Csv(tokens), asked) => Format::Csv(asked.unwrap_or(tokens)),
        (Format::Parquet, _) | (_, None) => format,
        (_, Some(_)) => {
            bail!("--table: CSV and Parquet are tables; end the name in .csv or .parquet")
        }
    };
    args.traces
        .iter()
        .try_for_each(|p| heat::expect_picture(p))?;
    let heats = args.traces.iter().filter(|p| heat::is_extract(p)).count();
    if heats > 0 && heats < args.traces.len() {
        bail!(
            "traces and windows of `audit extract` make no report together: give the one or the other"
        );
    }
    if format == Format::Parquet && heats == 0 {
        let outputs = Outputs::new(global, args.force).reads(&args.traces)?;
        let measure = Measure::parse(&args.measure);
        let path = args.output.as_deref();
        tables::parquet(outputs, path, table, &measure, |with| {
            each(&args, &measure, with)
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &args.output else {
        let options = options(global, &args, format)?;
        if heats > 0 {
            heat::write(stdout(), format, options, &args.traces, &args.ids)?;
            return Ok(ExitCode::SUCCESS);
        }
        let parts = PageParts::beside(None, 0)?;
        let (_, written) = write(stdout(), format, options, &args, &parts)?;
        written.place()?;
        return Ok(ExitCode::SUCCESS);
    };
    let name = match format {
        Format::Csv(_) => "report in CSV".into(),
        other => format!("report in {other:?}"),
    };
    let place = Outputs::new(global, args.force)
        .reads(&args.traces)?
        .reads(&args.theme)?
        .file("-o", path, &name, |head| format.begins(head))?;
    let options = options(global, &args, format)?;
    let mut file = place.create()?;
    if heats > 0 {
        let (documents, windows) =
            heat::write(&mut file, format, options, &args.traces, &args.ids)?;
        file.finish()?;
        say!(
            "{documents} documents, {windows} windows in {}",
            path.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let is_page = format == Format::Html;
    let parts = PageParts::beside(Some(path.as_path()).filter(|_| is_page), args.part)?;
    let ((traces, failed), written) = write(&mut file, format, options, &args, &parts)?;
    let folder = written.folder();
    written.place()?;
    file.finish()?;
    let beside = folder.map_or(String::new(), |f| format!(" and {}", f.display()));
    say!(
        "{traces} traces, {failed} failed prompts in {}{beside}",
        path.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Reads the traces that are asked for, one at a time.
///
/// # Errors
/// A file that cannot be read, an id that no trace has, a measure that no token has; those of `with`.
fn each(
    args: &ReportArgs,
    measure: &Measure,
    mut with: impl FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let given = args.given.options(SplitBy::default());
    let mut missing: Vec<&String> = args.ids.iter().collect();
    let mut measured = false;
    let mut known = std::collections::BTreeSet::new();
    // On a terminal progress would stand among the text.
    let shown = args.output.is_none() && std::io::stdout().is_terminal();
    let mut told = Told::start("records read", None, shown);
    for read in records::read(&args.traces, &given) {
        told.step(1, "");
        let entry = read?.entry;
        let record = &entry.record;
        if !args.ids.is_empty() && !args.ids.iter().any(|id| id == record.id()) {
            continue;
        }
        missing.retain(|id| *id != record.id());
        if let Record::Trace(t) = record {
            measured |= t.tokens.iter().any(|t| measure.of(t).is_some());
            known.extend(t.tokens.iter().flat_map(|t| t.measures.keys().cloned()));
        }
        with(entry)?;
    }
    if let Some(id) = missing.first() {
        bail!("no trace has the id {id:?}");
    }
    if let (Measure::Named(name), false) = (measure, measured) {
        let known: Vec<String> = known.into_iter().collect();
        bail!(
            "no token has the measure {name:?}; there are: stim, cause{}{}",
            if known.is_empty() { "" } else { ", " },
            known.join(", ")
        );
    }
    Ok(())
}

fn write(
    out: impl Write,
    format: Format,
    options: ReportOptions,
    args: &ReportArgs,
    parts: &PageParts,
) -> Result<((usize, usize), Written)> {
    let measure = options.measure.clone();
    let mut out = BufWriter::new(out);
    let mut report = Report::begin(&mut out, format, options.clone())?;
    let mut figures = (format == Format::Html && !args.no_figures)
        .then(|| Evaluation::new(figure::options(200, 0)));
    let index = args.index.as_deref().filter(|_| format == Format::Html);
    let mut documents = index.map(RunDocuments::open).transpose()?;
    each(args, &measure, |entry| {
        match (&mut documents, &entry.record) {
            (Some(index), Record::Trace(t)) => report.add_with(&entry, &index.of(t)?)?,
            _ => report.add(&entry)?,
        }
        // A trace whose verifier is not known is shown all the same, and is in no figure.
        if let (Some(all), Record::Trace(mut t)) = (&mut figures, entry.record) {
            let _ = all.add(&mut t);
        }
        Ok(())
    })?;
    if let Some(other @ 1..) = documents.map(|d| d.other) {
        say!(
            "note: {other} traces are of another tokenizer than the index: no documents are shown for them"
        );
    }
    if let Some(mut all) = figures {
        report.figures(figures::of_page(&all.figures()));
    }
    match report.into_page() {
        Ok(made) => {
            let written = parts.write(made.page, &mut out, &made.figures, &options)?;
            Ok(((made.traces, made.failed), written))
        }
        Err(report) => Ok((report.finish()?, Written::default())),
    }
}
