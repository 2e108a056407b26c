//! The server is killed again and again under load. Clients come back with `after` and send again what was not answered;
//! in the end everything that was acknowledged must be there, once, where it was said to be.

mod child;
mod truth;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::arguments::Crash;
use crate::driver::{Manners, Pace};
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::market::{Market, address};
use crate::operations::Operations;
use crate::progress;
use crate::report::{Figure, Report};
use crate::stats::Times;

use child::Child;
use truth::Truth;

/// The load ends with the last kill, not before.
const LONG: Duration = Duration::from_secs(24 * 3_600);

/// Runs it and prints what it showed.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn run(asked: &Crash) -> Result<(), LoadError> {
    let common = &asked.common;
    let operations = Operations::open(&common.operations)?;
    let health = operations.health.clone();
    let health =
        health.ok_or_else(|| LoadError::Setup("the operations have no [health]".to_owned()))?;
    super::raise_file_limit();
    let mut child =
        Child::new(&asked.command, asked.log.as_deref(), address(&common.url)?, &health)?;
    let first_start = child.start()?;
    let market = Arc::new(Market::open(operations, &common.url, &common.data_dir)?);
    let places = market.places(asked.conversations, 2)?;
    let manners = Manners {
        in_flight: asked.in_flight,
        resumes: true,
        keeps_ledger: true,
        ..Manners::default()
    };
    let mut fleet = Fleet::new(&market, places, &manners, common.threads)?;
    let mut all = fleet.open()?;
    let pace = asked.rate.map_or(Pace::Closed, Pace::Rate);
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let (sent, starts) = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let starts = kill_again_and_again(&mut child, asked);
            stop.store(true, Ordering::Release);
            starts
        });
        let sent = fleet.send(pace, begun + LONG, &stop);
        stop.store(true, Ordering::Release);
        (sent, killer.join())
    });
    let starts = starts.map_err(|_| LoadError::Setup("the killer panicked".to_owned()))??;
    let took = begun.elapsed();
    all.add(&sent?);
    all.add(&fleet.drain()?);
    let truth = Truth::read(&market, &fleet.ledgers(), &manners.texts)?;
    child.stop()?;

    let mut report = Report::new("crash", &market.operations.name);
    report.setting("kills", asked.kills);
    report.setting("conversations", asked.conversations);
    report.setting("by", if asked.gently { "SIGTERM" } else { "SIGKILL" });
    report.setting("seed", asked.seed);
    report.run(vec![
        Figure::new("ends under load", starts.count() as f64),
        Figure::new("messages acknowledged", all.acknowledged as f64),
        Figure::new(
            "acknowledged, messages/s, outages included",
            all.acknowledged as f64 / took.as_secs_f64(),
        ),
        Figure::new("sent again with the same client id", all.resent as f64),
        Figure::new("connections resumed", all.reconnects as f64),
        Figure::new("events seen by subscribers", all.received as f64),
        Figure::new("messages read at the end, by all senders", truth.read as f64),
        Figure::new("errors and refusals answered", all.refused as f64),
        Figure::new("ACKNOWLEDGED AND LOST", truth.lost as f64),
        Figure::new("DOUBLED", truth.doubled as f64),
        Figure::new("GAPS AND DOUBLES SEEN BY SUBSCRIBERS", all.breach_count as f64),
        Figure::new("first start to ready, ms", first_start.as_secs_f64() * 1e3),
        Figure::new("start to ready p50, ms", starts.millis(0.5)),
        Figure::new("start to ready p99, ms", starts.millis(0.99)),
        Figure::new("start to ready at most, ms", starts.millis(1.0)),
    ]);
    for (outcome, many) in all.outcomes.sorted() {
        report.note(format!("answered {outcome}: {many}"));
    }
    report.finish(common.json.as_deref())?;
    all.check()?;
    truth.check()?;
    if asked.gently && all.refused > 0 {
        let words = format!("{} answers were errors while it stopped softly", all.refused);
        return Err(LoadError::Broken(words));
    }
    Ok(())
}

/// The times from start to ready.
fn kill_again_and_again(child: &mut Child, asked: &Crash) -> Result<Times, LoadError> {
    let bar = progress::bar(asked.kills as u64, "ends");
    let mut times = Times::new()?;
    let mut random = asked.seed | 1;
    for _ in 0..asked.kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let span = asked.longest.saturating_sub(asked.shortest).as_millis().max(1);
        let extra = u128::from(random) % span;
        let life = asked.shortest + Duration::from_millis(u64::try_from(extra).unwrap_or_default());
        child.live(life)?;
        if asked.gently {
            child.stop()?;
        } else {
            child.kill()?;
        }
        times.record(child.start()?);
        bar.inc(1);
    }
    // The last start is a life too.
    child.live(asked.shortest)?;
    bar.finish_and_clear();
    Ok(times)
}
