//! Labels in a file of their own: one object a completion, found by its id.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::path::{Path, PathBuf};

use rotescope_trace::Trace;
use rotescope_trace::files::FileError;
use rotescope_trace::packed::{self, ending};
use serde_json::{Map, Value};

use super::fields::{Fields, Part, text};
use super::labels::{HumanLabels, LabelFields, STEPS};
use super::objects::{self, Shape};
use super::records::RecordsError;
use super::unique::UniqueIds;

/// The rows of a file of labels.
#[derive(Debug, Clone, Default)]
pub struct LabelFile {
    path: PathBuf,
    /// By id. Of several rows with one id the later ones are `id#2`, `id#3`, ..., as completions are when they are imported.
    rows: HashMap<String, Value>,
    /// The first id, to show.
    first: String,
    used: HashSet<String>,
}

impl LabelFile {
    /// Reads JSON lines, a JSON array or a table whose objects have an id and a label; also traces, which have theirs in `meta`.
    ///
    /// # Errors
    /// The file or a row of it cannot be read, or it has no rows.
    pub fn read(path: &Path, fields: &Fields) -> Result<LabelFile, RecordsError> {
        let io = |source| FileError::Io {
            path: path.into(),
            source,
        };
        let mut from = packed::open(path).map_err(io)?;
        let names: Vec<&str> = STEPS.iter().chain(Part::Id.names()).copied().collect();
        let ending = ending(path);
        let shape = objects::shape(ending.as_deref(), from.fill_buf().map_err(io)?, &names);
        if shape == Shape::Text {
            return Err(RecordsError::Unknown {
                path: path.into(),
                known: "labels are objects in JSON lines, JSON, CSV or TSV".into(),
            });
        }
        let mut file = LabelFile {
            path: path.into(),
            ..LabelFile::default()
        };
        let mut ids = UniqueIds::default();
        for (line, object) in objects::read(shape, Box::new(from)) {
            let bad = |message| RecordsError::Item {
                path: path.into(),
                line,
                message,
            };
            let (id, row) = row(object.map_err(bad)?, fields).map_err(bad)?;
            let id = ids.of(id.unwrap_or_else(|| format!("line-{line}")));
            if file.rows.is_empty() {
                file.first.clone_from(&id);
            }
            file.rows.insert(id, row);
        }
        if file.rows.is_empty() {
            return Err(RecordsError::Item {
                path: path.into(),
                line: 1,
                message: "no labels in the file".into(),
            });
        }
        Ok(file)
    }

    /// The labels of a trace, by its id; empty where the file has no row of it.
    pub fn labels(&mut self, trace: &Trace, fields: &LabelFields) -> HumanLabels {
        let id = &trace.prompt.id;
        let Some(row) = self.rows.get(id) else {
            return HumanLabels::default();
        };
        self.used.insert(id.clone());
        let labels = fields.read(row, trace.steps.len());
        if labels.first_wrong.is_some() && !same_steps(row, trace) {
            return HumanLabels {
                first_wrong: None,
                misfit: Some("the label is of other steps".into()),
                ..labels
            };
        }
        labels
    }

    /// Rows that no trace asked for.
    pub fn unused(&self) -> usize {
        self.rows.len() - self.used.len()
    }

    /// For people: the file, and what its first id looks like.
    pub fn about(&self) -> String {
        format!(
            "{} ({} rows, the first with id {:?})",
            self.path.display(),
            self.rows.len(),
            self.first
        )
    }
}

type Row = (Option<String>, Value);

fn row(mut object: Map<String, Value>, fields: &Fields) -> Result<Row, String> {
    let ours = object.get("schema").and_then(Value::as_str);
    if ours.is_some_and(|s| s.starts_with("rotescope.trace/")) {
        let mut prompt = object.remove("prompt").unwrap_or_default();
        let id = prompt.get("id").and_then(text);
        let meta = prompt.get_mut("meta").map(Value::take);
        return Ok((id, meta.unwrap_or_default()));
    }
    let id = fields.find(&object, Part::Id)?.and_then(|(_, v)| text(v));
    Ok((id, Value::Object(object)))
}

/// Where the row has the steps that were labelled: whether they are those of the trace.
fn same_steps(row: &Value, trace: &Trace) -> bool {
    let Some(steps) = row.get("steps").and_then(Value::as_array) else {
        return true;
    };
    let Some(steps): Option<Vec<&str>> = steps.iter().map(Value::as_str).collect() else {
        return true;
    };
    let text = |[from, to]: [usize; 2]| trace.output.get(from..to).map(str::trim);
    let own = trace.steps.iter().map(|s| text(s.span));
    own.eq(steps.iter().map(|s| Some(s.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::Step;

    fn file(name: &str, content: &str) -> Result<LabelFile, RecordsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        LabelFile::read(&path, &Fields::default())
    }

    /// Two steps of one letter each.
    fn trace(id: &str) -> Trace {
        let mut trace = Trace {
            output: "a\nb".into(),
            ..Trace::default()
        };
        trace.prompt.prompt.id = id.into();
        trace.steps = [[0, 2], [2, 3]]
            .map(|span| Step {
                span,
                tokens: [0, 0],
                flag: None,
                verdict: None,
                region: None,
            })
            .into();
        trace
    }

    fn first(file: &mut LabelFile, id: &str) -> Option<i64> {
        let found = file.labels(&trace(id), &LabelFields::default());
        assert_eq!(found.misfit, None);
        found.first_wrong
    }

    #[test]
    fn rows_are_found_by_id_in_every_shape() {
        for (name, content) in [
            (
                "l.jsonl",
                "{\"id\": \"a\", \"label\": 1}\n{\"id\": 7, \"label\": -1}\n",
            ),
            (
                "l.json",
                r#"[{"idx": "a", "label": 1}, {"idx": 7, "labels": [true, true]}]"#,
            ),
            ("l.csv", "id,first_error\na,1\n7,-1\n"),
            ("l.tsv", "id\terror_step\na\t1\n7\tN/A\n"),
            (
                "traces.jsonl",
                "{\"schema\": \"rotescope.trace/1\", \"prompt\": {\"id\": \"a\", \"meta\": {\"label\": 1}}}\n{\"id\": \"7\", \"label\": null}\n",
            ),
        ] {
            let mut file = file(name, content).unwrap();
            let found = ["a", "7", "c"].map(|id| first(&mut file, id));
            assert_eq!(found, [Some(1), Some(-1), None], "{name}");
            assert_eq!(file.unused(), 0);
        }
    }

    #[test]
    fn several_rows_of_one_id_are_counted_as_imports_are() {
        let mut file = file(
            "l.jsonl",
            "{\"id\": \"a\", \"label\": 1}\n{\"id\": \"a\", \"label\": 0}\n",
        )
        .unwrap();
        assert_eq!(first(&mut file, "a#2"), Some(0));
        assert_eq!((first(&mut file, "a"), file.unused()), (Some(1), 0));
    }

    #[test]
    fn a_label_of_other_steps_is_none_of_these() {
        let mut file = file(
            "l.jsonl",
            "{\"id\": \"a\", \"steps\": [\"a\", \"b\"], \"label\": 1}\n{\"id\": \"b\", \"steps\": [\"a\", \"x\"], \"label\": 1}\n",
        )
        .unwrap();
        assert_eq!(first(&mut file, "a"), Some(1));
        let found = file.labels(&trace("b"), &LabelFields::default());
        assert_eq!(found.first_wrong, None);
        assert!(found.misfit.unwrap().contains("other steps"));
    }

    #[test]
    fn what_is_no_file_of_labels_is_refused_by_name_and_line() {
        for (name, content, want) in [
            ("l.txt", "just words\n", "l.txt: of no format"),
            ("l.jsonl", "{\"id\": 1}\n{\"id\"\n", "l.jsonl, item 2"),
            ("l.jsonl", "\n", "of no format"),
            ("l.json", "[]", "no labels in the file"),
        ] {
            let error = file(name, content).unwrap_err().to_string();
            assert!(error.contains(want), "{content:?}: {error}");
        }
    }
}
