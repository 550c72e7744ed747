//! How often pairs of words occur together within a window.
//!
//! A batch has few words in many pairs (5 salient words with 21 candidates), so the postings of all words are walked once, side by side: documents
//! in blocks, for each block a table of how often each of up to eight words is in each document, and each other word multiplied with the rows that it
//! meets. In documents that are no longer than the window ([`super::lengths`]) the numbers multiply and no position is read; of the others the
//! positions of a word are read once for all pairs, and looked up in those of the words of the table ([`super::near`]). Segments are walked side by side.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;
use tantivy::directory::{CompositeFile, FileSlice};
use tantivy::index::SegmentComponent;
use tantivy::positions::PositionReader;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

use super::index::DocumentIndex;
use super::lengths::{Lengths, Window};
use super::near::Near;
use super::walker::{Places, Walker, add_positions};
use crate::error::CorpusError;
use crate::group::{Group, LANES, Pair, numbered};
use crate::ngrams::count_pairs;

/// Documents of a block: the table of all lanes fits the processor's second cache.
const BLOCK: u32 = 4096;
/// Documents of a block where places of words are held too.
const BLOCK_OF_PLACES: u32 = 1024;
/// Beyond this ratio of documents, a frequent word is looked up only where the rare one is.
const MUCH_RARER: u32 = 128;
/// Up to so many pairs it is quicker to look at all of them.
const FEW: u64 = 64;

impl DocumentIndex {
    /// How often the words of each pair occur at most `n` words apart in one document.
    pub(crate) fn pairs_within(
        &self,
        pairs: &[(String, String)],
        n: u32,
    ) -> Result<Vec<u64>, CorpusError> {
        let (words, asked) = numbered(pairs.iter().map(|(a, b)| [a.as_str(), b.as_str()]));
        self.ask(|| {
            let segments = self.searcher.segment_readers().iter();
            let segments: Vec<_> = segments.zip(self.lengths()?).collect();
            let count = |(segment, lengths): &(&SegmentReader, &Lengths)| {
                let mut counts = vec![0; pairs.len()];
                // Another thread's panics are guarded there.
                self.ask(|| {
                    let segment = self.segment(segment, lengths.window(n), &words)?;
                    let counted = segment.count(&asked, &mut counts);
                    counted.map_err(|e| self.failed(e.into()))
                })?;
                Ok(counts)
            };
            let counts: Result<Vec<Vec<u64>>, CorpusError> =
                segments.par_iter().map(count).collect();
            let mut all = vec![0; pairs.len()];
            for counts in counts? {
                all.iter_mut()
                    .zip(counts)
                    .for_each(|(all, count)| *all += count);
            }
            Ok(all)
        })
    }

    /// What a question needs of a segment.
    fn segment<'a>(
        &self,
        segment: &SegmentReader,
        window: Window<'a>,
        words: &[&str],
    ) -> Result<Segment<'a>, CorpusError> {
        let index = segment
            .inverted_index(self.fields.text)
            .map_err(|e| self.failed(e))?;
        let found = words.iter().map(|word| self.term(&index, word));
        let words = found.collect::<Result<_, _>>()?;
        let positions = if window.all_are_short {
            None
        } else {
            let file = segment
                .open_read(SegmentComponent::Positions)
                .map_err(|e| self.failed(e.into()))?;
            let fields = CompositeFile::open(&file).map_err(|e| self.failed(e.into()))?;
            fields.open_read(self.fields.text)
        };
        Ok(Segment {
            index,
            words,
            window,
            positions,
        })
    }
}

/// A segment and the words that are asked for, as far as it has them.
struct Segment<'a> {
    index: Arc<InvertedIndexReader>,
    words: Vec<Option<TermInfo>>,
    window: Window<'a>,
    /// Where positions of words are; none where no position is needed.
    positions: Option<FileSlice>,
}

impl Segment<'_> {
    /// Adds the segment's counts to those of the pairs.
    fn count(&self, pairs: &[[usize; 2]], counts: &mut [u64]) -> io::Result<()> {
        let mut left: Vec<Pair> = Vec::new();
        for (pair, &[a, b]) in pairs.iter().enumerate() {
            let (Some(x), Some(y)) = (&self.words[a], &self.words[b]) else {
                continue;
            };
            let (rare, other) = if x.doc_freq <= y.doc_freq {
                (x, y)
            } else {
                (y, x)
            };
            if a == b {
                counts[pair] += self.with_itself(x)?;
            } else if rare.doc_freq.saturating_mul(MUCH_RARER) < other.doc_freq {
                counts[pair] += self.looked_up(rare, other)?;
            } else {
                left.push((pair, a, b));
            }
        }
        while !left.is_empty() {
            let group = Group::taken_from(&mut left);
            match group.lanes.len() {
                1 => self.walk::<1>(&group, counts)?,
                _ => self.walk::<LANES>(&group, counts)?,
            }
        }
        Ok(())
    }

    /// Walks the postings of a group's words, a block of documents after the other.
    fn walk<const N: usize>(&self, group: &Group, counts: &mut [u64]) -> io::Result<()> {
        let (block, held) = match self.window.all_are_short {
            true => (BLOCK, 0),
            false => (BLOCK_OF_PLACES, BLOCK_OF_PLACES),
        };
        let mut table = vec![[0u32; N]; block as usize];
        let mut near = Near::<N>::new(held, self.most());
        let mut lanes = Vec::with_capacity(N);
        for &word in &group.lanes {
            lanes.push(self.walking(word)?);
        }
        let mut partners = Vec::with_capacity(group.partners.len());
        for &word in group.partners.keys() {
            partners.push((self.walking(word)?, [0u64; N]));
        }
        loop {
            let next = partners
                .iter()
                .map(|(partner, _)| partner.walker.document());
            let next = next.min().unwrap_or(TERMINATED);
            let is_over = lanes.iter().all(|l| l.walker.document() >= TERMINATED);
            if is_over || next >= TERMINATED {
                break;
            }
            let first = next / block * block;
            let end = first + block;
            let mut any = false;
            for (k, lane) in lanes.iter_mut().enumerate() {
                self.skip(lane, first);
                lane.far.forget();
                any |= lane.walker.each(end, |document, number| {
                    if self.window.spans(document) {
                        table[(document - first) as usize][k] = number;
                        lane.far.pass(number);
                    } else {
                        lane.far.want(document, number);
                    }
                });
                lane.far.read(self.most())?;
            }
            near.lay_out(first, lanes.iter().map(|lane| &lane.far))?;
            for (partner, sums) in &mut partners {
                if !any {
                    self.skip(partner, end);
                    continue;
                }
                partner.far.forget();
                let mut found = *sums;
                partner.walker.each(end, |document, number| {
                    if self.window.spans(document) {
                        let row = table[(document - first) as usize];
                        for k in 0..N {
                            found[k] += u64::from(row[k]) * u64::from(number);
                        }
                        partner.far.pass(number);
                    } else if near.has(document) {
                        partner.far.want(document, number);
                    } else {
                        partner.far.pass(number);
                    }
                });
                partner.far.read(self.most())?;
                let add = |document, positions: &[u32]| {
                    near.add(document, positions, self.window.n, &mut found);
                };
                partner.far.each(add);
                *sums = found;
            }
            if any {
                table.fill([0; N]);
            }
        }
        for ((_, sums), pairs) in partners.iter().zip(group.partners.values()) {
            for &(lane, pair) in pairs {
                counts[pair] += sums[lane];
            }
        }
        Ok(())
    }

    fn walking(&self, word: usize) -> io::Result<Walking> {
        let Some(term) = &self.words[word] else {
            return Ok(Walking::default());
        };
        let option = IndexRecordOption::WithFreqs;
        let postings = self.index.read_block_postings_from_terminfo(term, option)?;
        let far = match &self.positions {
            Some(positions) => {
                let range = term.positions_range.clone();
                Places::new(PositionReader::open(positions.read_bytes_slice(range)?)?)
            }
            None => Places::default(),
        };
        Ok(Walking {
            walker: Walker::new(postings),
            far,
        })
    }

    /// Goes on to the first document that is `target` or behind it.
    fn skip(&self, walking: &mut Walking, target: DocId) {
        if self.window.all_are_short {
            walking.walker.seek(target);
        } else {
            let far = &mut walking.far;
            walking.walker.each(target, |_, number| far.pass(number));
        }
    }

    /// Words of all documents: no word has more positions.
    fn most(&self) -> u64 {
        self.index.total_num_tokens()
    }

    /// The postings of a word, with positions where any are needed.
    fn postings(&self, term: &TermInfo) -> io::Result<SegmentPostings> {
        let option = if self.window.all_are_short {
            IndexRecordOption::WithFreqs
        } else {
            IndexRecordOption::WithFreqsAndPositions
        };
        self.index.read_postings_from_terminfo(term, option)
    }

    /// Pairs of a rare word and a frequent one, whose postings are read only where the rare one is.
    fn looked_up(&self, rare: &TermInfo, other: &TermInfo) -> io::Result<u64> {
        let (mut rare, mut other) = (self.postings(rare)?, self.postings(other)?);
        let (mut own, mut others) = (Vec::new(), Vec::new());
        let mut count = 0;
        // Documents beyond are damage, and tantivy would look for them for ever.
        while rare.doc() < TERMINATED {
            let document = rare.doc();
            if other.doc() < document {
                other.seek(document);
            }
            if other.doc() == document {
                count += if self.window.spans(document) {
                    u64::from(rare.term_freq()) * u64::from(other.term_freq())
                } else {
                    own.clear();
                    others.clear();
                    add_positions(&mut rare, self.most(), &mut own)?;
                    add_positions(&mut other, self.most(), &mut others)?;
                    within(&own, &others, self.window.n)
                };
            }
            rare.advance();
        }
        Ok(count)
    }

    /// Unordered pairs of two different occurrences of one word.
    fn with_itself(&self, term: &TermInfo) -> io::Result<u64> {
        let mut postings = self.postings(term)?;
        let mut positions = Vec::new();
        let mut count = 0;
        while postings.doc() != TERMINATED {
            let number = u64::from(postings.term_freq());
            let ordered = if self.window.spans(postings.doc()) {
                number * number
            } else {
                positions.clear();
                add_positions(&mut postings, self.most(), &mut positions)?;
                within(&positions, &positions, self.window.n)
            };
            count += ordered.saturating_sub(number) / 2;
            postings.advance();
        }
        Ok(count)
    }
}

/// A word that is walked, and its places in the documents that are longer than the window.
#[derive(Default)]
struct Walking {
    walker: Walker,
    far: Places,
}

/// Pairs of positions, one of each list, at most `n` apart.
fn within(a: &[u32], b: &[u32], n: u32) -> u64 {
    let ends = (a.first().zip(a.last()), b.first().zip(b.last()));
    let (Some((a_first, a_last)), Some((b_first, b_last))) = ends else {
        return 0;
    };
    let all = a.len() as u64 * b.len() as u64;
    if a_last.max(b_last) - a_first.min(b_first) <= n {
        return all;
    }
    if all <= FEW {
        let near = |x: u32| {
            b.iter()
                .map(|&y| u64::from(x.abs_diff(y) <= n))
                .sum::<u64>()
        };
        return a.iter().map(|&x| near(x)).sum();
    }
    let Ok(pairs) = count_pairs(a, b, n, |_| Ok::<_, Infallible>(0..u32::MAX));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::DocumentWriter;
    use crate::documents::lengths::Lengths;
    use crate::read::RawDocument;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn naive(a: &[u32], b: &[u32], n: u32) -> u64 {
        let near = |x: u32| b.iter().filter(|&&y| x.abs_diff(y) <= n).count() as u64;
        a.iter().map(|&x| near(x)).sum()
    }

    proptest! {
        #[test]
        fn within_looks_at_all_pairs(
            a in prop::collection::btree_set(0u32..400, 0..80), b in prop::collection::btree_set(0u32..400, 0..80), n in 0u32..500,
        ) {
            let (a, b): (Vec<u32>, Vec<u32>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert_eq!(within(&a, &b, n), naive(&a, &b, n));
        }
    }

    /// Documents of words `0` to `11`: `0` in nearly all, `10` in few, `11` in two; some longer than any window that is asked for.
    fn documents() -> Vec<Vec<u32>> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut document = |i: usize| {
            let len = match i % 100 {
                0 => rng.random_range(900..1300),
                1..10 => rng.random_range(30..60),
                _ => rng.random_range(0..9),
            };
            let word = |_| match rng.random_range(0..1000) {
                0 => 10,
                _ => 2u32.pow(rng.random_range(0..4)) - 1 + rng.random_range(0..2),
            };
            let mut document: Vec<u32> = (0..len).map(word).collect();
            if i % 5000 == 300 {
                document.extend([11, 0, 11]);
            }
            document
        };
        (0..10_000).map(&mut document).collect()
    }

    #[test]
    fn counts_are_those_of_looking_at_every_document() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("documents");
        let documents = documents();
        // Several threads, so several segments.
        let mut writer = DocumentWriter::create(&folder, 64 << 20).unwrap();
        for (i, document) in documents.iter().enumerate() {
            let text: Vec<String> = document.iter().map(u32::to_string).collect();
            let raw = RawDocument::of(&text.join(" "));
            writer.push(i as u64, 0, raw).unwrap();
        }
        writer.finish().unwrap();
        let mut index = DocumentIndex::open(&folder).unwrap();
        let words: Vec<String> = (0..=12).map(|w: u32| w.to_string()).collect();
        let pairs: Vec<(String, String)> = words
            .iter()
            .flat_map(|a| words.iter().map(|b| (a.clone(), b.clone())))
            .collect();
        let places = |document: &[u32], word: u32| -> Vec<u32> {
            let at = document.iter().zip(0..).filter(|&(&w, _)| w == word);
            at.map(|(_, at)| at).collect()
        };
        let places: Vec<Vec<Vec<u32>>> = documents
            .iter()
            .map(|d| (0..=12).map(|w| places(d, w)).collect())
            .collect();
        for is_known in [true, false] {
            if !is_known {
                let segments = index.lengths().unwrap().len();
                index.forget_lengths((0..segments).map(|_| Lengths::unknown()).collect());
            }
            for n in [0, 3, 45, 1000, u32::MAX] {
                let counts = index.pairs_within(&pairs, n).unwrap();
                for (i, count) in counts.into_iter().enumerate() {
                    let (a, b) = (i / 13, i % 13);
                    let want: u64 = places
                        .iter()
                        .map(|places| match naive(&places[a], &places[b], n) {
                            ordered if a == b => (ordered - places[a].len() as u64) / 2,
                            all => all,
                        })
                        .sum();
                    assert_eq!(
                        count, want,
                        "{a} with {b}, {n} apart, lengths known: {is_known}"
                    );
                }
            }
        }
    }
}
