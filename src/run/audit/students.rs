//! Windows by one of several models.

use super::error::AuditError;
use super::extract::{Cost, Extractor, rounded};
use super::texts::TextWindow;
use rotescope_audit::Extraction;
use rotescope_audit::students::Rouge;
use rotescope_trace::audit::students::StudentWindow;

/// The records of some windows by the extractor's model. `rouge`: whether greedy continuations are written out and held against the text.
///
/// # Errors
/// Failures of the model; to be cancelled.
pub fn records(
    extractor: &Extractor<'_>,
    model: &str,
    test: bool,
    windows: &[TextWindow],
    rouge: bool,
    cost: &mut Cost,
) -> Result<Vec<StudentWindow>, AuditError> {
    let scores = extractor.read(windows, cost)?;
    let mut out = Vec::with_capacity(windows.len());
    for (window, scores) in windows.iter().zip(scores) {
        let e = Extraction::new(&scores);
        let mut record = StudentWindow {
            model: model.into(),
            test,
            document: window.document.to_string(),
            start: window.start,
            split: [window.split.prefix, window.split.continuation],
            verbatim: e.is_recited(),
            matched: rounded(e.matched),
            recited: e.recited,
            log_p_z: e.log_p_z.map(rounded),
            nll: rounded(-e.log_p / e.length.max(1) as f64),
            rouge: None,
        };
        if rouge {
            let truth = window.continuation();
            let written = [&truth[..e.recited], &extractor.goes_on(window, e.recited)?].concat();
            let r = Rouge::new(&extractor.text(&written), &extractor.text(truth));
            record.rouge = Some([r.one, r.two, r.l].map(rounded));
        }
        out.push(record);
    }
    Ok(out)
}
