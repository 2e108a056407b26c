//! Live figures.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::filter::FilterMode;
use super::filter_health::{ActionCount, FilterHealth};
use super::listing::ListingCoverage;
use crate::domain::{Action, Viewer, access};
use crate::fanout::Minute;
use crate::graphql::Rooms;
use crate::graphql::errors::Fault;

/// How things stand.
#[derive(Debug, Clone, SimpleObject)]
pub struct LiveStats {
    /// When.
    at: DateTime<Utc>,
    /// The last 60 minutes, oldest first; the last one is the running minute.
    minutes: Vec<MinuteStats>,
    /// Support conversations that are open.
    open_conversations: u64,
    /// Open support conversations whose customer waits for an answer.
    unanswered_conversations: u64,
    /// Since when the one that waits longest waits.
    oldest_unanswered_since: Option<DateTime<Utc>>,
    /// Messages that wait for a moderator.
    held_count: u64,
    /// Since when the one that waits longest waits.
    oldest_held_since: Option<DateTime<Utc>>,
    /// Every filter, in the order they run; null for those who may not see filters.
    filters: Option<Vec<LiveFilterStats>>,
    /// Coverage of listings.
    coverage: ListingCoverage,
    /// Different people with an open connection.
    connected_users: usize,
    /// Open sockets and streams.
    connections: usize,
    /// Groups of commits that lists and figures don't know yet.
    outbox_lag: u64,
}

/// One minute's messages.
#[derive(Debug, Clone, SimpleObject)]
pub struct MinuteStats {
    /// When it began.
    at: DateTime<Utc>,
    /// Messages between users that were said.
    direct: u64,
    /// Messages to and from support that were said.
    support: u64,
    /// By what became of them, refused ones included; what is 0 is left out.
    verdicts: Vec<ActionCount>,
}

/// How a filter does.
#[derive(Debug, Clone, SimpleObject)]
pub struct LiveFilterStats {
    /// The filter's name.
    name: String,
    /// What it does.
    mode: FilterMode,
    /// The same as `Filter.health`.
    health: FilterHealth,
}

impl LiveStats {
    /// How things stand now, for this viewer.
    pub async fn now(rooms: &Rooms, viewer: &Viewer) -> Result<Self, Fault> {
        let frame = rooms.insight.frame().await?;
        let filters = access::may_see_filters(viewer.role).then(|| {
            let filters = rooms.releases.filters().into_iter();
            let stats = filters.map(|row| LiveFilterStats {
                mode: FilterMode::of(&row),
                health: rooms.releases.health(&row.name).into(),
                name: row.name,
            });
            stats.collect()
        });
        Ok(Self {
            at: frame.at,
            minutes: frame.minutes.iter().map(MinuteStats::from).collect(),
            open_conversations: frame.open,
            unanswered_conversations: frame.unanswered,
            oldest_unanswered_since: frame.unanswered_since,
            held_count: frame.held,
            oldest_held_since: frame.held_since,
            filters,
            coverage: frame.coverage.clone().into(),
            connected_users: frame.people,
            connections: frame.connections,
            outbox_lag: frame.lag,
        })
    }
}

impl From<&(DateTime<Utc>, Minute)> for MinuteStats {
    fn from((at, minute): &(DateTime<Utc>, Minute)) -> Self {
        let counts = Action::ALL.into_iter().zip(minute.actions);
        let verdicts = counts.filter(|(_, count)| *count > 0);
        Self {
            at: *at,
            direct: minute.direct,
            support: minute.support,
            verdicts: verdicts.map(|(action, count)| ActionCount::new(action, count)).collect(),
        }
    }
}
