//! Builds that are killed when parts of them are done: the next one goes on, and its index is that of a build that nobody disturbed.

mod leavings;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::manifest::Manifest;
use rotescope_corpus::{
    About, BuildOptions, BuildProgress, CorpusError, Earlier, LocalIndex, Phase, Status, build,
};
use rotescope_vocab::Encode;

use crate::same::{of_files, same};
use crate::support::{Numbers, names};

/// So large that the least memory sorts some sixty thousand tokens at a time.
const ENCODER: Numbers = Numbers(870_000);
/// Set in the process that is to die: the number of the report and the folder.
const DIES: &str = "ROTESCOPE_TEST_DIES_AT";

/// Counts reports, and dies or stops at one of them.
#[derive(Default)]
struct Watched {
    reports: usize,
    dies: Option<usize>,
    stops: Option<Phase>,
    earlier: Option<Earlier>,
}

impl BuildProgress for Watched {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        self.reports += 1;
        if self.dies == Some(self.reports) {
            std::process::abort();
        }
        match self.stops == Some(status.phase) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn goes_on(&mut self, earlier: &Earlier) {
        self.earlier = Some(*earlier);
    }
}

/// Three files of documents, one of them compressed.
fn write_corpus(folder: &Path) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for n in 0..3 {
        let mut lines = String::new();
        for _ in 0..2100 {
            let ids = (0..rng.random_range(0..90)).map(|_| rng.random_range(0..870_000u32).isqrt());
            let text: Vec<String> = ids.map(|id| id.to_string()).collect();
            let line = serde_json::json!({ "text": text.join(" "), "file": n });
            lines.push_str(&format!("{line}\n"));
        }
        let (path, content) = match n {
            1 => {
                let mut packed = flate2::write::GzEncoder::new(Vec::new(), Default::default());
                packed.write_all(lines.as_bytes()).unwrap();
                ("1.jsonl.gz".to_string(), packed.finish().unwrap())
            }
            _ => (format!("{n}.jsonl"), lines.into_bytes()),
        };
        fs::write(folder.join(path), content).unwrap();
    }
}

fn options(folder: &Path, out: &str) -> BuildOptions {
    let files = ["0.jsonl", "1.jsonl.gz", "2.jsonl"].map(|n| folder.join("corpus").join(n));
    BuildOptions {
        memory: BuildOptions::LEAST_MEMORY,
        force: true,
        ..of_files(&files, &folder.join(out))
    }
}

/// A folder with the corpus and an index that nobody disturbed, and how many reports its build made.
fn undisturbed() -> (tempfile::TempDir, PathBuf, usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_path_buf();
    fs::create_dir(folder.join("corpus")).unwrap();
    write_corpus(&folder.join("corpus"));
    let mut watched = Watched::default();
    let built = build(&options(&folder, "whole"), &ENCODER, &mut watched).unwrap();
    assert!(
        built.manifest.shards.len() > 4,
        "{:?}",
        built.manifest.shards
    );
    (dir, folder, watched.reports)
}

/// Kills a build of `killed` at a report.
fn kill(folder: &Path, report: usize) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resume::killed_builds_go_on", "--nocapture"])
        .env(DIES, format!("{report}:{}", folder.display()))
        .output()
        .unwrap()
        .status;
    assert_eq!(status.code(), None, "killed by a signal");
}

/// What is left of killed builds.
fn left(folder: &Path) -> Vec<PathBuf> {
    let names = names(folder).into_iter();
    let left = names.filter(|n| n.starts_with("killed.partial-"));
    left.map(|n| folder.join(n)).collect()
}

/// Builds again; what of an earlier build it went on with.
fn go_on(options: &BuildOptions, encoder: &dyn Encode) -> Option<Earlier> {
    let mut watched = Watched::default();
    let built = build(options, encoder, &mut watched);
    built.unwrap();
    watched.earlier
}

/// Holds the index `killed` against the one that nobody disturbed, and sees that nothing else is left.
fn expect_whole(folder: &Path) {
    let manifests = ["whole", "killed"].map(|n| manifest(&folder.join(n)));
    let [whole, killed] = manifests;
    let is_ngrams = |m: &Manifest| {
        let files = m.files.iter().filter(|f| f.path.starts_with("ngrams/"));
        files.cloned().collect::<Vec<_>>()
    };
    assert_eq!(is_ngrams(&whole), is_ngrams(&killed), "byte for byte");
    assert_eq!(
        (
            whole.stream_sha256,
            whole.shards,
            whole.sources,
            whole.options
        ),
        (
            killed.stream_sha256,
            killed.shards,
            killed.sources,
            killed.options
        )
    );
    assert_eq!(
        (whole.documents, whole.tokens, whole.words, whole.bytes),
        (killed.documents, killed.tokens, killed.words, killed.bytes)
    );
    assert!(left(folder).is_empty());
    let within = names(&folder.join("killed"));
    assert_eq!(
        within,
        ["checksums", "documents", "manifest.json", "ngrams"]
    );
}

fn manifest(index: &Path) -> Manifest {
    LocalIndex::open(index).unwrap().manifest().clone()
}

#[test]
fn killed_builds_go_on() {
    if let Ok(spec) = std::env::var(DIES) {
        let (report, folder) = spec.split_once(':').unwrap();
        let mut watched = Watched {
            dies: Some(report.parse().unwrap()),
            ..Watched::default()
        };
        let built = build(
            &options(Path::new(folder), "killed"),
            &ENCODER,
            &mut watched,
        );
        panic!("the build was not killed: {:?}", built.err());
    }
    let (_dir, folder, reports) = undisturbed();
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for report in (1..=reports).step_by((reports / 14).max(1)) {
        kill(&folder, report);
        let noted = left(&folder)[0].join("build.journal").exists();
        let earlier = go_on(&options(&folder, "killed"), &ENCODER);
        assert_eq!(earlier.is_some(), noted, "{report}");
        expect_whole(&folder);
        if let Some(earlier) = earlier {
            let done = (earlier.parts, earlier.sorted);
            if seen.last() != Some(&done) {
                same(&folder.join("whole"), &folder.join("killed"), report as u64);
                seen.push(done);
            }
        }
    }
    assert!(seen.is_sorted(), "{seen:?}");
    let parts = manifest(&folder.join("whole")).shards.len();
    let some = |of: &dyn Fn(&(usize, usize)) -> bool| seen.iter().any(of);
    assert!(some(&|s| s.0 < parts) && some(&|s| s.0 == parts && s.1 < parts));
    assert_eq!(seen.last(), Some(&(parts, parts)), "{seen:?}");
}

/// Each goes on with what the one before it left, and is killed in turn.
#[test]
fn builds_that_are_killed_one_after_another_come_to_an_end() {
    let (_dir, folder, reports) = undisturbed();
    for quarter in 1..4 {
        kill(&folder, reports * quarter / 4);
        assert_eq!(left(&folder).len(), 1);
    }
    let earlier = go_on(&options(&folder, "killed"), &ENCODER).unwrap();
    assert!(earlier.parts > 3, "{earlier:?}");
    expect_whole(&folder);
}

#[test]
fn a_stopped_build_is_kept_when_parts_are_done() {
    let (_dir, folder, _) = undisturbed();
    let stop = |phase| {
        let mut watched = Watched {
            stops: Some(phase),
            ..Watched::default()
        };
        build(&options(&folder, "killed"), &ENCODER, &mut watched).unwrap_err()
    };
    assert!(matches!(stop(Phase::Reading), CorpusError::Stopped));
    assert!(left(&folder).is_empty());
    for phase in [Phase::Sorting, Phase::Hashing] {
        let CorpusError::Kept { path, bytes } = stop(phase) else {
            panic!("it is kept");
        };
        assert_eq!(left(&folder), [path]);
        assert!(bytes > 1 << 20);
    }
    let earlier = go_on(&options(&folder, "killed"), &ENCODER).unwrap();
    assert_eq!(earlier.sorted, earlier.parts);
    assert_eq!(earlier.tokens, manifest(&folder.join("whole")).tokens);
    expect_whole(&folder);
    let index = LocalIndex::open(folder.join("killed")).unwrap();
    assert_eq!(index.info().documents, Some(earlier.documents));
}
