//! What every filter's tests ask of it.

use std::time::{Duration, Instant};

use super::{context, message, objection, run_cases};
use crate::{Filter, Signal, parse_config};

/// The filter with this configuration.
///
/// # Panics
/// If the configuration is not a valid one.
#[track_caller]
pub fn configured<F: Filter>(json: &str) -> F {
    match parse_config(json).and_then(F::new) {
        Ok(filter) => filter,
        Err(problems) => panic!("expected a valid configuration: {problems:?}"),
    }
}

/// The JSON pointers of all that is wrong with a configuration.
pub fn problem_paths<F: Filter>(json: &str) -> Vec<String> {
    let problems = parse_config(json).and_then(F::new).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.path).collect()
}

/// The signals of this text as a first contact by a new account.
///
/// # Panics
/// If the filter can't judge it.
#[track_caller]
pub fn inspect<F: Filter>(filter: &F, text: &str) -> Vec<Signal> {
    match filter.inspect(&message(text), &context()) {
        Ok(signals) => signals,
        Err(fault) => panic!("expected a text to be judged: {fault:?}"),
    }
}

/// Holds the filter to every case, and the file to so many cases that expect a signal and that expect none.
///
/// # Panics
/// If a case differs, or there are fewer; as [`run_cases`] does.
#[track_caller]
pub fn assert_cases<F: Filter>(filter: &F, cases: &str, positive: usize, negative: usize) {
    let report = run_cases(filter, cases);
    assert!(report.differences.is_empty(), "- expected, + found:{}", report.differences);
    assert!(
        report.positive >= positive && report.negative >= negative,
        "expected {positive} cases with signals and {negative} without: {report:?}"
    );
}

/// Inspects a text; the host must be able to take the signals.
///
/// # Panics
/// With the host's [`objection`], or if the filter can't judge the text.
#[track_caller]
pub fn assert_valid<F: Filter>(filter: &F, text: &str) {
    assert_eq!(objection::<F>(text, &inspect(filter, text)), None);
}

/// Inspects texts made to be read again and again: each piece repeated to so many bytes. Read once, all of
/// them together take well under a second.
///
/// # Panics
/// If they take longer than 20 seconds, which even a slow machine does not need.
#[track_caller]
pub fn assert_linear<F: Filter>(filter: &F, bytes: usize, pieces: &[&str]) {
    let started = Instant::now();
    for piece in pieces {
        inspect(filter, &piece.repeat(bytes / piece.len()));
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "expected {bytes} bytes of {piece:?} to be read in linear time"
        );
    }
}

/// A test that the host can take the signals of any text, most of all of texts made of these pieces:
/// `any_text_gives_valid_signals!(filter, ["@", "gmail", ".com"]);`. The crate needs `proptest`.
#[macro_export]
macro_rules! any_text_gives_valid_signals {
    ($filter:expr, $pieces:expr $(,)?) => {
        #[test]
        fn any_text_gives_valid_signals() {
            use ::proptest::prelude::*;
            use ::proptest::test_runner::TestRunner;

            let filter = $filter;
            let piece = prop_oneof![
                any::<String>(),
                any::<char>().prop_map(String::from),
                prop::sample::select(&$pieces).prop_map(str::to_owned),
            ];
            let config =
                ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) };
            let run = TestRunner::new(config).run(&prop::collection::vec(piece, 0..60), |pieces| {
                $crate::testing::assert_valid(&filter, &pieces.concat());
                Ok(())
            });
            if let Err(error) = run {
                panic!("{error}");
            }
        }
    };
}

#[cfg(test)]
mod tests;
