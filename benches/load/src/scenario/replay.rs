//! The messages of a labelled file, in a closed loop: what becomes of them, and how fast.

use std::sync::Arc;

use crate::arguments::Replay;
use crate::driver::{Manners, Pace, Supply};
use crate::error::LoadError;
use crate::fleet::Fleet;
use crate::report::{Report, figures, warn_if_bottleneck};
use crate::texts::Texts;

use super::meet;

/// Runs it and prints what it showed.
pub fn run(asked: &Replay) -> Result<(), LoadError> {
    let common = &asked.common;
    let file = std::fs::read_to_string(&asked.file)
        .map_err(|source| LoadError::file(&asked.file, source))?;
    let texts = Arc::new(Texts::of_file(&file));
    if texts.lines() == 0 {
        let words = format!("{}: no `label TAB text` lines", asked.file.display());
        return Err(LoadError::Setup(words));
    }
    let (market, server) = meet(common)?;
    let count = (texts.lines() * asked.rounds) as u64;
    let mut report = Report::new("replay", &market.operations.name);
    report.setting("messages", count);
    report.setting("conversations", asked.conversations);
    for _ in 0..common.repeat.max(1) {
        let manners = Manners {
            senders: 1,
            supply: Some(Arc::new(Supply::new(count))),
            texts: Arc::clone(&texts),
            ..Manners::default()
        };
        let places = market.places(asked.conversations, 2)?;
        let mut fleet = Fleet::new(&market, places, &manners, common.threads)?;
        let mut all = fleet.open()?;
        let phase = fleet.run(&server, Pace::Closed, asked.limit, "replay, at most")?;
        report.run(figures(&phase));
        warn_if_bottleneck(&mut report, &phase);
        all.add(&phase.stats);
        all.add(&fleet.drain()?);
        if let Err(error) = all.check() {
            report.finish(common.json.as_deref())?;
            return Err(error);
        }
    }
    report.finish(common.json.as_deref())
}
