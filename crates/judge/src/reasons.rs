//! Why a step is flagged, in words.

use std::collections::BTreeMap;

use super::features::Features;
use super::variant::Variant;
use rotescope_text::number::grouped;
use rotescope_text::sanitize;
use rotescope_trace::{Source, Token, Trace};

/// Reasons are given for at most this many subjects.
const MOST: usize = 3;
/// What a subject must add to the log-odds to be worth a word.
const LEAST: f64 = 0.1;

/// What a feature is about: the part of its name before the first dot; measures and causes belong to their source.
fn subject(name: &str) -> &str {
    let name = name.strip_prefix("missing ").unwrap_or(name);
    let (head, rest) = name.split_once('.').unwrap_or((name, ""));
    match head {
        "measure" | "cause" => Source::ALL
            .into_iter()
            .find(|s| rest.split('.').any(|p| p == s.name()))
            .map_or(head, |s| s.name()),
        "context" | "seen" | "matched" | "share" => "counts",
        "apart" | "prefers_other" => "disagrees",
        _ => head,
    }
}

/// The strongest reasons, strongest first, and the token of the first that has one. Features of one subject are strongly correlated and share
/// out their weight, so what counts is their sum.
pub(super) fn explain(
    trace: &Trace,
    variant: &Variant,
    found: &Features,
) -> (Vec<String>, Option<usize>) {
    let terms = variant.contributions(found);
    let mut subjects: BTreeMap<&str, (f64, Option<usize>)> = BTreeMap::new();
    for (i, (w, term)) in variant.features.iter().zip(&terms).enumerate() {
        let entry = subjects.entry(subject(&w.name)).or_insert((0.0, None));
        entry.0 += term;
        let tokened = |j: usize| {
            found
                .get(&variant.features[j].name)
                .is_some_and(|f| f.token.is_some())
        };
        // A feature that can point to a token speaks for its subject before one that cannot.
        let better = |j: usize| (tokened(i), *term) > (tokened(j), terms[j]);
        if found.contains_key(&w.name) && entry.1.is_none_or(better) {
            entry.1 = Some(i);
        }
    }
    let mut order: Vec<_> = subjects
        .into_iter()
        .filter(|(_, (sum, _))| *sum >= LEAST)
        .collect();
    order.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.0.cmp(b.0)));
    let mut reasons = Vec::new();
    let mut first = None;
    for (subject, (_, best)) in order.into_iter().take(MOST) {
        let feature = best.and_then(|i| found.get(&variant.features[i].name));
        let token = feature.and_then(|f| f.token);
        first = first.or(token);
        let name = best.map_or("", |i| variant.features[i].name.as_str());
        let value = feature.map_or(0.0, |f| f.value);
        reasons.push(phrase(trace, subject, name, value, token));
    }
    (reasons, first)
}

fn phrase(trace: &Trace, subject: &str, name: &str, value: f64, at: Option<usize>) -> String {
    let token = at.and_then(|i| trace.tokens.get(i));
    let on = token.map_or(String::new(), |t| format!(" on '{}'", shown(t)));
    match (subject, token) {
        ("unsure", Some(t)) => format!(
            "unsure: p {}, entropy {:.1} bit{on}",
            hundredths(t.p.into()),
            t.entropy
        ),
        ("unsure", None) => "unsure throughout".into(),
        ("local" | "mid" | "long", _) => {
            let s = Source::ALL.into_iter().find(|s| s.name() == subject);
            let named = token.and_then(|t| t.cause).filter(|c| Some(c.source) == s);
            let published = token.and_then(|t| t.score(s?));
            let cause = named.map_or(String::new(), |c| {
                format!(", named as its cause ({})", hundredths(c.strength))
            });
            match published {
                Some(score) => {
                    let seen = token
                        .and_then(|t| t.local.as_ref())
                        .filter(|_| s == Some(Source::Local))
                        .map_or(String::new(), |l| {
                            format!(", context seen {}", times(l.context_count))
                        });
                    format!("{subject} {}{on}{cause}{seen}", hundredths(score))
                }
                None if token.is_some() => format!("{} {}{on}", plain(name), hundredths(value)),
                None => format!("{} {}", plain(name), hundredths(value)),
            }
        }
        ("counts", Some(t)) => match &t.local {
            Some(l) => format!(
                "{}-token context seen {}, followed by '{}' {}",
                l.context,
                times(l.context_count),
                shown(t),
                times(l.match_count)
            ),
            None => format!("counts{on}"),
        },
        ("disagrees", Some(t)) => {
            let s = super::features::source(name).unwrap_or(Source::Local);
            let counts = super::features::counts(&t.candidates, s);
            let best =
                (0..counts.len()).max_by(|&a, &b| counts[a].total_cmp(&counts[b]).then(b.cmp(&a)));
            match best.filter(|&b| t.candidates.ids[b] != t.id && counts[b] > 0.0) {
                Some(b) => format!(
                    "{s} counts prefer '{}' to '{}'",
                    sanitize::line(t.candidates.text[b].trim()),
                    shown(t)
                ),
                None => format!("{s} counts and probabilities differ{on}"),
            }
        }
        ("conflict", _) => {
            let pair: Vec<&str> = name.split('.').skip(1).take(2).collect();
            format!("{} contradict each other{on}", pair.join(" and "))
        }
        ("new", _) if name == "new.numbers" => format!("a number that nothing before holds{on}"),
        ("new", _) => format!("a word that nothing before holds{on}"),
        ("unsupported", _) => format!("leans on words that the prompt does not hold{on}"),
        ("salient", _) => format!("hangs on few words{on}"),
        ("elicited", _) => format!("the output before alone brings it{on}"),
        ("surprise" | "spread", Some(t)) => format!("unsure: p {}{on}", hundredths(t.p.into())),
        ("surprise" | "spread", None) => "unsure throughout".into(),
        ("number", _) => number(name, &on),
        ("equation", _) => match name {
            "equation.wrong" if value > 0.0 => "an equation that is false".into(),
            "equation.wrong_before" if value > 0.0 => "a false equation before".into(),
            _ => "operations of this kind are often wrong".into(),
        },
        ("shape" | "form", _) => "steps of this form are often wrong".into(),
        _ => format!("{}{on}", plain(name)),
    }
}

/// Where a number comes from.
fn number(name: &str, on: &str) -> String {
    match name {
        "number.nowhere" | "number.nowhere_share" => {
            format!("a number that comes from nowhere{on}")
        }
        "number.contradicts" => format!("a number that contradicts one before{on}"),
        "number.derived" => format!("a result without its equation{on}"),
        "number.unused" | "number.unused_share" => "numbers of the question are left unused".into(),
        _ => format!("numbers from these places are often wrong{on}"),
    }
}

/// A token as part of a sentence.
fn shown(t: &Token) -> String {
    let text = t.text.trim();
    if text.is_empty() {
        "blank".into()
    } else {
        sanitize::line(text).into_owned()
    }
}

/// `measure.gain.local.max` as `local gain (max)`.
fn plain(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        ["measure", measure, source, how] => format!("{source} {measure} ({how})"),
        ["cause", source, how] => format!("{source} cause ({how})"),
        _ => parts.join(" "),
    }
}

/// `.78`, `1`, `-.2`: two digits, no leading zero.
fn hundredths(v: f64) -> String {
    let text = format!("{v:.2}");
    match text.strip_prefix("0.") {
        Some(rest) => format!(".{rest}"),
        None => match text.strip_prefix("-0.") {
            Some(rest) => format!("-.{rest}"),
            None => text,
        },
    }
}

/// `never`, `once`, `41 204 times`.
fn times(n: u64) -> String {
    match n {
        0 => "never".into(),
        1 => "once".into(),
        n => format!("{} times", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(hundredths(0.784), ".78");
        assert_eq!(hundredths(-0.2), "-.20");
        assert_eq!(hundredths(1.0), "1.00");
        assert_eq!(
            (times(41_204), times(1)),
            ("41 204 times".into(), "once".into())
        );
        assert_eq!(plain("measure.gain.local.max"), "local gain (max)");
    }

    #[test]
    fn features_of_a_source_share_a_subject() {
        assert_eq!(subject("measure.gain.mid.max"), "mid");
        assert_eq!(subject("cause.long.mean"), "long");
        assert_eq!(subject("local.max"), "local");
        assert_eq!(subject("seen.local.min"), "counts");
        assert_eq!(subject("missing conflict.local.long.max"), "conflict");
    }

    #[test]
    fn each_subject_has_its_words() {
        let trace = Trace::default();
        let said = |subject: &str, name: &str, value| phrase(&trace, subject, name, value, None);
        for (subject, name, value, words) in [
            ("unsure", "unsure.p", 0.5, "unsure throughout"),
            ("surprise", "surprise.max", 0.5, "unsure throughout"),
            ("spread", "spread.max", 0.5, "unsure throughout"),
            ("local", "local.max", 0.784, "local max .78"),
            ("mid", "measure.gain.mid.max", -0.2, "mid gain (max) -.20"),
            ("long", "cause.long.mean", 1.0, "long cause (mean) 1.00"),
            (
                "conflict",
                "conflict.local.long.max",
                1.0,
                "local and long contradict each other",
            ),
            (
                "new",
                "new.numbers",
                1.0,
                "a number that nothing before holds",
            ),
            ("new", "new.words", 1.0, "a word that nothing before holds"),
            (
                "unsupported",
                "unsupported.max",
                1.0,
                "leans on words that the prompt does not hold",
            ),
            ("salient", "salient.max", 1.0, "hangs on few words"),
            (
                "elicited",
                "elicited.max",
                1.0,
                "the output before alone brings it",
            ),
            (
                "number",
                "number.nowhere",
                1.0,
                "a number that comes from nowhere",
            ),
            (
                "number",
                "number.nowhere_share",
                1.0,
                "a number that comes from nowhere",
            ),
            (
                "number",
                "number.contradicts",
                1.0,
                "a number that contradicts one before",
            ),
            (
                "number",
                "number.derived",
                1.0,
                "a result without its equation",
            ),
            (
                "number",
                "number.unused",
                1.0,
                "numbers of the question are left unused",
            ),
            (
                "number",
                "number.unused_share",
                1.0,
                "numbers of the question are left unused",
            ),
            (
                "number",
                "number.question",
                1.0,
                "numbers from these places are often wrong",
            ),
            (
                "equation",
                "equation.wrong",
                1.0,
                "an equation that is false",
            ),
            (
                "equation",
                "equation.wrong",
                0.0,
                "operations of this kind are often wrong",
            ),
            (
                "equation",
                "equation.wrong_before",
                2.0,
                "a false equation before",
            ),
            (
                "equation",
                "equation.wrong_before",
                0.0,
                "operations of this kind are often wrong",
            ),
            (
                "equation",
                "equation.times",
                1.0,
                "operations of this kind are often wrong",
            ),
            (
                "shape",
                "shape.words",
                1.0,
                "steps of this form are often wrong",
            ),
            (
                "form",
                "form.list",
                1.0,
                "steps of this form are often wrong",
            ),
            ("other", "other.thing", 1.0, "other thing"),
        ] {
            assert_eq!(said(subject, name, value), words, "{name}");
        }
    }

    #[test]
    fn a_token_is_named_with_what_is_known_of_it() {
        let token = Token {
            text: " five".into(),
            p: 0.25,
            entropy: 1.5,
            ..Token::default()
        };
        let blank = Token {
            text: " ".into(),
            ..Token::default()
        };
        let trace = Trace {
            tokens: vec![token, blank],
            ..Trace::default()
        };
        let said = |subject: &str, name: &str, at| phrase(&trace, subject, name, 0.5, Some(at));
        for (subject, name, words) in [
            (
                "unsure",
                "unsure.p",
                "unsure: p .25, entropy 1.5 bit on 'five'",
            ),
            ("surprise", "surprise.max", "unsure: p .25 on 'five'"),
            ("local", "local.max", "local max .50 on 'five'"),
            ("counts", "seen.local.min", "counts on 'five'"),
            (
                "number",
                "number.nowhere",
                "a number that comes from nowhere on 'five'",
            ),
            ("salient", "salient.max", "hangs on few words on 'five'"),
            ("other", "other.thing", "other thing on 'five'"),
        ] {
            assert_eq!(said(subject, name, 0), words, "{name}");
        }
        assert_eq!(
            said("salient", "salient.max", 1),
            "hangs on few words on 'blank'"
        );
        // One that is not there is not named.
        assert_eq!(said("salient", "salient.max", 2), "hangs on few words");
        assert_eq!(times(0), "never");
    }
}
