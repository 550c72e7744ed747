//! An index in a cluster of OpenSearch on this machine, loaded and asked from the command line.

mod remote {
    use std::process::{Command, Output};
    use std::time::Instant;

    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use crate::support::{root, small_index, text, traces};
    use rotescope_testing::opensearch::Cluster;
    use rotescope_trace::Trace;
    use tempfile::TempDir;

    /// A cluster, and folders of a user who asks it.
    struct Served {
        cluster: Cluster,
        folder: TempDir,
    }

    impl Served {
        fn new() -> Served {
            let folder = tempfile::tempdir().unwrap();
            let cluster = Cluster::start(1, &folder.path().join("cluster"));
            Served { cluster, folder }
        }

        fn started(&self, args: &[&str]) -> Command {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rotescope"));
            command
                .args(args)
                .env("ROTESCOPE_HOME", root())
                .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
                .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
                .current_dir(root());
            command
        }

        fn command(&self, args: &[&str]) -> Output {
            self.started(args).output().unwrap()
        }

        fn run(&self, args: &[&str]) -> (String, String) {
            let run = self.command(args);
            assert!(run.status.success(), "{args:?}: {}", text(&run.stderr));
            (text(&run.stdout), text(&run.stderr))
        }

        /// Local scores of some prompts over an index, and what was said.
        fn scored(&self, index: &str, more: &[&str]) -> (Vec<Trace>, String) {
            let out = self.folder.path().join("out.jsonl");
            let mut args = vec!["score", "prompts/applied-seen.jsonl", "--index", index];
            args.extend(["--sources", "local", "--limit", "20", "--fresh"]);
            args.extend(["-o", out.to_str().unwrap()]);
            args.extend(more);
            let (_, said) = self.run(&args);
            (traces(&out), said)
        }
    }

    /// SIGKILL at random moments, each time begun again: what the cluster holds at the end is the index, no document twice and none missing.
    #[test]
    #[ignore = "needs a cluster: make test-remote"]
    fn a_push_that_is_killed_goes_on() {
        let served = Served::new();
        let place = served.cluster.name(0, "killed");
        let push = ["index", "push", small_index(), "--to", &place];
        let begun = Instant::now();
        served.run(&[
            "index",
            "push",
            small_index(),
            "--to",
            &served.cluster.name(0, "whole"),
        ]);
        let takes = begun.elapsed();
        let (mut rng, mut ended) = (ChaCha8Rng::seed_from_u64(7), 0);
        let times = crate::reliability::kills::times(12);
        for _ in 0..times {
            let mut run = served.started(&push).spawn().unwrap();
            std::thread::sleep(takes.mul_f64(rng.random_range(0.1..0.9)));
            run.kill().unwrap();
            ended += usize::from(run.wait().unwrap().success());
        }
        let (_, said) = served.run(&push);
        for asked in [" the answer is", " = 7", "."] {
            let (remote, _) = served.run(&["index", "count", &place, asked]);
            let (local, _) = served.run(&["index", "count", small_index(), asked]);
            assert_eq!(remote, local, "{asked}");
        }
        let documents = |index: &str| {
            let (info, _) = served.run(&["index", "info", index]);
            let line = info.lines().find(|l| l.contains("documents"));
            line.unwrap().to_string()
        };
        let whole = served.cluster.name(0, "whole");
        assert_eq!(documents(&place), documents(&whole));
        eprintln!(
            "index push: {times} kills within {takes:.1?}, {ended} after its end; nothing lost, nothing twice; {said}"
        );
    }

    /// What the index said of each token; one behind a network is not asked of contexts from the border of a word on.
    fn scores(traces: &[Trace]) -> serde_json::Value {
        let of = |t: &Trace| {
            let tokens = t.tokens.iter().map(|t| {
                let mut local = t.local.clone();
                if let Some(local) = &mut local {
                    local.aligned = None;
                }
                serde_json::json!([t.id, local, t.candidates.local])
            });
            tokens.collect::<Vec<_>>()
        };
        traces.iter().map(of).collect()
    }

    #[test]
    #[ignore = "needs a cluster: make test-remote"]
    fn an_index_is_loaded_asked_and_scored_over() {
        let served = Served::new();
        let place = served.cluster.name(0, "small");
        let (_, said) = served.run(&["index", "push", small_index(), "--to", &place]);
        assert!(
            said.contains("documents") && said.contains("tokens in"),
            "{said}"
        );
        let (_, said) = served.run(&["index", "push", small_index(), "--to", &place]);
        assert!(said.contains("of them there before"), "{said}");
        for asked in [" the answer is", " = 7", "zebra"] {
            let (remote, _) = served.run(&["index", "count", &place, asked]);
            let (local, _) = served.run(&["index", "count", small_index(), asked]);
            assert_eq!(remote, local, "{asked}");
        }
        let next = |index: &str| {
            served
                .run(&["index", "next", index, " answer is", "--json"])
                .0
        };
        assert_eq!(next(&place), next(small_index()));
        let (docs, _) = served.run(&["index", "docs", &place, " answer is", "--limit", "3"]);
        assert_eq!(docs.matches("part.jsonl:").count(), 3, "{docs}");
        let (info, _) = served.run(&["index", "info", &place]);
        assert!(
            info.contains("occurrences, exact") && info.contains("documents, exact"),
            "{info}"
        );

        let (ours, _) = served.scored(small_index(), &[]);
        let (theirs, said) = served.scored(&place, &[]);
        assert_eq!(scores(&theirs), scores(&ours));
        eprintln!("{said}");
        // The same corpus: traces say so.
        let fingerprint = |t: &[Trace]| t[0].index.as_ref().unwrap().fingerprint.clone();
        assert_eq!(fingerprint(&theirs), fingerprint(&ours));
        let (again, said) = served.scored(&place, &["--offline"]);
        assert_eq!(scores(&again), scores(&ours));
        assert!(said.contains(": 0 queries asked"), "{said}");

        let twice = served.command(&["index", "count", &place, " 7", "--index", small_index()]);
        assert!(
            text(&twice.stderr).contains("the same corpus"),
            "{}",
            text(&twice.stderr)
        );
        let nobody = served.cluster.name(0, "nobody");
        let missing = served.command(&["index", "count", &nobody, " 7"]);
        assert!(
            text(&missing.stderr).contains("index push"),
            "{}",
            text(&missing.stderr)
        );
        let wrong = served.command(&["index", "push", small_index(), "--to", "/somewhere"]);
        assert!(
            text(&wrong.stderr).contains("opensearch:URL/INDEX"),
            "{}",
            text(&wrong.stderr)
        );
    }
}
