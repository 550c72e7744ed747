//! What the app costs with a very long chain.
//!
//! **Measured**: wall-clock on one thread, with a chain of 100 000 made-up tokens in sentences of 12, all scored, on a test backend of
//! 200 x 60 cells: the time to take one token in; the time of the first frame, which wraps the whole chain; the time of a key and the frame
//! that answers it, while a token comes in between; resident memory per token (Linux).
//! **Not measured**: what the terminal itself takes to show the bytes.

use rotescope::themes::THEMES;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rotescope::run::live::{Ready, Update};
use rotescope::tui::action::{Action, Keymap};
use rotescope::tui::app::{App, Effect};
use rotescope::tui::draw;
use rotescope_report::theme::Depth;
use rotescope_trace::Prompt;
use rotescope_trace::{Candidates, Local, ModelRef, Token};

const TOKENS: usize = 100_000;
const FRAMES: usize = 1000;

fn token(index: usize, at: usize) -> Token {
    let words = [
        " So", " the", " sum", " of", " 12", " and", " 30", " is", " surely", " 42", " here", ".",
    ];
    let text = words[index % words.len()];
    Token {
        id: index as u32 % 512,
        text: text.into(),
        bytes: None,
        span: [at, at + text.len()],
        p: 0.5,
        rank: 1,
        entropy: 1.0,
        candidates: Candidates {
            ids: (0..20).collect(),
            text: vec![text.into(); 20],
            p: vec![0.05; 20],
            local: vec![9; 20],
            ..Default::default()
        },
        local: Some(Local {
            score: Some((index % 10) as f64 / 10.0),
            undefined: None,
            context: 3,
            context_count: 10,
            match_count: 9,
        }),
        mid: None,
        long: None,
        measures: Default::default(),
        cause: None,
        skipped: None,
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    let prompt = Prompt {
        id: "long".into(),
        question: "How many?".into(),
        ..Default::default()
    };
    let theme = THEMES.builtin("dark").expect("a theme");
    let mut app = App::new(vec![prompt], theme, Keymap::default());
    app.update(Update::Ready(Ready {
        model: ModelRef::default(),
        index: None,
    }));
    let effects = app.step(Action::RunPrompt);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        unreachable!("a prompt runs");
    };
    let mut at = 0;
    let mut next = |app: &mut App, index: usize| {
        let token = token(index, at);
        at = token.span[1];
        app.update(Update::Token {
            job: job.id,
            token: Box::new(token),
        });
    };
    let before = resident();
    let began = Instant::now();
    (0..TOKENS).for_each(|i| next(&mut app, i));
    let taken = began.elapsed();

    let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("a test backend");
    let mut frame = |app: &mut App| {
        let began = Instant::now();
        terminal
            .draw(|f| {
                draw::draw(f, app, Depth::TrueColor);
            })
            .expect("a frame");
        began.elapsed()
    };
    let wrap = frame(&mut app);
    let after = resident();
    let keys = [
        Action::PreviousToken,
        Action::RowUp,
        Action::PageUp,
        Action::PreviousStep,
        Action::First,
        Action::NextFlag,
        Action::Last,
    ];
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|i| {
            next(&mut app, TOKENS + i);
            let began = Instant::now();
            app.step(keys[i % keys.len()]);
            let key = began.elapsed();
            key + frame(&mut app)
        })
        .collect();
    times.sort();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!("tokens                       {TOKENS}");
    println!(
        "taking a token in            {:.4} ms",
        ms(taken) / TOKENS as f64
    );
    println!("first frame, with the wrap   {:.1} ms", ms(wrap));
    println!(
        "key and frame at 200x60      median {:.2} ms, p99 {:.2} ms, worst {:.2} ms of {FRAMES}",
        ms(times[FRAMES / 2]),
        ms(times[FRAMES * 99 / 100]),
        ms(times[FRAMES - 1])
    );
    if let (Some(b), Some(a)) = (before, after) {
        println!(
            "resident memory              {:.0} bytes a token, its 20 candidates included",
            (a - b) as f64 * 1024.0 / TOKENS as f64
        );
    }
}
