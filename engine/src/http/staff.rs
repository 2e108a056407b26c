//! Where cookies are set: signing in and out, one-time links, passwords. JSON over POST, from the engine's own pages only.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::auth::{self, CROSS_SITE, Credentials};
use super::cookies::{self, Origin};
use super::{HttpState, auth::Admitted};
use crate::domain::Role;
use crate::staff::{ID_PREFIX, NewAccount, SignedIn, StaffError};

/// Largest body, bytes.
const MAX_BODY: usize = 16 * 1024;
/// Longest wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The routes under `/auth`.
pub fn routes() -> Router<HttpState> {
    Router::new()
        .route("/auth/sign-in", post(sign_in))
        .route("/auth/sign-out", post(sign_out))
        .route("/auth/sign-out-everywhere", post(sign_out_everywhere))
        .route("/auth/password", post(password))
        .route("/auth/link", post(link))
        .route("/auth/join", post(join))
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
}

#[derive(Deserialize)]
struct Link {
    token: String,
}

#[derive(Deserialize)]
struct Join {
    token: String,
    name: String,
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Password {
    current_password: String,
    new_password: String,
}

/// Why there is no answer but this.
struct Refused(Response);

type Answer = Result<Response, Refused>;

async fn sign_in(State(state): State<HttpState>, request: Request) -> Answer {
    let (headers, address, body) = read::<SignIn>(request).await?;
    let signed_in = state.staff.sign_in(&body.email, body.password, address).await?;
    Ok(session(&state, &headers, signed_in))
}

async fn sign_out(State(state): State<HttpState>, request: Request) -> Answer {
    let (headers, _, _) = read_any(request).await?;
    if let Some(token) = cookies::session(&headers) {
        state.staff.sign_out(&token).await?;
    }
    Ok(signed_out(&headers))
}

async fn sign_out_everywhere(State(state): State<HttpState>, request: Request) -> Answer {
    let (headers, _, _) = read_any(request).await?;
    let admitted = account(&state, &headers).await?;
    state.staff.sign_out_everywhere(&admitted.viewer.id).await?;
    Ok(signed_out(&headers))
}

async fn password(State(state): State<HttpState>, request: Request) -> Answer {
    let (headers, _, body) = read::<Password>(request).await?;
    let id = account(&state, &headers).await?.viewer.id.clone();
    let changed =
        state.staff.change_password(&id, body.current_password, body.new_password).await?;
    Ok(session(&state, &headers, changed))
}

async fn link(State(state): State<HttpState>, request: Request) -> Answer {
    let (_, _, body) = read::<Link>(request).await?;
    let facts = state.staff.link(&body.token).await?;
    let answer = json!({
        "purpose": if facts.first_admin { "FIRST_ADMIN" } else { "INVITATION" },
        "role": role(facts.role),
        "email": facts.email,
        "expiresAt": facts.expires_at,
    });
    Ok(answered(StatusCode::OK, &answer))
}

async fn join(State(state): State<HttpState>, request: Request) -> Answer {
    let (headers, _, body) = read::<Join>(request).await?;
    let Join { token, name, email, password } = body;
    let account = NewAccount { name, email, password };
    let signed_in = state.staff.join(&token, account).await?;
    Ok(session(&state, &headers, signed_in))
}

/// The request's headers, where it comes from, and its body; from the engine's own pages only.
async fn read<T: DeserializeOwned>(
    request: Request,
) -> Result<(HeaderMap, Option<IpAddr>, T), Refused> {
    let (headers, address, body) = read_any(request).await?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        let message = "Send `Content-Type: application/json`.";
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID", message, None));
    }
    let body = serde_json::from_slice(&body).map_err(|error| {
        // Its words never show values, which may be passwords.
        let kind = if error.is_data() { "a field is missing or wrong" } else { "it is no JSON" };
        refused(
            StatusCode::BAD_REQUEST,
            "INVALID",
            &format!("The body can't be read: {kind}."),
            None,
        )
    })?;
    Ok((headers, address, body))
}

async fn read_any(request: Request) -> Result<(HeaderMap, Option<IpAddr>, Bytes), Refused> {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = address.map(|ConnectInfo(address)| address.ip());
    let (parts, body) = request.into_parts();
    if cookies::origin(&parts.headers) != Origin::Same {
        return Err(refused(StatusCode::FORBIDDEN, "CROSS_SITE", CROSS_SITE, None));
    }
    let body = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, MAX_BODY)).await;
    match body {
        Ok(Ok(body)) => Ok((parts.headers, address, body)),
        Ok(Err(_)) => {
            Err(refused(StatusCode::BAD_REQUEST, "INVALID", "The body is too large.", None))
        }
        Err(_) => {
            let message = "The body did not arrive in time.";
            Err(refused(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message, None))
        }
    }
}

/// The account the cookie stands for.
async fn account(state: &HttpState, headers: &HeaderMap) -> Result<Admitted, Refused> {
    let credentials = Credentials::of(&Method::POST, headers).unwrap_or_default();
    let admitted = auth::admit(state, credentials).await.ok().flatten();
    let account = admitted.filter(|it| it.viewer.id.as_str().starts_with(ID_PREFIX));
    account
        .ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "Sign in first.", None))
}

fn session(state: &HttpState, headers: &HeaderMap, signed_in: SignedIn) -> Response {
    let SignedIn { member, token, expires_at } = signed_in;
    let answer = json!({
        "id": member.id.as_str(),
        "name": member.name,
        "email": member.email,
        "role": role(member.role),
        "expiresAt": expires_at,
    });
    let mut response = answered(StatusCode::OK, &answer);
    if let Some(cookie) = cookies::set(headers, token, expires_at, state.clock.now()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn signed_out(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookies::clear(headers) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn role(role: Role) -> String {
    role.as_str().to_uppercase()
}

fn answered(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

fn refused(status: StatusCode, code: &str, message: &str, field: Option<&str>) -> Refused {
    let mut body = json!({ "code": code, "message": message });
    if let Some(field) = field {
        body["field"] = json!(field);
    }
    Refused(answered(status, &body))
}

impl From<StaffError> for Refused {
    fn from(error: StaffError) -> Self {
        let status = match &error {
            StaffError::WrongCredentials | StaffError::WrongPassword => StatusCode::UNAUTHORIZED,
            StaffError::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            StaffError::LinkInvalid | StaffError::NotFound => StatusCode::NOT_FOUND,
            StaffError::EmailTaken | StaffError::LastAdmin | StaffError::Yourself => {
                StatusCode::CONFLICT
            }
            StaffError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            StaffError::Busy | StaffError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            StaffError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = match &error {
            StaffError::Store(inner) => {
                tracing::error!(error = %inner, "the store failed a request about accounts");
                "The engine can't reach its store right now. Try again shortly.".to_owned()
            }
            StaffError::Failed(inner) => {
                tracing::error!(error = inner, "a request about accounts failed");
                "Something went wrong inside the engine; its log says what.".to_owned()
            }
            other => other.to_string(),
        };
        let mut body = json!({ "code": error.code(), "message": message });
        if let Some(field) = error.field() {
            body["field"] = json!(field);
        }
        let wait =
            error.retry_after().map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        if let Some(seconds) = wait {
            body["retryAfterSeconds"] = json!(seconds);
        }
        let mut response = answered(status, &body);
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Self(response)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0
    }
}
