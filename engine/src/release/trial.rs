//! A text tried without effect: by what judges now, or with another version or policy in its place.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{ConversationId, ConversationKind, FilterRun, UserId, Verdict};
use crate::filter::{ConversationFacts, Inspection, ListingFacts, Policy, SenderFacts, Stage};

use super::{ProblemCode, ReleaseError, Releases};

/// Longest text, bytes.
const MAX_TEXT: usize = 64 * 1024;

/// A text and the circumstances it is tried in.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The text.
    pub text: String,
    /// Try this version of this filter in the live one's place.
    pub filter: Option<(String, u32)>,
    /// Decide by this policy version.
    pub policy: Option<u32>,
    /// Direct or support.
    pub kind: ConversationKind,
    /// The sender's account was made then.
    pub account_created_at: Option<DateTime<Utc>>,
    /// BCP 47 tag of the sender.
    pub sender_locale: Option<String>,
    /// BCP 47 tag of the recipient.
    pub recipient_locale: Option<String>,
    /// Whether the sender writes here for the first time.
    pub first_contact: bool,
    /// Messages in the conversation before.
    pub message_count: u64,
    /// What it is about.
    pub listing: Option<ListingFacts>,
}

/// What would become of the text.
#[derive(Debug, Clone)]
pub struct TrialResult {
    /// The text.
    pub text: String,
    /// What policy would make of it; `None`: nothing was found.
    pub verdict: Option<Arc<Verdict>>,
    /// Which versions looked at it.
    pub runs: Vec<FilterRun>,
    /// The policy version that decided.
    pub policy_version: u32,
}

impl Releases {
    /// What would become of a text. Nothing is sent, recorded or counted.
    pub async fn try_message(&self, trial: Trial) -> Result<TrialResult, ReleaseError> {
        if trial.text.len() > MAX_TEXT {
            let message = format!("a text to try has at most {MAX_TEXT} bytes");
            return Err(ReleaseError::refused(ProblemCode::Invalid, "text", message));
        }
        let mut set = (*self.0.pipeline.current()).clone();
        if let Some((name, version)) = &trial.filter {
            let detached = self.load_detached(name, *version, self.live_lists()).await?;
            let fail_mode = self.filter(name).map_or(self.0.config.fail_mode, |row| row.fail_mode);
            set = set.with_release(detached.release, fail_mode);
        }
        if let Some(version) = trial.policy {
            let row = self.policy(version).await?;
            set.policy = Arc::new(Policy::parse(&row.text, version)?);
        }
        let policy_version = set.policy.version();
        let text = trial.text.clone();
        let inspection = self.inspection(trial);
        let judged = self.0.pipeline.try_out(Some(Arc::new(set)), inspection).await;
        let judged = judged
            .map_err(|error| ReleaseError::refused(ProblemCode::Busy, "text", error.to_string()))?;
        Ok(TrialResult { text, verdict: judged.verdict, runs: judged.runs, policy_version })
    }

    fn inspection(&self, trial: Trial) -> Inspection {
        let now = self.0.clock.now();
        Inspection {
            text: trial.text.into(),
            stage: Stage::Create,
            now,
            sender: SenderFacts {
                id: UserId::trusted("trial"),
                roles: vec!["user".to_owned()],
                account_created_at: trial.account_created_at,
                locale: trial.sender_locale,
            },
            conversation: ConversationFacts {
                id: ConversationId::trusted("trial"),
                kind: trial.kind,
                created_at: now,
                message_count: trial.message_count,
                is_first_contact: trial.first_contact,
                recipient_locale: trial.recipient_locale,
            },
            listing: trial.listing,
        }
    }
}
