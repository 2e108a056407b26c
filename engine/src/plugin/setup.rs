//! What a filter is loaded with beside its component and configuration.

use std::sync::Arc;

use crate::config::Filters;
use crate::domain::Clock;
use crate::filter::Lists;

use super::counters::Counters;
use super::grants::Grants;

/// What a filter is loaded with; start from `Setup::new`.
#[derive(Clone)]
pub struct Setup<'a> {
    /// Limits.
    pub filters: &'a Filters,
    /// What it may call.
    pub grants: Grants,
    /// Derives the opaque keys of senders and conversations: random, one per store.
    pub key: [u8; 32],
    /// The time for crash counting and loading.
    pub clock: &'a Clock,
    /// The operator's lists; all filters share them.
    pub lists: Arc<Lists>,
    /// Another version's counters to go on with, so that windows survive; otherwise new ones.
    pub counters: Option<Arc<Counters>>,
    /// Told when the filter switches itself off; called on an inspector's thread, so it must not wait.
    pub alarm: Option<AlarmSink>,
}

impl<'a> Setup<'a> {
    /// Nothing granted, no lists, counters of its own, nobody told.
    pub fn new(filters: &'a Filters, key: [u8; 32], clock: &'a Clock) -> Self {
        Self {
            filters,
            grants: Grants::NONE,
            key,
            clock,
            lists: Arc::default(),
            counters: None,
            alarm: None,
        }
    }
}

/// Where alarms go.
pub type AlarmSink = Arc<dyn Fn(Alarm) + Send + Sync>;

/// A filter should be looked at, or is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The filter's name.
    pub filter: String,
    /// Its semantic version and digest, such as `1.0.0+9f86d081`.
    pub version: String,
    /// Why.
    pub kind: AlarmKind,
    /// The same for people, with figures.
    pub text: String,
}

/// Why there is an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// It crashed too often within an hour.
    Crashes,
    /// It flags too large a share of messages.
    PassRate,
    /// Its signals acted on more messages of a day than the operator allows.
    ActionCap,
}
