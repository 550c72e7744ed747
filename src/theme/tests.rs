use super::depth::{distance, luminance};
use super::*;

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn all() -> Vec<Theme> {
    Theme::names()
        .iter()
        .map(|n| Theme::load(n, None).unwrap_or_else(|e| panic!("{n}: {e}")))
        .collect()
}

/// How two colors look without cones for medium wavelengths (Viénot, Brettel, Mollon 1999, without gamma: a rough picture).
fn deuteranopia(c: Rgb) -> Rgb {
    let (r, g, b) = (f64::from(c.0), f64::from(c.1), f64::from(c.2));
    let yellow = (0.29275 * r + 0.70725 * g).clamp(0.0, 255.0) as u8;
    let blue = (-0.02234 * r + 0.02234 * g + b).clamp(0.0, 255.0) as u8;
    Rgb(yellow, yellow, blue)
}

#[test]
fn every_theme_loads_and_is_named_once() {
    let names: std::collections::HashSet<_> = Theme::names().iter().collect();
    assert_eq!(names.len(), all().len());
    assert!(names.len() >= 6);
    assert!(all()[0].is_dark() && !all()[1].is_dark());
}

#[test]
fn text_and_sources_stand_out_from_the_background() {
    for t in all() {
        for source in Source::ALL {
            for s in 1..=5 {
                let c = contrast(t.source(source, s).fg.unwrap(), t.background());
                assert!(c >= 4.5, "{}: {source} {s}: {c:.2}", t.name());
            }
        }
        for role in Role::ALL.into_iter().filter(|r| *r != Role::Border) {
            let style = t.style(role);
            let on = style.bg.unwrap_or(t.background());
            let c = contrast(style.fg.unwrap_or(t.style(Role::Text).fg.unwrap()), on);
            assert!(c >= 4.5, "{}: {}: {c:.2}", t.name(), role.name());
        }
    }
}

#[test]
fn neighbours_stay_distinct_at_every_depth() {
    for t in all() {
        for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::TrueColor] {
            let look = |source, s| {
                let style: Style = t.source(source, s);
                let color = depth.color(style.fg.unwrap());
                (
                    color.map(|c| format!("{c:?}")),
                    style.bold,
                    style.underline,
                    style.italic,
                )
            };
            for source in Source::ALL {
                for s in 1..5 {
                    assert_ne!(
                        look(source, s),
                        look(source, s + 1),
                        "{} {depth:?} {source} {s}",
                        t.name()
                    );
                }
            }
            if matches!(depth, Depth::Ansi256 | Depth::TrueColor) {
                for s in 1..=5 {
                    let [l, m, q] = Source::ALL.map(|x| look(x, s));
                    assert!(l != m && m != q && l != q, "{} {depth:?} {s}", t.name());
                }
            }
        }
        for s in 3..=5 {
            let [l, m, q] = Source::ALL.map(|x| t.source(x, s).fg.unwrap());
            for (a, b) in [(l, m), (m, q), (l, q)] {
                assert!(
                    distance(a, b) > 1024 * 50 * 50,
                    "{} {s}: {a:?} {b:?}",
                    t.name()
                );
                if t.name().starts_with("colorblind") {
                    let d = distance(deuteranopia(a), deuteranopia(b));
                    assert!(d > 1024 * 40 * 40, "{} {s}: {a:?} {b:?} {d}", t.name());
                }
            }
        }
    }
}

#[test]
fn sixteen_colors_keep_the_sources_apart_and_text_grey() {
    for t in all() {
        let ansi = |c| Depth::Ansi16.color(c);
        // The weakest may fade to grey.
        for s in 2..=5 {
            let [l, m, q] = Source::ALL.map(|x| ansi(t.source(x, s).fg.unwrap()));
            assert!(
                l != m && m != q && l != q,
                "{} {s}: {l:?} {m:?} {q:?}",
                t.name()
            );
        }
        let text = ansi(t.style(Role::Text).fg.unwrap());
        assert!(
            matches!(text, Some(Color::Ansi(0 | 7 | 8 | 15))),
            "{}: {text:?}",
            t.name()
        );
    }
}

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
        let error = Theme::load("mine", Some(folder.path()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(want) && error.contains("mine.toml"),
            "{error}"
        );
    }
    assert!(
        Theme::load("nothing", None)
            .unwrap_err()
            .to_string()
            .contains("colorblind-dark")
    );
    std::fs::write(
        folder.path().join("mine.toml"),
        "inherits = \"dark\"\n[palette]\nsky = \"#aaddff\"\n[roles]\ntext = \"sky\"\n",
    )
    .unwrap();
    let mine = Theme::load("mine", Some(folder.path())).unwrap();
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
