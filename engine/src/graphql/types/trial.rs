//! A text that was tried: what would be found, and what each side would see.

use std::sync::Arc;

use async_graphql::SimpleObject;
use chrono::DateTime;

use super::message::MessageStatus;
use super::verdict::{Action, Verdict};
use crate::domain::{self, Audience, ClientId, ConversationId, UserId};
use crate::release;

/// A message as one side would see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Projection {
    /// The text, masked where this side may not read it.
    body: String,
    /// What would have become of it.
    status: MessageStatus,
    /// Words for the sender.
    notice: Option<String>,
    /// Words for the recipient.
    warning: Option<String>,
}

/// A filter's look at a text.
#[derive(Debug, Clone, SimpleObject)]
pub struct TrialRun {
    /// The filter's name.
    filter: String,
    /// Its version.
    version: u32,
    /// How long it took, microseconds.
    micros: u32,
    /// Signals it gave.
    signals: u32,
    /// Why it failed, if it did.
    fault: Option<String>,
}

/// What would become of a text.
#[derive(Debug, Clone, SimpleObject)]
pub struct TryResult {
    /// The strictest action.
    action: Action,
    /// The policy version that decided.
    policy_version: u32,
    /// What was found and decided; null if nothing was found.
    verdict: Option<Verdict>,
    /// Which filters looked at it; empty if nothing was found.
    runs: Vec<TrialRun>,
    /// What its sender would see; null if it would be refused.
    sender: Option<Projection>,
    /// What its recipient would see; null if nothing.
    recipient: Option<Projection>,
    /// What staff would see.
    staff: Option<Projection>,
    /// Words for the sender of a refused message, and of any other that has some.
    notice: Option<String>,
}

impl From<release::TrialResult> for TryResult {
    fn from(trial: release::TrialResult) -> Self {
        let sender = UserId::trusted("sender");
        let message = domain::Message {
            conversation: ConversationId::trusted("trial"),
            seq: 1,
            sender: sender.clone(),
            client_id: ClientId::trusted("trial"),
            sent_at: DateTime::UNIX_EPOCH,
            body: Arc::from(trial.text),
            verdict: trial.verdict.clone(),
            edited_at: None,
            retracted_at: None,
            decision: None,
            revision: 0,
        };
        let action = message.action();
        let seen = |audience: Audience| {
            let view = message.view(&audience)?;
            Some(Projection {
                body: view.body.to_string(),
                status: view.status.into(),
                notice: view.notice,
                warning: view.warning,
            })
        };
        let runs = trial.runs.into_iter().map(|run| TrialRun {
            filter: run.filter,
            version: run.version,
            micros: run.micros,
            signals: u32::from(run.signals),
            fault: run.fault,
        });
        Self {
            action: action.into(),
            policy_version: trial.policy_version,
            verdict: trial.verdict.as_deref().map(Verdict::from),
            runs: runs.collect(),
            sender: seen(Audience::Participant(sender))
                .filter(|_| action != domain::Action::Refuse),
            recipient: seen(Audience::Participant(UserId::trusted("recipient"))),
            staff: seen(Audience::Staff),
            notice: trial.verdict.as_ref().and_then(|verdict| verdict.notice.clone()),
        }
    }
}
