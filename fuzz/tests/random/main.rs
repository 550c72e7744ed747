//! Every target on all that is kept of earlier findings, and for a second, or 5,000 inputs, on seeds that are changed blindly, the same for the same seed of the generator.

mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use mutate::Mutator;
use rotescope_fuzz::Target;

/// No reader may work longer on an input of a few kilobytes.
const PATIENCE: Duration = Duration::from_secs(10);

fn setting(name: &str, usual: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(usual, |s| s.parse().expect("a whole number"))
}

/// How many inputs there are if no time is set: a fast machine does not go on to some that nobody has tried.
const INPUTS: u64 = 5_000;

/// Keeps an input that fails, and says where it is.
fn kept(target: &str, input: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
    std::fs::write(&path, input).expect("the folder of cargo's temporary files");
    path
}

/// Gives a target inputs for as long as it is set; the same seed gives the same inputs.
fn fuzz(target: Target) {
    let (seconds, seed) = (
        setting("ROTESCOPE_FUZZ_SECONDS", 1),
        setting("ROTESCOPE_FUZZ_SEED", 1),
    );
    let Target { name, seeds, run } = target;
    let (send, inputs) = channel::<Vec<u8>>();
    let worker = std::thread::spawn(move || {
        let mut seeds = seeds();
        assert!(!seeds.is_empty());
        seeds.extend(rotescope_fuzz::kept::read(name));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mutator = Mutator::new(seed);
        let until = Instant::now() + Duration::from_secs(seconds);
        let most = match std::env::var_os("ROTESCOPE_FUZZ_SECONDS") {
            Some(_) => u64::MAX,
            None => INPUTS,
        };
        let mut count = 0_u64;
        let mut accepted = 0_u64;
        while count < most && (Instant::now() < until || count < 2 * seeds.len() as u64) {
            // The seeds themselves come first.
            let input = match seeds.get(count as usize) {
                Some(seed) => seed.clone(),
                None => mutator.next(&seeds),
            };
            count += 1;
            let _ = send.send(input.clone());
            let done = catch_unwind(AssertUnwindSafe(|| run(&input, folder.path())));
            match done {
                Ok(read) => accepted += u64::from(read),
                Err(_) => panic!(
                    "input {count} of seed {seed}: {}",
                    kept(name, &input).display()
                ),
            }
        }
        // A target that refuses everything tests nothing behind its first check.
        assert!(accepted > 0, "none of {count} inputs was read");
        (count, accepted)
    });
    let mut last = Vec::new();
    loop {
        match inputs.recv_timeout(PATIENCE) {
            Ok(input) => last = input,
            Err(RecvTimeoutError::Timeout) => {
                panic!("{name} hangs: {}", kept(name, &last).display())
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let (count, accepted) = worker
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    println!("{name}: {count} inputs, {accepted} of them read");
}

macro_rules! tests {
    ($($module:ident: $($name:ident),*;)*) => { $($(#[test] fn $name() { fuzz(rotescope_fuzz::$module::$name()); })*)* };
}

tests! {
    targets: traces, packed, prompts, generations, labels, themes, settings, gguf, vocabularies, templates, completions, equations, answers, display, values;
    index: index;
    remote: infinigram, opensearch;
}
