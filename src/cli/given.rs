//! Options on files of traces, or of what other tools wrote.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::run::prompts;
use crate::say;
use rotescope_import::fields::Fields;
use rotescope_import::formats::{GenerationReader, READERS, named};
use rotescope_import::records::{self, Options, RecordsError};
use rotescope_text::think::ReasoningMarks;
use rotescope_text::{Locale, SplitBy};
use rotescope_trace::packed::plain_name;
use rotescope_trace::{Prompt, formats};

/// Which fields of a file hold what.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Fields of files that are not rotescope's")]
pub struct FieldArgs {
    /// The field that holds the question [default: question, problem, prompt, input, query, messages, whichever is there first]
    #[arg(long, value_name = "FIELD")]
    prompt_field: Option<String>,
    /// The field that holds the right answer [default: expected, target, ground_truth, gold, ..., answer, solution]
    #[arg(long, value_name = "FIELD")]
    answer_field: Option<String>,
    /// The field that holds the id [default: id, idx, index, ..., doc_id]
    #[arg(long, value_name = "FIELD")]
    id_field: Option<String>,
    /// How numbers are written in answers, where a prompt does not say: point (1,234.5) or comma (1.234,5) [default: point]
    #[arg(long, value_name = "HOW")]
    locale: Option<Locale>,
}

impl FieldArgs {
    pub fn fields(&self) -> Fields {
        Fields {
            id: self.id_field.clone(),
            prompt: self.prompt_field.clone(),
            completion: None,
            answer: self.answer_field.clone(),
        }
    }
}

/// How files of generations are read.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Fields of files that are not rotescope's")]
pub struct GivenArgs {
    /// The format of the files [default: recognized]: lm-eval, inspect, openai, fields, text
    #[arg(long, value_name = "NAME", value_parser = format)]
    input_format: Option<&'static str>,
    /// The field that holds what the model wrote [default: completion, response, generation, output, ..., steps]
    #[arg(long, value_name = "FIELD")]
    completion_field: Option<String>,
    #[command(flatten)]
    fields: FieldArgs,
    /// What stands around reasoning, by the configuration.
    #[arg(skip)]
    pub marks: ReasoningMarks,
}

impl GivenArgs {
    /// The fields that prompt files have too.
    pub fn field_args(&self) -> &FieldArgs {
        &self.fields
    }

    pub fn fields(&self) -> Fields {
        self.fields.fields()
    }

    /// `steps`: how completions are cut.
    pub fn options(&self, steps: SplitBy) -> Options {
        let format = self.input_format.and_then(|name| named(name).ok());
        Options {
            format,
            fields: Fields {
                completion: self.completion_field.clone(),
                ..self.fields.fields()
            },
            steps,
            marks: self.marks.clone(),
            locale: self.fields.locale,
        }
    }

    /// Whether a file begins with a completion: one of ours, or of another tool.
    pub fn holds_completions(&self, path: &Path) -> bool {
        let options = self.options(SplitBy::default());
        match records::format(path, &options) {
            Ok(None) => true,
            Ok(Some(_)) => records::read(&[path], &options)
                .next()
                .is_some_and(|first| first.is_ok()),
            Err(_) => false,
        }
    }

    /// Files of traces: those that are some as they are, others, and all where a locale is asked for, as traces in a folder that goes with the value returned.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn as_traces<P: AsRef<Path>>(
        &self,
        paths: &[P],
    ) -> Result<(Vec<PathBuf>, Option<TempDir>)> {
        let options = self.options(SplitBy::default());
        let (mut all, mut folder) = (Vec::new(), None);
        for path in paths.iter().map(AsRef::as_ref) {
            if records::format(path, &options)?.is_none() && options.locale.is_none() {
                all.push(path.to_path_buf());
                continue;
            }
            let into = match &folder {
                Some(folder) => folder,
                None => folder.insert(TempDir::with_prefix("rotescope-")?),
            };
            let stem = plain_name(path);
            let stem = stem.file_stem().unwrap_or_default().to_string_lossy();
            let name = into.path().join(format!("{}-{stem}.jsonl", all.len() + 1));
            let mut to = std::io::BufWriter::new(std::fs::File::create(&name)?);
            let writer = formats::writer(Some(&name));
            for read in records::read(&[path], &options) {
                writer.write(&mut to, &read?.entry)?;
            }
            all.push(name);
        }
        Ok((all, folder))
    }
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
pub enum Steps {
    /// A sentence
    Sentence,
    /// A line
    Line,
}

impl From<Steps> for SplitBy {
    fn from(s: Steps) -> SplitBy {
        match s {
            Steps::Sentence => SplitBy::Sentence,
            Steps::Line => SplitBy::Line,
        }
    }
}

/// How files are gone through whose items may be bad, and how completions are cut.
#[derive(Debug, Clone, clap::Args)]
pub struct ItemArgs {
    /// Pass over items that cannot be read, and say which
    #[arg(long)]
    skip_bad: bool,
    /// What a step is, where the file does not cut them itself
    #[arg(long, value_enum, default_value = "sentence", value_name = "HOW")]
    steps: Steps,
    #[command(flatten)]
    pub given: GivenArgs,
}

impl ItemArgs {
    pub fn options(&self) -> Options {
        self.given.options(self.steps.into())
    }

    /// What was read; `None`, counted and said, where it is bad and may be passed over.
    ///
    /// # Errors
    /// What is bad and may not be.
    pub fn item<T>(&self, read: Result<T, RecordsError>, skipped: &mut usize) -> Result<Option<T>> {
        match read {
            Ok(item) => Ok(Some(item)),
            Err(e) if !e.is_of_one_item() => Err(e.into()),
            Err(e) if self.skip_bad => {
                say!("skipped: {e}");
                *skipped += 1;
                Ok(None)
            }
            Err(e) => bail!("{e} (--skip-bad passes over such items)"),
        }
    }
}

fn format(name: &str) -> Result<&'static str, String> {
    named(name).map(GenerationReader::name)
}

/// The formats, for help: name and what it is.
pub fn known() -> String {
    let lines = READERS
        .iter()
        .map(|r| format!("  {:<9}{}", r.name(), r.about()));
    format!("Formats:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// The prompts of several files. An id that an earlier file has gets the name of its own file before it.
///
/// # Errors
/// A file that cannot be read or is not understood, or the same ids in files of the same name.
pub fn all_prompts(paths: &[PathBuf], fields: &FieldArgs) -> Result<Vec<Prompt>> {
    let mut all: Vec<Prompt> = Vec::new();
    for path in paths {
        let known: HashSet<String> = all.iter().map(|p| p.id.clone()).collect();
        let stem = plain_name(path);
        let stem = stem.file_stem().unwrap_or_default().to_string_lossy();
        let named = |id: &String| match known.contains(id) {
            true => format!("{stem}:{id}"),
            false => id.clone(),
        };
        for mut prompt in prompts(path, fields)? {
            (prompt.id, prompt.pair) = (named(&prompt.id), prompt.pair.as_ref().map(named));
            if known.contains(&prompt.id) {
                let (path, id) = (path.display(), &prompt.id);
                bail!("{path}: the id {id:?} stands in an earlier file; name the file otherwise");
            }
            all.push(prompt);
        }
    }
    Ok(all)
}

/// The prompts of a file; what was made of its fields is said.
///
/// # Errors
/// A file that cannot be read or is not understood.
pub fn prompts(path: &Path, fields: &FieldArgs) -> Result<Vec<Prompt>> {
    let read = prompts::read(path, &fields.fields())?;
    if let Some(note) = read.note {
        say!("{}: {note}", path.display());
    }
    let mut prompts = read.prompts;
    if let Some(locale) = fields.locale {
        for prompt in prompts.iter_mut().filter(|p| p.locale.is_none()) {
            prompt.locale = Some(locale.name().into());
        }
    }
    Ok(prompts)
}
