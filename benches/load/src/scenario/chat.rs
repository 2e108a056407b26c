//! Conversations of two who both listen and send, in a closed loop or at an offered rate.

use std::sync::Arc;

use crate::arguments::Chat;
use crate::driver::{Manners, Pace};
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::market::{Market, Place};
use crate::report::{Report, figures, warn_if_bottleneck, warn_if_refused};

use super::meet;

/// Runs it and prints what it showed.
pub fn run(asked: &Chat) -> Result<(), LoadError> {
    let common = &asked.common;
    let (market, server) = meet(common)?;
    let mut fleet = fleet(&market, asked)?;
    let pace = asked.rate.map_or(Pace::Closed, Pace::Rate);
    let mut report = Report::new("chat", &market.operations.name);
    report.setting("conversations", asked.conversations);
    report.setting("subscriptions", fleet.links());
    match asked.rate {
        Some(rate) => report.setting("offered messages/s", rate),
        None => report.setting("closed loop, in flight each", asked.in_flight),
    }
    report.setting("seconds", common.seconds.as_secs_f64());
    let mut all = fleet.run(&server, pace, common.warmup, "warming up")?.stats;
    for _ in 0..common.repeat.max(1) {
        let phase = fleet.run(&server, pace, common.seconds, "chat")?;
        report.run(figures(&phase));
        warn_if_bottleneck(&mut report, &phase);
        warn_if_refused(&mut report, &phase);
        all.add(&phase.stats);
    }
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}

/// A fleet in new conversations, all of it connected.
pub fn fleet(market: &Arc<Market>, asked: &Chat) -> Result<Fleet, LoadError> {
    fleet_and_places(market, asked).map(|(fleet, _)| fleet)
}

/// The same with the conversations.
pub fn fleet_and_places(
    market: &Arc<Market>,
    asked: &Chat,
) -> Result<(Fleet, Vec<Place>), LoadError> {
    let manners =
        Manners { in_flight: asked.in_flight, senders: asked.senders.into(), ..Manners::default() };
    let places = market.places(asked.conversations, 2)?;
    let mut fleet = Fleet::new(market, places.clone(), &manners, asked.common.threads)?;
    fleet.open()?;
    Ok((fleet, places))
}
