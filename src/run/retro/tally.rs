//! What many measured windows say together.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_retro::{Seen, Weights, fit, perplexity};
use rotescope_text::number::grouped;
use rotescope_trace::Known;
use rotescope_trace::audit::retro::{RetroToken, RetroWindow};

/// Takes windows, and makes tables of them.
#[derive(Debug, Default)]
pub struct Tally {
    documents: BTreeMap<String, usize>,
    windows: usize,
    rows: Vec<Row>,
    /// Weights that were asked for.
    given: Vec<Weights>,
}

/// A token.
#[derive(Debug)]
struct Row {
    document: usize,
    window: usize,
    seen: Seen,
    n: usize,
    gap: Option<f64>,
    known: Known,
}

impl Row {
    fn new(document: usize, window: usize, t: &RetroToken) -> Row {
        Row {
            document,
            window,
            seen: Seen {
                log_model: t.model,
                retrieved: t.retrieved.map_or(0.0, f64::exp),
                sparse: (t.count > 0).then_some(t.sparse),
            },
            n: t.n,
            gap: t.gap,
            known: t.known,
        }
    }
}

impl Tally {
    pub fn new(given: Vec<Weights>) -> Tally {
        Tally {
            given,
            ..Tally::default()
        }
    }

    pub fn add(&mut self, w: &RetroWindow) {
        let next = self.documents.len();
        let document = *self.documents.entry(w.document.clone()).or_insert(next);
        let window = self.windows;
        self.windows += 1;
        let rows = w.tokens.iter().map(|t| Row::new(document, window, t));
        self.rows.extend(rows);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let all: Vec<Seen> = self.rows.iter().map(|r| r.seen).collect();
        format!(
            "{} tokens of {} windows in {} documents\n{}{}{}{}",
            grouped(all.len() as u64),
            grouped(self.windows as u64),
            grouped(self.documents.len() as u64),
            self.kinds(&all),
            self.held_out(),
            self.by_weight(&all),
            self.knowledge()
        )
    }

    /// Tokens behind which one was found, several, or none.
    fn kinds(&self, all: &[Seen]) -> String {
        let mut out = String::from(
            "\n| found | tokens | n, mean | the token is not among them | perplexity of the model | of the mixture |\n|---|--:|--:|--:|--:|--:|\n",
        );
        let weights = fit(all);
        let kinds = [
            ("one token (sparse)", Some(Some(true))),
            ("several", Some(Some(false))),
            ("none", Some(None)),
            ("all", None),
        ];
        for (name, kind) in kinds {
            let is = |r: &&Row| kind.is_none_or(|k| r.seen.sparse == k);
            let some: Vec<&Row> = self.rows.iter().filter(is).collect();
            if some.is_empty() {
                continue;
            }
            let seen: Vec<Seen> = some.iter().map(|r| r.seen).collect();
            let count = some.len() as f64;
            let n = some.iter().map(|r| r.n as f64).sum::<f64>() / count;
            let lacks = seen.iter().filter(|s| s.retrieved == 0.0).count() as f64;
            let [model, mixture] = [zero(), weights].map(|w| number(perplexity(&seen, w)));
            let _ = writeln!(
                out,
                "| {name} | {} | {n:.1} | {:.1} % | {model} | {mixture} |",
                grouped(some.len() as u64),
                lacks / count * 100.0
            );
        }
        let _ = writeln!(
            out,
            "\nThe mixture has the weights that fit these tokens best: {:.3} where one token was found, {:.3} where several were.",
            weights.sparse(),
            weights.dense()
        );
        out
    }

    /// Each half with the weights that were fitted to the other.
    fn held_out(&self) -> String {
        let [first, second] = self.halves();
        if first.is_empty() || second.is_empty() {
            return String::new();
        }
        let unit = match self.documents.len() {
            1 => "window",
            _ => "document",
        };
        let mut out = format!(
            "\n| every other {unit} | tokens | weights fitted to the other half: sparse | several | perplexity of the model | of the mixture |\n|---|--:|--:|--:|--:|--:|\n"
        );
        let mut row = |name: &str, n: usize, fitted: [String; 2], both: [f64; 2]| {
            let ([sparse, dense], [model, mixture]) = (fitted, both.map(number));
            let n = grouped(n as u64);
            let _ = writeln!(
                out,
                "| {name} | {n} | {sparse} | {dense} | {model} | {mixture} |"
            );
        };
        // Sums of losses, of the model and of the mixture.
        let mut sums = [0.0; 2];
        for (name, here, other) in [
            ("from the first on", &first, &second),
            ("from the second on", &second, &first),
        ] {
            let weights = fit(other);
            let both = [zero(), weights].map(|w| perplexity(here, w));
            for (sum, p) in sums.iter_mut().zip(both) {
                *sum += p.ln() * here.len() as f64;
            }
            let fitted = [weights.sparse(), weights.dense()].map(|w| format!("{w:.3}"));
            row(name, here.len(), fitted, both);
        }
        let all = first.len() + second.len();
        let both = sums.map(|s| (s / all as f64).exp());
        row("both", all, [String::new(), String::new()], both);
        out
    }

    /// Every other document, or every other window of a single one.
    fn halves(&self) -> [Vec<Seen>; 2] {
        let alone = self.documents.len() == 1;
        let half = |i: usize| {
            let of = |r: &&Row| if alone { r.window } else { r.document };
            let some = self.rows.iter().filter(|r| of(r) % 2 == i);
            some.map(|r| r.seen).collect()
        };
        [half(0), half(1)]
    }

    /// The perplexity of each weight.
    fn by_weight(&self, all: &[Seen]) -> String {
        let mut out = String::from("\n| lam | perplexity |\n|--:|--:|\n");
        let tenths = (0..=10).map(|i| f64::from(i) / 10.0);
        let tenths = tenths.filter_map(|w| Weights::new(w, w).ok());
        for weights in tenths.chain(self.given.iter().copied()) {
            let name = said(weights);
            let _ = writeln!(out, "| {name} | {} |", number(perplexity(all, weights)));
        }
        out
    }

    /// Who knows how many tokens.
    fn knowledge(&self) -> String {
        let mut out = String::from(
            "\n| known to | tokens | share | gap, mean where it is bounded |\n|---|--:|--:|--:|\n",
        );
        for known in Known::ALL {
            let some = self.rows.iter().filter(|r| r.known == known);
            let gaps: Vec<Option<f64>> = some.map(|r| r.gap).collect();
            let bounded: Vec<f64> = gaps.iter().copied().flatten().collect();
            let mean = bounded.iter().sum::<f64>() / bounded.len() as f64;
            let name = known.about();
            let gap = match bounded.is_empty() {
                true => String::new(),
                false => format!("{mean:+.2}"),
            };
            let _ = writeln!(
                out,
                "| {name} | {} | {:.1} % | {gap} |",
                grouped(gaps.len() as u64),
                gaps.len() as f64 / self.rows.len() as f64 * 100.0
            );
        }
        out
    }
}

fn zero() -> Weights {
    Weights::default()
}

/// Weights as the option has them.
pub fn said(weights: Weights) -> String {
    match weights.sparse() == weights.dense() {
        true => weights.sparse().to_string(),
        false => format!("{}/{}", weights.sparse(), weights.dense()),
    }
}

fn number(perplexity: f64) -> String {
    match perplexity.is_finite() {
        true => format!("{perplexity:.3}"),
        false => "infinite".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(p: f64, retrieved: f64, sparse: bool) -> RetroToken {
        let bars = rotescope_retro::Bars::default();
        RetroToken {
            model: p.ln(),
            retrieved: (retrieved > 0.0).then(|| retrieved.ln()),
            gap: rotescope_retro::gap(p.ln(), retrieved),
            n: 3,
            count: 2,
            sparse,
            known: Known::of(bars.known(p.ln(), retrieved)),
            ..RetroToken::default()
        }
    }

    #[test]
    fn tables_say_what_the_tokens_are() {
        let mut tally = Tally::new(vec![Weights::new(0.5, 0.25).unwrap()]);
        for document in ["a", "b"] {
            tally.add(&RetroWindow {
                document: document.into(),
                tokens: vec![
                    token(0.25, 1.0, true),
                    token(0.25, 1.0, true),
                    token(0.25, 0.0, true),
                    token(0.25, 0.25, false),
                ],
                ..RetroWindow::default()
            });
        }
        let said = tally.tables();
        for line in [
            "8 tokens of 2 windows in 2 documents",
            // (2/3)^2 (1/9): 5/9 of certainty, by hand.
            "| one token (sparse) | 6 | 3.0 | 33.3 % | 4.000 | 2.726 |",
            "| several | 2 | 3.0 | 0.0 % | 4.000 | 4.000 |",
            "| from the second on | 4 | 0.556 | 0.000 | 4.000 | 3.000 |",
            "| both | 8 |  |  | 4.000 | 3.000 |",
            "| 0 | 4.000 |",
            "| 1 | infinite |",
            "| 0.5/0.25 | 3.008 |",
            "| the corpus alone | 4 | 50.0 % | -1.39 |",
            "| neither | 4 | 50.0 % | +0.00 |",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }
}
