//! Claims, what is held against them, and their labels.

use std::fmt::Write;

use super::rows::{Group, LABELS};
use rotescope_text::number::grouped;

/// What becomes of claims.
pub fn lines(out: &mut String, group: &Group) {
    let claims = group.rows.iter().filter(|r| r.claim).count();
    let common = group.rows.iter().filter(|r| r.claim && r.common).count();
    let unguarded = group.rows.iter().filter(|r| r.claim && !r.guarded).count();
    let of = |l: usize| {
        group
            .rows
            .iter()
            .filter(|r| r.label == Some(l as u8))
            .count()
    };
    let _ = write!(out, "\n{} windows are claimed", grouped(claims as u64));
    if claims > 0 {
        let _ = write!(
            out,
            "; {} of them are common after any prefix",
            grouped(common as u64)
        );
    }
    let labelled: Vec<String> = (0..LABELS.len())
        .map(|l| format!("{} {}", LABELS[l], grouped(of(l) as u64)))
        .collect();
    if claims > common {
        let _ = write!(out, "; the others: {}", labelled.join(", "));
    }
    out.push_str(".\n");
    if unguarded > 0 {
        let _ = writeln!(
            out,
            "{} claims were not held against unrelated prefixes.",
            grouped(unguarded as u64)
        );
    }
}
