//! What LaTeX's commands mean for the value of an expression.

use super::functions::{ABSOLUTE, CEILING, FLOOR};
use super::lexeme::Kind;

pub(super) enum Command {
    /// A lexeme of its own.
    Is(Kind),
    /// Nothing: `\left`, `\displaystyle`.
    Space,
    /// The edge of a formula: `\quad`.
    Border,
    /// `\begin{align}`, `\end{align}`: an edge too, with the name.
    Environment,
    /// Its braces hold words: `\text{ apples}`.
    Words,
    /// Its braces hold what would stand there without it: `\boxed{5}`.
    Plain,
    /// The sign of degrees.
    Degrees,
    /// Something that is not computed here: `\sin`.
    Unknown,
}

pub(super) fn command(name: &str) -> Command {
    match name {
        "times" | "cdot" | "ast" => Command::Is(Kind::Times),
        "div" => Command::Is(Kind::Divide),
        "frac" | "dfrac" | "tfrac" | "cfrac" => Command::Is(Kind::Fraction),
        "sqrt" => Command::Is(Kind::Root),
        "binom" | "dbinom" | "tbinom" => Command::Is(Kind::Binomial),
        "pi" => Command::Is(Kind::Pi),
        "bmod" | "mod" => Command::Is(Kind::Modulo),
        "lceil" => Command::Is(Kind::Open(CEILING)),
        "rceil" => Command::Is(Kind::Close(CEILING)),
        "lfloor" => Command::Is(Kind::Open(FLOOR)),
        "rfloor" => Command::Is(Kind::Close(FLOOR)),
        "lvert" => Command::Is(Kind::Open(ABSOLUTE)),
        "rvert" => Command::Is(Kind::Close(ABSOLUTE)),
        "approx" | "simeq" | "thickapprox" | "approxeq" => {
            Command::Is(Kind::Equal { approximate: true })
        }
        "le" | "leq" | "ge" | "geq" | "lt" | "gt" | "ne" | "neq" | "equiv" | "implies" | "to"
        | "rightarrow" | "Rightarrow" | "longrightarrow" | "Longrightarrow" | "iff"
        | "Leftrightarrow" | "leftrightarrow" | "in" | "sim" | "therefore" | "because" | "cong"
        | "propto" | "mid" | "nmid" | "ll" | "gg" | "leqslant" | "geqslant" | "mapsto"
        | "Longleftrightarrow" => Command::Is(Kind::Relation),
        "left" | "right" | "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr" | "Bigl" | "Bigr"
        | "biggl" | "biggr" | "displaystyle" | "textstyle" | "nonumber" | "limits" | "hfill"
        | "large" | "Large" | "bf" | "rm" | "it" | "notag" | "centering" => Command::Space,
        "quad" | "qquad" | "newline" | "hline" | "par" | "item" => Command::Border,
        "begin" | "end" => Command::Environment,
        "text" | "textrm" | "textit" | "textbf" | "texttt" | "mathrm" | "mbox" | "mathit"
        | "textsf" | "emph" | "operatorname" => Command::Words,
        "boxed" | "fbox" | "mathbf" | "boldsymbol" | "bm" | "underline" | "mathsf"
        | "ensuremath" | "mathtt" => Command::Plain,
        "circ" | "degree" => Command::Degrees,
        _ => Command::Unknown,
    }
}
