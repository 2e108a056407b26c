//! Why something about an account was not done.

use std::time::Duration;

use crate::store::{StaffChangeError, StoreError};

/// What the user can handle, and faults.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// No such account, another password, or not active: told alike.
    #[error("The e-mail address or the password is not right.")]
    WrongCredentials,
    /// The current password is another.
    #[error("The current password is not right.")]
    WrongPassword,
    /// Too many failures; try again later.
    #[error("Too many attempts. Wait {} seconds.", .0.as_secs().max(1))]
    RateLimited(Duration),
    /// The link was used, is too old, or never was.
    #[error("This link is not valid any more. Ask for a new one.")]
    LinkInvalid,
    /// Somebody of the team has the address.
    #[error("Somebody of the team has this e-mail address.")]
    EmailTaken,
    /// A value is not well formed.
    #[error("{message}")]
    Invalid {
        /// The input's field.
        field: &'static str,
        /// What is wrong.
        message: String,
    },
    /// There is no such account or invitation.
    #[error("There is no such account or invitation.")]
    NotFound,
    /// Somebody must be able to invite others.
    #[error("This is the last active admin; give somebody else the role first.")]
    LastAdmin,
    /// Nobody changes their own role or shuts themselves out.
    #[error("Ask another admin to change your own account.")]
    Yourself,
    /// Too many passwords are being checked.
    #[error("The engine is busy. Try again shortly.")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect.
    #[error("{0}")]
    Failed(String),
}

impl StaffError {
    /// The stable code clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "WRONG_CREDENTIALS",
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::RateLimited(_) => "RATE_LIMITED",
            Self::LinkInvalid => "LINK_INVALID",
            Self::EmailTaken => "EMAIL_TAKEN",
            Self::Invalid { .. } => "INVALID",
            Self::NotFound => "NOT_FOUND",
            Self::LastAdmin | Self::Yourself => "NOT_POSSIBLE",
            Self::Busy => "BUSY",
            Self::Store(_) => "UNAVAILABLE",
            Self::Failed(_) => "INTERNAL",
        }
    }

    /// The input's field that caused it, if one did.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::EmailTaken => Some("email"),
            Self::WrongPassword => Some("currentPassword"),
            _ => None,
        }
    }

    /// When to try again, if trying again can help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) => Some(*wait),
            Self::Busy => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// A value that is not well formed.
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}

impl From<StaffChangeError> for StaffError {
    fn from(error: StaffChangeError) -> Self {
        match error {
            StaffChangeError::Taken => Self::EmailTaken,
            StaffChangeError::Store(error) => error.into(),
        }
    }
}
