use super::*;

const TOKENS: TemplateTokens<'static> = TemplateTokens {
    bos: "<s>",
    eos: "</s>",
};

fn chat<'a>(system: Option<&'a str>, user: &'a str) -> Chat<'a> {
    Chat {
        system,
        user,
        today: Date::default(),
    }
}

fn text(template: &str, system: Option<&str>) -> Result<String, ModelError> {
    render(template, TOKENS, &chat(system, "2 + 2?")).map(|r| r.text)
}

#[test]
fn blocks_eat_their_lines_and_the_prompt_is_opened() {
    let chatml = "{% for m in messages %}\n    {{ '<|im_start|>' + m.role + '\\n' + m['content'] | trim + '<|im_end|>' }}\n{% endfor %}\n\
                  {% if add_generation_prompt %}\n<|im_start|>assistant\n{% endif %}\n";
    let expected = "    <|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\n";
    assert_eq!(text(chatml, None).unwrap(), expected);
}

#[test]
fn python_methods_and_filters_work_as_in_python() {
    let template = "{{ bos_token }}{{ messages[0].content.strip().split('+')[0] }}|{{ {'a': ['<b>', 'é']} | tojson }}|\
                    {{ {'a': 1} | tojson(indent=2) }}|{{ 'x'.startswith('x') }}|{{ strftime_now('%d %b %Y') }}|\
                    {%- set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}{{ messages[0].content }}";
    let expected = "<s>2 |{\"a\": [\"<b>\", \"é\"]}|{\n  \"a\": 1\n}|True|01 Jan 1970|12 + 2?";
    let got = text(template, None).unwrap();
    assert_eq!(got.to_lowercase(), expected.to_lowercase());
}

#[test]
fn a_template_without_system_messages_gets_the_text_merged() {
    let gemma = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}\
                 {% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";
    let rendered = render(gemma, TOKENS, &chat(Some("Be brief."), "Hi")).unwrap();
    assert_eq!(rendered.text, "<user>Be brief.\n\nHi");
    assert!(rendered.system_merged);
    assert!(
        !render(gemma, TOKENS, &chat(None, "Hi"))
            .unwrap()
            .system_merged
    );
}

#[test]
fn a_template_that_wants_parts_gets_them() {
    let parts = "{% for m in messages %}{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}";
    assert_eq!(text(parts, None).unwrap(), "2 + 2?");
}

#[test]
fn failures_give_the_reason_of_the_template() {
    let refuses = "{{ raise_exception('only tools') }}";
    assert_eq!(
        text(refuses, None).unwrap_err(),
        ModelError::Template("only tools (line 1)".into())
    );
    assert!(matches!(
        text("{% if %}", None),
        Err(ModelError::Template(_))
    ));
    let deaf = "hello";
    assert_eq!(
        text(deaf, None).unwrap_err(),
        ModelError::Template("it leaves the message out".into())
    );
}

#[test]
fn training_marks_print_nothing() {
    let template = "{%- for m in messages -%}{%- generation -%}{{ m.content }}{%- endgeneration -%}{%- endfor -%}";
    assert_eq!(text(template, None).unwrap(), "2 + 2?");
}

#[test]
fn only_a_template_that_asks_for_the_date_has_one() {
    let of = |template: &str, today: &str| {
        let chat = Chat {
            today: today.parse().unwrap(),
            ..chat(None, "2 + 2?")
        };
        render(template, TOKENS, &chat).unwrap()
    };
    let dated = "Today is {{ strftime_now('%d %B %Y') }}. {{ messages[0].content }}";
    let first = of(dated, "2024-02-29");
    assert_eq!(first.text, "Today is 29 February 2024. 2 + 2?");
    assert!(first.dated);
    assert_eq!(of(dated, "2024-02-29"), first, "a fixed date");
    assert_ne!(of(dated, "2024-03-01").text, first.text);
    assert!(!of("{{ messages[0].content }}", "2024-02-29").dated);
    // It is there, but nobody asks.
    let unless = "{% if strftime_now is not defined %}{{ strftime_now('%Y') }}{% endif %}{{ messages[0].content }}";
    assert!(!of(unless, "2024-02-29").dated);
}
