//! Pairs in groups, so that a batch of pairs costs what its members cost: few members are in many pairs.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Members whose numbers stand side by side in a table.
pub(crate) const LANES: usize = 8;

/// A pair: its place among the counts, and the numbers of its members.
pub(crate) type Pair = (usize, usize, usize);

/// The different members of pairs, and the pairs by the numbers of these.
pub(crate) fn numbered<T: Copy + Eq + Hash>(
    pairs: impl Iterator<Item = [T; 2]>,
) -> (Vec<T>, Vec<[usize; 2]>) {
    let mut numbers: HashMap<T, usize> = HashMap::new();
    let mut members = Vec::new();
    let mut number = |member| {
        *numbers.entry(member).or_insert_with(|| {
            members.push(member);
            members.len() - 1
        })
    };
    let pairs = pairs.map(|pair| pair.map(&mut number)).collect();
    (members, pairs)
}

/// Members whose numbers stand in the table, and the members that they are in pairs with.
#[derive(Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) lanes: Vec<usize>,
    /// By member: its pairs, in the order of lanes, each a lane and the pair's place among the counts.
    pub(crate) partners: BTreeMap<usize, Vec<(usize, usize)>>,
}

impl Group {
    /// Takes the members that are in most pairs, with all those pairs.
    pub(crate) fn taken_from(left: &mut Vec<Pair>) -> Self {
        let mut group = Group {
            lanes: Vec::new(),
            partners: BTreeMap::new(),
        };
        while group.lanes.len() < LANES && !left.is_empty() {
            let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
            for &(_, a, b) in &*left {
                *pairs.entry(a).or_default() += 1;
                *pairs.entry(b).or_default() += 1;
            }
            let most = pairs.into_iter().max_by_key(|&(_, pairs)| pairs);
            let Some((word, _)) = most else { break };
            let lane = group.lanes.len();
            left.retain(|&(pair, a, b)| {
                if a != word && b != word {
                    return true;
                }
                let partner = if a == word { b } else { a };
                group
                    .partners
                    .entry(partner)
                    .or_default()
                    .push((lane, pair));
                false
            });
            group.lanes.push(word);
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_most_pairs_stand_in_the_table() {
        // 0 and 1 with 2, 3, 4; and 0 with 1.
        let mut left = vec![
            (0, 2, 0),
            (1, 2, 1),
            (2, 0, 3),
            (3, 1, 3),
            (4, 0, 4),
            (5, 1, 4),
            (6, 0, 1),
        ];
        let group = Group::taken_from(&mut left);
        assert_eq!(group.lanes, [1, 0]);
        assert_eq!(group.partners[&2], [(0, 1), (1, 0)]);
        assert_eq!(group.partners[&0], [(0, 6)]);
        assert!(left.is_empty());
        let mut apart: Vec<Pair> = (0..20).map(|i| (i, 2 * i, 2 * i + 1)).collect();
        assert_eq!(Group::taken_from(&mut apart).lanes.len(), LANES);
        assert_eq!(apart.len(), 20 - LANES);
    }
}
