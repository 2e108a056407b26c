//! More than the server can do: what it does of it, what it says to the rest, and how soon it is itself again.

use std::time::Duration;

use serde_json::json;

use crate::arguments::Overload;
use crate::driver::{Manners, Pace};
use crate::error::LoadError;
use crate::fleet::{Fleet, Phase};
use crate::report::{Figure, Report, figures, warn_if_bottleneck};
use crate::stats::Stats;

use super::meet;

/// Share of its capacity that is offered when it may recover.
const LIGHT: f64 = 0.2;

/// Runs it and prints what it showed.
pub fn run(asked: &Overload) -> Result<(), LoadError> {
    let common = &asked.common;
    let (market, server) = meet(common)?;
    let manners = Manners { in_flight: asked.in_flight, ..Manners::default() };
    let places = market.places(asked.conversations, 2)?;
    let mut fleet = Fleet::new(&market, places, &manners, common.threads)?;
    let mut all = fleet.open()?;
    let mut report = Report::new("overload", &market.operations.name);
    report.setting("conversations", asked.conversations);
    report.setting("times", asked.times);
    report.setting("seconds", common.seconds.as_secs_f64());
    report.setting("capacity by a closed loop, in flight each", asked.in_flight);
    report.setting("under way on a socket at most", manners.most_in_flight);
    for _ in 0..common.repeat.max(1) {
        all.add(&fleet.run(&server, Pace::Closed, common.warmup, "warming up")?.stats);
        let capacity = fleet.run(&server, Pace::Closed, common.seconds, "capacity")?;
        all.add(&fleet.drain()?);
        let peak = rate(&capacity);
        let offered = Pace::Rate(peak * asked.times);
        let (over, slices) = fleet.run_in_slices(&server, offered, common.seconds, "overload")?;
        let unsent = fleet.give_up_waiting();
        let light = Pace::Rate(peak * LIGHT);
        let (calm, after) = fleet.run_in_slices(&server, light, asked.after, "recovery")?;
        let mut run = compare(&capacity, &over, unsent, asked.times);
        run.push(Figure::new("recovery, s", recovery(&after, asked.recovered)));
        run.extend(memory(&capacity, &over, &calm));
        run.extend(figures(&over));
        report.run(run);
        report.series(json!({ "overload": series(&slices), "after": series(&after),
            "memory in overload": over.taken.memory, "memory after": calm.taken.memory }));
        warn_if_bottleneck(&mut report, &over);
        for phase in [&capacity, &over, &calm] {
            all.add(&phase.stats);
        }
        all.add(&fleet.drain()?);
    }
    report.finish(common.json.as_deref())?;
    all.check()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(phase: &Phase) -> f64 {
    phase.stats.acknowledged as f64 / phase.elapsed.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn compare(capacity: &Phase, over: &Phase, unsent: usize, times: f64) -> Vec<Figure> {
    let peak = rate(capacity);
    let seconds = over.elapsed.as_secs_f64();
    vec![
        Figure::new("capacity, messages/s", peak),
        Figure::new("capacity, send to ack p99, ms", capacity.stats.to_ack.millis(0.99)),
        Figure::new("offered, messages/s", peak * times),
        Figure::new("handed to the kernel, messages/s", over.stats.sent as f64 / seconds),
        Figure::new("refused, messages/s", over.stats.refused as f64 / seconds),
        Figure::new("waited for a place in flight to the end, messages", unsent as f64),
        Figure::new("GOODPUT, % of capacity", rate(over) * 100.0 / peak),
        Figure::new("acknowledged, from its sending p50, ms", over.stats.service.millis(0.5)),
        Figure::new("acknowledged, from its sending p99, ms", over.stats.service.millis(0.99)),
    ]
}

/// Seconds until all that follows is quick and nothing is refused; `None` if that did not come.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn recovery(after: &[Stats], quick: Duration) -> Option<f64> {
    let well = |second: &Stats| {
        let p99 = second.to_ack.millis(0.99);
        second.refused == 0 && p99.is_some_and(|p99| p99 <= quick.as_secs_f64() * 1e3)
    };
    let ill = after.iter().rposition(|second| !well(second)).map_or(0, |last| last + 1);
    (ill < after.len()).then_some(ill as f64)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn memory(capacity: &Phase, over: &Phase, calm: &Phase) -> Vec<Figure> {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    vec![
        Figure::new("memory at capacity, MB", megabytes(capacity.taken.end)),
        Figure::new("memory in overload at most, MB", megabytes(over.taken.peak)),
        Figure::new("memory after recovery, MB", megabytes(calm.taken.end)),
    ]
}

/// Second by second.
fn series(seconds: &[Stats]) -> Vec<serde_json::Value> {
    let figures = |it: &Stats| {
        json!({ "acknowledged": it.acknowledged, "refused": it.refused,
            "p50_ms": it.to_ack.millis(0.5), "p99_ms": it.to_ack.millis(0.99) })
    };
    seconds.iter().map(figures).collect()
}
