//! Methods of Python's texts, lists and dictionaries, beside those that [`minijinja_contrib::pycompat`] has, and in place of those that it has
//! otherwise than Python.

use minijinja::value::{Kwargs, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat::unknown_method_callback;

/// Longest text that a method pads to.
const WIDEST: usize = 10_000;

pub(super) fn python_method(
    state: &State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = match (value.kind(), value.as_str()) {
        (_, Some(text)) => of_text(state, text, method, args)?,
        (ValueKind::Seq, _) => of_list(value, method, args)?,
        (ValueKind::Map, _) if method == "copy" => Some(value.clone()),
        _ => None,
    };
    match own {
        Some(result) => Ok(result),
        None => unknown_method_callback(state, value, method, args),
    }
}

fn of_text(
    state: &State<'_, '_>,
    text: &str,
    method: &str,
    args: &[Value],
) -> Result<Option<Value>, Error> {
    let is = |condition: bool| Ok(Some(Value::from(condition)));
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    Ok(Some(match method {
        "split" | "rsplit" => split(text, args, method == "rsplit")?,
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "partition" | "rpartition" => {
            let (by,): (&str,) = from_args(args)?;
            if by.is_empty() {
                return Err(wrong("empty separator"));
            }
            let found = match method {
                "partition" => text.find(by),
                _ => text.rfind(by),
            };
            let parts = match found {
                Some(at) => [&text[..at], by, &text[at + by.len()..]],
                None if method == "partition" => [text, "", ""],
                None => ["", "", text],
            };
            Value::from(parts.map(Value::from).to_vec())
        }
        "find" | "rfind" | "index" | "rindex" | "count" => place(text, method, args)?,
        "title" => Value::from(title(text)),
        "capitalize" => {
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_uppercase().to_string());
            Value::from(first.unwrap_or_default() + &chars.as_str().to_lowercase())
        }
        "swapcase" => {
            let swapped = |c: char| match c.is_uppercase() {
                true => c.to_lowercase().to_string(),
                false => c.to_uppercase().to_string(),
            };
            Value::from(text.chars().map(swapped).collect::<String>())
        }
        "casefold" => Value::from(text.to_lowercase()),
        "isspace" => return is(all(char::is_whitespace)),
        "isdigit" | "isdecimal" | "isnumeric" => return is(all(char::is_numeric)),
        "isalpha" => return is(all(char::is_alphabetic)),
        "isalnum" => return is(all(char::is_alphanumeric)),
        "islower" => {
            return is(
                text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
            );
        }
        "isupper" => {
            return is(
                text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
            );
        }
        "istitle" => return is(text.chars().any(char::is_alphabetic) && title(text) == text),
        "center" | "ljust" | "rjust" | "zfill" => pad(text, method, args)?,
        // `{x!s}` is what `{x}` is.
        "format" if text.contains("!s") => {
            let plain = text.replace("!s}", "}").replace("!s:", ":");
            return unknown_method_callback(state, &Value::from(plain), method, args).map(Some);
        }
        _ => return Ok(None),
    }))
}

/// `split(sep=None, maxsplit=-1)`
fn split(text: &str, args: &[Value], from_right: bool) -> Result<Value, Error> {
    let (by, most, named): (Option<Value>, Option<i64>, Kwargs) = from_args(args)?;
    let by = by
        .or(named.get::<Option<Value>>("sep")?)
        .filter(|v| !v.is_none() && !v.is_undefined());
    let most = most
        .or(named.get("maxsplit")?)
        .and_then(|n| usize::try_from(n).ok());
    named.assert_all_used()?;
    let pieces = most.map_or(usize::MAX, |n| n.saturating_add(1));
    let mut parts: Vec<&str> = match &by {
        Some(by) => {
            let by = by
                .as_str()
                .ok_or_else(|| wrong("the separator is no text"))?;
            match by {
                "" => return Err(wrong("empty separator")),
                by if from_right => text.rsplitn(pieces, by).collect(),
                by => text.splitn(pieces, by).collect(),
            }
        }
        None => on_blanks(text, pieces, from_right),
    };
    if from_right {
        parts.reverse();
    }
    Ok(parts.into_iter().map(Value::from).collect())
}

/// Split on runs of blanks; from the right the last piece comes first. The piece that is left when there are enough keeps its blanks at the far end.
fn on_blanks(text: &str, pieces: usize, from_right: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        rest = match from_right {
            false => rest.trim_start(),
            true => rest.trim_end(),
        };
        let found = match from_right {
            false => rest.find(char::is_whitespace).map(|i| rest.split_at(i)),
            true => rest.rfind(char::is_whitespace).map(|i| {
                let blank = rest[i..].chars().next().map_or(1, char::len_utf8);
                (&rest[i + blank..], &rest[..i])
            }),
        };
        match found.filter(|_| parts.len() + 1 < pieces) {
            Some((part, left)) => {
                parts.push(part);
                rest = left;
            }
            None if rest.is_empty() => return parts,
            None => {
                parts.push(rest);
                return parts;
            }
        }
    }
}

/// `find`, `index` and `count` in characters, within `[start, end)` if given.
fn place(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let (what, start, end): (&str, Option<i64>, Option<i64>) = from_args(args)?;
    let chars: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let length = chars.len() as i64 - 1;
    let clamp = |n: i64| (if n < 0 { n + length } else { n }).clamp(0, length) as usize;
    let (from, to) = (clamp(start.unwrap_or(0)), clamp(end.unwrap_or(length)));
    let within = text.get(chars[from]..chars[to]).unwrap_or_default();
    if method == "count" {
        return Ok(Value::from(match what {
            "" => to.saturating_sub(from) + 1,
            _ => within.matches(what).count(),
        }));
    }
    let found = match method.starts_with('r') {
        true => within.rfind(what),
        false => within.find(what),
    };
    match found {
        Some(at) => Ok(Value::from(from + within[..at].chars().count())),
        None if method.ends_with("index") => Err(wrong("substring not found")),
        None => Ok(Value::from(-1)),
    }
}

/// Every letter that follows none is a capital, the others are small.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for c in text.chars() {
        match within {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        within = c.is_alphabetic();
    }
    out
}

fn pad(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let (width, fill): (usize, Option<char>) = from_args(args)?;
    let missing = width.min(WIDEST).saturating_sub(text.chars().count());
    let fill = if method == "zfill" {
        '0'
    } else {
        fill.unwrap_or(' ')
    };
    let filled = |n: usize| fill.to_string().repeat(n);
    Ok(Value::from(match method {
        "ljust" => text.to_owned() + &filled(missing),
        "center" => {
            let left = missing / 2 + (missing & width & 1);
            filled(left) + text + &filled(missing - left)
        }
        "zfill" if text.starts_with(['+', '-']) => {
            text[..1].to_owned() + &filled(missing) + &text[1..]
        }
        _ => filled(missing) + text,
    }))
}

fn of_list(list: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    match method {
        "copy" => Ok(Some(list.clone())),
        "index" => {
            let (what,): (&Value,) = from_args(args)?;
            let found = list.try_iter()?.position(|v| v == *what);
            found
                .map(|i| Some(Value::from(i)))
                .ok_or_else(|| wrong("the list does not hold it"))
        }
        _ => Ok(None),
    }
}

fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}
