//! How well scores tell the first wrong step from the steps that are right. Steps behind the first wrong one are left out: nobody labelled them.

use rotescope_stats::average_precision;

use super::super::bootstrap::{Setting, auroc_cell};
use super::super::table::{Cell, Table};
use super::chains::{Chain, Chains};
use super::step_scores::SCORES;

/// Steps with a score: the scores, which are wrong, and the problems that they belong to.
type Column<'a> = (Vec<f64>, Vec<bool>, Vec<&'a str>);

pub fn table(chains: &Chains, setting: &Setting) -> Table {
    let places = chains.places();
    let columns: Vec<Option<&str>> = [None]
        .into_iter()
        .chain(places.into_iter().map(Some))
        .collect();
    let here = |place: Option<&str>| {
        let all = chains.all.iter();
        let keep = move |c: &&Chain| place.is_none_or(|p| c.place == p);
        all.filter(keep)
            .flat_map(|c| c.known().map(move |(s, wrong)| (c, s, wrong)))
            .collect::<Vec<_>>()
    };
    let counts = |place| {
        let steps = here(place);
        let wrong = steps.iter().filter(|(_, _, wrong)| *wrong).count();
        (wrong, steps.len())
    };
    let (wrong, all) = counts(None);
    let mut head = vec!["score of a step".to_string()];
    for place in &columns {
        let (wrong, all) = counts(*place);
        head.push(format!(
            "AUROC {} ({wrong} of {all})",
            place.unwrap_or("all")
        ));
    }
    head.extend(["average precision".into(), "steps".into()]);
    let mut t = Table::new(
        "first-error-steps",
        &format!(
            "Is this step the first wrong one? ({wrong} of {all} steps; those behind the first wrong one are left out; higher is taken as likelier wrong)"
        ),
        &head,
    );
    for score in chains.scores() {
        let pick = |place| -> Column {
            let mut column = Column::default();
            for (chain, scores, wrong) in here(place) {
                if let Some(value) = scores[score] {
                    column.0.push(value);
                    column.1.push(wrong);
                    column.2.push(&chain.problem);
                }
            }
            column
        };
        let mut row = vec![Cell::from(SCORES[score].name)];
        for place in &columns {
            let (scores, wrong, problems) = pick(*place);
            row.push(auroc_cell(&scores, &wrong, &problems, setting));
        }
        let (scores, wrong, _) = pick(None);
        row.push(Cell::number(average_precision(&scores, &wrong), None));
        row.push(scores.len().into());
        t.rows.push(row);
    }
    let share = Cell::number(Some(wrong as f64 / all.max(1) as f64), None);
    t.reading = format!("By chance AUROC is .5, average precision {}.", share.text());
    t
}
