//! Finding by letters that are typed in order, as editors find files; [nucleo](https://docs.rs/nucleo-matcher) ranks.

use std::sync::Arc;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use rotescope_trace::Prompt;

/// Characters of a question that are looked through: what it is about is said by then.
const QUESTION: usize = 160;
/// Items between two looks at whether anybody still wants to know.
const TURN: usize = 512;

/// Ranks texts by letters that were typed.
pub struct Ranking {
    pattern: Pattern,
    matcher: Matcher,
    chars: Vec<char>,
}

impl Ranking {
    /// Words of `text` have to be found each. Capitals count only in a word that has some; `^`, `$`, `'` and `!` mean what they mean in fzf.
    pub fn new(text: &str) -> Ranking {
        Ranking {
            pattern: Pattern::parse(text, CaseMatching::Smart, Normalization::Smart),
            matcher: Matcher::new(Config::DEFAULT),
            chars: Vec::new(),
        }
    }

    /// The higher, the better it fits; nothing where it does not.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.chars);
        self.pattern.score(text, &mut self.matcher)
    }
}

/// Places of the texts that fit, best first; equally good ones stay in their order.
pub fn ranked<'a>(typed: &str, texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut ranking = Ranking::new(typed);
    let scored = texts.enumerate();
    let scored = scored.filter_map(|(i, text)| Some((ranking.score(text)?, i)));
    best_first(scored.collect())
}

fn best_first(mut scored: Vec<(u32, usize)>) -> Vec<usize> {
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, i)| i).collect()
}

/// Prompts that may fit what is typed.
#[derive(Debug)]
pub struct MatchPrompts {
    pub typed: String,
    pub prompts: Vec<Arc<Prompt>>,
}

impl MatchPrompts {
    /// Places of those that fit by id, task, split and the beginning of the question, best first; nothing where nobody wants to know any more.
    pub fn find(&self, wanted: &dyn Fn() -> bool) -> Option<Vec<usize>> {
        let mut ranking = Ranking::new(&self.typed);
        let mut scored = Vec::new();
        let mut text = String::new();
        for (i, p) in self.prompts.iter().enumerate() {
            if i % TURN == 0 && !wanted() {
                return None;
            }
            text.clear();
            text += &p.id;
            for part in [&p.task, &p.split].into_iter().flatten() {
                text.push(' ');
                text += part;
            }
            text.push(' ');
            text.extend(p.question.chars().take(QUESTION));
            if let Some(score) = ranking.score(&text) {
                scored.push((score, i));
            }
        }
        Some(best_first(scored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_words_goes_before_what_is_scattered() {
        let texts = ["previous-page", "next-page", "page-down", "pure-agency-era"];
        assert_eq!(ranked("page", texts.into_iter())[0], 2);
        assert_eq!(ranked("np", texts.into_iter()), [1]);
        assert_eq!(ranked("", texts.into_iter()), [0, 1, 2, 3]);
        assert_eq!(ranked("down page", texts.into_iter()), [2]);
        assert!(ranked("xyz", texts.into_iter()).is_empty());
    }

    #[test]
    fn prompts_are_found_by_any_of_their_parts_until_nobody_asks() {
        let prompt = |id: &str, question: &str, task: &str| {
            Arc::new(Prompt {
                id: id.into(),
                question: question.into(),
                task: Some(task.into()),
                ..Default::default()
            })
        };
        let prompts = vec![
            prompt("gsm-1", "How many eggs does Janet's duck lay?", "words"),
            prompt("gsm-2", "Was kostet die Straße?", "german"),
            prompt("add-1", "3 + 4", "sums"),
        ];
        let find = |typed: &str| {
            let of = MatchPrompts {
                typed: typed.into(),
                prompts: prompts.clone(),
            };
            of.find(&|| true).unwrap()
        };
        assert_eq!(find("duck"), [0]);
        assert_eq!(find("strasse kostet"), [] as [usize; 0]);
        assert_eq!(find("straße"), [1]);
        assert_eq!(find("sums 3"), [2]);
        assert_eq!(find("gsm").len(), 2);
        let of = MatchPrompts {
            typed: "duck".into(),
            prompts,
        };
        assert_eq!(of.find(&|| false), None);
    }
}
