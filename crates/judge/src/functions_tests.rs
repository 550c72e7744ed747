//! Equations with functions of numbers, the circle's number, remainders and congruences.

use crate::arithmetic::check;
use crate::equations_tests::{right, silent, wrong};

#[test]
fn rounding_up_and_down() {
    right(&[
        "\\(\\lceil -8.8 \\rceil = -8\\)",
        "$\\lfloor \\frac{100}{7} \\rfloor = 14$",
        "⌈7 / 2⌉ = 4 and ⌊7 / 2⌋ = 3",
        "\\[ \\left\\lceil \\sqrt{50} \\right\\rceil = 8 \\]",
        "$\\lfloor 3.7 \\rfloor + \\lceil 3.2 \\rceil = 3 + 4 = 7$",
        "$\\lceil 9.0909 \\rceil = 10$",
    ]);
    wrong(&[
        ("\\(\\lceil -8.8 \\rceil = -9\\)", "-8"),
        ("$\\lfloor \\frac{100}{7} \\rfloor = 15$", "14"),
        ("⌈7 / 2⌉ = 3", "4"),
        ("\\[ \\left\\lfloor \\sqrt{50} \\right\\rfloor = 8 \\]", "7"),
        ("$\\lfloor -2.5 \\rfloor = -2$", "-3"),
    ]);
    silent(&[
        "$\\lceil x \\rceil = 4$",
        "$\\lfloor 2.000 \\rfloor = 1$",
        "$f(\\lceil 2.5 \\rceil) = 7$",
        "$\\lceil 2.5 = 3$",
    ]);
}

#[test]
fn absolute_values() {
    right(&[
        "$|-5| = 5$",
        "|3 - 7| = 4",
        "\\(\\left| 2 - 9 \\right| = 7\\)",
        "\\(\\lvert -3 \\rvert + 2 = 5\\)",
        "$|3 - 7| + |2 - 5| = 4 + 3 = 7$",
        "$\\left|\\frac{1}{2} - 1\\right| = \\frac12$",
        "2 * |1 - 4| = 6",
    ]);
    wrong(&[
        ("$|-5| = -5$", "5"),
        ("|3 - 7| = 5", "4"),
        ("\\(\\left| 2 - 9 \\right| = 8\\)", "7"),
        ("$|3 - 7| + |2 - 5| = 8$", "7"),
        ("|3 - 5| + 2 = 5", "4"),
    ]);
    silent(&[
        "$|x| = 5$",
        "$|A \\cup B| = 12$",
        "P(2|3) = 4",
        "3 | 12, so 12 = 4",
        "| 3 | 4 |",
    ]);
    right(&["| 5 + 3 | 5 + 3 = 8 |"]);
}

#[test]
fn logarithms() {
    right(&[
        "$\\log_2 8 = 3$",
        "$\\log_{10} 1000 = 3$",
        "\\(\\log_5 49 \\approx 2.418\\)",
        "$\\log_4 8 = \\frac{3}{2}$",
        "$\\log_3 \\frac{1}{9} = -2$",
        "$\\log_2(4) + \\log_2(8) = 2 + 3 = 5$",
        "log_2(16) = 4",
        "log2(32) = 5",
        "$\\ln 1 = 0$",
        "$\\ln(2) \\approx 0.693$",
        "$3 \\log_2 4 = 6$",
    ]);
    wrong(&[
        ("$\\log_2 8 = 4$", "3"),
        ("\\(\\log_5 49 = 2.64\\)", "2.42"),
        ("$\\log_{10} 1000 = 4$", "3"),
        ("log_2(16) = 5", "4"),
        ("$\\log_2(4) + \\log_2(8) = 6$", "5"),
        ("$\\ln(2) = 0.893$", "0.693"),
        ("\\log_2 8 + 1 = 5", "4"),
    ]);
    silent(&[
        "$\\log 100 = 3$",
        "$\\log_b 8 = 3$",
        "$\\log_2 x = 3$",
        "$\\log_2 8 \\cdot 4 = 5$",
        "$\\ln(1.12244897) \\approx 0.11625703$",
        "$\\log_2 (-4) = 2$",
        "$2 + \\log_a 9 = 4$",
    ]);
}

#[test]
fn remainders() {
    right(&[
        "2310 mod 42 = 0",
        "$17 \\bmod 5 = 2$",
        "\\(2^{10} \\mod 7 = 2\\)",
        "17 % 5 = 2",
        "$(3 + 4 \\cdot 5) \\bmod 7 = 2$",
        "100 modulo 9 = 1",
    ]);
    wrong(&[
        ("2310 mod 42 = 18", "0"),
        ("$17 \\bmod 5 = 3$", "2"),
        ("\\(2^{10} \\mod 7 = 3\\)", "2"),
    ]);
    silent(&[
        "1024 = 24 mod 1000",
        "$-7 \\bmod 3 = 5$",
        "$7 + 5 \\bmod 3 = 1$",
        "$x \\bmod 3 = 1$",
        "17.5 mod 5 = 3",
        "17 mod 0 = 3",
        "17 % 5 = 3",
        "A tip of 25 % (5 + 5) = 2.5",
        "20 % 50 = 10",
        "It is 20% 5 times = 4",
    ]);
}

#[test]
fn congruences() {
    right(&[
        "\\(2011 \\equiv 11 \\pmod{1000}\\)",
        "$327 \\equiv 4 \\pmod{17}$",
        "10 ≡ 3 (mod 7)",
        "$5 \\cdot 3 = 15 \\equiv 1 \\pmod 7$",
        "$-1 \\equiv 6 \\pmod{7}$",
        "$2^4 \\equiv 16 \\equiv 3 \\pmod{13}$",
        "$25 \\equiv 4 \\mod 7$",
    ]);
    wrong(&[
        ("$327 \\equiv 8 \\pmod{17}$", "4"),
        ("10 ≡ 4 (mod 7)", "3"),
        ("$5 \\cdot 3 = 15 \\equiv 2 \\pmod 7$", "1"),
        ("$2^4 \\equiv 5 \\pmod{13}$", "3"),
    ]);
    silent(&[
        "$x \\equiv 3 \\pmod{7}$",
        "$10 \\equiv 4 \\pmod{n}$",
        "$10 \\equiv 4$",
        "$5 \\not\\equiv 1 \\pmod{7}$",
        "$10 \\equiv 4 + x \\pmod{7}$",
        "triangle 5 ≡ triangle 7",
    ]);
}

#[test]
fn sides_that_are_said_to_differ() {
    right(&["5 + 3 ≠ 9", "$2^3 + 1 = 9 \\neq 8 + 2$", "4 * 5 != 21"]);
    wrong(&[
        ("$162 - 108 - 45 - 6 - 3 \\neq 0$", "0"),
        ("5 + 3 ≠ 8", "8"),
        ("2 * 3 = 6 != 6", "6"),
    ]);
    silent(&["$x + 3 \\neq 8$", "3 ≠ 3", "√2 * √2 ≠ 3 - x"]);
}

#[test]
fn the_circles_number() {
    right(&[
        "$2\\pi \\cdot 3 = 6\\pi$",
        "π * 5^2 = 25π",
        "π(6)^2(12) = 432π",
        "$\\pi \\cdot 5^2 \\approx 78.54$",
        "3.14 * 25 = 78.5",
        "$\\frac{19404\\pi}{120\\pi} = 161.7$",
        "$10\\pi \\approx 31.4$",
        "$100\\pi = 314$",
        "$\\pi \\cdot 2.5^2 = 6.25\\pi$",
        "2 * pi * 3 = 6 * pi",
        "$36\\pi - 9\\pi = 27\\pi$",
        "$\\frac{\\pi}{2} + \\frac{\\pi}{3} = \\frac{5\\pi}{6}$",
    ]);
    wrong(&[
        ("$2\\pi \\cdot 3 = 9\\pi$", "6\\pi"),
        ("π(6)^2(12) = 216π", "432π"),
        ("π * 5^2 = 20π", "25π"),
        ("$36\\pi - 9\\pi = 26\\pi$", "27\\pi"),
        ("$36\\pi - 9\\pi = 25\\pi$", "27\\pi"),
        ("$\\pi \\cdot 5^2 \\approx 98.5$", "78.54"),
    ]);
    silent(&[
        "$\\frac{\\pi}{6} = 30^\\circ$",
        "$\\frac{\\pi}{2} = 90$",
        "π(10) = 4",
        "$\\frac{9\\pi}{4} = \\frac{\\pi}{4}$",
        "$\\pi r^2 = 9\\pi$",
        "$\\sin \\frac{\\pi}{6} = \\frac{1}{2}$",
        "$3^2 = 9\\pi$",
        "$9\\pi = 9$",
        "$25\\pi = 75$",
        "$25\\pi = 77.5$",
        "4 Raspberry Pi * 3 = $140",
        "$\\pi_1 + 2 = 5$",
    ]);
}

#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "|",
        "|1",
        "\\lceil ",
        "⌈1",
        "π",
        "π=",
        "\\log_2 ",
        "\\ln ",
        " mod 5",
        "≡1",
        "5≡4 (mod ",
        "%5",
        "\\left|",
        "≠1",
    ] {
        let began = std::time::Instant::now();
        let text = piece.repeat(400_000 / piece.len());
        check(&text, 10);
        check(&format!("1{text} = 2"), 10);
        assert!(began.elapsed().as_secs() < 20, "{piece}");
    }
}
