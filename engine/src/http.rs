//! The engine's HTTP face: GraphQL over POST, GET, WebSocket and SSE, health, and a page to try queries on.

mod admin;
mod assets;
mod auth;
mod bodies;
mod cookies;
mod door;
mod graphql;
mod health;
mod metrics;
mod multipart;
mod negotiate;
mod requests;
mod sse;
mod staff;
mod tally;
mod websocket;

use std::any::Any;
use std::sync::Arc;

use async_graphql::ServerError;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::config::Config;
use crate::domain::{Clock, UserId};
use crate::graphql::errors::{Fault, RETRY_AFTER_SECONDS, request_error};
use crate::graphql::{Answer, Executor, Schemas, metering};
use crate::identity::Identity;
use crate::insight::Presence;
use crate::shutdown::Shutdown;
use crate::staff::Staff;
use crate::telemetry::heartbeat::Heartbeat;
use bodies::Bodies;
pub use door::Bounds;
pub use health::Starting;
use negotiate::Media;
use tally::Tally;

/// What every request handler shares. Cheap to clone.
#[derive(Clone)]
pub struct HttpState {
    executor: Executor,
    identity: Arc<Identity>,
    staff: Staff,
    presence: Presence,
    clock: Clock,
    config: Arc<Config>,
    /// One permit for each WebSocket and SSE stream that may be open.
    connections: Arc<Semaphore>,
    /// Each user's WebSockets and SSE streams.
    connections_of: Tally<UserId>,
    /// Each user's subscriptions.
    subscriptions_of: Tally<UserId>,
    /// One permit for each file upload under way.
    uploads: Arc<Semaphore>,
    /// Bodies on their way in.
    bodies: Bodies,
    shutdown: Shutdown,
    heartbeat: Heartbeat,
    /// Seconds since 1970.
    started: f64,
}

impl HttpState {
    /// When `shutdown` begins its soft stop, what is under way is finished and subscriptions are ended.
    pub fn new(
        schemas: Schemas,
        identity: Identity,
        (staff, presence): (Staff, Presence),
        clock: Clock,
        config: Arc<Config>,
        (shutdown, heartbeat): (Shutdown, Heartbeat),
    ) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds stay far below 2^52")]
        let started = clock.now().timestamp_millis() as f64 / 1_000.0;
        let executor = Executor::new(schemas, &config.limits, config.server.development);
        let most = config.limits.connections.min(Semaphore::MAX_PERMITS);
        let connections = Arc::new(Semaphore::new(most));
        let uploads = Arc::new(Semaphore::new(multipart::AT_ONCE));
        let bodies = Bodies::new(config.limits.bodies_mib.saturating_mul(1024 * 1024));
        Self {
            executor,
            identity: Arc::new(identity),
            staff,
            presence,
            clock,
            config,
            connections,
            connections_of: Tally::default(),
            subscriptions_of: Tally::default(),
            uploads,
            bodies,
            shutdown,
            heartbeat,
            started,
        }
    }

    /// WebSockets and SSE streams open now.
    pub fn open_connections(&self) -> usize {
        let most = self.config.limits.connections.min(Semaphore::MAX_PERMITS);
        most.saturating_sub(self.connections.available_permits())
    }

    /// Waits until every WebSocket and SSE stream has ended; to be used once the soft stop has begun.
    pub async fn drained(&self) {
        while self.open_connections() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    fn stopping(&self) -> bool {
        self.shutdown.is_announced()
    }

    /// Resolves when the soft stop begins.
    fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let shutdown = self.shutdown.clone();
        async move { shutdown.soft().await }
    }
}

/// Serves until the soft stop: then no connection is accepted any more, requests under way are answered and
/// subscriptions are ended.
pub async fn serve(listener: TcpListener, bounds: Bounds, state: HttpState) {
    door::serve(listener, router(state.clone()), bounds, state.stopped()).await;
    state.drained().await;
}

/// Every route of the engine.
pub fn router(state: HttpState) -> Router {
    let endpoint = || get(graphql::get).post(graphql::post).fallback(graphql::method_not_allowed);
    let mut router = Router::new()
        .route("/graphql", endpoint())
        .route("/graphql/ws", endpoint())
        .route("/health", get(health::details))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(staff::routes())
        .route("/admin", get(admin::root))
        .route("/admin/", get(admin::file))
        .route("/admin/{*path}", get(admin::file))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(state.config.limits.request_bytes));
    if state.config.server.metrics {
        router = router.route("/metrics", get(metrics::render));
    }
    if state.config.server.development {
        router = router.route("/", get(assets::graphiql));
    }
    if let Some(cors) = cors(&state.config.server.cors_origins) {
        router = router.layer(cors);
    }
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(requests::follow))
        .with_state(state)
}

fn cors(origins: &[String]) -> Option<CorsLayer> {
    let allowed = if origins.is_empty() {
        return None;
    } else if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    let methods = [Method::GET, Method::POST];
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods(methods)
            .allow_headers(AllowHeaders::mirror_request()),
    )
}

async fn not_found() -> Response {
    let message = "There is nothing here. The API is at `/graphql`.";
    failure(StatusCode::NOT_FOUND, Media::Json, request_error("NOT_FOUND", message))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    tracing::error!(panic = words, "a request handler panicked");
    let error = request_error("INTERNAL", Fault::Internal.message());
    failure(StatusCode::INTERNAL_SERVER_ERROR, Media::Json, error)
}

/// A GraphQL answer that holds nothing but one error.
fn failure(status: StatusCode, media: Media, error: ServerError) -> Response {
    // What took too long was executed, and is counted there.
    if status != StatusCode::GATEWAY_TIMEOUT {
        metering::refused(std::slice::from_ref(&error));
    }
    let outcome = requests::Outcome::refused(std::slice::from_ref(&error));
    let seconds = error.extensions.as_ref().and_then(|it| it.get(RETRY_AFTER_SECONDS));
    let wait = seconds.and_then(|it| HeaderValue::from_str(&it.to_string()).ok());
    let mut response = respond(status, media, &Answer::refused(error));
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    if status != StatusCode::GATEWAY_TIMEOUT {
        response.extensions_mut().insert(outcome);
    }
    response
}

fn respond(status: StatusCode, media: Media, answer: &Answer) -> Response {
    match serde_json::to_vec(answer) {
        Ok(body) => {
            let kind = (header::CONTENT_TYPE, media.content_type());
            (status, [kind, (header::CACHE_CONTROL, "no-store")], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be serialized");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
