//! How far the flag of a step can be trusted: cross-validated by prompt, against baselines, with its calibration.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::bootstrap::{auroc_cell, auroc_difference};
use super::figures::{self, Roc};
use super::options::{Confidence, EvaluateOptions};
use super::origin::{Origin, Origins};
use super::table::{Cell, Table};
use rotescope_judge::fit::{self, Fitted, LabelledStep};
use rotescope_judge::{Labels, arithmetic};
use rotescope_stats::{
    LogisticError, average_precision, brier, expected_calibration_error, reliability,
};
use rotescope_trace::{Source, Trace};

/// A step with a verdict, and what is compared with the flag.
#[derive(Debug, Clone)]
struct Item {
    example: LabelledStep,
    origin: Origin,
    /// Probability of the wrong token of a wrong step.
    p: Option<f64>,
    /// The flag that the trace came with.
    stored: Option<f64>,
    /// Whether computation alone, without the prompt's truth, says that the step is wrong.
    computed: bool,
}

#[derive(Debug, Default)]
pub struct Flags {
    items: Vec<Item>,
    /// Fitted when first asked for.
    fitted: OnceCell<Result<Vec<Fitted>, LogisticError>>,
}

/// The baselines that are drawn beside the flag: more would hide it.
const DRAWN: [&str; 3] = ["entropy, largest", "STIM_max, largest", "words in the step"];

/// Which steps a column is about.
type Keep<'a> = Box<dyn Fn(&Item) -> bool + 'a>;

/// A name and a score for every item; `None` where it has none.
type Line = (String, Vec<Option<f64>>);

impl Flags {
    pub fn add(&mut self, t: &Trace, origin: &Origin, labels: &dyn Labels) {
        self.fitted = OnceCell::new();
        let wrong = labels.first_wrong(t);
        for (i, example) in fit::examples(t, labels, &origin.group) {
            let wrong_here = wrong.as_ref().filter(|(w, _)| *w == i);
            let p = wrong_here
                .and_then(|(_, label)| label.tokens.first())
                .and_then(|&k| t.tokens.get(k))
                .map(|x| f64::from(x.p));
            let verdict = t.steps[i].verdict.as_ref();
            self.items.push(Item {
                example,
                origin: origin.clone(),
                p,
                stored: t.steps[i].flag.as_ref().map(|f| f.p),
                computed: verdict.is_some_and(|v| !v.right && v.by == arithmetic::NAME),
            });
        }
    }

    /// Says the last word of all origins.
    pub(super) fn settle(&mut self, origins: &Origins) {
        for item in &mut self.items {
            origins.settle(&mut item.origin);
            item.example.group.clone_from(&item.origin.group);
        }
    }

    /// Steps, and how many of them are wrong.
    pub fn counts(&self) -> (usize, usize) {
        let wrong = self.items.iter().filter(|i| i.example.wrong).count();
        (self.items.len(), wrong)
    }

    pub fn fit(&self) -> Result<Vec<Fitted>, LogisticError> {
        let fit = || {
            let examples: Vec<&LabelledStep> = self.items.iter().map(|i| &i.example).collect();
            fit::fit(&examples)
        };
        self.fitted.get_or_init(fit).clone()
    }

    /// Why no flag can be fitted, if there are steps at all.
    pub fn unfitted(&self) -> Option<String> {
        let (n, wrong) = self.counts();
        (n > 0 && (wrong == 0 || wrong == n)).then(|| {
            format!("{wrong} of {n} steps with a verdict are wrong; examples of both are needed")
        })
    }

    /// `splits`: columns of the table, beside those that the options ask for.
    pub fn tables(&self, options: &EvaluateOptions, splits: &[String]) -> Vec<Table> {
        let Ok(fitted) = self.fit() else {
            return Vec::new();
        };
        let mut lines = self.cross_validated(&fitted);
        let main = lines.first().cloned();
        let gains = self.gains(&lines, options) + &self.retrieved(&fitted, &lines, options);
        if self.items.iter().any(|i| i.stored.is_some()) {
            lines.push((
                "flag as stored in the traces (not cross-validated)".into(),
                self.items.iter().map(|i| i.stored).collect(),
            ));
        }
        lines.extend(self.baselines());
        let mut ranking = self.ranking_table(&lines, options, splits);
        ranking.reading = gains.trim_start().into();
        let mut out = vec![ranking];
        if let Some((name, p)) = main {
            out.extend(self.calibration(&name, &p));
        }
        out
    }

    /// The flags fitted, each step predicted by one that did not see it; those with more sources first.
    fn cross_validated(&self, fitted: &[Fitted]) -> Vec<Line> {
        let line = |f: &Fitted| {
            let mut p = vec![None; self.items.len()];
            f.rows
                .iter()
                .zip(&f.out_of_fold)
                .for_each(|(&i, &v)| p[i] = Some(v));
            (flag_name(f), p)
        };
        fitted.iter().rev().map(line).collect()
    }

    /// The table of calibration alone.
    pub(super) fn calibrated(&self) -> Option<Table> {
        let (name, p) = self.cross_validated(&self.fit().ok()?).into_iter().next()?;
        self.calibration(&name, &p)
    }

    /// Curves of the flag that looks at most, of the flag that the traces came with, and of [`DRAWN`].
    pub(super) fn roc(&self) -> Vec<Roc> {
        let wrong: Vec<bool> = self.items.iter().map(|i| i.example.wrong).collect();
        let fitted = self.fit().unwrap_or_default();
        let mut lines: Vec<Line> = self.cross_validated(&fitted).into_iter().take(1).collect();
        if self.items.iter().any(|i| i.stored.is_some()) {
            let stored = self.items.iter().map(|i| i.stored).collect();
            lines.push(("flag as stored".into(), stored));
        }
        let baselines = self.baselines().into_iter();
        lines.extend(baselines.filter(|(name, _)| DRAWN.contains(&name.as_str())));
        let curve = |(name, values): &Line| {
            let scores: Vec<f64> = values
                .iter()
                .map(|v| v.unwrap_or(f64::NEG_INFINITY))
                .collect();
            figures::roc(name, &scores, &wrong)
        };
        lines.iter().filter_map(curve).collect()
    }

    /// What scores of memorization add to the flag without them: `flags` are those with more sources first, and last the one with none.
    fn gains(&self, flags: &[Line], options: &EvaluateOptions) -> String {
        let Some(((_, base), more)) = flags.split_last() else {
            return String::new();
        };
        let gain = |line| self.gain(line, base, options);
        match more {
            [] => String::new(),
            _ => format!(
                "AUROC more than without scores of memorization, paired: {}.",
                more.iter().map(gain).collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// What the corpus alone adds to each flag; empty where it was not asked.
    fn retrieved(&self, fitted: &[Fitted], without: &[Line], options: &EvaluateOptions) -> String {
        let examples: Vec<&LabelledStep> = self.items.iter().map(|i| &i.example).collect();
        let with = fit::fit_retrieved(&examples, fitted).unwrap_or_default();
        let with = self.cross_validated(&with);
        let base = |name: &str| without.iter().find(|(n, _)| n == name);
        let gains = with.iter().filter_map(|line| {
            let (_, base) = base(&line.0)?;
            Some(self.gain(line, base, options))
        });
        match gains.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => none,
            all => {
                format!(" AUROC more with what the corpus alone says of the tokens, paired: {all}.")
            }
        }
    }

    /// By how much a flag is better than another one, of the steps that both know.
    fn gain(&self, (name, p): &Line, base: &[Option<f64>], options: &EvaluateOptions) -> String {
        let both = self.items.iter().zip(p.iter().zip(base));
        let known = both.filter_map(|(item, (p, base))| Some((item, (*p)?, (*base)?)));
        let mut of = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (item, p, base) in known {
            of.0.push(p);
            of.1.push(base);
            of.2.push(item.example.wrong);
            of.3.push(item.example.group.as_str());
        }
        let gain = auroc_difference(&of.0, &of.1, &of.2, &of.3, &options.intervals);
        format!("{name} {} (of {} steps)", gain.text(), of.0.len())
    }

    fn baselines(&self) -> Vec<Line> {
        let feature = |name: &str, sign: f64| -> Vec<Option<f64>> {
            self.items
                .iter()
                .map(|i| i.example.features.get(name).map(|f| sign * f.value))
                .collect()
        };
        let largest = |what: &str| -> Vec<Option<f64>> {
            let names = Source::ALL.map(|s| format!("{what}{s}.max"));
            let of = |i: &Item| {
                names
                    .iter()
                    .filter_map(|n| i.example.features.get(n))
                    .map(|f| f.value)
                    .reduce(f64::max)
            };
            self.items.iter().map(of).collect()
        };
        let line =
            |(label, name, sign): (&str, &str, f64)| (label.to_string(), feature(name, sign));
        let unsure = [
            ("1 - p, largest", "unsure.p.max", 1.0),
            ("entropy, largest", "unsure.entropy.max", 1.0),
            ("margin, smallest", "unsure.margin.max", 1.0),
            (
                "surprise, mean (log perplexity)",
                "unsure.surprise.mean",
                1.0,
            ),
        ];
        let scores = Source::ALL.map(|s| {
            let name = format!("{s}.max");
            (format!("{s}, largest"), feature(&name, 1.0))
        });
        let others = [
            ("times seen, fewest", "matched.local.min", -1.0),
            ("words in the step", "shape.words", 1.0),
            ("new words", "new.words", 1.0),
        ];
        let mut out: Vec<Line> = unsure.into_iter().map(line).collect();
        out.extend(scores);
        out.extend(others.into_iter().map(line));
        out.push(("STIM_max, largest".into(), largest("")));
        out.push(("cause, strongest".into(), largest("cause.")));
        out.push((
            "arithmetic verifier".into(),
            self.items
                .iter()
                .map(|i| Some(f64::from(u8::from(i.computed))))
                .collect(),
        ));
        out.retain(|(_, v)| v.iter().any(Option::is_some));
        out
    }

    /// The parts of the steps that are columns, with their names: those that hold right and wrong steps.
    fn slices<'a>(
        &self,
        options: &'a EvaluateOptions,
        splits: &'a [String],
    ) -> Vec<(String, Keep<'a>)> {
        let levels = &options.levels;
        let mut all: Vec<(String, Keep)> = vec![("all".into(), Box::new(|_| true))];
        for split in splits {
            let keep = move |i: &Item| i.origin.split == *split;
            all.push((split.clone(), Box::new(keep)));
        }
        all.push((
            "known causes and twins".into(),
            Box::new(|i| i.origin.apart),
        ));
        for slice in &options.slices {
            let keep = move |i: &Item| slice.contains(&i.origin.split);
            all.push((slice.join(" + "), Box::new(keep)));
        }
        let confident = move |p: f64| levels.of(p) == Confidence::Confident;
        all.push((
            format!("confident ({})", levels.name(Confidence::Confident)),
            Box::new(move |i| !i.example.wrong || i.p.is_some_and(confident)),
        ));
        all.retain(|(_, keep)| {
            let kept: Vec<&Item> = self.items.iter().filter(|i| keep(i)).collect();
            let wrong = kept.iter().filter(|i| i.example.wrong).count();
            wrong > 0 && wrong < kept.len()
        });
        all
    }

    fn ranking_table(&self, lines: &[Line], options: &EvaluateOptions, splits: &[String]) -> Table {
        let setting = &options.intervals;
        let slices = self.slices(options, splits);
        let (n, wrong) = self.counts();
        let mut head = vec!["score of a step".to_string()];
        for (name, keep) in &slices {
            let kept: Vec<&Item> = self.items.iter().filter(|i| keep(i)).collect();
            let bad = kept.iter().filter(|i| i.example.wrong).count();
            head.push(format!("AUROC {name} ({bad} of {})", kept.len()));
        }
        head.push("average precision".into());
        let of_cause = self.items.iter().filter(|i| i.origin.cause.is_some());
        let causes: BTreeSet<&str> = of_cause.map(|i| i.origin.group.as_str()).collect();
        let mut t = Table::new(
            "step-flag",
            &format!(
                "Wrong steps found ({wrong} of {n} steps up to the first wrong one, {} known causes; flags cross-validated by group of prompts)",
                causes.len()
            ),
            &head,
        );
        for (name, values) in lines {
            let mut row = vec![Cell::from(name.as_str())];
            let pick = |keep: &dyn Fn(&Item) -> bool| {
                let mut scores = (Vec::new(), Vec::new(), Vec::new());
                for (item, v) in self.items.iter().zip(values) {
                    if keep(item) {
                        scores.0.push(v.unwrap_or(f64::NEG_INFINITY));
                        scores.1.push(item.example.wrong);
                        scores.2.push(item.example.group.as_str());
                    }
                }
                scores
            };
            for (_, keep) in &slices {
                let (s, y, g) = pick(&|i| keep(i));
                row.push(auroc_cell(&s, &y, &g, setting));
            }
            let (s, y, _) = pick(&|_| true);
            row.push(Cell::number(average_precision(&s, &y), None));
            t.rows.push(row);
        }
        t
    }

    /// Predicted against observed, by tenths; the Brier score beside that of always saying the share of wrong steps.
    fn calibration(&self, name: &str, p: &[Option<f64>]) -> Option<Table> {
        let known: Vec<(f64, bool)> = self
            .items
            .iter()
            .zip(p)
            .filter_map(|(i, p)| Some(((*p)?, i.example.wrong)))
            .collect();
        let (p, y): (Vec<f64>, Vec<bool>) = known.into_iter().unzip();
        let bins = reliability(&p, &y, 10)?;
        let mut t = Table::new(
            "flag-calibration",
            &format!("Calibration of the {name}, cross-validated"),
            &["predicted", "steps", "mean prediction", "share wrong"],
        );
        for b in &bins {
            t.rows.push(vec![
                format!("{:.1} to {:.1}", b.low, b.high).into(),
                b.count.into(),
                Cell::number(b.predicted, None),
                Cell::number(b.observed, None),
            ]);
        }
        let share = y.iter().filter(|y| **y).count() as f64 / y.len() as f64;
        t.reading = format!(
            "Brier score {:.4} (always saying the share of wrong steps: {:.4}); expected calibration error {:.4}.",
            brier(&p, &y)?,
            share * (1.0 - share),
            expected_calibration_error(&bins)?
        );
        Some(t)
    }
}

fn flag_name(f: &Fitted) -> String {
    let names: Vec<&str> = f.variant.sources.iter().map(|s| s.name()).collect();
    if names.is_empty() {
        "flag (uncertainty and text)".into()
    } else {
        format!("flag (with {})", names.join(", "))
    }
}
