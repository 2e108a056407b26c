//! What a user can cause and should handle, as payloads carry it.

use std::time::Duration;

use async_graphql::resolver_utils::EnumType;
use async_graphql::{Enum, SimpleObject};

use crate::conversation::Refusal;
use crate::release::{Problem, ProblemCode};
use crate::telemetry::sends;

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// There is no such thing, or it is not the viewer's.
    NotFound,
    /// The listing can't be talked about.
    MessagingUnavailable,
    /// It is the viewer's own listing.
    OwnListing,
    /// The viewer may see it but not do this.
    Forbidden,
    /// The conversation has ended.
    ConversationClosed,
    /// The other side blocked the viewer.
    Blocked,
    /// The marketplace's policy does not allow this text.
    RefusedByPolicy,
    /// The message is empty.
    BodyEmpty,
    /// The message is too long.
    BodyTooLong,
    /// Only the sender may do this.
    NotYourMessage,
    /// It is too late to change the message.
    EditWindowOver,
    /// The message was taken back.
    MessageRetracted,
    /// A value is not well formed.
    Invalid,
    /// The engine has too much to do; try again after `retryAfterSeconds`.
    Busy,
    /// The viewer sends too fast; try again after `retryAfterSeconds`.
    RateLimited,
    /// More items than one call may carry.
    TooMany,
    /// Somebody else changed it meanwhile; look again, then decide.
    Conflict,
    /// The component is no filter the engine can run.
    ComponentRefused,
    /// The filter doesn't take this configuration.
    ConfigRefused,
    /// It can't be done as things stand.
    NotPossible,
    /// Another moderator decided before; the payload's `decision` says who and what.
    AlreadyDecided,
    /// A moderator decided about the message, so its sender can't change it.
    MessageDecided,
    /// Staff look into a conversation between users and didn't say why.
    ReasonRequired,
    /// Somebody of the team has this e-mail address.
    EmailTaken,
}

/// Why something was not done, for the user to handle.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// What clients switch on.
    pub code: UserErrorCode,
    /// What the user may read.
    pub message: String,
    /// The input's field that caused it, such as `body`.
    pub field: Option<String>,
    /// When to try again, if trying again can help.
    pub retry_after_seconds: Option<u64>,
}

impl UserError {
    /// An error for a payload, counted by its code.
    pub fn made(
        code: UserErrorCode,
        message: String,
        field: Option<String>,
        retry_after_seconds: Option<u64>,
    ) -> Self {
        let item = UserErrorCode::items().iter().find(|item| item.value == code);
        sends::refused(item.map_or("other", |item| item.name));
        Self { code, message, field, retry_after_seconds }
    }

    /// An error about a field of the input.
    pub fn new(code: UserErrorCode, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::made(code, message.into(), Some(field.into()), None)
    }

    /// The viewer sends too fast.
    pub fn rate_limited(wait: Duration) -> Self {
        let message = "You are sending messages too fast. Wait a moment.".into();
        Self::made(UserErrorCode::RateLimited, message, None, Some(whole_seconds(wait)))
    }
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self::made(
            code(&refusal),
            refusal.to_string(),
            refusal.field().map(str::to_owned),
            refusal.retry_after().map(whole_seconds),
        )
    }
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        let code = match problem.code {
            ProblemCode::NotFound => UserErrorCode::NotFound,
            ProblemCode::Conflict => UserErrorCode::Conflict,
            ProblemCode::Invalid => UserErrorCode::Invalid,
            ProblemCode::ComponentRefused => UserErrorCode::ComponentRefused,
            ProblemCode::ConfigRefused => UserErrorCode::ConfigRefused,
            ProblemCode::NotPossible => UserErrorCode::NotPossible,
            ProblemCode::Busy => UserErrorCode::Busy,
            ProblemCode::TooMany => UserErrorCode::TooMany,
        };
        let retry_after_seconds = (problem.code == ProblemCode::Busy).then_some(30);
        Self::made(code, problem.message, problem.field, retry_after_seconds)
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn code(refusal: &Refusal) -> UserErrorCode {
    match refusal {
        Refusal::ConversationNotFound | Refusal::MessageNotFound | Refusal::ListingNotFound => {
            UserErrorCode::NotFound
        }
        Refusal::MessagingUnavailable(_) => UserErrorCode::MessagingUnavailable,
        Refusal::OwnListing => UserErrorCode::OwnListing,
        Refusal::NotAllowed => UserErrorCode::Forbidden,
        Refusal::ConversationClosed => UserErrorCode::ConversationClosed,
        Refusal::Blocked => UserErrorCode::Blocked,
        Refusal::RefusedByPolicy(_) => UserErrorCode::RefusedByPolicy,
        Refusal::BodyEmpty => UserErrorCode::BodyEmpty,
        Refusal::BodyTooLong { .. } => UserErrorCode::BodyTooLong,
        Refusal::NotYourMessage => UserErrorCode::NotYourMessage,
        Refusal::EditWindowOver { .. } => UserErrorCode::EditWindowOver,
        Refusal::MessageRetracted => UserErrorCode::MessageRetracted,
        Refusal::AlreadyDecided(_) => UserErrorCode::AlreadyDecided,
        Refusal::ChangedMeanwhile => UserErrorCode::Conflict,
        Refusal::NothingToUndo => UserErrorCode::NotPossible,
        Refusal::MessageDecided => UserErrorCode::MessageDecided,
        Refusal::ReasonRequired => UserErrorCode::ReasonRequired,
        Refusal::Invalid { .. } => UserErrorCode::Invalid,
        Refusal::Busy => UserErrorCode::Busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_calls_refusals_what_the_conversation_room_calls_them() {
        let refusals = [
            Refusal::ConversationNotFound,
            Refusal::MessageNotFound,
            Refusal::ListingNotFound,
            Refusal::MessagingUnavailable("it is sold"),
            Refusal::OwnListing,
            Refusal::NotAllowed,
            Refusal::ConversationClosed,
            Refusal::Blocked,
            Refusal::RefusedByPolicy("no".into()),
            Refusal::BodyEmpty,
            Refusal::BodyTooLong { max_bytes: 1 },
            Refusal::NotYourMessage,
            Refusal::EditWindowOver { window_seconds: 60 },
            Refusal::MessageRetracted,
            Refusal::ChangedMeanwhile,
            Refusal::NothingToUndo,
            Refusal::MessageDecided,
            Refusal::ReasonRequired,
            Refusal::Invalid { field: "clientId", message: "no".into() },
            Refusal::Busy,
        ];
        for refusal in refusals {
            let error = UserError::from(refusal.clone());
            let item = UserErrorCode::items().iter().find(|item| item.value == error.code);
            assert_eq!(item.map(|item| item.name), Some(refusal.code()));
        }
    }

    #[test]
    fn waits_are_rounded_up_to_whole_seconds() {
        for (millis, seconds) in [(1, 1), (999, 1), (1_000, 1), (1_001, 2)] {
            let error = UserError::rate_limited(Duration::from_millis(millis));
            assert_eq!(error.retry_after_seconds, Some(seconds), "{millis} ms");
        }
    }
}
