//! Records portion by portion: what the file holds is passed over, what is new is worked out, appended and told.

use crate::run::audit::error::{AuditError, stopped};
use crate::run::audit::file::AuditFile;
use rotescope_model::CancelToken;
use rotescope_trace::audit::{AuditRecord, RecordLine};

/// Is told how many records the file held, and new ones.
pub type Told<'a, R> = &'a mut dyn FnMut(usize, &[R]);

/// Makes records of some things, in their order.
pub type Work<'a, T, R> = &'a dyn Fn(&[T]) -> Result<Vec<R>, AuditError>;

/// Works on things a portion at a time, each portion as [`portion`] has it. `key`: the name of a thing's record.
///
/// # Errors
/// As [`portion`].
pub fn portions<T, R: AuditRecord>(
    (all, size): (&[T], usize),
    key: &dyn Fn(&T) -> String,
    file: &mut Option<AuditFile<RecordLine<R>>>,
    cancel: &CancelToken,
    told: Told<'_, R>,
    work: Work<'_, T, R>,
) -> Result<(), AuditError> {
    for few in all.chunks(size) {
        let keys: Vec<String> = few.iter().map(key).collect();
        portion(&keys, file, cancel, told, &|| work(few))?;
    }
    Ok(())
}

/// Works on a portion, unless the file holds all of it: what numbers are rounded like depends on what is worked on together, so parts of it are done again.
///
/// # Errors
/// What the work says, a file that cannot be written; to be cancelled.
fn portion<R: AuditRecord>(
    keys: &[String],
    file: &mut Option<AuditFile<RecordLine<R>>>,
    cancel: &CancelToken,
    told: Told<'_, R>,
    work: &dyn Fn() -> Result<Vec<R>, AuditError>,
) -> Result<(), AuditError> {
    let holds = |key: &String| file.as_ref().is_some_and(|f| f.holds(key));
    let held: Vec<bool> = keys.iter().map(holds).collect();
    let count = held.iter().filter(|h| **h).count();
    if count == keys.len() {
        told(count, &[]);
        return Ok(());
    }
    stopped(cancel)?;
    let new = work()?.into_iter().zip(held).filter(|(_, held)| !held);
    let new: Vec<R> = new.map(|(record, _)| record).collect();
    if let Some(file) = file {
        let lines: Vec<RecordLine<R>> = new.iter().cloned().map(RecordLine::of).collect();
        file.append(&lines)?;
    }
    told(count, &new);
    Ok(())
}
