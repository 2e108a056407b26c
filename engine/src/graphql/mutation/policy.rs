//! What admins do to policies: validate, save, activate.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::filter::{by, user_errors};
use crate::graphql::errors::Fault;
use crate::graphql::types::policy::Policy;
use crate::graphql::types::user_error::UserError;
use crate::graphql::{administered, releases};
use crate::release::SavePolicy;

/// What admins do to policies.
#[derive(Debug, Default)]
pub struct PolicyMutation;

/// A table to check.
#[derive(Debug, InputObject)]
pub struct ValidatePolicyInput {
    /// TOML.
    text: String,
}

/// A table to keep.
#[derive(Debug, InputObject)]
pub struct SavePolicyInput {
    /// TOML.
    text: String,
    /// What is to be said about it.
    note: Option<String>,
}

/// The version that should decide.
#[derive(Debug, InputObject)]
pub struct ActivatePolicyInput {
    /// The version.
    version: u32,
    /// Why, for the audit log.
    reason: Option<String>,
    /// The version that decides now, as far as is known; if it is another, nothing is done.
    expected_version: Option<u32>,
}

/// Whether a table is right.
#[derive(Debug, SimpleObject)]
pub struct ValidatePolicyPayload {
    /// Whether it could be saved.
    valid: bool,
    /// What is wrong, with the row; empty if nothing is.
    user_errors: Vec<UserError>,
}

/// A policy version.
#[derive(Debug, SimpleObject)]
pub struct SavePolicyPayload {
    /// The version, if it was done.
    policy: Option<Policy>,
    /// What is wrong, with the row; empty if it was done.
    user_errors: Vec<UserError>,
}

/// The policy version that decides.
#[derive(Debug, SimpleObject)]
pub struct ActivatePolicyPayload {
    /// The version, if it was done.
    policy: Option<Policy>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

#[Object]
impl PolicyMutation {
    /// Checks a table and keeps nothing. For moderators and admins.
    async fn validate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The table.")] input: ValidatePolicyInput,
    ) -> Result<ValidatePolicyPayload, Fault> {
        Ok(match releases(ctx)?.validate_policy(&input.text) {
            Ok(_) => ValidatePolicyPayload { valid: true, user_errors: vec![] },
            Err(error) => ValidatePolicyPayload { valid: false, user_errors: user_errors(error)? },
        })
    }

    /// Keeps a table as the next version, without effect. For admins.
    async fn save_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The table.")] input: SavePolicyInput,
    ) -> Result<SavePolicyPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let by = by(viewer, input.note.clone());
        let save = SavePolicy { text: input.text, note: input.note };
        Ok(match releases.save_policy(by, save).await {
            Ok(row) => {
                let policy = Some(Policy::new(row, releases.state().policy));
                SavePolicyPayload { policy, user_errors: vec![] }
            }
            Err(error) => SavePolicyPayload { policy: None, user_errors: user_errors(error)? },
        })
    }

    /// Lets a version decide from the next message on; an earlier one is a roll-back. For admins.
    async fn activate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: ActivatePolicyInput,
    ) -> Result<ActivatePolicyPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let by = by(viewer, input.reason);
        let result = releases.activate_policy(by, input.version, input.expected_version).await;
        Ok(match result {
            Ok(row) => {
                let version = row.version;
                let policy = Some(Policy::new(row, version));
                ActivatePolicyPayload { policy, user_errors: vec![] }
            }
            Err(error) => ActivatePolicyPayload { policy: None, user_errors: user_errors(error)? },
        })
    }
}
