//! How soon the app answers: `make test-long`.

use std::time::Instant;

use crate::compare::trace;
#[cfg(target_os = "linux")]
use crate::pty::{Running, colored};
use crate::support::*;

#[test]
#[ignore = "long: make test-long"]
fn long_chains_are_drawn_quickly() {
    let long = |id: &str, odd: usize| {
        let mut words = Vec::new();
        for i in 0..400 {
            words.extend([
                ("Then", 0.3),
                (" we", 0.0),
                (" add", 0.5),
                (" the", 0.0),
                (" next", 0.2),
                (" one", 0.4),
            ]);
            words.push(if i % odd == 0 {
                (" here", 0.1)
            } else {
                (" there", 0.9)
            });
            words.extend([(" and", 0.0), (" go", 0.2), (".", 0.0)]);
        }
        trace(id, "How many?", &words, ("66", true))
    };
    let mut ui = ui(Vec::new());
    ui.app.add_traces(vec![long("a", 3), long("b", 5)]);
    ui.step(Action::Compare);
    ui.step(Action::Last);
    let began = Instant::now();
    act(&mut ui, Action::Open);
    assert!(ui.app.compare.view.is_some());
    let opened = began.elapsed();
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    let mut frame = |ui: &mut Ui| {
        let began = Instant::now();
        terminal.draw(|f| ui.draw(f, Depth::TrueColor)).unwrap();
        began.elapsed()
    };
    let first = frame(&mut ui);
    let mut times: Vec<Duration> = Vec::new();
    for i in 0..200 {
        use Action::*;
        ui.step(
            [
                NextFlag,
                PageDown,
                OnlyDifferences,
                NextStep,
                RowUp,
                Last,
                First,
            ][i % 7],
        );
        times.push(frame(&mut ui));
    }
    times.sort();
    eprintln!(
        "two chains of 4000 tokens at 200x60: opened in {opened:?}, first frame {first:?}, then median {:?}, p99 {:?}, worst {:?} of 200",
        times[100], times[197], times[199]
    );
    // The bound is loose because tests run beside others; docs/compare.md has the figures.
    assert!(times[100] < Duration::from_millis(50), "{:?}", times[100]);
}

/// The least of a few starts: what else the machine does can only add to it.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: make test-long"]
fn the_first_colored_token_comes_within_two_seconds() {
    let times: Vec<Duration> = (0..5)
        .map(|_| {
            let mut app = Running::start(120, 40);
            // While the model is still being loaded; the prompt waits for it.
            app.wait("the mode of the app", vt100::Screen::alternate_screen);
            app.press("\r");
            app.wait("tokens in color", colored);
            let took = app.began.elapsed();
            app.press("q");
            app.ended();
            took
        })
        .collect();
    eprintln!("from start to the first colored token: {times:?}");
    let least = times.iter().min().unwrap();
    assert!(*least < Duration::from_secs(2), "{times:?}");
}

/// A key every two seconds of a day, and as many new sizes as hours: what they leave does not grow.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: make test-long"]
fn a_day_of_keys_leaves_nothing_in_memory() {
    use rand::{RngExt, SeedableRng};
    /// Keys that look: none runs a prompt, writes a file, or ends the app.
    const KEYS: [&str; 34] = [
        "l", "h", "w", "b", "j", "k", "J", "K", "f", "F", "g", "G", "\x04", "\x15", "\t", "\x1b[Z",
        "?", "\x1b", "d", "D", "n", "N", "S", "s", "m", "z", "Z", "v", "]", "[", "/a\r", "&b\r",
        "&\x15\r", "t\x1b",
    ];
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut app = Running::start(120, 40);
    app.wait_for("applied-base-0");
    app.press("\r");
    app.wait("tokens in color", colored);
    app.wait("the end of attribution", |s| s.contents().contains("○"));
    let mut held = Vec::new();
    for hour in 0..24 {
        for _ in 0..18 {
            for _ in 0..100 {
                app.press(KEYS[rng.random_range(0..KEYS.len())]);
            }
            // All of them are read when what is asked last is there: a terminal holds 4 KB of keys, no more.
            // Twice, the byte is the key Esc and begins nothing.
            app.press(&"\x1b\x1b".repeat(3));
            app.press("\x1bOP");
            app.wait_for("next token");
            app.press("\x1b");
            app.wait("help closed", |s| !s.contents().contains("next token"));
        }
        held.push(app.held());
        app.resize(if hour % 2 == 0 { (200, 60) } else { (120, 40) });
    }
    eprintln!("KiB held after each of 24 times 1,800 keys: {held:?}");
    // What was looked at is kept, and soon all was.
    assert!(
        held[23] < held[17] + 8_000 && held[23] < held[0] + 50_000,
        "{held:?}"
    );
    app.press("q");
    assert_eq!(app.ended(), 0);
}
