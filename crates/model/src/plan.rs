//! Which windows go together, so that a prefix they share is evaluated once.

use std::cmp::Reverse;

/// Windows that are evaluated together.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    /// Indices of the windows.
    pub(super) members: Vec<usize>,
    /// Their first tokens, equal in all, that are evaluated once and copied; 0 for none.
    pub(super) shared: usize,
}

/// Length of the common prefix.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Every window in exactly one group of at most `parallel`; prefixes shorter than `worth` are not shared, because a
/// copy of the cache costs more than they do.
///
/// In lexicographic order, windows that share a prefix are neighbours, and so are the groups whose prefixes begin
/// alike: the evaluator keeps the last prefix and only replaces its tail. Windows that share nothing follow, longest
/// first, since llama.cpp evaluates sequences of equal length most cheaply.
pub(super) fn plan(windows: &[&[u32]], parallel: usize, worth: usize) -> Vec<Group> {
    let worth = worth.max(1);
    let mut order: Vec<usize> = (0..windows.len()).collect();
    order.sort_by_key(|&i| windows[i]);
    let shared_at = |k: usize| match (k.checked_sub(1), order.get(k)) {
        (Some(before), Some(&i)) => common(windows[order[before]], windows[i]),
        _ => 0,
    };

    let mut groups = Vec::new();
    let mut alone = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        let mut shared = windows[order[start]].len();
        while end < order.len() && end - start < parallel {
            let next = shared.min(shared_at(end));
            // What the others lose by a shorter prefix must not exceed what the newcomer gains.
            let lost =
                (shared.min(longest_within(windows, &order[start..end])) - next) * (end - start);
            if next < worth || (end - start > 1 && lost > next) {
                break;
            }
            shared = next;
            end += 1;
        }
        if end - start == 1 {
            // Its neighbours are in other groups, but their prefix can still serve it.
            shared = shared_at(start).max(shared_at(end));
        }
        if shared >= worth {
            let members = order[start..end].to_vec();
            groups.push(Group { members, shared });
        } else {
            alone.extend_from_slice(&order[start..end]);
        }
        start = end;
    }
    alone.sort_by_key(|&i| (Reverse(windows[i].len()), i));
    groups.extend(alone.chunks(parallel.max(1)).map(|members| Group {
        members: members.to_vec(),
        shared: 0,
    }));
    groups
}

fn longest_within(windows: &[&[u32]], members: &[usize]) -> usize {
    members.iter().map(|&i| windows[i].len()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_of_one_text_share_what_precedes_the_change() {
        let windows: [&[u32]; 4] = [
            &[1, 2, 3, 4, 9],
            &[7, 7],
            &[1, 2, 3, 5, 9],
            &[1, 2, 3, 6, 9],
        ];
        let groups = plan(&windows, 8, 2);
        assert_eq!(
            groups[0],
            Group {
                members: vec![0, 2, 3],
                shared: 3
            }
        );
        assert_eq!(
            groups[1],
            Group {
                members: vec![1],
                shared: 0
            }
        );
    }

    #[test]
    fn equal_windows_are_evaluated_once() {
        let windows: [&[u32]; 3] = [&[1, 2, 3], &[1, 2, 3], &[1, 2, 3]];
        assert_eq!(
            plan(&windows, 8, 2),
            [Group {
                members: vec![0, 1, 2],
                shared: 3
            }]
        );
    }

    #[test]
    fn a_stranger_does_not_spoil_a_long_prefix() {
        let long: Vec<u32> = (0..50).collect();
        let with = |last| {
            let mut w = long.clone();
            w.push(last);
            w
        };
        let (a, b, c, d) = (with(100), with(101), vec![0, 1, 60, 61], vec![0, 1, 70, 71]);
        let groups = plan(&[&a, &b, &c, &d], 8, 2);
        assert_eq!(
            groups[0],
            Group {
                members: vec![0, 1],
                shared: 50
            }
        );
        assert_eq!(
            groups[1],
            Group {
                members: vec![2, 3],
                shared: 2
            }
        );
    }

    proptest! {
        #[test]
        fn every_window_once_and_prefixes_are_equal(
            windows in prop::collection::vec(prop::collection::vec(0u32..3, 1..12), 0..60),
            parallel in 1usize..9, worth in 1usize..5,
        ) {
            let windows: Vec<&[u32]> = windows.iter().map(Vec::as_slice).collect();
            let groups = plan(&windows, parallel, worth);
            let mut seen: Vec<usize> = groups.iter().flat_map(|g| g.members.clone()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..windows.len()).collect::<Vec<_>>());
            for g in groups {
                prop_assert!(g.members.len() <= parallel);
                prop_assert!(g.shared == 0 || g.shared >= worth);
                let first = windows[g.members[0]];
                for &m in &g.members {
                    prop_assert_eq!(windows[m].get(..g.shared), first.get(..g.shared));
                    prop_assert!(windows[m].len() >= g.shared);
                }
            }
        }
    }
}
