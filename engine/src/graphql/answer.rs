//! What an operation answers, as the GraphQL specification has it.

use std::any::Any;
use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::errors::{Fault, RETRY_AFTER_SECONDS, request_error, with_code};

/// An answer; serializes as the GraphQL specification says, without `data` if nothing was executed.
#[derive(Debug)]
pub struct Answer {
    data: Option<Value>,
    errors: Vec<ServerError>,
    /// The whole of it, if somebody else had the same.
    text: Option<Arc<RawValue>>,
}

impl Answer {
    /// The answer to a request that was not executed.
    pub fn refused(error: ServerError) -> Self {
        Self { data: None, errors: vec![error], text: None }
    }

    /// An answer without errors that is serialized already.
    pub(super) fn ready(text: Arc<RawValue>) -> Self {
        Self { data: None, errors: Vec::new(), text: Some(text) }
    }

    /// What is said of a resolver that panicked.
    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
        tracing::error!(panic = words, "a resolver panicked");
        Self {
            data: Some(Value::Null),
            errors: vec![request_error("INTERNAL", Fault::Internal.message())],
            text: None,
        }
    }

    /// Whether nothing was executed.
    pub fn is_refused(&self) -> bool {
        self.data.is_none() && self.text.is_none()
    }

    /// Whether something was executed and nothing came of it.
    pub fn is_failed(&self) -> bool {
        matches!(self.data, None | Some(Value::Null)) && !self.errors.is_empty()
    }

    /// Whether it was no well-formed GraphQL request to begin with.
    pub fn is_bad_request(&self) -> bool {
        let code = self.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
        self.is_refused() && code == Some(&Value::from("BAD_REQUEST"))
    }

    /// Whether nothing was executed for want of time or room, and the client is told when to come again.
    pub fn is_for_later(&self) -> bool {
        let extensions = self.errors.first().and_then(|error| error.extensions.as_ref());
        self.is_refused() && extensions.is_some_and(|it| it.get(RETRY_AFTER_SECONDS).is_some())
    }

    /// What went wrong.
    pub fn errors(&self) -> &[ServerError] {
        &self.errors
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let errors = response.errors.into_iter().map(with_code).collect();
        Self { data: (!refused).then_some(response.data), errors, text: None }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = &self.text {
            return text.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        map.end()
    }
}
