//! What differs between two policies.

use super::*;

const OLDER: &str = r#"failure_notice = "checking"
[weights]
"b.heavy" = 5.0
[words.held]
en = "held"
[[row]]
signal = "a.sure"
action = "refuse"
notice = "no"
[[row]]
signal = "b.*"
min_confidence = 0.5
action = "label"
[[row]]
signal = "c.*"
action = "hold"
notice = "@held"
[[row]]
signal = "d.*"
action = "label"
[[sum]]
at_least = 4.0
action = "hold"
notice = "@held"
"#;

const NEWER: &str = r#"failure_notice = "we are checking"
[weights]
"b.heavy" = 4.0
"e.new" = 1.0
[words.held]
en = "held"
de = "gehalten"
[[row]]
signal = "b.*"
min_confidence = 0.7
action = "label"
[[row]]
signal = "d.*"
action = "label"
[[row]]
signal = "a.sure"
action = "refuse"
notice = "no"
[[row]]
signal = "e.new"
action = "label"
[[sum]]
at_least = 3.0
action = "hold"
notice = "@held"
[[group]]
name = "g"
signals = ["a.*"]
cap = 2.0
"#;

fn shown(change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    let field = |it: &FieldChange| format!("{} {}>{}", it.field, value(&it.from), value(&it.to));
    let fields: Vec<_> = change.fields.iter().map(field).collect();
    let place = |place: Option<usize>| value(&place.map(|place| place.to_string()));
    let (from, to) = (place(change.from), place(change.to));
    let Change { kind, table, name, .. } = change;
    format!("{kind:?} {table} {name} {from}>{to}: {}", fields.join(", "))
}

#[test]
fn rows_are_added_removed_changed_and_moved() {
    let older = Policy::parse(OLDER, 3).expect("a good table");
    let newer = Policy::parse(NEWER, 4).expect("a good table");
    let changes = Policy::compare(&older, &newer);
    let expected = [
        "Changed row b.* 2>1: min_confidence 0.5>0.7",
        "Moved row a.sure 1>3: ",
        "Added row e.new ->4: action ->label, conversation_kinds ->all, min_confidence ->0",
        "Removed row c.* 3>-: action hold>-, conversation_kinds all>-, min_confidence 0>-, notice @held>-",
        "Changed sum hold (all) 1>1: at_least 4>3",
        "Added group g ->-: cap ->2, signals ->a.*",
        "Changed weight b.heavy ->-: weight 5>4",
        "Added weight e.new ->-: weight ->1",
        "Changed words held ->-: de ->gehalten",
        "Changed setting failure_notice ->-: text.en checking>we are checking",
    ];
    let changed: Vec<String> = changes.changes.iter().map(shown).collect();
    assert_eq!(changed, expected);
    assert!(changes.text.starts_with("--- policy 3\n+++ policy 4\n@@ "), "{}", changes.text);
    let weights = "\n-\"b.heavy\" = 5.0\n+\"b.heavy\" = 4.0\n";
    assert!(changes.text.contains(weights), "{}", changes.text);
}

#[test]
fn a_policy_does_not_differ_from_itself() {
    for table in [OLDER, NEWER, Policy::DEFAULT] {
        let (one, two) = (Policy::parse(table, 1), Policy::parse(table, 2));
        let (one, two) = (one.expect("a good table"), two.expect("a good table"));
        let changes = Policy::compare(&one, &two);
        assert_eq!((changes.changes, changes.text), (Vec::new(), String::new()));
    }
    let older = Policy::parse(OLDER, 1).expect("a good table");
    let commented = Policy::parse(&format!("# a remark\n{OLDER}"), 2).expect("a good table");
    let changes = Policy::compare(&older, &commented);
    assert!(changes.changes.is_empty(), "a remark decides nothing: {:?}", changes.changes);
    assert!(changes.text.contains("+# a remark"), "{}", changes.text);
}
