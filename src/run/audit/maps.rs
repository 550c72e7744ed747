//! The records of `audit extract`, read for heat maps.

use std::path::Path;

use super::error::AuditError;
use super::lines::each_line;
use rotescope_report::heat::{HeatBuilder, HeatDocument};
use rotescope_trace::audit::AuditRun;
use rotescope_trace::audit::extract::ExtractLine;

/// All documents of some files, and what was asked of the first.
///
/// # Errors
/// As [`each_line`].
pub fn documents<P: AsRef<Path>>(files: &[P]) -> Result<(AuditRun, Vec<HeatDocument>), AuditError> {
    let (mut run, mut all) = (None, Vec::new());
    for path in files {
        let mut builder = HeatBuilder::default();
        each_line(path.as_ref(), &mut |line: ExtractLine| {
            run = run.take().or(line.run);
            all.extend(line.window.and_then(|w| builder.add(w)));
            Ok::<(), AuditError>(())
        })?;
        all.extend(builder.finish());
    }
    Ok((run.unwrap_or_default(), all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::AuditLine;
    use rotescope_trace::audit::extract::ExtractWindow;

    #[test]
    fn whole_lines_are_documents_and_others_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let window = |document: &str, start| ExtractLine {
            window: Some(ExtractWindow {
                document: document.into(),
                start,
                split: [1, 1],
                text: vec!["x".into()],
                ..ExtractWindow::default()
            }),
            ..ExtractLine::new()
        };
        let mut run = AuditRun::default();
        run.model.file = "m.gguf".into();
        let lines = [
            ExtractLine::of_run(run),
            window("a", 0),
            window("a", 1),
            window("b", 0),
        ];
        let line = |l: &ExtractLine| serde_json::to_string(l).unwrap() + "\n";
        let text: String = lines.iter().map(line).collect();
        std::fs::write(&path, &text).unwrap();
        let (run, all) = documents(&[&path]).unwrap();
        let names: Vec<(&str, usize)> = all
            .iter()
            .map(|d| (d.name.as_str(), d.windows.len()))
            .collect();
        assert_eq!(run.model.file, "m.gguf");
        assert_eq!(names, [("a", 2), ("b", 1)]);
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        assert_eq!(documents(&[&path]).unwrap().1.len(), 1);
        for foreign in ["{}\n", "text\n", "{\"schema\":\"rotescope.trace/1\"}\n"] {
            std::fs::write(&path, foreign).unwrap();
            let said = documents(&[&path]).unwrap_err().to_string();
            assert!(said.contains("x.jsonl, line 1"), "{said}");
        }
    }
}
