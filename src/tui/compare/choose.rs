//! What a chain can be compared with: branches, the other one of its pair, the prompt changed by an operator, any other chain.

use crate::run::prompts;
use crate::tui::app::{App, Mode};
use crate::tui::session::Session;
use rotescope_study::perturb::{OPERATORS, Operator, Plan};
use rotescope_trace::Prompt;

/// One line of the list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it is, in a word.
    pub kind: &'static str,
    pub name: String,
    /// What choosing it does, or what it says.
    pub says: String,
    pub(super) with: With,
}

#[derive(Debug, Clone)]
pub(super) enum With {
    /// A chain that is there.
    Session(usize),
    /// A prompt that is to be run first.
    Entry(usize),
    /// The prompt changed by an operator.
    Changed(Box<Prompt>),
    /// The same by an operator that asks the corpus, which takes a moment.
    Asked(Plan),
    /// The same by operators that are to be typed.
    Typed,
}

impl Choice {
    /// Whether something has to be run first.
    pub fn runs(&self) -> bool {
        !matches!(self.with, With::Session(_))
    }
}

impl App {
    /// Opens the list of what the chain on screen can be compared with.
    pub(super) fn open_choices(&mut self) {
        let Some((entry, session)) = self.chain() else {
            self.say("run the prompt first: a finished chain is compared");
            return;
        };
        let choices = self.choices(entry, session);
        if choices.is_empty() {
            self.say(
                "nothing to compare with: no other chain, and no operator can change this prompt",
            );
        } else {
            self.mode = Mode::CompareWith(choices, 0);
        }
    }

    /// The entry on screen and its session, where that has a finished chain.
    pub(super) fn chain(&self) -> Option<(usize, usize)> {
        let entry = *self.listed.get(self.selected)?;
        let e = &self.entries[entry];
        let session = *e.sessions.get(e.shown)?;
        self.finished(session).then_some((entry, session))
    }

    pub(super) fn finished(&self, session: usize) -> bool {
        self.sessions
            .get(session)
            .is_some_and(|s| s.trace.is_some())
    }

    /// All choices, the likeliest first.
    fn choices(&self, entry: usize, session: usize) -> Vec<Choice> {
        let own = &self.entries[entry];
        let mut out = Vec::new();
        for (i, &s) in own.sessions.iter().enumerate() {
            if s != session && self.finished(s) {
                out.push(Choice {
                    kind: "branch",
                    name: format!("branch {} of {}", i + 1, own.sessions.len()),
                    says: answer(&self.sessions[s]),
                    with: With::Session(s),
                });
            }
        }
        let mut others = Vec::new();
        for (i, e) in self.entries.iter().enumerate().filter(|(i, _)| *i != entry) {
            let again = e.prompt.id == own.prompt.id;
            let pair = belongs(&e.prompt, &own.prompt) || belongs(&own.prompt, &e.prompt);
            let there = e
                .sessions
                .get(e.shown)
                .copied()
                .filter(|&s| self.finished(s));
            let (kind, list) = match (again, pair) {
                (true, _) => ("again", &mut out),
                (_, true) => ("pair", &mut out),
                _ => ("chain", &mut others),
            };
            match there {
                Some(s) => list.push(Choice {
                    kind,
                    name: e.prompt.id.clone(),
                    says: self.model(session, s) + &answer(&self.sessions[s]),
                    with: With::Session(s),
                }),
                None if pair => list.push(Choice {
                    kind,
                    name: e.prompt.id.clone(),
                    says: "is run first".into(),
                    with: With::Entry(i),
                }),
                None => {}
            }
        }
        out.extend(self.changes(&own.prompt));
        out.append(&mut others);
        out
    }

    /// The model of another session, where it is another than that of `own`.
    fn model(&self, own: usize, other: usize) -> String {
        let of = |s: usize| self.sessions[s].trace.as_ref().map(|t| &t.model);
        match (of(own), of(other)) {
            (Some(a), Some(b)) if a != b => format!("{} · ", b.file),
            _ => String::new(),
        }
    }

    /// The operators that can change a prompt and have not done so yet. Whether one that asks the corpus can is seen when it is chosen.
    fn changes(&self, prompt: &Prompt) -> Vec<Choice> {
        let corpus = self.ready.as_ref().is_some_and(|r| r.index.is_some());
        let here = |id: &str| self.entries.iter().any(|e| e.prompt.id == id);
        let choice = |o: &Operator| {
            let plan = Plan::parse(&[o.name], 0).ok()?;
            let with = if o.needs_corpus {
                let made = here(&format!("{}+{}", prompt.id, plan.name()));
                (corpus && !made).then_some(With::Asked(plan))?
            } else {
                let new = prompts::changed(prompt, &plan, None).ok()?;
                (!here(&new.id)).then(|| With::Changed(Box::new(new)))?
            };
            Some(Choice {
                kind: "change",
                name: o.name.into(),
                says: o.doc.into(),
                with,
            })
        };
        let typed = Choice {
            kind: "change",
            name: "…".into(),
            says: "type operators with their options, as --with takes them".into(),
            with: With::Typed,
        };
        OPERATORS.iter().filter_map(choice).chain([typed]).collect()
    }
}

/// Whether a prompt is a variant of another.
fn belongs(variant: &Prompt, original: &Prompt) -> bool {
    variant.pair.as_ref() == Some(&original.id)
}

fn answer(session: &Session) -> String {
    let Some(answer) = session.trace.as_ref().map(|t| &t.answer) else {
        return String::new();
    };
    let found = answer.extracted.as_deref().unwrap_or("none");
    let mark = answer.right.map_or("", |r| if r { " ✓" } else { " ✗" });
    format!("answer {found}{mark}")
}
