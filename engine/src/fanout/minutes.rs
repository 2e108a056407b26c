//! How many messages there were, minute by minute: counted as they are committed, read by whoever shows live figures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::{Action, ConversationKind};
use crate::telemetry;

/// Minutes remembered.
const REMEMBERED: usize = 61;
const MILLIS: i64 = 60_000;

/// One minute's messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minute {
    /// Messages between users that were said.
    pub direct: u64,
    /// Messages to and from support that were said.
    pub support: u64,
    /// By `Action::index`: what became of them, refused ones included.
    pub actions: [u64; Action::ALL.len()],
}

/// The last hour's minutes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Minutes(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By minutes since 1970.
    minutes: BTreeMap<i64, Minute>,
    /// The first one that changed since it was last asked for.
    changed: Option<i64>,
}

/// The number of the minute.
pub fn number(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(MILLIS)
}

/// When the minute of this number begins.
pub fn begin(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(number.saturating_mul(MILLIS)).unwrap_or(DateTime::UNIX_EPOCH)
}

impl Minutes {
    /// Counts a message: what became of it, and whether it was refused or said.
    pub fn count(&self, at: DateTime<Utc>, kind: ConversationKind, action: Action) {
        telemetry::sends::sent(kind == ConversationKind::Support, action.index());
        let number = number(at);
        let mut state = self.lock();
        state.changed = Some(state.changed.map_or(number, |first| first.min(number)));
        let minute = state.minutes.entry(number).or_default();
        minute.actions[action.index()] += 1;
        if action != Action::Refuse {
            let said = match kind {
                ConversationKind::Direct => &mut minute.direct,
                ConversationKind::Support => &mut minute.support,
            };
            *said += 1;
        }
        while state.minutes.len() > REMEMBERED {
            state.minutes.pop_first();
        }
    }

    /// Takes over what was counted before this process began.
    pub fn restore(&self, minutes: impl IntoIterator<Item = (i64, Minute)>) {
        self.lock().minutes.extend(minutes);
    }

    /// The hour up to now, oldest first; the last one is the running minute.
    pub fn last_hour(&self, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Minute)> {
        let state = self.lock();
        let last = number(now);
        (last - 59..=last)
            .map(|number| (begin(number), state.minutes.get(&number).copied().unwrap_or_default()))
            .collect()
    }

    /// What changed since this was last called, to be kept.
    pub fn take_changed(&self) -> Vec<(i64, Minute)> {
        let mut state = self.lock();
        let Some(first) = state.changed.take() else { return Vec::new() };
        state.minutes.range(first..).map(|(number, minute)| (*number, *minute)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_in_their_minute_and_old_minutes_go() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("in range");
        let minutes = Minutes::default();
        minutes.count(at(59), ConversationKind::Direct, Action::Deliver);
        minutes.count(at(60), ConversationKind::Support, Action::Hold);
        minutes.count(at(61), ConversationKind::Direct, Action::Refuse);
        assert_eq!(minutes.take_changed().len(), 2, "two minutes changed");
        assert!(minutes.take_changed().is_empty(), "and were taken");
        let hour = minutes.last_hour(at(119));
        assert_eq!(hour.len(), 60);
        let (begin, last) = hour[59];
        assert_eq!((begin, last.direct, last.support), (at(60), 0, 1), "refused is not said");
        assert_eq!(last.actions[Action::Refuse.index()], 1);
        assert_eq!(hour[58].1.direct, 1);
        let hour = minutes.last_hour(at(60 * 61));
        assert!(hour.iter().all(|(_, minute)| minute.direct == 0), "more than an hour ago");
    }
}
