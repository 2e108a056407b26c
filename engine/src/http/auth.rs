//! Who is asking: bearer tokens from the header or from a socket's `connection_init`, or the session cookie of staff.

use std::sync::Arc;

use async_graphql::ServerError;
use axum::http::{HeaderMap, Method, header};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::broadcast::error::RecvError;

use super::HttpState;
use super::cookies::{self, Origin};
use crate::domain::Viewer;
use crate::graphql::errors::{Fault, request_error};
use crate::identity::TokenError;

/// What a request brings to show who sends it.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The value of `Authorization`; it goes before the cookie.
    pub authorization: Option<String>,
    /// What the session cookie holds.
    pub session: Option<String>,
}

impl Credentials {
    /// Those of a request. A cookie that comes from another site is none, and an error where it could change something.
    pub fn of(method: &Method, headers: &HeaderMap) -> Result<Self, ServerError> {
        let authorization = from_header(headers);
        if authorization.is_some() {
            return Ok(Self { authorization, session: None });
        }
        let Some(session) = cookies::session(headers) else { return Ok(Self::default()) };
        let safe = *method == Method::GET || *method == Method::HEAD;
        match cookies::origin(headers) {
            Origin::Same => {}
            Origin::Unknown if safe => {}
            _ if safe => return Ok(Self::default()),
            _ => return Err(request_error("CROSS_SITE", CROSS_SITE)),
        }
        Ok(Self { authorization: None, session: Some(session) })
    }

    /// Those of a socket: a cookie counts only from the same site, whose page every browser names here.
    pub fn of_socket(headers: &HeaderMap) -> Self {
        let same = cookies::origin(headers) == Origin::Same;
        let session = cookies::session(headers).filter(|_| same);
        Self { authorization: from_header(headers), session }
    }
}

/// What a request with a cookie from elsewhere is told.
pub const CROSS_SITE: &str = "This request comes from another site, so the session cookie doesn't count; send a token instead.";

/// Whoever asks, and their session's secret if they showed one.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Who.
    pub viewer: Arc<Viewer>,
    /// What the cookie holds, if that is how they signed in.
    pub session: Option<String>,
}

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

/// Whom the credentials stand for. Without any, or with a session that is over, nobody is signed in; a bad token is an
/// error.
pub async fn admit(
    state: &HttpState,
    credentials: Credentials,
) -> Result<Option<Admitted>, ServerError> {
    if let Some(value) = &credentials.authorization {
        let viewer = bearer(state, value)?;
        return Ok(Some(Admitted { viewer: Arc::new(viewer), session: None }));
    }
    let Some(session) = credentials.session else { return Ok(None) };
    let viewer = state.staff.viewer(&session).await.map_err(|error| {
        let fault = Fault::from(error);
        request_error(fault.code(), fault.message())
    })?;
    Ok(viewer.map(|viewer| Admitted { viewer: Arc::new(viewer), session: Some(session) }))
}

/// The viewer a value such as `Bearer <token>` stands for.
fn bearer(state: &HttpState, value: &str) -> Result<Viewer, ServerError> {
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            let message = "The value of `Authorization` must look like `Bearer <token>`.";
            return Err(request_error("UNAUTHENTICATED", message));
        }
    };
    state.identity.verify(token, state.clock.now()).map_err(|error| {
        let code = match error {
            TokenError::Expired => "TOKEN_EXPIRED",
            _ => "UNAUTHENTICATED",
        };
        request_error(code, error.to_string())
    })
}

/// How long the viewer's token or session is still good for.
pub fn good_for(state: &HttpState, viewer: &Viewer) -> std::time::Duration {
    // Timers are not made for tokens that outlive the process.
    const MOST: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 3_600);
    (viewer.expires_at - state.clock.now()).to_std().unwrap_or_default().min(MOST)
}

/// Resolves when the session is ended before its time: signed out, shut out, given another role. Never for a token.
pub fn ended(state: &HttpState, admitted: &Admitted) -> BoxFuture<'static, ()> {
    let Some(session) = admitted.session.clone() else { return std::future::pending().boxed() };
    let (staff, viewer) = (state.staff.clone(), Arc::clone(&admitted.viewer));
    let mut ended = staff.ended();
    async move {
        loop {
            match ended.recv().await {
                Ok(id) if id != viewer.id => continue,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
            // What can't be read now ends too: the client comes back and is looked at again.
            let now = staff.viewer(&session).await.ok().flatten();
            if now.is_none_or(|now| now.role != viewer.role) {
                return;
            }
        }
    }
    .boxed()
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

    #[test]
    fn a_cookie_counts_only_from_the_same_site() {
        let same: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
        let cross: &[(&str, &str)] = &[("sec-fetch-site", "cross-site")];
        let sibling: &[(&str, &str)] = &[("sec-fetch-site", "same-site")];
        let origin: &[(&str, &str)] = &[("origin", "http://localhost:4000")];
        let other: &[(&str, &str)] = &[("origin", "http://evil.example")];
        let none: &[(&str, &str)] = &[];
        // headers; what a POST, a GET and a socket make of the cookie: counted, ignored, refused
        let table = [
            (same, "CCC"),
            (origin, "CCC"),
            (cross, "RII"),
            (sibling, "RII"),
            (other, "RII"),
            (none, "RCI"),
        ];
        for (given, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert("host", "localhost:4000".parse().expect("a value"));
            headers.insert("cookie", "rialto=secret".parse().expect("a value"));
            for (name, value) in given {
                headers.insert(*name, value.parse().expect("a value"));
            }
            let letter = |it: Result<Credentials, ServerError>| match it {
                Ok(it) if it.session.is_some() => 'C',
                Ok(_) => 'I',
                Err(_) => 'R',
            };
            let seen: String = [
                letter(Credentials::of(&Method::POST, &headers)),
                letter(Credentials::of(&Method::GET, &headers)),
                letter(Ok(Credentials::of_socket(&headers))),
            ]
            .into_iter()
            .collect();
            assert_eq!(seen, expected, "{given:?}");
            headers.insert("authorization", "Bearer x".parse().expect("a value"));
            let with_token = Credentials::of(&Method::POST, &headers);
            assert!(with_token.is_ok_and(|it| it.session.is_none()), "a token goes first");
        }
    }
}
