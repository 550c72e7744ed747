use super::*;

/// A program with one theme.
const THEMES: Themes = Themes::new(&[("dark", include_str!("../../../../themes/dark.toml"))]);

#[test]
fn pure_colors_keep_their_names_in_sixteen() {
    for (color, want) in [
        (Rgb(0, 0, 0), 0),
        (Rgb(205, 0, 0), 1),
        (Rgb(0, 0, 238), 4),
        (Rgb(229, 229, 229), 7),
        (Rgb(127, 127, 127), 8),
        (Rgb(255, 0, 0), 9),
        (Rgb(0, 255, 0), 10),
        (Rgb(255, 255, 0), 11),
        (Rgb(255, 0, 255), 13),
        (Rgb(0, 255, 255), 14),
        (Rgb(255, 255, 255), 15),
    ] {
        assert_eq!(
            Depth::Ansi16.color(color),
            Some(Color::Ansi(want)),
            "{color:?}"
        );
    }
}

#[test]
fn depth_is_read_from_the_environment() {
    let detect = |term, colorterm, no_color| {
        Depth::detect(&Terminal {
            term,
            colorterm,
            no_color,
        })
    };
    assert_eq!(
        detect(Some("xterm-256color"), Some("truecolor"), None),
        Depth::TrueColor
    );
    assert_eq!(
        detect(Some("xterm-256color"), None, Some("")),
        Depth::Ansi256
    );
    assert_eq!(
        detect(Some("xterm-256color"), Some("24bit"), Some("1")),
        Depth::None
    );
    assert_eq!(detect(Some("vt220"), None, None), Depth::Ansi16);
    assert_eq!(detect(Some("dumb"), None, None), Depth::None);
    assert_eq!(
        Depth::Ansi256.color(Rgb(255, 0, 0)),
        Some(Color::Indexed(196))
    );
    assert_eq!(Depth::Ansi16.color(Rgb(250, 5, 5)), Some(Color::Ansi(9)));
}

#[test]
fn broken_files_say_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    for (text, want) in [
        (
            "inherits = \"dark\"\n[roles]\ntext = \"#12345\"\n",
            "roles.text",
        ),
        (
            "inherits = \"dark\"\n[roles]\nhue = \"#123456\"\n",
            "no such role",
        ),
        ("inherits = \"night\"\n", "night"),
        ("[roles]\n", "no background"),
        ("inherits = \"dark\"\n[roles\n", "line 2"),
    ] {
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, text).unwrap();
        let error = THEMES
            .load("mine", Some(folder.path()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(want) && error.contains("mine.toml"),
            "{error}"
        );
    }
    assert!(
        THEMES
            .load("nothing", None)
            .unwrap_err()
            .to_string()
            .contains("one of dark")
    );
    std::fs::write(
        folder.path().join("mine.toml"),
        "inherits = \"dark\"\n[palette]\nsky = \"#aaddff\"\n[roles]\ntext = \"sky\"\n",
    )
    .unwrap();
    let mine = THEMES.load("mine", Some(folder.path())).unwrap();
    assert_eq!(mine.style(Role::Text).fg, Some(Rgb(0xaa, 0xdd, 0xff)));
}

#[test]
fn strengths_are_fifths() {
    for (score, s) in [
        (-1.0, 0),
        (0.0, 0),
        (0.01, 1),
        (0.2, 1),
        (0.21, 2),
        (0.81, 5),
        (1.0, 5),
    ] {
        assert_eq!(strength(score), s, "{score}");
    }
}

#[test]
fn what_is_selected_can_be_read_in_every_theme() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../themes");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert!(files.len() >= 7);
    for file in files {
        let path = file.unwrap().path();
        let name = path.display();
        let theme = THEMES.load(&name.to_string(), None).unwrap();
        for strength in 0..=5 {
            let plain = theme.source(Source::Local, strength);
            let style = theme.selected(plain);
            let light = |c: Option<Rgb>| depth::luminance(c.unwrap()) + 0.05;
            let (a, b) = (light(style.fg), light(style.bg));
            let contrast = a.max(b) / a.min(b);
            assert!(
                contrast >= 3.0,
                "{name}, strength {strength}: {contrast:.2}"
            );
            assert_eq!((style.bold, style.underline), (plain.bold, plain.underline));
        }
    }
}
