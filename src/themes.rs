//! The themes that come with the program: the files of `themes/`.

use rotescope_report::theme::Themes;

/// The first is the default.
pub static THEMES: Themes = Themes::new(&[
    ("dark", include_str!("../themes/dark.toml")),
    ("light", include_str!("../themes/light.toml")),
    ("contrast", include_str!("../themes/contrast.toml")),
    (
        "colorblind-dark",
        include_str!("../themes/colorblind-dark.toml"),
    ),
    (
        "colorblind-light",
        include_str!("../themes/colorblind-light.toml"),
    ),
    ("dusk", include_str!("../themes/dusk.toml")),
    ("paper", include_str!("../themes/paper.toml")),
]);

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_report::theme::{Color, Depth, Rgb, Role, Style, Theme, distance, luminance};
    use rotescope_trace::Source;

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn all() -> Vec<Theme> {
        THEMES
            .names()
            .iter()
            .map(|n| THEMES.load(n, None).unwrap_or_else(|e| panic!("{n}: {e}")))
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
        let names: std::collections::HashSet<_> = THEMES.names().into_iter().collect();
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
}
