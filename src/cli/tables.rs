//! `rotescope report -o x.parquet`: tokens, steps and traces as tables, each in a file of its own.

use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::outputs::{NewFile, Outputs};
use crate::say;
use rotescope_report::table::Table;
use rotescope_report::table::parquet::ParquetTable;
use rotescope_report::{Format, Measure};
use rotescope_trace::packed::Packing;
use rotescope_trace::record::{Entry, Record};

/// What is done with each record.
pub type With<'a> = &'a mut dyn FnMut(Entry) -> Result<()>;

/// Writes all tables, or the one that was asked for, of the records that `each` reads.
///
/// # Errors
/// As of other reports; a name that asks for compression, which is within such files.
pub fn parquet(
    mut outputs: Outputs,
    path: Option<&Path>,
    table: Option<Table>,
    measure: &Measure,
    each: impl FnOnce(With) -> Result<()>,
) -> Result<()> {
    let Some(path) = path else {
        bail!("Parquet is not for people: give a file with -o");
    };
    if Packing::of_name(path).is_some() {
        bail!(
            "{}: Parquet is compressed within; end the name in .parquet",
            path.display()
        );
    }
    let mut places = Vec::new();
    for one in Table::ALL {
        let file = match table {
            None => one.beside(path),
            Some(asked) if asked == one => path.to_path_buf(),
            Some(_) => continue,
        };
        let is = |head: &[u8]| Format::Parquet.begins(head);
        places.push((
            one,
            outputs.file("-o", &file, "table in Parquet", is)?,
            file,
        ));
    }
    // What comes after all of them were looked at.
    let mut tables = Vec::new();
    for (table, place, file) in places {
        let out = BufWriter::new(place.create()?);
        tables.push((ParquetTable::begin(out, table)?, file));
    }
    let (mut traces, mut failed) = (0, 0);
    each(&mut |entry| {
        match entry.record {
            Record::Trace(_) => traces += 1,
            Record::Failed(_) => failed += 1,
        }
        for (table, file) in &mut tables {
            let added = table.add(&entry.record, measure);
            added.with_context(|| file.display().to_string())?;
        }
        Ok(())
    })?;
    let mut files = Vec::new();
    for (table, file) in tables {
        let name = file.display().to_string();
        let out: BufWriter<NewFile> = table.finish().with_context(|| name.clone())?;
        let out = out
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        out.finish()?;
        files.push(name);
    }
    say!(
        "{traces} traces, {failed} failed prompts in {}",
        files.join(", ")
    );
    Ok(())
}
