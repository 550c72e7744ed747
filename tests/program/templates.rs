//! Chat templates: their variables, and those that change the message.

use std::path::{Path, PathBuf};
use std::process::Output;

use rotescope_testing::gguf::with_text;
use rotescope_testing::pocket;
use serde_json::{Value, json};

use crate::support::{rotescope, text};

/// The bundled model with another chat template.
fn model(folder: &Path, name: &str, template: &str) -> PathBuf {
    let path = folder.join(name);
    let bytes = with_text(
        &std::fs::read(pocket()).unwrap(),
        "tokenizer.chat_template",
        template,
    );
    std::fs::write(&path, bytes).unwrap();
    path
}

fn score(model: &Path, to: &Path, more: &[&str]) -> Output {
    let mut args = vec![
        "score",
        "prompts/formula-base.jsonl",
        "--no-index",
        "--limit",
        "1",
        "--max-tokens",
        "4",
        "--model",
        model.to_str().unwrap(),
        "-o",
        to.to_str().unwrap(),
    ];
    args.extend(more);
    rotescope(&args)
}

fn trace(file: &Path) -> Value {
    serde_json::from_str(
        std::fs::read_to_string(file)
            .unwrap()
            .lines()
            .next()
            .unwrap(),
    )
    .unwrap()
}

#[test]
fn variables_reach_the_template_and_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let template = "{% for m in messages %}{{ m.content }}{% endfor %}{% if enable_thinking is defined and not enable_thinking %}#off{{ depth | default('') }}{% endif %}";
    let path = model(folder.path(), "m.gguf", template);
    let off = [
        "--template-var",
        "enable_thinking=false",
        "--template-var",
        "depth=3",
    ];
    let run = score(&path, &out, &off);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(
        !text(&run.stderr).contains("warning"),
        "{}",
        text(&run.stderr)
    );
    let made = trace(&out);
    let given = json!({"enable_thinking": false, "depth": 3});
    assert_eq!(made["run"]["template_variables"], given);
    assert!(made["prompt"]["text"].as_str().unwrap().ends_with("#off3"));
    // It goes on with the same only.
    let run = score(&path, &out, &["--template-var", "enable_thinking=true"]);
    let said = text(&run.stderr);
    assert!(
        !run.status.success() && said.contains("template_variables"),
        "{said}"
    );
    assert!(score(&path, &out, &off).status.success());
    let report = text(&rotescope(&["report", out.to_str().unwrap(), "--format", "ansi"]).stdout);
    assert!(
        report.contains("enable_thinking=false, depth=3"),
        "{report}"
    );
    // Without any, nothing is recorded.
    let plain = folder.path().join("plain.jsonl");
    assert!(score(&path, &plain, &[]).status.success());
    assert!(trace(&plain)["run"].get("template_variables").is_none());
}

#[test]
fn a_variable_that_is_not_read_or_has_a_bad_form_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = model(
        folder.path(),
        "m.gguf",
        "{{ messages[0].content }}{% if enable_thinking %}!{% endif %}{{ depth }}",
    );
    let run = score(
        &path,
        &folder.path().join("t.jsonl"),
        &["--template-var", "enable_thinkin=false"],
    );
    let said = text(&run.stderr);
    assert!(run.status.success(), "{said}");
    let warning = "warning: the chat template of m.gguf does not read enable_thinkin; it reads depth, enable_thinking";
    assert!(said.contains(warning), "{said}");
    for (typed, says) in [
        ("enable_thinking", "write enable_thinking=VALUE"),
        ("=1", "no name of a variable"),
        ("enable_thinking=False", "write enable_thinking=false"),
        ("messages=[]", "set by rotescope"),
    ] {
        let run = score(
            &path,
            &folder.path().join("x.jsonl"),
            &["--template-var", typed],
        );
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{typed}: {said}");
        assert!(
            said.contains(says) && said.contains("--template-var"),
            "{typed}: {said}"
        );
    }
    let twice = ["--template-var", "depth=1", "--template-var", "depth=2"];
    let run = score(&path, &folder.path().join("x.jsonl"), &twice);
    assert!(text(&run.stderr).contains("depth is given twice"));
}

#[test]
fn templates_that_change_the_message_format_dates_or_texts_are_rendered() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = folder.path().join("p.jsonl");
    std::fs::write(
        &prompts,
        "{\"id\": \"a\", \"question\": \"Tom has 3 pens. How many pens are there.\"}\n",
    )
    .unwrap();
    for (i, (template, text_is, place)) in [
        (
            "Q {{ messages[0].content.rstrip('.') }} A",
            "Q Tom has 3 pens. How many pens are there A",
            Some("Tom has 3 pens. How many pens are there"),
        ),
        (
            "Q {{ messages[0].content.upper() }}",
            "Q TOM HAS 3 PENS. HOW MANY PENS ARE THERE.",
            Some("TOM HAS 3 PENS. HOW MANY PENS ARE THERE."),
        ),
        (
            "{{ strftime_now('%c|%x|%j|%a') }} {{ messages[0].content }}",
            "Thu Feb 29 00:00:00 2024|02/29/24|060|Thu Tom has 3 pens. How many pens are there.",
            Some("Tom has 3 pens. How many pens are there."),
        ),
        (
            "{{ '<%s> %05.1f %s' % (messages[0].role, 2.25, messages[0].content) }}",
            "<user> 002.2 Tom has 3 pens. How many pens are there.",
            Some("Tom has 3 pens. How many pens are there."),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let path = model(folder.path(), "m.gguf", template);
        let out = folder.path().join(format!("{i}.jsonl"));
        let run = rotescope(&[
            "score",
            prompts.to_str().unwrap(),
            "--no-index",
            "--max-tokens",
            "2",
            "--date",
            "2024-02-29",
            "--model",
            path.to_str().unwrap(),
            "-o",
            out.to_str().unwrap(),
        ]);
        assert!(run.status.success(), "{template}: {}", text(&run.stderr));
        let prompt = &trace(&out)["prompt"];
        assert_eq!(prompt["text"], text_is, "{template}");
        let span = |i: usize| prompt["question_span"][i].as_u64().unwrap() as usize;
        assert_eq!(text_is.get(span(0)..span(1)), place, "{template}");
        assert!(prompt.get("question_unplaced").is_none());
    }
    let dropped = model(folder.path(), "m.gguf", "{{ messages | length }} messages");
    let out = folder.path().join("dropped.jsonl");
    let run = score(&dropped, &out, &[]);
    assert!(
        text(&run.stderr).contains("leaves the message out"),
        "{}",
        text(&run.stderr)
    );
}

#[test]
fn a_system_message_reaches_the_template_and_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let plain = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";
    let taking = model(folder.path(), "taking.gguf", plain);
    std::fs::write(at("system.txt"), "Be brief.\nAdd.\n").unwrap();
    let file = format!("@{}", at("system.txt").display());
    for (i, (given, begins)) in [
        ("Be brief.", "<system>Be brief.<user>"),
        (&file, "<system>Be brief.\nAdd.<user>"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = at(&format!("{i}.jsonl"));
        let run = score(&taking, &out, &["--system", given]);
        let said = text(&run.stderr);
        assert!(run.status.success() && !said.contains("warning"), "{said}");
        let made = trace(&out);
        let prompt = made["prompt"]["text"].as_str().unwrap();
        assert!(prompt.starts_with(begins), "{prompt}");
        let system = made["run"]["system"].as_str().unwrap();
        assert_eq!(format!("<system>{system}<user>"), begins);
        // The question lies where it did.
        let span = |i: usize| made["prompt"]["question_span"][i].as_u64().unwrap() as usize;
        assert_eq!(&prompt[span(0)..span(1)], made["prompt"]["question"]);
    }
    // Another message is another run.
    let run = score(&taking, &at("0.jsonl"), &["--system", "Be long."]);
    let said = text(&run.stderr);
    assert!(
        run.status.code() == Some(2) && said.contains("system"),
        "{said}"
    );
    // A template that takes none, by refusing or by dropping it, has it in the user's message.
    for (name, template) in [
        (
            "refusing.gguf",
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}<u>{{ messages[0].content }}",
        ),
        (
            "dropping.gguf",
            "{% for m in messages %}{% if m.role == 'user' %}<u>{{ m.content }}{% endif %}{% endfor %}",
        ),
    ] {
        let path = model(folder.path(), name, template);
        let out = at(&format!("{name}.jsonl"));
        let run = score(&path, &out, &["--system", "Be brief."]);
        let said = text(&run.stderr);
        assert!(run.status.success(), "{said}");
        let note = format!("the chat template of {name} takes no system's message");
        assert!(said.contains(&note), "{said}");
        let made = trace(&out);
        let prompt = made["prompt"]["text"].as_str().unwrap();
        assert!(prompt.starts_with("<u>Be brief.\n\n"), "{prompt}");
    }
    // Where there is no place for it, or nothing in it.
    let none = at("none.gguf");
    let mut bytes = std::fs::read(pocket()).unwrap();
    let key = b"tokenizer.chat_template";
    let begin = bytes.windows(key.len()).position(|w| w == key).unwrap();
    bytes[begin..begin + key.len()].copy_from_slice(b"tokenizer.Chat_template");
    std::fs::write(&none, bytes).unwrap();
    let missing = format!("@{}", at("missing.txt").display());
    for (path, given, says) in [
        (
            &none,
            &["--system", "Be brief."][..],
            "has no chat template",
        ),
        (&taking, &["--system", "Be brief.", "--raw"], "--raw"),
        (&taking, &["--system", " "], "is empty"),
        (&taking, &["--system", &missing], "missing.txt"),
    ] {
        let run = score(path, &at("x.jsonl"), given);
        let said = text(&run.stderr);
        assert!(
            run.status.code() == Some(2) && said.contains(says),
            "{given:?}: {said}"
        );
    }
}

/// Templates that double what they hold with each step, in Jinja's ways to do that, or work on much of it for long: each is stopped, long before the machine's
/// memory or the reader's patience is at an end.
#[test]
fn a_template_that_takes_without_end_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("t.jsonl");
    let doubled = |step: &str| {
        format!(
            "{{% set ns = namespace(x=messages[0].content, l=[1]) %}}{{% for i in range(60) %}}{step}{{% endfor %}}{{{{ messages[0].content }}}}"
        )
    };
    let templates = [
        doubled("{% set ns.x = ns.x ~ ns.x %}"),
        doubled("{% set ns.x = ns.x + ns.x %}"),
        doubled("{% set ns.l = ns.l + ns.l | list %}"),
        doubled("{% set ns.x = [ns.x, ns.x] | join %}"),
        doubled("{% set ns.x = ns.x | replace('a', ns.x) ~ 'aa' %}"),
        doubled("{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"),
        // Much that is small, and each step copies all of it.
        "{% set ns = namespace(l=[]) %}{% for i in range(1000) %}{% for j in range(100) %}{% set ns.l = ns.l + ['%s' | format(i) * 400] %}{% endfor %}{% endfor %}".into(),
    ];
    for template in templates {
        let path = model(folder.path(), "m.gguf", &template);
        let run = score(&path, &out, &[]);
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{template}: {said}");
        let named = [
            "takes more than 256 MB",
            "takes more than 10 seconds",
            "does not end within",
            "it writes more than",
        ];
        assert!(
            said.contains("chat template") && named.iter().any(|n| said.contains(n)),
            "{template}: {said}"
        );
        std::fs::remove_file(&out).unwrap();
        assert!(
            score(&path, &out, &["--raw"]).status.success(),
            "{template}"
        );
        std::fs::remove_file(&out).unwrap();
    }
}
