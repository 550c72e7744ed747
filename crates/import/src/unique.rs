//! Ids that several items of one file have: the second is `id#2`, the third `id#3`.

use std::collections::HashMap;

/// Makes ids unique, in the order in which they come.
#[derive(Debug, Clone, Default)]
pub struct UniqueIds {
    /// How often each was given.
    seen: HashMap<String, usize>,
}

impl UniqueIds {
    /// The id itself the first time, then with a number behind it.
    pub fn of(&mut self, id: String) -> String {
        let mut n = self.seen.get(&id).copied().unwrap_or(0);
        let mut unique = id.clone();
        while n > 0 {
            n += 1;
            unique = format!("{id}#{n}");
            if !self.seen.contains_key(&unique) {
                break;
            }
        }
        if n > 0 {
            self.seen.insert(id, n);
        }
        self.seen.insert(unique.clone(), 1);
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ones_have_a_number_that_no_other_has() {
        let mut ids = UniqueIds::default();
        let given = ["a", "a", "b", "a#3", "a", "a", "a#3"];
        let unique = given.map(|id| ids.of(id.into()));
        assert_eq!(unique, ["a", "a#2", "b", "a#3", "a#4", "a#5", "a#3#2"]);
    }

    #[test]
    fn many_of_one_id_take_linear_time() {
        let mut ids = UniqueIds::default();
        let last = (0..200_000).map(|_| ids.of("a".into())).last();
        assert_eq!(last.as_deref(), Some("a#200000"));
    }
}
