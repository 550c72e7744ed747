//! Errors of known cause: is the source that is to blame named, and is it left alone in the twin?
//!
//! The wrong token is where [`KnownCause::chain`] says it is. Its counterpart in the twin is the word as many words from the
//! end: behind the mistake, both completions follow one template. Only twins whose whole completion is right count: elsewhere there is no
//! counterpart.

use std::collections::BTreeMap;

use serde_json::Value;

use super::known_cause::{KnownCause, token_at};
use super::origin::Origin;
use super::table::{Cell, Share, Table};
use rotescope_text::words;
use rotescope_trace::{Source, Token, Trace};

/// Which source each method names for a token.
type Names = BTreeMap<String, Option<Source>>;

#[derive(Debug, Default)]
pub struct Named {
    /// By id of the prompt: the source to blame, words behind the wrong one, and what is named where the wrong text was produced.
    causes: BTreeMap<String, (Source, usize, Option<Names>)>,
    /// By id of the prompt that it is the twin of: the names for each word, from the end.
    twins: BTreeMap<String, Vec<Names>>,
}

/// By every method: the published dominant source, the cause, and the largest of each measure.
fn names(t: &Token) -> Names {
    let mut out = Names::new();
    out.insert("published (STIM_max)".into(), t.stim_max().map(|m| m.0));
    // A token without measures was not looked at; then that no cause is named says nothing.
    if !t.measures.is_empty() {
        out.insert("cause".into(), t.cause.map(|c| c.source));
    }
    for (name, values) in &t.measures {
        out.insert(format!("measure {name}"), values.max().map(|m| m.0));
    }
    out
}

impl Named {
    pub fn add(&mut self, t: &Trace, origin: &Origin) {
        let chain = t.prompt.meta.get("chain").and_then(Value::as_str);
        if let Some(c) = KnownCause::of(t) {
            let behind = c.chain.as_deref().zip(chain);
            let Some(behind) = behind.and_then(|(wrong, right)| words_behind(wrong, right)) else {
                return;
            };
            let site = c
                .site(t)
                .and_then(|b| token_at(t, b))
                .map(|i| names(&t.tokens[i]));
            self.causes
                .insert(t.prompt.id.clone(), (c.kind, behind, site));
        } else if let Some(of) = origin.twin_of.as_ref()
            && chain == Some(t.output.trim())
        {
            let named = words(&t.output)
                .iter()
                .rev()
                .map(|w| token_at(t, w.span.start).map_or_else(Names::new, |i| names(&t.tokens[i])))
                .collect();
            self.twins.insert(of.clone(), named);
        }
    }

    /// For each method and source: how often the source to blame is named at the wrong token, and at its counterpart in the twin.
    pub fn table(&self) -> Option<Table> {
        let methods: Vec<&String> = {
            let mut all: Vec<&String> = self
                .causes
                .values()
                .filter_map(|(_, _, n)| n.as_ref())
                .flat_map(|n| n.keys())
                .collect();
            // The published method first, then causes, then measures.
            all.sort_by_key(|n| {
                (
                    n.starts_with("measure"),
                    !n.starts_with("published"),
                    n.as_str(),
                )
            });
            all.dedup();
            all
        };
        if methods.is_empty() {
            return None;
        }
        let mut head = vec!["method".to_string()];
        head.extend(Source::ALL.map(|s| s.to_string()));
        head.extend(Source::ALL.map(|s| format!("twin {s}")));
        let mut t = Table::new(
            "known-cause-named",
            "Known causes: the source to blame is named at the wrong token (of those produced), and at its place in the twin (of those right)",
            &head,
        );
        for method in methods {
            let mut named = [Share::default(); Source::COUNT];
            let mut twin = [Share::default(); Source::COUNT];
            for (id, (kind, behind, site)) in &self.causes {
                let k = *kind as usize;
                let says = |n: &Names| n.get(method).copied().flatten() == Some(*kind);
                if let Some(n) = site {
                    named[k].add(says(n));
                }
                if let Some(n) = self.twins.get(id).and_then(|w| w.get(*behind)) {
                    twin[k].add(says(n));
                }
            }
            let mut row = vec![Cell::from(method.as_str())];
            row.extend(named.into_iter().chain(twin).map(Cell::from));
            t.rows.push(row);
        }
        Some(t)
    }
}

/// How many words of the wrong completion stand behind the first in which it differs from the right one.
fn words_behind(wrong: &str, right: &str) -> Option<usize> {
    let (p, r) = (words(wrong), words(right));
    let first = (0..p.len()).find(|&i| r.get(i).is_none_or(|w| w.text != p[i].text))?;
    Some(p.len() - 1 - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counterpart_is_counted_from_the_end() {
        let right =
            "It rises to 35 + 6 = 41 pens, one nin. There are 31 pens. So the answer is 31.";
        let wrong =
            "It rises to 35 + 6 = 41 pens, one nin. There are 31 shells. So the answer is 31.";
        let twin = "It rises to 69 + 6 = 75 pens. There are 65 pens. So the answer is 65.";
        let behind = words_behind(wrong, right).unwrap();
        assert_eq!(behind, 5);
        let w = words(twin);
        assert_eq!(w[w.len() - 1 - behind].text, "pens");
        assert_eq!(words_behind(right, right), None);
    }
}
