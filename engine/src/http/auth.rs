//! Who is asking: bearer tokens from the header or from a socket's `connection_init`.

use std::sync::Arc;

use async_graphql::ServerError;
use axum::http::{HeaderMap, header};

use super::HttpState;
use crate::domain::Viewer;
use crate::graphql::errors::request_error;
use crate::identity::TokenError;

/// The `Authorization` header's value, if there is one; unreadable ones come out as an empty text, which no token is.
pub fn from_header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    Some(value.to_str().unwrap_or_default().to_owned())
}

/// The same from the payload of `connection_init`, whatever the case of its key.
pub fn from_payload(payload: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    let (_, value) = payload.iter().find(|(key, _)| key.eq_ignore_ascii_case("authorization"))?;
    Some(value.as_str().unwrap_or_default().to_owned())
}

/// The viewer a value such as `Bearer <token>` stands for. Without a value nobody is signed in; a bad one is an error.
pub fn admit(state: &HttpState, value: Option<&str>) -> Result<Option<Arc<Viewer>>, ServerError> {
    let Some(value) = value else { return Ok(None) };
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            let message = "The value of `Authorization` must look like `Bearer <token>`.";
            return Err(request_error("UNAUTHENTICATED", message));
        }
    };
    match state.identity.verify(token, state.clock.now()) {
        Ok(viewer) => Ok(Some(Arc::new(viewer))),
        Err(error) => {
            let code = match error {
                TokenError::Expired => "TOKEN_EXPIRED",
                _ => "UNAUTHENTICATED",
            };
            Err(request_error(code, error.to_string()))
        }
    }
}

/// How long the viewer's token is still good for.
pub fn good_for(state: &HttpState, viewer: &Viewer) -> std::time::Duration {
    // Timers are not made for tokens that outlive the process.
    const MOST: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 3_600);
    (viewer.expires_at - state.clock.now()).to_std().unwrap_or_default().min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_s_key_is_found_in_any_case() {
        for key in ["authorization", "Authorization", "AUTHORIZATION"] {
            let payload = serde_json::json!({ "other": 1, key: "Bearer x" });
            let payload = payload.as_object().expect("an object");
            assert_eq!(from_payload(payload).as_deref(), Some("Bearer x"), "{key}");
        }
        let payload = serde_json::json!({ "authorization": 7 });
        let found = from_payload(payload.as_object().expect("an object"));
        assert_eq!(found.as_deref(), Some(""), "a value that is no text must not count as none");
    }
}
