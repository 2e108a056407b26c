//! Whether the process lives, and whether it can do its work.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::HttpState;
use crate::graphql::Rooms;

/// Longest wait for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// The store answers, and the engine is not stopping.
pub async fn ready(State(state): State<HttpState>) -> Response {
    let problem = if state.stopping() { Some("stopping") } else { store_problem(&state).await };
    match problem {
        None => Json(json!({ "status": "ready" })).into_response(),
        Some(reason) => {
            let body = json!({ "status": "unavailable", "reason": reason });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

async fn store_problem(state: &HttpState) -> Option<&'static str> {
    let Some(rooms) = state.executor.schema().data::<Rooms>() else { return Some("no store") };
    match tokio::time::timeout(PATIENCE, rooms.store.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the store does not answer");
            Some("the store does not answer")
        }
        Err(_) => Some("the store is slow"),
    }
}
