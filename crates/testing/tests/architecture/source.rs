//! The modules of a crate, the names that each defines and imports, and the paths that its code says. Code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// Names of a path, from left to right.
pub type Names = Vec<String>;

pub struct Source {
    /// Relative to the folder of the root file.
    pub files: Vec<PathBuf>,
    /// The root module first.
    pub modules: Vec<Module>,
}

#[derive(Default)]
pub struct Module {
    /// Index of its file; a module within a file has that of the file.
    pub file: usize,
    pub parent: Option<usize>,
    pub children: BTreeMap<String, usize>,
    pub defined: BTreeSet<String>,
    pub imports: Vec<Import>,
    /// Paths in types, expressions, patterns and macros.
    pub paths: BTreeSet<Names>,
}

pub struct Import {
    pub path: Names,
    /// The name it has here; none if everything is imported.
    pub name: Option<String>,
    /// Seen by other modules.
    pub public: bool,
}

/// Reads a crate from its root file.
pub fn read(root: &Path) -> Source {
    let mut source = Source {
        files: Vec::new(),
        modules: Vec::new(),
    };
    let folder = root.parent().expect("a folder");
    source.file(folder, root, folder, None);
    source
}

impl Source {
    /// `children`: where the files of child modules lie.
    fn file(&mut self, top: &Path, path: &Path, children: &Path, parent: Option<usize>) -> usize {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.files.push(
            path.strip_prefix(top)
                .expect("a file of the crate")
                .to_path_buf(),
        );
        let file = self.files.len() - 1;
        self.module(top, file, &parsed.items, children, parent)
    }

    fn module(
        &mut self,
        top: &Path,
        file: usize,
        items: &[Item],
        children: &Path,
        parent: Option<usize>,
    ) -> usize {
        let this = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        for item in items.iter().filter(|i| !is_test(attributes(i))) {
            if let Item::Mod(module) = item {
                let name = module.ident.to_string();
                let below = children.join(&name);
                let child = match &module.content {
                    Some((_, items)) => self.module(top, file, items, &below, Some(this)),
                    None => {
                        let beside = children.join(format!("{name}.rs"));
                        let path = if beside.exists() {
                            beside
                        } else {
                            below.join("mod.rs")
                        };
                        self.file(top, &path, &below, Some(this))
                    }
                };
                self.modules[this].children.insert(name, child);
            } else {
                self.modules[this].defined.extend(defined(item));
                self.modules[this].visit_item(item);
            }
        }
        this
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| {
        let condition = a.meta.require_list().map(|l| l.tokens.to_string());
        a.path().is_ident("cfg")
            && condition.is_ok_and(|c| c.contains("test") && !c.contains("not"))
    })
}

fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(i) => &i.ident,
        Item::Enum(i) => &i.ident,
        Item::Fn(i) => &i.sig.ident,
        Item::Macro(i) => i.ident.as_ref()?,
        Item::Static(i) => &i.ident,
        Item::Struct(i) => &i.ident,
        Item::Trait(i) => &i.ident,
        Item::Type(i) => &i.ident,
        _ => return None,
    };
    Some(name.to_string())
}

impl<'a> Visit<'a> for Module {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let public = !matches!(item.vis, syn::Visibility::Inherited);
        import(&item.tree, &mut Vec::new(), public, &mut self.imports);
    }

    /// `pub(in crate::x)` is no use of `x`.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.paths
            .insert(path.segments.iter().map(|s| s.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a syn::Macro) {
        self.visit_path(&called.path);
        spoken(called.tokens.clone(), &mut self.paths);
    }
}

fn import(tree: &UseTree, path: &mut Names, public: bool, out: &mut Vec<Import>) {
    let mut push = |path: Names, name: Option<String>| out.push(Import { path, name, public });
    match tree {
        UseTree::Path(p) => {
            path.push(p.ident.to_string());
            import(&p.tree, path, public, out);
            path.pop();
        }
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|t| import(t, path, public, out)),
        UseTree::Glob(_) => push(path.clone(), None),
        UseTree::Name(n) if n.ident == "self" => push(path.clone(), path.last().cloned()),
        UseTree::Name(n) => {
            let name = n.ident.to_string();
            push(
                [&path[..], std::slice::from_ref(&name)].concat(),
                Some(name),
            );
        }
        UseTree::Rename(r) => {
            let whole = if r.ident == "self" {
                path.clone()
            } else {
                [&path[..], &[r.ident.to_string()]].concat()
            };
            push(whole, Some(r.rename.to_string()));
        }
    }
}

/// Paths in the tokens of a macro: names joined by `::`, but for methods and fields.
fn spoken(tokens: TokenStream, out: &mut BTreeSet<Names>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let joined = |i: usize| {
        let colon = |i: usize, spacing| matches!(tokens.get(i), Some(TokenTree::Punct(p)) if p.as_char() == ':' && p.spacing() == spacing);
        colon(i, Spacing::Joint) && colon(i + 1, Spacing::Alone)
    };
    let is =
        |i: usize, c: char| matches!(tokens.get(i), Some(TokenTree::Punct(p)) if p.as_char() == c);
    let mut i = 0;
    while i < tokens.len() {
        let begin = i;
        match &tokens[i] {
            TokenTree::Group(group) => spoken(group.stream(), out),
            TokenTree::Ident(first) => {
                let mut path = vec![first.to_string()];
                while joined(i + 1)
                    && let Some(TokenTree::Ident(next)) = tokens.get(i + 3)
                {
                    path.push(next.to_string());
                    i += 3;
                }
                let member = begin > 0 && is(begin - 1, '.');
                let field = path.len() == 1 && is(i + 1, ':');
                if !member && !field {
                    out.insert(path);
                }
            }
            _ => {}
        }
        i += 1;
    }
}
