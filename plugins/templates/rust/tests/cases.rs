//! The cases without WebAssembly: quick while you write. `rialto filter test` runs them on the component.

use first_words::UnwantedWords;
use rialto_filter_sdk::testing;

#[test]
fn finds_what_the_cases_say() {
    let filter = testing::configured::<UnwantedWords>("{}");
    testing::assert_cases(&filter, include_str!("../cases.jsonl"), 1, 1);
}

#[test]
fn a_configuration_is_refused_by_place() {
    let wrong = r#"{"words": ["fine", "not fine"]}"#;
    assert_eq!(testing::problem_paths::<UnwantedWords>(wrong), ["/words/1"]);
}
