//! Files of records, read line by line.

use std::io::ErrorKind;
use std::path::Path;

use super::error::AuditError;
use rotescope_trace::audit::AuditLine;
use rotescope_trace::{jsonl, packed};

/// Brings each line of a file. A last one that is not whole is left out: a run is at work, or was killed.
///
/// # Errors
/// A file that cannot be read, a line that is no such record; and what `each` says.
pub fn each_line<L: AuditLine, E: From<AuditError>>(
    path: &Path,
    each: &mut dyn FnMut(L) -> Result<(), E>,
) -> Result<(), E> {
    let io = |source| AuditError::Io {
        path: path.into(),
        source,
    };
    for line in jsonl::lines(packed::open(path).map_err(io)?) {
        let line = match line {
            Ok(line) => line,
            // A compressed one that is not whole.
            Err((_, e)) if e.kind() == ErrorKind::UnexpectedEof => break,
            Err((_, e)) => return Err(io(e).into()),
        };
        let foreign = |reason: String| AuditError::NoRecord {
            path: path.into(),
            line: line.number,
            reason,
        };
        let read: L = match serde_json::from_slice(&line.bytes) {
            Ok(read) => read,
            Err(_) if !line.bytes.ends_with(b"\n") => continue,
            Err(e) => return Err(foreign(e.to_string()).into()),
        };
        if read.schema() != L::SCHEMA {
            let reason = format!("its schema is {:?}, not {}", read.schema(), L::SCHEMA);
            return Err(foreign(reason).into());
        }
        each(read)?;
    }
    Ok(())
}
