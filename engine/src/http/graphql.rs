//! GraphQL over HTTP, as its specification says: POST and GET, media types, status codes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::ServerError;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::auth::{self, Admitted, Credentials};
use super::negotiate::{Accepted, Media, accepted, is_json};
use super::requests::{self, Outcome};
use super::{HttpState, failure, multipart, respond, sse, websocket};
use crate::domain::access;
use crate::graphql::errors::{Fault, request_error, retry_error};
use crate::graphql::{Answer, Caller, Params, short_of_memory};
use crate::telemetry::memory;
use crate::telemetry::operations::Origin;

/// Seconds after which a client refused for want of room may try again.
const RETRY_AFTER: i32 = 5;

type Parameters = Result<Query<HashMap<String, String>>, axum::extract::rejection::QueryRejection>;

/// A query in the address, or the beginning of a WebSocket.
pub async fn get(
    State(state): State<HttpState>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    parameters: Parameters,
) -> Response {
    if headers.contains_key(header::SEC_WEBSOCKET_KEY) || upgrade.is_ok() {
        return match upgrade {
            Ok(upgrade) => websocket::accept(state, upgrade, &headers),
            Err(rejection) => rejection.into_response(),
        };
    }
    let Some(accepted) = accepted(&headers) else { return not_acceptable() };
    let viewer = match admitted(&state, &Method::GET, &headers, accepted.single).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    let params = match parameters {
        Ok(Query(parameters)) => from_address(parameters),
        Err(rejection) => Err(rejection.to_string()),
    };
    match params {
        Ok(params) => {
            let call = Call::new(&state, params, &headers);
            run(state, accepted, viewer, call, &Method::GET).await
        }
        Err(problem) => bad_request(accepted.single, problem),
    }
}

/// An operation in the body.
pub async fn post(State(state): State<HttpState>, headers: HeaderMap, body: Body) -> Response {
    let Some(accepted) = accepted(&headers) else { return not_acceptable() };
    let media = accepted.single;
    if let Some(boundary) = multipart::boundary(&headers) {
        return upload(state, accepted, &headers, boundary, body).await;
    }
    if !is_json(&headers) {
        let message = "Send `Content-Type: application/json`, in UTF-8.";
        let error = request_error("UNSUPPORTED_MEDIA_TYPE", message);
        return failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, media, error);
    }
    let viewer = match admitted(&state, &Method::POST, &headers, media).await {
        Ok(viewer) => viewer,
        Err(response) => return response,
    };
    let most = state.config.limits.request_bytes;
    let wait = Duration::from_secs(state.config.limits.request_seconds);
    let body = match tokio::time::timeout(wait, state.bodies.read(body, most)).await {
        Ok(Ok(body)) => body,
        Ok(Err(why)) => {
            let (status, error) = why.told();
            return failure(status, media, error);
        }
        Err(_) => {
            let error = request_error("TIMEOUT", "The request's body did not arrive in time.");
            return failure(StatusCode::REQUEST_TIMEOUT, media, error);
        }
    };
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        let message = "Batches are not supported; send one operation per request.";
        let error = request_error("BATCHING_NOT_SUPPORTED", message);
        return failure(StatusCode::BAD_REQUEST, media, error);
    }
    match serde_json::from_slice::<Params>(&body) {
        Ok(params) => {
            let call = Call::new(&state, params, &headers);
            run(state, accepted, viewer, call, &Method::POST).await
        }
        Err(error) => bad_request(media, format!("The body is no GraphQL request: {error}.")),
    }
}

/// An operation with files: only from who may have use for it, which is known before any of the body is read.
async fn upload(
    state: HttpState,
    accepted: Accepted,
    headers: &HeaderMap,
    boundary: String,
    body: Body,
) -> Response {
    let media = accepted.single;
    let caller = match admitted(&state, &Method::POST, headers, media).await {
        Ok(Some(caller)) => caller,
        Ok(None) => {
            let fault = Fault::Unauthenticated;
            return unauthorized(media, request_error(fault.code(), fault.message()));
        }
        Err(response) => return response,
    };
    if !access::may_change_filters(caller.viewer.role) {
        let error = request_error("FORBIDDEN", "Only admins send files.");
        return failure(StatusCode::FORBIDDEN, media, error);
    }
    if memory::is_short() {
        return failure(StatusCode::SERVICE_UNAVAILABLE, media, short_of_memory());
    }
    let Ok(_permit) = Arc::clone(&state.uploads).try_acquire_owned() else { return no_room(media) };
    let bounds = multipart::Bounds {
        request: state.config.limits.request_bytes,
        file: state.config.filters.max_component_mib.saturating_mul(1024 * 1024),
    };
    let read = multipart::read(body, boundary, bounds);
    match tokio::time::timeout(multipart::PATIENCE, read).await {
        Ok(Ok((params, files))) => {
            let origin = requests::origin(headers);
            let call = Call { params, files, wait: multipart::PATIENCE, origin };
            run(state, accepted, Some(caller), call, &Method::POST).await
        }
        Ok(Err((status, error))) => failure(status, media, error),
        Err(_) => {
            let error = request_error("TIMEOUT", "The request's body did not arrive in time.");
            failure(StatusCode::REQUEST_TIMEOUT, media, error)
        }
    }
}

/// Who sends the request, or the answer to one whose credentials are no good.
async fn admitted(
    state: &HttpState,
    method: &Method,
    headers: &HeaderMap,
    media: Media,
) -> Result<Option<Admitted>, Response> {
    let credentials = Credentials::of(method, headers)
        .map_err(|error| failure(StatusCode::FORBIDDEN, media, error))?;
    auth::admit(state, credentials).await.map_err(|error| unauthorized(media, error))
}

/// Any other method.
pub async fn method_not_allowed() -> Response {
    let error = request_error("METHOD_NOT_ALLOWED", "Use POST, or GET for queries.");
    let mut response = failure(StatusCode::METHOD_NOT_ALLOWED, Media::Json, error);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

/// The answer when there is no room for another connection.
pub fn no_room(media: Media) -> Response {
    let words = "Too many connections are open. Try again shortly.";
    let error = retry_error("TOO_MANY_CONNECTIONS", words, RETRY_AFTER);
    failure(StatusCode::SERVICE_UNAVAILABLE, media, error)
}

/// The answer to a user who has as many connections as they may have.
pub fn too_many(media: Media) -> Response {
    let words = "You have too many connections. Close one, or try again shortly.";
    let error = retry_error("TOO_MANY_CONNECTIONS", words, RETRY_AFTER);
    failure(StatusCode::TOO_MANY_REQUESTS, media, error)
}

/// The error of a subscription over the bound of its user's.
pub fn too_many_subscriptions(state: &HttpState) -> ServerError {
    let most = state.config.limits.subscriptions_per_user;
    let words = format!("A user may have {most} subscriptions, on all connections.");
    request_error("TOO_MANY_SUBSCRIPTIONS", words)
}

/// What is to be executed, and how long it may take.
struct Call {
    params: Params,
    files: Vec<multipart::File>,
    wait: Duration,
    origin: Origin,
}

impl Call {
    fn new(state: &HttpState, params: Params, headers: &HeaderMap) -> Self {
        let wait = Duration::from_secs(state.config.limits.request_seconds);
        Self { params, files: Vec::new(), wait, origin: requests::origin(headers) }
    }
}

async fn run(
    state: HttpState,
    accepted: Accepted,
    admitted: Option<Admitted>,
    call: Call,
    method: &Method,
) -> Response {
    let Call { params, files, wait, origin } = call;
    let caller = Caller(admitted.as_ref().map(|it| Arc::clone(&it.viewer)));
    let mut prepared = match state.executor.prepare_with(params, files, caller) {
        Ok(prepared) => prepared,
        Err(answer) if accepted.best == Media::EventStream && !answer.is_bad_request() => {
            return sse::once(&answer);
        }
        Err(answer) => {
            let mut response = answered(accepted.single, &answer);
            response.extensions_mut().insert(Outcome::refused(answer.errors()));
            return response;
        }
    };
    prepared.ticket.from(origin);
    if *method == Method::GET && prepared.kind == OperationType::Mutation {
        let error = request_error("METHOD_NOT_ALLOWED", "Mutations need POST.");
        let mut response = failure(StatusCode::METHOD_NOT_ALLOWED, accepted.single, error);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let subscribes = prepared.kind == OperationType::Subscription;
    if accepted.best == Media::EventStream || (subscribes && accepted.stream) {
        return sse::stream(state, prepared, admitted);
    }
    if subscribes {
        let message = "Subscriptions need `Accept: text/event-stream`, or a WebSocket.";
        let error = request_error("SUBSCRIPTION_NEEDS_STREAM", message);
        return failure(StatusCode::NOT_ACCEPTABLE, accepted.single, error);
    }
    match tokio::time::timeout(wait, state.executor.execute(prepared)).await {
        Ok(answer) => {
            let mut response = answered(accepted.single, &answer);
            response.extensions_mut().insert(Outcome::executed());
            response
        }
        Err(_) => {
            let mut response = failure(StatusCode::GATEWAY_TIMEOUT, accepted.single, timed_out());
            response.extensions_mut().insert(Outcome::executed());
            response
        }
    }
}

/// The error of an operation that took too long. What it began may still be done: retry with the same `clientId`.
pub fn timed_out() -> ServerError {
    request_error(
        "TIMEOUT",
        "The operation took too long. It may have been done; retrying a send with the same `clientId` is safe.",
    )
}

fn answered(media: Media, answer: &Answer) -> Response {
    let status = if answer.is_bad_request() || (answer.is_refused() && media != Media::Json) {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    respond(status, media, answer)
}

fn from_address(mut parameters: HashMap<String, String>) -> Result<Params, String> {
    let object = |name: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str::<serde_json::Value>(&text)
            .map_err(|error| format!("`{name}` is not JSON: {error}.")),
        None => Ok(serde_json::Value::Null),
    };
    let malformed =
        |error: serde_json::Error| format!("The address holds no GraphQL request: {error}.");
    let variables = object("variables", parameters.remove("variables"))?;
    let extensions = object("extensions", parameters.remove("extensions"))?;
    Ok(Params {
        query: parameters.remove("query"),
        operation_name: parameters.remove("operationName").filter(|name| !name.is_empty()),
        variables: serde_json::from_value(variables).map_err(malformed)?,
        extensions: serde_json::from_value(extensions).map_err(malformed)?,
    })
}

fn bad_request(media: Media, problem: String) -> Response {
    failure(StatusCode::BAD_REQUEST, media, request_error("BAD_REQUEST", problem))
}

fn unauthorized(media: Media, error: ServerError) -> Response {
    let mut response = failure(StatusCode::UNAUTHORIZED, media, error);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

fn not_acceptable() -> Response {
    let message =
        "Accept `application/graphql-response+json`, `application/json` or `text/event-stream`.";
    let error = request_error("NOT_ACCEPTABLE", message);
    failure(StatusCode::NOT_ACCEPTABLE, Media::Json, error)
}
