//! Traces as one HTML page that needs nothing else: no network, no other file, and no script for reading.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the page: what it begins with, its parts in order |
//! | [`summary`] | what all traces say together, in tables |
//! | [`run`] | how a trace was made, in lines |
//! | [`filters`] | what a reader can pick traces by |
//! | [`list`] | rows that open, and lines that lead to them |
//! | [`row`] | one trace as a row |
//! | [`pair`] | two completions side by side |
//! | [`data`] | what stands behind its tokens, packed |
//! | [`document`] | a document behind a token |
//! | [`style`] | the theme as variables, and the page's policy |
//! | `page.css`, `report.css` | the look of all pages, of this one |
//! | `make.js`, `page.js`, `inspect.js` | what scripts share; filters and keys; tokens |
//!
//! The summary stands first and is known last: rows are kept in a temporary file until then, so that memory does not grow with them. The page's policy
//! forbids every request and every script and style but its own. Text is escaped where it stands in HTML; the script only ever sets it as text.
//!
//! Of many traces the page is one of several: summary and figures stand above a line for each trace, which leads to the part that has its row
//! ([`Page::finish_in_parts`]).

mod data;
mod document;
mod filters;
mod list;
mod pair;
mod row;
mod run;
mod style;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};

use super::ReportOptions;
use super::text::{escape, safe};
use crate::theme::{lane, mark};
pub use document::TokenDocument;
use list::{Line, Row, encoded};
pub use pair::{Pair, PairedStep};
use rotescope_trace::jsonl::Failed;
use rotescope_trace::source::Reads;
use rotescope_trace::{Source, Trace};
pub(crate) use style::{class, policy, style};
use summary::Summary;

/// The look of all pages.
pub(crate) const PAGE_CSS: &str = include_str!("page.css");
const CSS: &str = include_str!("report.css");
/// What the scripts of all pages begin with.
pub(crate) const MAKE: &str = include_str!("make.js");
const SCRIPTS: [&str; 3] = [MAKE, include_str!("inspect.js"), include_str!("page.js")];

/// What the page begins with.
pub(super) const DOCTYPE: &str = "<!DOCTYPE html>";

/// A figure of the page, or what it takes to draw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Short, of letters and dashes.
    pub name: String,
    pub title: String,
    /// An SVG element ([`crate::chart::Chart::inline`]), or in words why there is none.
    pub picture: Result<String, String>,
    /// What it shows and what one must know to read it.
    pub caption: String,
}

/// A page while its traces are read.
#[derive(Debug)]
pub struct Page {
    rows: BufWriter<File>,
    /// Each row's bytes, and the line that leads to it.
    lines: Vec<(usize, Line)>,
    summary: Summary,
    /// How often each id was seen.
    names: HashMap<String, usize>,
}

/// How a page is cut into parts.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'n> {
    /// Rows of a part, at most.
    pub each: usize,
    /// The name of the page's file.
    pub page: &'n str,
    /// The name of the folder beside it, in which the parts are `1.html`, `2.html` and so on.
    pub folder: &'n str,
}

impl Page {
    /// # Errors
    /// Where no temporary file can be made.
    pub fn new() -> io::Result<Page> {
        Ok(Page {
            rows: BufWriter::new(tempfile::tempfile()?),
            lines: Vec::new(),
            summary: Summary::default(),
            names: HashMap::new(),
        })
    }

    /// Rows of the page: traces, pairs, failed prompts.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    fn add(&mut self, row: Row) -> io::Result<()> {
        let text = row.whole();
        self.lines.push((text.len(), Line::of(row)));
        self.rows.write_all(text.as_bytes())
    }

    /// Adds a trace, with the documents behind its tokens where they were looked up.
    ///
    /// # Errors
    /// Where the temporary file cannot be written.
    pub fn trace(
        &mut self,
        t: &Trace,
        documents: &BTreeMap<usize, Vec<TokenDocument>>,
        o: &ReportOptions,
    ) -> io::Result<()> {
        self.summary.add(t);
        let name = self.name(&t.prompt.id);
        self.add(row::row(t, &name, o, documents)?)
    }

    /// Adds two completions side by side.
    ///
    /// # Errors
    /// As [`Page::trace`].
    pub fn pair(&mut self, pair: &Pair, o: &ReportOptions) -> io::Result<()> {
        self.summary.add_pair(pair);
        let name = self.name(&pair.b.prompt.id);
        self.add(pair::row(pair, &name, o))
    }

    /// Adds a prompt that could not be run.
    ///
    /// # Errors
    /// As [`Page::trace`].
    pub fn failed(&mut self, f: &Failed) -> io::Result<()> {
        self.summary.failed += 1;
        let name = self.name(&f.id);
        self.add(row::failed(f, &name))
    }

    /// The address of a trace: its id, with a number behind from the second of this id on.
    fn name(&mut self, id: &str) -> String {
        let id = safe(id);
        let seen = self.names.entry(id.clone()).or_default();
        *seen += 1;
        match *seen {
            1 => id,
            n => self.name(&format!("{id}~{n}")),
        }
    }

    /// Writes the page.
    ///
    /// # Errors
    /// Where the page cannot be written, or the temporary file not be read.
    pub fn finish(
        mut self,
        out: &mut impl Write,
        figures: &[Figure],
        o: &ReportOptions,
    ) -> io::Result<()> {
        let frame = self.begin(out, figures, WHOLE, o)?;
        io::copy(self.rows.get_mut(), out)?;
        self.end(out, &frame)
    }

    /// Writes the page with a line for each row, and the rows in parts: `part` gets their numbers, from 1, and what they hold.
    ///
    /// # Errors
    /// As [`Page::finish`], and those of `part`.
    pub fn finish_in_parts(
        mut self,
        out: &mut impl Write,
        figures: &[Figure],
        o: &ReportOptions,
        parts: Parts<'_>,
        part: &mut dyn FnMut(usize, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let frame = self.begin(out, figures, LINES, o)?;
        let all = self.lines.len().div_ceil(parts.each);
        for number in 1..=all {
            let first = (number - 1) * parts.each;
            let lines = &self.lines[first..self.lines.len().min(first + parts.each)];
            let (folder, mut text) = (encoded(parts.folder), String::new());
            for (_, line) in lines {
                line.write(&mut text, &format!("{folder}/{number}.html"));
            }
            out.write_all(text.as_bytes())?;
            let bytes: usize = lines.iter().map(|(bytes, _)| bytes).sum();
            let mut content = Vec::with_capacity(bytes + 100_000);
            frame.begin(&mut content, &around(parts.page, number, all))?;
            self.begin_rows(&mut content, WHOLE, o)?;
            io::copy(&mut self.rows.get_mut().take(bytes as u64), &mut content)?;
            self.end(&mut content, &frame)?;
            part(number, &content)?;
        }
        self.end(out, &frame)
    }

    /// Writes all that stands above the rows, which can be read from their beginning then.
    fn begin(
        &mut self,
        out: &mut impl Write,
        figures: &[Figure],
        searched: &str,
        o: &ReportOptions,
    ) -> io::Result<Frame> {
        let frame = Frame::new(self.summary.title(), o);
        frame.begin(out, &navigation(figures))?;
        self.summary.write(out)?;
        write_figures(out, figures)?;
        self.begin_rows(out, searched, o)?;
        self.rows.rewind()?;
        Ok(frame)
    }

    /// What stands right above the rows.
    fn begin_rows(
        &self,
        out: &mut impl Write,
        searched: &str,
        o: &ReportOptions,
    ) -> io::Result<()> {
        let pairs = self.summary.has_pairs();
        write!(
            out,
            "<section class=\"traces\">\n<h2 id=\"rotescope-traces\">{}</h2>\n{}{}<div class=\"list\">\n",
            if pairs { "Pairs" } else { "Traces" },
            legend(o, pairs),
            self.summary.filters(searched)
        )
    }

    fn end(&self, out: &mut impl Write, frame: &Frame) -> io::Result<()> {
        write!(out, "</div>\n</section>\n")?;
        frame.end(out, &self.summary.counts())
    }
}

/// Where text is looked for: in rows that are there, and in lines that lead to rows.
const WHOLE: &str = "id, question, completion";
const LINES: &str = "id, question, answer";

/// What the page and its parts have around them.
struct Frame {
    title: String,
    css: String,
    script: String,
}

impl Frame {
    fn new(title: String, o: &ReportOptions) -> Frame {
        Frame {
            title: escape(&title),
            css: style(o) + PAGE_CSS + CSS,
            script: SCRIPTS.concat(),
        }
    }

    /// `links`: where one can go from here.
    fn begin(&self, out: &mut impl Write, links: &str) -> io::Result<()> {
        let Frame { title, css, script } = self;
        let policy = policy(css, script);
        let marks: Vec<String> = Source::ALL
            .iter()
            .map(|s| format!("{}:{}", s.name(), mark(*s)))
            .collect();
        write!(
            out,
            "{DOCTYPE}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{policy}\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>rotescope: {title}</title>\n<style>{css}</style>\n</head>\n\
             <body data-sources=\"{}\">\n<header>\n<h1>rotescope</h1>\n<p class=\"dim\">{title}</p>\n\
             <nav>{links} \
             <span class=\"tools\" hidden><button type=\"button\" data-do=\"look\">light or dark</button> <button type=\"button\" data-do=\"keys\">keys</button></span></nav>\n</header>\n<main>\n",
            marks.join(" ")
        )
    }

    fn end(&self, out: &mut impl Write, counts: &str) -> io::Result<()> {
        write!(
            out,
            "</main>\n<footer class=\"dim\">{} · rotescope {}</footer>\n<script>{}</script>\n</body>\n</html>\n",
            escape(counts),
            env!("CARGO_PKG_VERSION"),
            self.script
        )
    }
}

/// Links of the page.
fn navigation(figures: &[Figure]) -> String {
    let figures = match figures {
        [] => "",
        _ => " <a href=\"#rotescope-figures\">Figures</a>",
    };
    format!(
        "<a href=\"#rotescope-summary\">Summary</a>{figures} <a href=\"#rotescope-traces\">Traces</a>"
    )
}

/// Links of a part, of so many.
fn around(page: &str, number: usize, all: usize) -> String {
    let mut links = format!("<a href=\"../{}\">Summary</a>", encoded(page));
    if number > 1 {
        links += &format!(
            " <a href=\"{}.html\" rel=\"prev\">Part before</a>",
            number - 1
        );
    }
    links += &format!(" <span>part {number} of {all}</span>");
    if number < all {
        links += &format!(
            " <a href=\"{}.html\" rel=\"next\">Next part</a>",
            number + 1
        );
    }
    links
}

fn write_figures(out: &mut impl Write, figures: &[Figure]) -> io::Result<()> {
    if figures.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2 id=\"rotescope-figures\">Figures</h2>\n<div class=\"figures\">"
    )?;
    for f in figures {
        if let Ok(svg) = &f.picture {
            writeln!(
                out,
                "<figure>{svg}<figcaption>{}</figcaption></figure>",
                escape(&f.caption)
            )?;
        }
    }
    writeln!(out, "</div>")?;
    let missing = figures
        .iter()
        .filter_map(|f| Some((f, f.picture.as_ref().err()?)));
    let missing: Vec<String> = missing
        .map(|(f, why)| format!("<dt>{}</dt><dd>{}</dd>", escape(&f.title), escape(why)))
        .collect();
    if !missing.is_empty() {
        writeln!(
            out,
            "<details class=\"missing\"><summary>{} figures cannot be drawn from these traces</summary><dl>{}</dl></details>",
            missing.len(),
            missing.concat()
        )?;
    }
    writeln!(out, "</section>")
}

/// What colors, lines and letters stand for.
fn legend(o: &ReportOptions, pairs: bool) -> String {
    let mut out = String::from("<div class=\"legend\">");
    for source in Source::ALL {
        let about = source.about();
        let from = match about.reads {
            Reads::Before => "the text right before",
            Reads::Output => "earlier output",
            Reads::Question => "the question",
        };
        out += &format!("<span><kbd>{}</kbd> {}, {from}:", about.mark, source.name());
        for s in 1..=5u8 {
            out += &format!(
                " <b class=\"{}\">{}&nbsp;{:.1}</b>",
                class(source, s),
                lane(s),
                f64::from(s) / 5.0
            );
        }
        out += "</span>";
    }
    out += match pairs {
        true => {
            "<span><b class=\"mapped\">thin line</b>: changed as the prompt was</span><span><b class=\"changed\">dashed box</b>: differs, and the change of the prompt does not say \
             why</span><span><b class=\"copied\">double box</b>: a number of the original that should have changed</span>"
        }
        false => "<span><b class=\"wrong\">dotted box</b>: a verifier calls the token wrong</span>",
    };
    out + &format!(
        "</div>\n<p class=\"dim\">Color: {}.</p>\n",
        escape(&o.measure.meaning())
    )
}

/// JSON inside a script element: nothing in it can end the element.
pub(super) fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
