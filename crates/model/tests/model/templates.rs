//! Real chat templates: those that lie in llama.cpp's sources, or in the folder named by `ROTESCOPE_TEMPLATES`.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use rotescope_model::chat::{Chat, TemplateTokens, render};
use rotescope_text::think;

/// All `.jinja` files of the folder, or of llama-cpp-sys-2's sources in cargo's registry (some releases leave them out).
fn templates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("ROTESCOPE_TEMPLATES")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    if folders.is_empty() {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let registries = home
            .map(|h| h.join("registry/src"))
            .and_then(|h| std::fs::read_dir(h).ok());
        for registry in registries.into_iter().flatten().flatten() {
            folders.push(
                registry
                    .path()
                    .join("llama-cpp-sys-2-0.1.161/llama.cpp/models/templates"),
            );
        }
    }
    let files = folders
        .iter()
        .filter_map(|f| std::fs::read_dir(f).ok())
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = files
        .map(|f| f.path())
        .filter(|f| f.extension().is_some_and(|e| e == "jinja"))
        .collect();
    files.sort();
    files
}

#[test]
fn real_templates_render() {
    let files = templates();
    if files.is_empty() {
        eprintln!(
            "skipped: no templates here (set ROTESCOPE_TEMPLATES to a folder of .jinja files)"
        );
        return;
    }
    let tokens = TemplateTokens {
        bos: "<s>",
        eos: "</s>",
    };
    let mut failed = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let template = std::fs::read_to_string(file).unwrap();
        for system in [None, Some("Answer with \"one\" <number> & no more.")] {
            let user = "What is 2 + 2? It's <easy>.";
            let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            match render(&template, tokens, &Chat { system, user, now }) {
                Err(e) => failed.push(format!("{name}: {e}")),
                Ok(rendered) => {
                    // Exactly once, in the order system, user.
                    assert_eq!(
                        rendered.text.matches(user).count(),
                        1,
                        "{name}: {}",
                        rendered.text
                    );
                    if let Some(system) = system {
                        let at = rendered
                            .text
                            .find(system)
                            .unwrap_or_else(|| panic!("{name}: {}", rendered.text));
                        assert!(
                            at < rendered.text.find(user).unwrap(),
                            "{name}: {}",
                            rendered.text
                        );
                    }
                    let tail: String = rendered
                        .text
                        .chars()
                        .rev()
                        .take(40)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .collect();
                    eprintln!(
                        "{name}: merged {}, opens {:?}, ...{tail:?}",
                        rendered.system_merged,
                        think::opened_by(&rendered.text)
                    );
                }
            }
        }
    }
    eprintln!("{} templates, failures: {failed:#?}", files.len());
    // Some ask for variables that only their own server gives; each is tried with and without a system text.
    assert!(failed.len() * 10 <= 2 * files.len(), "{failed:#?}");
}
