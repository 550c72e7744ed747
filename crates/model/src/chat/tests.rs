use super::*;
use serde_json::json;

const TOKENS: TemplateTokens<'static> = TemplateTokens {
    bos: "<s>",
    eos: "</s>",
};

fn chat<'a>(system: Option<&'a str>, user: &'a str) -> Chat<'a> {
    static NONE: std::sync::LazyLock<Variables> = std::sync::LazyLock::new(Variables::new);
    Chat {
        system,
        user,
        question: 0..user.len(),
        today: Date::default(),
        variables: &NONE,
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
    assert_eq!(text(template, None).unwrap(), expected);
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
fn a_template_does_not_run_away_and_reads_no_file() {
    for (template, why) in [
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "does not end within 1000000 steps",
        ),
        (
            "{% set x = 'x' * 100000 %}{% for a in range(9999) %}{{ x }}{% endfor %}",
            "writes more than",
        ),
        (
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "recursion",
        ),
        ("{% include '/etc/hostname' %}", "hostname"),
        ("{% import '/etc/hostname' as h %}", "hostname"),
        ("{{ range(99999999) }}", "too many elements"),
    ] {
        let begun = std::time::Instant::now();
        let said = text(template, None).unwrap_err().to_string();
        assert!(said.contains(why), "{template}: {said}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(30));
    }
}

#[test]
fn training_marks_print_nothing() {
    let template = "{%- for m in messages -%}{%- generation -%}{{ m.content }}{%- endgeneration -%}{%- endfor -%}";
    assert_eq!(text(template, None).unwrap(), "2 + 2?");
    let lines = "a\r\n{% if true %}\r\n{{ messages[0].content }}\r\n{% endif %}\rb";
    assert_eq!(text(lines, None).unwrap(), "a\n2 + 2?\nb");
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

/// Each as Jinja2 3.1 in Python renders it, but for tuples, which are lists here.
#[test]
fn methods_are_pythons() {
    for (expression, want) in [
        (
            "'  a b '.strip() + '|' + 'xxaxx'.strip('x') + '|' + 'xxa'.lstrip('x') + '|' + 'axx'.rstrip('x')",
            "a b|a|a|a",
        ),
        ("'a,b,c'.split(',', 1)", "['a', 'b,c']"),
        ("'a,b,c'.split(',', maxsplit=1)", "['a', 'b,c']"),
        ("'a,b,c'.rsplit(',', 1)", "['a,b', 'c']"),
        ("' a  b c '.split()", "['a', 'b', 'c']"),
        ("' a  b c '.split(None, 1)", "['a', 'b c ']"),
        ("' a  b c '.rsplit(None, 1)", "[' a  b', 'c']"),
        ("'a'.split(',')", "['a']"),
        ("'ab'.startswith('a') and 'ab'.endswith(('x', 'b'))", "True"),
        (
            "'they are'.title() + 'AbC'.upper() + 'AbC'.lower() + 'hELLO you'.capitalize() + 'aB'.swapcase()",
            "They AreABCabcHello youAb",
        ),
        ("\"it's\".title()", "It'S"),
        (
            "'aXbX'.replace('X', '-') + 'aXbX'.replace('X', '-', 1)",
            "a-b-a-bX",
        ),
        ("', '.join(['a', 'b'])", "a, b"),
        (
            "{'a': 1, 'b': none}.items() | list",
            "[['a', 1], ['b', None]]",
        ),
        ("{'a': 1}.keys() | list", "['a']"),
        ("{'a': 1}.values() | list", "[1]"),
        ("{'a': 1}.get('a') ~ {'a': 1}.get('b', 2)", "12"),
        ("'{} {n} {}'.format('a', 'b', n='c')", "a c b"),
        ("'{!s} {n!s:>3}'.format('a', n='b')", "a   b"),
        (
            "'{:>5}|{:.2f}|{:03d}'.format('a', 1.005, 7)",
            "    a|1.00|007",
        ),
        (
            "'pre_x'.removeprefix('pre_') + 'x_suf'.removesuffix('_suf') + 'x'.removeprefix('y')",
            "xxx",
        ),
        ("'a=b=c'.partition('=')", "['a', '=', 'b=c']"),
        ("'a=b=c'.rpartition('=')", "['a=b', '=', 'c']"),
        (
            "'éaé'.find('a') ~ 'éaé'.rfind('é') ~ 'x'.find('a') ~ 'éaéa'.find('a', 2) ~ 'aaa'.count('a') ~ 'ab'.count('')",
            "12-1333",
        ),
        (
            "'12'.isdigit() ~ ''.isdigit() ~ 'a1'.isalnum() ~ 'a'.isalpha() ~ ' '.isspace()",
            "TrueFalseTrueTrueTrue",
        ),
        ("'aB'.islower()", "False"),
        ("'AB1'.isupper()", "True"),
        (
            "'7'.zfill(3) + '-7'.zfill(4) + 'a'.ljust(3, '.') + 'a'.rjust(3, '.') + 'a'.center(4, '.')",
            "007-007a....a.a..",
        ),
        ("'a\\nb'.splitlines()", "['a', 'b']"),
        ("['a', 'b'].index('b') ~ ['a', 'a'].count('a')", "12"),
        ("'abc'[::-1] + 'abc'[1:] + 'abc'[-1]", "cbabcc"),
        (
            "[1, 'x', true, none, 1.5, {'k': 'it\\'s'}]",
            "[1, 'x', True, None, 1.5, {'k': \"it's\"}]",
        ),
        ("none", "None"),
        ("true | string", "True"),
    ] {
        let template = format!("{{{{ {expression} }}}}#{{{{ messages[0].content }}}}");
        let got = text(&template, None).unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(got, format!("{want}#2 + 2?"), "{expression}");
    }
    for (expression, says) in [
        ("'a'.shout()", "no method named shout"),
        ("'a'.split('')", "empty separator"),
        ("'a'.index('b')", "substring not found"),
        ("['a'].append('b')", "no method named append"),
    ] {
        let error = text(&format!("{{{{ {expression} }}}}"), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{expression}: {error}");
    }
}

/// Each as Jinja2 3.1 in Python renders it.
#[test]
fn texts_are_formatted_with_a_percent_sign() {
    for (expression, want) in [
        ("'%s!' % 'a'", "a!"),
        ("'%s and %s' % ('a', 2)", "a and 2"),
        ("'%d %05d %-4d| %+d' % (1, 2, 3, 4)", "1 00002 3   | +4"),
        (
            "'%.2f %5.1f %e' % (1.239, 2.25, 1500.0)",
            "1.24   2.2 1.500000e+03",
        ),
        ("'%(a)s-%(b)d' % {'a': 'x', 'b': 2}", "x-2"),
        ("'100%% %s' % 'x'", "100% x"),
        ("'%s' % [1, 'a']", "[1, 'a']"),
        ("'%s %r' % (true, 'it')", "True 'it'"),
        ("'%x %X %o %c' % (255, 255, 8, 'z')", "ff FF 10 z"),
        (
            "'%10s|%-10s|%.2s' % ('ab', 'ab', 'abc')",
            "        ab|ab        |ab",
        ),
        ("'a' + '%s' % 'b' + 'c'", "abc"),
        ("'%s' % 'a' ~ '%s' % 'b'", "ab"),
        ("'%s' % ('%s' % 'a')", "a"),
        ("'%s %%s' % 'a' % 'b'", "a b"),
        ("('%s' % 'a') | upper", "A"),
        ("'%s' % 'a' | upper", "A"),
        ("'%s' % 'a' == 'a'", "True"),
        ("['%s' % 'a', 7 % 4, -7 % 4, 7.5 % 2]", "['a', 3, 1, 1.5]"),
        ("{'k': '%s' % 'a'}['k']", "a"),
        (
            "'%s' % messages[0].content if 7 % 2 == 1 else '%s' % 0",
            "2 + 2?",
        ),
    ] {
        let template = format!(
            "{{# 7 % 2 #}}{{% raw %}}{{{{ a % b }}}}{{% endraw %}}{{% if messages|length % 2 == 1 %}}{{{{- {expression} -}}}}{{% endif %}}#{{{{ messages[0].content }}}}"
        );
        let got = text(&template, None).unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(got, format!("{{{{ a % b }}}}{want}#2 + 2?"), "{expression}");
    }
    for (expression, says) in [
        ("'%s %s' % 'a'", "argument"),
        ("'%s' % ('a', 'b')", "not all arguments converted"),
        ("[] % 2", "% operator"),
    ] {
        let error = text(&format!("{{{{ {expression} }}}}"), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{expression}: {error}");
    }
}

#[test]
fn a_template_may_change_the_message() {
    let question = "Tom has 3 pens. How many?.";
    let body = format!("Be brief.\n\n{question}");
    for (change, want) in [
        ("m.content.rstrip('.')", "Tom has 3 pens. How many?"),
        ("m.content.strip().upper()", "TOM HAS 3 PENS. HOW MANY?."),
        ("m.content | lower", "tom has 3 pens. how many?."),
        ("m.content.replace(' ', '_')", "Tom_has_3_pens._How_many?."),
        ("m.content.replace('.', '')", "Tom has 3 pens How many?"),
        (
            "m.content | replace('?.', '?')",
            "Tom has 3 pens. How many?",
        ),
        ("m.content.title()", "Tom Has 3 Pens. How Many?."),
        ("m.content[:-1]", "Tom has 3 pens. How many?"),
        (
            "m.content.split() | join(' ') | replace('?.', '!')",
            "Tom has 3 pens. How many!",
        ),
        (
            "m.content | tojson | replace('pens', 'pens,')",
            "Tom has 3 pens,. How many?.",
        ),
        (
            "m.content.splitlines() | join('\\r\\n')",
            "Tom has 3 pens. How many?.",
        ),
    ] {
        let template = format!(
            "<s>{{% for m in messages %}}[U] {{{{ {change} }}}} [/U] How many?.{{% endfor %}}"
        );
        let chat = Chat {
            question: body.len() - question.len()..body.len(),
            ..chat(None, &body)
        };
        let rendered = render(&template, TOKENS, &chat).unwrap_or_else(|e| panic!("{change}: {e}"));
        assert!(rendered.changed, "{change}");
        let place = rendered
            .question
            .unwrap_or_else(|| panic!("{change}: {}", rendered.text));
        assert_eq!(&rendered.text[place], want, "{change}");
    }
    // A dot more, as the template's own.
    let dotted = "{{ messages[0].content }}. Think.";
    let rendered = render(dotted, TOKENS, &chat(None, "2 + 2")).unwrap();
    assert_eq!((rendered.question, rendered.changed), (Some(0..5), false));
    for dropped in [
        "{{ messages[0].role }}: {{ messages | length }}",
        "{{ messages[0].content | length }} letters",
        "{{ messages[0].content[:2] }}",
    ] {
        let error = render(dropped, TOKENS, &chat(None, question))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("leaves the message out"),
            "{dropped}: {error}"
        );
    }
}

#[test]
fn the_question_is_found_where_the_message_lies() {
    let body = " An apple.\n\n a ";
    let chat = Chat {
        question: body.len() - 3..body.len(),
        ..chat(None, body)
    };
    let template = "<a>{{ messages[0].content }}</a> a";
    let rendered = render(template, TOKENS, &chat).unwrap();
    let place = rendered.question.unwrap();
    assert_eq!(
        (place.start, &rendered.text[place]),
        (3 + body.len() - 3, " a")
    );
    // The template says the same behind it.
    let short = render(template, TOKENS, &self::chat(None, "a")).unwrap();
    assert_eq!(short.question, Some(3..4));
}

#[test]
fn variables_reach_the_template_and_are_known() {
    let template = "{%- if enable_thinking is defined and not enable_thinking %}<off>{% endif -%}{{ depth | default(1) }}{{ tools.a if tools }}{{ documents is none }}\
                    {%- set own = 1 %}{% for m in messages %}{{ m.content ~ own ~ loop.index0 }}{% endfor %}{{ bos_token }}{{ strftime_now('%Y') }}";
    assert_eq!(
        variables(template).unwrap(),
        ["depth", "documents", "enable_thinking", "tools"]
    );
    let Ok(serde_json::Value::Object(given)) =
        serde_json::to_value(json!({"enable_thinking": false, "depth": 3, "tools": {"a": null}}))
    else {
        panic!("an object")
    };
    let with = Chat {
        variables: &given,
        ..chat(None, "Hi")
    };
    assert_eq!(
        render(template, TOKENS, &with).unwrap().text,
        "<off>3NoneTrueHi10<s>1970"
    );
    assert_eq!(
        render(template, TOKENS, &chat(None, "Hi")).unwrap().text,
        "1TrueHi10<s>1970"
    );
    assert!(is_reserved("messages") && !is_reserved("depth"));
}
