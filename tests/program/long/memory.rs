//! How much memory long files take.

use std::process::{Command, Stdio};

use rotescope_testing::pairs;

/// Most memory that a run of the program held, in KiB, read while it runs.
fn peak(args: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let path = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmHWM"));
        let held = line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok());
        most = most.max(held.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    most
}

#[test]
#[ignore = "long: make test-long"]
fn a_thousand_pairs_need_no_more_memory_than_a_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let steps: String = (0..30)
        .map(|i| format!(" Step {i} adds {i} to 3."))
        .collect();
    let peaks = [100, 1000].map(|pairs| {
        let file = |side: &str, question: &str| {
            let original = pairs::trace("o", question, &steps, "1");
            let lines = (0..pairs).map(|i| {
                let mut trace = original.clone();
                trace.prompt.id = format!("pair-{i}");
                serde_json::to_string(&trace).unwrap() + "\n"
            });
            let path = folder.path().join(format!("{side}-{pairs}.jsonl"));
            std::fs::write(&path, lines.collect::<String>()).unwrap();
            path.to_str().unwrap().to_string()
        };
        let (a, b) = (file("a", "Use 3."), file("b", "Use 4."));
        let out = folder.path().join(format!("out-{pairs}.jsonl"));
        peak(&["compare", &a, &b, "-o", out.to_str().unwrap()])
    });
    eprintln!(
        "100 pairs: {} KiB at most, 1000 pairs: {} KiB",
        peaks[0], peaks[1]
    );
    assert!(peaks[0] > 0 && peaks[1] < peaks[0] * 3 / 2, "{peaks:?}");
}
