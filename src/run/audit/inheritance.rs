//! What many windows by several models say together: what students keep, lose and learn anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use rotescope_audit::students::Kept;
use rotescope_stats::{interval, mcnemar_exact};
use rotescope_text::number::grouped;
use rotescope_trace::audit::students::StudentWindow;

/// The model that the others are held against.
pub const TEACHER: &str = "teacher";
/// Resamples of the intervals.
const RESAMPLES: usize = 1000;

/// Takes windows, and makes tables of them.
#[derive(Debug, Default)]
pub struct Inheritance {
    /// In the order of the models.
    models: Vec<Model>,
    seed: u64,
}

#[derive(Debug, Default)]
struct Model {
    name: String,
    bytes: Option<u64>,
    train: BTreeMap<String, Row>,
    test: BTreeMap<String, Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    verbatim: bool,
    matched: f64,
    log_p_z: Option<f64>,
    nll: f64,
    rouge: Option<[f64; 3]>,
}

impl Inheritance {
    pub fn new(seed: u64) -> Inheritance {
        Inheritance {
            models: Vec::new(),
            seed,
        }
    }

    pub fn add(&mut self, w: &StudentWindow) {
        let model = self.model(&w.model);
        let rows = if w.test {
            &mut model.test
        } else {
            &mut model.train
        };
        let row = Row {
            verbatim: w.verbatim,
            matched: w.matched,
            log_p_z: w.log_p_z,
            nll: w.nll,
            rouge: w.rouge,
        };
        rows.insert(w.item(), row);
    }

    /// Says how large a model's file is.
    pub fn size(&mut self, model: &str, bytes: u64) {
        self.model(model).bytes = Some(bytes);
    }

    fn model(&mut self, name: &str) -> &mut Model {
        let place = self.models.iter().position(|m| m.name == name);
        let place = place.unwrap_or_else(|| {
            self.models.push(Model {
                name: name.into(),
                ..Model::default()
            });
            self.models.len() - 1
        });
        &mut self.models[place]
    }

    /// Windows of the teacher.
    pub fn windows(&self) -> usize {
        let teacher = self.models.iter().find(|m| m.name == TEACHER);
        teacher.map_or(0, |m| m.train.len() + m.test.len())
    }

    /// The tables, as Markdown.
    pub fn tables(&self) -> String {
        let Some(teacher) = self.models.iter().find(|m| m.name == TEACHER) else {
            return String::new();
        };
        let mut out = format!(
            "{} windows of the text, {} of held-out text\n\n| model | MiB | verbatim | 95 % | M | mean p_z | perplexity | held-out: verbatim | perplexity |\n|---|--:|--:|---|--:|--:|--:|--:|--:|\n",
            grouped(teacher.train.len() as u64),
            grouped(teacher.test.len() as u64)
        );
        for m in &self.models {
            let size = m.bytes.map_or(String::new(), |b| {
                format!("{:.1}", b as f64 / f64::from(1 << 20))
            });
            let _ = writeln!(
                out,
                "| {} | {size} | {} | {} | {} | {} | {} | {} | {} |",
                m.name,
                said(mean(&m.train, &verbatim)),
                self.within(&m.train),
                said(mean(&m.train, &|r| Some(r.matched))),
                said(mean(&m.train, &|r| Some(r.log_p_z.map_or(0.0, f64::exp)))),
                said(perplexity(&m.train)),
                said(mean(&m.test, &verbatim)),
                said(perplexity(&m.test))
            );
        }
        out.push_str("\n| student | inherited | new | kept | lost | gained | McNemar's p |\n|---|--:|--:|--:|--:|--:|--:|\n");
        for m in self.models.iter().filter(|m| m.name != TEACHER) {
            let pairs = teacher
                .train
                .iter()
                .filter_map(|(k, t)| Some((t.verbatim, m.train.get(k)?.verbatim)));
            let kept = Kept::new(pairs);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {:.3} |",
                m.name,
                said(kept.inherited()),
                said(kept.new_share()),
                kept.both,
                kept.only_teacher,
                kept.only_student,
                mcnemar_exact(kept.only_teacher, kept.only_student)
            );
        }
        self.survival(&mut out, teacher);
        self.rouge(&mut out);
        out
    }

    /// Of what the teacher recites, what every student up to here recites too.
    fn survival(&self, out: &mut String, teacher: &Model) {
        let mut alive: Vec<&String> = teacher
            .train
            .iter()
            .filter(|(_, r)| r.verbatim)
            .map(|(k, _)| k)
            .collect();
        let all = alive.len();
        if all == 0 {
            out.push_str("\nThe teacher recites none of the windows.\n");
            return;
        }
        let mut parts = vec![format!("{TEACHER} {all}")];
        for m in self.models.iter().filter(|m| m.name != TEACHER) {
            alive.retain(|k| m.train.get(*k).is_some_and(|r| r.verbatim));
            parts.push(format!("{} {}", m.name, alive.len()));
        }
        let _ = writeln!(out, "\nRecited by all up to here: {}.", parts.join(", "));
    }

    fn rouge(&self, out: &mut String) {
        let any = |m: &Model| {
            m.train
                .values()
                .chain(m.test.values())
                .any(|r| r.rouge.is_some())
        };
        if !self.models.iter().any(any) {
            return;
        }
        out.push_str("\n| model | ROUGE-1 | -2 | -L | held-out: -1 | -2 | -L | gap of -L |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
        for m in &self.models {
            let of = |rows: &BTreeMap<String, Row>, i: usize| mean(rows, &|r| Some(r.rouge?[i]));
            let cells =
                [&m.train, &m.test].map(|rows| [0, 1, 2].map(|i| said(of(rows, i))).join(" | "));
            let gap = of(&m.train, 2).zip(of(&m.test, 2)).map(|(a, b)| a - b);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                m.name,
                cells[0],
                cells[1],
                said(gap)
            );
        }
    }

    fn within(&self, rows: &BTreeMap<String, Row>) -> String {
        let all: Vec<f64> = rows.values().filter_map(verbatim).collect();
        let mean =
            |d: &[usize]| Some(d.iter().map(|i| all[*i]).sum::<f64>() / d.len().max(1) as f64);
        let found = interval(all.len(), RESAMPLES, 0.95, self.seed, mean);
        found.map_or(String::new(), |i| format!("{:.3} to {:.3}", i.low, i.high))
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of several that may have nothing"
)]
fn verbatim(r: &Row) -> Option<f64> {
    Some(f64::from(u8::from(r.verbatim)))
}

fn mean(rows: &BTreeMap<String, Row>, of: &dyn Fn(&Row) -> Option<f64>) -> Option<f64> {
    let all: Vec<f64> = rows.values().filter_map(of).collect();
    (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
}

/// Of all tokens of the continuations, which have the same number in each window.
fn perplexity(rows: &BTreeMap<String, Row>) -> Option<f64> {
    mean(rows, &|r| Some(r.nll)).map(f64::exp)
}

fn said(x: Option<f64>) -> String {
    x.map_or(String::new(), |x| format!("{x:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(model: &str, start: usize, verbatim: bool, test: bool) -> StudentWindow {
        StudentWindow {
            model: model.into(),
            test,
            document: "a".into(),
            start,
            split: [2, 2],
            verbatim,
            matched: if verbatim { 1.0 } else { 0.5 },
            log_p_z: verbatim.then_some(0.5f64.ln()),
            nll: 2.0f64.ln(),
            rouge: Some([0.75, 0.5, if test { 0.25 } else { 0.5 }]),
            ..StudentWindow::default()
        }
    }

    #[test]
    fn tables_have_what_was_put_in() {
        let mut all = Inheritance::new(0);
        for (model, recites) in [
            ("teacher", [true, true, true, false]),
            ("Q8_0", [true, true, false, true]),
            ("Q2_K", [true, false, false, false]),
        ] {
            for (start, verbatim) in recites.into_iter().enumerate() {
                all.add(&window(model, start, verbatim, false));
            }
            all.add(&window(model, 9, false, true));
        }
        all.size("Q8_0", 3 << 20);
        assert_eq!(all.windows(), 5);
        let said = all.tables();
        for line in [
            "4 windows of the text, 1 of held-out text",
            "| teacher |  | 0.750 |",
            "| Q8_0 | 3.0 | 0.750 | 0.250 to 1.000 | 0.875 | 0.375 | 2.000 | 0.000 | 2.000 |",
            "| Q8_0 | 0.667 | 0.333 | 2 | 1 | 1 | 1.000 |",
            "| Q2_K | 0.333 | 0.000 | 1 | 2 | 0 | 0.500 |",
            "Recited by all up to here: teacher 3, Q8_0 2, Q2_K 1.",
            "| Q2_K | 0.750 | 0.500 | 0.500 | 0.750 | 0.500 | 0.250 | 0.250 |",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
        assert_eq!(Inheritance::new(0).tables(), "");
    }
}
