//! An index behind a slow network: infini-gram's own engine on this machine, which waits before each answer.

use std::time::Instant;

use crate::support::*;
use rotescope::themes::THEMES;
use rotescope_corpus::{Documents, LocalIndex};
use rotescope_remote::{Address, Cache, Limits, Options, Tokenizer, open};
use rotescope_testing::infinigram::{END, Server, write_index};
use rotescope_vocab::Encode;

/// Documents of the bundled corpus that are served.
const DOCUMENTS: u64 = 3_000;

fn tokenizer() -> Arc<dyn Encode> {
    rotescope_vocab::load(Some(&rotescope_testing::pocket()), None)
        .unwrap()
        .into()
}

/// A server of the bundled corpus' first documents.
fn served(folder: &std::path::Path) -> Server {
    // Built, if it is not there.
    ModelArgs::default().open_index().unwrap();
    let local = LocalIndex::open(shipped::bundle().unwrap().index()).unwrap();
    let all: Vec<u64> = (0..DOCUMENTS).collect();
    let documents = local.document_tokens(&all).unwrap();
    let tokenizer = tokenizer();
    write_index(&folder.join("some"), documents, tokenizer.size(), |id| {
        tokenizer.token_bytes(id)
    });
    Server::start(folder)
}

fn asked(address: &Address) -> Arc<dyn Corpus> {
    let options = Options {
        // As of a server of others, which it plays.
        limits: Limits::polite(),
        credentials: None,
        insecure: false,
        cache: Arc::new(Cache::in_memory()),
    };
    let ids = Tokenizer {
        encode: tokenizer(),
        name: "the model's".into(),
        end: Some(END),
    };
    open(address.clone(), options, ids, None).unwrap().corpus
}

#[test]
#[ignore = "needs a server: make test-remote"]
fn frames_stay_short_and_scores_come_where_each_answer_takes_200_ms() {
    let folder = tempfile::tempdir().unwrap();
    let server = served(folder.path());
    server.control(&serde_json::json!({"delay": 0.2}));
    let address: Address = server.name("some").parse().unwrap();
    let live = live_with(move || asked(&address));
    let prompts = prompts::read_plainly(
        &shipped::bundle()
            .unwrap()
            .prompts("counting-longtail")
            .unwrap(),
    );
    let mut ui = Ui::new(
        prompts.unwrap(),
        THEMES.builtin("dark").unwrap(),
        Keymap::default(),
    );
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    let mut effects = ui.step(Action::RunPrompt);
    let (mut began, mut written, mut frames) = (None, None, Vec::new());
    loop {
        for effect in settle(&mut ui, effects) {
            match effect {
                Effect::Run(job) => live.run(*job),
                Effect::Documents(passage) => live.documents(passage),
                Effect::Verbatim(job, output) => live.verbatim(job, output),
                _ => {}
            }
        }
        if ui.app.session().is_some_and(|s| s.trace.is_some()) {
            break;
        }
        let update = live.updates.recv_timeout(Duration::from_secs(120)).unwrap();
        let frame = Instant::now();
        match update {
            Update::Token { .. } => _ = began.get_or_insert(frame),
            Update::Generated { .. } => written = Some(frame),
            _ => {}
        }
        effects = ui.update(update);
        // The user reads on meanwhile.
        effects.extend(ui.step(Action::NextToken));
        terminal.draw(|f| ui.draw(f, Depth::TrueColor)).unwrap();
        frames.push(frame.elapsed());
    }
    let began = began.expect("tokens");
    let took = began.elapsed();
    let written = written.expect("a completion") - began;
    let tokens = ui.app.session().unwrap().tokens();
    assert!(tokens.iter().any(|t| t.local.is_some()));
    frames.sort();
    let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
    eprintln!(
        "{} tokens, written after {written:?}, all local scores after {took:?}; {} frames: median {:?}, 95 in 100 within {:?}, longest {:?}; {} queries",
        tokens.len(),
        frames.len(),
        at(0.5),
        at(0.95),
        at(1.0),
        server.all_asked()
    );
    assert!(at(0.95) < Duration::from_millis(16));
    assert!(
        took.as_secs_f64() * 120.0 / (tokens.len() as f64) < 15.0,
        "{took:?} for {} tokens",
        tokens.len()
    );
}
