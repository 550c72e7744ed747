//! Where the program looks for the user's files.

use std::path::Path;
use std::process::Command;

use crate::support::{root, text};

/// The row of `doctor` about the configuration.
fn config(variables: &[(&str, &Path)]) -> String {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_rotescope"));
    for name in ["XDG_CONFIG_HOME", "HOME", "ROTESCOPE_CONFIG"] {
        doctor.env_remove(name);
    }
    let doctor = doctor
        .arg("doctor")
        .env("ROTESCOPE_HOME", root())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let rows = text(&doctor.stdout);
    let row = rows.lines().find(|l| l.contains(" config "));
    row.expect("a row of the configuration").to_string()
}

#[test]
fn the_configuration_is_where_xdg_says() {
    let folder = tempfile::tempdir().unwrap();
    let (home, xdg) = (folder.path().join("home"), folder.path().join("xdg"));
    let usual = home.join(".config/rotescope/config.toml");
    let at_home = config(&[("HOME", &home)]);
    assert!(at_home.contains(usual.to_str().unwrap()), "{at_home}");
    // A relative folder counts for nothing.
    let relative = config(&[("HOME", &home), ("XDG_CONFIG_HOME", Path::new("here"))]);
    assert_eq!(relative, at_home);
    let given = config(&[("HOME", &home), ("XDG_CONFIG_HOME", &xdg)]);
    let path = xdg.join("rotescope/config.toml");
    assert!(given.contains(path.to_str().unwrap()), "{given}");
}
