//! Whether the process lives, and whether it can do its work.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::HttpState;
use crate::graphql::Rooms;
use crate::outbox::Lag;
use crate::search::SearchState;

/// A follower of the log that is further behind is worth a look.
const TOLERATED_LAG: Duration = Duration::from_secs(10);
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

/// The same with how far the followers of the log are and whether search answers. They may lag without harm to messages, so
/// that alone leaves the status at 200: `degraded`.
pub async fn details(State(state): State<HttpState>) -> Response {
    let problem = if state.stopping() { Some("stopping") } else { store_problem(&state).await };
    let (mut outbox, mut search) = (Vec::new(), None);
    if let Some(rooms) = state.executor.schema().data::<Rooms>() {
        outbox = rooms.outbox.lags();
        search = Some(rooms.search.state());
    }
    let behind = |lag: &Lag| lag.trouble.is_some() || lag.set_aside > 0 || lag.age > TOLERATED_LAG;
    let degraded = outbox.iter().any(behind) || search != Some(SearchState::Ready);
    let status = match problem {
        Some(_) => "unavailable",
        None if degraded => "degraded",
        None => "ok",
    };
    let outbox: Vec<_> = outbox.iter().map(lag_json).collect();
    let search = search.map(|state| match state {
        SearchState::Ready => "ready",
        SearchState::Building => "building",
        SearchState::Unavailable => "unavailable",
    });
    let body = json!({ "status": status, "reason": problem, "outbox": outbox, "search": search });
    let code = if problem.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(body)).into_response()
}

/// Why a batch failed may name what is not for everybody: only that it did.
fn lag_json(lag: &Lag) -> serde_json::Value {
    json!({
        "consumer": lag.consumer,
        "lagGroups": lag.groups,
        "lagSeconds": lag.age.as_secs_f64(),
        "setAside": lag.set_aside,
        "failing": lag.trouble.is_some(),
    })
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
