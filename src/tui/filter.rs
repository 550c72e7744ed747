//! Filters and orders of lists: what they ask of a row.

use std::cmp::Ordering;

/// A row of a list.
pub trait Row {
    /// What a column says of it.
    fn value(&self, column: &str) -> Option<Value<'_>>;
    /// Whether a word of a filter that asks no column holds; it is in small letters.
    fn holds(&self, word: &str) -> bool;
}

/// What a column says of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Text(&'a str),
    Number(f64),
}

impl Value<'_> {
    fn number(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            // Of answers that are numbers.
            Value::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Words that must all hold, with blanks between: `tokens>=200`, `task:gsm8k`, or whatever a row takes for a word; `!` before one turns it round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter(Vec<Word>);

#[derive(Debug, Clone, PartialEq)]
struct Word {
    /// Whether it must not hold.
    not: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// What a column says holds this, or is this number.
    Holds(String, String),
    /// What a column says is a number, and this to another.
    Number(String, Relation, f64),
    Word(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Relation {
    Below,
    AtMost,
    Equal,
    AtLeast,
    Above,
}

/// Signs, the longer before those that they begin with.
const RELATIONS: [(&str, Relation); 5] = [
    (">=", Relation::AtLeast),
    ("<=", Relation::AtMost),
    (">", Relation::Above),
    ("<", Relation::Below),
    ("=", Relation::Equal),
];

impl Filter {
    /// `column`: whether there is one of that name. What asks no column is a word.
    pub fn parse(text: &str, column: impl Fn(&str) -> bool) -> Filter {
        let words = text.split_whitespace().map(|word| {
            let rest = word.strip_prefix('!').filter(|rest| !rest.is_empty());
            Word {
                not: rest.is_some(),
                test: Test::parse(rest.unwrap_or(word), &column),
            }
        });
        Filter(words.collect())
    }

    pub fn lets_through(&self, row: &impl Row) -> bool {
        self.0.iter().all(|w| w.test.holds(row) != w.not)
    }
}

impl Test {
    fn parse(word: &str, column: &impl Fn(&str) -> bool) -> Test {
        for (sign, relation) in RELATIONS {
            if let Some((name, number)) = word.split_once(sign)
                && let Ok(number) = number.parse()
                && column(name)
            {
                return Test::Number(name.into(), relation, number);
            }
        }
        match word.split_once([':', '=']) {
            Some((name, text)) if column(name) => Test::Holds(name.into(), text.to_lowercase()),
            _ => Test::Word(word.to_lowercase()),
        }
    }

    fn holds(&self, row: &impl Row) -> bool {
        match self {
            Test::Holds(column, text) => match row.value(column) {
                Some(Value::Text(t)) => t.to_lowercase().contains(text),
                Some(Value::Number(n)) => text.parse() == Ok(n),
                None => false,
            },
            Test::Number(column, relation, than) => {
                let number = row.value(column).and_then(|v| v.number());
                number.is_some_and(|n| match relation {
                    Relation::Below => n < *than,
                    Relation::AtMost => n <= *than,
                    Relation::Equal => n == *than,
                    Relation::AtLeast => n >= *than,
                    Relation::Above => n > *than,
                })
            }
            Test::Word(word) => row.holds(word),
        }
    }
}

/// Sorts rows by what a column says of each. Those of which it says nothing come last, equal ones stay as they are.
pub fn sort<'a>(rows: &mut Vec<usize>, falls: bool, value: impl Fn(usize) -> Option<Value<'a>>) {
    let mut known: Vec<(Option<Value>, usize)> = rows.iter().map(|&i| (value(i), i)).collect();
    known.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if falls => compare(b, a),
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    *rows = known.into_iter().map(|(_, i)| i).collect();
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Text(_), Value::Number(_)) => Ordering::Greater,
        (Value::Number(_), Value::Text(_)) => Ordering::Less,
    }
}
