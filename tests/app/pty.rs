//! The app in a real pseudo-terminal: what is on the screen after keys, pastes, a new size, a stop and a kill, and what it leaves behind.

use rotescope::themes::THEMES;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{
    ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system,
};
use rotescope::cli::common::ModelArgs;
use rotescope_report::theme::Rgb;
use rotescope_trace::Source;
use serde_json::Value;

/// Long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Running {
    killer: Box<dyn ChildKiller + Send + Sync>,
    process: u32,
    /// Says how the program ended.
    end: Receiver<ExitStatus>,
    master: Box<dyn MasterPty + Send>,
    /// Kept open, so that the terminal's settings can be read when the program is gone.
    _slave: Box<dyn SlavePty + Send>,
    keys: Box<dyn Write + Send>,
    /// The screen, and word that it has changed.
    screen: Arc<(Mutex<vt100::Parser>, Condvar)>,
    settings: String,
    state: tempfile::TempDir,
    pub began: Instant,
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// Line discipline of the terminal: echo, line editing, signals.
fn settings(master: &dyn MasterPty) -> String {
    let t = master.get_termios().expect("settings of the terminal");
    format!("{:?} {:?}", t.local_flags, t.input_flags)
}

impl Running {
    pub fn start(cols: u16, rows: u16) -> Running {
        Self::toured(cols, rows, true)
    }

    /// `toured`: whether the app has been opened before.
    fn toured(cols: u16, rows: u16, toured: bool) -> Running {
        // The index is built before, so that the program does not have to.
        ModelArgs::default()
            .open_index()
            .unwrap()
            .expect("the bundle");
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let before = settings(pair.master.as_ref());
        let state = tempfile::tempdir().unwrap();
        if toured {
            std::fs::create_dir(state.path().join("rotescope")).unwrap();
            std::fs::write(state.path().join("rotescope/toured"), "").unwrap();
        }
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rotescope"));
        command.args(["--threads", "1"]);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")] {
            command.env(name, value);
        }
        command.env_remove("NO_COLOR");
        command.env("XDG_STATE_HOME", state.path());
        command.env("XDG_CONFIG_HOME", state.path());
        let began = Instant::now();
        let mut child = pair.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(cells(rows), cells(cols), 0);
        let screen = Arc::new((Mutex::new(parser), Condvar::new()));
        let (mut output, into) = (pair.master.try_clone_reader().unwrap(), screen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                into.0.lock().unwrap().process(&bytes[..n]);
                into.1.notify_all();
            }
        });
        let (killer, process) = (child.clone_killer(), child.process_id().unwrap());
        let (ended, end) = channel();
        std::thread::spawn(move || _ = ended.send(child.wait().unwrap()));
        Running {
            killer,
            process,
            end,
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            _slave: pair.slave,
            screen,
            settings: before,
            state,
            began,
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// To so many columns and rows.
    pub fn resize(&mut self, (cols, rows): (u16, u16)) {
        // What the program draws at once for its new size comes onto a screen of that size.
        let mut screen = self.screen.0.lock().unwrap();
        screen.screen_mut().set_size(cells(rows), cells(cols));
        self.master.resize(size(cols, rows)).unwrap();
    }

    fn text(&self) -> String {
        self.screen.0.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as wanted.
    pub fn wait(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        let (screen, changed) = &*self.screen;
        let (screen, late) = changed
            .wait_timeout_while(screen.lock().unwrap(), PATIENCE, |s| !is(s.screen()))
            .unwrap();
        let shown = screen.screen().contents();
        assert!(!late.timed_out(), "never saw {what}:\n{shown}");
    }

    pub fn wait_for(&self, text: &str) {
        self.wait(text, |s| s.contents().contains(text));
    }

    #[cfg(target_os = "linux")]
    /// Whether the process is stopped, as Ctrl-Z stops one.
    fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process)).unwrap();
        // The state follows the name, which stands in parentheses.
        stat.rsplit(')')
            .next()
            .unwrap()
            .trim_start()
            .starts_with('T')
    }

    #[cfg(target_os = "linux")]
    /// The memory of the process that no file stands behind, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let line = status.lines().find(|l| l.starts_with("RssAnon")).unwrap();
        let kib = line.split_whitespace().nth(1).unwrap();
        kib.parse().unwrap()
    }

    fn signal(&self, name: &str) {
        let process = self.process.to_string();
        assert!(
            Command::new("kill")
                .args([name, &process])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end and checks that the terminal is as it was before.
    pub fn ended(&mut self) -> u32 {
        let status = self.end.recv_timeout(PATIENCE);
        let status = status.unwrap_or_else(|_| panic!("does not end:\n{}", self.text()));
        self.wait("the terminal given back", |s| {
            !s.alternate_screen()
                && !s.hide_cursor()
                && !s.bracketed_paste()
                && s.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
        assert_eq!(settings(self.master.as_ref()), self.settings);
        status.exit_code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once it has ended, its number may be another's.
        if matches!(self.end.try_recv(), Err(TryRecvError::Empty)) {
            let _ = self.killer.kill();
        }
    }
}

/// A number of rows or columns as the emulator takes it.
fn cells(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).unwrap()
}

/// Whether a cell has the color of a source in the default theme.
pub fn colored(screen: &vt100::Screen) -> bool {
    let theme = THEMES.builtin("dark").unwrap();
    let colors: Vec<Rgb> = Source::ALL
        .into_iter()
        .flat_map(|s| (1..=5).map(move |k| (s, k)))
        .filter_map(|(s, k)| theme.source(s, k).fg)
        .collect();
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    // The legend, below, has these colors always.
    let cells = (0..rows - 3).flat_map(|r| (0..cols).map(move |c| (r, c)));
    cells
        .filter_map(|(r, c)| screen.cell(r, c))
        .any(|cell| match cell.fgcolor() {
            vt100::Color::Rgb(r, g, b) => colors.contains(&Rgb(r, g, b)),
            _ => false,
        })
}

/// The traces that the app kept.
fn saved(folder: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder.join("rotescope/traces")).unwrap();
    let traces = files.flat_map(|file| untimed(&file.unwrap().path()));
    traces.collect()
}

/// The records of a file, without how long they took.
fn untimed(file: &Path) -> Vec<Value> {
    let content = std::fs::read_to_string(file).unwrap();
    let record = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("timing");
        record
    };
    content.lines().map(record).collect()
}

#[test]
fn a_prompt_runs_in_color_is_kept_and_survives_a_new_size() {
    let mut app = Running::start(120, 40);
    app.wait_for("applied-base-0");
    app.wait("the mode of the app", |s| {
        s.alternate_screen() && s.bracketed_paste()
    });
    app.press("\r");
    app.wait("tokens in color", colored);
    app.wait_for("answer ");
    app.wait_for("candidate");
    app.wait("the end of attribution", |s| s.contents().contains("○"));

    // Narrow: one pane at a time.
    app.resize((80, 24));
    app.wait("the completion alone", |s| {
        let t = s.contents();
        t.contains("completion") && !t.contains("prompts")
    });
    app.press("\t\t\t");
    app.wait_for("prompts");

    // Pasted text is a prompt; what it could do to the terminal, it does not.
    app.press("\x1b[200~Is 7 \u{7}more than 6?\x1b[201~");
    app.wait_for("more than 6?");
    app.press("\x1b");
    app.wait("the editor closed", |s| {
        !s.contents().contains("more than 6?")
    });

    app.press("?");
    app.wait_for("next token");
    app.press("\x1b");
    app.wait("help closed", |s| !s.contents().contains("next token"));

    // The trace as a picture.
    let picture = app.state.path().join("t.svg");
    app.press("e");
    app.wait_for("write to");
    app.press("\x15");
    app.press(&format!("{}\r", picture.display()));
    app.wait_for("written");
    assert!(std::fs::read_to_string(picture).unwrap().contains("<svg"));
    app.press("q");
    assert_eq!(app.ended(), 0);
    // What it kept is what a batch writes.
    let (kept, batch) = (
        saved(app.state.path()),
        app.state.path().join("batch.jsonl"),
    );
    let scored = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args([
            "score",
            "prompts/applied-base.jsonl",
            "--stop-loops", // as in the app, which does so by itself
            "--id",
            "applied-base-000",
            "--threads",
            "1",
            "-q",
            "-o",
        ])
        .arg(&batch)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_CONFIG_HOME", app.state.path())
        .status();
    assert!(scored.unwrap().success());
    assert_eq!(kept, untimed(&batch));
}

#[test]
fn the_tour_comes_the_first_time() {
    let mut app = Running::toured(100, 30, false);
    app.wait_for("1 of 5");
    app.press("j");
    app.wait_for("2 of 5");
    app.press("\x1b");
    app.wait("the tour closed", |s| !s.contents().contains("of 5 ·"));
    // What is on the screen, as text.
    let picture = app.state.path().join("screen.txt");
    app.press("E");
    app.wait_for("write the screen");
    app.press("\x15");
    app.press(&format!("{}\r", picture.display()));
    app.wait_for("written");
    let seen = std::fs::read_to_string(picture).unwrap();
    assert_eq!(seen.lines().count(), 30);
    assert!(seen.contains("applied-base-000"), "{seen}");
    app.press("q");
    assert_eq!(app.ended(), 0);
    assert!(app.state.path().join("rotescope/toured").is_file());
}

/// More than a terminal holds: to draw after each took half a minute.
#[test]
fn a_flood_of_keys_is_answered_soon() {
    let mut app = Running::start(120, 40);
    app.wait_for("applied-base-0");
    let began = Instant::now();
    app.press(&"jk".repeat(4500));
    app.press("jj?");
    app.wait_for("next token");
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    app.press("\x1b");
    app.wait_for("▸ applied-base-002");
    app.press("q");
    assert_eq!(app.ended(), 0);
}

#[test]
fn a_request_to_end_gives_the_terminal_back() {
    for signal in ["-TERM", "-HUP"] {
        let mut app = Running::start(100, 30);
        app.wait_for("applied-base-0");
        app.press("\r");
        app.wait("tokens in color", colored);
        app.signal(signal);
        assert_eq!(app.ended(), 0, "{signal}");
    }
}

#[cfg(target_os = "linux")] // where the state of a process is a file
#[test]
fn suspending_gives_the_terminal_back_and_takes_it_again() {
    let mut app = Running::start(100, 30);
    app.wait_for("applied-base-0");
    app.press("\x1a");
    app.wait("the terminal given back", |s| {
        !s.alternate_screen() && !s.hide_cursor()
    });
    // To go on before it has stopped would be lost, and no event tells that it has.
    let began = Instant::now();
    while !app.is_stopped() {
        assert!(began.elapsed() < PATIENCE, "it did not stop");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(settings(app.master.as_ref()), app.settings);
    app.signal("-CONT");
    app.wait("the app again", |s| {
        s.alternate_screen() && s.contents().contains("applied-base-0")
    });
    app.press("q");
    assert_eq!(app.ended(), 0);
}
