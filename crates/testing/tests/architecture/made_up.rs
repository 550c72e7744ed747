//! The checks on crates made up here: they must find what is wrong, and nothing else.

use crate::graph::uses;
use crate::source::{Source, read};
use crate::{named_circles, naming, upward};

/// A crate of these files.
fn made(files: &[(&str, &str)]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    read(&folder.path().join("lib.rs"))
}

/// Circles of a crate, each as its files joined by blanks.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let found = named_circles(&made(files));
    let join = |(mut files, _): (Vec<String>, String)| {
        files.sort();
        files.join(" ")
    };
    found.into_iter().map(join).collect()
}

#[test]
fn a_straight_crate_has_no_circle() {
    let found = circles_of(&[
        (
            "lib.rs",
            "mod a; mod b; mod c; pub use a::top; pub use c::Low;",
        ),
        (
            "a.rs",
            "use super::b::{self, Mid}; pub fn top(m: Mid) { b::go(m) }",
        ),
        (
            "b.rs",
            "use crate::Low; pub struct Mid(Low); pub fn go(_: Mid) {}",
        ),
        (
            "c.rs",
            "/// [`crate::a::top`] uses this.\npub struct Low; impl Low { fn top(&self) -> &str { \"super::a::top\" } }",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn circles_are_found_whatever_way_the_names_come() {
    let b = "pub struct B; pub fn b() {}";
    for (a, b) in [
        (
            "use super::b::B; pub struct A(B);",
            "use super::a::A; pub struct B(A);",
        ),
        // Through a re-export of the parent.
        (
            "use crate::B; pub struct A(B);",
            "use crate::A; pub struct B(A);",
        ),
        // A path in a type, a module's name, a renamed one.
        (
            "pub struct A(crate::b::B);",
            "use super::a; pub fn b(_: a::A) {} pub struct B;",
        ),
        (
            "use super::b as other; pub struct A; fn a() { other::b() }",
            "pub struct B; pub fn b() { let _ = super::a::A; }",
        ),
        // In a macro, in a function, all names at once.
        (
            "pub struct A; fn a() { assert!(x(crate::b::b())) }",
            "use super::a::*; pub struct B; pub fn b() { A; }",
        ),
        (
            "pub struct A; fn a() { use super::b::b; b() }",
            "use super::*; pub struct B(A); pub fn b() {}",
        ),
        // In a module within a file.
        (
            "pub struct A; mod inner { use crate::b::B; }",
            "pub struct B(super::a::A);",
        ),
    ] {
        let lib = "mod a; mod b; pub use a::A; pub use b::B;";
        let found = circles_of(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b)]);
        assert_eq!(found, ["a.rs b.rs"], "{a}\n{b}");
    }
    let lib = "mod a; mod b; mod c;";
    let [a, c] = [
        "use crate::b::B; pub struct A;",
        "use crate::a::A; pub struct C;",
    ];
    let found = circles_of(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b), ("c.rs", c)]);
    assert_eq!(found, [""; 0]);
    let b = "use crate::c::C; pub struct B;";
    let found = circles_of(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b), ("c.rs", c)]);
    assert_eq!(found, ["a.rs b.rs c.rs"]);
}

#[test]
fn a_parent_and_its_child_may_stand_in_a_circle_too() {
    let child = (
        "deep/child.rs",
        "use super::Shared; pub fn go(_: Shared) {}",
    );
    let uses = (
        "deep/mod.rs",
        "mod child; pub struct Shared; pub fn all() { child::go(Shared) }",
    );
    let passes_on = (
        "deep/mod.rs",
        "mod child; pub struct Shared; pub use child::go;",
    );
    let uses_what_it_passes_on = (
        "deep/mod.rs",
        "mod child; pub struct Shared; pub use child::go; fn x() { go(Shared) }",
    );
    let lib = ("lib.rs", "pub mod deep;");
    assert_eq!(
        circles_of(&[lib, uses, child]),
        ["deep/child.rs deep/mod.rs"]
    );
    assert_eq!(circles_of(&[lib, passes_on, child]), [""; 0]);
    assert_eq!(
        circles_of(&[lib, uses_what_it_passes_on, child]),
        ["deep/child.rs deep/mod.rs"]
    );
}

#[test]
fn tests_may_look_around() {
    let found = circles_of(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "use super::b::B; pub struct A(B); pub(in crate::b) fn seen() {}",
        ),
        (
            "b.rs",
            "pub struct B; #[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] use crate::a::A;",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn imports_that_run_up_are_found() {
    let source = made(&[
        ("lib.rs", "pub mod low; pub mod high;"),
        ("low/mod.rs", "pub mod deep; pub struct Low;"),
        ("low/deep.rs", "pub fn go() { crate::high::High; }"),
        (
            "high.rs",
            "use crate::low::Low; use rotescope_model::{Engine}; pub struct High;",
        ),
    ]);
    let both: [(&str, &[&str]); 2] = [("low", &[]), ("high", &["low"])];
    let found = upward(&source, &uses(&source), &both);
    assert_eq!(
        found,
        ["low/deep.rs must not use high.rs (crate::high::High)"]
    );
    let turned: [(&str, &[&str]); 2] = [("low", &["high"]), ("high", &[])];
    let found = upward(&source, &uses(&source), &turned);
    assert_eq!(found, ["high.rs must not use low/mod.rs (crate::low::Low)"]);
    // A part without a place in the table may use nothing.
    assert_eq!(upward(&source, &uses(&source), &[]).len(), 2);

    let names = ["rotescope_model"];
    assert_eq!(
        naming(&source, "high.rs", &names),
        ["high.rs names rotescope_model"]
    );
    assert_eq!(naming(&source, "low", &names), [""; 0]);
}
