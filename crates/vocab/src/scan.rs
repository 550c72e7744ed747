//! Pre-tokenizers that llama.cpp writes out by hand, as scanners over one segment of text.
//!
//! Each follows llama.cpp's function (`src/unicode.cpp`) in its result, peculiarities included,
//! not the regular expression that the function stands for. `c` holds code points, `f` their
//! flags; the lengths of the pieces are appended to `out`.

use super::unicode::{LETTER, MARK, NUMBER, SPACE};

const CR: u32 = '\r' as u32;
const LF: u32 = '\n' as u32;
const BLANK: u32 = ' ' as u32;

fn at(f: &[u8], i: usize) -> u8 {
    f.get(i).copied().unwrap_or(0)
}

/// First position from `i` on that has none of the flags in `mask`, or is the end.
fn skip(f: &[u8], mut i: usize, mask: u8) -> usize {
    while at(f, i) & mask != 0 {
        i += 1;
    }
    i
}

/// The same, at most `most` positions on: of a long run no more is looked at than is taken.
fn skip_at_most(f: &[u8], i: usize, mask: u8, most: usize) -> usize {
    skip(&f[..f.len().min(i + most)], i, mask)
}

/// First position from `i` on that has one of the flags in `mask`, or is the end.
fn skip_other(f: &[u8], mut i: usize, mask: u8) -> usize {
    while i < f.len() && f[i] & mask == 0 {
        i += 1;
    }
    i
}

/// Length of an English contraction (`'s`, `'re`) at `i`, or 0.
fn contraction(c: &[u32], i: usize, any_case: bool) -> usize {
    if c.get(i) != Some(&('\'' as u32)) {
        return 0;
    }
    let letter = |k: usize| {
        let ch = c
            .get(i + k)
            .and_then(|&cp| char::from_u32(cp))
            .unwrap_or(' ');
        if any_case {
            ch.to_ascii_lowercase()
        } else {
            ch
        }
    };
    match (letter(1), letter(2)) {
        ('s' | 't' | 'm' | 'd', _) => 2,
        ('r' | 'v', 'e') | ('l', 'l') => 3,
        _ => 0,
    }
}

/// Runs of white space: `\s+(?!\S)|\s+`; anything else is one character by itself.
fn blanks(f: &[u8], i: usize) -> usize {
    let end = skip(f, i, SPACE);
    match end - i {
        0 => i + 1,
        n if n > 1 && end < f.len() => end - 1,
        _ => end,
    }
}

/// The same, but white space up to and with its last line break is one piece: `\s*[\r\n]+`.
fn blanks_and_breaks(c: &[u32], f: &[u8], i: usize) -> usize {
    let end = skip(f, i, SPACE);
    match c[i..end].iter().rposition(|&cp| cp == CR || cp == LF) {
        Some(last) => i + last + 1,
        None => blanks(f, i),
    }
}

fn skip_breaks(c: &[u32], mut i: usize) -> usize {
    while matches!(c.get(i), Some(&(CR | LF))) {
        i += 1;
    }
    i
}

/// Runs `next`, which gives the end of the piece that starts at a position, to the end.
fn pieces(n: usize, out: &mut Vec<u32>, mut next: impl FnMut(usize) -> usize) {
    let mut i = 0;
    while i < n {
        let end = next(i);
        out.push((end - i) as u32);
        i = end;
    }
}

/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
pub(super) fn gpt2(c: &[u32], f: &[u8], out: &mut Vec<u32>) {
    pieces(c.len(), out, |i| {
        match contraction(c, i, false) {
            0 => {}
            n => return i + n,
        }
        let first = i + usize::from(c[i] == BLANK);
        let kind = at(f, first);
        if kind & LETTER != 0 {
            skip(f, first, LETTER)
        } else if kind & NUMBER != 0 {
            skip(f, first, NUMBER)
        } else if kind != 0 && kind & SPACE == 0 {
            skip_other(f, first, SPACE | LETTER | NUMBER)
        } else {
            blanks(f, i)
        }
    });
}

/// Llama 3 (`digits` = 3) and Qwen 2 (`digits` = 1):
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
/// Qwen 3.5 has marks go with the letters (`word` = letters and marks).
fn llama3_like(c: &[u32], f: &[u8], digits: usize, word: u8, out: &mut Vec<u32>) {
    pieces(c.len(), out, |i| {
        match contraction(c, i, true) {
            0 => {}
            n => return i + n,
        }
        let kind = f[i];
        if c[i] != CR && c[i] != LF && kind & NUMBER == 0 && (kind | at(f, i + 1)) & word != 0 {
            return skip(f, i + 1, word);
        }
        if kind & NUMBER != 0 {
            return skip_at_most(f, i, NUMBER, digits);
        }
        let first = i + usize::from(c[i] == BLANK);
        if at(f, first) & (SPACE | word | NUMBER) == 0 {
            return skip_breaks(c, skip_other(f, first, SPACE | word | NUMBER));
        }
        blanks_and_breaks(c, f, i)
    });
}

pub(super) fn llama3(c: &[u32], f: &[u8], out: &mut Vec<u32>) {
    llama3_like(c, f, 3, LETTER, out);
}

pub(super) fn qwen2(c: &[u32], f: &[u8], out: &mut Vec<u32>) {
    llama3_like(c, f, 1, LETTER, out);
}

pub(super) fn qwen35(c: &[u32], f: &[u8], out: &mut Vec<u32>) {
    llama3_like(c, f, 1, LETTER | MARK, out);
}

/// Han characters as llama.cpp draws their borders.
fn is_han(cp: u32) -> bool {
    matches!(cp,
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2EBEF
        | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F)
}

/// Kimi K2: like Llama 3, with Han characters in pieces of their own and contractions kept
/// with their words.
pub(super) fn kimi_k2(c: &[u32], f: &[u8], out: &mut Vec<u32>) {
    let han = |i: usize| c.get(i).is_some_and(|&cp| is_han(cp));
    let letter = |i: usize| at(f, i) & LETTER != 0 && !han(i);
    pieces(c.len(), out, |i| {
        if han(i) {
            let mut end = i;
            while han(end) {
                end += 1;
            }
            return end;
        }
        let kind = f[i];
        let leads = c[i] != CR && c[i] != LF && kind & (LETTER | NUMBER) == 0;
        if letter(i) || (leads && letter(i + 1)) {
            let mut end = i + usize::from(leads);
            while letter(end) {
                end += 1;
            }
            return end + contraction(c, end, true);
        }
        if kind & NUMBER != 0 {
            return skip_at_most(f, i, NUMBER, 3);
        }
        let first = i + usize::from(c[i] == BLANK);
        if at(f, first) != 0 && at(f, first) & (SPACE | LETTER | NUMBER) == 0 {
            return skip_breaks(c, skip_other(f, first, SPACE | LETTER | NUMBER));
        }
        blanks_and_breaks(c, f, i)
    });
}

/// Digits in threes counted from the right. What stands before a run of digits stays with its
/// first group.
pub(super) fn digit_groups(f: &[u8], out: &mut Vec<u32>) {
    let (mut i, mut start) = (0, 0);
    while i < f.len() {
        let end = skip(f, i, NUMBER);
        if end == i {
            i += 1;
            continue;
        }
        let mut cut = i + (end - i) % 3;
        while cut <= end {
            // The first cut lies at the start of the run if its length is a multiple of three.
            if cut > i {
                out.push((cut - start) as u32);
                start = cut;
            }
            cut += 3;
        }
        i = end;
    }
    if start < f.len() {
        out.push((f.len() - start) as u32);
    }
}

/// Runs of line feeds, and runs of everything else.
pub(super) fn lines(c: &[u32], out: &mut Vec<u32>) {
    for run in c.chunk_by(|a, b| (*a == LF) == (*b == LF)) {
        out.push(run.len() as u32);
    }
}
