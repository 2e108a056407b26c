//! All clients lose their sockets at once, miss messages, and come back with `after`.

use std::time::Instant;

use serde_json::json;

use crate::arguments::Storm;
use crate::driver::Manners;
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::market::{Market, Place};
use crate::report::{Figure, Report};

use super::meet;

/// Runs it and prints what it showed.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub fn run(asked: &Storm) -> Result<(), LoadError> {
    let common = &asked.common;
    let (market, server) = meet(common)?;
    let manners = Manners { at_once: asked.at_once, resumes: true, ..Manners::default() };
    let places = market.places(asked.conversations, asked.subscribers)?;
    let mut fleet = Fleet::new(&market, places.clone(), &manners, common.threads)?;
    let mut all = fleet.open()?;
    let mut report = Report::new("storm", &market.operations.name);
    report.setting("clients", fleet.links());
    report.setting("messages missed by each", asked.missed);
    report.setting("connecting at once", asked.at_once);
    for round in 0..common.repeat.max(1) {
        fleet.drop_all();
        let bar = crate::progress::bar(places.len() as u64, "conversations go on meanwhile");
        for place in &places {
            let seq = go_on(&market, place, round, asked.missed)?;
            fleet.expect(&place.id, seq);
            bar.inc(1);
        }
        bar.finish_and_clear();
        let ((stats, took), taken) = server.during(|| {
            let start = Instant::now();
            // From here, not from the loss: how long the messages took to send is nothing of theirs.
            fleet.restart_clock(start);
            let stats = fleet.open()?;
            Ok((stats, start.elapsed()))
        })?;
        let clients = fleet.links() as f64;
        report.run(vec![
            Figure::new("until all are back and have everything, s", took.as_secs_f64()),
            Figure::new("clients/s", clients / took.as_secs_f64()),
            Figure::new("until one is back p50, ms", stats.back.millis(0.5)),
            Figure::new("until one is back p99, ms", stats.back.millis(0.99)),
            Figure::new("events caught up", stats.received as f64),
            Figure::new("connections lost again", stats.reconnects as f64),
            Figure::new("server CPU, µs/client", taken.cpu.as_secs_f64() * 1e6 / clients),
            Figure::new("server memory at its peak, MB", taken.peak as f64 / 1e6),
            Figure::new("server memory at the end, MB", taken.end as f64 / 1e6),
        ]);
        all.add(&stats);
    }
    all.add(&fleet.drain()?);
    report.finish(common.json.as_deref())?;
    all.check()
}

/// The conversation goes on while nobody listens: the last message's number.
fn go_on(market: &Market, place: &Place, round: usize, count: usize) -> Result<u64, LoadError> {
    let operations = &market.operations;
    let mut caller = market.caller(&place.tokens[0])?;
    let mut last = 0;
    for n in 0..count {
        let mut body = Vec::new();
        let number = (round * count + n) as u64;
        crate::texts::Texts::default().write(&mut body, usize::MAX / 2, number);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let client_id = format!("missed-{number}");
        let variables = json!({ "conversationId": place.id, "clientId": client_id, "body": body });
        let data = caller.call(&operations.send, &variables)?.to_string();
        last = operations.seq.number(data.as_bytes()).ok_or_else(|| {
            LoadError::Setup(format!("a message was not sent while clients were away: {data}"))
        })?;
    }
    Ok(last)
}
