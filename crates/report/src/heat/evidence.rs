//! What is known of a window, in lines: the same on a page and in the app.

use rotescope_trace::audit::extract::ExtractWindow;

/// A line for each thing that the record holds.
pub fn evidence(w: &ExtractWindow) -> Vec<String> {
    let [prefix, continuation] = w.split;
    let from = w.start + prefix;
    let label = w
        .label
        .as_ref()
        .map_or(String::new(), |l| format!("{l} · "));
    let mut out = vec![format!(
        "{label}tokens {from} to {}, after {prefix} tokens of prefix",
        from + continuation
    )];
    let [least, most] = w.free_running;
    let free = match least == most {
        true => format!("{least:.3}"),
        false => format!("{least:.3} to {most:.3}"),
    };
    out.push(format!(
        "M {:.3} teacher-forced · {} of {continuation} recited before the first other token · free-running {free}",
        w.matched, w.recited
    ));
    let p_z = match w.log_p_z {
        Some(log) => format!("{:.3e}", log.exp()),
        None => "0: never drawn".into(),
    };
    let draws = match w.draws {
        Some(1.0) => "in 1 draw".into(),
        Some(n) => format!("in {n} draws"),
        None => "in no number of draws".into(),
    };
    let nll = w.nll.map_or("–".into(), |n| format!("{n:.2}"));
    out.push(format!("p_z {p_z} · {draws} · {nll} nats"));
    match w.guard {
        Some(g) => out.push(format!(
            "PAM {}{:.1} nats against {} unrelated prefixes{}",
            if g.bound { "at least " } else { "" },
            g.pam,
            g.prefixes,
            if g.common {
                ": common after any prefix"
            } else {
                ""
            }
        )),
        None if w.claim => out.push("not held against unrelated prefixes".into()),
        None => {}
    }
    if let Some(c) = w.counts {
        let near = w.near.map_or(String::new(), |n| {
            let least = if n.at_least { "at least " } else { "" };
            format!(", near-duplicates {least}{}", n.places)
        });
        out.push(format!(
            "in the corpus: prefix {}, continuation {}, whole {}{near}{}",
            c.prefix,
            c.continuation,
            c.whole,
            if w.formula {
                ": a formula, which stands behind many others"
            } else {
                ""
            }
        ));
    }
    out.extend(w.template.iter().map(|t| format!("template: {t}")));
    out.extend(w.membership.map(|m| {
        format!(
            "membership (weak evidence): loss {:.3}, zlib {:.3}, Min-K% {:.3}, Min-K%++ {:.3}",
            m.loss, m.zlib, m.min_k, m.min_k_plus
        )
    }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::extract::{ExtractCounts, ExtractGuard, ExtractNear};

    #[test]
    fn what_is_known_is_said_and_what_is_not_is_no_zero() {
        let bare = ExtractWindow {
            start: 10,
            split: [4, 2],
            matched: 0.5,
            recited: 1,
            free_running: [0.5, 1.0],
            claim: true,
            ..ExtractWindow::default()
        };
        assert_eq!(
            evidence(&bare),
            [
                "tokens 14 to 16, after 4 tokens of prefix",
                "M 0.500 teacher-forced · 1 of 2 recited before the first other token · free-running 0.500 to 1.000",
                "p_z 0: never drawn · in no number of draws · – nats",
                "not held against unrelated prefixes",
            ]
        );
        let full = ExtractWindow {
            log_p_z: Some(0.5f64.ln()),
            draws: Some(1.0),
            nll: Some(0.69),
            guard: Some(ExtractGuard {
                pam: 80.04,
                prefixes: 32,
                bound: true,
                ..ExtractGuard::default()
            }),
            counts: Some(ExtractCounts {
                prefix: 7,
                continuation: 8,
                whole: 6,
            }),
            near: Some(ExtractNear {
                places: 9,
                at_least: true,
            }),
            label: Some("recite".into()),
            ..bare
        };
        let said = evidence(&full);
        assert_eq!(
            said[0],
            "recite · tokens 14 to 16, after 4 tokens of prefix"
        );
        assert_eq!(said[2], "p_z 5.000e-1 · in 1 draw · 0.69 nats");
        assert_eq!(
            said[3..],
            [
                "PAM at least 80.0 nats against 32 unrelated prefixes",
                "in the corpus: prefix 7, continuation 8, whole 6, near-duplicates at least 9",
            ]
        );
    }
}
