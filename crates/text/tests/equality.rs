//! Pairs of answers that are the same, and pairs that are not, by kind.

use rotescope_text::{Locale, same_answer, same_answer_in};

fn check(pairs: &[(&str, &str)], same: bool) {
    let bad: Vec<_> = pairs
        .iter()
        .filter(|(a, b)| same_answer(a, b) != same || same_answer(b, a) != same)
        .collect();
    assert!(
        bad.is_empty(),
        "should be {}: {bad:#?}",
        if same { "the same" } else { "different" }
    );
}

fn equal(pairs: &[(&str, &str)]) {
    check(pairs, true);
}

fn different(pairs: &[(&str, &str)]) {
    check(pairs, false);
}

#[test]
fn thousands() {
    equal(&[
        ("10,000", "10000"),
        ("10\\,000", "10000"),
        ("10{,}000", "10000"),
        ("10 000", "10000"),
        ("12 500", "12,500"),
        ("12\u{2009}500", "12500"),
        ("12\u{202f}500", "12500"),
        ("12\u{a0}500", "12500"),
        ("12~500", "12500"),
        ("729,\\!000", "729000"),
        ("12'500", "12500"),
        ("12’500", "12500"),
        ("1_000_000", "1000000"),
        ("12,34,567", "1234567"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("1.234,56", "1234.56"),
        ("$1{,}234{,}567$", "1234567"),
        ("1\\;000\\;000", "1000000"),
    ]);
    different(&[
        ("10,000", "10"),
        ("10,000", "1000"),
        ("1,234", "1.234"),
        ("1,23", "123"),
        ("12 500", "500"),
        ("12 500", "12"),
        ("(10, 000)", "10000"),
    ]);
}

#[test]
fn currencies() {
    equal(&[
        ("$5", "5"),
        ("5$", "5"),
        ("5 dollars", "$5"),
        ("USD 5", "5"),
        ("5 USD", "$5.00"),
        ("US$5", "5 dollars"),
        ("\\$1,234.00", "1234"),
        ("\\$5", "$5"),
        ("€18.50", "18.5 euros"),
        ("18,50 €", "18.50"),
        ("18,50 Euro", "18.5"),
        ("£3", "3 pounds"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("$ 5", "5"),
        ("50 cents", "$0.50"),
        ("18 dollars and 50 cents", "$18.50"),
        ("$18 per day for 9 eggs", "18"),
        ("$5k", "5000"),
        ("₹1,00,000", "100000"),
        ("1.500 €", "1500"),
        ("Rs. 250", "250"),
        ("eighteen dollars", "$18"),
    ]);
    different(&[
        ("$5", "$6"),
        ("$5", "5 euros"),
        ("€5", "$5"),
        ("50 cents", "$50"),
        ("$5.50", "5"),
        ("$5", "5 apples"),
    ]);
}

#[test]
fn percent() {
    equal(&[
        ("50%", "0.5"),
        ("50%", "50"),
        ("50 percent", "50\\%"),
        ("50\\%", "\\frac{1}{2}"),
        ("20%", "20"),
        ("28 percent", "28\\%"),
        ("12.5 per cent", "12.5%"),
        ("50％", "50%"),
        ("33\\frac{1}{3}\\%", "\\frac{1}{3}"),
    ]);
    different(&[
        ("50%", "0.05"),
        ("50%", "5"),
        ("50%", "5%"),
        ("50%", "500"),
        ("0.5%", "50%"),
        ("33%", "\\frac{1}{3}"),
    ]);
}

#[test]
fn units() {
    equal(&[
        ("5 apples", "5"),
        ("5 apples", "5 apple"),
        ("5 boxes", "5 box"),
        ("10 km", "10km"),
        ("10 km", "10 kilometers"),
        ("5 \\text{ cm}", "5"),
        ("5\\ \\mathrm{cm}^2", "5 \\text{ square centimeters}"),
        ("5 m^2", "5"),
        ("90^\\circ", "90"),
        ("90^\\circ", "90 degrees"),
        ("90°", "90^{\\circ}"),
        ("60 minutes", "1 hour"),
        ("2 hours 30 minutes", "2.5 hours"),
        ("2 hours and 30 minutes", "150 minutes"),
        ("5 feet 3 inches", "63 inches"),
        ("12 red apples", "12 apples"),
        ("72 in total", "72"),
        ("5 of the eggs", "5 eggs"),
        ("12 inches", "12 in"),
        ("3 dozen", "36"),
        ("3 dozen eggs", "36"),
        ("60 mph", "60 miles per hour"),
        ("18 eggs a day", "18"),
        ("20 \\text{ cm}^{3}", "20 cm^3"),
    ]);
    different(&[
        ("5 apples", "5 pears"),
        ("5 km", "5 m"),
        ("5 km", "5 km per hour"),
        ("5 m^2", "5 m"),
        ("5 cm^2", "5 cm^3"),
        ("2 hours 30 minutes", "2"),
        ("5 hours", "5 minutes"),
        ("3rd", "3"),
        ("5 more than 3", "5"),
        ("3 of 5", "3"),
        ("5 minus 3", "5"),
        ("101 Dalmatians", "101 dalmatians"),
    ]);
}

#[test]
fn fractions() {
    equal(&[
        ("\\frac{1}{2}", "1/2"),
        ("\\frac12", "0.5"),
        ("\\frac1{2}", "\\frac{1}2"),
        ("\\dfrac{1}{2}", "\\tfrac12"),
        ("\\frac{10}{9}", "10/9"),
        ("-\\frac{1}{2}", "\\frac{-1}{2}"),
        ("-\\frac{1}{2}", "-0.5"),
        ("\\frac{2}{4}", "\\frac{1}{2}"),
        ("1 1/2", "1.5"),
        ("1\\frac{1}{2}", "\\frac{3}{2}"),
        ("1\\frac12", "1.5"),
        ("-1 1/2", "-1.5"),
        ("2½", "2.5"),
        ("½", "1/2"),
        ("0.1", "1/10"),
        ("0.\\overline{3}", "1/3"),
        ("3 1/2 cups", "3.5"),
        ("\\frac{3}{4} \\text{ cups}", "0.75"),
        ("{1}/{2}", "\\frac{1}{2}"),
        ("\\frac{5\\pi}{6}", "5\\pi/6"),
    ]);
    different(&[
        ("\\frac{10}{9}", "9"),
        ("\\frac{1}{2}", "2"),
        ("\\frac{1}{2}", "12"),
        ("1 1/2", "1/2"),
        ("1 1/2", "11/2"),
        ("1/3", "0.333"),
        ("\\frac{1}{2}", "\\frac{2}{1}"),
        ("3/4", "4/3"),
    ]);
}

#[test]
fn powers_and_scales() {
    equal(&[
        ("1.5e3", "1500"),
        ("1.5E+3", "1500"),
        ("3 \\times 10^4", "30000"),
        ("3 \\times 10^{4}", "3e4"),
        ("3 × 10⁴", "30,000"),
        ("3 x 10^4", "30000"),
        ("3*10^4", "30000"),
        ("3 \\cdot 10^{-2}", "0.03"),
        ("2^{10}", "1024"),
        ("2^10", "1024"),
        ("2**10", "1024"),
        ("10^3", "1000"),
        ("x^2", "x²"),
        ("2 million", "2,000,000"),
        ("2.5 million dollars", "$2500000"),
        ("$2 billion", "2000000000"),
        ("3 thousand", "3000"),
        ("2 lakh", "200000"),
        ("3万", "30000"),
        ("2^{100}", "2^{100}"),
    ]);
    different(&[
        ("2 million", "2"),
        ("3 \\times 10^4", "3"),
        ("3 \\times 10^4", "10^4"),
        ("1.5e3", "1.5"),
        ("2^{100}", "2^{100}+1"),
        ("e^{50}", "e^{50}+1"),
        ("2^{10}", "20"),
        ("2^{10}", "210"),
        ("x^2", "x^3"),
        ("x^2", "x2"),
    ]);
}

#[test]
fn number_words() {
    equal(&[
        ("twenty-three", "23"),
        ("Twenty three", "23"),
        ("eighteen", "18"),
        ("two hundred and five", "205"),
        ("one thousand five hundred", "1,500"),
        ("seven apples", "7"),
        ("Seven", "7"),
        ("three quarters", "3/4"),
        ("two and a half", "2.5"),
        ("half", "1/2"),
        ("a dozen", "12"),
        ("three million", "3000000"),
        ("one third", "1/3"),
        ("zero", "0"),
        ("fifty percent", "50%"),
    ]);
    different(&[
        ("twenty-three", "20"),
        ("two hundred", "2"),
        ("Seven Wise Men", "7"),
        ("seven", "8"),
        ("three hundred", "3"),
    ]);
}

#[test]
fn times_and_ratios() {
    equal(&[
        ("6:00", "6:00"),
        ("6:00 pm", "6 pm"),
        ("6:00 PM", "6 p.m."),
        ("18:00", "6 pm"),
        ("6:30", "6:30 am"),
        ("06:30", "6:30"),
        ("6 pm", "6"),
        ("12:30 pm", "12:30"),
        ("3:2", "3 : 2"),
        ("3:2", "3 to 2"),
        ("3:2", "6:4"),
        ("3:2", "\\frac{3}{2}"),
        ("1:2:3", "2:4:6"),
    ]);
    different(&[
        ("6:00", "6:30"),
        ("6 am", "6 pm"),
        ("18:00", "6 am"),
        ("3:2", "2:3"),
        ("3:2", "3"),
        ("5:15", "10:30"),
        ("6:00", "600"),
        ("6:30", "30"),
    ]);
}

#[test]
fn points_intervals_sets() {
    equal(&[
        ("(1,2)", "(1, 2)"),
        (
            "\\left( 3, \\frac{\\pi}{2} \\right)",
            "(3, \\frac{\\pi}{2})",
        ),
        ("\\left(3,\\pi/2\\right)", "(3, \\frac{\\pi}{2})"),
        ("( -1 , 0.5 )", "(-1, 1/2)"),
        ("[0,1)", "[0, 1)"),
        ("\\left[0,1\\right)", "[0, 1)"),
        ("(-\\infty, 3]", "(-∞, 3]"),
        (
            "(-\\infty, 1) \\cup (2, \\infty)",
            "(2,\\infty)\\cup(-\\infty,1)",
        ),
        ("\\{1, 2, 3\\}", "\\{3,1,2\\}"),
        ("{1, 2}", "\\{2, 1\\}"),
        ("1, 2", "2, 1"),
        ("1 and 2", "1, 2"),
        ("1 or 2", "2 or 1"),
        ("x = 1 or x = 2", "1, 2"),
        ("x = 1, x = 2", "\\{1, 2\\}"),
        ("x=2, y=3", "(2, 3)"),
        ("\\pm 2", "2, -2"),
        ("\\pm\\sqrt{2}", "\\sqrt2, -\\sqrt2"),
        ("1 \\pm \\sqrt{3}", "1+\\sqrt3, 1-\\sqrt3"),
        ("\\emptyset", "\\varnothing"),
        (
            "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}",
            "\\begin{pmatrix}1\\\\2\\end{pmatrix}",
        ),
        ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(1, 2)"),
        (
            "\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}",
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        ),
        (
            "\\begin{pmatrix} \\frac12 & 2 \\end{pmatrix}",
            "\\begin{pmatrix} 0.5 & 2 \\end{pmatrix}",
        ),
        ("\\langle 1, 2 \\rangle", "(1, 2)"),
        ("[1, 2, 3]", "(1, 2, 3)"),
        ("x > 5", "5 < x"),
        ("x \\geq 5", "[5, \\infty)"),
        ("2 < x \\le 3", "(2, 3]"),
        ("x \\in [2, 3]", "[2,3]"),
        ("((1,2),(3,4))", "((1, 2), (3, 4))"),
        ("(1,2), (3,4)", "(3,4), (1,2)"),
        ("\\left\\{ 1, \\frac{1}{2} \\right\\}", "\\{0.5, 1\\}"),
    ]);
    different(&[
        ("(1, 2)", "(2, 1)"),
        ("(7, 6)", "6"),
        ("(7, 6)", "7"),
        ("(1, 2)", "1.2"),
        ("(1, 2)", "12"),
        ("[0, 1)", "(0, 1)"),
        ("[0, 1]", "[0, 1)"),
        ("\\{1, 2\\}", "\\{1, 3\\}"),
        ("\\{1, 2\\}", "\\{1\\}"),
        ("1, 2", "1"),
        ("3 or 4", "3"),
        ("1, 1, 2", "1, 2, 2"),
        ("\\pm 2", "2"),
        ("x > 5", "x \\ge 5"),
        ("x > 5", "x < 5"),
        ("x > 5", "5"),
        ("(-\\infty, 3)", "(3, \\infty)"),
        (
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            "\\begin{pmatrix} 1 & 3 \\\\ 2 & 4 \\end{pmatrix}",
        ),
        (
            "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}",
            "\\begin{pmatrix} 1 & 2 \\end{pmatrix}",
        ),
        ("(1,2,3)", "(1,2)"),
    ]);
}

#[test]
fn roots_and_constants() {
    equal(&[
        ("2\\sqrt{3}", "2 \\sqrt 3"),
        ("2\\sqrt3", "\\sqrt{12}"),
        ("2√3", "2\\sqrt{3}"),
        ("2*sqrt(3)", "2\\sqrt{3}"),
        ("\\frac{\\sqrt{3}}{2}", "\\frac{3}{2\\sqrt{3}}"),
        ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"),
        ("\\frac{1}{1+\\sqrt2}", "\\sqrt{2}-1"),
        ("\\sqrt{50}", "5\\sqrt{2}"),
        ("\\sqrt{\\frac{1}{2}}", "\\frac{\\sqrt2}{2}"),
        ("\\sqrt[3]{16}", "2\\sqrt[3]{2}"),
        ("\\sqrt{2}\\sqrt{3}", "\\sqrt6"),
        ("\\sqrt{16}", "4"),
        ("3^{1/2}", "\\sqrt{3}"),
        ("8^{\\frac{2}{3}}", "4"),
        ("\\frac{1+\\sqrt{5}}{2}", "\\frac{\\sqrt5+1}{2}"),
        ("\\sqrt{3+2\\sqrt{2}}", "1+\\sqrt2"),
        ("2\\pi", "2 π"),
        ("2pi", "2\\pi"),
        ("\\frac{\\pi}{2}", "\\pi/2"),
        ("\\frac{3}{4}\\pi", "\\frac{3\\pi}{4}"),
        ("0.5\\pi", "\\frac{\\pi}{2}"),
        ("16\\pi \\text{ cm}^2", "16\\pi"),
        ("2+3i", "3i+2"),
        ("i^2", "-1"),
        ("(1+i)(1-i)", "2"),
        ("\\sqrt{-4}", "2i"),
        ("\\sin 30^\\circ", "1/2"),
        ("\\log_2 8", "3"),
        ("\\ln e", "1"),
        ("\\cos\\frac{\\pi}{3}", "0.5"),
        ("\\lfloor 3.7 \\rfloor", "3"),
        ("5! + 1", "121"),
        ("\\binom{5}{2}", "10"),
    ]);
    different(&[
        ("2\\sqrt{3}", "3\\sqrt{2}"),
        ("2\\sqrt{3}", "3"),
        ("2\\sqrt{3}", "\\sqrt{6}"),
        ("\\frac{1+\\sqrt{5}}{2}", "2"),
        ("\\frac{1+\\sqrt{5}}{2}", "\\frac{1-\\sqrt{5}}{2}"),
        ("\\pi", "3.14"),
        ("\\pi", "3.14159265358979"),
        ("2\\pi", "2"),
        ("\\sqrt{2}", "1.414"),
        ("\\sqrt{2}", "2"),
        ("2+3i", "2-3i"),
        ("\\sqrt[3]{2}", "\\sqrt{2}"),
        ("3\\sqrt{2}", "\\sqrt[3]{2}"),
    ]);
}

#[test]
fn algebra() {
    equal(&[
        ("x+1", "1+x"),
        ("x + 1", "x+1"),
        ("2x+3", "3 + 2 x"),
        ("y = 2x + 3", "2x+3"),
        ("y = 2x + 3", "y = 3 + 2x"),
        ("y = 2x + 3", "2x - y + 3 = 0"),
        ("x = 7", "7"),
        ("7 = x", "x = 7"),
        ("x^2 + 2x + 1", "(x+1)^2"),
        ("xy + 1", "1 + yx"),
        ("\\frac{x}{2}", "\\frac{1}{2}x"),
        ("\\frac{x+1}{2}", "\\frac{1}{2} + \\frac{x}{2}"),
        ("x(x-1)", "x^2-x"),
        ("\\frac{x^2-1}{x-1}", "x+1"),
        ("-x + 2", "2 - x"),
        ("f(x) = x^2", "x^2"),
        ("\\theta + 1", "1+\\theta"),
        ("a_1 + a_2", "a_2 + a_1"),
        ("e^{2x}", "e^{2 x}"),
        ("\\sin x + 1", "1 + \\sin(x)"),
        ("x^2 + y^2 = 4", "y^2 + x^2 - 4 = 0"),
        ("2x + 4y = 6", "x + 2y = 3"),
        ("9 * 2 = 18", "18"),
        ("x + y = 5", "5"),
        ("AB = 5", "5"),
        ("\\angle A = 30^\\circ", "30"),
        ("P(A) = \\frac{1}{3}", "1/3"),
        ("\\text{Area} = 12", "12"),
        ("x + y > 5", "5 < y + x"),
        ("|x|", "|x|"),
        ("n!", "n!"),
    ]);
    different(&[
        ("x+1", "x-1"),
        ("2x", "2"),
        ("2x", "x2"),
        ("x+1", "y+1"),
        ("x = 5", "y = 5"),
        ("y = 2x + 3", "y = 3x + 2"),
        ("2x + 3 = 0", "0"),
        ("x^2", "2x"),
        ("x + y > 5", "x + y < 5"),
        ("x + y > 5", "x + y \\ge 5"),
        ("(x+1)^2", "x^2+1"),
        ("\\frac{x}{2}", "\\frac{2}{x}"),
        ("e^{2x}", "e^{x}"),
        ("cat", "act"),
        ("AB", "BA"),
    ]);
}

#[test]
fn choices_and_words() {
    equal(&[
        ("(C)", "C"),
        ("C.", "C"),
        ("C)", "C"),
        ("**C**", "C"),
        ("\\text{C}", "C"),
        ("\\boxed{\\text{E}}", "E"),
        ("\\textbf{(C)}", "C"),
        ("(c)", "C"),
        ("C. Seven apples", "C"),
        ("(C) seven apples", "(C)"),
        ("C: seven", "C"),
        ("C. Seven apples", "Seven apples"),
        ("(A) 7", "7"),
        ("Option C", "C"),
        ("option (C)", "C"),
        ("$\\text{(C)}$", "C"),
        ("\\mathrm{C}", "C"),
        ("\"C\"", "C"),
        ("`C`", "C"),
        ("[C]", "C"),
        ("{C}", "C"),
        ("Yes", "yes"),
        ("YES.", "yes"),
        ("No, it is not", "no"),
        ("True", "true"),
        ("\\text{Yes}", "yes"),
        ("\\text{even}", "even"),
        ("  \"The End\".", "The End"),
        ("the  end", "the end"),
        ("Janet’s", "Janet's"),
    ]);
    different(&[
        ("(C)", "D"),
        ("(A) 7", "(B) 7"),
        ("C. Seven", "D. Seven"),
        ("C", "c"),
        ("A cat", "A"),
        ("Yes", "No"),
        ("True", "False"),
        ("The End", "the end"),
        ("No Country", "no"),
        ("cats", "dogs"),
        ("", "0"),
        ("", ""),
        ("Paris", "London"),
    ]);
}

#[test]
fn brackets_and_scripts() {
    equal(&[
        ("(42)", "42"),
        ("[42]", "42"),
        ("\\{42\\}", "42"),
        ("{42}", "42"),
        ("((42))", "42"),
        ("\\left(42\\right)", "42"),
        ("$42$", "42"),
        ("$$42$$", "42"),
        ("\\(42\\)", "42"),
        ("\\[42\\]", "42"),
        ("\\boxed{42}", "42"),
        ("**42**", "42"),
        ("42!", "42"),
        ("42.", "42"),
        ("１８", "18"),
        ("１，２３４．５", "1234.5"),
        ("١٨", "18"),
        ("۱۸", "18"),
        ("१८", "18"),
        ("−３", "-3"),
        ("１８個", "18"),
        ("18元", "18"),
        ("5０％", "50%"),
        ("about 18", "18"),
        ("\\approx 18", "18"),
        ("<<9*2=18>>18", "18"),
    ]);
    different(&[
        ("(42)", "43"),
        ("(42)", "24"),
        ("١٨", "81"),
        ("１８", "8"),
        ("[42]", "4"),
    ]);
}

#[test]
fn decimal_comma() {
    let both = |a, b, locale| {
        assert_eq!(
            same_answer_in(a, b, locale),
            same_answer_in(b, a, locale),
            "{a} {b}"
        );
        same_answer_in(a, b, locale)
    };
    for (a, b) in [
        ("18,50", "18.50"),
        ("18,50 Euro", "18.5"),
        ("1.500", "1500"),
        ("1.500,25", "1500.25"),
        ("1,500", "1.5"),
        ("0,5", "1/2"),
        ("1 234,5", "1234.5"),
        ("18.50", "18.5"),
        ("2,5 \\cdot 10^3", "2500"),
        ("(1,5; 2)", "(3/2; 2)"),
    ] {
        assert!(both(a, b, Locale::Comma), "{a} {b}");
    }
    for (a, b) in [
        ("1.500", "1.5"),
        ("18,50", "50"),
        ("18,50", "18"),
        ("1,500", "1500"),
        ("1.500", "500"),
    ] {
        assert!(!both(a, b, Locale::Comma), "{a} {b}");
    }
    // A comma before other than three digits is a decimal one everywhere, or stands in a list.
    for (a, b) in [
        ("18,50", "18.50"),
        ("0,5", "0.5"),
        ("1,2", "1, 2"),
        ("1,500", "1500"),
        ("1.500", "1.5"),
    ] {
        assert!(both(a, b, Locale::Point), "{a} {b}");
    }
    for (a, b) in [
        ("18,50", "50"),
        ("18,50", "1850"),
        ("1,500", "1.5"),
        ("1.500", "1500"),
        ("(1,2)", "1.2"),
        ("1,2", "12"),
    ] {
        assert!(!both(a, b, Locale::Point), "{a} {b}");
    }
}

#[test]
fn hostile_text_ends_soon() {
    let start = std::time::Instant::now();
    for piece in [
        "(",
        "[",
        "{",
        "\\frac{",
        "\\sqrt{",
        "1\\frac{",
        "9",
        "9,",
        "x^",
        "((a+b)^9+",
        "|",
        "-",
        "1 ",
        "$",
        "<<",
        "A. ",
        "\\text{",
        "=",
        "∪",
        "½",
        "²",
    ] {
        for n in [50, 900, 2_000_000] {
            let text = piece.repeat(n / piece.len() + 1);
            assert!(!same_answer(&text, "7"), "{piece}");
        }
    }
    let (a, b) = (
        "(a+b+c+d)^9".repeat(40),
        "(a+b+c+d)^{60}\\sqrt{(a+b)^{60}}".repeat(20),
    );
    assert!(!same_answer(&a, &b));
    assert!(!same_answer(
        &"(a+b)^{60}".repeat(90),
        &"((a+b+c)^{9}+d)^{7}".repeat(50)
    ));
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
