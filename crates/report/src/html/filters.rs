//! What a reader can pick traces by.

use crate::text::escape;

/// What a reader can pick; hidden until the script runs. `searched`: where text is looked for.
pub(super) fn filters(tasks: &[String], splits: &[String], pairs: bool, searched: &str) -> String {
    let select = |name: &str, label: &str, values: &mut dyn Iterator<Item = (String, String)>| {
        let options: String = values
            .map(|(value, text)| {
                format!(
                    "<option value=\"{}\">{}</option>",
                    escape(&value),
                    escape(&text)
                )
            })
            .collect();
        format!(
            "<label>{label} <select data-filter=\"{name}\"><option value=\"\">all</option>{options}</select></label> "
        )
    };
    let same = |v: &String| (v.clone(), v.clone());
    let pairs_of = |all: &'static [(&'static str, &'static str)]| {
        all.iter().map(|(a, b)| (a.to_string(), b.to_string()))
    };
    let mut out = format!(
        "<form class=\"filters\" hidden><label class=\"text\">text <input type=\"search\" data-filter=\"text\" placeholder=\"/ {searched}\"></label> ",
    );
    if tasks.len() > 1 {
        out += &select("task", "task", &mut tasks.iter().map(same));
    }
    if splits.len() > 1 {
        out += &select("split", "split", &mut splits.iter().map(same));
    }
    out += &select(
        "verdict",
        "answer",
        &mut pairs_of(&[
            ("right", "✓ right"),
            ("wrong", "✗ wrong"),
            ("open", "· not known"),
            ("failed", "! failed"),
        ]),
    );
    let flags: &[(&str, &str)] = match pairs {
        true => &[("flagged", "differ"), ("unflagged", "do not differ")],
        false => &[
            ("flagged", "⚑ flagged"),
            ("unflagged", "not flagged"),
            ("wrong", "✗ wrong by verdict"),
            ("missed", "✗ wrong, not flagged"),
        ],
    };
    out += &select("flag", "steps", &mut pairs_of(flags));
    out + "<label><input type=\"checkbox\" data-do=\"letters\"> letters</label> <button type=\"reset\">clear</button> <output class=\"dim\" aria-live=\"polite\"></output></form>\n"
}
