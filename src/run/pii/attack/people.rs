//! Other people in the place of true ones: made of the first name of one and the last name of another, and such as nowhere occur.

use std::collections::{BTreeMap, BTreeSet};

use super::targets::Target;
use crate::run::audit::error::AuditError;
use rotescope_audit::random::Random;
use rotescope_privacy::attack::{Names, Person};

/// Names that are tried for each person.
const TRIED: u64 = 8;

/// Gives each target another person, where there is one; says how many persons have none.
///
/// `read`: goes through all that there is to read, so that names that occur are seen.
///
/// # Errors
/// What cannot be read.
pub fn recombine(
    targets: &mut [Target],
    seed: u64,
    read: &mut dyn FnMut(&mut Names) -> Result<(), AuditError>,
) -> Result<usize, AuditError> {
    let people: BTreeSet<Person> = targets.iter().filter_map(|t| t.person.clone()).collect();
    let all = |part: fn(&Person) -> &String| -> Vec<String> {
        let parts: BTreeSet<&String> = people.iter().map(part).collect();
        parts.into_iter().cloned().collect()
    };
    let (firsts, lasts) = (all(|p| &p.first), all(|p| &p.last));
    let mut tried: Vec<(&Person, Person)> = Vec::new();
    for person in &people {
        let mut random = Random::named(seed, &person.name());
        for _ in 0..TRIED {
            let mut of = |all: &[String]| all[random.below(all.len() as u64) as usize].clone();
            let other = Person {
                first: of(&firsts),
                middle: person.middle.clone(),
                last: of(&lasts),
            };
            if other.first != person.first && other.last != person.last {
                tried.push((person, other));
            }
        }
    }
    // A middle name does not make it another person.
    let plain = |p: &Person| format!("{} {}", p.first, p.last);
    let names: Vec<String> = tried.iter().map(|(_, other)| plain(other)).collect();
    let own: BTreeSet<String> = people.iter().map(plain).collect();
    let mut occurring = Names::new(&names);
    read(&mut occurring)?;
    let mut others: BTreeMap<&Person, &Person> = BTreeMap::new();
    for (i, (person, other)) in tried.iter().enumerate() {
        if !occurring.seen()[i] && !own.contains(&names[i]) {
            others.entry(person).or_insert(other);
        }
    }
    for target in targets.iter_mut() {
        target.other = target
            .person
            .as_ref()
            .and_then(|p| others.get(p))
            .map(|p| (*p).clone());
    }
    Ok(people.len() - others.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_new_combinations_that_do_not_occur() {
        let of = |name: &str| Target {
            person: Person::new(name),
            ..Target::default()
        };
        let mut targets = ["Ada Taxus", "Yann Yalail", "Walt Zoukest", "Ada Taxus"]
            .map(of)
            .to_vec();
        targets.push(Target::default());
        // One combination is said to occur: nobody gets it.
        let text = "ada yalail";
        let mut read = |names: &mut Names| {
            names.read(text);
            Ok(())
        };
        let without = recombine(&mut targets, 0, &mut read).unwrap();
        let others: Vec<Option<String>> = targets
            .iter()
            .map(|t| t.other.as_ref().map(Person::name))
            .collect();
        assert_eq!(others[0], others[3]);
        assert_eq!(others[4], None);
        assert_eq!(others[..3].iter().filter(|o| o.is_none()).count(), without);
        for (target, other) in targets.iter().zip(&others) {
            let Some(other) = other else { continue };
            let own = target.person.as_ref().unwrap();
            assert!(
                !other.contains(&own.first) && !other.contains(&own.last),
                "{other}"
            );
            assert_ne!(other, "Ada Yalail");
        }
        // Who is alone has no other.
        let mut alone = vec![of("Ada Taxus")];
        assert_eq!(recombine(&mut alone, 0, &mut |_| Ok(())).unwrap(), 1);
    }
}
