//! Live figures: what happens now, from memory, kept by the minute so that a restart doesn't empty the charts.

mod presence;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

pub use presence::{Presence, Present};

use crate::domain::{Action, Clock};
use crate::fanout::{Fanout, Minute, minutes};
use crate::inbox::Inbox;
use crate::store::{Coverage, MinuteRow, Store, StoreError};
use crate::trust::Moderation;

/// How often counts are kept.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// Whoever asks within this time gets the same frame.
const FRESH: Duration = Duration::from_millis(900);
/// Minutes that are kept.
const KEPT: i64 = 60;
/// Minutes before those that are deleted, in case the engine was away for a while.
const SWEPT: i64 = 120;

/// How things stand.
#[derive(Debug, Clone)]
pub struct Frame {
    /// When.
    pub at: DateTime<Utc>,
    /// The last hour's minutes, oldest first.
    pub minutes: Vec<(DateTime<Utc>, Minute)>,
    /// Open support conversations.
    pub open: u64,
    /// Those whose customer waits for an answer.
    pub unanswered: u64,
    /// Since when the one that waits longest waits.
    pub unanswered_since: Option<DateTime<Utc>>,
    /// Messages that wait for a moderator.
    pub held: u64,
    /// Since when the one that waits longest waits.
    pub held_since: Option<DateTime<Utc>>,
    /// Coverage of listings.
    pub coverage: Coverage,
    /// Different people with an open connection.
    pub people: usize,
    /// Open sockets and streams.
    pub connections: usize,
    /// Groups of commits that lists don't know yet.
    pub lag: u64,
}

/// Live figures. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Insight(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    fanout: Fanout,
    inbox: Inbox,
    moderation: Moderation,
    presence: Presence,
    clock: Clock,
    last: Mutex<Option<(Instant, Arc<Frame>)>>,
}

impl Insight {
    /// Goes on with the minutes that were kept, and keeps them from now on until the store closes.
    pub async fn start(
        store: Store,
        fanout: Fanout,
        inbox: Inbox,
        moderation: Moderation,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let now = minutes::number(clock.now());
        let kept = store.minutes(now - KEPT + 1..=now).await?;
        fanout
            .minutes()
            .restore(kept.into_iter().map(|(number, counts)| (number, minute(&counts))));
        let presence = Presence::default();
        let last = Mutex::default();
        let this =
            Self(Arc::new(Inner { store, fanout, inbox, moderation, presence, clock, last }));
        let keeper = this.clone();
        tokio::spawn(async move {
            let closing = keeper.0.store.closing();
            tokio::pin!(closing);
            loop {
                tokio::select! {
                    () = &mut closing => return,
                    () = tokio::time::sleep(KEEP_EVERY) => keeper.keep().await,
                }
            }
        });
        Ok(this)
    }

    /// Keeps what was counted since this was last called; also to be called before the store closes.
    pub async fn keep(&self) {
        let changed: Vec<MinuteRow> = self
            .0
            .fanout
            .minutes()
            .take_changed()
            .into_iter()
            .map(|(number, minute)| (number, counts(&minute)))
            .collect();
        if changed.is_empty() {
            return;
        }
        let oldest = minutes::number(self.0.clock.now()) - KEPT;
        if let Err(error) = self.0.store.keep_minutes(&changed, oldest - SWEPT..oldest).await {
            tracing::warn!(%error, "counts of messages can't be kept");
        }
    }

    /// Who is connected.
    pub fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// How things stand now; whoever asks at the same time gets the same.
    pub async fn frame(&self) -> Result<Arc<Frame>, StoreError> {
        let mut last = self.0.last.lock().await;
        if let Some((at, frame)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(frame));
        }
        let frame = Arc::new(self.look().await?);
        *last = Some((Instant::now(), Arc::clone(&frame)));
        Ok(frame)
    }

    async fn look(&self) -> Result<Frame, StoreError> {
        let Inner { store, fanout, inbox, moderation, presence, clock, .. } = &*self.0;
        let now = clock.now();
        let desk = inbox.desk_counts();
        let (unanswered, held) = (desk.waiting(), moderation.count_waiting());
        let longest = if unanswered > 0 { inbox.longest_waiting().await? } else { None };
        let oldest = if held > 0 { moderation.longest_waiting().await? } else { None };
        Ok(Frame {
            at: now,
            minutes: fanout.minutes().last_hour(now),
            open: desk.open(),
            unanswered,
            unanswered_since: longest.and_then(|row| row.waiting_since),
            held,
            held_since: oldest.map(|held| held.at),
            coverage: store.listing_coverage().await?,
            people: presence.people(),
            connections: presence.connections(),
            lag: inbox.lag(),
        })
    }
}

fn counts(minute: &Minute) -> Vec<u64> {
    [minute.direct, minute.support].into_iter().chain(minute.actions).collect()
}

fn minute(counts: &[u64]) -> Minute {
    let at = |index: usize| counts.get(index).copied().unwrap_or(0);
    let mut actions = [0; Action::ALL.len()];
    for (index, count) in actions.iter_mut().enumerate() {
        *count = at(index + 2);
    }
    Minute { direct: at(0), support: at(1), actions }
}
