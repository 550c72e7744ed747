//! The persons that a text names.
//!
//! A capital says little: sentences, months, places and brands begin with one too. What tells a person is what stands around the name, in any of its
//! places: a verb that persons do ("Tom buys"), a title, a relation ("her friend Tom"), another person ("Tom and Ann"), a giving ("gave Tom 5"). What
//! tells a place or a thing: "in", "at" or "the" before it, another capital next to it.

use std::collections::{HashMap, HashSet};

use rotescope_text::{is_stop_word, words};

use super::lists::NAMES;
use super::role::is_calendar;

/// No more persons than this are looked for in a text.
const MOST: usize = 64;

/// Verbs and the like that follow persons, and seldom things.
const VERBS: &str = "have has had is was does did can could will would wants wanted needs needed buys bought sells sold makes made gives gave gets got goes \
went takes took eats ate drinks drank runs ran walks walked reads read writes wrote earns earned spends spent pays paid saves saved works worked plays \
played bakes baked cooks cooked finds found collects collected plants planted owns owned decides decided loves loved likes liked starts started \
receives received drives drove uses used picks picked sees saw brings brought thinks thought knows knew says said told tells puts put throws threw \
keeps kept loses lost wins won lives lived sleeps slept catches caught builds built draws drew rides rode scores scored orders ordered plans planned \
ordered then also only just already still sends sent invites invited visits visited shares shared helps helped weighs weighed must might should \
finishes finished travels travelled traveled spent went gathers gathered practices practiced watches watched receives swims swam hires hired hits hit \
feeds fed cuts cut lends lent borrows borrowed raises raised adds added";

/// Those that follow things as well: "Tax is 10%".
const WEAK: &str = "is was does did can could will would has had must might should then also only just already still costs cost makes made takes took gets \
got went goes works worked weighs weighed starts started keeps kept";

/// Words before a person in a question or a clause.
const BEFORE: &str = "did does do will would can could should is was has had if when since that while because until before after";

/// Words before a person.
const RELATIONS: &str = "friend friends brother brothers sister sisters son sons daughter daughters cousin cousins uncle aunt wife husband named called \
neighbor neighbour classmate colleague mother father grandmother grandfather grandma grandpa mom dad teacher roommate partner student boy girl man woman \
coworker nephew niece twin twins boyfriend girlfriend than";

/// Verbs between the subject and the person who gets something.
const GIVING: &str = "give gives gave giving lend lends lent pays pay paid owes owe owed tells told asks asked sends sent helps helped hands handed sold \
sells bought buys brings brought offers offered";

const TITLES: &str = "mr mrs ms miss dr";

const PLACES: &str = "in at near the from on into a an this these every each for of inside around";

/// Capitalized words that are no persons, whatever stands around them.
const OTHERS: &str = "English French Spanish American Americans Chinese Japanese German Italian Mexican Indian British Canadian European African Asian \
Christmas Easter Halloween Thanksgiving Valentine Math Mathematics Science History Physics Chemistry Biology Art Earth Mars Moon Sun Internet Facebook \
Netflix Youtube Instagram Twitter Google Amazon Walmart Target Disney Disneyland Pokemon Lego Legos America Europe Africa Asia Australia London Paris \
Tokyo Texas California Florida Chicago Boston Miami Mom Dad Grandma Grandpa Grandmother Grandfather Mother Father Mommy Daddy Uncle Aunt Mr Mrs Ms Dr \
Miss Coach Professor President King Queen Prince Princess Santa Day Week Month Year Street School Park City Town Store Team Club Company Class Grade \
Sir Lady Captain Super Bowl Olympics God Bible January February March April May June July August September October November December Calculate Determine Find Given Suppose \
Assume Assuming Consider Today Yesterday Tomorrow Initially Originally Altogether Together Everyone Everybody Somebody Someone People Students Children \
Each Every Half Twice Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Twenty Thirty Forty Fifty Hundred One Another Last Next First Second \
Third Currently Additionally However Meanwhile Afterwards Finally Later Since Although Because Instead Unfortunately Luckily Round Rounded Express Write \
Answer Question Note Water Money Food Ice Tax Taxes Rent Gas Shipping Admission Tuition Insurance Germany France Spain Italy Mexico Canada China Japan India Brazil Egypt Vermont Uber Statistics Trip Book Job Pizza Page Lunch Dinner Breakfast";

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// The names of persons in a text, in the order in which they first stand there.
pub fn persons(text: &str) -> Vec<&str> {
    let all = words(text);
    let lower: HashSet<&str> = all
        .iter()
        .map(|w| w.text)
        .filter(|w| w.starts_with(char::is_lowercase))
        .collect();
    let pronoun = [
        "he", "she", "his", "her", "him", "hers", "himself", "herself",
    ]
    .iter()
    .any(|p| lower.contains(p));
    let known: HashSet<&str> = NAMES.all().into_iter().collect();
    let (mut order, mut scores): (Vec<&str>, HashMap<&str, i32>) = (Vec::new(), HashMap::new());
    let near = |a: usize, b: usize| matches!(&text[a..b], " " | ". ");
    for (i, word) in all.iter().enumerate() {
        let name = bare(word.text);
        let shape = name.starts_with(char::is_uppercase)
            && name.chars().count() > 1
            && name.chars().skip(1).all(char::is_lowercase);
        if !shape || no_person(name, &lower) && !known.contains(name) {
            continue;
        }
        let before = i.checked_sub(1).map(|j| &all[j]);
        let before = before.filter(|b| near(b.span.end, word.span.start));
        let after = all.get(i + 1);
        let touching = after.filter(|a| &text[word.span.end..a.span.start] == " ");
        let around = Around {
            starts: starts_sentence(&text[..word.span.start]),
            before: before.map_or("", |w| w.text),
            touching: touching.map_or("", |w| w.text),
            second: all.get(i + 2).map_or("", |w| w.text),
            owns: name.len() < word.text.len(),
            first: i == 0,
            pronoun,
        };
        let score = if known.contains(name) {
            10
        } else {
            around.score()
        };
        let entry = scores.entry(name).or_insert_with(|| {
            order.push(name);
            0
        });
        *entry = (*entry + score).clamp(-100, 100);
    }
    order.retain(|n| scores[n] >= 2);
    order.truncate(MOST);
    order
}

/// Whether a capitalized word is something else wherever it stands, or stands in the text without a capital too.
fn no_person(word: &str, lower: &HashSet<&str>) -> bool {
    let small = word.to_lowercase();
    let known = is_calendar(word) || is_stop_word(&small) || listed(OTHERS, word);
    known || lower.contains(small.as_str())
}

/// Without the ending of an owner.
fn bare(word: &str) -> &str {
    ["'s", "’s"]
        .iter()
        .find_map(|s| word.strip_suffix(s))
        .unwrap_or(word)
}

fn starts_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '"', '“', '\'']);
    before.is_empty() || before.ends_with(['.', '?', '!', '\n', ':'])
}

/// A capitalized word in its place.
struct Around<'a> {
    starts: bool,
    before: &'a str,
    touching: &'a str,
    second: &'a str,
    owns: bool,
    /// It is the first word of the text.
    first: bool,
    /// The text speaks of him or her.
    pronoun: bool,
}

impl Around<'_> {
    /// How much speaks for a person here; below 0 for something else.
    fn score(&self) -> i32 {
        let before = self.before.to_lowercase();
        let capital = |w: &str| w.starts_with(char::is_uppercase);
        if listed(TITLES, &before) {
            return 4;
        }
        let mut score = 0;
        if listed(RELATIONS, &before) || listed(GIVING, &before) && !self.starts {
            score += 3;
        }
        if listed(PLACES, &before) && !self.starts {
            score -= 3;
        }
        // Burger King, New York; but "Did Tom", "If Tom".
        let joined = capital(self.before) && !is_stop_word(&before) && !is_calendar(self.before);
        if capital(self.touching) || joined && !self.starts {
            score -= 3;
        }
        let with =
            self.touching == "and" && capital(self.second) || before == "and" && !self.starts;
        let does = self.does();
        if does {
            let first = self.first || !listed(WEAK, self.touching);
            score += match (self.starts, first, self.pronoun) {
                (false, ..) => 3,
                (true, true, true) => 3,
                (true, true, false) => 2,
                (true, false, _) => 1,
            };
        }
        if with {
            score += 2;
        }
        if self.owns {
            let relation = listed(RELATIONS, self.touching);
            let sure = self.pronoun || relation || self.first;
            score += if sure { 2 } else { 1 };
        }
        // "How many did Tom buy", "At noon, Tom paints".
        let lower = self.touching.starts_with(char::is_lowercase);
        let clause = listed(BEFORE, &before) || before.is_empty() && !is_stop_word(self.touching);
        if !self.starts && !does && lower && clause {
            score += 2;
        }
        if !self.starts && self.touching.is_empty() {
            score += 1;
        }
        score
    }

    fn does(&self) -> bool {
        let word = self.touching;
        let adverb = word.ends_with("ly") && self.pronoun;
        listed(VERBS, word) || adverb || word.len() > 4 && word.ends_with("ed")
    }
}

#[cfg(test)]
mod tests {
    use super::persons;

    #[test]
    fn persons_are_told_by_what_stands_around_them() {
        for (text, want) in [
            (
                "Natalia sold clips to 48 of her friends in April.",
                vec!["Natalia"],
            ),
            (
                "Weng earns $12 an hour. Yesterday, she babysat.",
                vec!["Weng"],
            ),
            ("Apples cost $2. Tickets cost $3 in Paris.", vec![]),
            ("Mrs. Lim milks her cows twice a day.", vec!["Lim"]),
            (
                "Albert's brother Keanu has 3 fish and Bobbie has 2.",
                vec!["Albert", "Keanu", "Bobbie"],
            ),
            (
                "In Kansas he bought a Ford at Walmart on Monday.",
                vec!["Ford"],
            ),
            ("Zed and Quix share 8 pies.", vec!["Zed", "Quix"]),
            ("The Nile is long. May has 31 days.", vec![]),
            ("They went to Burger King in New York.", vec![]),
            ("He buys shoes. Tax is 10%. Milk costs $3.", vec![]),
            (
                "Running for 2 hours, Jonah burnt 30 calories.",
                vec!["Jonah"],
            ),
            ("How many pies did Yolanda bake?", vec!["Yolanda"]),
            ("Jolene gave Phyllis 5 pens.", vec!["Jolene", "Phyllis"]),
        ] {
            assert_eq!(persons(text), want, "{text}");
        }
    }
}
