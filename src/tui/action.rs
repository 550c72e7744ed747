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
    Labs,
    Theme,
    Mouse,
    CopyToken,
    CopyStep,
    CopyAnswer,
    CopyDocument,
    CopyCommand,
    Export,
    Screenshot,
    Note,
    Bookmark,
    Notes,
    Find,
    Palette,
    Tour,
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
    /// What the bottom bar calls it; empty where it is not there.
    pub bar: &'static str,
}

macro_rules! table {
    ($($action:ident $name:literal [$($key:literal),*] $says:literal $bar:literal;)*) => {
        &[$(Binding { action: Action::$action, name: $name, keys: &[$($key),*], says: $says, bar: $bar },)*]
    };
}

/// All actions with their keys.
pub const TABLE: &[Binding] = table![
    Help "help" ["?", "f1"] "help" "help";
    RunPrompt "run" ["r", "f5"] "run the prompt" "run";
    Open "open" ["enter"] "on a prompt: run it; on a token: take another candidate; on a document: read it" "open";
    Stop "stop" ["esc"] "stop; close what is open" "stop";
    NextToken "next-token" ["l", "right"] "next token" "";
    PreviousToken "previous-token" ["h", "left"] "token before" "";
    NextWord "next-word" ["w"] "next word" "";
    PreviousWord "previous-word" ["b"] "word before" "";
    RowDown "down" ["j", "down"] "down" "";
    RowUp "up" ["k", "up"] "up" "";
    NextStep "next-step" ["J", "}"] "next step" "";
    PreviousStep "previous-step" ["K", "{"] "step before" "";
    NextFlag "next-flag" ["f"] "next flagged step or strong token; in a comparison, next divergence" "flag";
    PreviousFlag "previous-flag" ["F"] "flag before" "";
    First "first" ["g", "home"] "to the beginning" "";
    Last "last" ["G", "end"] "to the end" "";
    PageDown "page-down" ["ctrl-d", "pagedown"] "page down" "";
    PageUp "page-up" ["ctrl-u", "pageup"] "page up" "";
    NextPane "next-pane" ["tab"] "next pane" "pane";
    PreviousPane "previous-pane" ["shift-tab"] "pane before" "";
    RunAll "run-all" ["R"] "run all listed prompts, one after the other" "";
    Edit "edit" ["i"] "write a prompt" "write";
    Candidate "what-if" ["x"] "what if: take another candidate here, or type one (i), and continue" "what if";
    Compare "compare" ["c"] "compare the completion with another one" "compare";
    OnlyDifferences "only-differences" ["d"] "in a comparison: fold steps that are alike, or show all" "";
    FirstDivergence "first-divergence" ["D"] "in a comparison: to the first divergence" "";
    TopChange "top-change" ["C"] "in a comparison: to the largest change" "";
    NextBranch "next-branch" ["]"] "next branch" "";
    PreviousBranch "previous-branch" ["["] "branch before" "";
    Search "search" ["/"] "search: the completion, the prompts or the documents, whichever has the focus" "search";
    NextMatch "next-match" ["n"] "next match" "";
    PreviousMatch "previous-match" ["N"] "match before" "";
    Filter "filter" ["&"] "filter prompts by words of them, or as right, wrong, flagged, noted, task:NAME, tokens>200" "";
    SortPrompts "sort-prompts" ["S"] "sort prompts by a column: id, task, split, answer, right, flags, length; again turns it round" "";
    SortCandidates "sort-candidates" ["s"] "sort candidates by probability, local, mid or long counts" "";
    Measure "measure" ["m"] "color by the published scores, by the cause, by one source, by regions, or by who knows a token" "color";
    FoldPrompt "fold" ["z"] "fold the prompt, or show all of it" "";
    FoldReasoning "fold-reasoning" ["Z"] "fold the model's reasoning, or show it" "";
    NextSpan "next-span" ["v"] "next verbatim span: a stretch that stands so in the corpus" "";
    Labs "labs" ["L"] "labs: small worlds in which it is known when memorizing takes over" "";
    Theme "theme" ["t"] "choose a theme" "";
    Mouse "mouse" ["M"] "mouse on or off (off: the terminal selects text)" "";
    CopyToken "copy-token" ["y"] "copy the token" "";
    CopyStep "copy-step" ["Y"] "copy the step" "";
    CopyAnswer "copy-answer" ["ctrl-y"] "copy the whole output" "";
    CopyDocument "copy-document" ["ctrl-o"] "copy the document" "";
    CopyCommand "copy-command" ["ctrl-r"] "copy the command line that makes the completion again" "";
    Export "export" ["e"] "write the trace, or the comparison, to a file" "";
    Screenshot "write-screen" ["E"] "write what is on the screen to a file: .svg, .html, .txt" "";
    Note "note" ["a"] "write a note on the token" "";
    Bookmark "bookmark" ["B"] "bookmark the token, or take the bookmark away" "";
    Notes "notes" ["'"] "go to a bookmark or a note" "";
    Find "find-prompt" ["ctrl-f"] "find a prompt by letters of its id, task or question" "";
    Palette "palette" [":", "ctrl-p"] "find a command by its name" "command";
    Tour "tour" ["T"] "a tour of five screens" "";
    Suspend "suspend" ["ctrl-z"] "suspend; fg comes back" "";
    Quit "quit" ["q", "ctrl-c"] "quit" "quit";
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
