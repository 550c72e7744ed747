//! Regions of answers as records, and what many say together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use rotescope_audit::regions::{Class, Coverage, Regions, mitigation};
use rotescope_trace::audit::texts::{AnswerRegions, RegionShares, SourceRegions, TextRef};
use rotescope_trace::{RegionClass, RegionStretch};

/// As a record has it.
pub fn record(text: TextRef, before: bool, right: Option<bool>, found: &Regions) -> AnswerRegions {
    let source = |s: &rotescope_audit::regions::RegionSource| SourceRegions {
        document: s.document,
        id: s.id.clone(),
        coverage: shares(s.coverage),
        class: class(s.class),
        cluster: s.cluster,
    };
    let stretch = |s: &rotescope_audit::regions::Stretch| RegionStretch {
        span: s.bytes,
        foreground: s.foreground,
    };
    AnswerRegions {
        text,
        before,
        right,
        class: class(found.class),
        coverage: shares(found.coverage),
        foreground: found.foreground.clone(),
        covered: found.covered.iter().map(stretch).collect(),
        sources: found.sources.iter().map(source).collect(),
    }
}

/// A class as records have it.
pub fn class(class: Class) -> RegionClass {
    match class {
        Class::Vm => RegionClass::Vm,
        Class::Fm => RegionClass::Fm,
        Class::Bm => RegionClass::Bm,
        Class::Nm => RegionClass::Nm,
    }
}

fn of_record(class: RegionClass) -> Class {
    match class {
        RegionClass::Vm => Class::Vm,
        RegionClass::Fm => Class::Fm,
        RegionClass::Bm => Class::Bm,
        RegionClass::Nm => Class::Nm,
    }
}

fn shares(c: Coverage) -> RegionShares {
    RegionShares {
        foreground: c.foreground,
        background: c.background,
        whole: c.whole,
    }
}

/// What is kept of an answer.
#[derive(Debug)]
struct Row {
    id: String,
    right: Option<bool>,
    class: RegionClass,
    /// The best source and those nearly the same; nothing where no document has a region of the answer.
    sources: BTreeSet<u64>,
}

/// Takes answers, and makes tables of them.
#[derive(Debug, Default)]
pub struct RegionTally {
    after: Vec<Row>,
    before: BTreeMap<String, RegionClass>,
}

impl RegionTally {
    pub fn add(&mut self, a: &AnswerRegions) {
        if a.before {
            self.before.insert(a.text.id.clone(), a.class);
            return;
        }
        let best = a.sources.first().filter(|s| s.class != RegionClass::Nm);
        let same = a
            .sources
            .iter()
            .filter(|s| best.is_some_and(|b| b.cluster == s.cluster));
        self.after.push(Row {
            id: a.text.id.clone(),
            right: a.right,
            class: a.class,
            sources: same.map(|s| s.document).collect(),
        });
    }

    /// Classes with the answers' worth, how many sources a prompt has, the mitigation score.
    pub fn tables(&self) -> String {
        let mut out = String::from("| class | answers | right | wrong |\n|---|--:|--:|--:|\n");
        for class in RegionClass::ALL {
            let of = |right: Option<bool>| {
                let same = |r: &&Row| r.class == class && (right.is_none() || r.right == right);
                self.after.iter().filter(same).count()
            };
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                class.name(),
                of(None),
                of(Some(true)),
                of(Some(false))
            );
        }
        out.push_str("\nVM: template, numbers and names stand in a document; FM: numbers and names only; BM: the template only; NM: neither.\n");
        self.several(&mut out);
        self.mitigation(&mut out);
        out
    }

    /// On how many sources the answers to one prompt draw; those that are nearly the same are one.
    fn several(&self, out: &mut String) {
        let mut prompts: BTreeMap<&str, Vec<&BTreeSet<u64>>> = BTreeMap::new();
        for row in &self.after {
            let answers = prompts.entry(row.id.as_str()).or_default();
            answers.push(&row.sources);
        }
        let several: Vec<Vec<usize>> = prompts
            .into_values()
            .filter(|answers| answers.len() > 1)
            .map(|answers| hits(&answers))
            .collect();
        if several.is_empty() {
            return;
        }
        let many = several.iter().filter(|hits| hits.len() > 1).count();
        let bits = several.iter().map(|h| entropy(h)).sum::<f64>() / several.len() as f64;
        let _ = writeln!(
            out,
            "\nOf {} prompts with several answers, {many} draw on more than one source (nearly the same documents are one); the entropy of which, {bits:.2} bits in the mean.",
            several.len()
        );
    }

    fn mitigation(&self, out: &mut String) {
        if self.before.is_empty() {
            return;
        }
        let pair = |r: &Row| Some((*self.before.get(&r.id)?, r.class));
        let pairs = self.after.iter().filter_map(pair);
        let (was, is): (Vec<Class>, Vec<Class>) =
            pairs.map(|(a, b)| (of_record(a), of_record(b))).unzip();
        let _ = match mitigation(&was, &is) {
            Some(score) => writeln!(
                out,
                "\nMitigation score over {} answers: {score:.3} (ranks VM 2, FM 1.5, BM .5, NM 0).",
                was.len()
            ),
            None => writeln!(
                out,
                "\nNo answer has the id of one before: no mitigation score."
            ),
        };
    }
}

/// How many of some answers draw on each source: answers whose sources overlap draw on one.
fn hits(answers: &[&BTreeSet<u64>]) -> Vec<usize> {
    let mut clusters: Vec<(BTreeSet<u64>, usize)> = Vec::new();
    for sources in answers.iter().filter(|s| !s.is_empty()) {
        let mut one = ((*sources).clone(), 1);
        clusters.retain(|(documents, n)| {
            let same = !documents.is_disjoint(&one.0);
            if same {
                one.0.extend(documents);
                one.1 += n;
            }
            !same
        });
        clusters.push(one);
    }
    clusters.into_iter().map(|(_, n)| n).collect()
}

/// In bits.
fn entropy(hits: &[usize]) -> f64 {
    let all = hits.iter().sum::<usize>() as f64;
    let bits = |n: &usize| {
        let p = *n as f64 / all;
        -p * p.log2()
    };
    hits.iter().map(bits).sum::<f64>() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(
        id: &str,
        class: RegionClass,
        right: bool,
        sources: &[(u64, usize)],
    ) -> AnswerRegions {
        let source = |(document, cluster): &(u64, usize)| SourceRegions {
            document: *document,
            cluster: *cluster,
            class,
            ..SourceRegions::default()
        };
        AnswerRegions {
            text: TextRef {
                id: id.into(),
                ..TextRef::default()
            },
            right: Some(right),
            class,
            sources: sources.iter().map(source).collect(),
            ..AnswerRegions::default()
        }
    }

    #[test]
    fn tables_count_classes_sources_and_the_mitigation() {
        use RegionClass::{Bm, Nm, Vm};
        let mut all = RegionTally::default();
        // Two answers on nearly the same documents, one on another: two sources.
        all.add(&answer("a", Vm, true, &[(1, 0), (2, 0), (9, 1)]));
        all.add(&answer("a", Vm, true, &[(2, 0), (3, 0)]));
        all.add(&answer("a", Bm, false, &[(9, 0)]));
        all.add(&answer("b", Nm, false, &[(5, 0)]));
        all.add(&answer("b", Nm, false, &[]));
        all.add(&AnswerRegions {
            before: true,
            ..answer("b", Bm, false, &[])
        });
        let said = all.tables();
        for line in [
            "| VM | 2 | 2 | 0 |",
            "| BM | 1 | 0 | 1 |",
            "| NM | 2 | 0 | 2 |",
            "Of 2 prompts with several answers, 1 draw on more than one source",
            "0.46 bits in the mean",
            "Mitigation score over 2 answers: 0.500",
        ] {
            assert!(said.contains(line), "{line:?} in\n{said}");
        }
    }

    #[test]
    fn sources_that_a_third_answer_joins_are_one() {
        let sets = [[1, 2], [3, 4], [2, 3], [7, 8]].map(BTreeSet::from);
        let all: Vec<&BTreeSet<u64>> = sets.iter().collect();
        assert_eq!(hits(&all), [3, 1]);
        assert_eq!(hits(&[]), [0; 0]);
        assert!(entropy(&[]).abs() < 1e-12 && (entropy(&[2, 2]) - 1.0).abs() < 1e-12);
    }
}
