//! Pictures of few points.

use super::*;
use crate::theme::Themes;

fn theme() -> Theme {
    const THEMES: Themes = Themes::new(&[("light", include_str!("../../../../themes/light.toml"))]);
    THEMES.load("light", None).unwrap()
}

fn panel(points: Vec<Point>, look: Look) -> Panel {
    Panel {
        series: vec![Series {
            name: "a < b".into(),
            look,
            color: 0,
            points,
            ..Series::default()
        }],
        ..Panel::default()
    }
}

#[test]
fn what_is_no_number_is_left_out_and_names_are_escaped() {
    let points = [
        (0.0, 1.0),
        (1.0, f64::NAN),
        (2.0, f64::INFINITY),
        (3.0, 2.0),
    ];
    let chart = Chart {
        columns: 0,
        title: "<t>".into(),
        panels: vec![
            panel(points.map(Point::from).to_vec(), Look::Both),
            panel(Vec::new(), Look::Line),
        ],
    };
    let svg = chart.svg(&theme());
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert!(svg.contains("a &lt; b") && !svg.contains("<t>"));
    // Two points and the one of the legend.
    assert_eq!(svg.matches("<circle").count(), 3);
}

#[test]
fn larger_values_stand_higher_and_further_right() {
    let at = |svg: &str, name: &str| -> Vec<f64> {
        let values = svg.lines().filter(|l| l.starts_with("<circle"));
        let value = |l: &str| {
            l.split_once(&format!(" {name}=\""))
                .unwrap()
                .1
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        values.map(value).collect()
    };
    let points = [(0.0, 1.0), (1.0, 5.0)].map(Point::from).to_vec();
    let chart = Chart {
        columns: 0,
        title: String::new(),
        panels: vec![panel(points, Look::Points)],
    };
    let svg = chart.svg(&theme());
    let (x, y) = (at(&svg, "cx"), at(&svg, "cy"));
    assert!(x[0] < x[1] && y[0] > y[1], "{x:?} {y:?}");
    assert!(x[0] >= LEFT && x[1] <= LEFT + PLOT[0] && y[1] >= TOP && y[0] <= TOP + PLOT[1]);
}

#[test]
fn areas_are_told_apart_without_color() {
    let bar = |n: usize| Series {
        name: format!("{n}"),
        color: n,
        areas: vec![Area::Bar {
            x: 0.0,
            width: 0.2,
            from: 0.0,
            to: 1.0,
        }],
        ..Series::default()
    };
    let chart = |n: usize| Chart {
        panels: vec![Panel {
            series: vec![bar(n)],
            categories: vec!["a<b".into()],
            ..Panel::default()
        }],
        ..Chart::default()
    };
    let gray = |n: usize| {
        let svg = chart(n).svg(&theme());
        assert!(svg.contains("a&lt;b"));
        let mut out = svg;
        for n in 0..4 {
            out = out.replace(Ink::of(&theme()).series(n), "gray");
        }
        out.replace(&format!(">{n}<"), "><")
    };
    let looks: std::collections::BTreeSet<String> = (0..4).map(gray).collect();
    assert_eq!(looks.len(), 4);
}

#[test]
fn a_box_stands_between_its_ends() {
    let five = [0.1, 0.3, 0.4, 0.5, 0.9];
    let area = Area::Box {
        x: 1.0,
        width: 0.4,
        five,
        of: 17,
    };
    let chart = Chart {
        panels: vec![Panel {
            series: vec![Series {
                areas: vec![area],
                ..Series::default()
            }],
            range: Some([0.0, 1.0]),
            categories: vec!["a".into(), "b".into()],
            ..Panel::default()
        }],
        ..Chart::default()
    };
    let svg = chart.svg(&theme());
    // From 0 below to 1 above: the median lies four tenths up, in the middle of the second category.
    let median = TOP + PLOT[1] * 0.6;
    let [left, right] = [0.65, 0.85].map(|share| LEFT + PLOT[0] * share);
    let want = format!("M{left:.1} {median:.1}H{right:.1}");
    assert!(svg.contains(&want), "{want}\n{svg}");
    assert!(svg.contains(">17</text>"));
}

#[test]
fn pictures_of_pages_have_the_colors_of_the_page() {
    let svg = Chart {
        panels: vec![panel(vec![Point::from((0.0, 1.0))], Look::Points)],
        ..Chart::default()
    }
    .inline();
    assert!(svg.contains("var(--mid5)") && !svg.contains('#') && !svg.contains(" style="));
}

#[test]
fn panels_wrap_into_rows() {
    let chart = Chart {
        panels: vec![Panel::default(); 3],
        columns: 2,
        ..Chart::default()
    };
    let wide = 2.0 * (LEFT + PLOT[0] + RIGHT);
    let svg = chart.svg(&theme());
    assert!(svg.contains(&format!("width=\"{wide:.0}\"")));
    assert_eq!(svg.matches("<g transform=\"translate(0 ").count(), 1);
}

#[test]
fn names_of_points_that_are_near_each_other_stand_apart() {
    let chart = Chart {
        panels: vec![Panel {
            series: vec![Series {
                look: Look::Points,
                points: [(0.0, 0.0), (1.0, 0.5), (1.0, 0.51), (1.0, 0.52), (0.0, 1.0)]
                    .map(Point::from)
                    .into(),
                names: ["a", "b <1>", "c", "d"].map(String::from).into(),
                ..Series::default()
            }],
            ..Panel::default()
        }],
        ..Chart::default()
    };
    let svg = chart.svg(&theme());
    let place = |name: &str| -> f64 {
        let line = svg
            .lines()
            .find(|l| l.ends_with(&format!(">{name}</text>")));
        let y = line.unwrap().split("y=\"").nth(1).unwrap();
        y.split('"').next().unwrap().parse().unwrap()
    };
    let [a, b, c, d] = ["a", "b &lt;1&gt;", "c", "d"].map(place);
    assert!(a > b + 50.0, "{a} {b}");
    for (one, other) in [(b, c), (c, d), (b, d)] {
        assert!((one - other).abs() >= 10.9, "{one} {other}");
    }
    // On the right there is no room behind the point.
    assert!(svg.contains("text-anchor=\"end\"") && svg.contains("text-anchor=\"start\""));
    assert_eq!(svg.matches("font-size=\"10\"").count(), 4);
}
