//! Many subscriptions that nothing happens on: what each takes of memory, and what they take of CPU.

use std::time::Duration;

use crate::arguments::Idle;
use crate::driver::{Manners, Pace};
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::report::{Figure, Report};

use super::meet;

/// Quiet before memory is looked at.
const SETTLE: Duration = Duration::from_secs(3);

/// Runs it and prints what it showed.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn run(asked: &Idle) -> Result<(), LoadError> {
    let common = &asked.common;
    let (market, server) = meet(common)?;
    let conversations = asked.conversations.unwrap_or(asked.subscriptions / 2).max(1);
    let sockets = asked.subscriptions / conversations;
    let manners = Manners::default();
    let empty = server.usage().memory;
    let places = market.places(conversations, sockets.max(1))?;
    let mut fleet = Fleet::new(&market, places, &manners, common.threads)?;
    let before = fleet.run(&server, Pace::Silent, SETTLE, "settling")?;
    let came = fleet.open()?;
    let after = fleet.run(&server, Pace::Silent, SETTLE, "settling")?;
    let idle = fleet.run(&server, Pace::Silent, common.seconds, "idle")?;

    let mut report = Report::new("idle", &market.operations.name);
    let links = fleet.links() as f64;
    report.setting("subscriptions on their own sockets", fleet.links());
    report.setting("conversations", conversations);
    let kilobytes = |from: u64, to: u64| (to as f64 - from as f64) / 1e3 / links;
    let quiet = before.taken.end;
    report.run(vec![
        Figure::new("memory per subscription, kB", kilobytes(quiet, after.taken.end)),
        Figure::new("the same after idling, kB", kilobytes(quiet, idle.taken.end)),
        Figure::new(
            "memory per conversation before, kB",
            (quiet as f64 - empty as f64) / 1e3 / conversations as f64,
        ),
        Figure::new("server memory without any, MB", empty as f64 / 1e6),
        Figure::new("server memory at the end, MB", idle.taken.end as f64 / 1e6),
        Figure::new(
            "server CPU while idle, % of a core",
            idle.taken.cpu.as_secs_f64() * 100.0 / idle.elapsed.as_secs_f64(),
        ),
    ]);
    let mut all = came;
    // Nobody is forgotten: every conversation gets a message, and everybody must have it.
    let rate = conversations as f64 / 2.0;
    let talk = Duration::from_secs_f64(conversations as f64 / rate);
    for phase in [&before, &after, &idle] {
        all.add(&phase.stats);
    }
    all.add(&fleet.run(&server, Pace::Rate(rate.min(500.0)), talk, "a word to everybody")?.stats);
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}
