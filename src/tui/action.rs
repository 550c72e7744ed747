//! Everything a user can do, and the one table of keys that the app, its help, its bottom bar, its palette and the docs are made from.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key, a click or the palette asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    NextToken,
    PreviousToken,
    NextWord,
    PreviousWord,
    RowDown,
    RowUp,
    NextStep,
    PreviousStep,
    NextFlag,
    PreviousFlag,
    First,
    Last,
    PageDown,
    PageUp,
    Open,
    NextPane,
    PreviousPane,
    RunPrompt,
    RunAll,
    Edit,
    Stop,
    Candidate,
    Compare,
    OnlyDifferences,
    FirstDivergence,
    TopChange,
    NextBranch,
    PreviousBranch,
    Search,
    NextMatch,
    PreviousMatch,
    Filter,
    SortPrompts,
    SortCandidates,
    Measure,
    FoldPrompt,
    FoldReasoning,
    NextSpan,
    Theme,
    Mouse,
    CopyToken,
    CopyStep,
    CopyAnswer,
    CopyDocument,
    Export,
    Palette,
    Help,
    Suspend,
    Quit,
}

/// One line of the key table.
#[derive(Debug)]
pub struct Binding {
    pub action: Action,
    /// The action's name in the configuration.
    pub name: &'static str,
    /// Keys as the configuration writes them: `j`, `ctrl-d`, `shift-tab`, `f5`.
    pub keys: &'static [&'static str],
    pub says: &'static str,
    /// Whether the bottom bar has it.
    pub bar: bool,
}

macro_rules! table {
    ($($action:ident $name:literal [$($key:literal),*] $says:literal $bar:literal;)*) => {
        &[$(Binding { action: Action::$action, name: $name, keys: &[$($key),*], says: $says, bar: $bar },)*]
    };
}

/// All actions with their keys.
pub const TABLE: &[Binding] = table![
    RunPrompt "run" ["r", "f5"] "run the prompt" true;
    Open "open" ["enter"] "on a prompt: run it; on a token: take another candidate; on a document: read it" true;
    Stop "stop" ["esc"] "stop; close what is open" true;
    NextToken "next-token" ["l", "right"] "next token" false;
    PreviousToken "previous-token" ["h", "left"] "token before" false;
    NextWord "next-word" ["w"] "next word" false;
    PreviousWord "previous-word" ["b"] "word before" false;
    RowDown "down" ["j", "down"] "down" false;
    RowUp "up" ["k", "up"] "up" false;
    NextStep "next-step" ["J", "}"] "next step" false;
    PreviousStep "previous-step" ["K", "{"] "step before" false;
    NextFlag "next-flag" ["f"] "next flagged step or strong token; in a comparison, next divergence" true;
    PreviousFlag "previous-flag" ["F"] "flag before" false;
    First "first" ["g", "home"] "to the beginning" false;
    Last "last" ["G", "end"] "to the end" false;
    PageDown "page-down" ["ctrl-d", "pagedown"] "page down" false;
    PageUp "page-up" ["ctrl-u", "pageup"] "page up" false;
    NextPane "next-pane" ["tab"] "next pane" true;
    PreviousPane "previous-pane" ["shift-tab"] "pane before" false;
    RunAll "run-all" ["R"] "run all listed prompts, one after the other" false;
    Edit "edit" ["i"] "write a prompt" true;
    Candidate "what-if" ["x"] "what if: take another candidate here, or type one (i), and go on" true;
    Compare "compare" ["c"] "compare the chain with another one" true;
    OnlyDifferences "only-differences" ["d"] "in a comparison: fold steps that are alike, or show all" false;
    FirstDivergence "first-divergence" ["D"] "in a comparison: to the first divergence" false;
    TopChange "top-change" ["C"] "in a comparison: to the largest change" false;
    NextBranch "next-branch" ["]"] "next branch" false;
    PreviousBranch "previous-branch" ["["] "branch before" false;
    Search "search" ["/"] "search: the chain, the prompts or the documents, whichever has the focus" true;
    NextMatch "next-match" ["n"] "next match" false;
    PreviousMatch "previous-match" ["N"] "match before" false;
    Filter "filter" ["&"] "filter prompts by words: task, split, right, wrong, flagged, text" false;
    SortPrompts "sort-prompts" ["S"] "sort prompts: as in the file, by id, task, split, wrong first, flags, length" false;
    SortCandidates "sort-candidates" ["s"] "sort candidates by probability, local, mid or long counts" false;
    Measure "measure" ["m"] "color by the published scores, by the cause, or by one source" true;
    FoldPrompt "fold" ["z"] "fold the prompt, or show all of it" false;
    FoldReasoning "fold-reasoning" ["Z"] "fold the model's <think> reasoning, or show it" false;
    NextSpan "next-span" ["v"] "next stretch that stands in the corpus word for word" false;
    Theme "theme" ["t"] "choose a theme" false;
    Mouse "mouse" ["M"] "mouse on or off (off: the terminal selects text)" false;
    CopyToken "copy-token" ["y"] "copy the token" false;
    CopyStep "copy-step" ["Y"] "copy the step" false;
    CopyAnswer "copy-answer" ["ctrl-y"] "copy the whole output" false;
    CopyDocument "copy-document" ["ctrl-o"] "copy the document" false;
    Export "export" ["e"] "write the trace, or the comparison, to a file" false;
    Palette "palette" [":", "ctrl-p"] "find a command by its name" true;
    Help "help" ["?", "f1"] "help" true;
    Suspend "suspend" ["ctrl-z"] "suspend; fg comes back" false;
    Quit "quit" ["q", "ctrl-c"] "quit" true;
];

/// Keys to actions.
#[derive(Debug, Clone)]
pub struct Keymap(HashMap<(KeyCode, KeyModifiers), Action>);

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE
            .iter()
            .flat_map(|b| b.keys.iter().map(|k| (parse(k), b.action)));
        Keymap(keys.filter_map(|(k, a)| Some((k?, a))).collect())
    }
}

impl Keymap {
    pub fn action(&self, key: KeyEvent) -> Option<Action> {
        let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        if key.code == KeyCode::BackTab {
            modifiers = KeyModifiers::NONE;
        }
        self.0.get(&(key.code, modifiers)).copied()
    }

    /// Gives an action other keys than those of the table, which lose it.
    ///
    /// # Errors
    /// An action or a key that does not exist, in words.
    pub fn rebind(&mut self, name: &str, keys: &[String]) -> Result<(), String> {
        let binding = TABLE
            .iter()
            .find(|b| b.name == name)
            .ok_or_else(|| format!("there is no action {name:?}; `rotescope keys` lists them"))?;
        let keys: Vec<_> = keys
            .iter()
            .map(|k| parse(k).ok_or_else(|| format!("{k:?} is no key, such as j, ctrl-d or f5")))
            .collect::<Result<_, _>>()?;
        self.0.retain(|_, a| *a != binding.action);
        self.0.extend(keys.into_iter().map(|k| (k, binding.action)));
        Ok(())
    }

    /// The keys of an action as people write them, the table's first.
    pub fn keys(&self, action: Action) -> Vec<String> {
        let listed = TABLE.iter().find(|b| b.action == action);
        let mut names: Vec<String> = self
            .0
            .iter()
            .filter(|(_, a)| **a == action)
            .map(|((code, modifiers), _)| show(*code, *modifiers))
            .collect();
        let place = |n: &String| {
            let at = listed.and_then(|b| b.keys.iter().position(|k| k == n));
            (at.unwrap_or(usize::MAX), n.clone())
        };
        names.sort_by_key(place);
        names
    }
}

fn parse(key: &str) -> Option<(KeyCode, KeyModifiers)> {
    let (modifiers, name) = match key.split_once('-') {
        Some(("ctrl", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("alt", rest)) => (KeyModifiers::ALT, rest),
        Some(("shift", "tab")) => return Some((KeyCode::BackTab, KeyModifiers::NONE)),
        _ => (KeyModifiers::NONE, key),
    };
    let mut chars = name.chars();
    let code = match (name, chars.next(), chars.next()) {
        (_, Some(c), None) => KeyCode::Char(c),
        ("enter", ..) => KeyCode::Enter,
        ("esc", ..) => KeyCode::Esc,
        ("tab", ..) => KeyCode::Tab,
        ("space", ..) => KeyCode::Char(' '),
        ("left", ..) => KeyCode::Left,
        ("right", ..) => KeyCode::Right,
        ("up", ..) => KeyCode::Up,
        ("down", ..) => KeyCode::Down,
        ("home", ..) => KeyCode::Home,
        ("end", ..) => KeyCode::End,
        ("pageup", ..) => KeyCode::PageUp,
        ("pagedown", ..) => KeyCode::PageDown,
        ("backspace", ..) => KeyCode::Backspace,
        ("delete", ..) => KeyCode::Delete,
        (f, Some('f'), _) => KeyCode::F(f[1..].parse().ok().filter(|n| (1..=12).contains(n))?),
        _ => return None,
    };
    Some((code, modifiers))
}

fn show(code: KeyCode, modifiers: KeyModifiers) -> String {
    let name = match code {
        KeyCode::Char(' ') => "space".into(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        KeyCode::BackTab => "shift-tab".into(),
        other => format!("{other:?}").to_lowercase(),
    };
    match modifiers {
        KeyModifiers::CONTROL => format!("ctrl-{name}"),
        KeyModifiers::ALT => format!("alt-{name}"),
        _ => name,
    }
}

/// The table as Markdown, for the docs.
pub fn markdown() -> String {
    let keymap = Keymap::default();
    let mut out = String::from(
        "# Keys\n\nMade by `rotescope keys`. Names are for `[keys]` in the configuration.\n\n| keys | what | name |\n|---|---|---|\n",
    );
    for b in TABLE {
        let keys: Vec<String> = keymap
            .keys(b.action)
            .iter()
            .map(|k| format!("`{}`", k.replace('|', "\\|")))
            .collect();
        out += &format!("| {} | {} | `{}` |\n", keys.join(" "), b.says, b.name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_and_means_one_thing() {
        let mut seen = HashMap::new();
        for b in TABLE {
            assert!(!b.keys.is_empty(), "{}", b.name);
            for k in b.keys {
                let key = parse(k).unwrap_or_else(|| panic!("{k}"));
                assert_eq!(&show(key.0, key.1), k);
                assert_eq!(seen.insert(key, b.name), None, "{k} means two things");
            }
        }
    }

    #[test]
    fn rebinding_moves_an_action_and_refuses_what_is_no_key() {
        let mut keymap = Keymap::default();
        keymap.rebind("quit", &["ctrl-q".into()]).unwrap();
        assert_eq!(keymap.keys(Action::Quit), ["ctrl-q"]);
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(keymap.action(q), None);
        assert!(keymap.rebind("leave", &[]).unwrap_err().contains("leave"));
        assert!(keymap.rebind("quit", &["hyper".into()]).is_err());
    }
}
