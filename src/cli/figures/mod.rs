//! Figures of many traces: which there are, what each needs, and how it is drawn.
//!
//! To add one: a function that makes a chart of a [`FigureData`], in a file here, and its row in [`FIGURES`].

mod parts;
mod scores;
mod steps;
mod tokens;

use rotescope_report::chart::Chart;
use rotescope_report::html::Figure;
use rotescope_study::evaluate::figures::FigureData;

/// A figure.
pub struct FigureKind {
    /// On the command line.
    pub name: &'static str,
    pub title: &'static str,
    /// What it shows, for who reads it.
    pub caption: &'static str,
    /// What traces must hold for it.
    pub needs: &'static str,
    /// `None` where they do not.
    draw: fn(&FigureData) -> Option<Chart>,
}

/// All figures, in the order of a report.
pub const FIGURES: [FigureKind; 8] = [
    FigureKind {
        name: "stim-max",
        title: "STIM_max by task, split and correctness",
        caption: "One value a completion: the mean STIM_max over the scored tokens of its first wrong step; of a right completion, of its least sure step. \
            Boxes are quartiles with the median, whiskers reach to the last value within 1.5 of their height; the number above is that of completions.",
        needs: "completions with scores and an expected answer, some right or with a wrong step (`score` prompts that have answers, with an index)",
        draw: scores::stim_max,
    },
    FigureKind {
        name: "sources",
        title: "Dominant source of wrong tokens",
        caption: "Of the scored wrong tokens of first wrong steps: which source has the largest published score. The number of tokens stands behind the split.",
        needs: "scored wrong tokens: steps that a verifier or a label calls wrong, and an index",
        draw: tokens::sources,
    },
    FigureKind {
        name: "precision",
        title: "Wrong tokens among the first k of a wrong step",
        caption: "Tokens of the first wrong step ranked by each score: the share of the first k that is wrong (P@k), and the share of the wrong ones that is among them \
            (R@k). Random is exact, not sampled. Bars are 95 % bootstrap intervals over groups of prompts.",
        needs: "scored wrong tokens: steps that a verifier or a label calls wrong, and an index",
        draw: tokens::precision,
    },
    FigureKind {
        name: "roc",
        title: "Wrong steps found against false alarms",
        caption: "Every step up to the first wrong one, by its flag and by plain scores. Cross-validated: each step is predicted by a flag that saw no prompt of its \
            group.",
        needs: "steps with verdicts or labels, right ones and wrong ones",
        draw: steps::roc,
    },
    FigureKind {
        name: "reliability",
        title: "Reliability of the step flag",
        caption: "Steps by tenths of the predicted probability: how many were wrong in truth, with 95 % Wilson intervals. On the diagonal a flag of .3 is wrong three times in \
            ten. Cross-validated.",
        needs: "enough steps with verdicts or labels, right ones and wrong ones, to fit a flag to",
        draw: steps::reliability,
    },
    FigureKind {
        name: "score-count",
        title: "Score against count",
        caption: "Scored tokens by how often the corpus has what they follow: for local, the matched run with the token; else the token together with the salient words. Boxes \
            are quartiles with the median, whiskers reach to the last value within 1.5 of their height; the number above is that of tokens.",
        needs: "tokens scored with an index",
        draw: scores::by_count,
    },
    FigureKind {
        name: "accuracy",
        title: "Right answers by task and split",
        caption: "Bars are 95 % Wilson intervals.",
        needs: "prompts with an expected answer, a task and a split",
        draw: scores::accuracy,
    },
    FigureKind {
        name: "perturbation",
        title: "Accuracy by strength of perturbation",
        caption: "Prompts whose words were put in another order, by how far words moved and by how many neighbours are new; 95 % Wilson intervals. At 0 stand the prompts as \
            they are.",
        needs: "answers to prompts changed by an operator that moves words (`perturb --with shuffle`, then `score`; `perturb --list` names all)",
        draw: steps::perturbation,
    },
];

impl FigureKind {
    pub fn named(name: &str) -> Option<&'static FigureKind> {
        FIGURES.iter().find(|f| f.name == name)
    }

    /// The picture.
    ///
    /// # Errors
    /// What the traces lack, in words.
    pub fn chart(&self, data: &FigureData) -> Result<Chart, String> {
        let chart = (self.draw)(data).ok_or_else(|| format!("it needs {}", self.needs))?;
        Ok(Chart {
            title: self.title.into(),
            ..chart
        })
    }
}

/// All figures for a page.
pub fn of_page(data: &FigureData) -> Vec<Figure> {
    let figure = |f: &FigureKind| Figure {
        name: f.name.into(),
        title: f.title.into(),
        picture: f.chart(data).map(|c| c.inline()),
        caption: f.caption.into(),
    };
    FIGURES.iter().map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said() {
        let none = FigureData::default();
        for figure in &FIGURES {
            let said = figure.chart(&none).unwrap_err();
            assert!(said.starts_with("it needs "), "{said}");
            assert!(FigureKind::named(figure.name).is_some());
        }
        assert!(of_page(&none).iter().all(|f| f.picture.is_err()));
    }
}
