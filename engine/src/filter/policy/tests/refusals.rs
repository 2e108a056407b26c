//! Tables that are refused: every problem at once, each with its row, its line and what to do.

use super::*;

const HEAD: &str = "failure_notice = 'x'\n";

fn problems(table: &str) -> Vec<String> {
    let error = Policy::parse(table, 1).expect_err(table);
    error.problems.iter().map(ToString::to_string).collect()
}

fn check(table: &str, expected: &str) {
    let problems = problems(table);
    let said = problems.iter().any(|problem| problem.contains(expected));
    assert!(said, "{problems:?} should say {expected:?} of:\n{table}");
}

#[test]
fn wrong_settings_are_refused_with_what_to_do() {
    for (table, expected) in [
        ("", "failure_notice is missing"),
        ("failure_notice = ' '", "has 0 bytes"),
        ("failure_notice = '@x'", "there is no [words.x]"),
        ("a = [", "can't be read"),
    ] {
        check(table, expected);
    }
    for (tail, expected) in [
        ("version = 2", "version is not yours to give"),
        ("surprise = 1", "surprise is no setting"),
        ("default_language = 'english'", "default_language must be"),
        ("[weights]\n'a.b' = -1.0", "weights give a.b -1"),
        ("[weights]\n'a.b' = 'x'", "weights give a.b no number"),
        ("[weights]\n'a.*' = 1.0", "weights name"),
        ("[weights]\n'filter.failed' = 1.0", "weights name"),
        ("[words.x]\nde = 'y'", "no words in \"en\""),
        ("[words.x]\nen = 7", "en, which is no text"),
        ("[words]\nx = 'y'", "x has no table of texts"),
        ("[words.'X y']\nen = 'y'", "has the id \"X y\""),
        ("row = 3", "row must be written [[row]]"),
        ("[[sum]]\nat_least = 0.0\naction = 'label'", "sum 1 has at_least 0"),
        ("[[sum]]\nat_least = inf\naction = 'label'", "sum 1 has at_least inf"),
    ] {
        check(&format!("{HEAD}{tail}"), expected);
    }
}

#[test]
fn wrong_rows_are_refused_with_their_number_and_what_to_do() {
    let nobody = "row 2 has a notice that nobody";
    for (fields, expected) in [
        ("signal = 'c'\naction = 'explode'", "row 2 can't be read: unknown variant `explode`"),
        ("action = 'label'", "row 2 can't be read: missing field `signal`"),
        ("signal = 'C d'\naction = 'label'", "row 2 has signal \"C d\""),
        ("signal = '*'\naction = 'label'", "row 2 has signal \"*\""),
        ("signal = 'filter.*'\naction = 'label'", "row 2 has signal \"filter.*\"; `filter.`"),
        ("signal = 'a.b'\naction = 'label'\nmin_confidence = 0.5", "row 2 is never reached"),
        ("signal = 'a.b'\naction = 'label'\ncategories = ['car']", "row 2 is never reached"),
        ("signal = 'c.d'\naction = 'label'\nnote = 1", "row 2 can't be read: unknown field `note`"),
        ("signal = 'c.d'\naction = 'hold'", "row 2 needs a notice"),
        ("signal = 'c.d'\naction = 'warn'", "row 2 needs a warning"),
        ("signal = 'c.d'\naction = 'shadow'\nnotice = 'oh'", nobody),
        (
            "signal = 'c.d'\naction = 'refuse'\nnotice = 'o'\nwarning = 'x'",
            "row 2 has a warning that nobody",
        ),
        ("signal = 'c.d'\naction = 'hold'\nnotice = '{signal}'", "has the placeholder {signal}"),
        ("signal = 'c.d'\naction = 'hold'\nnotice = 3", "neither a text nor a table"),
        ("signal = 'c.d'\naction = 'hold'\nnotice = { de = 'x' }", "no words in \"en\""),
        ("signal = 'c.d'\naction = 'label'\nmin_confidence = 1.1", "row 2 has min_confidence 1.1"),
        ("signal = 'c.d'\naction = 'label'\nmin_confidence = nan", "row 2 has min_confidence NaN"),
        (
            "signal = 'c.d'\naction = 'label'\nconversation_kinds = []",
            "row 2 has no conversation_kinds",
        ),
        ("signal = 'c.d'\naction = 'label'\ncategories = []", "row 2 has no categories"),
        ("signal = 'c.d'\naction = 'label'\ncategories = ['*']", "row 2 has category \"*\""),
    ] {
        let before = "[[row]]\nsignal = 'a.b'\naction = 'label'\n";
        check(&format!("{HEAD}{before}[[row]]\n{fields}"), expected);
    }
}

#[test]
fn wrong_groups_are_refused() {
    for (fields, expected) in [
        ("name = 'h'\nsignals = ['a.b']\ncap = 1.0", "group 2 has a.b, which group 1 has too"),
        ("name = 'g'\nsignals = ['b.*']\ncap = 1.0", "group 2 has the name of group 1"),
        ("name = 'h'\nsignals = ['b.*']\ncap = 0.0", "group 2 has cap 0"),
        ("name = 'h'\nsignals = []\ncap = 1.0", "group 2 needs signals"),
        ("name = ' '\nsignals = ['b.*']\ncap = 1.0", "group 2 needs a name"),
        ("name = 'h'\ncap = 1.0", "group 2 can't be read: missing field `signals`"),
    ] {
        let before = "[[group]]\nname = 'g'\nsignals = ['a.*']\ncap = 1.0\n";
        check(&format!("{HEAD}{before}[[group]]\n{fields}"), expected);
    }
}

#[test]
fn all_problems_are_told_at_once_in_order_with_their_lines() {
    let table = r#"failure_notice = "x"

[[row]]
signal = "a.b"
action = "hold"
min_confidence = 7.0

[[row]]
signal = "a.c"
action = "label"

[[row]]
signal = "B"
action = "warn"

[[sum]]
at_least = -1.0
action = "label"
"#;
    let expected = [
        "policy row 1 has min_confidence 7; it must be 0 to 1 (line 3)",
        "policy row 1 needs a notice: the words the sender sees (line 3)",
        "policy row 3 has signal \"B\"; write an id such as \"contact.phone\" or a prefix such as \"contact.*\" (line 12)",
        "policy row 3 needs a warning: the words the recipient sees (line 12)",
        "policy sum 1 has at_least -1; it must be more than 0 (line 16)",
    ];
    assert_eq!(problems(table), expected);
}
