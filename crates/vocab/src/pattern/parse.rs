//! From the text of an expression to its parts.

use super::node::{CATEGORIES, Node, Set};

/// # Panics
/// On syntax beyond what this program's expressions use.
pub(super) fn parse(expression: &str) -> Node {
    let mut parser = Parser {
        chars: expression.chars().collect(),
        at: 0,
    };
    let node = parser.alternatives();
    assert_eq!(parser.at, parser.chars.len(), "unbalanced: {expression}");
    node
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> char {
        let c = self.peek().expect("the expression ends too early");
        self.at += 1;
        c
    }

    fn eat(&mut self, text: &str) -> bool {
        let n = text.chars().count();
        let found = self.chars[self.at..]
            .iter()
            .take(n)
            .copied()
            .eq(text.chars());
        self.at += if found { n } else { 0 };
        found
    }

    fn alternatives(&mut self) -> Node {
        let mut all = vec![Vec::new()];
        while let Some(c) = self.peek() {
            match c {
                ')' => break,
                '|' => {
                    self.at += 1;
                    all.push(Vec::new());
                }
                _ => {
                    let item = self.item();
                    all.last_mut().expect("never empty").push(item);
                }
            }
        }
        Node::Alt(all.into_iter().map(Node::Seq).collect())
    }

    fn item(&mut self) -> Node {
        let node = if self.eat("(?=") {
            Node::Ahead(Box::new(self.alternatives()), true)
        } else if self.eat("(?!") {
            Node::Ahead(Box::new(self.alternatives()), false)
        } else if self.eat("(?:") || self.eat("(") {
            self.alternatives()
        } else {
            let node = match self.next() {
                '[' => Node::Set(self.brackets()),
                '$' => Node::End,
                '\\' => Node::Set(self.escape()),
                c => Node::Set(single(c)),
            };
            return self.quantified(node);
        };
        assert!(self.eat(")"), "a group is not closed");
        self.quantified(node)
    }

    fn quantified(&mut self, node: Node) -> Node {
        let (min, max) = match self.peek() {
            Some('?') => (0, 1),
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('{') => {
                self.at += 1;
                let min = self.number();
                let max = if self.eat(",") { self.number() } else { min };
                (min, max)
            }
            _ => return node,
        };
        self.at += 1;
        Node::Repeat(Box::new(node), min, max)
    }

    fn number(&mut self) -> u32 {
        let mut n = 0;
        while let Some(d) = self.peek().and_then(|c| c.to_digit(10)) {
            n = n * 10 + d;
            self.at += 1;
        }
        n
    }

    fn brackets(&mut self) -> Set {
        let inverted = self.eat("^");
        let mut set = Set::default();
        loop {
            let part = match self.next() {
                ']' => break,
                '\\' => self.escape(),
                c => single(c),
            };
            let from = sole(&part);
            let range = self.peek() == Some('-') && self.chars.get(self.at + 1) != Some(&']');
            match (from, range) {
                (Some(from), true) => {
                    self.at += 1;
                    let end = match self.next() {
                        '\\' => sole(&self.escape()).expect("a range ends in a character"),
                        c => c as u32,
                    };
                    set.insert(from, end);
                }
                _ => set.extend(&part),
            }
        }
        if inverted { set.inverted() } else { set }
    }

    fn escape(&mut self) -> Set {
        match self.next() {
            'r' => single('\r'),
            'n' => single('\n'),
            't' => single('\t'),
            'd' => pairs("09"),
            's' => pairs("\t\r  "),
            'S' => pairs("\t\r  ").inverted(),
            'p' => {
                assert_eq!(self.next(), '{');
                let mut name = String::new();
                while self.peek() != Some('}') {
                    name.push(self.next());
                }
                self.at += 1;
                let (.., unit, ascii) = CATEGORIES
                    .iter()
                    .find(|c| c.0 == name)
                    .expect("a known category");
                let mut set = pairs(ascii);
                set.insert(*unit, *unit);
                set
            }
            c => single(c),
        }
    }
}

fn single(c: char) -> Set {
    let mut set = Set::default();
    set.insert(c as u32, c as u32);
    set
}

/// The one unit in a set, if it is one.
fn sole(set: &Set) -> Option<u32> {
    match (
        set.low.iter().map(|w| w.count_ones()).sum::<u32>(),
        &set.high[..],
    ) {
        (0, [(a, b)]) if a == b => Some(*a),
        (1, []) => (0..256).find(|&u| set.has(u)),
        _ => None,
    }
}

/// A set from the first and last characters of its ranges.
fn pairs(ends: &str) -> Set {
    let ends: Vec<char> = ends.chars().collect();
    let mut set = Set::default();
    for pair in ends.chunks_exact(2) {
        set.insert(pair[0] as u32, pair[1] as u32);
    }
    set
}
