//! What the app costs with a very long completion.
//!
//! **Measured**: wall-clock on one thread, with a completion of 100 000 made-up tokens in sentences of 12, all scored, on a test backend of
//! 200 x 60 cells: the time to take one token in; the time of the first frame, which wraps the whole completion; the time of a key and the frame
//! that answers it, while a token comes in and one gets its distant scores in between, with 20 documents in their pane; resident memory per token (Linux). And of a file of 100 000 traces of 60 tokens with 20
//! candidates each, opened as `rotescope show` opens it: the time until the first trace is on screen and until all are listed, the longest time
//! that the thread of the screen takes for what has come or a key and the frame after it, a filter and a sort of all, prompts found by letters (beside the screen), and resident memory.
//! Frames are said by the clock, and by what the processor was busy with them (Unix), which other programs do not lengthen.
//! **Not measured**: what the terminal itself takes to show the bytes.

use rotescope::themes::THEMES;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{never, select};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rotescope::run::live::{FoundDocuments, Hit, Passage, Ready, Update};
use rotescope::tui::action::{Action, Keymap};
use rotescope::tui::app::{Column, Effect};
use rotescope::tui::catalog::{self, Listing};
use rotescope::tui::desk::Desk;
use rotescope::tui::fuzzy::MatchPrompts;
use rotescope::tui::ui::Ui;
use rotescope_report::theme::Depth;
use rotescope_trace::Prompt;
use rotescope_trace::{Candidates, Flag, Local, ModelRef, Step, Token, Trace};

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
            aligned: None,
        }),
        ..Token::default()
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    // First, so that memory is counted which nothing before has asked for.
    many();
    long();
}

/// How long this thread has run on a processor.
#[cfg(unix)]
fn processor() -> Option<Duration> {
    let ran = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(ran).ok()
}

#[cfg(not(unix))]
fn processor() -> Option<Duration> {
    None
}

/// Documents as the corpus gives them.
fn documents() -> FoundDocuments {
    let hit = |i: usize| Hit {
        id: format!("document-{i}"),
        source: "corpus.jsonl".into(),
        text: "So the sum of 12 and 30 is surely 42 here. ".repeat(200),
        matched: [400, 412],
        aligned: true,
        copies: 1,
    };
    FoundDocuments {
        asked: Passage::Text("of 12".into()),
        hits: (0..20).map(hit).collect(),
        ..FoundDocuments::default()
    }
}

const TRACES: usize = 100_000;

/// A file of traces like one another but for their ids.
fn file() -> tempfile::NamedTempFile {
    let mut at = 0;
    let tokens = (0..60).map(|i| {
        let token = token(i, at);
        at = token.span[1];
        token
    });
    let mut trace = Trace {
        schema: rotescope_trace::SCHEMA.into(),
        tokens: tokens.collect(),
        ..Trace::default()
    };
    trace.prompt.question = "Tom has 12 apples and finds 30 more. How many has he now?".into();
    trace.prompt.id = "ID".into();
    trace.output = trace.tokens.iter().map(|t| t.text.as_str()).collect();
    for i in 0..5 {
        trace.steps.push(Step {
            span: [i * at / 5, (i + 1) * at / 5],
            tokens: [12 * i, 12 * (i + 1)],
            flag: Some(Flag {
                meaning: rotescope_trace::Meaning::default(),
                p: i as f64 / 5.0,
                reasons: vec!["the number was seldom seen here".into()],
                token: Some(12 * i),
                threshold: None,
            }),
            verdict: None,
            region: None,
        });
    }
    trace.answer.right = Some(true);
    let line = serde_json::to_string(&trace).expect("a line");
    let mut file = std::io::BufWriter::new(tempfile::NamedTempFile::new().expect("a file"));
    for i in 0..TRACES {
        writeln!(
            file,
            "{}",
            line.replacen("\"ID\"", &format!("\"trace-{i:06}\""), 1)
        )
        .expect("a line");
    }
    file.into_inner().expect("a file")
}

fn many() {
    let file = file();
    let bytes = file.as_file().metadata().expect("a size").len();
    let theme = THEMES.builtin("dark").expect("a theme");
    let mut ui = Ui::new(Vec::new(), theme, Keymap::default());
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("a test backend");
    let desk = Desk::start(None).expect("threads");
    let before = resident();
    let began = Instant::now();
    let listing = catalog::open(&[file.path().into()]).expect("traces");
    let (mut first, mut worst) = (None, Duration::ZERO);
    let mut listing = listing;
    loop {
        // As the app's loop does it: all that has come, then a frame.
        let (turn, effects) = select! {
            recv(listing) -> said => (Instant::now(), match said {
                Ok(Listing::Lines(lines)) => ui.listed(lines),
                Ok(Listing::Over { .. }) => break,
                Err(_) => { listing = never(); Vec::new() }
            }),
            recv(desk.done) -> done => (Instant::now(), ui.done(done.expect("an answer"))),
        };
        for effect in effects {
            if let Effect::Work(task) = effect {
                desk.take(*task);
            }
        }
        terminal
            .draw(|f| ui.draw(f, Depth::TrueColor))
            .expect("a frame");
        worst = worst.max(turn.elapsed());
        let read = ui.app.session().is_some_and(|s| s.trace.is_some());
        if read && first.is_none() {
            first = Some(began.elapsed());
        }
    }
    let all = began.elapsed();
    assert_eq!(ui.app.entries.len(), TRACES);
    let after = resident();
    let mut timed = |ui: &mut Ui, action: &mut dyn FnMut(&mut Ui)| {
        let began = Instant::now();
        action(ui);
        terminal
            .draw(|f| ui.draw(f, Depth::TrueColor))
            .expect("a frame");
        began.elapsed()
    };
    let filter = timed(&mut ui, &mut |ui| {
        ui.app.filter = "right trace-09".into();
        ui.app.list();
    });
    ui.app.filter.clear();
    ui.app.list();
    let sort = timed(&mut ui, &mut |ui| ui.app.sort_by(Column::Flags));
    let texts = timed(&mut ui, &mut |ui| ui.app.sort_by(Column::Question));
    let prompts = ui.app.entries.iter().map(|e| e.prompt.clone()).collect();
    let began = Instant::now();
    let sought = MatchPrompts {
        typed: "apples 9917".into(),
        prompts,
    };
    let found = sought.find(&|| true).map_or(0, |found| found.len());
    let finding = began.elapsed();
    assert!(found > 0);
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!(
        "traces                       {TRACES}, {:.0} MB",
        bytes as f64 / 1e6
    );
    println!(
        "first trace on screen        {:.1} ms",
        ms(first.unwrap_or_default())
    );
    println!("all listed                   {:.0} ms", ms(all));
    println!("longest turn meanwhile       {:.1} ms", ms(worst));
    println!(
        "filter, sort, by questions   {:.1} ms, {:.1} ms, {:.1} ms",
        ms(filter),
        ms(sort),
        ms(texts)
    );
    println!(
        "found by letters             {found} in {:.1} ms",
        ms(finding)
    );
    if let (Some(b), Some(a)) = (before, after) {
        println!(
            "resident memory              {:.0} MB more",
            (a - b) as f64 / 1e3
        );
    }
}

fn long() {
    let prompt = Prompt {
        id: "long".into(),
        question: "How many?".into(),
        ..Default::default()
    };
    let theme = THEMES.builtin("dark").expect("a theme");
    let mut ui = Ui::new(vec![prompt], theme, Keymap::default());
    ui.update(Update::Ready(Ready {
        model: ModelRef::default(),
        index: None,
        remote: false,
        note: None,
    }));
    let effects = ui.step(Action::RunPrompt);
    let Some(Effect::Run(job)) = effects.into_iter().next() else {
        unreachable!("a prompt runs");
    };
    let mut at = 0;
    let mut next = |ui: &mut Ui, index: usize| {
        let token = token(index, at);
        at = token.span[1];
        ui.update(Update::Token {
            job: job.id,
            token: Box::new(token),
        });
    };
    let before = resident();
    let began = Instant::now();
    (0..TOKENS).for_each(|i| next(&mut ui, i));
    let taken = began.elapsed();

    let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("a test backend");
    let mut frame = |ui: &mut Ui| {
        let began = Instant::now();
        terminal
            .draw(|f| {
                ui.draw(f, Depth::TrueColor);
            })
            .expect("a frame");
        began.elapsed()
    };
    let wrap = frame(&mut ui);
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
    ui.app.found = Arc::new(documents());
    let mut busy = Vec::new();
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|i| {
            next(&mut ui, TOKENS + i);
            ui.update(Update::Attributed {
                job: job.id,
                index: i,
                token: Box::new(token(i, 0)),
                done: i,
                total: FRAMES,
            });
            let (began, ran) = (Instant::now(), processor());
            ui.step(keys[i % keys.len()]);
            let key = began.elapsed();
            let took = key + frame(&mut ui);
            let ran = ran.zip(processor()).map(|(a, b)| b - a);
            busy.extend(ran.map(|ran| (ran, i % keys.len())));
            took
        })
        .collect();
    times.sort();
    busy.sort();
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
    if busy.len() == FRAMES {
        println!(
            "    of which the processor's median {:.2} ms, p99 {:.2} ms, worst {:.2} ms, by {:?}",
            ms(busy[FRAMES / 2].0),
            ms(busy[FRAMES * 99 / 100].0),
            ms(busy[FRAMES - 1].0),
            keys[busy[FRAMES - 1].1]
        );
    }
    if let (Some(b), Some(a)) = (before, after) {
        println!(
            "resident memory              {:.0} bytes a token, its 20 candidates included",
            (a - b) as f64 * 1024.0 / TOKENS as f64
        );
    }
}
