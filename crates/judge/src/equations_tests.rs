//! Equations as models write them: each kind in several forms.

use super::Judgement;
use super::arithmetic::check;

/// Judges steps and compares; all that differ are shown at once.
fn compare<'s>(steps: impl IntoIterator<Item = &'s str>, holds: impl Fn(&str, &Judgement) -> bool) {
    let judged = steps.into_iter().map(|s| (s, check(s, 10)));
    let other: Vec<_> = judged.filter(|(s, v)| !holds(s, v)).collect();
    assert!(other.is_empty(), "{other:#?}");
}

pub(super) fn right(steps: &[&str]) {
    compare(steps.iter().copied(), |_, v| *v == Judgement::Right);
}

pub(super) fn silent(steps: &[&str]) {
    compare(steps.iter().copied(), |_, v| *v == Judgement::NotApplicable);
}

pub(super) fn not_wrong(steps: &[&str]) {
    compare(steps.iter().copied(), |_, v| {
        !matches!(v, Judgement::Wrong { .. })
    });
}

/// Step and what should stand in place of its false value.
pub(super) fn wrong(steps: &[(&str, &str)]) {
    compare(steps.iter().map(|(s, _)| *s), |step, v| {
        let wanted = steps.iter().find(|(s, _)| *s == step).map(|(_, w)| *w);
        matches!(v, Judgement::Wrong { expected, .. } if Some(expected.as_str()) == wanted)
    });
}

#[test]
fn units_and_words_on_either_side() {
    right(&[
        "60 days * $4.00 per day = $240",
        "2 bolts of blue fiber * 2 = 4 bolts",
        "\\[ 2 \\text{ books} \\times 2 \\text{ pounds/book} = 4 \\text{ pounds} \\]",
        "16 eggs per day - 3 eggs for breakfast - 4 eggs for muffins = 9 eggs",
        "So 5 hours a day * 7 days a week = 35 hours a week.",
        "24 hours / 4 snails = 6 hours per snail",
        "31 crates x 40 apples per crate = 1240 apples",
        "20 (small ones) + 35 (large ones) = 55 buttons",
        "\\[15 \\text{ km (uphill)} + 20 \\text{ km (downhill)} = 35 \\text{ km}\\]",
        "5 eight-ounce cups * 2 = 10 cups",
        "20 cm^2 + 5 cm^2 = 25 cm^2",
        "90° + 45° = 135°",
        "\\(90^\\circ - 30^{\\circ} = 60^\\circ\\)",
        "4 cows * 5 liters/cow/day = 20 liters/day",
        "100km + 20km = 120km",
        "$3 million * 2 = $6 million",
    ]);
    wrong(&[
        ("60 days * $4.00 per day = $200", "240"),
        ("2 bolts of blue fiber * 2 = 5 bolts", "4"),
        (
            "\\(2 \\text{ books} \\times 2 \\text{ pounds/book} = 5 \\text{ pounds}\\)",
            "4",
        ),
        ("16 eggs per day - 3 eggs for breakfast = 12 eggs", "13"),
        ("31 crates x 40 apples per crate = 1250 apples", "1240"),
        ("20 (small ones) + 35 (large ones) = 65 buttons", "55"),
        ("5 days * 3 eggs = 16 eggs", "15"),
        ("$112/meter × 350 meters = $39,100", "39,200"),
        ("5 red apples + 3 green apples = 9 apples", "8"),
    ]);
    silent(&[
        "2 hours + 30 minutes = 150 minutes",
        "2 weeks * 5 apples = 70 apples",
        "3 feet + 2 feet = 60 inches",
        "3 pairs + 2 pairs = 10 socks",
        "2 hours * 20 = 2400 minutes",
        "$3 + 25 cents = $3.25",
        "2 boxes + 3 pencils = 27 pencils",
        "1/2 inch = 20 miles",
        "1/4 = 7 swans",
        "25 * 4 = $1",
        "Rent is 4 thousand dollars a month, so 4 * 6 = $24,000.",
        "One year and 3 months = 12+3",
        "1% is equal to 6/30",
        ".2(Price of Pens) + 3 = .35(Price of Pens)",
        "This means 60 = 1/4 * Team B",
        "2(70-Costs) = 68",
        "$300+($300*(20/100) = $360 in all",
    ]);
}

#[test]
fn percents() {
    right(&[
        ".25% - 2.5% = -2.25%",
        "20% of $50 = $10",
        "30\\% of 200 = 60",
        "0.2 * 100% = 20%",
        "100% - 20% = 80%",
        "1 - 20% = 80%",
        "(2/4) x 100 = 50%",
        "45 % of 200 = 90",
        "$50 * 10% = $5",
    ]);
    wrong(&[
        (".25% - 2.5% = -3%", "-2.25"),
        ("20% of $50 = $12", "10"),
        ("100% - 20% = 70%", "80"),
        ("20/60 x 100% = 20%", "33.33"),
    ]);
    not_wrong(&[
        "The share is 1 / 7 * 100% = 14%.",
        "33% of 60 = 20",
        "100 - 20% = 80",
        "As a percentage, 5/20 = 25",
        "17 % 5 = 2",
        "17%5 = 2",
    ]);
}

#[test]
fn fractions_of_things() {
    right(&[
        "1/3 of 21 swans = 7",
        "1/3 of the 21 swans = 7 swans",
        "\\(\\frac{1}{3}\\) of 18 = 6",
        "(1/3) of 18 = 6",
        "2/3 of $30 = $20",
        "3/4 of his 20 marbles = 15 marbles",
        "½ of 10 = 5",
        "2½ * 2 = 5",
        "2 1/2 + 1 1/2 = 4",
        "$2\\frac{1}{2} + \\frac12 = 3$",
    ]);
    wrong(&[
        ("1/3 of 21 swans = 8", "7"),
        ("\\frac{3}{5} \\times 5000 = 1000", "3000"),
        ("3/5 * 5000 = 1000 gallons", "3000"),
        ("2 1/2 + 1 1/2 = 5", "4"),
    ]);
    silent(&["twice 5 + 3 = 13", "x is twice y", "half of 5 + 3 = 5.5"]);
}

#[test]
fn calculator_marks() {
    right(&[
        "She has 16 - 3 - 4 = <<16-3-4=9>>9 eggs.",
        "It costs 1.1+2.2=$<<1.1+2.2=3.3000000000000003>>3.3, or 4*5-5=<<4*5-5=14.999999999999998>>15.",
        "Each gets 8/3 = <<8/3=2.6666666666666665>>2.67 liters.",
        "That is <<.1+.2=0.30000000000000004>>0.3.",
        "It is 20% of 50 = <<20*.01*50=10>>10.",
        "So <<50*.2=10>>$10 is left",
        "A share of <<20/80*100=25>>25%",
        "<<1/4=.25>>25%",
        "<<1200*2=2400>>2,400 in all",
        "<<3-5=-2>>-2",
    ]);
    wrong(&[
        ("She has 16 - 3 - 4 = <<16-3-4=9>>10 eggs.", "9"),
        ("She has <<16-3-4=10>>10 eggs.", "9"),
        ("<<20*5=100>>$110", "100"),
        ("is <<5=5>>6", "5"),
        ("<<7-9=-2>>2", "-2"),
    ]);
    not_wrong(&[
        "<<1/2=.5>>1/2",
        "<<1000000*2=2000000>>2 million",
        "<<5*2=10>>10:00",
        "<<a=5>>5",
        "<<<<<<",
        "<<5+3=8>>",
        "<<10/3=3.3333333333333335>>3",
    ]);
}

#[test]
fn rounding() {
    right(&[
        "Each gets 8 / 3 = 2.6666666666666665 liters.",
        "0.1 + 0.2 = 0.30000000000000004",
        "10 / 3 = 3.33",
        "10 / 3 = 3.333...",
        "2 / 3 = 0.66",
        "\\(2.8284^2 = 8\\)",
        "10 / 3 ≈ 3",
        "1234 + 1 ≈ 1200",
        "131 / 416 ≈ 0.315",
        "100 / 7 = 14",
        "\\sqrt{2} \\approx 1.414",
        "3 * 3.33 = 10",
        "\\sqrt{50} = 7.07",
        "5 / 7 is approximately equal to 0.71",
        "5 / 7 = about 0.71",
    ]);
    not_wrong(&[
        "18 * 3.33 = 60",
        "360 * .2969 = 106.85",
        "(2.8284)^2 = 8",
        "14.29 * 7 = 100",
        "0.333 * 60 = 20",
        "7 / 2 = 3 boxes",
        "5.95 / 0.70 = 8 bars",
        "3.14 * 5^2 ≈ 78.54",
        "5 * 1.73 ≈ 8.66",
        "36.8 * 1.5 = 55",
        "3/4 = 0.7",
        "2.5 + 1.2 = 4",
        "4.5 * 3 = 14",
        "\\frac{1}{0.414213562373095} \\approx 2.415386471827448",
    ]);
    wrong(&[
        ("10 / 3 = 3.4", "3.33"),
        ("\\sqrt{50} = 7.2", "7.07"),
        ("\\sqrt{50} = 5\\sqrt{3}", "7.07"),
        ("10 / 3 ≈ 5", "3.33"),
        ("$2.50 * 3 = $7.60", "7.5"),
        ("6.30 + 2.45 + 3.25 = 11.99", "12"),
        ("\\frac{1}{7 - \\frac{9}{2}} = 1", "0.4"),
        ("450*(1+0.12) = 480", "504"),
    ]);
}

#[test]
fn variables_are_neither_dropped_nor_units() {
    silent(&[
        "49 - 3ab = 6",
        "\\(49 - 3ab = 6\\)",
        "49 - 3 ab = 6",
        "1.45x = 20 + 3",
        "65 + 2xy = 105",
        "$65 + 2xy = 105$",
        "5 + 3 = 8x",
        "5 + 3 = 9 - y",
        "\\(5 + 3 = 9\\pi\\)",
        "2x + 3 + 4 = 11",
        "f(2) + 3 = 9",
        "f(5) = 2 * 3 + y",
        "x + 2 * 3 = 7",
        "\\sin 30 + 1 = 2",
        "x_1 + 2 = 4",
        "12_3 + 1 = 20",
        "1 + 2 + ... + 10 = 56",
        "1 + 2 + \\cdots + 10 = 56",
        "C(5,2) + 1 = 12",
        "5 m * 4 m = 21 m",
        "\\begin{pmatrix} 2 \\\\ 1 \\end{pmatrix} = 5",
        "70 = 25 + 30 + 40 - |A \\cap C| + 6",
        "2x(3) = 7, so x = 1",
        "5 + 3 = 9 \\cdot k",
        "\\text{lcm}(4, 6) + 1 = 14",
    ]);
    right(&[
        "x = 5 + 3 = 8",
        "f(2) = 2 + 3 = 5",
        "Total = A + B = 5 + 3 = 8",
    ]);
    wrong(&[("x = 5 + 3 = 9", "8"), ("f(2) = 2 + 3 = 6", "5")]);
}

#[test]
fn borders_of_equations() {
    right(&[
        "Since \\(3^1 = 3\\):\n- \\(5^8 = 390625\\)",
        "- 5 + 3 = 8",
        "* 5 + 3 = 8\n* 2 + 2 = 4",
        "• 5 + 3 = 8",
        "Subtracting 4 gives \\[-11 = -15+4.\\]",
        "\\[ 5 + 3 = 8 \\]\n\\[ 2 \\cdot 4 = 8 \\]",
        "\\begin{align*} x &= 5 \\cdot 4 \\\\ &= 20 \\end{align*}",
        "\\begin{aligned} 5 + 3 &= 8 \\\\ 2 + 2 &= 4 \\end{aligned}",
        "5 * 4\n= 20",
        "$$5 + 3 = 8$$ $$2 + 2 = 4$$",
        "1. 5 + 3 = 8\n2. 2 + 2 = 4",
        "5 + 3 = 8 > 7",
        "3 < 2 + 2 = 4",
        "5 + 3 = 8 \\Rightarrow 8 - 3 = 5",
        "5 + 3 = 8 \\quad 2 + 2 = 4",
        "215 = 13 \\times 16 + 7",
        "\\[ 7 = 3 + 4 \\]",
    ]);
    wrong(&[
        ("- \\(5^8 = 10^8\\)", "390625"),
        ("\\[ 5 + 3 = 8 \\]\n\\[ 2 \\cdot 4 = 9 \\]", "8"),
        ("\\[-11 = -15+5.\\]", "-11"),
        ("215 = 13 × 16 + 9", "215"),
        ("$164 + 52 = 206$, $206 - 41 = 165$", "216"),
        ("5 * 4\n= 21", "20"),
        ("(5 + 3 = 9 apples)", "8"),
        ("| total | 5 + 3 = 9 |", "8"),
        ("25% = 1/4, 25% of 80 = 25", "20"),
        (
            "\\(5 \\text{ m} \\times 4 \\text{ m} = 21 \\text{ m}^2\\)",
            "20",
        ),
    ]);
    silent(&[
        "\\[ x = 4 \\]\n\\[ 5 = y \\]",
        "Day 2 = 5 + 3",
        "5*2\n+ 3*4\n= 22",
        "5 + 3 > 9",
        "5 + 3 ≥ 7",
        "14, 400 + 5 = 6",
        "9:00 + 2 = 11:00",
        "3 : 5 + 2 = 8",
    ]);
}

#[test]
fn remainders() {
    right(&[
        "17 / 5 = 3 remainder 2",
        "17 / 5 = 3 R 2",
        "17 ÷ 5 = 3 R2",
        "17 / 5 = 3 with a remainder of 2",
        "17 / 5 = 3 with 2 left over",
        "\\(1000 \\div 216 = 4\\) remainder \\(136\\)",
        "\\( \\frac{38}{6} = 6 \\) full bags (with a remainder of 2)",
        "17 apples / 5 = 3 apples, remainder 2",
    ]);
    wrong(&[
        ("215 ÷ 13 = 16 with a remainder of 9", "7"),
        ("17 / 5 = 3 R 4", "2"),
        ("605 ÷ 6 = 101 with a remainder of 1", "100"),
    ]);
    not_wrong(&[
        "17 / 5 = 3 full boxes",
        "17 / 5 = 4 boxes, one of which remains open",
        "17/5 = 3, leaving some left over",
        "900/300 = 3 hours remaining to fly 1500 miles",
    ]);
}

#[test]
fn thousands_roots_powers_factorials() {
    right(&[
        "We have $90^3 = 729,\\!000$.",
        "90^{3} = 729{,}000",
        "1\\,000 \\cdot 2 = 2\\,000",
        "1,50,000 + 50,000 = 2,00,000",
        "\\sqrt{16} + 1 = 5",
        "\\sqrt[3]{27} = 3",
        "√16 + 2 = 6",
        "5² + 3² = 34",
        "5! = 120",
        "\\frac{5!}{3!2!} = 10",
        "\\binom{5}{2} = 10",
        "\\(11! = 11 \\times 10!\\)",
        "2^{-2} = 0.25",
        "\\left( 2 + 3 \\right) \\cdot 4 = 20",
        "3 \\times 10^5 = 300000",
        "2(3)(4) = 24",
        "4 - -3 = 7",
        "\\sqrt{8} = 2\\sqrt{2}",
    ]);
    wrong(&[
        ("90^3 = 729,\\!001", "729,000"),
        ("5! = 125", "120"),
        ("\\binom{5}{2} = 12", "10"),
        ("The total is 5 + 3 = 9!", "8"),
        ("\\sqrt{16} + 1 = 6", "5"),
    ]);
    silent(&[
        "-5^2 = 25",
        "2^3^2 = 64",
        "6 / 2(1 + 2) = 1",
        "100 / 5 / 2 = 40",
    ]);
}
