//! What figures have in common.

use rotescope_report::chart::Series;
use rotescope_trace::Source;

/// A series in the color of a source.
pub(super) fn of_source(source: Source) -> Series {
    Series {
        name: source.name().into(),
        color: Series::color_of(source),
        ..Series::default()
    }
}

/// Names in order of appearance, each once.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for name in names {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}
