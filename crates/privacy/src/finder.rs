//! All detectors together: the values of a text.

use crate::detector::{Country, Detector, Found};
use crate::detectors;
use crate::fold::ascii_forms;
use crate::kind::Kind;

/// Several detectors as one.
pub struct Detectors {
    all: Vec<Box<dyn Detector>>,
}

impl Default for Detectors {
    /// All kinds, all countries.
    fn default() -> Self {
        let countries: Vec<Country> = Country::ALL.iter().map(|(_, c)| *c).collect();
        Detectors::new(&Kind::ALL, &countries)
    }
}

impl Detectors {
    /// `kinds`: that are looked for; `countries`: of national numbers.
    pub fn new(kinds: &[Kind], countries: &[Country]) -> Detectors {
        let wanted = Kind::ALL.into_iter().filter(|k| kinds.contains(k));
        Detectors {
            all: wanted.map(|k| detectors::of(k, countries)).collect(),
        }
    }

    /// All values of a text, ascending, without overlap.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            self.find_in_line(line, start, &mut found);
            start += line.len();
        }
        found
    }

    fn find_in_line(&self, line: &str, start: usize, out: &mut Vec<Found>) {
        let (folded, places) = ascii_forms(line);
        let begin = out.len();
        for detector in &self.all {
            let before = out.len();
            for span in detector.find(&folded) {
                let span = match &places {
                    Some(places) => places[span.start]..places[span.end],
                    None => span,
                };
                let span = start + span.start..start + span.end;
                out.push(Found {
                    kind: detector.kind(),
                    span,
                });
            }
            settle(out, begin, before);
        }
    }
}

/// Of values from `begin` on drops those from `new` on that overlap earlier kinds, and sorts.
fn settle(found: &mut Vec<Found>, begin: usize, new: usize) {
    if found.len() == new {
        return;
    }
    let later = found.split_off(new);
    let earlier = found.split_off(begin);
    let mut free = Vec::new();
    let mut at = 0;
    for value in later {
        while earlier
            .get(at)
            .is_some_and(|e| e.span.end <= value.span.start)
        {
            at += 1;
        }
        if earlier
            .get(at)
            .is_none_or(|e| e.span.start >= value.span.end)
        {
            free.push(value);
        }
    }
    free.extend(earlier);
    free.sort_by_key(|f| f.span.start);
    found.extend(free);
}
