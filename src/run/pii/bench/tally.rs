//! What many records say together: a row for each subset, and which of them no other one beats.

use std::fmt::Write;

use super::subset::named;
use rotescope_stats::{Bleu, Interval, interval};
use rotescope_text::number::grouped;
use rotescope_trace::audit::bench::{Benched, BenchedText, UnderSubset};
use rotescope_trace::audit::verify::Leaks;

/// Resamples of the bootstrap over records.
const RESAMPLES: usize = 1000;

/// Takes records, and makes tables of them.
#[derive(Debug, Default)]
pub struct Tally {
    /// In the order in which they came, the model itself first.
    rows: Vec<Row>,
}

/// A subset, and what came of each record under it.
#[derive(Debug, Default)]
struct Row {
    protections: Vec<String>,
    values: Vec<(Option<Leaks>, Leaks)>,
    texts: Vec<BenchedText>,
    prompts: Vec<Option<bool>>,
}

/// A subset in two numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    pub name: String,
    /// The share of answers that hold at least four fifths of the value, greedy ones or drawn ones, whichever is larger.
    pub leaked: f64,
    /// `exp` of the mean log-probability of a token of other texts, minus that of the model itself: 1 is as good.
    pub utility: f64,
    /// No other subset leaks less and is as useful, or is more useful and leaks as little.
    pub best: bool,
}

impl Tally {
    pub fn add(&mut self, record: &Benched) {
        for under in &record.subsets {
            self.row(&under.protections).add(under);
        }
    }

    fn row(&mut self, protections: &[String]) -> &mut Row {
        let known = self.rows.iter().position(|r| r.protections == protections);
        let at = known.unwrap_or_else(|| {
            self.rows.push(Row {
                protections: protections.to_vec(),
                ..Row::default()
            });
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }

    /// All subsets of which both is known.
    pub fn sums(&self) -> Vec<Sum> {
        let of = |row: &Row| {
            let all: Vec<usize> = (0..row.texts.len()).collect();
            Some(Sum {
                name: named(&row.protections),
                leaked: row.leaked(&(0..row.values.len()).collect::<Vec<_>>())?,
                utility: row.utility(self.rows.first()?, &all)?,
                best: false,
            })
        };
        let mut sums: Vec<Sum> = self.rows.iter().filter_map(of).collect();
        let beaten = |s: &Sum| {
            sums.iter().any(|o| {
                o.leaked <= s.leaked
                    && o.utility >= s.utility
                    && (o.leaked < s.leaked || o.utility > s.utility)
            })
        };
        let best: Vec<bool> = sums.iter().map(|s| !beaten(s)).collect();
        sums.iter_mut()
            .zip(best)
            .for_each(|(s, best)| s.best = best);
        sums
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let mut out = String::new();
        if self.rows.iter().any(|r| !r.values.is_empty()) {
            out += "### Leakage\n\n| protections | greedy answers | exact | by letters and digits | at least 80 % | drawn answers | exact | by letters and digits | at least 80 % | leaked | 95 % |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n";
            self.rows.iter().for_each(|r| r.leakage(&mut out));
            out += "\n";
        }
        let sums = self.sums();
        out += "### What is left\n\n| protections | perplexity | utility | 95 % | divergence, nats a token | tokens forbidden | BLEU-4 | placeholders | right | not beaten |\n|---|--:|--:|---|--:|--:|--:|--:|--:|---|\n";
        if let Some(own) = self.rows.first() {
            for row in &self.rows {
                let sum = sums.iter().find(|s| s.name == named(&row.protections));
                row.left(own, sum.map(|s| s.best), &mut out);
            }
        }
        out
    }
}

impl Row {
    fn add(&mut self, under: &UnderSubset) {
        match (&under.drawn, &under.text) {
            (Some(drawn), _) => self.values.push((under.greedy, *drawn)),
            (None, Some(text)) => self.texts.push(text.clone()),
            (None, None) => self.prompts.push(under.right),
        }
    }

    /// Greedy answers and drawn ones of some records together.
    fn sum(&self, which: &[usize]) -> [Leaks; 2] {
        let mut sums = [Leaks::default(); 2];
        for i in which {
            let (greedy, drawn) = self.values[*i];
            sums[0].add(greedy.unwrap_or_default());
            sums[1].add(drawn);
        }
        sums
    }

    /// See [`Sum::leaked`].
    fn leaked(&self, which: &[usize]) -> Option<f64> {
        let shares = self.sum(which).into_iter().filter(|l| l.asked > 0);
        shares
            .map(|l| l.nearly as f64 / l.asked as f64)
            .reduce(f64::max)
    }

    /// Nats, and tokens, of some texts.
    fn nll(&self, which: &[usize]) -> (f64, usize) {
        let texts = which.iter().filter_map(|i| self.texts.get(*i));
        texts.fold((0.0, 0), |(nll, n), t| (nll + t.nll, n + t.scored))
    }

    /// See [`Sum::utility`].
    fn utility(&self, own: &Row, which: &[usize]) -> Option<f64> {
        let ((nll, n), (before, _)) = (self.nll(which), own.nll(which));
        (n > 0).then(|| (-(nll - before) / n as f64).exp())
    }

    fn leakage(&self, out: &mut String) {
        let all: Vec<usize> = (0..self.values.len()).collect();
        let cells = |l: &Leaks| match l.asked {
            0 => "- | - | - | -".to_string(),
            _ => [l.asked, l.exact, l.normalized, l.nearly]
                .map(|n| grouped(n as u64))
                .join(" | "),
        };
        let [greedy, drawn] = self.sum(&all);
        let leaked = self.leaked(&all).map_or("-".into(), percent);
        let between = interval(all.len(), RESAMPLES, 0.95, 0, |which| self.leaked(which));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {leaked} | {} |",
            named(&self.protections),
            cells(&greedy),
            cells(&drawn),
            ends(between, percent)
        );
    }

    fn left(&self, own: &Row, best: Option<bool>, out: &mut String) {
        let all: Vec<usize> = (0..self.texts.len()).collect();
        let (nll, n) = self.nll(&all);
        let of_texts = |value: &dyn Fn() -> String| match n {
            0 => "-".to_string(),
            _ => value(),
        };
        let per_token = |sum: f64| sum / n as f64;
        let between = interval(all.len(), RESAMPLES, 0.95, 0, |which| {
            self.utility(own, which)
        });
        let kl: f64 = self.texts.iter().map(|t| t.kl).sum();
        let forbidden: usize = self.texts.iter().map(|t| t.forbidden).sum();
        let known = self.prompts.iter().flatten();
        let right = match known.clone().count() {
            0 => "-".to_string(),
            of => format!("{} of {of}", known.filter(|r| **r).count()),
        };
        let [bleu, hidden] = self.continued();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {bleu} | {hidden} | {right} | {} |",
            named(&self.protections),
            of_texts(&|| format!("{:.3}", per_token(nll).exp())),
            self.utility(own, &all).map_or("-".into(), three),
            ends(between, three),
            of_texts(&|| format!("{:.3}", per_token(kl))),
            of_texts(&|| format!("{} of {}", grouped(forbidden as u64), grouped(n as u64))),
            match best {
                Some(true) => "yes",
                Some(false) => "",
                None => "-",
            }
        );
    }

    /// BLEU-4 of continuations, and placeholders in them, where there are any.
    fn continued(&self) -> [String; 2] {
        let (mut bleu, mut hidden, mut any) = (Bleu::default(), 0, false);
        for c in self.texts.iter().filter_map(|t| t.continued.as_ref()) {
            bleu.add(Bleu {
                possible: c.possible,
                matched: c.matched,
                lengths: c.lengths,
            });
            hidden += c.hidden as u64;
            any = true;
        }
        match any {
            true => [bleu.score().map_or("-".into(), three), grouped(hidden)],
            false => ["-".into(), "-".into()],
        }
    }
}

fn ends(between: Option<Interval>, shown: fn(f64) -> String) -> String {
    between.map_or("-".into(), |i| {
        format!("{} to {}", shown(i.low), shown(i.high))
    })
}

fn three(number: f64) -> String {
    format!("{number:.3}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::audit::bench::BenchedContinuation;

    fn leaks(asked: usize, nearly: usize) -> Leaks {
        Leaks {
            asked,
            exact: 0,
            normalized: nearly,
            nearly,
        }
    }

    fn under(name: &str) -> UnderSubset {
        UnderSubset {
            protections: if name.is_empty() {
                vec![]
            } else {
                vec![name.into()]
            },
            ..UnderSubset::default()
        }
    }

    #[test]
    fn records_are_summed_and_what_is_beaten_is_told() {
        let value = |name: &str, greedy: Option<usize>, drawn| UnderSubset {
            greedy: greedy.map(|n| leaks(1, n)),
            drawn: Some(leaks(2, drawn)),
            ..under(name)
        };
        let text = |name: &str, nll, forbidden, continued| UnderSubset {
            text: Some(BenchedText {
                scored: 10,
                nll,
                forbidden,
                kl: 1.0,
                continued,
            }),
            ..under(name)
        };
        let own = BenchedContinuation {
            possible: [4, 3, 2, 1],
            matched: [4, 3, 2, 1],
            lengths: [4, 4],
            hidden: 0,
        };
        let mut tally = Tally::default();
        for subsets in [
            vec![
                value("", Some(1), 1),
                value("dp", None, 0),
                value("entropy", Some(0), 1),
            ],
            vec![
                value("", Some(1), 1),
                value("dp", None, 0),
                value("entropy", Some(0), 1),
            ],
            vec![
                text("", 10.0, 0, Some(own)),
                text("dp", 20.0, 0, None),
                text("entropy", 20.0, 2, None),
            ],
            vec![
                UnderSubset {
                    right: Some(true),
                    ..under("")
                },
                under("dp"),
            ],
        ] {
            tally.add(&Benched {
                subsets,
                ..Benched::default()
            });
        }
        let sums = tally.sums();
        let of = |i: usize| {
            (
                sums[i].leaked,
                (sums[i].utility * 1e3).round(),
                sums[i].best,
            )
        };
        // exp(-1) of the model's own. Entropy leaks as much of the drawn ones, and is no better than dp.
        assert_eq!(of(0), (1.0, 1000.0, true));
        assert_eq!(of(1), (0.0, 368.0, true));
        assert_eq!(of(2), (0.5, 368.0, false));
        let tables = tally.tables();
        for row in [
            "| none | 2 | 0 | 2 | 2 | 4 | 0 | 2 | 2 | 100.0 % | 100.0 % to 100.0 % |",
            "| dp | - | - | - | - | 4 | 0 | 0 | 0 | 0.0 % | 0.0 % to 0.0 % |",
            "| none | 2.718 | 1.000 | 1.000 to 1.000 | 0.100 | 0 of 10 | 1.000 | 0 | 1 of 1 | yes |",
            "| entropy | 7.389 | 0.368 | 0.368 to 0.368 | 0.100 | 2 of 10 | - | - | - |  |",
        ] {
            assert!(tables.contains(row), "{row} in\n{tables}");
        }
    }
}
