//! Candidates in shadow: they look at a message after it was answered, and what they would have changed is told to a sink.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::domain::message::action_of;
use crate::domain::{Action, ClientId, ConversationId, RecordedSignal, Seq, UserId, Verdict};

use super::policy::Circumstances;
use super::replay::{self, Replaced};
use super::set::FilterSet;
use super::{Subject, judging};

/// What a candidate found in a message that others judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowResult {
    /// Where.
    pub conversation: ConversationId,
    /// The event the message became; `None` if it was refused.
    pub seq: Option<Seq>,
    /// What the sender's client called it.
    pub client_id: ClientId,
    /// Who wrote it.
    pub sender: UserId,
    /// When it was judged.
    pub at: DateTime<Utc>,
    /// The filter's name.
    pub filter: String,
    /// The candidate's number.
    pub version: u32,
    /// What the candidate found.
    pub signals: Vec<RecordedSignal>,
    /// Why it failed, if it did.
    pub fault: Option<String>,
    /// How long it took, microseconds.
    pub micros: u32,
    /// What became of the message.
    pub live_action: Action,
    /// What would have become of it with the candidate in place of the live version; if it failed, what became of it.
    pub would_be: Action,
}

/// Where results go; bounded, and whoever does not keep up loses some.
pub type ShadowSink = mpsc::Sender<ShadowResult>;

/// A judged message for the shadows.
pub(super) struct Shadowed {
    pub(super) subject: Arc<Subject>,
    pub(super) set: Arc<FilterSet>,
    pub(super) verdict: Option<Arc<Verdict>>,
    pub(super) seq: Option<Seq>,
    pub(super) client_id: ClientId,
}

impl Shadowed {
    /// Runs every shadow of the set over the message.
    pub(super) fn run(&self, mut tell: impl FnMut(ShadowResult)) {
        for place in 0..self.set.slots.len() {
            if let Some(result) = self.look(place) {
                tell(result);
            }
        }
    }

    fn look(&self, place: usize) -> Option<ShadowResult> {
        let (subject, slot) = (&self.subject, &self.set.slots[place]);
        let release = slot.shadow()?;
        let recorded = self.verdict.as_deref().map_or(&[][..], |verdict| &verdict.signals);
        let before = &self.set.slots[..place];
        let earlier =
            recorded.iter().filter(|one| before.iter().any(|slot| *slot.name == one.filter));
        let earlier = replay::as_earlier(earlier);
        let started = Instant::now();
        let result = judging::inspect(release, subject, &earlier);
        let took = started.elapsed();
        let outcome = result.as_ref().map(Vec::len).map_err(|fault| fault.kind);
        release.stats.inspected(subject.now, took, outcome);
        let live_action = action_of(self.verdict.as_deref());
        let (signals, fault, would_be) = match result {
            Ok(signals) => {
                let signals: Vec<_> = judging::recorded(release, signals).collect();
                let replaced = [Replaced { filter: &slot.name, signals: &signals }];
                let at = Circumstances::of(subject);
                let decided = replay::decide_again(&self.set.policy, &at, recorded, &replaced);
                (signals, None, action_of(decided.as_ref()))
            }
            Err(fault) => (Vec::new(), Some(fault.to_string()), live_action),
        };
        Some(ShadowResult {
            conversation: subject.conversation.id.clone(),
            seq: self.seq,
            client_id: self.client_id.clone(),
            sender: subject.sender.id.clone(),
            at: subject.now,
            filter: slot.name.as_ref().to_owned(),
            version: release.version,
            signals,
            fault,
            micros: u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
            live_action,
            would_be,
        })
    }
}
