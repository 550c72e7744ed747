//! All documents of the files, and which of them is looked at.

use ratatui::layout::Rect;

use super::map::Map;
use rotescope_report::heat::HeatDocument;
use rotescope_trace::audit::AuditRun;

/// Heat maps on screen.
#[derive(Debug)]
pub struct HeatView {
    /// What was asked, where the file says so.
    pub run: AuditRun,
    maps: Vec<Map>,
    at: usize,
    /// Where rows and list were drawn, for the mouse.
    pub rows: Rect,
    pub list: Rect,
}

impl HeatView {
    /// Nothing without documents.
    pub fn new(run: AuditRun, documents: Vec<HeatDocument>) -> Option<HeatView> {
        let names: Vec<&str> = documents.iter().map(|d| d.name.as_str()).collect();
        let folder = folder(&names).len();
        let map = |d: HeatDocument| {
            let name = d.name[folder..].to_string();
            Map::new(d, &name)
        };
        (!documents.is_empty()).then(|| HeatView {
            run,
            maps: documents.into_iter().map(map).collect(),
            at: 0,
            rows: Rect::ZERO,
            list: Rect::ZERO,
        })
    }

    pub fn documents(&self) -> &[Map] {
        &self.maps
    }

    /// The place of the document that is looked at.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn map(&self) -> &Map {
        &self.maps[self.at]
    }

    pub fn map_mut(&mut self) -> &mut Map {
        &mut self.maps[self.at]
    }

    /// To another document, from the last to the first.
    pub fn turn(&mut self, forward: bool) {
        let n = self.maps.len();
        self.at = (self.at + if forward { 1 } else { n - 1 }) % n;
    }

    pub fn show(&mut self, at: usize) {
        self.at = at.min(self.maps.len() - 1);
    }

    /// The first document of a list of so many rows.
    pub fn first_listed(&self, height: usize) -> usize {
        (self.at + 1).saturating_sub(height.max(1))
    }
}

/// The folder that all names begin with, with its last slash.
fn folder<'a>(names: &[&'a str]) -> &'a str {
    let Some((first, others)) = names.split_first() else {
        return "";
    };
    let mut folder = first.rfind('/').map_or("", |end| &first[..=end]);
    while !others.iter().all(|n| n.starts_with(folder)) {
        let rest = folder.trim_end_matches('/');
        folder = rest.rfind('/').map_or("", |end| &folder[..=end]);
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_folder_that_all_are_in() {
        for (names, want) in [
            (vec!["/a/b/c.txt", "/a/b/d.txt"], "/a/b/"),
            (vec!["/a/b/c.txt", "/a/x/d.txt"], "/a/"),
            (vec!["a/b", "c"], ""),
            (vec!["a//b", "a//c"], "a//"),
            (vec!["document 3 (x)"], ""),
            (vec![], ""),
        ] {
            assert_eq!(folder(&names), want, "{names:?}");
        }
    }
}
