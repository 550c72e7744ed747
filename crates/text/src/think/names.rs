//! What the name inside a mark means: `seed:think`, `end_of_thought`, `START_RESPONSE`.

/// What a name says that stands between the brackets of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub meaning: Meaning,
    pub role: Role,
    /// Its words in lower case without those of the role, so that both ends of a pair have the same.
    pub key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nobody means anything else by it.
    Reasoning,
    /// Reasoning, or a part of an ordinary document.
    PerhapsReasoning,
    /// The final text.
    Final,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Open,
    Close,
}

/// The last word of names that only reasoning has. Before it may stand what models are called: `longcat_think`, `mm:think`.
const REASONING: [&str; 21] = [
    "think",
    "thinking",
    "thinks",
    "thought",
    "thoughts",
    "rethink",
    "rethinking",
    "reasoning",
    "scratchpad",
    "cot",
    "deliberation",
    "deliberate",
    "monologue",
    "introspection",
    "ponder",
    "思考",
    "思维",
    "推理",
    "思维链",
    "思考过程",
    "推理过程",
];
/// The same of names that documents have too.
const PERHAPS: [&str; 10] = [
    "reason",
    "reasons",
    "analysis",
    "rationale",
    "reflection",
    "reflect",
    "contemplation",
    "contemplate",
    "brainstorm",
    "brainstorming",
];
const FINAL: [&str; 9] = [
    "answer", "response", "solution", "final", "output", "reply", "result", "答案", "回答",
];
const OPENS: [&str; 4] = ["begin", "start", "open", "开始"];
const CLOSES: [&str; 6] = ["end", "stop", "close", "finish", "eo", "结束"];
/// Behind a name of reasoning they change nothing: `thinking_process`.
const REST: [&str; 8] = [
    "process", "block", "content", "trace", "section", "phase", "steps", "text",
];
/// Before a name of reasoning they say that there is none.
const NEGATED: [&str; 9] = [
    "no", "not", "non", "without", "disable", "skip", "enable", "toggle", "set",
];

/// More words than any name has.
const MOST: usize = 5;

/// What `name`, without brackets and without the slash of a closing tag, says; `closes`: whether there was one.
pub(super) fn read(name: &str, closes: bool) -> Option<Name> {
    let words = words(name)?;
    let mut rest: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut role = if closes { Role::Close } else { Role::Open };
    // `begin_of_thought`, `thinking_start`
    for (list, said) in [(&OPENS[..], Role::Open), (&CLOSES[..], Role::Close)] {
        if rest.len() > 1 && rest.first().is_some_and(|w| list.contains(w)) {
            rest.remove(0);
            if rest.len() > 1 && rest[0] == "of" {
                rest.remove(0);
            }
        } else if rest.len() > 1 && rest.last().is_some_and(|w| list.contains(w)) {
            rest.pop();
        } else {
            continue;
        }
        role = if closes { Role::Close } else { said };
        break;
    }
    Some(Name {
        meaning: meaning(&rest, name.contains(':')),
        role,
        key: rest.join(" "),
    })
}

fn meaning(words: &[&str], namespaced: bool) -> Meaning {
    let mut words = words;
    if words.iter().any(|w| NEGATED.contains(w)) {
        return Meaning::Other;
    }
    if words.len() > 1 && words.last().is_some_and(|w| REST.contains(w)) {
        words = &words[..words.len() - 1];
    }
    let Some((&last, before)) = words.split_last() else {
        return Meaning::Other;
    };
    // The namespace may stand behind: `think:opensource`.
    let named = namespaced && words.first().is_some_and(|w| REASONING.contains(w));
    let pad = last == "pad" && before.last() == Some(&"scratch");
    if REASONING.contains(&last) || pad || named {
        Meaning::Reasoning
    } else if PERHAPS.contains(&last) {
        Meaning::PerhapsReasoning
    } else if FINAL.contains(&last) {
        Meaning::Final
    } else {
        Meaning::Other
    }
}

/// The words of a name in lower case: parted by signs, or by capitals as in `StartThinking`. `None` if it is none.
fn words(name: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.trim().chars() {
        if "_-:. ▁".contains(c) {
            words.push(String::new());
            small = false;
        } else if c.is_alphanumeric() {
            if c.is_uppercase() && small {
                words.push(String::new());
            }
            small = c.is_lowercase();
            words.last_mut()?.extend(c.to_lowercase());
        } else {
            return None;
        }
    }
    words.retain(|w| !w.is_empty());
    let letters = words.first()?.starts_with(char::is_alphabetic);
    (letters && words.len() <= MOST).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_makes() {
        use Meaning::{Final, Other, PerhapsReasoning, Reasoning};
        for (name, meaning, role, key) in [
            ("think", Reasoning, Role::Open, "think"),
            ("THINK", Reasoning, Role::Open, "think"),
            ("seed:think", Reasoning, Role::Open, "seed think"),
            (
                "think:opensource",
                Reasoning,
                Role::Open,
                "think opensource",
            ),
            ("longcat_think", Reasoning, Role::Open, "longcat think"),
            ("begin_of_thought", Reasoning, Role::Open, "thought"),
            ("end_of_thought", Reasoning, Role::Close, "thought"),
            ("END_THINKING", Reasoning, Role::Close, "thinking"),
            ("StartThinking", Reasoning, Role::Open, "thinking"),
            ("thinking-end", Reasoning, Role::Close, "thinking"),
            ("begin▁of▁thinking", Reasoning, Role::Open, "thinking"),
            (
                "chain-of-thought",
                Reasoning,
                Role::Open,
                "chain of thought",
            ),
            ("scratch_pad", Reasoning, Role::Open, "scratch pad"),
            (
                "thinking_process",
                Reasoning,
                Role::Open,
                "thinking process",
            ),
            ("思考", Reasoning, Role::Open, "思考"),
            ("analysis", PerhapsReasoning, Role::Open, "analysis"),
            ("START_RESPONSE", Final, Role::Open, "response"),
            ("final_answer", Final, Role::Open, "final answer"),
            ("no_think", Other, Role::Open, "no think"),
            ("b", Other, Role::Open, "b"),
            ("end", Other, Role::Open, "end"),
            ("thoughtful", Other, Role::Open, "thoughtful"),
            ("think_tank", Other, Role::Open, "think tank"),
        ] {
            let key = key.to_string();
            let want = Name { meaning, role, key };
            assert_eq!(read(name, false), Some(want), "{name}");
        }
        for none in ["", "1", "a = b", "think!", "a b c d e f think", "!--"] {
            assert_eq!(read(none, false), None, "{none}");
        }
    }
}
