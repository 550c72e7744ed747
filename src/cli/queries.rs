//! What indexes behind a network are asked: what is expected before a run, and what it was at its end.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::say;
use rotescope_corpus::{Corpus, CorpusInfo};
use rotescope_remote::{Asker, Kind};
use rotescope_text::number::grouped;

/// Queries that the local score of a token takes, as measured: see docs/remote.md. A request to OpenSearch holds many.
fn local_queries(kind: Kind) -> f64 {
    match kind {
        Kind::OpenSearch => 0.4,
        Kind::InfiniGram | Kind::OlmoTrace => 1.7,
    }
}

/// Tokens of a completion that nobody has seen yet.
const TOKENS: usize = 120;

/// Those opened by this run, to say at its end what they were asked.
static OPENED: Mutex<Vec<Weak<Asker>>> = Mutex::new(Vec::new());

/// Has it counted in what this run asked.
pub fn opened(asker: &Arc<Asker>) {
    let mut all = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(Arc::downgrade(asker));
}

/// What local scores of so many completions are expected to cost, in a line for each index; nothing of those on this machine.
pub fn expected(corpus: &dyn Corpus, completions: usize) -> Option<String> {
    let mut indexes = corpus.parts();
    if indexes.is_empty() {
        indexes.push(corpus.info());
    }
    let lines = indexes.iter().filter_map(|i| expected_of(i, completions));
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn expected_of(info: &CorpusInfo, completions: usize) -> Option<String> {
    let asker = asker(&info.place).filter(|_| info.is_remote)?;
    let limits = asker.limits();
    if limits.offline {
        return Some(format!(
            "{}: offline, only what was answered before",
            info.place
        ));
    }
    let queries = (completions * TOKENS) as f64 * local_queries(asker.address().kind);
    let time = asker.tally().mean().map_or(String::new(), |mean| {
        let at_once = queries * mean.as_secs_f64() / limits.at_a_time as f64;
        let in_turn = limits.per_second.map_or(0.0, |n| queries / n);
        format!(", {}", in_time(at_once.max(in_turn)))
    });
    let of = match completions {
        1 => "a completion".to_string(),
        n => format!("{} completions", grouped(n as u64)),
    };
    Some(format!(
        "{}: about {} queries{time} for local scores of {of} of {TOKENS} tokens; less where answers are known",
        info.place,
        grouped(queries.round() as u64)
    ))
}

/// Writes the answers that are not yet kept: threads that still ask may outlive the command.
pub fn keep_answers() {
    let all = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    for asker in all.iter().filter_map(Weak::upgrade) {
        if let Err(error) = asker.keep_answers() {
            say!("rotescope: {error}");
        }
    }
}

/// What the indexes behind a network were asked by this run, a line for each.
pub fn asked() -> Vec<String> {
    let all = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let line = |asker: Arc<Asker>| {
        let tally = asker.tally();
        let again = match tally.repeated {
            0 => String::new(),
            n => format!(" ({} of them again)", grouped(n)),
        };
        format!(
            "{}: {} queries asked{again}, {} answers known",
            asker.address(),
            grouped(tally.asked),
            grouped(tally.known)
        )
    };
    all.iter().filter_map(Weak::upgrade).map(line).collect()
}

fn asker(place: &str) -> Option<Arc<Asker>> {
    let all = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut open = all.iter().rev().filter_map(Weak::upgrade);
    open.find(|a| a.address().to_string() == place)
}

fn in_time(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "less than a second".into(),
        s if s < 1.5 => "1 second".into(),
        s if s < 100.0 => format!("{s:.0} seconds"),
        s => format!("{:.0} minutes", s / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_words() {
        for (seconds, said) in [
            (0.2, "less than a second"),
            (1.0, "1 second"),
            (1.49, "1 second"),
            (1.5, "2 seconds"),
            (89.6, "90 seconds"),
            (99.9, "100 seconds"),
            (100.0, "2 minutes"),
            (3600.0, "60 minutes"),
        ] {
            assert_eq!(in_time(seconds), said, "{seconds}");
        }
    }
}
