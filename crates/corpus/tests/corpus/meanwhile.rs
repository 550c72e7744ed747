//! What happens while documents are added to an index: others add too, it is replaced, the process is stopped or killed.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rotescope_corpus::{
    About, BuildOptions, BuildProgress, CorpusError, LocalIndex, MergeOptions, Phase, Status,
    append, build, merge,
};

use crate::adding::{Place, files};
use crate::append::of_append;
use crate::same::of_files;
use crate::support::{Numbers, PHASES, Until};

/// Does something once, in a phase.
struct Once<F: FnMut()>(Phase, Option<F>);

impl<F: FnMut()> BuildProgress for Once<F> {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        if status.phase == self.0
            && let Some(mut act) = self.1.take()
        {
            act();
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn who_adds_second_is_refused_and_hears_who_adds() {
    let place = Place::new();
    let other = place.path("other.jsonl");
    fs::write(&other, "{\"text\": \"5 5\"}").unwrap();
    let second = || {
        let options = of_append(std::slice::from_ref(&other), &place.index);
        append(&options, &Numbers(20), &mut ())
    };
    for phase in [Phase::Reading, Phase::Sorting, Phase::Hashing] {
        let mut said = None;
        let refused = || said = Some(second().unwrap_err());
        let mut options = place.options();
        options.again = true;
        append(&options, &Numbers(20), &mut Once(phase, Some(refused))).unwrap();
        let said = said.expect("the phase").to_string();
        let process = format!("process {} is writing it", std::process::id());
        assert!(said.contains(&process), "{said}");
    }
    second().unwrap();
    let index = LocalIndex::open(&place.index).unwrap();
    assert_eq!(index.info().documents, Some(200 + 3 * 2 + 1));
}

/// An index that is built in the place of the one that is added to is not lost.
#[test]
fn an_index_that_is_replaced_meanwhile_stays() {
    for phase in [Phase::Reading, Phase::Hashing] {
        let place = Place::new();
        let replace = || {
            let mut options = of_files(std::slice::from_ref(&place.more), &place.index);
            options.force = true;
            build(&options, &Numbers(20), &mut ()).unwrap();
        };
        let refused = append(
            &place.options(),
            &Numbers(20),
            &mut Once(phase, Some(replace)),
        );
        let error = refused.unwrap_err();
        assert!(matches!(error, CorpusError::Replaced { .. }), "{error}");
        let index = LocalIndex::open(&place.index).unwrap();
        assert_eq!(index.info().documents, Some(2));
        assert_eq!(place.names(), ["corpus.jsonl", "index", "more.jsonl"]);
    }
}

#[test]
fn of_many_that_add_at_once_none_is_lost() {
    let place = Place::new();
    let files: Vec<PathBuf> = (0..24)
        .map(|n| {
            let path = place.path(&format!("part-{n}.jsonl"));
            fs::write(&path, format!("{{\"text\": \"{} 19\"}}", n % 12)).unwrap();
            path
        })
        .collect();
    let added = std::sync::atomic::AtomicU64::new(0);
    let (place_of, added_by) = (&place, &added);
    std::thread::scope(|scope| {
        for some in files.chunks(4) {
            scope.spawn(move || {
                for file in some {
                    let options = of_append(std::slice::from_ref(file), &place_of.index);
                    match append(&options, &Numbers(20), &mut ()) {
                        Ok(_) => {
                            added_by.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                        Err(CorpusError::Busy { .. } | CorpusError::Replaced { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    let added = added.into_inner();
    let index = LocalIndex::open(&place.index).unwrap();
    assert!(added >= 4, "{added}");
    assert_eq!(index.info().documents, Some(200 + added));
    assert_eq!(index.manifest().parts.len() as u64, 1 + added);
}

/// Set in the process that is to die: the number of the phase, and the folder.
const DIES: &str = "ROTESCOPE_TEST_ADDING_DIES";

fn adds(place: &Path, progress: &mut Until) -> CorpusError {
    let options = of_append(&[place.join("more.jsonl")], &place.join("index"));
    append(&options, &Numbers(20), progress).unwrap_err()
}

fn merges(place: &Path, progress: &mut Until) -> CorpusError {
    let two = ["index", "second"].map(|n| place.join(n)).to_vec();
    let mut options = MergeOptions::new(two, place.join("index"));
    options.memory = BuildOptions::LEAST_MEMORY;
    merge(&options, progress).unwrap_err()
}

#[test]
fn what_is_stopped_or_killed_leaves_the_old_index() {
    if let Ok(spec) = std::env::var(DIES) {
        let (phase, folder) = spec.split_once(':').unwrap();
        let phase: usize = phase.parse().unwrap();
        let how = [adds, merges][phase % 2];
        panic!(
            "{}",
            how(Path::new(folder), &mut Until(PHASES[phase / 2], true))
        );
    }
    let place = Place::new();
    // Large enough for a merge to say how far it is.
    let second = place.path("second.jsonl");
    fs::write(&second, "{\"text\": \"3 3\"}\n".repeat(600)).unwrap();
    build(
        &of_files(&[second], &place.path("second")),
        &Numbers(20),
        &mut (),
    )
    .unwrap();
    let (before, names) = (files(&place.index), place.names());
    for case in 0..2 * PHASES.len() {
        let how = [adds, merges][case % 2];
        let error = how(place.dir.path(), &mut Until(PHASES[case / 2], false));
        assert!(matches!(error, CorpusError::Stopped), "{error}");
        assert_eq!(
            (files(&place.index), place.names()),
            (before.clone(), names.clone())
        );
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "meanwhile::what_is_stopped_or_killed_leaves_the_old_index",
            ])
            .env(DIES, format!("{case}:{}", place.dir.path().display()))
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), None, "killed by a signal");
        let left = place.names();
        assert!(
            left.iter().any(|n| n.starts_with("index.partial-")),
            "{left:?}"
        );
        assert_eq!(files(&place.index), before);
        LocalIndex::open(&place.index).unwrap();
    }
    place.append().unwrap();
    assert_eq!(place.names(), names);
    let index = LocalIndex::open(&place.index).unwrap();
    assert_eq!(index.info().documents, Some(202));
}
