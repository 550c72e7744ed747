//! A small backtracking matcher for the regular expressions that llama.cpp hands to C++.
//!
//! The pre-tokenizers without a scanner of their own go through `std::regex` in llama.cpp, on a
//! text whose non-ASCII characters were first replaced: by one stand-in per general category
//! when the expression names a category, else only white space by a vertical tab. What `\s`,
//! `[^..]` and `(?!..)` mean follows from that, so it is done here in the same way. Meaning:
//! ECMAScript, leftmost, alternatives in order, greedy.

mod node;
mod parse;

use super::unicode::SPACE;
use node::{CATEGORIES, Node, Set};

#[derive(Debug)]
enum Op {
    Set(Set),
    /// As many of the set as there are, between the two numbers; fewer on going back.
    Run(Set, u32, u32),
    Split(usize, usize),
    Jump(usize),
    /// Looks ahead with the operations that follow, up to a `Match`; then goes on at the number.
    Ahead(bool, usize),
    End,
    Match,
}

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Pattern {
    ops: Vec<Op>,
    by_category: bool,
}

enum Back {
    To(usize, usize),
    Run { op: usize, least: usize, now: usize },
}

impl Pattern {
    /// Compiles one of the expressions of this program.
    ///
    /// # Panics
    /// On syntax beyond what those use.
    pub(super) fn new(expression: &str) -> Pattern {
        let node = parse::parse(expression);
        let mut ops = Vec::new();
        compile(&node, &mut ops);
        ops.push(Op::Match);
        Pattern {
            ops,
            by_category: expression.contains(r"\p{"),
        }
    }

    /// Appends the lengths of the matches in a segment and of what lies between them to `out`.
    /// `units` is scratch space.
    pub(super) fn split(&self, c: &[u32], f: &[u8], units: &mut Vec<u32>, out: &mut Vec<u32>) {
        units.clear();
        units.extend(c.iter().zip(f).map(|(&cp, &flags)| self.unit(cp, flags)));
        let mut stack = Vec::new();
        let (mut i, mut start) = (0, 0);
        while i <= units.len() {
            match self.run(0, units, i, &mut stack) {
                None => i += 1,
                Some(end) => {
                    if i > start {
                        out.push((i - start) as u32);
                    }
                    if end > i {
                        out.push((end - i) as u32);
                    }
                    start = end;
                    // An empty match only cuts; the next one is sought behind the next character.
                    i = end.max(i + 1);
                }
            }
        }
        if start < units.len() {
            out.push((units.len() - start) as u32);
        }
    }

    fn unit(&self, cp: u32, flags: u8) -> u32 {
        if cp < 128 {
            return cp;
        }
        if flags & SPACE != 0 {
            return 0x0B;
        }
        if !self.by_category {
            return cp;
        }
        CATEGORIES
            .iter()
            .find(|c| flags & c.1 != 0)
            .map_or(0xD0, |c| c.2)
    }

    /// End of the match of the operations from `op` on at `at`, if there is one.
    fn run(
        &self,
        mut op: usize,
        units: &[u32],
        mut at: usize,
        stack: &mut Vec<Back>,
    ) -> Option<usize> {
        let floor = stack.len();
        loop {
            let ok = match &self.ops[op] {
                Op::Set(set) => {
                    let ok = at < units.len() && set.has(units[at]);
                    at += 1;
                    op += 1;
                    ok
                }
                Op::Run(set, min, max) => {
                    let limit = units.len().min(at.saturating_add(*max as usize));
                    let mut now = at;
                    while now < limit && set.has(units[now]) {
                        now += 1;
                    }
                    let least = at + *min as usize;
                    op += 1;
                    if now > least {
                        stack.push(Back::Run { op, least, now });
                    }
                    at = now;
                    now >= least
                }
                Op::Split(first, second) => {
                    stack.push(Back::To(*second, at));
                    op = *first;
                    true
                }
                Op::Jump(to) => {
                    op = *to;
                    true
                }
                Op::Ahead(wanted, next) => {
                    let found = self.run(op + 1, units, at, stack).is_some();
                    op = *next;
                    found == *wanted
                }
                Op::End => {
                    op += 1;
                    at == units.len()
                }
                Op::Match => {
                    stack.truncate(floor);
                    return Some(at);
                }
            };
            if ok {
                continue;
            }
            if stack.len() == floor {
                return None;
            }
            match stack.pop()? {
                Back::To(to, back) => (op, at) = (to, back),
                Back::Run { op: to, least, now } => {
                    if now - 1 > least {
                        stack.push(Back::Run {
                            op: to,
                            least,
                            now: now - 1,
                        });
                    }
                    (op, at) = (to, now - 1);
                }
            }
        }
    }
}

fn compile(node: &Node, ops: &mut Vec<Op>) {
    match node {
        Node::Set(set) => ops.push(Op::Set(set.clone())),
        Node::End => ops.push(Op::End),
        Node::Seq(nodes) => nodes.iter().for_each(|n| compile(n, ops)),
        Node::Alt(nodes) => {
            let mut jumps = Vec::new();
            for (i, n) in nodes.iter().enumerate() {
                let split = ops.len();
                if i + 1 < nodes.len() {
                    ops.push(Op::Match);
                }
                compile(n, ops);
                if i + 1 < nodes.len() {
                    jumps.push(ops.len());
                    ops.push(Op::Match);
                    ops[split] = Op::Split(split + 1, ops.len());
                }
            }
            for j in jumps {
                ops[j] = Op::Jump(ops.len());
            }
        }
        Node::Ahead(inner, wanted) => {
            let here = ops.len();
            ops.push(Op::Match);
            compile(inner, ops);
            ops.push(Op::Match);
            ops[here] = Op::Ahead(*wanted, ops.len());
        }
        Node::Repeat(inner, min, max) => {
            if let Node::Set(set) = &**inner {
                return ops.push(Op::Run(set.clone(), *min, *max));
            }
            (0..*min).for_each(|_| compile(inner, ops));
            let optional = if *max == u32::MAX { 1 } else { max - min };
            let mut splits = Vec::new();
            for _ in 0..optional {
                splits.push(ops.len());
                ops.push(Op::Match);
                compile(inner, ops);
            }
            if *max == u32::MAX {
                ops.push(Op::Jump(splits[0]));
            }
            for s in splits {
                ops[s] = Op::Split(s + 1, ops.len());
            }
        }
    }
}
