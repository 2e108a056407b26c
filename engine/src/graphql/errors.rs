//! The one error policy: a fault is a GraphQL error with `extensions.code`; what a user can handle is data in a payload.

use async_graphql::{ErrorExtensionValues, ServerError};

use crate::conversation::{ConversationError, Refusal};
use crate::domain::IdError;
use crate::release::{Problem, ReleaseError};
use crate::search::SearchError;
use crate::store::StoreError;

/// A fault of the request or of the engine. Its words never carry details of the store or of other people's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nobody is signed in.
    Unauthenticated,
    /// The viewer's role may not do this at all.
    Forbidden(&'static str),
    /// There is no such thing, or the viewer may not know of it.
    NotFound(&'static str),
    /// An argument makes no sense; the words say which and why.
    BadUserInput(String),
    /// Staff must say why they look at this.
    ReasonRequired(String),
    /// The search index can't answer now; the words say why.
    SearchUnavailable(String),
    /// The store can't answer now.
    Unavailable,
    /// A defect of the engine.
    Internal,
}

impl Fault {
    /// The stable code clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::NotFound(_) => "NOT_FOUND",
            Self::BadUserInput(_) => "BAD_USER_INPUT",
            Self::ReasonRequired(_) => "REASON_REQUIRED",
            Self::SearchUnavailable(_) => "SEARCH_UNAVAILABLE",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// What a developer reads.
    pub fn message(&self) -> &str {
        match self {
            Self::Unauthenticated => {
                "Sign in first: send the header `Authorization: Bearer <token>`."
            }
            Self::Forbidden(message) | Self::NotFound(message) => message,
            Self::BadUserInput(message)
            | Self::ReasonRequired(message)
            | Self::SearchUnavailable(message) => message,
            Self::Unavailable => "The engine can't reach its store right now. Try again shortly.",
            Self::Internal => "Something went wrong inside the engine; its log says what.",
        }
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let mut error = Self::new(fault.message());
        error.extensions = Some(extensions(fault.code()));
        error
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed a request");
        Self::Unavailable
    }
}

impl From<SearchError> for Fault {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Syntax(_) | SearchError::TooDeep => Self::BadUserInput(error.to_string()),
            SearchError::ReasonRequired => Self::ReasonRequired(error.to_string()),
            SearchError::StaffOnly => Self::Forbidden("Only staff search by verdict."),
            SearchError::Building | SearchError::Unavailable => {
                Self::SearchUnavailable(error.to_string())
            }
            SearchError::Store(error) => error.into(),
        }
    }
}

impl From<IdError> for Fault {
    fn from(error: IdError) -> Self {
        Self::BadUserInput(error.to_string())
    }
}

/// Splits what whoever changes filters can mend from faults.
pub fn problems(error: ReleaseError) -> Result<Vec<Problem>, Fault> {
    match error {
        ReleaseError::Refused(problems) => Ok(problems),
        ReleaseError::Store(error) => Err(error.into()),
        ReleaseError::Failed(error) => {
            tracing::error!(%error, "the release room failed a request");
            Err(Fault::Internal)
        }
    }
}

/// Splits what the user can handle from faults.
pub fn refusal(error: ConversationError) -> Result<Refusal, Fault> {
    match error {
        ConversationError::Refused(refusal) => Ok(refusal),
        ConversationError::Store(error) => Err(error.into()),
        ConversationError::Actor(error) => {
            tracing::error!(%error, "a conversation's actor failed a request");
            Err(Fault::Internal)
        }
    }
}

/// Turns "no such conversation, or not yours" into `None`, alike for both.
pub fn found<T>(result: Result<T, ConversationError>) -> Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match refusal(error)? {
            Refusal::Busy => Err(Fault::Unavailable),
            Refusal::ReasonRequired => {
                Err(Fault::ReasonRequired(Refusal::ReasonRequired.to_string()))
            }
            _ => Ok(None),
        },
    }
}

/// An error of the request itself, before anything was executed.
pub fn request_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions(code));
    error
}

/// The extension that says after how many seconds to try again.
pub const RETRY_AFTER_SECONDS: &str = "retryAfterSeconds";

/// A request error with the seconds after which trying again may help.
pub fn retry_error(code: &str, message: impl Into<String>, seconds: i32) -> ServerError {
    let mut error = request_error(code, message);
    error.extensions.get_or_insert_default().set(RETRY_AFTER_SECONDS, seconds);
    error
}

/// Gives an error of the GraphQL library its code; ours have one already.
pub fn with_code(mut error: ServerError) -> ServerError {
    let has_code = error.extensions.as_ref().is_some_and(|values| values.get("code").is_some());
    if !has_code {
        let code = match error.message.as_str() {
            "Query is too complex." => "TOO_COMPLEX",
            "Query is nested too deep." => "TOO_DEEP",
            // Pathless errors come from checking the document; the others from reading arguments.
            _ if error.path.is_empty() => "GRAPHQL_VALIDATION_FAILED",
            _ => "BAD_USER_INPUT",
        };
        error.extensions.get_or_insert_default().set("code", code);
    }
    error
}

fn extensions(code: &str) -> ErrorExtensionValues {
    let mut values = ErrorExtensionValues::default();
    values.set("code", code);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &ServerError) -> String {
        let code = error.extensions.as_ref().and_then(|values| values.get("code"));
        code.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn every_error_ends_up_with_a_code() {
        let bare = |message: &str| ServerError::new(message, None);
        assert_eq!(code(&with_code(bare("Query is too complex."))), "\"TOO_COMPLEX\"");
        assert_eq!(code(&with_code(bare("unknown field"))), "\"GRAPHQL_VALIDATION_FAILED\"");
        assert_eq!(code(&with_code(request_error("MINE", "kept"))), "\"MINE\"");
        let error: async_graphql::Error = Fault::NotFound("x").into();
        let error = error.into_server_error(async_graphql::Pos::default());
        assert_eq!(code(&with_code(error)), "\"NOT_FOUND\"");
    }

    #[test]
    fn a_store_failure_does_not_show_its_details() {
        let fault = Fault::from(StoreError::Unavailable("secret address".into()));
        assert_eq!(fault, Fault::Unavailable);
        assert!(!fault.message().contains("secret"), "details stay in the log");
    }

    #[test]
    fn not_yours_and_not_there_are_alike() {
        let absent = found::<()>(Err(Refusal::ConversationNotFound.into()));
        let forbidden = found::<()>(Err(Refusal::NotAllowed.into()));
        assert_eq!(absent, Ok(None));
        assert_eq!(absent, forbidden);
    }
}
