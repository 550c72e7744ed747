//! Jinja's filters `wordwrap` and `wordcount`, which cut text as Python's modules `textwrap` and `re` do.

use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Error, ErrorKind};
use rotescope_text::ascii_digit;
use rotescope_vocab::unicode::{is_letter, is_number};

use super::printed;

/// Jinja's width where a template names none.
const WIDTH: i64 = 79;

/// `wordwrap(width=79, break_long_words=true, wrapstring="\n", break_on_hyphens=true)`: each line of the text is broken anew.
pub(super) fn wordwrap(value: &Value, args: Rest<Value>, named: Kwargs) -> Result<String, Error> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidOperation, message.to_string());
    let text = value.as_str();
    let text = text.ok_or_else(|| wrong("wordwrap wants a text"))?;
    if args.len() > 4 {
        return Err(ErrorKind::TooManyArguments.into());
    }
    let given = |at: usize, name: &str| -> Result<Option<Value>, Error> {
        match args.get(at) {
            Some(value) => Ok(Some(value.clone())),
            None => named.get(name),
        }
    };
    let flag = |at, name| Ok::<_, Error>(given(at, name)?.is_none_or(|v| v.is_true()));
    let width = match given(0, "width")? {
        Some(width) => width
            .as_i64()
            .ok_or_else(|| wrong("width is no whole number"))?,
        None => WIDTH,
    };
    let break_words = flag(1, "break_long_words")?;
    let between = given(2, "wrapstring")?.filter(|v| !v.is_none());
    let between = between.as_ref().map_or(Some("\n"), Value::as_str);
    let between = between.ok_or_else(|| wrong("wrapstring is no text"))?;
    let at_hyphens = flag(3, "break_on_hyphens")?;
    named.assert_all_used()?;
    let lines = lines(text);
    if lines.is_empty() {
        return Ok(String::new());
    }
    let width = usize::try_from(width).ok().filter(|w| *w > 0);
    let width = width.ok_or_else(|| wrong("width must be greater than 0"))?;
    let wrap = |line: &&str| wrapped(line, width, break_words, at_hyphens).join(between);
    let all: Vec<String> = lines.iter().map(wrap).collect();
    Ok(all.join(between))
}

/// The runs of letters, digits and underscores of a value as text.
pub(super) fn wordcount(value: &Value) -> usize {
    let text = match value.is_undefined() {
        true => String::new(),
        false => printed::string(value),
    };
    let runs = text.split(|c| !is_word(c));
    runs.filter(|run| !run.is_empty()).count()
}

/// Python's `\w`.
fn is_word(c: char) -> bool {
    c == '_' || is_letter(c) || is_number(c)
}

/// Python's `str.isspace`.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Between chunks only these count as blanks.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// Python's `str.splitlines`.
fn lines(text: &str) -> Vec<&str> {
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let (mut all, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let Some(end) = rest.find(ends) else {
            all.push(rest);
            break;
        };
        all.push(&rest[..end]);
        let behind = &rest[end..];
        let break_len = behind.chars().next().map_or(0, char::len_utf8);
        rest = behind.strip_prefix("\r\n").unwrap_or(&behind[break_len..]);
    }
    all
}

/// A line broken into lines of at most `width` characters: Python's `textwrap.wrap`, which keeps tabs and leaves out blanks at the borders, but
/// not those at the beginning of the first line.
fn wrapped(line: &str, width: usize, break_words: bool, at_hyphens: bool) -> Vec<String> {
    let text: Vec<char> = line.chars().collect();
    let blank = |chunk: &[char]| chunk.iter().all(|c| is_space(*c));
    // The next one last.
    let mut left = chunks(&text, at_hyphens);
    left.reverse();
    let mut all = Vec::new();
    while !left.is_empty() {
        if !all.is_empty() {
            left.pop_if(|chunk| blank(chunk));
        }
        let (mut own, mut length) = (Vec::new(), 0);
        while let Some(chunk) = left.pop_if(|chunk| length + chunk.len() <= width) {
            length += chunk.len();
            own.push(chunk);
        }
        let too_long = |chunk: &mut &[char]| chunk.len() > width && (break_words || own.is_empty());
        if let Some(chunk) = left.pop_if(too_long) {
            let at = match break_words {
                true => break_at(chunk, width - length, at_hyphens),
                false => chunk.len(),
            };
            let (fits, rest) = chunk.split_at(at);
            own.push(fits);
            if !rest.is_empty() {
                left.push(rest);
            }
        }
        own.pop_if(|last| blank(last));
        if !own.is_empty() {
            all.push(own.concat().into_iter().collect());
        }
    }
    all
}

/// How much of a chunk that is longer than a line still fits: to the last hyphen with something before it, else all the room.
fn break_at(chunk: &[char], room: usize, at_hyphens: bool) -> usize {
    let fits = &chunk[..room];
    let hyphen = fits.iter().rposition(|c| *c == '-').filter(|_| at_hyphens);
    let hyphen = hyphen.filter(|at| fits[..*at].iter().any(|c| *c != '-'));
    hyphen.map_or(room, |at| at + 1)
}

/// The pieces of a line between which it may be broken: blanks, words, parts of hyphenated words with their hyphen, dashes.
fn chunks(text: &[char], at_hyphens: bool) -> Vec<&[char]> {
    let mut all = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let blank = is_blank(text[from]);
        let run = text[from..].iter().position(|c| is_blank(*c) != blank);
        let run = run.map_or(text.len(), |n| from + n);
        if blank || !at_hyphens {
            all.push(&text[from..run]);
            from = run;
            continue;
        }
        while from < run {
            let to = match dash(text, from) {
                Some(to) => to,
                None => (from + 1..run)
                    .find_map(|at| word_end(text, at))
                    .unwrap_or(run),
            };
            all.push(&text[from..to]);
            from = to;
        }
    }
    all
}

/// The end of a dash of two or more hyphens between words that begins here.
fn dash(text: &[char], at: usize) -> Option<usize> {
    let before = text.get(at.checked_sub(1)?)?;
    let hyphens = text[at..].iter().take_while(|c| **c == '-');
    // Cheap first: only the beginning of a run of hyphens is looked at closely.
    if text[at] != '-' || !may_precede_dash(*before) {
        return None;
    }
    let to = at + hyphens.count();
    (to >= at + 2 && text.get(to).copied().is_some_and(is_word)).then_some(to)
}

fn may_precede_dash(c: char) -> bool {
    is_word(c) || matches!(c, '!' | '"' | '\'' | '&' | '.' | ',' | '?')
}

/// Where a word ends that has a character before `at`: behind a hyphen between letters, or before a dash.
fn word_end(text: &[char], at: usize) -> Option<usize> {
    let is = |at: Option<usize>, test: fn(char) -> bool| {
        at.and_then(|at| text.get(at)).is_some_and(|c| test(*c))
    };
    let letter = |at: Option<usize>| is(at, |c| is_word(c) && ascii_digit(c).is_none());
    let hyphen = |at: Option<usize>| is(at, |c| c == '-');
    if hyphen(Some(at)) {
        let back = |n: usize| at.checked_sub(n);
        let word = letter(back(1)) && letter(back(2));
        let initial = letter(back(3)) && hyphen(back(2)) && letter(back(1));
        let next = at + 1;
        let goes_on = letter(Some(next))
            && (letter(Some(next + 1)) || hyphen(Some(next + 1)) && letter(Some(next + 2)));
        if (word || initial) && goes_on {
            return Some(next);
        }
    }
    dash(text, at).map(|_| at)
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    fn of(expression: &str, text: &str) -> Result<String, minijinja::Error> {
        let mut env = Environment::new();
        env.add_filter("wordwrap", super::wordwrap);
        env.add_filter("wordcount", super::wordcount);
        env.render_str(
            &format!("{{{{ s | {expression} }}}}"),
            context! { s => text },
        )
    }

    /// Each as Jinja2 3.1 in Python renders it.
    #[test]
    fn lines_are_wrapped_as_in_python() {
        for (text, expression, want) in CASES {
            assert_eq!(
                of(expression, text).unwrap(),
                *want,
                "{text:?} | {expression}"
            );
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for expression in [
            "wordwrap(0)",
            "wordwrap(width=-1)",
            "wordwrap(size=3)",
            "wordwrap('a')",
        ] {
            assert!(of(expression, "a b").is_err(), "{expression}");
        }
        assert!(of("length | wordwrap", "a").is_err());
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let hostile = [
            "a-".repeat(500_000),
            "-".repeat(1_000_000),
            "a--".repeat(300_000),
            " a".repeat(500_000),
        ];
        for text in hostile {
            let began = std::time::Instant::now();
            of("wordwrap(3)", &text).unwrap();
            of("wordwrap(3, false)", &text).unwrap();
            assert!(began.elapsed().as_secs() < 20, "{}", &text[..10]);
        }
    }

    #[rustfmt::skip]
    const CASES: &[(&str, &str, &str)] = &[
        ("The quick brown fox jumps over the lazy dog", "wordwrap(10)", "The quick\nbrown fox\njumps over\nthe lazy\ndog"),
        ("The quick brown fox", "wordwrap", "The quick brown fox"),
        ("a well-known, state-of-the-art example", "wordwrap(12)", "a well-\nknown,\nstate-of-\nthe-art\nexample"),
        ("a well-known, state-of-the-art example", "wordwrap(12, true, none, false)", "a\nwell-known, \nstate-of-the\n-art example"),
        ("Donaudampfschifffahrtsgesellschaft ist lang", "wordwrap(8)", "Donaudam\npfschiff\nfahrtsge\nsellscha\nft ist\nlang"),
        ("Donaudampfschifffahrtsgesellschaft ist lang", "wordwrap(8, false)", "Donaudampfschifffahrtsgesellschaft\nist lang"),
        ("one two\n\nthree four five", "wordwrap(width=9)", "one two\n\nthree\nfour five"),
        ("one two three", "wordwrap(width=7, wrapstring='<br>')", "one two<br>three"),
        ("  leading and   inner   blanks  ", "wordwrap(9)", "  leading\nand\ninner\nblanks"),
        ("tab\tand tab", "wordwrap(5)", "tab\nand\ntab"),
        ("this is it--really--so", "wordwrap(10)", "this is it\n--really--\nso"),
        ("-----x", "wordwrap(3)", "---\n--x"),
        ("abc-----xyz", "wordwrap(4)", "abc-\n----\nxyz"),
        ("anti-war-like U-turn e-mail-box 3-4 a-b-c", "wordwrap(7)", "anti-\nwar-\nlike\nU-turn\ne-mail-\nbox 3-4\na-b-c"),
        ("", "wordwrap(5)", ""),
        ("   ", "wordwrap(5)", ""),
        ("a\r\nb\rc\u{b}d\u{2028}e", "wordwrap(5)", "a\nb\nc\nd\ne"),
        ("中文字符没有空格的句子", "wordwrap(4)", "中文字符\n没有空格\n的句子"),
        ("éa-éb-éc", "wordwrap(3)", "éa-\néb-\néc"),
        ("hello wonderful-worldly-things", "wordwrap(6)", "hello \nwonder\nful-wo\nrldly-\nthings"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxx y", "wordwrap(10, true, '|', true)", "xxxxxxxxxx|xxxxxxxxxx|xxxxx y"),
        ("ab cdefgh", "wordwrap(3)", "ab \ncde\nfgh"),
        ("a\u{a0}b c", "wordwrap(2)", "a\u{a0}\nb\nc"),
        ("Hello, world! It's 3.5 o_clock", "wordcount", "7"),
        ("", "wordcount", "0"),
        ("—…!", "wordcount", "0"),
        ("हिन्दी में", "wordcount", "4"),
        ("naïve café ½ x²", "wordcount", "4"),
        ("一二三 四", "wordcount", "2"),
    ];
}
