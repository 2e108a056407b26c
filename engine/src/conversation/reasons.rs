//! Why staff look into conversations between users: asked once an hour for each session and conversation, and audited.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use lru::LruCache;

use super::Refusal;
use crate::domain::{ConversationId, UserId, Viewer};

/// How long a reason is good for.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// Reasons remembered; the longest unused are asked for again.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// Characters of a reason.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=500;

/// A session, as far as a viewer shows it, and what it looks into.
type Key = (UserId, DateTime<Utc>, ConversationId);

/// Who gave a reason for what, and until when it is good.
pub struct Reasons(Mutex<LruCache<Key, DateTime<Utc>>>);

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reasons")
    }
}

impl Default for Reasons {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Reasons {
    /// Whether the viewer gave one for this conversation within the hour.
    pub fn given(&self, viewer: &Viewer, id: &ConversationId, now: DateTime<Utc>) -> bool {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.get(&key(viewer, id)).is_some_and(|until| *until > now)
    }

    /// Remembers that they did.
    pub fn give(&self, viewer: &Viewer, id: &ConversationId, now: DateTime<Utc>) {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.put(key(viewer, id), now + GOOD_FOR);
    }

    /// The reason as it is kept; one too short or too long is none.
    pub fn check(reason: Option<&str>) -> Result<&str, Refusal> {
        let reason = reason.map(str::trim).unwrap_or_default();
        LENGTH.contains(&reason.chars().count()).then_some(reason).ok_or(Refusal::ReasonRequired)
    }
}

fn key(viewer: &Viewer, id: &ConversationId) -> Key {
    (viewer.id.clone(), viewer.expires_at, id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    #[test]
    fn a_reason_is_good_for_its_session_and_conversation_and_for_an_hour() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let viewer = |expires| Viewer {
            id: UserId::trusted("staff:1"),
            role: Role::Moderator,
            name: None,
            expires_at: at(expires),
        };
        let (one, other) = (ConversationId::trusted("a"), ConversationId::trusted("b"));
        let reasons = Reasons::default();
        reasons.give(&viewer(600), &one, at(0));
        for (session, id, minutes, expected) in [
            (600, &one, 59, true),
            (600, &one, 60, false),
            (600, &other, 1, false),
            (700, &one, 1, false),
        ] {
            let given = reasons.given(&viewer(session), id, at(minutes));
            assert_eq!(given, expected, "session {session}, {id}, after {minutes} minutes");
        }
    }

    #[test]
    fn a_reason_has_some_length() {
        for (text, good) in [("abc", true), (" ab ", false), ("", false)] {
            assert_eq!(Reasons::check(Some(text)).is_ok(), good, "{text:?}");
        }
        assert_eq!(Reasons::check(None), Err(Refusal::ReasonRequired));
        assert!(Reasons::check(Some(&"x".repeat(501))).is_err(), "too long");
    }
}
