//! The output of a trace with the offsets that its spans refer to.

use rotescope_text::sanitize;
use rotescope_trace::Trace;

/// The output with the byte offsets that spans refer to.
pub fn output_text(trace: &Trace) -> String {
    if trace.tokens.iter().all(|t| t.bytes.is_none()) {
        return trace.output.clone();
    }
    let mut bytes: Vec<u8> = trace
        .tokens
        .iter()
        .flat_map(rotescope_trace::Token::raw)
        .collect();
    bytes.truncate(trace.steps.last().map_or(bytes.len(), |s| s.span[1]));
    sanitize::same_offsets(&bytes).into_owned()
}
