//! Policies: checked, saved as the next version, activated, compared. Any version can be activated again.

use crate::filter::Policy;
use crate::filter::policy::PolicyChanges;
use crate::store::{FilterWrite, PolicyRow};

use super::change::{By, Draft};
use super::load::blocking;
use super::{ProblemCode, ReleaseError, Releases};

/// Largest policy table, bytes.
const MAX_TEXT: usize = 256 * 1024;

/// A policy table to be kept.
#[derive(Debug, Clone)]
pub struct SavePolicy {
    /// TOML.
    pub text: String,
    /// What its author says about it.
    pub note: Option<String>,
}

impl Releases {
    /// Checks a table; the error names the row.
    pub fn validate_policy(&self, text: &str) -> Result<Policy, ReleaseError> {
        if text.len() > MAX_TEXT {
            let message = format!("a policy has at most {MAX_TEXT} bytes, this has {}", text.len());
            return Err(ReleaseError::refused(ProblemCode::Invalid, "text", message));
        }
        Ok(Policy::parse(text, 0)?)
    }

    /// Keeps a table as the next version, without effect.
    pub async fn save_policy(&self, by: By, save: SavePolicy) -> Result<PolicyRow, ReleaseError> {
        self.validate_policy(&save.text)?;
        let (now, author) = (self.0.clock.now(), by.actor.to_string());
        self.change(by, move |state| {
            let policy = PolicyRow {
                version: state.policies + 1,
                text: save.text.clone(),
                note: save.note.clone(),
                created_at: now,
                created_by: Some(author.clone()),
            };
            let target = format!("policy:{}", policy.version);
            let writes = vec![FilterWrite::Policy(policy.clone())];
            Ok(Draft { writes, audit: vec![("policy.save", target)], answer: policy })
        })
        .await
    }

    /// Lets a version decide from the next message on; an earlier one is a roll-back.
    pub async fn activate_policy(
        &self,
        by: By,
        version: u32,
        seen: Option<u32>,
    ) -> Result<PolicyRow, ReleaseError> {
        let policy = self.policy(version).await?;
        let text = policy.text.clone();
        // It was checked when it was saved, maybe by an older engine.
        blocking(move || Policy::parse(&text, version)).await??;
        self.change(by, move |state| {
            if seen.is_some_and(|seen| seen != state.policy) {
                let message = format!("policy {} is active by now; look again", state.policy);
                let field = "expectedVersion";
                return Err(ReleaseError::refused(ProblemCode::Conflict, field, message));
            }
            if state.policy == version {
                return Ok(Draft::nothing(policy.clone()));
            }
            let writes = vec![FilterWrite::ActivatePolicy(version)];
            let audit = vec![("policy.activate", format!("policy:{version}"))];
            Ok(Draft { writes, audit, answer: policy.clone() })
        })
        .await
    }

    /// One version.
    pub async fn policy(&self, version: u32) -> Result<PolicyRow, ReleaseError> {
        let found = self.0.store.policy(version).await?;
        found.ok_or_else(|| {
            let message = format!("there is no policy version {version}");
            ReleaseError::refused(ProblemCode::NotFound, "version", message)
        })
    }

    /// What is different in `to`, seen from `from`.
    pub async fn compare_policies(
        &self,
        from: u32,
        to: u32,
    ) -> Result<PolicyChanges, ReleaseError> {
        let (from, to) = (self.policy(from).await?, self.policy(to).await?);
        blocking(move || {
            let older = Policy::parse(&from.text, from.version)?;
            let newer = Policy::parse(&to.text, to.version)?;
            Ok(Policy::compare(&older, &newer))
        })
        .await?
    }
}
