//! What judges messages: a slot per filter, with the version that is live and at most one that is on its way there.

use std::sync::Arc;

use crate::config::FailMode;
use crate::domain::{ConversationId, RunMode};

use super::stats::FilterStats;
use super::{FaultKind, Filter, FilterFault, Policy, Signal, SignalDescription, Subject};

/// Everything that judges a message; a message is judged wholly by one set.
#[derive(Clone)]
pub struct FilterSet {
    /// In the order they run.
    pub slots: Vec<Slot>,
    /// Turns their signals into a verdict.
    pub policy: Arc<Policy>,
}

/// A filter's place in the set.
#[derive(Clone)]
pub struct Slot {
    /// The filter's name.
    pub name: Arc<str>,
    /// What becomes of a message the filter fails on.
    pub fail_mode: FailMode,
    /// The version that judges, if one does.
    pub live: Option<Arc<Release>>,
    /// The version that is being tried.
    pub candidate: Option<Candidate>,
}

/// A version on its way to judging.
#[derive(Clone)]
pub struct Candidate {
    /// The version.
    pub release: Arc<Release>,
    /// How it is tried.
    pub mode: CandidateMode,
}

/// How a candidate is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateMode {
    /// Runs after the message was answered; recorded, without effect.
    Shadow,
    /// Judges this share of conversations, 0 to 100, instead of the live version.
    Canary {
        /// Of a hundred conversations.
        percent: u8,
    },
}

/// One version of a filter, ready to run.
pub struct Release {
    /// The filter.
    pub filter: Arc<dyn Filter>,
    /// Its number, counted from 1; 0 for filters nothing numbers.
    pub version: u32,
    /// BLAKE3 of the component, 64 hexadecimal digits; empty for native filters.
    pub digest: Arc<str>,
    /// BLAKE3 of its configuration, 64 hexadecimal digits; empty for native filters.
    pub config_hash: Arc<str>,
    /// How it does.
    pub stats: Arc<FilterStats>,
}

impl Release {
    /// A filter without number or digest, for tests and benchmarks.
    pub fn unnumbered(filter: Arc<dyn Filter>) -> Self {
        let nothing: Arc<str> = Arc::from("");
        Self {
            filter,
            version: 0,
            digest: Arc::clone(&nothing),
            config_hash: nothing,
            stats: Arc::default(),
        }
    }
}

impl FilterSet {
    /// A set whose filters are all live and unnumbered, with the same fail mode.
    pub fn new(filters: Vec<Arc<dyn Filter>>, fail_mode: FailMode, policy: Policy) -> Self {
        let live = |filter: Arc<dyn Filter>| Slot {
            name: Arc::from(filter.name()),
            fail_mode,
            live: Some(Arc::new(Release::unnumbered(filter))),
            candidate: None,
        };
        Self { slots: filters.into_iter().map(live).collect(), policy: Arc::new(policy) }
    }

    /// Whether any of its versions looks at what was said before.
    pub fn looks_back(&self) -> bool {
        self.slots.iter().any(|slot| {
            let candidate = slot.candidate.as_ref().map(|candidate| &candidate.release);
            slot.live.iter().chain(candidate).any(|release| release.filter.looks_back())
        })
    }

    /// The same set with this release live in the slot of its name (a new last slot if there is none), no candidate there.
    pub fn with_release(&self, release: Arc<Release>, fail_mode: FailMode) -> Self {
        let mut set = self.clone();
        let name = release.filter.name();
        match set.slots.iter_mut().find(|slot| &*slot.name == name) {
            Some(slot) => {
                slot.live = Some(release);
                slot.candidate = None;
            }
            None => set.slots.push(Slot {
                name: Arc::from(name),
                fail_mode,
                live: Some(release),
                candidate: None,
            }),
        }
        set
    }
}

impl Slot {
    /// The version that judges messages of this conversation.
    pub fn judge_of(&self, conversation: &ConversationId) -> Option<(&Arc<Release>, RunMode)> {
        if let Some(Candidate { release, mode: CandidateMode::Canary { percent } }) =
            &self.candidate
            && in_canary(&self.name, conversation, *percent)
        {
            return Some((release, RunMode::Canary));
        }
        self.live.as_ref().map(|release| (release, RunMode::Live))
    }

    /// The version that only watches.
    pub fn shadow(&self) -> Option<&Arc<Release>> {
        let candidate = self.candidate.as_ref();
        candidate.filter(|it| it.mode == CandidateMode::Shadow).map(|it| &it.release)
    }
}

/// Whether a conversation is among the `percent` a canary judges. Raising the share only adds conversations.
pub fn in_canary(filter: &str, conversation: &ConversationId, percent: u8) -> bool {
    if percent == 0 {
        return false;
    }
    let mut hasher = blake3::Hasher::new();
    for part in ["canary:", filter, ":", conversation.as_str()] {
        hasher.update(part.as_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first) % 100 < u64::from(percent)
}

/// What stands in the slot of a filter that was switched off: fails on every message, so that the slot's fail mode decides.
pub struct SwitchedOff {
    name: String,
    version: String,
    reason: String,
}

impl SwitchedOff {
    /// In place of the filter of this name and version (as in `Filter::version`), with the reason for operators.
    pub fn new(name: &str, version: &str, reason: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), reason: reason.to_owned() }
    }
}

impl Filter for SwitchedOff {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn signals(&self) -> &[SignalDescription] {
        &[]
    }

    fn inspect(&self, _: &Subject, _: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        Err(FilterFault::new(FaultKind::Quarantined, self.reason.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_sticky_near_its_share_and_only_grows() {
        let conversations: Vec<_> =
            (0..2_000).map(|n| ConversationId::trusted(format!("{n:032x}"))).collect();
        let chosen = |percent| {
            conversations.iter().filter(|id| in_canary("spam", id, percent)).collect::<Vec<_>>()
        };
        let mut before = Vec::new();
        for percent in [0, 1, 10, 50, 99, 100] {
            let now = chosen(percent);
            let share = now.len() * 100 / conversations.len();
            assert!(share.abs_diff(percent.into()) <= 3, "{share} of 100 for {percent} %");
            assert!(before.iter().all(|id| now.contains(id)), "{percent} % lost conversations");
            before = now;
        }
        assert_eq!(before.len(), conversations.len(), "all at 100 %");
        let other = conversations.iter().filter(|id| in_canary("scam", id, 50));
        assert!(!chosen(50).into_iter().eq(other), "filters draw different conversations");
    }
}
