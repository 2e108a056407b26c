//! Many messages, many filters, large components: memory stays bounded and live messages don't wait.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::Clock;
use rialto_engine::filter::Filter;
use rialto_engine::plugin::{Grants, Host, PluginFilter, Setup, admit};

use crate::support::{component, data_dir, inspection, limits, pipeline, start, subject};

const MIB: usize = 1024 * 1024;

fn own_host() -> Host {
    Host::start(&data_dir(), 64 * MIB).expect("the host starts")
}

fn load(host: &Host, name: &str, filters: &Filters) -> Arc<PluginFilter> {
    let clock = Clock::from_fn(start);
    let setup = Setup { grants: Grants::ALL, ..Setup::new(filters, [7; 32], &clock) };
    Arc::new(PluginFilter::load(host, &component(name), "{}", &setup).expect("admitted"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_at_once_need_no_more_instances_than_threads() {
    const THREADS: usize = 4;
    // Patient, because a thousand wait for four threads on a machine that may be busy.
    let config = Filters { threads: THREADS, deadline_ms: 1_000, ..limits() };
    let host = own_host();
    let names = ["contact_guard.wasm", "link_guard.wasm", "fixtures/misbehaving.wasm"];
    let filters: Vec<_> = names.iter().map(|name| load(&host, name, &config)).collect();
    let live = filters.iter().map(|filter| Arc::clone(filter) as Arc<dyn Filter>).collect();
    let pipeline = pipeline(&config, live, FailMode::Hold);

    let most = Arc::new(AtomicUsize::new(0));
    let judge = |number: usize| {
        let (pipeline, host, most) = (pipeline.clone(), host.clone(), Arc::clone(&most));
        tokio::spawn(async move {
            // Every tenth leaks, so that instances are replaced meanwhile.
            let word = if number.is_multiple_of(10) { "leak" } else { "hello" };
            let judged = pipeline.judge(inspection(&format!("{word} {number}"))).await;
            most.fetch_max(host.usage().instances, Ordering::Relaxed);
            judged.map(|judged| judged.verdict.is_none())
        })
    };
    let judged: Vec<_> = (0..1_000).map(judge).collect();
    for judged in judged {
        assert_eq!(judged.await.expect("no panic"), Ok(true), "harmless messages pass");
    }
    let (most, usage) = (most.load(Ordering::Relaxed), host.usage());
    assert!(most >= filters.len(), "it was counted while they ran: {most}");
    assert!(most <= THREADS * filters.len(), "{most} instances for {THREADS} threads");
    // What each may have at most is what bounds the whole; idle ones have a bound of their own.
    assert!(usage.idle_bytes <= usage.max_idle_bytes.min(usage.instances * 64 * MIB), "{usage:?}");
    assert!(usage.idle_bytes < 64 * MIB, "a few hundred KiB each, and a leak or two: {usage:?}");
    drop((pipeline, filters));
    let deadline = Instant::now() + Duration::from_secs(10);
    while host.usage().instances > 0 {
        assert!(
            Instant::now() < deadline,
            "a filter that is gone leaves nothing: {:?}",
            host.usage()
        );
        tokio::task::yield_now().await;
    }
}

#[test]
fn more_filters_than_there_is_room_for_take_turns() {
    let (host, config) = (own_host(), limits());
    let first = load(&host, "fixtures/misbehaving.wasm", &config);
    let most = host.usage().max_instances;
    let others: Vec<_> =
        (0..most + 20).map(|_| load(&host, "fixtures/misbehaving.wasm", &config)).collect();
    assert_eq!(host.usage().instances, most, "each kept an instance as long as there was room");
    for filter in others.iter().chain([&first]) {
        assert_eq!(filter.inspect(&subject("hello"), &[]), Ok(Vec::new()), "idle ones make room");
    }
    assert!(host.usage().instances <= most);
    drop((others, first));
    assert_eq!(host.usage().instances, 0);
    assert_eq!(host.usage().idle_bytes, 0, "the accounts are right");
}

/// A component with nothing but a large core module: no filter, but that shows only after it was compiled.
fn large(functions: usize) -> Vec<u8> {
    let mut text = String::from("(component (core module\n");
    for function in 0..functions {
        let _ = write!(text, "(func (export \"f{function}\") (param i64) (result i64) local.get 0");
        for step in 0..60 {
            let _ = write!(text, " i64.const {} i64.mul local.get 0 i64.xor", function * 61 + step);
        }
        text.push_str(")\n");
    }
    text.push_str("))");
    wat::parse_str(text).expect("good component text")
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

#[test]
fn compiling_a_large_component_delays_no_live_message() {
    let dir = tempfile::tempdir().expect("a directory");
    let host = Host::start(dir.path(), 64 * MIB).expect("the host starts");
    // Patient: on a busy machine the wall clock may run far ahead of the work.
    let config = Filters { deadline_ms: 1_000, ..limits() };
    let filter = load(&host, "contact_guard.wasm", &config);
    let message = || {
        let started = Instant::now();
        filter.inspect(&subject("is the bike still there? call me at noon"), &[]).expect("judged");
        started.elapsed()
    };
    let mut before: Vec<_> = (0..3_000).map(|_| message()).collect();
    let bytes = large(4_000);
    let done = AtomicBool::new(false);
    let mut during = Vec::new();
    let took = std::thread::scope(|scope| {
        let uploading = scope.spawn(|| {
            let started = Instant::now();
            let refused = admit(&host, &bytes, &config).map(|_| ()).expect_err("no filter");
            done.store(true, Ordering::Release);
            assert!(refused.to_string().contains("doesn't export `describe`"), "{refused}");
            started.elapsed()
        });
        while !done.load(Ordering::Acquire) {
            during.push(message());
        }
        uploading.join().expect("no panic")
    });
    let figures = |times: &mut [Duration]| {
        let of = |times: &mut [Duration], percent| percentile(times, percent);
        (of(times, 50), of(times, 99), times.len())
    };
    let (before, during) = (figures(&mut before), figures(&mut during));
    println!(
        "{} KiB compiled in {took:?}; p50, p99 and number of inspections before {before:?}, meanwhile {during:?}",
        bytes.len() / 1024
    );
    assert!(took > Duration::from_millis(500), "too quick to show anything: {took:?}");
    // Twice as slow would be a core shared half and half; the machine may be busy with other things, too.
    assert!(during.0 < before.0 * 2 + Duration::from_millis(1), "p50 {before:?}, then {during:?}");
    let limit = (before.1 * 4).max(Duration::from_millis(20));
    assert!(during.1 < limit, "p99 {before:?}, then {during:?}");
}
