//! That the checks let a good filter pass and stop a bad one.

use serde::Deserialize;

use crate::testing::{assert_cases, assert_valid, configured, inspect, problem_paths};
use crate::{ConfigProblem, Context, Description, Fault, Filter, Message, Signal};
use crate::{SignalDescription, span};

/// Finds `x`, and shows the first byte of any text if it is to show too much.
struct Finder(Settings);

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    careless: bool,
    refused: bool,
}

impl Filter for Finder {
    type Config = Settings;

    fn describe() -> Description {
        let signals = const {
            &[SignalDescription { id: "found.x", description: "An x", default_weight: 1.0 }]
        };
        Description { name: "finder", version: "1.0.0", config_schema: "{}", signals }
    }

    fn new(settings: Settings) -> Result<Self, Vec<ConfigProblem>> {
        match settings.refused {
            true => Err(vec![ConfigProblem::new("/refused", "as asked")]),
            false => Ok(Self(settings)),
        }
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        let places = message.text.match_indices('x').map(|(at, _)| span(at..at + 1));
        let found = places.map(|place| Signal::new("found.x").confidence(1.0).spans([place]));
        let careless = Signal::new("found.x").confidence(1.0).spans([span(0..1)]);
        Ok(if self.0.careless { vec![careless] } else { found.collect() })
    }
}

fn careless() -> Finder {
    configured(r#"{"careless": true}"#)
}

crate::any_text_gives_valid_signals!(configured::<Finder>(""), ["x", "é", " "]);

const CASES: &str =
    "{\"text\": \"é x\", \"expect\": [[\"found.x\", \"x\"]]}\n{\"text\": \"é\", \"expect\": []}";

#[test]
fn a_good_filter_passes() {
    assert_cases(&configured::<Finder>(""), CASES, 1, 1);
    assert_eq!(inspect(&configured::<Finder>(""), "x x").len(), 2);
    assert_eq!(problem_paths::<Finder>(r#"{"refused": true}"#), ["/refused"]);
    assert_eq!(problem_paths::<Finder>(r#"{"careless": 1}"#), ["/careless"]);
    assert!(problem_paths::<Finder>("{}").is_empty());
}

#[test]
#[should_panic(expected = "not in the text")]
fn a_span_inside_a_character_is_objected_to() {
    assert_valid(&careless(), "é");
}

#[test]
#[should_panic(expected = "- found.x Some(\"x\")")]
fn a_case_that_differs_is_shown() {
    let cases = CASES.replace('é', "e");
    assert_cases(&careless(), &cases, 1, 1);
}

#[test]
#[should_panic(expected = "expected 1 cases with signals and 2 without")]
fn too_few_cases_are_too_few() {
    assert_cases(&configured::<Finder>(""), CASES, 1, 2);
}

#[test]
#[should_panic(expected = "expected a valid configuration")]
fn a_wrong_configuration_makes_no_filter() {
    configured::<Finder>(r#"{"refused": true}"#);
}
