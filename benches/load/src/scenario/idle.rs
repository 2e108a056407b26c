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
    let mut places = market.places(conversations, sockets.max(1))?;
    let others = places.split_off(places.len() / 2);
    // The first half takes what the server has free since the conversations were made; the second shows what one more takes.
    let mut fleet = Fleet::new(&market, places, &manners, common.threads)?;
    let mut second = Fleet::new(&market, others, &manners, common.threads)?;
    let before = fleet.run(&server, Pace::Silent, SETTLE, "settling")?;
    let mut all = fleet.open()?;
    let half = fleet.run(&server, Pace::Silent, SETTLE, "settling")?;
    all.add(&second.open()?);
    let more = second.links();
    fleet.join(second);
    let after = fleet.run(&server, Pace::Silent, SETTLE, "settling")?;
    let idle = fleet.run(&server, Pace::Silent, common.seconds, "idle")?;

    let mut report = Report::new("idle", &market.operations.name);
    report.setting("subscriptions on their own sockets", fleet.links());
    report.setting("conversations", conversations);
    let kilobytes =
        |from: u64, to: u64, links: usize| (to as f64 - from as f64) / 1e3 / links as f64;
    let quiet = before.taken.end;
    report.run(vec![
        Figure::new(
            "memory of one more subscription, kB",
            kilobytes(half.taken.end, after.taken.end, more),
        ),
        Figure::new("the same after idling, kB", kilobytes(half.taken.end, idle.taken.end, more)),
        Figure::new(
            "of each, with what was free before, kB",
            kilobytes(quiet, idle.taken.end, fleet.links()),
        ),
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
    for phase in [&before, &half, &after, &idle] {
        all.add(&phase.stats);
    }
    // Nobody is forgotten: every conversation gets a message, and everybody must have it.
    let rate = (conversations as f64 / 2.0).min(500.0);
    let talk = Duration::from_secs_f64(conversations as f64 / rate);
    all.add(&fleet.run(&server, Pace::Rate(rate), talk, "a word to everybody")?.stats);
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}
