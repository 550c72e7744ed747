//! Planted errors: is the source that was planted named, and is it left alone in the clean twin?
//!
//! A plant's wrong token is where the planted chain says it is. Its counterpart in the clean twin is the word as many words from the
//! end: behind the plant, both chains follow one template. Only twins whose whole chain is right count: elsewhere there is no
//! counterpart.

use std::collections::BTreeMap;

use serde_json::Value;

use super::planted::{Planted, token_at};
use super::table::{Cell, Share, Table};
use rotescope_text::words;
use rotescope_trace::{Source, Token, Trace};

/// Which source each method names for a token.
type Names = BTreeMap<String, Option<Source>>;

#[derive(Debug, Default)]
pub struct Named {
    /// By id of the planted prompt: kind, words behind the wrong one, and what is named where the plant was taken.
    plants: BTreeMap<String, (Source, usize, Option<Names>)>,
    /// By id of the planted prompt: the names for each word of the clean twin, from the end.
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
    pub fn add(&mut self, t: &Trace) {
        let meta = &t.prompt.meta;
        if let Some(p) = Planted::of(t) {
            let Some(kind) = Source::ALL.into_iter().find(|s| s.name() == p.kind) else {
                return;
            };
            let chain = |v: &Value| v.get("chain").and_then(Value::as_str).map(str::to_string);
            let Some((planted, right)) = meta.get("planted").and_then(chain).zip(chain(meta))
            else {
                return;
            };
            let Some(behind) = words_behind(&planted, &right) else {
                return;
            };
            let site = p
                .site(t)
                .and_then(|b| token_at(t, b))
                .map(|i| names(&t.tokens[i]));
            self.plants
                .insert(t.prompt.id.clone(), (kind, behind, site));
        } else if let (Some("clean"), Some(pair)) = (t.prompt.split.as_deref(), &t.prompt.pair) {
            let chain = meta.get("chain").and_then(Value::as_str);
            if chain != Some(t.output.trim()) {
                return;
            }
            let named = words(&t.output)
                .iter()
                .rev()
                .map(|w| token_at(t, w.span.start).map_or_else(Names::new, |i| names(&t.tokens[i])))
                .collect();
            self.twins.insert(pair.clone(), named);
        }
    }

    /// For each method and kind of plant: how often the planted source is named at the wrong token, and at its counterpart in the clean twin.
    pub fn table(&self) -> Option<Table> {
        let methods: Vec<&String> = {
            let mut all: Vec<&String> = self
                .plants
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
        let mut t = Table::new(
            "planted-named",
            "Planted errors: the planted source is named at the wrong token (of those taken), and at its place in the clean twin (of those right)",
            &[
                "method",
                "local",
                "mid",
                "long",
                "twin local",
                "twin mid",
                "twin long",
            ],
        );
        for method in methods {
            let mut named = [Share::default(); 3];
            let mut clean = [Share::default(); 3];
            for (id, (kind, behind, site)) in &self.plants {
                let k = *kind as usize;
                let says = |n: &Names| n.get(method).copied().flatten() == Some(*kind);
                if let Some(n) = site {
                    named[k].add(says(n));
                }
                if let Some(n) = self.twins.get(id).and_then(|w| w.get(*behind)) {
                    clean[k].add(says(n));
                }
            }
            let mut row = vec![Cell::from(method.as_str())];
            row.extend(named.into_iter().chain(clean).map(Cell::from));
            t.rows.push(row);
        }
        Some(t)
    }
}

/// How many words of the planted chain stand behind the first in which it differs from the right one.
fn words_behind(planted: &str, right: &str) -> Option<usize> {
    let (p, r) = (words(planted), words(right));
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
        let planted =
            "It rises to 35 + 6 = 41 pens, one nin. There are 31 shells. So the answer is 31.";
        let twin = "It rises to 69 + 6 = 75 pens. There are 65 pens. So the answer is 65.";
        let behind = words_behind(planted, right).unwrap();
        assert_eq!(behind, 5);
        let w = words(twin);
        assert_eq!(w[w.len() - 1 - behind].text, "pens");
        assert_eq!(words_behind(right, right), None);
    }
}
