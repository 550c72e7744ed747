//! Does a completion that counts how often something occurs in a list count right?
//!
//! Read are enumerations such as `1 plum (1), 2 pear, 3 plum (2)`, with or without numbers and running
//! counts, one line or many (`1. plum`, `- plum (1)`, `3) plum -> 2`), and the final answer.

use serde_json::Value;

use super::verdict::{Judgement, first_difference};
use super::verifier::{Completion, Findings, Parameter, Verifier, is_list, is_text};
use rotescope_text::{AnswerRule, ByteRange, final_answer, number::number_len};

const LIST: Parameter = Parameter {
    key: "list",
    what: "the items, in order",
    holds: is_list,
};
const TARGET: Parameter = Parameter {
    key: "target",
    what: "the item that is counted",
    holds: is_text,
};

/// An enumeration against the prompt's list, entry by entry, and the answer.
#[derive(Debug, Clone, Copy)]
pub struct Counting;

impl Verifier for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn needs(&self) -> &'static [Parameter] {
        &[LIST, TARGET]
    }

    fn findings(&self, c: &Completion<'_>) -> Findings {
        let list = c.prompt.meta.get(LIST.key).and_then(Value::as_array);
        let (Some(list), Some(target)) = (list, c.text_of(&TARGET)) else {
            return Findings::nothing();
        };
        let list: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        Findings::Whole(check(c.text, &list, target))
    }
}

/// One entry of an enumeration.
struct Entry {
    index: Option<(ByteRange, u64)>,
    item: ByteRange,
    count: Option<(ByteRange, u64)>,
    span: ByteRange,
}

/// Checks the enumeration, entry by entry, and then the final answer, against the true list.
///
/// Offsets are bytes of `chain`. The first mistake is reported: a wrong number of an entry, a wrong
/// item, a wrong, missing or needless running count, an entry too few or too many, a wrong answer.
/// Not applicable if there is neither an enumeration nor an answer in digits. Items are compared
/// without regard to case.
pub fn check(chain: &str, list: &[&str], target: &str) -> Judgement {
    let answer = final_answer(chain).filter(|a| a.rule != AnswerRule::LastNumber);
    let body = &chain[..answer.as_ref().map_or(chain.len(), |a| a.span.start)];
    let entries = entries(body, list);
    if !entries.is_empty()
        && let Some(wrong) = first_wrong(chain, &entries, list, target)
    {
        return wrong;
    }
    let truth = list.iter().filter(|i| same(i, target)).count().to_string();
    let digits = answer
        .map(|a| a.span.start..a.span.start + number_len(a.text))
        .filter(|d| !d.is_empty());
    match digits {
        Some(d) if chain[d.clone()] != truth => {
            let why = format!("'{target}' occurs {truth} times in the list");
            wrong(chain, d, truth, why)
        }
        None if entries.is_empty() => Judgement::NotApplicable,
        _ => Judgement::Right,
    }
}

fn wrong(chain: &str, span: ByteRange, expected: String, why: String) -> Judgement {
    let at = first_difference(&chain[span.clone()], &expected, span.start);
    Judgement::Wrong {
        span,
        at,
        expected,
        why,
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn first_wrong(chain: &str, entries: &[Entry], list: &[&str], target: &str) -> Option<Judgement> {
    let counted = entries.iter().any(|e| e.count.is_some());
    let mut running = 0;
    for (k, e) in entries.iter().enumerate() {
        let n = k as u64 + 1;
        if let Some((span, index)) = &e.index
            && *index != n
        {
            return Some(wrong(
                chain,
                span.clone(),
                n.to_string(),
                format!("this is entry {n}"),
            ));
        }
        let Some(item) = list.get(k) else {
            let why = format!("the list ends after {} items", list.len());
            return Some(Judgement::Wrong {
                span: e.span.clone(),
                at: e.span.start,
                expected: String::new(),
                why,
            });
        };
        let found = &chain[e.item.clone()];
        if !same(found, item) {
            let at = first_difference(&found.to_lowercase(), &item.to_lowercase(), e.item.start)
                .min(e.item.end);
            let why = format!("item {n} of the list is '{item}'");
            return Some(Judgement::Wrong {
                span: e.item.clone(),
                at,
                expected: (*item).to_owned(),
                why,
            });
        }
        let is_target = same(item, target);
        running += u64::from(is_target);
        match &e.count {
            Some((span, _)) if !is_target => {
                let why = format!("'{item}' is not counted");
                return Some(Judgement::Wrong {
                    span: span.clone(),
                    at: span.start,
                    expected: String::new(),
                    why,
                });
            }
            Some((span, count)) if *count != running => {
                let why = format!("'{target}' has occurred {running} times up to here");
                return Some(wrong(chain, span.clone(), running.to_string(), why));
            }
            None if is_target && counted => {
                let why = format!("this '{target}' is not counted; it is number {running}");
                return Some(Judgement::Wrong {
                    span: e.item.clone(),
                    at: e.item.end,
                    expected: format!("{item} ({running})"),
                    why,
                });
            }
            _ => {}
        }
    }
    let next = list.get(entries.len())?;
    let last = entries.last()?;
    let why = format!(
        "the list has {} items, the completion stops after {}",
        list.len(),
        entries.len()
    );
    Some(Judgement::Wrong {
        span: last.span.clone(),
        at: last.span.end,
        expected: format!("{} {next}", entries.len() + 1),
        why,
    })
}

/// The entries of an enumeration, in order; numbered ones only, if there are any.
fn entries(body: &str, list: &[&str]) -> Vec<Entry> {
    let found: Vec<Entry> = pieces(body)
        .into_iter()
        .filter_map(|p| entry(body, p, list))
        .collect();
    if found.iter().any(|e| e.index.is_some()) {
        found.into_iter().filter(|e| e.index.is_some()).collect()
    } else {
        found
    }
}

/// Cuts at commas, semicolons, line breaks, and at dots and colons before a blank, except behind
/// the number of an entry.
fn pieces(body: &str) -> Vec<ByteRange> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (i, c) in body.char_indices() {
        let behind = body[i + c.len_utf8()..].chars().next();
        let number = || {
            let head =
                body[start..i].trim_matches(|c: char| c.is_whitespace() || "-*•".contains(c));
            !head.is_empty() && head.bytes().all(|b| b.is_ascii_digit())
        };
        let cut = matches!(c, ',' | ';' | '\n')
            || (matches!(c, '.' | ':') && behind.is_none_or(char::is_whitespace) && !number());
        if cut {
            pieces.push(start..i);
            start = i + c.len_utf8();
        }
    }
    pieces.push(start..body.len());
    pieces
}

fn entry(body: &str, piece: ByteRange, list: &[&str]) -> Option<Entry> {
    let whole = body[piece]
        .trim()
        .trim_start_matches(['-', '*', '•'])
        .trim_start();
    let whole = whole.strip_prefix("and ").unwrap_or(whole);
    let offset = |part: &str| part.as_ptr() as usize - body.as_ptr() as usize;
    let span = |part: &str| offset(part)..offset(part) + part.len();
    let digits = whole.bytes().take_while(u8::is_ascii_digit).count();
    let (index, rest) = if digits > 0 {
        let behind = &whole[digits..];
        let rest = behind.trim_start_matches(['.', ')', ':']);
        // "2nd" is no number of an entry.
        if rest.len() == behind.len() && !behind.starts_with(char::is_whitespace) {
            return None;
        }
        (
            Some((span(&whole[..digits]), whole[..digits].parse().ok()?)),
            rest.trim_start(),
        )
    } else {
        (None, whole)
    };
    let end = ["(", " -", "->", "=", ":", "["]
        .iter()
        .filter_map(|m| rest.find(m))
        .min()
        .unwrap_or(rest.len());
    let item = rest[..end]
        .trim()
        .trim_matches(['\'', '"', '`', '*', '‘', '’', '“', '”']);
    let known = list.iter().any(|l| same(l, item));
    let words = item.split_whitespace().count();
    let plausible = index.is_some()
        && (1..=2).contains(&words)
        && item
            .chars()
            .all(|c| c.is_alphabetic() || c == ' ' || c == '-');
    if item.is_empty() || !(known || plausible) {
        return None;
    }
    let tail = &rest[end..];
    let from = tail.find(|c: char| c.is_ascii_digit());
    let count = from.and_then(|f| {
        let n = tail[f..].bytes().take_while(u8::is_ascii_digit).count();
        let part = &tail[f..f + n];
        (!tail[f + n..].contains(|c: char| c.is_ascii_digit())).then_some(())?;
        Some((span(part), part.parse().ok()?))
    });
    Some(Entry {
        index,
        item: span(item),
        count,
        span: span(whole),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [&str; 5] = ["plum", "pear", "plum", "fig", "plum"];

    fn at(chain: &str) -> (usize, String) {
        match check(chain, &LIST, "plum") {
            Judgement::Wrong { at, expected, .. } => (at, expected),
            v => panic!("{v:?} for {chain:?}"),
        }
    }

    #[test]
    fn right_in_all_variants() {
        for chain in [
            " 1 plum (1), 2 pear, 3 plum (2), 4 fig, 5 plum (3). So the answer is 3.",
            "1. plum\n2. pear\n3. plum\n4. fig\n5. plum\nSo the answer is 3.",
            "Let us count: 1) plum (1)\n2) pear\n3) plum (2)\n4) fig\n5) plum (3)\n#### 3",
            "- plum (1)\n- pear\n- plum (2)\n- fig\n- Plum (3)\nThe answer is 3 times.",
            "plum -> 1, pear, plum -> 2, fig, plum -> 3",
            "So the answer is 3.",
        ] {
            assert_eq!(check(chain, &LIST, "plum"), Judgement::Right, "{chain:?}");
        }
    }

    #[test]
    fn the_first_mistake_is_found() {
        // A wrong item, a wrong count, a missing count, a needless count.
        assert_eq!(
            at(" 1 plum (1), 2 plum (2), 3 plum (3)"),
            (16, "pear".into())
        );
        assert_eq!(
            at(" 1 plum (1), 2 pear, 3 plum (3), 4 fig, 5 plum (4)."),
            (29, "2".into())
        );
        assert_eq!(
            at(" 1 plum (1), 2 pear, 3 plum, 4 fig, 5 plum (2)."),
            (27, "plum (2)".into())
        );
        assert_eq!(at(" 1 plum (1), 2 pear (2)"), (21, String::new()));
        // A skipped number, an entry too few, an entry too many, a wrong answer.
        assert_eq!(at(" 1 plum (1), 3 pear"), (13, "2".into()));
        assert_eq!(
            at("1 plum, 2 pear, 3 plum, 4 fig. So the answer is 2."),
            (29, "5 plum".into())
        );
        assert_eq!(
            at("1 plum, 2 pear, 3 plum, 4 fig, 5 plum, 6 fig"),
            (39, String::new())
        );
        assert_eq!(
            at("1 plum, 2 pear, 3 plum, 4 fig, 5 plum. So the answer is 2."),
            (56, "3".into())
        );
        assert_eq!(at("So the answer is 31."), (18, "3".into()));
    }

    #[test]
    fn nothing_to_check() {
        assert_eq!(
            check("I do not know.", &LIST, "plum"),
            Judgement::NotApplicable
        );
        assert_eq!(check("", &LIST, "plum"), Judgement::NotApplicable);
        assert_eq!(
            check("So the answer is three.", &LIST, "plum"),
            Judgement::NotApplicable
        );
    }
}
