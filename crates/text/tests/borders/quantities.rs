//! Units, words for numbers, times, lists and letters at their borders; each pair both ways.

use rotescope_text::same_answer;

fn check(pairs: &[(&str, &str)], same: bool) {
    let wrong = |(a, b): &&(&str, &str)| same_answer(a, b) != same || same_answer(b, a) != same;
    let bad: Vec<_> = pairs.iter().filter(wrong).collect();
    assert!(bad.is_empty(), "should be {same}: {bad:#?}");
}

fn equal(pairs: &[(&str, &str)]) {
    check(pairs, true);
}

fn different(pairs: &[(&str, &str)]) {
    check(pairs, false);
}

#[test]
fn units_of_measure() {
    equal(&[
        ("1 km", "1000 m"),
        ("100 cm", "1 m"),
        ("25.4 mm", "1 inch"),
        ("3 ft", "1 yard"),
        ("1 mile", "5280 feet"),
        ("16 oz", "1 lb"),
        ("1 kg", "1000 grams"),
        ("1 pound", "£1"),
        ("4 quarts", "1 gallon"),
        ("1 gallon", "16 cups"),
        ("1 day", "24 hours"),
        ("2 weeks", "14 days"),
        ("1 year", "12 months"),
        ("1000 ml", "1 L"),
        ("5 US dollars", "$5"),
        ("5 °C", "5 degrees Celsius"),
        ("5 square meters", "5 m^{2}"),
        ("5 sq ft", "5 feet squared"),
        ("5 cubic cm", "5 cm³"),
        ("60 km/h", "60 km per hour"),
        ("60 kph", "60 kilometers an hour"),
        ("5 \\frac{\\text{m}}{\\text{s}}", "5 m/s"),
        ("5 people", "5 persons"),
        ("3 children", "1+2 child"),
        ("3 berries", "3 berry"),
        ("3 leaves", "3 leaf"),
        ("3 dishes", "3 dish"),
        ("1010_2", "1010_{2}"),
        ("5 hours 30 minutes 30 seconds", "19830 seconds"),
        ("5 apples in all", "5 apples"),
        ("5 in", "5 inches"),
        ("5 in total", "5"),
        ("5 eggs each", "5 eggs"),
        ("5am", "5 am"),
        ("5 cm (long)", "5 cm long"),
    ]);
    different(&[
        ("1 km", "100 m"),
        ("1 km", "1 m"),
        ("1 lb", "£2"),
        ("1 kg", "£1"),
        ("1 year", "365 days"),
        ("5 °C", "5 °F"),
        ("5 m^2", "5 m^3"),
        ("5 m^2", "5 cm^2"),
        ("60 km/h", "60 km"),
        ("60 km/h", "60 miles/h"),
        ("5 m/s", "5 s"),
        ("5 eggs per day", "5 eggs per week"),
        ("30 minutes 5 hours", "330 minutes"),
        ("5 hours 3 meters", "5 hours"),
        ("5x", "5"),
        ("5th", "5"),
        ("5 more than 3 apples", "5 apples"),
        ("5 out of 7", "5"),
        ("5 by 7", "5"),
        ("5. Then 6", "5"),
        ("5 plus", "5"),
        ("5 apples or 6", "5 apples"),
        ("1010_2", "1010_3"),
        ("3 men", "3 women"),
        ("5 a b c d e f g h i", "5"),
    ]);
}

#[test]
fn percentages_and_money() {
    equal(&[
        ("12.5%", "1/8"),
        ("50 percent", "1/2"),
        ("50 pct", "0.5"),
        ("50 per cent", "50%"),
        ("-5%", "-0.05"),
        ("$1.5M", "1500000"),
        ("$2B", "2 billion dollars"),
        ("$2K", "2000"),
        ("-$5", "$-5"),
        ("CHF 5", "5 francs"),
        ("EUR 5", "5€"),
        ("150 cents", "1.5 dollars"),
        ("¢50", "50 cents"),
        ("A$5", "5"),
        ("1.500 €", "1500 €"),
        ("1,500 €", "1500 €"),
        ("1,50 €", "1.5 €"),
        ("1.500", "1.5"),
    ]);
    different(&[
        ("12.5%", "12.5%%"),
        ("50%", "0.5%"),
        ("$1.5Mx", "1500000"),
        ("5k", "5000"),
        ("-$5", "5"),
        ("$5 per hour", "$5"),
        ("CHF 5", "€5"),
        ("150 cents", "150 dollars"),
        ("1.500", "1500"),
        ("ABCD$5", "5"),
    ]);
}

#[test]
fn words_for_numbers() {
    equal(&[
        ("nineteen", "19"),
        ("twenty", "20"),
        ("ninety-nine", "99"),
        ("one hundred one", "101"),
        ("one hundred and one", "101"),
        ("two thousand three hundred and four", "2304"),
        ("one million two thousand", "1002000"),
        ("three hundred thousand", "300000"),
        ("a hundred", "100"),
        ("a thousand and one", "1001"),
        ("half a million", "500000"),
        ("half a dozen", "6"),
        ("a quarter", "0.25"),
        ("two thirds", "2/3"),
        ("five eighths", "0.625"),
        ("three and a quarter", "3.25"),
        ("one and a half million", "1.5 million"),
        ("two dozen", "24"),
        ("minus five", "-5"),
        ("negative five", "-5"),
        ("5 thousand", "5000"),
        ("1.5 crore", "15000000"),
        ("2億", "200000000"),
        ("six and seven", "6, 7"),
        ("zero apples", "0 apples"),
        ("Two cats", "2 cats"),
    ]);
    different(&[
        ("twenty", "2"),
        ("twenty one", "201"),
        ("three four", "7"),
        ("three four", "34"),
        ("twenty thirty", "50"),
        ("twenty zero", "20"),
        ("one hundred and", "101"),
        ("two hundred", "102"),
        ("two thousand", "1002"),
        ("The Two Cats", "2"),
        ("a book", "1"),
        ("a apple", "1"),
        ("three and a cat", "3.5"),
        ("two thirds", "2.3"),
        ("someone", "1"),
        ("minus five", "5"),
    ]);
}

#[test]
fn times_and_ratios() {
    equal(&[
        ("noon", "12 pm"),
        ("midnight", "12 am"),
        ("12 noon", "12:00"),
        ("12:15 am", "0:15"),
        ("12:15 pm", "12:15"),
        ("1:15 pm", "13:15"),
        ("11:59:59 pm", "23:59:59"),
        ("6 o'clock", "6:00"),
        ("6:30 in the evening", "6:30 pm"),
        ("6:30 in the morning", "6:30 a.m."),
        ("6:30", "6:30 pm"),
        ("24:00", "24:00"),
        ("12:59", "12:59 am"),
        ("6:30 pm", "6.5"),
        ("2 to 3 to 4", "2:3:4"),
        ("4:6:8", "2:3:4"),
        ("1.5:3", "1:2"),
        ("1:2", "0.5"),
        ("1:2:3:4:5:6", "2:4:6:8:10:12"),
    ]);
    different(&[
        ("noon", "midnight"),
        ("12 am", "12 pm"),
        ("6:30 am", "6:30 pm"),
        ("13:15", "1:15 am"),
        ("13:15", "13:16"),
        ("6:30:01", "6:30"),
        ("6:30 pm", "18.5"),
        ("6:60", "7:00"),
        ("25:00", "1:00"),
        ("6:30 am", "6.5 pm"),
        ("6:30", "12:60"),
        ("2:3", "3:2"),
        ("2:3:4", "2:3"),
        ("2:3:4", "2:3:5"),
        ("1:2", "0.5 apples"),
        ("1:2:3", "0.5"),
        ("1:2", "50%:1"),
    ]);
}

#[test]
fn lists_and_brackets() {
    equal(&[
        ("1; 2", "2; 1"),
        ("1, 2, and 3", "3, 2, 1"),
        ("1 and 2 or 3", "1, 2, 3"),
        ("1/2 or 0.5", "0.5"),
        ("\\{5\\}", "5"),
        ("\\{\\}", "\\emptyset"),
        ("(5)", "5"),
        ("1, 2", "(1, 2)"),
        ("(1, 2, 3)", "[1, 2, 3]"),
        ("⟨1, 2⟩", "(1, 2)"),
        ("((1, 2), 3)", "((1, 2), 3)"),
        ("(1,5; 2)", "(1,5; 2)"),
        ("2, 2, 3", "3, 2, 2"),
        ("cat, dog", "cat,  dog"),
        ("x < 1 or x > 2", "(-\\infty, 1) \\cup (2, \\infty)"),
        (
            "\\begin{matrix} 1 & 2 \\end{matrix}",
            "\\begin{array}{cc} 1 & 2 \\end{array}",
        ),
        (
            "\\begin{vmatrix} 1 & 2 \\end{vmatrix}",
            "\\begin{vmatrix} 1 & 2 \\end{vmatrix}",
        ),
        (
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            "((1, 2), (3, 4))",
        ),
        ("\\pm 3", "3, -3"),
        ("\\mp 3", "-3 or 3"),
        ("2 \\pm 1", "1, 3"),
        ("1 + 1 = 2, 2 + 3 = 5", "5"),
    ]);
    different(&[
        ("1; 2", "1; 3"),
        ("1, 2, 3", "1, 2"),
        ("2, 2, 3", "2, 3, 3"),
        ("(1, 2, 3)", "(3, 2, 1)"),
        ("(1, 2, 3)", "\\{3, 2, 1\\}"),
        ("[1, 2)", "[1, 2]"),
        ("(1, 2)", "\\{1, 2\\}"),
        ("\\{5\\}", "6"),
        ("\\{5\\}", "\\emptyset"),
        ("1/2 or 0.6", "0.5"),
        ("cat, dog", "dog, cat"),
        (
            "\\begin{vmatrix} 1 & 2 \\end{vmatrix}",
            "\\begin{pmatrix} 1 & 2 \\end{pmatrix}",
        ),
        (
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            "((1, 2), (3, 5))",
        ),
        (
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            "\\begin{pmatrix} 1 & 2 \\end{pmatrix}",
        ),
        ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(1, 2, 3)"),
        ("2 \\pm 1", "1"),
        ("x = 1, y = 2", "x = 2, y = 1"),
    ]);
}

#[test]
fn letters_and_words() {
    equal(&[
        ("B)", "b)"),
        ("choice B", "B"),
        ("letter B", "(b)"),
        ("Answer B", "B"),
        ("[B]", "B"),
        ("(B) five", "five"),
        ("B: five", "B. six"),
        ("(j) ten", "J"),
        ("K. ten", "K. ten"),
        ("Yes - it is", "yes"),
        ("yes because so", "yes"),
        ("false; so", "False"),
        ("x", "x "),
        ("about 5", "5"),
        ("≈ 5", "5"),
        ("a total of 5", "5"),
        ("exactly about 5", "5"),
        ("5!", "5"),
        ("5!", "120"),
        ("\\big( 1, 2 \\big)", "(1, 2)"),
        ("\\Bigl( 1, 2 \\Bigr)", "(1, 2)"),
        ("\\displaystyle\\frac12", "0.5"),
        ("\\rm 5", "5"),
        ("a_1", "a_{1}"),
        ("x₁", "x_1"),
        ("2 x 3", "6"),
        ("2 x 10^3", "2000"),
        ("2x10^3", "2000"),
        ("2(3)", "6"),
        ("(2)(3)", "6"),
        ("2 \\times -3", "-6"),
        ("2 / -4", "-1/2"),
        ("2^{-1}", "0.5"),
        ("2^-1", "0.5"),
        ("-2^2", "-4"),
        ("- - 2", "2"),
        ("6 // 2", "6 // 2"),
        ("3ab", "3ba"),
    ]);
    different(&[
        ("K) ten", "K) two"),
        ("(B) five", "six"),
        ("(z) five", "Z"),
        ("C(5)", "C"),
        ("(B five", "B"),
        ("yes it is", "yes"),
        ("yess", "yes"),
        ("a_1", "a_2"),
        ("a_12", "a_1"),
        ("2x3", "6x"),
        ("2(3)", "23"),
        ("2 \\times -3", "6"),
        ("-2^2", "4"),
        ("5!", "24"),
        ("6!", "120"),
        ("abcd", "bacd"),
        ("3 km", "3 k m n"),
    ]);
}
