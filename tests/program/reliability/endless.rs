//! Runs that go on for long: none of what they do stays in memory.

mod long {
    use std::fs;
    use std::process::{Command, Stdio};

    use super::super::place::Place;
    use crate::support::root;

    /// Resident memory in KiB, read from outside each time that so many more records are there.
    fn held(place: &Place, prompts: usize, every: usize, more: &[&str]) -> Vec<u64> {
        let out = place.path("t.jsonl");
        let _ = fs::remove_file(&out);
        let mut child = Command::new(env!("CARGO_BIN_EXE_rotescope"))
            .args([
                "score",
                "many.jsonl",
                "--raw",
                "-q",
                "--max-tokens",
                "1",
                "--threads",
                "1",
                "-o",
                "t.jsonl",
            ])
            .args(["--limit", &prompts.to_string()])
            .args(more)
            .current_dir(&place.folder)
            .env("ROTESCOPE_HOME", root())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let (mut all, mut done, mut read) = (Vec::new(), 0, 0);
        while child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let mut new = Vec::new();
            if let Ok(mut file) = fs::File::open(&out) {
                use std::io::{Read, Seek, SeekFrom};
                file.seek(SeekFrom::Start(read)).unwrap();
                file.read_to_end(&mut new).unwrap();
            }
            read += new.len() as u64;
            done += new.iter().filter(|b| **b == b'\n').count();
            if done / every > all.len() {
                let now = fs::read_to_string(&status).unwrap_or_default();
                let line = now.lines().find(|l| l.starts_with("VmRSS"));
                all.extend(line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()));
            }
        }
        assert!(child.wait().unwrap().success());
        assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), prompts);
        all
    }

    /// Theil and Sen's slope: the median of the slopes between all pairs, in bytes a prompt.
    fn slope(held: &[u64], every: usize) -> f64 {
        let pairs = (0..held.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
        let of = |(j, i): (usize, usize)| {
            (held[i] as f64 - held[j] as f64) * 1024.0 / ((i - j) * every) as f64
        };
        let mut slopes: Vec<f64> = pairs.map(of).collect();
        slopes.sort_by(f64::total_cmp);
        slopes[slopes.len() / 2]
    }

    #[test]
    #[ignore = "long: make test-long"]
    fn ten_thousand_prompts_take_no_more_memory_than_a_thousand() {
        let place = Place::new();
        let built = place.run(&["index", "build", "c.jsonl", "-m", "m.gguf", "-o", "ix"]);
        assert!(built.status.success());
        let prompts: String = (0..10_000)
            .map(|i| {
                format!(
                    "{{\"id\": \"p{i}\", \"question\": \"What is {i} plus {}?\"}}\n",
                    i * 7 % 1000
                )
            })
            .collect();
        fs::write(place.path("many.jsonl"), prompts).unwrap();
        for (more, prompts) in [
            (&["--index", "ix", "--sources", "local"][..], 10_000),
            (&["--no-index", "--parallel", "4"], 4_000),
        ] {
            let every = prompts / 20;
            let held = held(&place, prompts, every, more);
            // The first tenth fills caches of a fixed size.
            let steady = &held[2..];
            let slope = slope(steady, every);
            eprintln!(
                "{prompts} prompts, {more:?}: {} KiB after a tenth, {} KiB at the end, {slope:.1} bytes a prompt",
                steady[0],
                steady[steady.len() - 1]
            );
            // What is kept of each prompt is that it is done, and what it asked.
            assert!(slope < 1500.0, "{slope} bytes a prompt: {held:?}");
        }
    }
}
