//! Conversations, and besides them what else goes on: histories are read, messages searched, staff look on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arguments::Mixed;
use crate::caller::Caller;
use crate::driver::Pace;
use crate::driver::Schedule;
use crate::error::LoadError;
use crate::market::{Market, Place};
use crate::report::{Figure, Report, figures, warn_if_bottleneck};
use crate::stats::Times;

use super::{chat, meet};

/// Users who read and search.
const READERS: usize = 8;
/// What is searched for.
const WORDS: [&str; 6] = ["bike", "garden", "pick it up", "saturday", "warranty", "scratches"];

/// Queries of one kind at a rate.
struct Kind<'a> {
    document: &'a str,
    rate: f64,
    variables: &'a (dyn Fn(usize, &Place) -> Value + Sync),
}

/// Runs it and prints what it showed.
pub fn run(asked: &Mixed) -> Result<(), LoadError> {
    let common = &asked.chat.common;
    let (market, server) = meet(common)?;
    let lacks = |what: &str| LoadError::Setup(format!("the operations have no [{what}]"));
    let history = &market.operations.history.as_ref().ok_or_else(|| lacks("history"))?.document;
    let search = market.operations.search.as_ref().ok_or_else(|| lacks("search"))?;
    let (stream, role) = market.operations.staff.as_ref().ok_or_else(|| lacks("staff"))?;
    let page = |_: usize, place: &Place| json!({ "conversationId": place.id, "last": 50 });
    let words = |n: usize, _: &Place| json!({ "query": WORDS[n % WORDS.len()] });
    let kinds = [
        Kind { document: history, rate: asked.reads, variables: &page },
        Kind { document: search, rate: asked.searches, variables: &words },
    ];
    let (mut fleet, places) = chat::fleet_and_places(&market, &asked.chat)?;
    let readers = &places[..places.len().min(READERS)];
    let pace = asked.chat.rate.map_or(Pace::Closed, Pace::Rate);
    let mut report = Report::new("mixed", &market.operations.name);
    report.setting("conversations", asked.chat.conversations);
    report.setting("histories/s", asked.reads);
    report.setting("searches/s", asked.searches);
    report.setting("staff streams", asked.staff);
    let mut all = fleet.run(&server, pace, common.warmup, "warming up")?.stats;
    for _ in 0..common.repeat.max(1) {
        let stop = AtomicBool::new(false);
        let (phase, times, events) = std::thread::scope(|scope| {
            let queries: Vec<_> = kinds
                .iter()
                .map(|kind| scope.spawn(|| ask(&market, readers, kind, &stop)))
                .collect();
            let streams: Vec<_> = (0..asked.staff)
                .map(|n| {
                    let stop = &stop;
                    let market = &market;
                    scope.spawn(move || {
                        let token = market.token(&market.name("staff", n), role)?;
                        market.caller(&token)?.listen(stream, stop)
                    })
                })
                .collect();
            let phase = fleet.run(&server, pace, common.seconds, "mixed");
            stop.store(true, Ordering::Release);
            let times = queries.into_iter().map(joined).collect::<Result<Vec<_>, _>>()?;
            let events = streams.into_iter().map(joined).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, LoadError>((phase?, times, events))
        })?;
        let mut run = figures(&phase);
        for (name, times) in ["history", "search"].iter().zip(&times) {
            run.push(Figure::new(&format!("{name} p50, ms"), times.millis(0.5)));
            run.push(Figure::new(&format!("{name} p99, ms"), times.millis(0.99)));
            #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
            run.push(Figure::new(&format!("{name}, answers"), times.count() as f64));
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        run.push(Figure::new("staff streams, events", events.iter().sum::<u64>() as f64));
        report.run(run);
        warn_if_bottleneck(&mut report, &phase);
        all.add(&phase.stats);
    }
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}

fn joined<T>(
    thread: std::thread::ScopedJoinHandle<'_, Result<T, LoadError>>,
) -> Result<T, LoadError> {
    thread.join().map_err(|_| LoadError::Setup("a thread of the driver panicked".to_owned()))?
}

/// Asks at a rate, each reader in turn; a time counts from when the query was due.
fn ask(
    market: &Market,
    readers: &[Place],
    kind: &Kind<'_>,
    stop: &AtomicBool,
) -> Result<Times, LoadError> {
    let mut callers = readers
        .iter()
        .map(|place| market.caller(&place.tokens[0]))
        .collect::<Result<Vec<Caller>, _>>()?;
    let mut times = Times::new()?;
    if kind.rate <= 0.0 || callers.is_empty() {
        return Ok(times);
    }
    let mut schedule = Schedule::new(Instant::now(), kind.rate);
    let mut n = 0;
    while !stop.load(Ordering::Acquire) {
        let now = Instant::now();
        let Some(due) = schedule.take(now) else {
            let wait = schedule.next().saturating_duration_since(now);
            std::thread::park_timeout(wait.min(Duration::from_millis(100)));
            continue;
        };
        let reader = n % callers.len();
        let variables = (kind.variables)(n, &readers[reader]);
        callers[reader].call(kind.document, &variables)?;
        times.record(due.elapsed());
        n += 1;
    }
    Ok(times)
}
