//! The command lines of the program in a page of Markdown, cut into words as a shell cuts them.

/// A command line of the program, with the number of its line in the page.
#[derive(Debug, PartialEq)]
pub struct Line {
    pub number: usize,
    /// The first is `rotescope`.
    pub words: Vec<String>,
}

/// Pages that the book's SUMMARY.md names, relative to its folder.
pub fn pages(summary: &str) -> Vec<&str> {
    let links = summary.split("](").skip(1);
    let targets = links.filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target).collect()
}

/// Blocks of the page: whether each is code (fenced, or indented by four spaces), the number of its first line, its text.
fn blocks(page: &str) -> Vec<(bool, usize, String)> {
    let (mut found, mut fenced) = (Vec::<(bool, usize, String)>::new(), false);
    for (i, line) in page.lines().enumerate() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        let code = !fence && (fenced || line.starts_with("    rotescope "));
        let text = if fence { "" } else { line };
        match found.last_mut() {
            Some((c, _, block)) if *c == code && !fence => {
                block.push('\n');
                block.push_str(text);
            }
            _ => found.push((code, i + 1, text.into())),
        }
    }
    found
}

/// Commands in blocks of code.
pub fn commands(page: &str) -> Vec<Line> {
    let code = blocks(page).into_iter().filter(|(code, ..)| *code);
    code.flat_map(|(_, first, text)| statements(&text, first))
        .collect()
}

/// Commands in code spans of the text. Often only the beginning of one is meant: `rotescope score`.
pub fn spoken(page: &str) -> Vec<Line> {
    let mut found = Vec::new();
    for (_, first, text) in blocks(page).into_iter().filter(|(code, ..)| !code) {
        let mut number = first;
        for (i, part) in text.split('`').enumerate() {
            if i % 2 == 1 && part.starts_with("rotescope ") {
                found.extend(statements(&part.replace('\n', " "), number));
            }
            number += part.matches('\n').count();
        }
    }
    found
}

/// What a shell would run of a text, as far as it is the program. What may be left out (`[--index DIR]`, `FILE...`) is given.
fn statements(text: &str, first: usize) -> Vec<Line> {
    let mut found = Vec::new();
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let (mut number, mut begin) = (first, first);
    let mut end = |words: &mut Vec<String>, begin: usize| {
        // What is set before a command for it alone, and what its output goes to.
        let from = words.iter().position(|w| !w.contains('=')).unwrap_or(0);
        let to = words.iter().position(|w| w == ">").unwrap_or(words.len());
        let words = std::mem::take(words);
        if words.get(from).is_some_and(|w| w == "rotescope") {
            found.push(Line {
                number: begin,
                words: words[from..to].to_vec(),
            });
        }
    };
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if word.is_none() && words.is_empty() {
            begin = number;
        }
        match c {
            '\'' | '"' => {
                let quoted: String = rest.by_ref().take_while(|q| *q != c).collect();
                number += quoted.matches('\n').count();
                word.get_or_insert_default().push_str(&quoted);
            }
            '$' if rest.peek() == Some(&'(') => {
                let inner: String = rest.by_ref().take_while(|q| *q != ')').collect();
                word.get_or_insert_default().push_str(&inner);
            }
            '\\' if rest.peek() == Some(&'\n') => {
                rest.next();
                number += 1;
                words.extend(word.take());
            }
            '#' if word.is_none() => while rest.next_if(|n| *n != '\n').is_some() {},
            '[' | ']' => {}
            '>' => {
                words.extend(word.take());
                words.push(">".into());
            }
            ' ' | '\t' => words.extend(word.take()),
            '\n' | ';' | '&' | '|' => {
                words.extend(word.take());
                end(&mut words, begin);
                number += usize::from(c == '\n');
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    end(&mut words, begin);
    found
        .iter_mut()
        .for_each(|l| l.words.retain(|w| w != "..."));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(lines: &[Line]) -> Vec<(usize, String)> {
        let one = |l: &Line| (l.number, l.words.join("|"));
        lines.iter().map(one).collect()
    }

    #[test]
    fn blocks_of_code_are_cut_as_a_shell_cuts_them() {
        let page = "Run `rotescope score`.\n```sh\nx=1; A=b rotescope score \"a b\".txt \\\n  -o 't.jsonl' # not -x\ncargo test # rotescope no\n\
                    rotescope index info DIR && rotescope audit $(find . -name x) [--index DIR] > out\n```\n    rotescope keys\nrotescope no\n";
        let want = [
            (3, "rotescope|score|a b.txt|-o|t.jsonl"),
            (6, "rotescope|index|info|DIR"),
            (6, "rotescope|audit|(find . -name x|--index|DIR"),
            (8, "rotescope|keys"),
        ];
        assert_eq!(joined(&commands(page)), want.map(|(n, l)| (n, l.into())));
    }

    #[test]
    fn code_spans_of_the_text_are_found() {
        let page = "One, `rotescope keys`\nand `rotescope index\ncount|next`; `no` rotescope.\n```\nrotescope no\n```\n`rotescope man`\n";
        let want = [
            (1, "rotescope|keys"),
            (2, "rotescope|index|count"),
            (7, "rotescope|man"),
        ];
        assert_eq!(joined(&spoken(page)), want.map(|(n, l)| (n, l.into())));
    }

    #[test]
    fn the_summary_names_pages() {
        let summary = "# S\n\n[a](../README.md)\n- [b c](tour.md)\n";
        assert_eq!(pages(summary), ["../README.md", "tour.md"]);
    }
}
