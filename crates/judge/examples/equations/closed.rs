//! What a closed numeric equation is, apart from the verifier.

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token {
    Number,
    Operator,
    Minus,
    Root,
    Open,
    Close,
    /// Words, which can be units.
    Word,
    Equal,
    /// A sign between sides that is no equality, a mark of punctuation, the edge of a display.
    Border,
    /// A variable or a command that is not computed.
    Unknown,
}
use Token::{Border, Close, Equal, Minus, Number, Open, Operator, Root, Unknown, Word};

/// Does the step hold an equation with a numeric expression on one side, a number on the other, and nothing unknown in either?
pub fn is_closed(step: &str) -> bool {
    let tokens = tokens(step);
    let signs = tokens.iter().enumerate().filter(|(_, t)| **t == Equal);
    let mut signs = signs.map(|(i, _)| i);
    signs.any(|i| {
        let (left, right) = (before(&tokens[..i]), behind(&tokens[i + 1..]));
        (left == Some(true) && right.is_some()) || (left == Some(false) && right == Some(true))
    })
}

/// What stands at the end of these tokens: an expression (`Some(true)`), a number (`Some(false)`), or neither.
fn before(tokens: &[Token]) -> Option<bool> {
    let from = tokens
        .iter()
        .rposition(|t| matches!(t, Border | Equal | Unknown));
    let mut side = &tokens[from.map_or(0, |i| i + 1)..];
    let attached = from.is_some_and(|i| tokens[i] == Unknown);
    // "In 2 weeks he eats 7 * 2": what stands in front of the last words between two numbers does not belong to it.
    let mut cut = 0;
    let mut last = None;
    for (i, t) in side.iter().enumerate() {
        if matches!(t, Number | Open | Root) && last == Some(Word) && operand_before(&side[..i]) {
            cut = i;
        }
        last = Some(*t);
    }
    side = &side[cut..];
    let first = side
        .iter()
        .position(|t| matches!(t, Number | Open | Root | Minus))?;
    if (attached && cut == 0 && first == 0) || (first > 0 && side[first - 1] == Operator) {
        return None;
    }
    expression(&side[first..])
}

/// Do the words at the end stand behind a number?
fn operand_before(side: &[Token]) -> bool {
    let words = side.iter().rev().take_while(|t| **t == Word).count();
    side[..side.len() - words]
        .last()
        .is_some_and(|t| matches!(t, Number | Close))
}

/// What stands at their beginning.
fn behind(tokens: &[Token]) -> Option<bool> {
    let end = tokens
        .iter()
        .position(|t| matches!(t, Border | Equal | Unknown));
    let side = &tokens[..end.unwrap_or(tokens.len())];
    if !matches!(side.first()?, Number | Open | Root | Minus)
        || end.is_some_and(|i| tokens[i] == Unknown)
    {
        return None;
    }
    // Up to words that lead to another number.
    let cut = (1..side.len()).find(|&i| {
        matches!(side[i], Number | Open | Root) && side[i - 1] == Word && operand_before(&side[..i])
    });
    expression(&side[..cut.unwrap_or(side.len())])
}

/// Numbers and operators in turn; whether there is an operator.
fn expression(side: &[Token]) -> Option<bool> {
    let end = side.iter().rposition(|t| matches!(t, Number | Close))? + 1;
    let mut operators = 0;
    let mut depth = 0_i32;
    let mut operand = false;
    for t in &side[..end] {
        match t {
            Number if operand => return None,
            Number => operand = true,
            Root => {
                operators += 1;
                operand = false;
            }
            Open => {
                operators += usize::from(operand);
                depth += 1;
                operand = false;
            }
            Close => {
                depth -= 1;
                operand = true;
            }
            Minus if !operand => {}
            Minus | Operator => {
                operators += 1;
                operand = false;
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && operand).then_some(operators > 0)
}

/// Written otherwise: operators, and marks without meaning.
const MARKS: [(&str, Option<Token>); 43] = [
    ("\\times", Some(Operator)),
    ("\\cdot", Some(Operator)),
    ("\\div", Some(Operator)),
    ("\\frac", Some(Root)),
    ("\\dfrac", Some(Root)),
    ("\\tfrac", Some(Root)),
    ("\\sqrt", Some(Root)),
    ("\\approx", Some(Equal)),
    ("\\left", None),
    ("\\right", None),
    ("\\!", None),
    ("\\,", None),
    ("{,}", None),
    ("}{", Some(Operator)),
    ("\\boxed", None),
    ("\\text", None),
    ("\\mathrm", None),
    ("\\%", None),
    ("\\$", None),
    ("\\(", None),
    ("\\)", None),
    ("^\\circ", None),
    ("^{\\circ}", None),
    ("\\[", Some(Border)),
    ("\\]", Some(Border)),
    ("\\quad", Some(Border)),
    ("\\\\", Some(Border)),
    ("$$", Some(Border)),
    ("**", None),
    ("<<", Some(Border)),
    (">>", Some(Border)),
    ("->", Some(Border)),
    ("!=", Some(Border)),
    ("$", None),
    ("€", None),
    ("£", None),
    ("&", None),
    ("%", None),
    ("°", None),
    ("equals", Some(Equal)),
    ("≈", Some(Equal)),
    ("`", None),
    ("√", Some(Root)),
];

fn tokens(step: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = step[at..].chars().next() {
        let rest = &step[at..];
        if let Some((mark, token)) = MARKS.iter().find(|(m, _)| rest.starts_with(m)) {
            tokens.extend(*token);
            at += mark.len();
            continue;
        }
        let letters = rest.chars().take_while(|c| c.is_alphabetic()).count();
        let mut len = c.len_utf8();
        if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())) {
            len = number(rest);
            let letter = rest[len..].starts_with(|c: char| c.is_alphabetic());
            let times = rest[len..].starts_with('x') && factor(&rest[len + 1..]);
            let glued = letter && !times;
            tokens.push(if glued { Unknown } else { Number });
        } else if c == '\\' {
            len += rest[1..]
                .bytes()
                .take_while(u8::is_ascii_alphabetic)
                .count();
            tokens.push(Unknown);
        } else if letters > 0 {
            let word: String = rest.chars().take(letters).collect();
            len = word.len();
            let alone = matches!(
                word.as_str(),
                "a" | "of"
                    | "in"
                    | "to"
                    | "by"
                    | "cm"
                    | "kg"
                    | "km"
                    | "ft"
                    | "is"
                    | "so"
                    | "we"
                    | "he"
                    | "it"
                    | "at"
                    | "on"
                    | "as"
                    | "or"
            );
            tokens.push(match word.as_str() {
                "x" if factor(&rest[len..])
                    && matches!(tokens.last(), Some(Number | Close | Word)) =>
                {
                    Operator
                }
                _ if letters > 2 || alone => Word,
                _ => Unknown,
            });
        } else if let Some(token) = match c {
            '+' | '*' | '/' | '×' | '÷' | '^' | '·' | '⋅' => Some(Operator),
            '-' | '−' | '–' => Some(Minus),
            '(' | '{' | '[' => Some(Open),
            ')' | '}' | ']' => Some(Close),
            '=' => Some(Equal),
            ' ' | '\t' => None,
            '\n' | '.' | ',' | ';' | ':' | '?' | '!' | '<' | '>' | '≠' => Some(Border),
            _ => Some(Unknown),
        } {
            tokens.push(token);
        }
        at += len;
    }
    tokens
}

/// Does a number or a bracket follow, so that an x in front is a sign of multiplication?
fn factor(rest: &str) -> bool {
    rest.trim_start_matches([' ', '$'])
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '.'))
}

/// The length of a number: digits, commas between groups of three, and a point between digits.
fn number(text: &str) -> usize {
    let digits = |i: usize| text.bytes().skip(i).take_while(u8::is_ascii_digit).count();
    let mut len = digits(0);
    while text[len..].starts_with(',') && digits(len + 1) == 3 {
        len += 4;
    }
    if text[len..].starts_with('.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    len
}
