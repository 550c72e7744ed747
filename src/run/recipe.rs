//! What all traces of one file have in common, and how two such recipes differ.

use serde::Serialize;
use serde_json::Value;

use rotescope_trace::{
    AttributionOptions, FileRef, IndexRef, Judging, ModelRef, RunOptions, Sampler, Trace,
};

/// What all traces of one file have in common. A run continues a file only with the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    pub model: ModelRef,
    pub index: Option<IndexRef>,
    pub sampler: Sampler,
    pub attribution: AttributionOptions,
    /// Older traces do not say.
    pub run: Option<RunOptions>,
    /// The day that chat templates take for today; of a trace, only if its template asked.
    pub date: Option<String>,
    /// Older traces do not say.
    pub judging: Option<Judging>,
}

impl Recipe {
    pub fn of(t: &Trace) -> Recipe {
        Recipe {
            model: t.model.clone(),
            index: t.index.clone(),
            sampler: t.sampler.clone(),
            attribution: t.attribution.clone(),
            run: t.run.clone(),
            date: t.prompt.date.clone(),
            judging: t.judging.clone(),
        }
    }

    /// The first thing in which a file's recipe (this one) differs from the one of now, in words; as far as both say.
    pub fn difference(&self, now: &Recipe) -> Option<String> {
        if !self.model.is(&now.model) {
            return Some(both("model", &self.model.shown(), &now.model.shown()));
        }
        let index = |r: &Recipe| r.index.as_ref().map(|i| i.fingerprint.clone());
        if index(self) != index(now) {
            let name = |r: &Recipe| r.index.as_ref().map_or("none", |i| &i.id).to_string();
            return Some(both("another index", &name(self), &name(now)));
        }
        if self.sampler != now.sampler {
            return Some(first("another sampler", &self.sampler, &now.sampler));
        }
        if !self.attribution.agrees(&now.attribution) {
            let (old, new) = (&self.attribution, &now.attribution);
            return Some(first("other attribution options", old, new));
        }
        // How many are generated at a time is a matter of time, and a run may go on with more or fewer.
        let options = |r: &Recipe| {
            let alone = |o: &RunOptions| RunOptions {
                parallel: None,
                ..o.clone()
            };
            r.run.as_ref().map(alone)
        };
        if let (Some(old), Some(new)) = (options(self), options(now))
            && old != new
        {
            return Some(first("other options", &old, &new));
        }
        if let (Some(old), Some(new)) = (&self.date, &now.date)
            && old != new
        {
            return Some(both("--date", old, new));
        }
        judging(self.judging.as_ref()?, now.judging.as_ref()?)
    }
}

fn judging(old: &Judging, now: &Judging) -> Option<String> {
    let flag = |j: &Judging| j.flag.as_ref().map(|f| f.model.clone());
    let prm = |j: &Judging| j.prm.as_ref().map(|p| p.model.clone());
    other_file("flag: another file", flag(old), flag(now))
        .or_else(|| other_file("prm: another model", prm(old), prm(now)))
        .or_else(|| {
            let nameless = |j: &Judging| {
                let mut j = j.clone();
                let flag = j.flag.iter_mut().map(|f| &mut f.model);
                let prm = j.prm.iter_mut().map(|p| &mut p.model);
                flag.chain(prm).for_each(|f| f.file.clear());
                j
            };
            let (old, now) = (nameless(old), nameless(now));
            (old != now).then(|| first("judging", &old, &now))
        })
}

fn other_file(what: &str, old: Option<FileRef>, now: Option<FileRef>) -> Option<String> {
    let hash = |f: &Option<FileRef>| f.as_ref().map(|f| f.sha256.clone());
    let name = |f: &Option<FileRef>| f.as_ref().map_or("none", |f| &f.file).to_string();
    (hash(&old) != hash(&now)).then(|| both(what, &name(&old), &name(&now)))
}

/// The first member in which two values of one type differ.
fn first(what: &str, old: &impl Serialize, now: &impl Serialize) -> String {
    let json = |v: serde_json::Result<Value>| v.unwrap_or_default();
    let (mut old, mut now) = (
        json(serde_json::to_value(old)),
        json(serde_json::to_value(now)),
    );
    let mut path = String::new();
    while let (Value::Object(a), Value::Object(b)) = (&old, &now) {
        let differs = |key: &&String| a.get(*key) != b.get(*key);
        let Some(key) = a.keys().chain(b.keys()).find(differs).cloned() else {
            break;
        };
        let of = |m: &serde_json::Map<String, Value>| m.get(&key).cloned().unwrap_or_default();
        (old, now) = (of(a), of(b));
        path = if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        };
    }
    both(&format!("{what}: {path}"), &shown(&old), &shown(&now))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        value => value.to_string(),
    }
}

fn both(what: &str, old: &str, now: &str) -> String {
    format!("{what}: {old} in the file, {now} now")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::{FlagRef, PrmRef};

    fn recipe() -> Recipe {
        let file = |file: &str, sha256: &str| FileRef {
            file: file.into(),
            sha256: sha256.into(),
        };
        Recipe {
            run: Some(RunOptions {
                raw: false,
                context: 512,
                ..RunOptions::default()
            }),
            judging: Some(Judging {
                flag: Some(FlagRef {
                    model: file("flag.json", "aa"),
                    threshold: 0.5,
                }),
                prm: Some(PrmRef {
                    model: file("prm.gguf", "bb"),
                    threshold: 0.5,
                    ..PrmRef::default()
                }),
            }),
            date: Some("2024-02-29".into()),
            ..Recipe::of(&Trace::default())
        }
    }

    #[test]
    fn every_option_that_differs_is_named() {
        type Change = fn(&mut Recipe);
        let changes: [(Change, &str); 15] = [
            (|r| r.model.sha256 = "x".into(), "model"),
            (
                |r| {
                    r.index = Some(IndexRef {
                        id: "big".into(),
                        fingerprint: "f".into(),
                        ..IndexRef::default()
                    });
                },
                "another index: none in the file, big now",
            ),
            (
                |r| r.sampler.temperature = 1.0,
                "another sampler: temperature: 0.0 in the file, 1.0 now",
            ),
            (
                |r| r.sampler.stop = vec!["x".into()],
                "another sampler: stop: none in the file, [\"x\"] now",
            ),
            (
                |r| r.attribution.candidates = 5,
                "other attribution options: candidates: 0 in the file, 5 now",
            ),
            (
                |r| r.run.as_mut().unwrap().raw = true,
                "other options: raw: false in the file, true now",
            ),
            (
                |r| r.run.as_mut().unwrap().context = 64,
                "other options: context: 512 in the file, 64 now",
            ),
            (
                |r| {
                    let given = &mut r.run.as_mut().unwrap().template_variables;
                    given.insert("enable_thinking".into(), false.into());
                },
                "template_variables: none in the file, {\"enable_thinking\":false} now",
            ),
            (
                |r| r.date = Some("2024-03-01".into()),
                "--date: 2024-02-29 in the file, 2024-03-01 now",
            ),
            (
                |r| {
                    r.judging
                        .as_mut()
                        .unwrap()
                        .flag
                        .as_mut()
                        .unwrap()
                        .model
                        .sha256 = "x".into();
                },
                "flag: another file",
            ),
            (
                |r| r.judging.as_mut().unwrap().flag = None,
                "flag: another file: flag.json in the file, none now",
            ),
            (
                |r| r.judging.as_mut().unwrap().prm = None,
                "prm: another model: prm.gguf in the file, none now",
            ),
            (
                |r| r.judging.as_mut().unwrap().prm.as_mut().unwrap().threshold = 0.25,
                "judging: prm.threshold: 0.5 in the file, 0.25 now",
            ),
            (
                |r| r.judging.as_mut().unwrap().prm.as_mut().unwrap().good = "+".into(),
                "judging: prm.good",
            ),
            (
                |r| r.judging.as_mut().unwrap().flag.as_mut().unwrap().threshold = 0.75,
                "judging: flag.threshold: 0.5 in the file, 0.75 now",
            ),
        ];
        for (change, want) in changes {
            let mut now = recipe();
            change(&mut now);
            let difference = recipe().difference(&now).unwrap();
            assert!(difference.contains(want), "{want}: {difference}");
        }
        assert_eq!(recipe().difference(&recipe()), None);
    }

    #[test]
    fn names_of_files_and_what_older_traces_do_not_say_make_no_difference() {
        let mut now = recipe();
        now.model.file = "renamed.gguf".into();
        now.judging
            .as_mut()
            .unwrap()
            .flag
            .as_mut()
            .unwrap()
            .model
            .file = "renamed.json".into();
        assert_eq!(recipe().difference(&now), None);
        let old = Recipe {
            run: None,
            date: None, // of a template that asks for none, too
            judging: None,
            ..recipe()
        };
        assert_eq!(old.difference(&recipe()), None);
        let mut partly = recipe();
        partly.run = None;
        partly.judging = Some(Judging::default());
        assert!(partly.difference(&recipe()).unwrap().contains("flag"));
    }
}
