//! Fields of a line that this version does not know, carried over when its record is written again.

use serde_json::{Map, Value};

use super::record::Record;

/// `after` as a line of JSON with the fields of the line that `before` was read from and that `before` does not know; `None` where there are none.
///
/// Fields of a part whose own values were made anew (a score, a flag, a verdict) are left out: they spoke of what was there before.
///
/// # Errors
/// A line that is no JSON, or a record that cannot be written.
pub(super) fn carried(
    line: &str,
    before: &Record,
    after: &Record,
) -> serde_json::Result<Option<Vec<u8>>> {
    let original: Value = serde_json::from_str(line)?;
    let mut after = value(after)?;
    let found = keep(&original, &value(before)?, &mut after);
    found.then(|| serde_json::to_vec(&after)).transpose()
}

/// As it is written: through text, so that numbers keep the form that they have there.
fn value(record: &Record) -> serde_json::Result<Value> {
    let line = match record {
        Record::Trace(t) => serde_json::to_vec(t)?,
        Record::Failed(f) => serde_json::to_vec(f)?,
    };
    serde_json::from_slice(&line)
}

/// Puts into `after` what `original` has beyond `before`, which is what was understood of it; whether there was anything.
fn keep(original: &Value, before: &Value, after: &mut Value) -> bool {
    match (original, before, after) {
        (Value::Object(original), Value::Object(before), Value::Object(after)) => {
            let anew = !same_values(before, after);
            let mut any = false;
            for (key, value) in original {
                match (before.get(key), after.get_mut(key)) {
                    (Some(before), Some(after)) => any |= keep(value, before, after),
                    (None, None) if !anew && !value.is_null() => {
                        after.insert(key.clone(), value.clone());
                        any = true;
                    }
                    _ => {}
                }
            }
            any
        }
        (Value::Array(original), Value::Array(before), Value::Array(after))
            if original.len() == before.len() && before.len() == after.len() =>
        {
            let mut any = false;
            for ((original, before), after) in original.iter().zip(before).zip(after) {
                any |= keep(original, before, after);
            }
            any
        }
        _ => false,
    }
}

/// Whether two objects agree in the members that are neither objects nor arrays.
fn same_values(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let plain = |v: &Value| !v.is_object() && !v.is_array();
    let within = |a: &Map<String, Value>, b: &Map<String, Value>| {
        a.iter()
            .filter(|(_, v)| plain(v))
            .all(|(k, v)| b.get(k) == Some(v))
    };
    within(a, b) && within(b, a)
}
