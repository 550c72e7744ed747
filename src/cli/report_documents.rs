//! The documents behind the tokens of a trace, where its index is at hand.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::remote;
use rotescope_corpus::Corpus;
use rotescope_report::html::TokenDocument;
use rotescope_report::theme::strength;
use rotescope_trace::Trace;

/// Documents of one token.
const LISTED: usize = 2;
/// Occurrences that are looked at: documents of one text are listed once.
const LOOKED_AT: usize = 4;
/// Characters shown before a run, and after it.
const AROUND: usize = 80;
/// Strength of the local score from which on a token's documents are shown; a page with those of all would be several times as large.
const LEAST: u8 = 4;

/// An index that is asked for the runs of traces.
pub struct RunDocuments {
    corpus: Arc<dyn Corpus>,
    /// By run: many tokens end the same one.
    known: HashMap<Vec<u32>, Vec<TokenDocument>>,
    /// Traces of another tokenizer, which have none.
    pub other: usize,
}

impl RunDocuments {
    pub fn open(index: &Path) -> Result<RunDocuments> {
        let folder = remote::folder(index);
        let corpus = rotescope_corpus::open(&folder);
        Ok(RunDocuments {
            corpus: corpus.with_context(|| format!("--index {}", index.display()))?,
            known: HashMap::new(),
            other: 0,
        })
    }

    /// By token: those with a high local score, and those that a verifier calls wrong or a flag points at.
    pub fn of(&mut self, t: &Trace) -> Result<BTreeMap<usize, Vec<TokenDocument>>> {
        let mut out = BTreeMap::new();
        if t.model.tokenizer != self.corpus.info().tokenizer {
            self.other += 1;
            return Ok(out);
        }
        let verdicts = t.steps.iter().filter_map(|s| s.verdict.as_ref());
        let wrong = verdicts.filter(|v| !v.right).flat_map(|v| &v.tokens);
        let flags = t.steps.iter().filter_map(|s| s.flag.as_ref());
        let flagged = flags.filter(|f| f.is_raised()).filter_map(|f| f.token);
        let named: Vec<usize> = wrong.copied().chain(flagged).collect();
        for (i, token) in t.tokens.iter().enumerate() {
            let Some(local) = token.local.as_ref().filter(|l| l.match_count > 0) else {
                continue;
            };
            let strong = local.score.is_some_and(|s| strength(s) >= LEAST);
            if strong || named.contains(&i) {
                let found = self.documents(t, i, local.context)?;
                if !found.is_empty() {
                    out.insert(i, found);
                }
            }
        }
        Ok(out)
    }

    /// Documents that hold the run of `context` tokens before token `i`, and the token.
    fn documents(&mut self, t: &Trace, i: usize, context: usize) -> Result<Vec<TokenDocument>> {
        let own = &t.tokens[i.saturating_sub(context)..=i];
        // A run may begin in the prompt.
        let before = &t.prompt.tokens[t
            .prompt
            .tokens
            .len()
            .saturating_sub(context.saturating_sub(i))..];
        let run: Vec<u32> = before
            .iter()
            .copied()
            .chain(own.iter().map(|t| t.id))
            .collect();
        if let Some(known) = self.known.get(&run) {
            return Ok(known.clone());
        }
        let bytes: Vec<u8> = own.iter().flat_map(rotescope_trace::Token::raw).collect();
        let text = String::from_utf8_lossy(&bytes).trim().to_string();
        let hits = self.corpus.occurrences_of(&run, LOOKED_AT, 0)?.value.hits;
        let mut found: Vec<TokenDocument> = Vec::new();
        for hit in hits {
            let d = self.corpus.document(hit.document)?;
            let shown = TokenDocument {
                id: d
                    .id
                    .unwrap_or_else(|| format!("{}, line {}", d.source, d.line)),
                text: around(&d.text, &text),
            };
            if found.len() < LISTED && found.iter().all(|f| f.text != shown.text) {
                found.push(shown);
            }
        }
        self.known.insert(run, found.clone());
        Ok(found)
    }
}

/// A text around the first place where it holds a run: before, the run, after. Where it does not hold it (its tokens read otherwise at their place), its beginning.
fn around(text: &str, run: &str) -> [String; 3] {
    let Some((before, after)) = text.split_once(run).filter(|_| !run.is_empty()) else {
        let start: String = text.chars().take(2 * AROUND).collect();
        return [start, String::new(), String::new()];
    };
    let skipped = before.chars().count().saturating_sub(AROUND);
    let mut left: String = before.chars().skip(skipped).collect();
    if skipped > 0 {
        left.insert(0, '…');
    }
    let mut right: String = after.chars().take(AROUND).collect();
    if right.len() < after.len() {
        right.push('…');
    }
    let safe = |text: &str| rotescope_text::sanitize::block(text).into_owned();
    [safe(&left), safe(run), safe(&right)]
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn a_run_is_shown_with_what_stands_around_it() {
        let text = format!("{}日x = 12.{}", "a".repeat(200), "b".repeat(200));
        let [left, run, right] = around(&text, "x = 12");
        assert!(left.starts_with('…') && left.ends_with("a日"));
        assert_eq!((run.as_str(), left.chars().count()), ("x = 12", 81));
        assert!(right.starts_with(".b") && right.ends_with('…'));
        assert_eq!(around("short", "none"), ["short", "", ""]);
    }
}
