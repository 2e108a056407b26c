//! One sender, many subscribers of one conversation.

use crate::arguments::Fanout;
use crate::driver::{Manners, Pace};
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::report::{Figure, Report, figures, warn_if_bottleneck, warn_if_refused};

use super::meet;

/// Runs it and prints what it showed.
pub fn run(asked: &Fanout) -> Result<(), LoadError> {
    let common = &asked.common;
    let (market, server) = meet(common)?;
    let manners = Manners { in_flight: asked.in_flight, senders: 1, ..Manners::default() };
    let places = market.places(1, asked.subscribers)?;
    let mut fleet = Fleet::new(&market, places, &manners, 1)?;
    fleet.open()?;
    let pace = asked.rate.map_or(Pace::Closed, Pace::Rate);
    let mut report = Report::new("fanout", &market.operations.name);
    report.setting("subscribers", asked.subscribers);
    match asked.rate {
        Some(rate) => report.setting("offered messages/s", rate),
        None => report.setting("closed loop, in flight", asked.in_flight),
    }
    let mut all = fleet.run(&server, pace, common.warmup, "warming up")?.stats;
    for _ in 0..common.repeat.max(1) {
        let phase = fleet.run(&server, pace, common.seconds, "fanout")?;
        let mut run = figures(&phase);
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let each = phase.taken.cpu.as_secs_f64() * 1e6 / (phase.stats.received.max(1) as f64);
        run.push(Figure::new("server CPU, µs/event delivered", each));
        report.run(run);
        warn_if_bottleneck(&mut report, &phase);
        warn_if_refused(&mut report, &phase);
        all.add(&phase.stats);
    }
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}
