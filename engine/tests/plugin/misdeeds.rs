//! Every misdeed of the fixture, in `inspect`, `configure` and `describe`: it costs its own message, and says why.

use std::time::{Duration, Instant};

use rialto_engine::config::Filters;
use rialto_engine::domain::Clock;
use rialto_engine::filter::FaultKind::{self, Fault, Invalid, Memory, Timeout, Trap};
use rialto_engine::filter::Filter;
use rialto_engine::plugin::{Grants, LogLevel, PluginError, Refusal, admit};

use crate::support::{component, host, limits, load, misbehaving, start, subject};

/// On a busy machine a deadline of processor time may take so much longer by the wall clock.
const STRETCH: u32 = 4;
const SLACK: Duration = Duration::from_millis(250);

/// Words, and what the fault is and says.
const MISDEEDS: &[(&str, FaultKind, &str)] = &[
    ("loop", Timeout, "deadline of 1000 ms"),
    ("allocate", Memory, "more than its 64 MiB"),
    ("allocate-once", Memory, "more than its 64 MiB"),
    ("trap", Trap, "unreachable"),
    ("abort", Trap, "unreachable"),
    ("exit", Trap, "exit"),
    ("sleep", Trap, "tried to sleep"),
    ("sleep-recursion", Trap, "call stack exhausted"),
    ("wild-spans", Invalid, "span"),
    ("empty-span", Invalid, "empty"),
    ("many-spans", Invalid, "10000 spans"),
    ("nan", Invalid, "confidence NaN"),
    ("infinite", Invalid, "confidence inf"),
    ("negative", Invalid, "confidence -1"),
    ("confidence", Invalid, "confidence 2"),
    ("undeclared", Invalid, "\"misbehaving.undeclared\""),
    ("many-signals", Invalid, ""),
    ("many-evidence", Invalid, ""),
    ("huge-id", Invalid, "more than 1 MiB"),
    ("huge-result", Invalid, "more than 1 MiB"),
    ("big-evidence", Invalid, "more than 1 MiB"),
    ("evidence-name", Invalid, "more than 1 MiB"),
    ("fault", Fault, "told to fail"),
    ("fault-mib", Invalid, "more than 1 MiB"),
    ("flood-log", Trap, "exchanged more than 1024 KiB with the host"),
    ("log-mib", Invalid, "more than 1 MiB"),
    ("log-lines", Trap, "more than 1024 host calls"),
    ("counters-window-zero", Trap, "`counters.bump` with a window of 0 seconds"),
    ("counters-window-huge", Trap, "window of 4294967295 seconds; 1 to 86400"),
    ("distinct-window-zero", Trap, "`counters.distinct` with a window of 0 seconds"),
    ("distinct-window-huge", Trap, "window of 86401 seconds"),
    ("counters-big-name", Invalid, "more than 1 MiB"),
    ("counters-big-key", Invalid, "more than 1 MiB"),
    ("distinct-big-key", Invalid, "more than 1 MiB"),
    ("distinct-big-item", Invalid, "more than 1 MiB"),
    ("counters-keys", Trap, "more than 1024 host calls"),
    ("counters-many", Trap, "more than 1024 host calls"),
    ("distinct-items", Trap, "more than 1024 host calls"),
    ("distinct-many", Trap, "more than 1024 host calls"),
    ("lists-many", Invalid, "more than 1 MiB"),
    ("lists-big-entry", Invalid, "more than 1 MiB"),
    ("lists-big-name", Invalid, "more than 1 MiB"),
    ("lists-loop", Trap, "more than 1024 host calls"),
    ("lists-heavy-loop", Trap, "exchanged more than 1024 KiB"),
    ("history-loop", Trap, "more than 1024 host calls"),
    ("similar-loop", Trap, "more than 1024 host calls"),
    ("similar-nan", Trap, "similarity of NaN; it must be 0 to 1"),
    ("similar-infinite", Trap, "similarity of inf"),
    ("similar-negative", Trap, "similarity of -1"),
    ("similar-above", Trap, "similarity of 2"),
    ("similar-window-zero", Trap, "`history.similar` with a window of 0 seconds"),
    ("similar-window-huge", Trap, "window of 4294967295 seconds"),
];

/// Words that overdo nothing the host minds, with what the evidence says.
const ODDITIES: &[(&str, &[&str])] = &[
    ("leak", &[]),
    ("log-control", &[]),
    ("log-empty", &[]),
    ("counters-overflow", &["429496729500"]),
    ("lists-empty", &["0"]),
    ("history-limit", &["0"]),
    ("similar-absurd", &["0"]),
    ("read-file", &["refused"]),
];

fn text(word: &str) -> String {
    format!("please {word} é now")
}

#[test]
fn every_misdeed_is_a_fault_that_says_what_it_was_and_is_in_the_log() {
    // Patient, so that on a busy machine no misdeed is cut short before it shows.
    let limits = Filters { deadline_ms: 1_000, ..limits() };
    for (word, kind, expected) in MISDEEDS {
        // A log of its own, so that no quota of another's hides the line.
        let filter = misbehaving(&limits, Grants::ALL);
        let fault = filter.inspect(&subject(&text(word)), &[]).expect_err(word);
        assert_eq!(fault.kind, *kind, "{word}: {fault}");
        assert!(fault.text.contains(expected), "{word} should say {expected:?}, said {fault}");
        let (lines, _) = filter.log();
        let last = lines.last().unwrap_or_else(|| panic!("{word}: the log is empty"));
        assert!(last.level >= LogLevel::Warn, "{word}: {last:?}");
        assert!(fault.to_string().starts_with(&last.text), "{word}: the log ends with {last:?}");
    }
}

#[test]
fn what_is_merely_odd_is_no_fault() {
    let filter = misbehaving(&Filters { deadline_ms: 1_000, ..limits() }, Grants::ALL);
    for (word, expected) in ODDITIES {
        let signals = filter.inspect(&subject(&text(word)), &[]).expect(word);
        let values: Vec<_> = signals.iter().flat_map(|signal| &signal.evidence).collect();
        assert_eq!(values.len(), expected.len(), "{word}: {values:?}");
        for ((_, value), expected) in values.into_iter().zip(*expected) {
            assert!(value.contains(expected), "{word} should answer {expected:?}, did {value:?}");
        }
    }
    let (lines, _) = filter.log();
    assert!(lines.iter().all(|line| !line.text.contains(char::is_control)), "{lines:?}");
}

#[test]
fn every_misdeed_costs_its_own_message_its_own_deadline() {
    let limits = limits();
    let filter = misbehaving(&limits, Grants::ALL);
    let longest = Duration::from_millis(limits.deadline_ms) * STRETCH + SLACK;
    let floods = [("stdout-flood", Timeout, ""), ("stderr-flood", Timeout, "")];
    for (word, kind, _) in MISDEEDS.iter().chain(&floods) {
        let started = Instant::now();
        let result = filter.inspect(&subject(&text(word)), &[]);
        let took = started.elapsed();
        match result {
            Err(fault) => {
                assert!(fault.kind == *kind || fault.kind == Timeout, "{word} was {fault}");
            }
            Ok(_) => assert!(word.ends_with("-flood"), "{word} is a misdeed"),
        }
        assert!(took < longest, "{word} took {took:?}");
        let next = filter.inspect(&subject("is the bike still there?"), &[]);
        assert_eq!(next, Ok(Vec::new()), "the message after {word} is judged as usual");
    }
    let usage = host().usage();
    assert!(usage.instances <= usage.max_instances, "{usage:?}");
}

#[test]
fn memory_that_leaks_ends_the_instance_before_it_costs_a_message() {
    let filter = misbehaving(&limits(), Grants::ALL);
    for turn in 0..100 {
        assert_eq!(filter.inspect(&subject("leak"), &[]), Ok(Vec::new()), "turn {turn}");
    }
}

#[test]
fn what_is_not_granted_traps_and_says_so_also_in_the_log() {
    let filter = misbehaving(&limits(), Grants::NONE);
    for (word, call, grant) in [
        ("flood-log", "log.write", "log"),
        ("counters", "counters.bump", "counters"),
        ("distinct-items", "counters.distinct", "counters"),
        ("lists", "lists.find", "lists"),
        ("history-limit", "history.recent", "history"),
        ("similar-absurd", "history.similar", "history"),
    ] {
        let fault = filter.inspect(&subject(word), &[]).expect_err(word);
        let expected = format!(
            "called `{call}`, which it is not granted; grant this filter `{grant}` to allow it"
        );
        assert_eq!((fault.kind, fault.text.as_str()), (Trap, expected.as_str()), "{word}");
        let (lines, _) = filter.log();
        assert!(lines.last().is_some_and(|line| line.text.contains(&expected)), "{lines:?}");
    }
}

fn configured(misdeed: &str) -> Result<(), PluginError> {
    let config = format!(r#"{{"misdeed": "{misdeed}"}}"#);
    let bytes = component("fixtures/misbehaving.wasm");
    // Loading has twenty times the deadline of an inspection, and two seconds at least.
    load(&bytes, &limits(), Grants::ALL, &config, &Clock::from_fn(start)).map(|_| ())
}

#[test]
fn a_configure_that_misbehaves_is_refused() {
    for (word, kind, expected) in [
        ("loop", Timeout, "deadline of 2000 ms"),
        ("allocate", Memory, "64 MiB"),
        ("trap", Trap, "unreachable"),
        ("sleep", Trap, "tried to sleep"),
        ("exit", Trap, "exit"),
        ("counters-many", Trap, "1024 host calls"),
        ("similar-nan", Trap, "similarity of NaN"),
        ("many-problems", Invalid, "more than 1 MiB"),
        ("big-problem", Invalid, "more than 1 MiB"),
    ] {
        match configured(word).expect_err(word) {
            PluginError::Configure(fault) => {
                assert_eq!(fault.kind, kind, "{word}: {fault}");
                assert!(fault.text.contains(expected), "{word}: {fault}");
            }
            other => panic!("{word} is a fault: {other}"),
        }
    }
    for word in ["grow", "lists", "history", "log-empty", "counters"] {
        assert_eq!(configured(word), Ok(()), "{word} is allowed");
    }
    let refused = configured("dance").expect_err("no such misdeed").to_string();
    assert_eq!(refused, "it refuses its configuration: /misdeed: there is no such misdeed");
}

#[test]
fn a_describe_that_misbehaves_is_refused() {
    const ORDER: &[u8] = b"misbehaving.describe=";
    let honest = component("fixtures/misbehaving.wasm");
    let at = honest.windows(ORDER.len()).position(|window| window == ORDER).expect("the order");
    let refusal = |word: &str| {
        let mut bytes = honest.clone();
        bytes[at + ORDER.len()..][..24].copy_from_slice(format!("{word:24}").as_bytes());
        admit(host(), &bytes, &limits()).map(|_| ()).expect_err(word)
    };
    for (word, expected) in [
        ("loop", "`describe` failed: timeout"),
        ("allocate", "`describe` failed: memory"),
        ("counters", "`describe` failed: trap: called `counters.bump`"),
        ("history", "called `history.similar`, which it is not granted"),
        ("no-signals", "declares 0 signals"),
        ("many-signals", ""),
        ("twice", "declared twice"),
        ("bad-id", "the signal id \"No Id!\""),
        ("engine-id", "the engine's own"),
        ("huge-id", "more than 1 MiB"),
        ("nan-weight", "the weight of misbehaving.declared"),
        ("big-weight", "the weight of misbehaving.declared"),
        ("long-description", "more than 1 MiB"),
        ("bad-name", "the name \"../etc\""),
        ("huge-name", "more than 1 MiB"),
        ("bad-version", "the version \"latest\""),
        ("bad-schema", "configuration schema: is no JSON"),
        ("huge-schema", "more than 1 MiB"),
        ("deep-schema", "recursion limit"),
    ] {
        let refusal = refusal(word);
        assert!(matches!(refusal, Refusal::Describe(_) | Refusal::Description(_)), "{refusal}");
        let text = refusal.to_string();
        assert!(text.contains(expected), "{word}: {text:?} should say {expected:?}");
        assert!(text.len() < 1_000, "{word}: the reason has {} bytes", text.len());
    }
}
