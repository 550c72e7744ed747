//! One target under libFuzzer: `ROTESCOPE_FUZZ=NAME guided [OPTIONS OF LIBFUZZER] FOLDER`. Without a name, or with another, it lists the names.
//!
//! The first run of a folder begins with the target's seeds and its kept inputs. `scripts/fuzz.sh` builds this program and runs it. With `ROTESCOPE_FUZZ_KEEP=1` nothing is
//! run: inputs of the folder become the kept ones.

#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use rotescope_fuzz::{Target, all, kept};
use tempfile::TempDir;

static STATE: OnceLock<(Target, TempDir)> = OnceLock::new();

fn begin() {
    // libFuzzer's own hook ends the process at each panic; those of tantivy on damaged files are caught, and are errors.
    let _ = std::panic::take_hook();
    let name = std::env::var("ROTESCOPE_FUZZ").unwrap_or_default();
    let Some(target) = all().into_iter().find(|t| t.name == name) else {
        let names: Vec<_> = all().iter().map(|t| t.name).collect();
        println!("{}", names.join("\n"));
        std::process::exit(i32::from(!name.is_empty()));
    };
    // The folder that libFuzzer reads next.
    let folder = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    if let (Some(folder), true) = (&folder, std::env::var_os("ROTESCOPE_FUZZ_KEEP").is_some()) {
        let inputs = kept::write(&name, std::path::Path::new(folder)).expect("the kept inputs");
        println!("{name}: {inputs} inputs kept");
        std::process::exit(0);
    }
    if let Some(folder) = folder.filter(|f| std::path::Path::new(f).is_dir()) {
        for (n, seed) in (target.seeds)()
            .into_iter()
            .chain(kept::read(&name))
            .enumerate()
        {
            let path = std::path::Path::new(&folder).join(format!("seed-{n}"));
            std::fs::write(path, seed).expect("the folder of inputs");
        }
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(STATE.set((target, folder)).is_ok(), "begun once");
}

fuzz_target!(init: begin(), |input: &[u8]| {
    let (target, folder) = STATE.get().expect("begun");
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input, folder.path()))).is_err() {
        std::process::abort();
    }
});
