//! Where sentences end, by kind: in `check`, a stroke stands where one step ends and the next begins.

use rotescope_text::{SplitBy, is_filler, split_steps};

fn check(wanted: &[&str]) {
    let mut bad = Vec::new();
    for wanted in wanted {
        let text = wanted.replace('|', "");
        let steps = split_steps(&text, SplitBy::Sentence);
        let got: Vec<&str> = steps.into_iter().map(|s| &text[s]).collect();
        if got.join("|") != *wanted {
            bad.push((*wanted, got.join("|")));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn initials_of_names() {
    check(&[
        "J. Smith is here. |He has 5.",
        "Ask J. R. R. Tolkien. |He knows.",
        "Ask Tom B. Jones. |He knows.",
        // No name stands before it, or a word that begins sentences follows.
        "This is point B. |Jones has it.",
        "Take Route A. |The next is long.",
        "Take Route A. |Then stop.",
        "Take Route A. |Next, stop.",
        "Take Route A. |Let us stop.",
        "It is Plan B. |A car comes.",
        "It is Plan B. |I know.",
        // One more initial follows.
        "It is Mr. B. C. Jones.",
        "So did Tom and I. |Jones did not.",
        "Is it vitamin C. |now we stop.",
        "It is x. |Jones has y.",
        "He met Ann (B. Jones).",
    ]);
}

#[test]
fn abbreviations_titles_and_units() {
    check(&[
        "See Fig. 3 and Eq. 4. |Then go.",
        "Prof. Lee, Sgt. Poe and Mt. Fuji. |All.",
        "It is big vs. small. |Yes.",
        "Apples, pears, etc. were sold. |All.",
        "Apples, pears, etc. |All were sold.",
        "Use it, e.g. Tom did. |So.",
        "It was ca. Ten. |So.",
        "That is viz. All of it.",
        "Smith Inc. sold 5. |Then Smith Inc. |All was sold.",
        "It is 3 in. wide. |It is 3 in. |Wide.",
        "Put it in. |wide things too.",
        "It weighs 7 lbs. in all. |So.",
        "It weighs 7 lbs. |All of it.",
        "See No. 5 and no. 6. |So.",
        "He said no. |So he left.",
        "On Jan. 5 and Dec. 6. |So.",
        "It is in Jan. |So.",
        "At 5 p.m. he left. |At 5 p.m. |He left.",
        "in -> In. |the -> The.",
        "x = No. |Then 5.",
        "a → Dr. |Then 5.",
    ]);
}

#[test]
fn marks_that_end_nothing() {
    check(&[
        "So 5! + 3 = 123. |Yes.",
        "So (2 + 3)! / 2 = 60. |Yes.",
        "So n! / 2 is it. |Yes.",
        "So 5! * 2 = 240. |Yes.",
        "So 5! \\times 2 \\ne 5! ≥ 1. |Yes.",
        "How odd! |- said he.",
        "It is 5!\n|- said he.",
        "So is it 5? |+ 3 more.",
        "Look out! |* 5 apples",
        "So it is 5!! |- is that so?",
        "\"What?\" he said. |\"What?\" |He said.",
        "What? |he said.",
        "Wait... he goes on. |Wait... |He goes on.",
        "Wait… he goes on. |Wait… |He goes on.",
        "Wait...\n|he goes on.",
        "It is 5.3 and v.2 of it. |So.",
        "見て！|次は？|五です。|はい",
        "It is (5.) |\"So.\" |*Yes.*",
        "It is 5.\u{a0}|Yes.",
        "It is 5. \t|Yes.",
    ]);
}

#[test]
fn lists_and_lines() {
    check(&[
        "1. Add.\n|2. Stop.",
        "12. Add. |345. Add. |1234. |Add.",
        "We go. |iv. Add. |xiii. Add. |a. Add.",
        "Step 1. Add. |Case 2. Stop.",
        "It has 5 legs and 1. |Then stop.",
        "Go there, 1. |Stop.",
        "1.\nAdd them. |2)\nStop.",
        "- \nAdd. |*\nStop.",
        "The sum\nof all is 5. |So",
        "The sum:\n|of all is 5.",
        "The sum;\n|of all is 5.",
        "The sum\n|Of all is 5.",
        "The sum\n\n|of all is 5.",
        "The sum\n \t\r\n|of all is 5.",
        "The sum\n|5 is it.",
        "The sum.\n|of all",
        "It is e.g.\n|Tom.",
        "He met Mr.\n|Smith.",
        "So\n|```\na. B\n```\n|End.",
        "So ```a. |B``` is it.",
        "```\na. B\n```",
        "```\nab\n```\n|One. |Two.\n|Three.\n|Four.",
        "So\n|```\nab\n```\n|One. |Two.\n|Three.\n|Four.",
        "  ```\na. B\n  c\n```\n|End.",
    ]);
}

#[test]
fn formulas_are_closed() {
    check(&[
        "So $a. B$ is it. |Yes.",
        "So $ a. |B $ is it.",
        "So $a. |B $ is it.",
        "So $5. |B$6 is it.",
        "So $$a. B$$ is it. |Yes.",
        "So $$a.\nB$$ is it. |Yes.",
        "So $$a.\n\n|B$$ is it. |Yes.",
        "So \\(a. B\\) is it. |Yes.",
        "So \\(a. |B is it. |Yes.",
        "So \\[a. |B is it.\n\n|And \\[c. D\\] too. |Yes.",
        "So \\$a. |B$ is it. |Yes.",
        "So $a.\n|B$ is it. |Yes.",
        "So $$. |Yes.",
    ]);
}

#[test]
fn talk_without_content() {
    for talk in [
        "Let's think about it.",
        "Let's work through this problem together.",
        "I'll solve the problem carefully now and then, step-by-step, for you as well, my friend.",
        "We need to find the answer.",
        "Great!",
        "Here is the solution:",
        "To find the answer, follow these steps:",
        "Step by step.",
        "a.",
        "Part 3:",
        "–",
    ] {
        assert!(is_filler(talk), "{talk}");
    }
    for said in [
        "Let's think about apples.",
        "Let's sell it.",
        "They think about it.",
        "Let's find x = y.",
        "Let's think about it 2 times.",
        "Let's find out about it by the problem on this.",
        "Great apples!",
        "Now the rule is that whoever comes to the house of the two men at night has to do all that is in these steps.",
        "These steps are it.",
        "Here.",
        "-x",
    ] {
        assert!(!is_filler(said), "{said}");
    }
}
