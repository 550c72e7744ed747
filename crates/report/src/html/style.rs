//! A theme as style rules, and the policy under which a page runs nothing but what it brought.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::ReportOptions;
use crate::svg::hex;
use crate::theme::{Role, Theme};
use rotescope_trace::Source;

/// What a page forbids itself: every request, and every style and script but these two (Content Security Policy, level 3).
pub(crate) fn policy(css: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'\">",
        hash(css),
        hash(script)
    )
}

/// The colors of a page as variables: those of the theme, or of the reader's choice of light and dark, which `data-look` on the root overrules.
pub(crate) fn style(o: &ReportOptions) -> String {
    let mut css = format!(":root {{\n{}}}\n", variables(&o.theme));
    if let Some(dark) = &o.dark {
        let dark = variables(dark);
        let _ = write!(
            css,
            "@media screen and (prefers-color-scheme: dark) {{ :root:not([data-look=\"light\"]) {{\n{dark}}} }}\n\
             @media screen {{ :root[data-look=\"dark\"] {{\n{dark}}} }}\n"
        );
    }
    for source in Source::ALL {
        let name = source.name();
        let _ = writeln!(css, ".bar .of-{name} {{ fill: var(--{name}5); }}");
        for strength in 1..=5 {
            let name = class(source, strength);
            let style = o.theme.source(source, strength);
            let _ = write!(css, ".{name} {{ color: var(--{name});");
            for (on, rule) in [
                (style.bold, " font-weight: bold;"),
                (style.italic, " font-style: italic;"),
                (
                    style.underline,
                    " text-decoration-line: underline; text-decoration-thickness: 2px;",
                ),
            ] {
                if on {
                    css.push_str(rule);
                }
            }
            css.push_str(" }\n");
        }
    }
    css
}

fn variables(theme: &Theme) -> String {
    let scheme = if theme.is_dark() { "dark" } else { "light" };
    let mut css = format!(
        "color-scheme: {scheme}; --page: {};",
        hex(theme.background())
    );
    for role in Role::ALL {
        if let Some(fg) = theme.style(role).fg {
            let _ = write!(css, " --{}: {};", role.name(), hex(fg));
        }
    }
    for (name, role) in [("selected", Role::Selection), ("found", Role::Match)] {
        if let Some(bg) = theme.style(role).bg {
            let _ = write!(css, " --{name}: {};", hex(bg));
        }
    }
    css.push('\n');
    for source in Source::ALL {
        for strength in 1..=5 {
            if let Some(fg) = theme.source(source, strength).fg {
                let _ = write!(css, " --{}: {};", class(source, strength), hex(fg));
            }
        }
    }
    css.push('\n');
    css
}

/// Class of a source and a strength; empty for strength 0.
pub(crate) fn class(source: Source, strength: u8) -> String {
    match strength {
        0 => String::new(),
        s => format!("{}{s}", source.name()),
    }
}
