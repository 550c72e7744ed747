//! What local attribution costs while a model generates, and what the app costs that shows it.
//!
//! **Measured**: generated tokens per second of whole prompts, wall-clock, (1) without counts, (2) with counts from the index of the bundled
//! corpus, (3) the same in the app, from the job to its end: steps judged as they end, the screen of 200 x 60 cells drawn as often as the app
//! draws it. In turn, so that a drift of the machine's speed meets all alike. **Model**: the bundled one, Q8_0, one thread.
//! **Prompts**: the first 60 of `prompts/applied-base.jsonl`, greedy. **Not measured**: what the terminal takes to show the bytes.

use rotescope::themes::THEMES;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rotescope::run::encoder::encoder;
use rotescope::run::finish::Finish;
use rotescope::run::hashes::sha256;
use rotescope::run::live::Live;
use rotescope::run::pipeline::Scorer;
use rotescope::run::prompts;
use rotescope::shipped;
use rotescope::tui::action::{Action, Keymap};
use rotescope::tui::app::Effect;
use rotescope::tui::ui::Ui;
use rotescope_corpus::{BuildOptions, Corpus, LocalIndex, build};
use rotescope_judge::flag::FlagModel;
use rotescope_model::{CancelToken, Engine, ModelOptions};
use rotescope_report::theme::Depth;
use rotescope_trace::{IndexRef, Sampler};

const ROUNDS: usize = 7;
const PROMPTS: usize = 60;
/// Time between two frames of the app.
const FRAME: Duration = Duration::from_millis(25);

fn main() {
    let bundle = shipped::bundle().expect("the bundle");
    let folder = tempfile::tempdir().expect("a folder");
    let options = BuildOptions::new(
        vec![bundle.corpus().expect("the corpus")],
        folder.path().join("index"),
        "pocket".into(),
    );
    let tokenizer = encoder(Some(&bundle.model().expect("the model")), None).expect("a tokenizer");
    build(&options, tokenizer.as_ref(), &mut ()).expect("an index");
    let index: Arc<dyn Corpus> = Arc::new(LocalIndex::open(&options.out).expect("the index"));
    let mut all = prompts::read_plainly(&bundle.prompts("applied-base").expect("the prompts"))
        .expect("the prompts");
    all.truncate(PROMPTS);

    let scorer = |corpus: Option<Arc<dyn Corpus>>| {
        let options = ModelOptions {
            threads: Some(1),
            ..ModelOptions::new(bundle.model().expect("the model"))
        };
        let engine = Engine::load(options, |_| ControlFlow::Continue(())).expect("the model");
        let sha256 = sha256(&engine.info().path).expect("the model's hash");
        let flag = bundle.flag(&sha256).expect("the flag").expect("the flag");
        Scorer {
            corpus: corpus.map(|c| (c, IndexRef::default())),
            sampler: Sampler {
                max_tokens: 300,
                ..Default::default()
            },
            finish: Arc::new(Finish {
                flag: FlagModel::load(&flag).ok(),
                ..Finish::default()
            }),
            ..Scorer::new(engine)
        }
    };
    let (with, without) = (scorer(Some(index.clone())), scorer(None));
    let shown = scorer(Some(index));
    let live = Live::start(move |_| Ok((shown, None))).expect("a thread");
    let theme = THEMES.builtin("dark").expect("a theme");
    let mut ui = Ui::new(all.clone(), theme, Keymap::default());
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("a test backend");
    while ui.app.ready.is_none() {
        ui.update(live.updates.recv().expect("an update"));
    }
    let mut in_app = || {
        let (began, mut tokens) = (Instant::now(), 0);
        for i in 0..PROMPTS {
            ui.app.selected = i;
            let mut effects = ui.step(Action::RunPrompt);
            let mut drawn: Option<Instant> = None;
            while ui.app.running.is_some() {
                for effect in effects.drain(..) {
                    match effect {
                        Effect::Run(job) => live.run(*job),
                        Effect::Documents(passage) => live.documents(passage),
                        Effect::Verbatim(job, output) => live.verbatim(job, output),
                        _ => {}
                    }
                }
                let first = live.updates.recv().expect("an update");
                for update in std::iter::once(first).chain(live.updates.try_iter()) {
                    effects.extend(ui.update(update));
                }
                if drawn.is_none_or(|d| d.elapsed() >= FRAME) {
                    terminal
                        .draw(|f| ui.draw(f, Depth::TrueColor))
                        .expect("a frame");
                    drawn = Some(Instant::now());
                }
            }
            tokens += ui.app.session().map_or(0, |s| s.tokens().len());
        }
        tokens as f64 / began.elapsed().as_secs_f64()
    };
    let rate = |s: &Scorer| {
        let (began, mut tokens) = (Instant::now(), 0);
        for p in &all {
            tokens += s
                .score(p, &CancelToken::new(), &mut |_| ())
                .expect("a trace")
                .tokens
                .len();
        }
        tokens as f64 / began.elapsed().as_secs_f64()
    };
    rate(&with);
    in_app();
    let rounds: Vec<[f64; 3]> = (0..ROUNDS)
        .map(|_| [rate(&without), rate(&with), in_app()])
        .collect();
    for (name, a, b) in [
        ("with local attribution, without", 1, 0),
        ("in the app, in a batch", 2, 1),
    ] {
        let mut rounds = rounds.clone();
        rounds.sort_by(|x, y| (x[a] / x[b]).total_cmp(&(y[a] / y[b])));
        let ratio = |i: usize| rounds[i][a] / rounds[i][b];
        let middle = rounds[ROUNDS / 2];
        println!(
            "tokens/s {name}: {:.0}, {:.0}; median ratio {:.3} of {ROUNDS} rounds (least {:.3}, most {:.3})",
            middle[a],
            middle[b],
            ratio(ROUNDS / 2),
            ratio(0),
            ratio(ROUNDS - 1)
        );
    }
}
