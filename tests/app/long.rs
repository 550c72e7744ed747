//! How soon the app answers: `make test-long`.

use std::time::Instant;

#[cfg(target_os = "linux")]
use rand::{RngExt, SeedableRng};
#[cfg(target_os = "linux")]
use rand_chacha::ChaCha8Rng;

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

/// A key every four seconds and a new size every six minutes, for 24 hours, without the waiting.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: make test-long"]
fn a_day_of_reading_takes_no_memory() {
    const KEYS: [&str; 24] = [
        "j", "k", "l", "h", "w", "b", "J", "K", "f", "F", "g", "G", "\x04", "\x15", "\t", "n", "N",
        "Sid\r", "s", "m", "z", "Z", "v", "j",
    ];
    const DAY: usize = 24 * 60 * 60;
    let mut app = Running::start(120, 40);
    app.wait("the mode of the app", vt100::Screen::alternate_screen);
    app.press("\r");
    app.wait("tokens in color", colored);
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut reads = |app: &mut Running, keys: usize| {
        for n in 0..keys / 90 {
            let some: String = (0..90)
                .map(|_| KEYS[rng.random_range(0..KEYS.len())])
                .collect();
            app.press(&some);
            let size = (rng.random_range(60..200), rng.random_range(20..60));
            app.resize(size);
            // All keys were taken in when the last of them shows.
            app.press("?");
            app.wait("the help", |s| s.contents().contains("keys · j k scroll"));
            app.press("\x1b");
            app.wait("the help gone", |s| {
                !s.contents().contains("keys · j k scroll")
            });
            if n % 240 == 0 {
                eprintln!("{} keys: {} KiB", n * 90, app.memory());
            }
        }
    };
    // What is kept to be drawn again grows to its full size, and of keys that come at once not each is drawn: some day takes no more than the one before.
    let mut days = vec![app.memory()];
    while days.len() < 7 {
        reads(&mut app, DAY);
        days.push(app.memory());
        eprintln!("days of keys, in KiB: {days:?}");
        if days.len() > 3 && days[days.len() - 1] < days[days.len() - 2] + 1024 {
            break;
        }
    }
    app.resize((120, 40));
    app.press("q");
    app.ended();
    assert!(days.len() < 7, "{days:?} KiB");
}
