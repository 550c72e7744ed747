//! JSON Schemas of what the program writes: those in `docs/schema` are those that the types give.

use std::collections::BTreeSet;

use crate::support::{root, rotescope, text};

/// Writes the files anew with `make schemas`.
#[test]
fn the_schemas_in_the_docs_are_those_of_the_types() {
    let folder = root().join("docs/schema");
    let listed = text(&rotescope(&["schema"]).stdout);
    let names = listed.lines().filter_map(|l| l.split_whitespace().next());
    let names: BTreeSet<&str> = names.collect();
    assert!(names.len() > 25, "{listed}");
    let bless = std::env::var_os("ROTESCOPE_BLESS").is_some();
    for name in &names {
        let run = rotescope(&["schema", name]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let file = folder.join(format!("{name}.json"));
        if bless {
            std::fs::write(&file, &run.stdout).unwrap();
        }
        let committed = std::fs::read(&file).unwrap_or_default();
        assert!(
            committed == run.stdout,
            "docs/schema/{name}.json is not what `rotescope schema {name}` prints: make schemas"
        );
    }
    let files = std::fs::read_dir(&folder).unwrap();
    let files: BTreeSet<String> = files
        .map(|f| {
            f.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let names = names.into_iter().map(String::from).collect();
    assert_eq!(files, names);
}

#[test]
fn a_schema_that_is_not_there_is_said() {
    let run = rotescope(&["schema", "traces"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("there are: trace, prompt"));
}
