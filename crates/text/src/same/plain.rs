//! One spelling for what LaTeX and Unicode write in several ways.

use crate::digits::ascii_digit;

/// An answer in plain characters: ASCII digits and signs, `*` and `/`, one blank for any, `\frac` for every
/// fraction, words bare of `\text{..}`, no marks of size or layout. Commands that are not known stay.
///
/// Set braces become `⦃ ⦄`, angle brackets `⟨ ⟩`, a row's end in a matrix `⏎`.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // For each open brace: does its closing one stay?
    let mut open: Vec<bool> = Vec::new();
    let mut formula = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = command(rest, &mut out, &mut open),
            '{' => {
                if let Some(after) = rest.strip_prefix(",}") {
                    out.push(',');
                    rest = after;
                    continue;
                }
                open.push(true);
                out.push('{');
            }
            '}' => {
                let stays = open.pop().unwrap_or(true);
                out.push(if stays { '}' } else { ' ' });
            }
            // The calculator marks of GSM8K: <<9*2=18>>18.
            '<' if rest.starts_with('<') => {
                rest = rest.find(">>").map_or(rest, |i| &rest[i + 2..]);
            }
            // $..$ around a formula; other signs are dollars.
            '$' => {
                if let Some(after) = rest.strip_prefix('$') {
                    rest = after;
                    out.push(' ');
                } else if formula || opens_formula(rest) {
                    formula = !formula;
                    out.push(' ');
                } else {
                    out.push('$');
                }
            }
            '^' if degree(rest).is_some() => {
                out.push('°');
                rest = &rest[degree(rest).unwrap_or(0)..];
            }
            _ => character(c, &mut out),
        }
    }
    out
}

/// Does a formula follow that another sign closes?
fn opens_formula(rest: &str) -> bool {
    let mut escaped = false;
    let close = rest.find(|c| {
        let sign = c == '$' && !escaped;
        escaped = c == '\\' && !escaped;
        sign
    });
    close.is_some_and(|i| {
        !rest.starts_with(' ')
            && !rest[..i].ends_with(' ')
            && !rest[i + 1..].starts_with(|c: char| c.is_ascii_digit())
    })
}

/// The length of `\circ` or `{\circ}`.
fn degree(rest: &str) -> Option<usize> {
    ["{\\circ}", "\\circ", "{\\degree}", "\\degree", "°"]
        .iter()
        .find(|d| rest.starts_with(**d))
        .map(|d| d.len())
}

/// A command without its backslash; gives what follows it.
fn command<'t>(rest: &'t str, out: &mut String, open: &mut Vec<bool>) -> &'t str {
    let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    if len == 0 {
        let Some(mark) = rest.chars().next() else {
            return rest;
        };
        match mark {
            '!' => {}
            ',' | ';' | ':' | ' ' | '>' | '\n' => out.push(' '),
            '{' => out.push('⦃'),
            '}' => out.push('⦄'),
            '\\' => out.push('⏎'),
            '(' | ')' | '[' | ']' => out.push(' '),
            other => out.push(other),
        }
        return &rest[mark.len_utf8()..];
    }
    let (name, after) = rest.split_at(len);
    let with = |out: &mut String, mark: &str| {
        out.push_str(mark);
        after
    };
    match name {
        "left" | "right" => {
            // \left. stands for no bracket.
            return after.strip_prefix('.').unwrap_or(after);
        }
        "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr" | "Bigl" | "Bigr" | "biggl" | "biggr"
        | "middle" | "displaystyle" | "textstyle" | "limits" | "rm" | "bf" | "it" | "mathstrut" => {
            return after;
        }
        // Words, and wrappers without a meaning for the value.
        "text" | "textbf" | "textit" | "textrm" | "texttt" | "mbox" | "hbox" | "mathrm"
        | "mathbf" | "mathit" | "mathsf" | "boldsymbol" | "operatorname" | "boxed" | "fbox"
        | "framebox" | "underline" | "bm" | "vec" | "overrightarrow" => {
            let Some(inside) = after.trim_start_matches(' ').strip_prefix('{') else {
                return with(out, " ");
            };
            open.push(false);
            out.push(' ');
            return inside;
        }
        "frac" | "dfrac" | "tfrac" | "cfrac" => return with(out, "\\frac"),
        "cdot" | "times" | "ast" => return with(out, "*"),
        "div" => return with(out, "/"),
        "pm" => return with(out, "±"),
        "mp" => return with(out, "∓"),
        "le" | "leq" | "leqslant" => return with(out, "≤"),
        "ge" | "geq" | "geqslant" => return with(out, "≥"),
        "lt" => return with(out, "<"),
        "gt" => return with(out, ">"),
        "ne" | "neq" => return with(out, "≠"),
        "approx" | "simeq" | "sim" => return with(out, "≈"),
        "in" => return with(out, "∈"),
        "cup" => return with(out, "∪"),
        "cap" => return with(out, "∩"),
        "infty" => return with(out, "∞"),
        "pi" => return with(out, "π"),
        "degree" | "circ" => return with(out, "°"),
        "lbrace" => return with(out, "⦃"),
        "rbrace" => return with(out, "⦄"),
        "langle" => return with(out, "⟨"),
        "rangle" => return with(out, "⟩"),
        "lbrack" => return with(out, "["),
        "rbrack" => return with(out, "]"),
        "lvert" | "rvert" | "vert" | "mid" => return with(out, "|"),
        "emptyset" | "varnothing" => return with(out, "∅"),
        "dots" | "ldots" | "cdots" => return with(out, "…"),
        "quad" | "qquad" | "space" | "newline" | "hspace" => return with(out, " "),
        "colon" => return with(out, ":"),
        "land" | "wedge" => return with(out, " and "),
        "lor" | "vee" => return with(out, " or "),
        "textdollar" => return with(out, "$"),
        "euro" | "texteuro" => return with(out, "€"),
        "pounds" => return with(out, "£"),
        _ => {}
    }
    out.push('\\');
    with(out, name)
}

/// Any other character.
fn character(c: char, out: &mut String) {
    if let Some(d) = ascii_digit(c) {
        return out.push(d);
    }
    if let Some((_, fraction)) = FRACTIONS.iter().find(|(f, _)| *f == c) {
        // A blank keeps mixed numbers apart.
        out.push(' ');
        return out.push_str(fraction);
    }
    if let Some(d) = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c) {
        // One power may have several such digits.
        let power = out.trim_end_matches(|c: char| c.is_ascii_digit());
        if power.len() == out.len() || !power.ends_with('^') {
            out.push('^');
        }
        out.push(char::from(b'0' + d as u8));
        return;
    }
    if let Some(d) = "₀₁₂₃₄₅₆₇₈₉".chars().position(|s| s == c) {
        out.push('_');
        out.push(char::from(b'0' + d as u8));
        return;
    }
    out.push(match c {
        // Full-width forms of ASCII.
        '！'..='～' => char::from(b'!' + (u32::from(c) - u32::from('！')) as u8),
        '\u{2212}' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '﹣' => '-',
        '×' | '·' | '⋅' | '∙' | '∗' => '*',
        '÷' | '⁄' | '∕' => '/',
        '⩽' => '≤',
        '⩾' => '≥',
        '’' | '‘' => '\'',
        '“' | '”' | '„' => '"',
        '、' | '،' | '٬' => ',',
        '٫' => '.',
        '。' => '.',
        '٪' => '%',
        '√' => return out.push_str("\\sqrt"),
        '∛' => return out.push_str("\\sqrt[3]"),
        '〈' => '⟨',
        '〉' => '⟩',
        '~' => ' ',
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{200e}' | '\u{200f}' => return,
        c if c.is_whitespace() => ' ',
        c => c,
    });
}

const FRACTIONS: [(char, &str); 15] = [
    ('½', "\\frac{1}{2}"),
    ('⅓', "\\frac{1}{3}"),
    ('⅔', "\\frac{2}{3}"),
    ('¼', "\\frac{1}{4}"),
    ('¾', "\\frac{3}{4}"),
    ('⅕', "\\frac{1}{5}"),
    ('⅖', "\\frac{2}{5}"),
    ('⅗', "\\frac{3}{5}"),
    ('⅘', "\\frac{4}{5}"),
    ('⅙', "\\frac{1}{6}"),
    ('⅚', "\\frac{5}{6}"),
    ('⅛', "\\frac{1}{8}"),
    ('⅜', "\\frac{3}{8}"),
    ('⅝', "\\frac{5}{8}"),
    ('⅞', "\\frac{7}{8}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (text, want) in [
            ("10\\,000", "10 000"),
            ("10{,}000", "10,000"),
            ("729,\\!000", "729,000"),
            ("\\left( 3, \\frac{\\pi}{2} \\right)", "( 3, \\frac{π}{2} )"),
            ("5\\text{ cm}^2", "5  cm ^2"),
            ("\\text{(C)}", " (C) "),
            ("\\$5\\%", "$5%"),
            ("90^\\circ", "90°"),
            ("90^{\\circ}", "90°"),
            ("１８，５", "18,5"),
            ("١٨", "18"),
            ("2½", "2 \\frac{1}{2}"),
            ("x² + y¹⁰", "x^2 + y^10"),
            ("\\{1, 2\\}", "⦃1, 2⦄"),
            ("12\u{202f}500", "12 500"),
            ("2\\sqrt3", "2\\sqrt3"),
            ("<<9*2=18>>18", "18"),
            ("\\boxed{\\text{E}}", "  E  "),
            ("a \\\\ b", "a ⏎ b"),
            ("\\theta", "\\theta"),
            ("}{\\", "}{"),
        ] {
            assert_eq!(plain(text), want, "{text}");
        }
    }
}
