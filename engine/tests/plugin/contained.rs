//! Whatever a filter does costs its own message, and nothing else.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Action, Clock};
use rialto_engine::filter::FaultKind::{Fault, Invalid, Memory, Quarantined, Timeout, Trap};
use rialto_engine::filter::{FaultKind, Filter};
use rialto_engine::plugin::{Grants, Host, PluginError, PluginFilter, Setup};

use crate::support::{component, inspection, limits, load, misbehaving, pipeline, start, subject};

/// On a busy machine a deadline of processor time may take so much longer by the wall clock.
const STRETCH: u32 = 4;
const SLACK: Duration = Duration::from_millis(250);

const MISDEEDS: &[(&str, FaultKind, &str)] = &[
    ("loop", Timeout, "deadline of 1000 ms"),
    ("allocate", Memory, "more than its 64 MiB"),
    ("trap", Trap, "unreachable"),
    ("wild-spans", Invalid, "span"),
    ("nan", Invalid, "confidence NaN"),
    ("undeclared", Invalid, "\"misbehaving.undeclared\""),
    ("confidence", Invalid, "confidence 2"),
    ("many-spans", Invalid, "10000 spans"),
    ("big-evidence", Invalid, "more than 1 MiB"),
    ("counters", Trap, "grant this filter `counters`"),
    ("flood-log", Trap, "10000 host calls"),
    ("sleep-recursion", Trap, "call stack exhausted"),
    ("huge-result", Invalid, "more than 1 MiB"),
    ("fault", Fault, "told to fail"),
];

#[test]
fn every_misdeed_is_a_fault_of_the_right_kind() {
    // Patient, so that on a busy machine no misdeed is cut short before it shows.
    let filter = misbehaving(
        &Filters { deadline_ms: 1_000, ..limits() },
        Grants { log: true, counters: false },
    );
    for (word, kind, text) in MISDEEDS {
        let fault = filter.inspect(&subject(&format!("please {word} é now")), &[]).expect_err(word);
        assert_eq!(fault.kind, *kind, "{word}: {fault}");
        assert!(fault.text.contains(text), "{word} should say {text:?}, said {fault}");
    }
}

#[test]
fn every_misdeed_costs_its_own_message_its_own_deadline() {
    let limits = limits();
    let filter = misbehaving(&limits, Grants { log: true, counters: false });
    let longest = Duration::from_millis(limits.deadline_ms) * STRETCH + SLACK;
    for (word, kind, _) in MISDEEDS {
        let started = Instant::now();
        let fault = filter.inspect(&subject(&format!("please {word} é now")), &[]).expect_err(word);
        let took = started.elapsed();
        assert!(fault.kind == *kind || fault.kind == Timeout, "{word} was {fault}");
        assert!(took < longest, "{word} took {took:?}");
        let next = filter.inspect(&subject("is the bike still there?"), &[]);
        assert_eq!(next, Ok(Vec::new()), "the message after {word} is judged as usual");
    }
}

#[test]
fn what_is_not_granted_says_so_in_the_log_and_what_is_granted_works() {
    let without = misbehaving(&limits(), Grants { log: true, counters: false });
    without.inspect(&subject("counters"), &[]).expect_err("not granted");
    let (lines, _) = without.log();
    assert!(
        lines.iter().any(|line| line.text.contains("`counters.bump`, which it is not granted")),
        "the log should name the import: {lines:?}"
    );

    let silent = misbehaving(&limits(), Grants { log: false, counters: true });
    let fault = silent.inspect(&subject("flood-log"), &[]).expect_err("not granted");
    assert!(fault.text.contains("grant this filter `log`"), "{fault}");
    assert_eq!(silent.log().0.len(), 1, "the host's own line alone is in the log");

    let with = misbehaving(&limits(), Grants::ALL);
    for (text, expected) in
        [("counters a", ["1", "1"]), ("counters b", ["2", "2"]), ("counters a", ["3", "2"])]
    {
        let signals = with.inspect(&subject(text), &[]).expect("granted");
        let values: Vec<_> = signals[0].evidence.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, expected, "sum and different texts after {text:?}");
    }
}

#[test]
fn a_flooded_log_stays_small_and_counts_what_it_dropped() {
    let filter = misbehaving(&limits(), Grants::ALL);
    for _ in 0..3 {
        filter.inspect(&subject("flood-log"), &[]).expect_err("100,000 lines are too many");
    }
    let (lines, dropped) = filter.log();
    assert!((1..=512).contains(&lines.len()), "{} lines kept", lines.len());
    assert!(lines.iter().all(|line| line.text.len() <= 1_024), "a line is at most 1 KiB");
    assert!(dropped > 0, "the rest is counted");
}

#[test]
fn three_crashes_in_an_hour_quarantine_a_filter() {
    let minutes = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&minutes);
    let clock =
        Clock::from_fn(move || start() + chrono::TimeDelta::minutes(shown.load(Ordering::SeqCst)));
    let bytes = component("fixtures/misbehaving.wasm");
    let filter = load(&bytes, &Filters::default(), Grants::ALL, "{}", &clock).expect("admitted");
    let crash_at = |minute| {
        minutes.store(minute, Ordering::SeqCst);
        filter.inspect(&subject("trap"), &[]).expect_err("it crashes").kind
    };
    assert_eq!((crash_at(0), crash_at(30), crash_at(61)), (Trap, Trap, Trap));
    assert!(!filter.is_quarantined(), "only two crashes were within the last hour");
    filter.inspect(&subject("nan"), &[]).expect_err("a lie");
    filter.inspect(&subject("fault"), &[]).expect_err("an honest failure");
    assert!(!filter.is_quarantined(), "lies and failures are no crashes");

    assert_eq!((crash_at(62), filter.is_quarantined()), (Trap, true));
    let started = Instant::now();
    let fault = filter.inspect(&subject("loop"), &[]).expect_err("it is switched off");
    assert_eq!(fault.kind, Quarantined);
    assert!(started.elapsed() < Duration::from_millis(15), "it doesn't run any more");

    filter.release();
    assert_eq!(filter.inspect(&subject("hello"), &[]), Ok(Vec::new()), "released, it works again");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_judged_while_a_filter_loops() {
    let config = Filters { threads: 2, deadline_ms: 1_000, ..limits() };
    let filter = Arc::new(misbehaving(&config, Grants::ALL));
    let pipeline = pipeline(&config, vec![filter], FailMode::Hold);
    let order = Arc::new(Mutex::new(Vec::new()));
    let judge = |text: &'static str| {
        let (pipeline, order) = (pipeline.clone(), Arc::clone(&order));
        tokio::spawn(async move {
            let verdict = pipeline.judge(inspection(text)).await.expect("not overloaded");
            order.lock().expect("not poisoned").push(text);
            verdict
        })
    };
    let looping = judge("loop");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let others: Vec<_> = (0..100).map(|_| judge("hello")).collect();
    for other in others {
        assert_eq!(other.await.expect("no panic"), None, "harmless messages pass");
    }
    let held = looping.await.expect("no panic").expect("the looping message has a verdict");
    assert_eq!(held.action, Action::Hold);
    assert_eq!(held.signals[0].id, "filter.failed");
    assert_eq!(held.signals[0].evidence[1].1, "timeout");
    let last = order.lock().expect("not poisoned").last().copied();
    assert_eq!(last, Some("loop"), "nobody waited for the looping message");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_thread_others_wait_no_longer_than_the_deadline() {
    let config = Filters { threads: 1, ..limits() };
    let filter = Arc::new(misbehaving(&config, Grants::ALL));
    let pipeline = pipeline(&config, vec![filter], FailMode::Open);
    for word in ["loop", "allocate", "flood-log", "sleep-recursion", "huge-result"] {
        let bad = tokio::spawn({
            let pipeline = pipeline.clone();
            async move { pipeline.judge(inspection(word)).await }
        });
        tokio::task::yield_now().await;
        let started = Instant::now();
        assert_eq!(pipeline.judge(inspection("hello")).await, Ok(None));
        let waited = started.elapsed();
        let limit = Duration::from_millis(config.deadline_ms) * STRETCH + SLACK;
        assert!(waited < limit, "waited {waited:?} behind {word}");
        assert_eq!(bad.await.expect("no panic"), Ok(None), "fail mode open delivers");
    }
}

#[test]
fn many_calls_outlive_recycling() {
    let config = Filters { recycle_after: 8, ..limits() };
    let filter = misbehaving(&config, Grants::ALL);
    for turn in 0..100 {
        assert_eq!(filter.inspect(&subject("hello"), &[]), Ok(Vec::new()), "turn {turn}");
    }
}

#[test]
fn a_component_is_compiled_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let (limits, clock) = (limits(), Clock::from_fn(start));
    let setup = Setup { filters: &limits, grants: Grants::ALL, key: [0; 32], clock: &clock };
    let bytes = component("fixtures/misbehaving.wasm");
    for expected in [(0, 1), (1, 0)] {
        let host = Host::start(dir.path(), 64 * 1024 * 1024).expect("the host starts");
        PluginFilter::load(&host, &bytes, |_| "{}".into(), &setup).expect("admitted");
        assert_eq!(host.cache_use(), expected, "found compiled, had to be compiled");
    }
}

#[test]
fn without_room_for_pooled_memory_filters_still_run_within_limits() {
    let dir = tempfile::tempdir().expect("a directory");
    // More than the pool can reserve per instance, so that wasmtime refuses the pool.
    let host = Host::start(dir.path(), 8 * 1024 * 1024 * 1024).expect("falls back");
    let (limits, clock) = (limits(), Clock::from_fn(start));
    let setup = Setup { filters: &limits, grants: Grants::ALL, key: [0; 32], clock: &clock };
    let bytes = component("fixtures/misbehaving.wasm");
    let filter = PluginFilter::load(&host, &bytes, |_| "{}".into(), &setup).expect("admitted");
    let kind = filter.inspect(&subject("loop"), &[]).expect_err("it loops").kind;
    assert_eq!(kind, Timeout);
    assert_eq!(filter.inspect(&subject("hello"), &[]), Ok(Vec::new()));
}

#[test]
fn a_refused_or_crashing_configuration_stops_loading() {
    let bytes = component("fixtures/misbehaving.wasm");
    let clock = Clock::from_fn(start);
    let refused = load(&bytes, &limits(), Grants::ALL, r#"{"reject": true}"#, &clock);
    let Err(PluginError::Config(problems)) = refused.map(|_| ()) else { panic!("it refuses") };
    assert!(
        problems.contains("/reject: told to refuse") && problems.contains("/hosts/0"),
        "{problems}"
    );
    let crashed = load(&bytes, &limits(), Grants::ALL, r#"{"trap": true}"#, &clock);
    assert!(matches!(crashed, Err(PluginError::Configure(fault)) if fault.kind == Trap));
}
