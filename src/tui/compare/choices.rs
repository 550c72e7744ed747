//! What a completion can be compared with.

use super::choice::{Choice, With};
use crate::run::prompts;
use crate::tui::app::App;
use crate::tui::session::Session;
use rotescope_study::perturb::{OPERATORS, Operator, Plan};
use rotescope_trace::Prompt;

impl App {
    /// All choices, the likeliest first.
    pub(super) fn choices(&self, entry: usize, session: usize) -> Vec<Choice> {
        let own = &self.entries[entry];
        let mut out = Vec::new();
        for (i, &s) in own.sessions.iter().enumerate() {
            if s != session && self.has_trace(s) {
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
            let shown = e.sessions.get(e.shown).copied();
            let there = shown.filter(|&s| self.has_trace(s));
            let saved = e.saved.as_ref().filter(|s| s.bad.is_none());
            let (kind, list) = match (again, pair) {
                (true, _) => ("again", &mut out),
                (_, true) => ("pair", &mut out),
                _ => ("other", &mut others),
            };
            match (there, saved) {
                (Some(s), _) => list.push(Choice {
                    kind,
                    name: e.prompt.id.clone(),
                    says: self.model(session, s) + &answer(&self.sessions[s]),
                    with: With::Session(s),
                }),
                (None, Some(saved)) => list.push(Choice {
                    kind,
                    name: e.prompt.id.clone(),
                    says: format!("in {}", saved.path.display()),
                    with: With::Saved(i),
                }),
                (None, None) if pair => list.push(Choice {
                    kind,
                    name: e.prompt.id.clone(),
                    says: "is run first".into(),
                    with: With::Entry(i),
                }),
                (None, None) => {}
            }
        }
        out.extend(self.changes(&own.prompt));
        out.append(&mut others);
        out
    }

    fn has_trace(&self, session: usize) -> bool {
        self.sessions[session].trace.is_some()
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
            says: "type operators with their options, such as rarer:100 noop".into(),
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
