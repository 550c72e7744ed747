//! A trace as text for a terminal: the chain, a lane of glyphs under it that says the same as the colors, and the evidence.

use std::fmt::Write;

use super::common::grouped;
use crate::text::sanitize::line as sanitize;
use crate::trace::{Token, Trace};

/// Foregrounds for the strength of a local score, weak to strong (256-color palette, orange).
const LOCAL: [u8; 5] = [180, 179, 214, 208, 202];
/// The same without color: nothing, then higher and higher.
const LANE: [char; 6] = [' ', '▁', '▃', '▅', '▆', '█'];
const EVIDENCE: usize = 3;

/// Strength of a score in five steps; 0 where it is undefined, zero or negative.
pub fn strength(score: Option<f64>) -> usize {
    score.map_or(0, |s| (s * 5.0).ceil().clamp(0.0, 5.0) as usize)
}

fn score(t: &Token) -> Option<f64> {
    t.local.as_ref().and_then(|l| l.score)
}

/// The whole picture, `width` columns wide.
pub fn trace(t: &Trace, width: usize, color: bool) -> String {
    let bold = |s: &str| {
        if color {
            format!("\x1b[1m{s}\x1b[0m")
        } else {
            s.to_string()
        }
    };
    let mut out = String::new();
    let index = t.index.as_ref().map_or("no index".into(), |i| {
        format!("{} {:.1} M tokens", i.id, i.tokens as f64 / 1e6)
    });
    let _ = writeln!(
        out,
        "{}  {} · {} · {:.0} tokens/s\n",
        bold(&t.prompt.id),
        t.model.file,
        index,
        t.timing.tokens_per_second
    );
    let _ = writeln!(out, "{}\n", wrap(&sanitize(&t.prompt.question), width, ""));
    for (number, step) in t.steps.iter().enumerate() {
        chain_lines(
            &mut out,
            number + 1,
            &t.tokens[step.tokens[0]..step.tokens[1]],
            width,
            color,
        );
    }
    let answer = t.answer.extracted.as_deref().unwrap_or("none found");
    let verdict = match (t.answer.right, &t.answer.expected) {
        (Some(true), _) => ", right".to_string(),
        (Some(false), Some(e)) => format!(", wrong: {e} expected"),
        _ => String::new(),
    };
    let _ = writeln!(
        out,
        "\n{} {}{}",
        bold("answer"),
        sanitize(answer),
        sanitize(&verdict)
    );
    legend(&mut out, color);
    evidence(&mut out, t, width);
    out
}

fn legend(out: &mut String, color: bool) {
    let _ = write!(out, "{:<7}", "local");
    for level in 1..=5 {
        let glyph = LANE[level];
        let label = format!("{glyph} {:.1}", level as f64 / 5.0);
        let _ = if color {
            write!(out, "\x1b[38;5;{}m{label}\x1b[0m  ", LOCAL[level - 1])
        } else {
            write!(out, "{label}  ")
        };
    }
    out.push_str(
        "\n       rank correlation of the candidates' probabilities with their counts after the same context\n\n",
    );
}

/// One step: its tokens, wrapped, each line with its lane below.
fn chain_lines(out: &mut String, number: usize, tokens: &[Token], width: usize, color: bool) {
    let room = width.saturating_sub(5).max(20);
    let (mut text, mut lane, mut used) = (String::new(), String::new(), 0);
    let mut first = true;
    let mut flush = |text: &mut String, lane: &mut String, used: &mut usize| {
        if *used > 0 {
            let head = if first {
                format!("{number:>3}  ")
            } else {
                "     ".into()
            };
            first = false;
            let _ = writeln!(out, "{head}{}", text.trim_end());
            if !lane.trim().is_empty() {
                let _ = writeln!(out, "     {}", lane.trim_end());
            }
        }
        text.clear();
        lane.clear();
        *used = 0;
    };
    for t in tokens {
        let shown = sanitize(&t.text.replace('\n', " ")).into_owned();
        let shown = if used == 0 {
            shown.trim_start().to_string()
        } else {
            shown
        };
        let cells = shown.chars().count();
        if used + cells > room {
            flush(&mut text, &mut lane, &mut used);
        }
        let level = strength(score(t));
        if level > 0 && color {
            let _ = write!(text, "\x1b[38;5;{}m{shown}\x1b[0m", LOCAL[level - 1]);
        } else {
            text.push_str(&shown);
        }
        let blank = shown.chars().take_while(|c| *c == ' ').count();
        lane.push_str(&" ".repeat(blank));
        lane.extend(std::iter::repeat_n(LANE[level], cells - blank));
        used += cells;
    }
    flush(&mut text, &mut lane, &mut used);
}

/// The tokens with the highest scores and what stands behind them.
fn evidence(out: &mut String, t: &Trace, width: usize) {
    let mut scored: Vec<usize> = (0..t.tokens.len())
        .filter(|i| strength(score(&t.tokens[*i])) > 0)
        .collect();
    // Highest score first, then the most frequent match.
    let rank = |i: &usize| {
        (
            score(&t.tokens[*i]).unwrap_or(0.0),
            t.tokens[*i].local.as_ref().map_or(0, |l| l.match_count),
        )
    };
    scored.sort_by(|a, b| {
        rank(b)
            .partial_cmp(&rank(a))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for i in scored.into_iter().take(EVIDENCE) {
        let token = &t.tokens[i];
        let Some(local) = &token.local else { continue };
        let from = i.saturating_sub(local.context);
        let mut context: String = t.tokens[from..i].iter().map(|t| t.text.as_str()).collect();
        if local.context > i {
            context = format!("… {context}");
        }
        let said = sanitize(token.text.trim());
        let _ = writeln!(
            out,
            "{said:?}  local {:.2}  p {:.2}   {:?} × {}, followed by {said:?} × {}",
            local.score.unwrap_or(0.0),
            token.p,
            sanitize(context.trim_start()),
            grouped(local.context_count),
            grouped(local.match_count)
        );
        let c = &token.candidates;
        let seen = (0..c.ids.len()).filter(|k| c.local.get(*k).is_some_and(|n| *n > 0));
        let cells: Vec<String> = seen
            .take(6)
            .map(|k| {
                format!(
                    "{:?}\u{a0}p\u{a0}{}\u{a0}×\u{a0}{}",
                    sanitize(c.text[k].trim()),
                    probability(c.p[k]),
                    grouped(c.local[k])
                )
            })
            .collect();
        // With spaces that do not break, lines end between candidates only.
        let lead = "    candidates  ";
        let indent = " ".repeat(lead.len());
        let lines = wrap(&cells.join(", "), width.saturating_sub(lead.len()), &indent);
        let _ = writeln!(out, "{lead}{}", lines.replace('\u{a0}', " "));
    }
}

/// Two digits, or a power of ten where they would be zeros.
fn probability(p: f32) -> String {
    if p >= 0.005 {
        format!("{p:.2}")
    } else {
        format!("{p:.0e}")
    }
}

/// Breaks at spaces; lines after the first begin with `indent`.
fn wrap(line: &str, width: usize, indent: &str) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in line.split(' ') {
        let n = word.chars().count();
        if used > 0 && used + 1 + n > width {
            out.push('\n');
            out.push_str(indent);
            used = indent.chars().count();
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += n;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_has_five_steps_and_none_for_nothing() {
        let got: Vec<usize> = [
            None,
            Some(-0.4),
            Some(0.0),
            Some(0.1),
            Some(0.2),
            Some(0.378),
            Some(0.81),
            Some(1.0),
        ]
        .map(strength)
        .to_vec();
        assert_eq!(got, [0, 0, 0, 1, 1, 2, 5, 5]);
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let text = "one two three four five six seven";
        let wrapped = wrap(text, 12, "  ");
        assert!(wrapped.lines().all(|l| l.chars().count() <= 14));
        assert_eq!(
            wrapped.split_whitespace().collect::<Vec<_>>().join(" "),
            text
        );
    }
}
