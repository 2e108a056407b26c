//! Whatever a filter does costs its own message, and nothing else.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Action, Clock, ConversationId, UserId};
use rialto_engine::filter::FaultKind::{Quarantined, Timeout, Trap};
use rialto_engine::filter::lists::List;
use rialto_engine::filter::{Filter, Lists, Purpose, Recent, Subject};
use rialto_engine::plugin::{
    Alarm, AlarmKind, Counters, Grants, Host, PluginError, PluginFilter, Setup,
};

use crate::support::{
    component, host, inspection, limits, load, misbehaving, pipeline, start, subject,
};

/// On a busy machine a deadline of processor time may take so much longer by the wall clock.
const STRETCH: u32 = 4;
const SLACK: Duration = Duration::from_millis(250);

#[test]
fn counters_are_shared_by_instances_and_survive_a_new_version() {
    let config = Filters { recycle_after: 1, ..limits() };
    let (clock, bytes) = (Clock::from_fn(start), component("fixtures/misbehaving.wasm"));
    let counters = Arc::<Counters>::default();
    let setup = |grants| Setup {
        grants,
        counters: Some(Arc::clone(&counters)),
        ..Setup::new(&config, [0; 32], &clock)
    };
    let values = |filter: &PluginFilter, text: &str, purpose| {
        let subject = Subject::new(inspection(text)).with_purpose(purpose);
        let signals = filter.inspect(&subject, &[]).expect("granted");
        let evidence = signals.into_iter().flat_map(|signal| signal.evidence);
        evidence.map(|(_, value)| value).collect::<Vec<_>>()
    };
    let load = |grants| PluginFilter::load(host(), &bytes, "{}", &setup(grants)).expect("admitted");
    let first = load(Grants::ALL);
    assert_eq!(values(&first, "counters a", Purpose::Live), ["1", "1"]);
    assert_eq!(values(&first, "counters b", Purpose::Live), ["2", "2"]);
    assert_eq!(values(&first, "counters c", Purpose::Rehearsal), ["3", "3"], "what it would be");
    let second = load(Grants { log: false, ..Grants::ALL });
    assert_eq!(values(&second, "counters a", Purpose::Live), ["3", "2"], "it goes on counting");
}

#[test]
fn lists_and_history_answer_what_there_is() {
    let (config, clock) = (limits(), Clock::from_fn(start));
    let lists = Arc::<Lists>::default();
    let setup = Setup {
        grants: Grants::ALL,
        lists: Arc::clone(&lists),
        ..Setup::new(&config, [0; 32], &clock)
    };
    let bytes = component("fixtures/misbehaving.wasm");
    let filter = PluginFilter::load(host(), &bytes, "{}", &setup).expect("admitted");
    assert!(filter.looks_back(), "the past is worth keeping for it");
    let blind = misbehaving(&limits(), Grants { history: false, ..Grants::ALL });
    assert!(!blind.looks_back(), "it may not look");
    let recent = Arc::new(Recent::new());
    let values = |text: &str| {
        let subject = Subject::new(inspection(text)).with_recent(Arc::clone(&recent));
        let signals = filter.inspect(&subject, &[]).expect("granted");
        let evidence = signals.into_iter().flat_map(|signal| signal.evidence);
        evidence.map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(values("lists Bad good"), [""], "there is no such list");
    let list = |entries: &[&str]| Some(Arc::new(List::new(entries).expect("short")));
    lists.set("fixture", list(&["bad", "lists"]));
    assert_eq!(values("lists Bad good"), ["0 1"], "edited while the filter runs");

    assert_eq!(values("history now and then"), ["", "", "0", "0"]);
    let (sender, here) = (inspection("").sender.id, inspection("").conversation.id);
    let elsewhere = ConversationId::trusted("ffffffffffffffffffffffffffffffff");
    let other = UserId::trusted("someone else");
    let at = |minutes| start() - chrono::TimeDelta::minutes(minutes);
    recent.note_stored(&sender, &elsewhere, at(90), "history now and then");
    recent.note_stored(&sender, &elsewhere, at(30), "History: now, and then!");
    recent.note_stored(&sender, &here, at(20), "history now and then");
    recent.note_stored(&other, &here, at(10), "history now and then, says another");
    assert_eq!(
        values("history now and then"),
        [
            "history now and then|History: now, and then!|history now and then",
            "history now and then, says another|history now and then",
            "2",
            "1"
        ],
        "the sender's, the conversation's, and within an hour two alike, one of them elsewhere"
    );
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
    let alarms = Arc::new(Mutex::new(Vec::<Alarm>::new()));
    let heard = Arc::clone(&alarms);
    let filters = Filters::default();
    let setup = Setup {
        alarm: Some(Arc::new(move |alarm| heard.lock().expect("not poisoned").push(alarm))),
        ..Setup::new(&filters, [0; 32], &clock)
    };
    let filter = PluginFilter::load(host(), &bytes, "{}", &setup).expect("admitted");
    let crash_at = |minute| {
        minutes.store(minute, Ordering::SeqCst);
        filter.inspect(&subject("trap"), &[]).expect_err("it crashes").kind
    };
    assert_eq!((crash_at(0), crash_at(30), crash_at(61)), (Trap, Trap, Trap));
    assert!(!filter.is_quarantined(), "only two crashes were within the last hour");
    filter.inspect(&subject("nan"), &[]).expect_err("a lie");
    filter.inspect(&subject("fault"), &[]).expect_err("an honest failure");
    assert!(!filter.is_quarantined(), "lies and failures are no crashes");

    let rehearsal = Subject::new(inspection("trap")).with_purpose(Purpose::Rehearsal);
    filter.inspect(&rehearsal, &[]).expect_err("it crashes");
    assert!(!filter.is_quarantined(), "a rehearsal doesn't count");
    assert!(alarms.lock().expect("not poisoned").is_empty(), "nothing to tell yet");

    assert_eq!((crash_at(62), filter.is_quarantined()), (Trap, true));
    assert_eq!(filter.crashes_last_hour(), 3);
    let told = alarms.lock().expect("not poisoned").clone();
    let [Alarm { filter: name, kind, text, .. }] = &told[..] else { panic!("one alarm: {told:?}") };
    assert_eq!((name.as_str(), *kind), ("misbehaving", AlarmKind::Crashes));
    assert!(text.starts_with("3 crashes within an hour"), "{text}");
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
            let judged = pipeline.judge(inspection(text)).await.expect("not overloaded");
            order.lock().expect("not poisoned").push(text);
            judged.verdict
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
            async move { pipeline.judge(inspection(word)).await.map(|judged| judged.verdict) }
        });
        tokio::task::yield_now().await;
        let started = Instant::now();
        let plain = pipeline.judge(inspection("hello")).await.expect("judged");
        assert_eq!(plain.verdict, None);
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
    let setup = Setup { grants: Grants::ALL, ..Setup::new(&limits, [0; 32], &clock) };
    let bytes = component("fixtures/misbehaving.wasm");
    for expected in [(0, 1), (1, 0)] {
        let host = Host::start(dir.path(), 64 * 1024 * 1024).expect("the host starts");
        PluginFilter::load(&host, &bytes, "{}", &setup).expect("admitted");
        assert_eq!(host.cache_use(), expected, "found compiled, had to be compiled");
    }
}

#[test]
fn without_room_for_pooled_memory_filters_still_run_within_limits() {
    let dir = tempfile::tempdir().expect("a directory");
    // More than the pool can reserve per instance, so that wasmtime refuses the pool.
    let host = Host::start(dir.path(), 8 * 1024 * 1024 * 1024).expect("falls back");
    let (limits, clock) = (limits(), Clock::from_fn(start));
    let setup = Setup { grants: Grants::ALL, ..Setup::new(&limits, [0; 32], &clock) };
    let bytes = component("fixtures/misbehaving.wasm");
    let filter = PluginFilter::load(&host, &bytes, "{}", &setup).expect("admitted");
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
    let places: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(places, ["/reject", "/hosts/0"], "{problems:?}");
    let crashed = load(&bytes, &limits(), Grants::ALL, r#"{"trap": true}"#, &clock);
    assert!(matches!(crashed, Err(PluginError::Configure(fault)) if fault.kind == Trap));
}
