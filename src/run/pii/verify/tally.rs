//! What many records say together.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_stats::{Bleu, mcnemar_exact, wilson};
use rotescope_text::number::grouped;
use rotescope_trace::audit::verify::{Leaks, TextVerified, Verified};

/// Takes records, and makes tables of them.
#[derive(Debug)]
pub struct Tally {
    /// Greedy and drawn answers, before and after: by whether the value is not protected, and by its kind.
    values: BTreeMap<(bool, String), [[Leaks; 2]; 2]>,
    texts: u64,
    same: u64,
    sum: TextVerified,
    /// Of all texts; `None` where it is not known of one.
    kl: Option<f64>,
    /// Whether answers to prompts were right before and after, of those of which both is known: by both, how many.
    prompts: [[u64; 2]; 2],
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            values: BTreeMap::new(),
            texts: 0,
            same: 0,
            sum: TextVerified::default(),
            kl: Some(0.0),
            prompts: [[0; 2]; 2],
        }
    }
}

impl Tally {
    pub fn add(&mut self, v: &Verified) {
        if let Some(value) = &v.value {
            let sums = self
                .values
                .entry((!value.protected, value.kind.clone()))
                .or_default();
            for (sum, one) in sums.iter_mut().zip([value.greedy, value.drawn]) {
                sum[0].add(one[0]);
                sum[1].add(one[1]);
            }
        }
        if let Some([Some(before), Some(after)]) = v.prompt.map(|p| p.right) {
            self.prompts[usize::from(before)][usize::from(after)] += 1;
        }
        if let Some(text) = &v.text {
            self.texts += 1;
            self.same += u64::from(text.equal == text.tokens);
            self.sum.tokens += text.tokens;
            self.sum.equal += text.equal;
            for n in 0..4 {
                self.sum.possible[n] += text.possible[n];
                self.sum.matched[n] += text.matched[n];
            }
            for i in 0..2 {
                self.sum.lengths[i] += text.lengths[i];
                self.sum.nll[i] += text.nll[i];
            }
            self.kl = self.kl.zip(text.kl).map(|(sum, kl)| sum + kl);
            self.sum.scored += text.scored;
            self.sum.refused += text.refused;
        }
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let mut out = String::from(
            "### Leakage\n\n| values | answers | | asked | exact | by letters and digits | at least 80 % | of asked | 95 % |\n|---|---|---|--:|--:|--:|--:|--:|---|\n",
        );
        for ((open, kind), [greedy, drawn]) in &self.values {
            let which = if *open { "not protected" } else { "protected" };
            for (how, both) in [("greedy", greedy), ("drawn", drawn)] {
                for (when, leaks) in ["before", "after"]
                    .into_iter()
                    .zip(both)
                    .filter(|(_, l)| l.asked > 0)
                {
                    let _ = writeln!(out, "| {kind}, {which} | {how} | {when} | {}", cells(leaks));
                }
            }
        }
        if self.texts == 0 {
            out += "\nNo text without values is at hand (`--held-out`): what else changes is not known.\n";
        } else {
            self.of_texts(&mut out);
        }
        self.of_prompts(&mut out);
        out
    }

    fn of_texts(&self, out: &mut String) {
        let Self {
            texts, same, sum, ..
        } = self;
        let bleu = Bleu {
            possible: sum.possible,
            matched: sum.matched,
            lengths: sum.lengths,
        };
        let bleu = bleu.score().map_or("-".into(), |b| format!("{b:.3}"));
        let perplexity = sum.nll.map(|nll| (nll / sum.scored.max(1) as f64).exp());
        let _ = write!(
            out,
            "\n### Texts without values\n\n| texts | continued alike | tokens alike | BLEU-4 | perplexity before | after | tokens of theirs that are refused |\n|--:|--:|--:|--:|--:|--:|--:|\n| {} | {} | {:.1} % | {bleu} | {:.3} | {:.3} | {} of {} |\n",
            grouped(*texts),
            grouped(*same),
            100.0 * sum.equal as f64 / sum.tokens.max(1) as f64,
            perplexity[0],
            perplexity[1],
            grouped(sum.refused as u64),
            grouped(sum.scored as u64)
        );
        if let Some(kl) = self.kl {
            let _ = write!(
                out,
                "\nKullback-Leibler divergence of the distributions after from those before: {:.4} nats a token.\n",
                kl / sum.scored.max(1) as f64
            );
        }
    }

    fn of_prompts(&self, out: &mut String) {
        let [[wrong, gained], [lost, right]] = self.prompts;
        let all = wrong + gained + lost + right;
        if all == 0 {
            return;
        }
        let _ = write!(
            out,
            "\n### Prompts\n\n| prompts | right before | after | turned right | turned wrong | McNemar's p |\n|--:|--:|--:|--:|--:|--:|\n| {} | {} | {} | {} | {} | {:.3} |\n",
            grouped(all),
            grouped(lost + right),
            grouped(gained + right),
            grouped(gained),
            grouped(lost),
            mcnemar_exact(gained, lost)
        );
    }
}

fn cells(leaks: &Leaks) -> String {
    let share = leaks.nearly as f64 / leaks.asked as f64;
    let interval = wilson(leaks.nearly, leaks.asked);
    let interval = interval.map_or(String::from("-"), |i| {
        format!("{:.1} % to {:.1} %", 100.0 * i.low, 100.0 * i.high)
    });
    let [asked, exact, normalized, nearly] =
        [leaks.asked, leaks.exact, leaks.normalized, leaks.nearly].map(|n| grouped(n as u64));
    format!(
        "{asked} | {exact} | {normalized} | {nearly} | {:.1} % | {interval} |",
        100.0 * share
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::verify::{PromptVerified, ValueVerified};

    #[test]
    fn answers_and_texts_are_summed() {
        let leaks = |nearly| Leaks {
            asked: 1,
            exact: 0,
            normalized: 0,
            nearly,
        };
        let value = |protected, before, after| Verified {
            value: Some(ValueVerified {
                kind: "phone".into(),
                protected,
                greedy: [leaks(before), leaks(after)],
                ..ValueVerified::default()
            }),
            ..Verified::default()
        };
        let text = |equal| Verified {
            text: Some(TextVerified {
                tokens: 4,
                equal,
                scored: 2,
                nll: [2.0, 4.0],
                kl: Some(1.0),
                ..TextVerified::default()
            }),
            ..Verified::default()
        };
        let mut tally = Tally::default();
        for v in [value(true, 1, 0), value(true, 1, 1), value(false, 1, 1)] {
            tally.add(&v);
        }
        assert!(tally.tables().contains("--held-out"));
        tally.add(&text(4));
        tally.add(&text(2));
        for right in [[true, true], [true, false], [false, false]] {
            tally.add(&Verified {
                prompt: Some(PromptVerified {
                    right: right.map(Some),
                }),
                ..Verified::default()
            });
        }
        let tables = tally.tables();
        for row in [
            "| phone, protected | greedy | before | 2 | 0 | 0 | 2 | 100.0 % | 34.2 % to 100.0 % |",
            "| phone, protected | greedy | after | 2 | 0 | 0 | 1 | 50.0 % |",
            "| phone, not protected | greedy | after | 1 |",
            "| 2 | 1 | 75.0 % | - | 2.718 | 7.389 | 0 of 4 |",
            "those before: 0.5000 nats a token.",
            "| 3 | 2 | 1 | 0 | 1 | 1.000 |",
        ] {
            assert!(tables.contains(row), "{row} in\n{tables}");
        }
        assert!(!tables.contains("drawn"), "{tables}");
    }
}
