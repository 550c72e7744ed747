//! What stands behind the highest scores of a trace, in lines.

use super::picture::{plain, wrap};
use super::{ReportOptions, StyledCell, text::shown, token_texts};
use crate::theme::{Role, strength};
use rotescope_text::number::grouped;
use rotescope_trace::{CandidateCounts, Evidence, Source, Token, Trace};

/// How many tokens are shown.
const TOKENS: usize = 3;
/// How many candidates of each.
const CANDIDATES: usize = 6;

/// The tokens with the highest numbers and what they rest on; empty when no token has one.
pub fn lines(t: &Trace, o: &ReportOptions) -> Vec<Vec<StyledCell>> {
    let mut scored: Vec<(usize, Source, f64)> = t
        .tokens
        .iter()
        .enumerate()
        .filter_map(|(i, token)| o.measure.of(token).map(|(s, v)| (i, s, v)))
        .filter(|(_, _, v)| strength(*v) > 0)
        .collect();
    // Highest first, then the most frequent match.
    let count = |i: usize| t.tokens[i].local.as_ref().map_or(0, |l| l.match_count);
    scored.sort_by(|a, b| b.2.total_cmp(&a.2).then(count(b.0).cmp(&count(a.0))));
    let (text, dim) = (o.theme.style(Role::Text), o.theme.style(Role::Dim));
    let texts = token_texts(&t.tokens);
    let mut out = Vec::new();
    for (i, source, value) in scored.into_iter().take(TOKENS) {
        let token = &t.tokens[i];
        let said = shown(texts[i].trim());
        let head = format!(
            "  {source} {value:.2}  p {}   {}",
            probability(token.p),
            basis(t, i, source)
        );
        let mut rows = wrap(&head, o.width.saturating_sub(said.len() + 2), "    ").into_iter();
        out.push(vec![]);
        out.push(vec![
            plain(format!("{said:?}"), o.theme.source(source, strength(value))),
            plain(rows.next().unwrap_or_default(), text),
        ]);
        out.extend(rows.map(|r| vec![plain(r, text)]));
        let alone = retrieved(token).unwrap_or_default();
        let alone = wrap(&alone, o.width.saturating_sub(4), "").into_iter();
        let alone = alone.filter(|row| !row.is_empty());
        out.extend(alone.map(|row| vec![plain(format!("    {row}"), dim)]));
        let lead = "    candidates  ";
        // With spaces that do not break, lines end between candidates only.
        let indent = " ".repeat(lead.len());
        let candidates = candidates(token, source).join(", ");
        for (k, line) in wrap(&candidates, o.width.saturating_sub(lead.len()), "")
            .into_iter()
            .enumerate()
        {
            let start = if k == 0 { lead } else { &indent };
            out.push(vec![
                plain(start.into(), dim),
                plain(line.replace('\u{a0}', " "), text),
            ]);
        }
    }
    out
}

/// What a score of a token rests on, in words.
pub(super) fn basis(t: &Trace, i: usize, source: Source) -> String {
    let token = &t.tokens[i];
    let local = match token.evidence(source) {
        Some(Evidence::Local(local)) => local,
        Some(Evidence::NonLocal(found)) if found.words.is_empty() => return String::new(),
        Some(Evidence::NonLocal(found)) => {
            let words = found.words.iter();
            let words: Vec<String> = words
                .map(|w| format!("{:?}", shown(w.text.trim())))
                .collect();
            return format!("with {}", words.join(", "));
        }
        None => return String::new(),
    };
    let from = i.saturating_sub(local.context);
    let mut texts = token_texts(&t.tokens[from..=i]);
    let last = texts.pop().unwrap_or_default();
    let context = texts.concat();
    // A run that begins in the prompt.
    let before = if local.context > i { "… " } else { "" };
    format!(
        "{:?} × {}, followed by {:?} × {}",
        format!("{before}{}", shown(context.trim_start())),
        grouped(local.context_count),
        shown(last.trim()),
        grouped(local.match_count)
    )
}

/// Who knows a token, the model's probability beside that of the corpus alone, in words; `None` where the corpus was not asked.
pub fn retrieved(token: &Token) -> Option<String> {
    let found = token.retrieved.as_ref()?;
    let gap = match found.gap {
        Some(gap) => format!("gap {gap:+.2} nats"),
        None => "gap without bound".into(),
    };
    let share = match found.p {
        0.0 => "0".into(),
        p => probability(p),
    };
    let suffix = match found.n {
        0 => "nothing before it seen".into(),
        1 => format!("the last token seen {} ×", grouped(found.count)),
        n => format!("the last {n} tokens seen {} ×", grouped(found.count)),
    };
    let always = if found.sparse {
        ", one token behind"
    } else {
        ""
    };
    Some(format!(
        "known to {}: p {}, in the corpus {share}, {gap}; {suffix}{always}",
        found.known.about(),
        probability(token.p),
    ))
}

/// The candidates that the corpus knows, with their counts from a source.
fn candidates(token: &Token, source: Source) -> Vec<String> {
    let c = &token.candidates;
    let counts = c.counts(source);
    (0..c.ids.len())
        .filter_map(|k| {
            Some((
                c.text.get(k)?,
                c.p.get(k)?,
                counts.get(k).filter(|n| *n > 0.0)?,
            ))
        })
        .take(CANDIDATES)
        .map(|(text, p, n)| {
            let n = match counts {
                CandidateCounts::Occurrences(_) => grouped(n as u64),
                CandidateCounts::Means(_) => format!("{n:.1}"),
            };
            format!(
                "{:?}\u{a0}p\u{a0}{}\u{a0}×\u{a0}{n}",
                shown(text.trim()),
                probability(*p)
            )
        })
        .collect()
}

/// Two digits, or a power of ten where they would be zeros.
pub(super) fn probability(p: f32) -> String {
    if p >= 0.005 {
        format!("{p:.2}")
    } else {
        format!("{p:.0e}")
    }
}
