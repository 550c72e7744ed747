//! Chat templates in the ways that model makers write them.

use rotescope_model::Date;
use rotescope_model::chat::{Chat, TemplateTokens, Variables, render};
use rotescope_text::think;

const SYSTEM: &str = "Answer with \"one\" <number> & no more.";
const USER: &str = "What is 2 + 2? It's <easy>.";

/// Name, template, and what it makes of a system text and a question.
const TEMPLATES: [(&str, &str, &str); 5] = [
    (
        "ChatML with a system text of its own",
        include_str!("templates/chatml.jinja"),
        "<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n",
    ),
    (
        "headers and a date",
        include_str!("templates/headers.jinja"),
        "<s><|start|>system<|end|>\n\nToday Date: 14 Nov 2023\n\n{system}<|eot|><|start|>user<|end|>\n\n{user}<|eot|><|start|>assistant<|end|>\n\n",
    ),
    (
        "instructions, no system text",
        include_str!("templates/instructions.jinja"),
        "<s>[INST] {system}\n\n{user} [/INST]",
    ),
    (
        "turns, with text or parts",
        include_str!("templates/turns.jinja"),
        "<s><turn>user\n{system}\n\n{user}</turn>\n<turn>model\n",
    ),
    (
        "macros, namespaces and an opened thought",
        include_str!("templates/thinking.jinja"),
        "<s>{system}<user>{user}</user><assistant><think>\n",
    ),
];

#[test]
fn templates_of_many_makes_render_as_their_makers_mean_them() {
    let tokens = TemplateTokens {
        bos: "<s>",
        eos: "</s>",
    };
    let none = Variables::new();
    let today = Date::of_seconds(1_700_000_000);
    for (name, template, want) in TEMPLATES {
        let chat = |system| Chat {
            system,
            user: USER,
            question: 0..USER.len(),
            today,
            variables: &none,
        };
        let rendered = render(template, tokens, &chat(Some(SYSTEM))).unwrap();
        let want = want.replace("{system}", SYSTEM).replace("{user}", USER);
        assert_eq!(rendered.text, want, "{name}");
        assert_eq!(rendered.dated, name.ends_with("date"), "{name}");
        assert_eq!(
            rendered.system_merged,
            name.starts_with("instructions"),
            "{name}"
        );
        let opened = think::opened_by(&rendered.text, &think::ReasoningMarks::default());
        assert_eq!(opened, name.starts_with("macros"), "{name}: {opened:?}");
        let alone = render(template, tokens, &chat(None)).unwrap();
        assert_eq!(alone.text.matches(USER).count(), 1, "{name}");
        assert!(
            !alone.text.contains(SYSTEM) && !alone.system_merged,
            "{name}"
        );
    }
}
