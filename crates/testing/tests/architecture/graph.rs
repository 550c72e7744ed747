//! Which file of a crate uses which: every name is followed, through re-exports, to the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Names, Source};

/// What a path leads to.
#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    /// Something that this file defines.
    Item(usize),
}

/// For each pair of files (user, used) one path that says so.
pub type Uses = BTreeMap<(usize, usize), String>;

/// Re-exports that go on longer than this go round.
const LONGEST: usize = 32;

pub fn uses(source: &Source) -> Uses {
    let mut uses = Uses::new();
    for (m, module) in source.modules.iter().enumerate() {
        // A name that is only passed on is no use of it.
        let own = module.imports.iter().filter(|i| !i.public).map(|i| &i.path);
        for path in own.chain(&module.paths) {
            if let Some(Target::Item(file)) = resolve(source, m, path, 0)
                && file != module.file
            {
                uses.entry((module.file, file))
                    .or_insert_with(|| path.join("::"));
            }
        }
    }
    uses
}

fn resolve(source: &Source, from: usize, path: &Names, depth: usize) -> Option<Target> {
    let mut at = Target::Module(from);
    for (i, name) in path.iter().enumerate() {
        let Target::Module(m) = at else {
            return Some(at);
        };
        at = match name.as_str() {
            "crate" => Target::Module(0),
            "self" => at,
            "super" => Target::Module(source.modules[m].parent?),
            _ => lookup(source, m, name, i + 1 == path.len(), depth)?,
        };
    }
    Some(at)
}

/// A name in a module. The last of a path is an item if there is one, the others are modules if there is one.
fn lookup(source: &Source, m: usize, name: &str, last: bool, depth: usize) -> Option<Target> {
    if depth > LONGEST {
        return None;
    }
    let module = &source.modules[m];
    let child = || module.children.get(name).map(|c| Target::Module(*c));
    let item = || {
        let defined = module
            .defined
            .contains(name)
            .then_some(Target::Item(module.file));
        let named = || {
            let mut imports = module
                .imports
                .iter()
                .filter(|i| i.name.as_deref() == Some(name));
            imports.find_map(|i| resolve(source, m, &i.path, depth + 1))
        };
        let among = || {
            let mut all = module.imports.iter().filter(|i| i.name.is_none());
            all.find_map(|i| match resolve(source, m, &i.path, depth + 1)? {
                Target::Module(other) if other != m => lookup(source, other, name, last, depth + 1),
                _ => None,
            })
        };
        defined.or_else(named).or_else(among)
    };
    if last {
        item().or_else(child)
    } else {
        child().or_else(item)
    }
}

/// Groups of files of which each uses, at last, each other.
pub fn circles(uses: &Uses) -> Vec<BTreeSet<usize>> {
    let reached = |from: usize| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            let next = uses
                .range((file, 0)..(file + 1, 0))
                .map(|((_, used), _)| *used);
            open.extend(next.filter(|used| seen.insert(*used)));
        }
        seen
    };
    let files: BTreeSet<usize> = uses.keys().map(|(file, _)| *file).collect();
    let reach: BTreeMap<usize, BTreeSet<usize>> =
        files.into_iter().map(|f| (f, reached(f))).collect();
    let both = |a: usize, b: usize| {
        reach[&a].contains(&b) && reach.get(&b).is_some_and(|r| r.contains(&a))
    };
    let mut found: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    for &file in reach.keys().filter(|f| reach[f].contains(f)) {
        found.insert(
            reach[&file]
                .iter()
                .copied()
                .filter(|&other| both(file, other))
                .collect(),
        );
    }
    found.into_iter().collect()
}
