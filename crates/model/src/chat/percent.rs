//! Python's `%`: formatting where the left side is a text, which Jinja here does not have as an operator. Templates that need it are rewritten:
//! `"%s!" % name` becomes a call.

use std::ops::Range;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, FormatStyle, format_filter};

/// What stands for the operator: with one value on its right, and with a tuple of them.
const ONE: &str = "_python_percent";
const EACH: &str = "_python_percent_each";

/// More than any template has, for each takes a look at its whole expression.
const MOST: usize = 1000;

pub(super) fn add_to(env: &mut Environment<'_>) {
    env.add_function(ONE, |left: &Value, right: &Value| {
        percent(left, std::slice::from_ref(right))
    });
    env.add_function(
        EACH,
        |left: &Value, right: &Value| -> Result<Value, Error> {
            let all: Vec<Value> = right.try_iter()?.collect();
            percent(left, &all)
        },
    );
}

/// Whether a template failed because it wants this.
pub(super) fn is_wanted(error: &Error) -> bool {
    let detail = error.detail().unwrap_or_default();
    detail.contains("% operator on unsupported types string")
}

fn percent(left: &Value, right: &[Value]) -> Result<Value, Error> {
    if let Some(format) = left.as_str() {
        return pythons(format, right);
    }
    let wrong = || {
        let kinds = (
            left.kind(),
            right.first().map_or(ValueKind::Undefined, Value::kind),
        );
        let message = format!(
            "tried to use % operator on unsupported types {} and {}",
            kinds.0, kinds.1
        );
        Error::new(ErrorKind::InvalidOperation, message)
    };
    let [right] = right else { return Err(wrong()) };
    let zero = || Error::new(ErrorKind::InvalidOperation, "division by zero");
    // The result has the sign of the divisor.
    if let (Some(a), Some(b)) = (left.as_i64(), right.as_i64()) {
        let rest = a.checked_rem(b).ok_or_else(zero)?;
        return Ok(Value::from(if rest != 0 && (rest < 0) != (b < 0) {
            rest + b
        } else {
            rest
        }));
    }
    match (f64::try_from(left.clone()), f64::try_from(right.clone())) {
        (Ok(_), Ok(0.0)) => Err(zero()),
        (Ok(a), Ok(b)) => Ok(Value::from(a - b * (a / b).floor())),
        _ => Err(wrong()),
    }
}

/// `%r` and `%a` are Python's alone, and what `%s` makes of truth values and lists.
fn pythons(format: &str, values: &[Value]) -> Result<Value, Error> {
    let mut plain = String::with_capacity(format.len());
    let mut values = values.to_vec();
    let mut at = 0;
    let mut rest = format;
    while let Some(i) = rest.find('%') {
        plain.push_str(&rest[..i]);
        let spec = &rest[i + 1..];
        let named = spec.starts_with('(');
        let from = if named {
            spec.find(')').map_or(0, |n| n + 1)
        } else {
            0
        };
        let flags = spec[from..].find(|c: char| !"#0- +.123456789*lhL".contains(c));
        let end = from + flags.unwrap_or(spec.len() - from);
        let kind = spec[end..].chars().next();
        let (shown, used) = match kind {
            Some('%') => ("%".into(), false),
            Some('r' | 'a') => ("s".into(), true),
            Some('i' | 'u') => ("d".into(), true),
            Some(c) => (c.to_string(), true),
            None => (String::new(), false),
        };
        plain.push('%');
        plain.extend(spec[..end].chars().filter(|c| named || !"lhL".contains(*c)));
        plain.push_str(&shown);
        if let (true, false, Some(value)) = (used, named, values.get_mut(at)) {
            match kind {
                Some('r' | 'a') => *value = Value::from(super::printed::repr(value, 0)),
                Some('s') => *value = Value::from(super::printed::string(value)),
                _ => {}
            }
            at += 1;
        }
        rest = &spec[end + kind.map_or(0, char::len_utf8)..];
    }
    plain.push_str(rest);
    if at < values.len() && !values.iter().any(|v| v.kind() == ValueKind::Map) {
        let message = "not all arguments converted during string formatting";
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    format_filter(FormatStyle::Printf, &plain, &values).map(Value::from)
}

/// A template with calls in place of the operator.
pub(super) fn rewritten(template: &str) -> String {
    let mut inserts: Vec<(usize, String)> = Vec::new();
    let mut signs: Vec<usize> = Vec::new();
    for block in blocks(template) {
        for (i, token) in block.iter().enumerate() {
            if token.text(template) != "%" || signs.len() == MOST {
                continue;
            }
            let (Some(left), Some(right)) =
                (left_of(template, &block, i), right_of(template, &block, i))
            else {
                continue;
            };
            let tuple = is_tuple(template, &block[right.clone()]);
            let name = if tuple { EACH } else { ONE };
            inserts.push((block[left].at.start, format!("{name}(")));
            inserts.push((block[right.end - 1].at.end, ")".into()));
            signs.push(token.at.start);
        }
    }
    // Calls that begin at one place are nested: what ends last is written first, which is what comes later in the list.
    inserts.sort_by_key(|(at, _)| *at);
    let mut out = String::with_capacity(template.len() + 64);
    let mut insert = 0;
    for (at, c) in template.char_indices() {
        let here = inserts[insert..]
            .iter()
            .take_while(|(place, _)| *place == at)
            .count();
        let (here, from) = (&inserts[insert..insert + here], insert);
        // An end comes before a beginning.
        here.iter()
            .filter(|(_, text)| text == ")")
            .for_each(|(_, text)| out.push_str(text));
        here.iter()
            .rev()
            .filter(|(_, text)| text != ")")
            .for_each(|(_, text)| out.push_str(text));
        insert = from + here.len();
        out.push(if signs.binary_search(&at).is_ok() {
            ','
        } else {
            c
        });
    }
    inserts[insert..]
        .iter()
        .for_each(|(_, text)| out.push_str(text));
    out
}

/// A piece of an expression.
#[derive(Clone, Debug)]
struct Token {
    at: Range<usize>,
    /// How many brackets are open around it; of a bracket, outside of it.
    depth: usize,
}

impl Token {
    fn text<'t>(&self, template: &'t str) -> &'t str {
        &template[self.at.clone()]
    }
}

/// The expressions of a template, as tokens.
fn blocks(template: &str) -> Vec<Vec<Token>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(i) = template[at..].find('{') {
        at += i;
        let rest = &template[at..];
        if rest.starts_with("{#") {
            at += rest.find("#}").map_or(rest.len(), |n| n + 2);
        } else if rest.starts_with("{{") || rest.starts_with("{%") {
            let (tokens, end) = tokens(template, at + 2);
            at = end;
            if tokens.first().is_some_and(|t| t.text(template) == "raw") {
                at += template[at..].find("endraw").unwrap_or(0);
            }
            all.push(tokens);
        } else {
            at += 1;
        }
    }
    all
}

/// The tokens of one expression, and where it ends.
fn tokens(template: &str, from: usize) -> (Vec<Token>, usize) {
    let bytes = template.as_bytes();
    let (mut all, mut at, mut depth) = (Vec::new(), from, 0usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &template[at..];
        if depth == 0 && rest.starts_with("}}") || rest.starts_with("%}") {
            return (all, at + 2);
        }
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match byte {
            b'"' | b'\'' => text_length(rest),
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ if rest.starts_with(word) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            _ if ["==", "!=", "<=", ">=", "//", "**"]
                .iter()
                .any(|o| rest.starts_with(o)) =>
            {
                2
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        if b")]}".contains(&byte) {
            depth = depth.saturating_sub(1);
        }
        all.push(Token {
            at: at..at + length,
            depth,
        });
        if b"([{".contains(&byte) {
            depth += 1;
        }
        at += length;
    }
    (all, template.len())
}

/// The length of a text in quotes.
fn text_length(rest: &str) -> usize {
    let quote = rest.as_bytes()[0];
    let mut escaped = false;
    for (i, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return i + 1,
            _ => {}
        }
    }
    rest.len()
}

/// These end an operand on both sides.
const BORDERS: [&str; 28] = [
    ",",
    ":",
    "=",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "+",
    "~",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "set",
    "for",
    "recursive",
    "do",
    "call",
    "filter",
    "with",
    "print",
    "return",
];

/// Index of the first token of what stands left of token `i`.
fn left_of(template: &str, block: &[Token], i: usize) -> Option<usize> {
    let depth = block[i].depth;
    let mut start = None;
    for (j, token) in block[..i].iter().enumerate().rev() {
        let text = token.text(template);
        let closed = token.depth == depth && [")", "]", "}"].contains(&text);
        let minus = text == "-" && j > 0 && is_operand(template, &block[j - 1]);
        if token.depth < depth
            || token.depth == depth && !closed && (BORDERS.contains(&text) || minus)
        {
            break;
        }
        // The minus of `{{-`.
        if text == "-" && j == 0 {
            break;
        }
        start = Some(j);
    }
    start
}

/// The tokens of what stands right of token `i`.
fn right_of(template: &str, block: &[Token], i: usize) -> Option<Range<usize>> {
    let depth = block[i].depth;
    let end = (i + 1..block.len()).find(|&j| {
        let (token, text) = (&block[j], block[j].text(template));
        let border = BORDERS.contains(&text) || ["*", "/", "//", "%"].contains(&text);
        let minus = text == "-" && j > i + 1;
        let closes = [")", "]", "}"].contains(&text);
        // A bracket has the depth of what is outside of it.
        token.depth + usize::from(closes) == depth && closes && depth > 0
            || token.depth == depth && (border || minus)
    });
    let end = end.unwrap_or(block.len());
    (end > i + 1).then_some(i + 1..end)
}

fn is_operand(template: &str, token: &Token) -> bool {
    let text = token.text(template);
    let ends = text.ends_with(|c: char| c.is_alphanumeric() || ")]}'\"_".contains(c));
    ends && !BORDERS.contains(&text)
}

/// Whether tokens are a tuple: brackets around all of it, and a comma in them.
fn is_tuple(template: &str, tokens: &[Token]) -> bool {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return false;
    };
    let whole = first.text(template) == "(" && last.text(template) == ")";
    let outer = tokens[1..tokens.len().max(2) - 1]
        .iter()
        .all(|t| t.depth > first.depth);
    whole
        && outer
        && tokens
            .iter()
            .any(|t| t.depth == first.depth + 1 && t.text(template) == ",")
}
