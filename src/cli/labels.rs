//! Labels that people gave to steps: options, and where the labels of a trace are found.

use std::path::Path;

use anyhow::Result;

use rotescope_import::fields::Fields;
use rotescope_import::label_file::LabelFile;
use rotescope_import::labels::{HumanLabels, LabelFields};
use rotescope_trace::Trace;

/// Where a file holds the label of the steps.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LabelArgs {
    /// The field with the first wrong step, the wrong steps, or a label for each step, as people gave them
    /// [default: first_wrong, label, mistake_index, first_error, error_steps, labels, ratings, ..., whichever is there first]
    #[arg(long, value_name = "FIELD")]
    label_field: Option<String>,
    /// The number of the first step in that field
    #[arg(long, default_value_t = 0, value_name = "N")]
    label_base: i64,
}

impl LabelArgs {
    /// Whether any of them was given.
    pub fn are_given(&self) -> bool {
        self.label_field.is_some() || self.label_base != 0
    }

    pub fn fields(&self) -> LabelFields {
        LabelFields {
            step: self.label_field.clone(),
            base: self.label_base,
        }
    }
}

/// Labels of traces: those of a file, or those that the traces bring.
#[derive(Debug)]
pub struct LabelSource {
    fields: LabelFields,
    file: Option<LabelFile>,
}

impl LabelSource {
    /// `file`: found by id; without one the traces have their labels themselves.
    ///
    /// # Errors
    /// A file that cannot be read or is not understood.
    pub fn new(args: &LabelArgs, file: Option<&Path>, fields: &Fields) -> Result<LabelSource> {
        Ok(LabelSource {
            fields: args.fields(),
            file: file.map(|path| LabelFile::read(path, fields)).transpose()?,
        })
    }

    pub fn labels(&mut self, trace: &Trace) -> HumanLabels {
        match &mut self.file {
            Some(file) => file.labels(trace, &self.fields),
            None => self.fields.read(&trace.prompt.meta, trace.steps.len()),
        }
    }

    /// What a reader must know when all traces were read.
    pub fn note(&self) -> Option<String> {
        let file = self.file.as_ref().filter(|f| f.unused() > 0)?;
        Some(format!(
            "{}: {} rows are of no trace",
            file.about(),
            file.unused()
        ))
    }
}
