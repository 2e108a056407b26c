//! Each HTTP request's id, honoured or made, and a line in the log if it failed.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::ServerError;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::graphql::metering;
use crate::telemetry::failures::Failed;
use crate::telemetry::operations::Origin;
use crate::telemetry::trace::{self, Remote};

/// Carries the id, there and back.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// W3C's trace context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Longest id that is honoured, bytes.
const LONGEST: usize = 128;

/// What a handler says of an answer: codes of a request of which nothing was executed, or nothing if the operation was and
/// told its errors itself.
#[derive(Debug, Clone)]
pub struct Outcome(Option<String>);

impl Outcome {
    /// Nothing was executed.
    pub fn refused(errors: &[ServerError]) -> Self {
        Self(Some(metering::codes(errors).collect::<Vec<_>>().join(",")))
    }

    /// An operation was executed.
    pub fn executed() -> Self {
        Self(None)
    }
}

/// The request's id as `follow` left it, and the trace its client follows.
pub fn origin(headers: &HeaderMap) -> Origin {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let trace = if trace::is_on() { text(&TRACEPARENT).and_then(Remote::parse) } else { None };
    Origin { request: text(&HEADER).map(Arc::from), trace }
}

/// Gives the request an id, unless it brings a good one, returns it with the answer, and tells the log of a failure.
pub async fn follow(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(HEADER).filter(|id| is_good(id)).cloned();
    let id = id.unwrap_or_else(fresh);
    request.headers_mut().insert(HEADER, id.clone());
    let method = request.method().clone();
    // The route, not the path: what is asked for may hold anything.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status();
    let bad = status.is_client_error() || status.is_server_error();
    let codes = match response.extensions_mut().remove::<Outcome>() {
        Some(Outcome(codes)) => codes,
        None => bad.then(String::new),
    };
    if let Some(codes) = codes {
        Failed {
            request: id.to_str().unwrap_or_default(),
            transport: "http",
            operation: (method.as_str(), route.as_ref().map_or("none", MatchedPath::as_str)),
            codes: &codes,
            status: bad.then_some(status.as_u16()),
            took: began.elapsed(),
        }
        .tell();
    }
    response.headers_mut().insert(HEADER, id);
    response
}

fn is_good(id: &HeaderValue) -> bool {
    let plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    !id.is_empty() && id.len() <= LONGEST && id.as_bytes().iter().all(plain)
}

fn fresh() -> HeaderValue {
    let id = format!("{:032x}", rand::random::<u128>());
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_forge_a_log_line_are_replaced() {
        let good = |id: &str| HeaderValue::from_str(id).is_ok_and(|id| is_good(&id));
        assert!(good("7f3a-01_b.c:d") && good(&"a".repeat(LONGEST)));
        for bad in ["", "a b", "a\"b", "a=b", "é", &"a".repeat(LONGEST + 1)] {
            assert!(!good(bad), "`{bad}`");
        }
        assert!(is_good(&fresh()) && fresh() != fresh());
    }
}
