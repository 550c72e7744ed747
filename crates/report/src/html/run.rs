//! How a trace was made.

use rotescope_text::number::grouped;
use rotescope_trace::Trace;

/// What a trace says of how it was made, in named lines.
pub(super) fn run(t: &Trace) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let m = &t.model;
    let mut model = vec![m.shown()];
    model.extend([&m.architecture, &m.quantization].map(Clone::clone));
    if m.parameters > 0 {
        model.push(format!("{:.1} M weights", m.parameters as f64 / 1e6));
    }
    if let Some(hash) = m.sha256.get(..12) {
        model.push(format!("SHA-256 {hash}…"));
    }
    model.retain(|part| !part.is_empty());
    if !model.is_empty() {
        out.push(("model", model.join(" · ")));
    }
    if let Some(i) = &t.import {
        let writer = match i.writer.as_str() {
            "" => String::new(),
            w => format!(" · written by {w}"),
        };
        let line = format!(
            "{} · {}{writer} · probabilities: {}",
            i.file, i.format, i.probabilities
        );
        out.push(("imported from", line));
    }
    if let Some(i) = &t.index {
        let mut line = vec![i.id.clone(), format!("{} tokens", grouped(i.tokens))];
        line.extend(i.documents.map(|n| format!("{} documents", grouped(n))));
        line.extend(i.counts.clone());
        out.push(("index", line.join(" · ")));
    }
    if t.import.is_none() {
        let s = &t.sampler;
        let how = match s.temperature {
            0.0 => "the most probable token".into(),
            x => format!(
                "temperature {x} · top-k {} · top-p {} · min-p {}",
                s.top_k, s.top_p, s.min_p
            ),
        };
        out.push((
            "sampler",
            format!("{how} · seed {} · at most {} tokens", s.seed, s.max_tokens),
        ));
    }
    let a = &t.attribution;
    let mut scoring = vec![format!("{} candidates", a.candidates)];
    match &a.non_local {
        Some(n) => {
            let names: Vec<&str> = n.sources.iter().map(|s| s.name()).collect();
            scoring.push(format!("local, {}", names.join(", ")));
            scoring.push(format!("scope {} · saliency {}", n.scope, n.saliency));
        }
        None if t.index.is_some() => scoring.push("local".into()),
        None => {}
    }
    out.push(("scoring", scoring.join(" · ")));
    out.push(("rotescope", t.rotescope.clone()));
    out
}
