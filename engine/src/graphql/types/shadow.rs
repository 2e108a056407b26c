//! What a version on trial would have done.

use async_graphql::connection::{Connection, Edge};
use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};

use super::cursor;
use super::verdict::{Action, Signal};
use crate::graphql::ids;
use crate::release;
use crate::store::{ShadowPlace, ShadowRow};

/// What a version on trial found in one message.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShadowResult {
    /// When the message was judged.
    at: DateTime<Utc>,
    /// The version on trial.
    version: u32,
    /// Where; the conversation's global id.
    conversation_id: ID,
    /// The message's global id; null if it was refused.
    message_id: Option<ID>,
    /// What it found.
    signals: Vec<Signal>,
    /// In what way it failed.
    fault: Option<String>,
    /// How long it took, microseconds.
    micros: u32,
    /// What was done.
    live_action: Action,
    /// What would have been done with this version in the live one's place.
    would_be: Action,
}

impl From<&ShadowRow> for ShadowResult {
    fn from(row: &ShadowRow) -> Self {
        Self {
            at: row.at,
            version: row.version,
            conversation_id: ids::of_conversation(&row.conversation),
            message_id: row.seq.map(|seq| ids::of_message(&row.conversation, seq)),
            signals: row.signals.iter().map(Signal::from).collect(),
            fault: row.fault.clone(),
            micros: row.micros,
            live_action: row.live_action.into(),
            would_be: row.would_be.into(),
        }
    }
}

/// One page of at most `limit` of these rows, of which one more was asked for.
pub fn page(
    mut rows: Vec<ShadowRow>,
    limit: usize,
    has_previous: bool,
) -> Connection<String, ShadowResult> {
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    let mut connection = Connection::new(has_previous, has_next);
    connection.edges.extend(rows.iter().map(|row| {
        let place = ShadowPlace { at: row.at, n: row.n };
        Edge::new(cursor::of_shadow(place), ShadowResult::from(row))
    }));
    connection
}

/// How many messages were treated so and would have been treated so.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShadowOutcome {
    /// What was done.
    live_action: Action,
    /// What would have been done.
    would_be: Action,
    /// With how many messages.
    count: u64,
}

/// What a version on trial would have changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct ShadowSummary {
    /// The version on trial; null if there is none.
    version: Option<u32>,
    /// Messages it looked at.
    inspected: u64,
    /// Of these, messages it gave a signal for.
    flagged: u64,
    /// Messages it failed on.
    faults: u64,
    /// Messages that would have been treated more strictly.
    newly_caught: u64,
    /// Messages that would have been treated more mildly.
    newly_released: u64,
    /// Messages by what was done and what would have been done.
    outcomes: Vec<ShadowOutcome>,
    /// Half of its inspections took no longer, microseconds, rounded up to a power of two.
    p50_micros: Option<u64>,
    /// 99 of 100 inspections took no longer, microseconds, rounded up to a power of two.
    p99_micros: Option<u64>,
}

impl ShadowSummary {
    /// The figures of a version.
    pub fn new(version: Option<u32>, summary: &release::ShadowSummary) -> Self {
        let outcomes = summary.outcomes.iter().map(|(live, would_be, count)| ShadowOutcome {
            live_action: (*live).into(),
            would_be: (*would_be).into(),
            count: *count,
        });
        Self {
            version,
            inspected: summary.inspected,
            flagged: summary.flagged,
            faults: summary.faults,
            newly_caught: summary.newly_caught,
            newly_released: summary.newly_released,
            outcomes: outcomes.collect(),
            p50_micros: summary.p50_micros,
            p99_micros: summary.p99_micros,
        }
    }
}
