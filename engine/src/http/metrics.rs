//! Figures for Prometheus.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::HttpState;
use crate::graphql::Rooms;
use crate::search::SearchState;

const LAG_GROUPS: &str = "rialto_outbox_lag_groups";
const LAG_SECONDS: &str = "rialto_outbox_lag_seconds";
const SET_ASIDE: &str = "rialto_outbox_set_aside_entries";
const FAILING: &str = "rialto_outbox_failing";
const SEARCH_READY: &str = "rialto_search_ready";
const STALE_HITS: &str = "rialto_search_stale_hits";
const CONNECTIONS: &str = "rialto_open_connections";
const LIVE: &str = "rialto_live_conversations";

/// One recorder a process, whoever asks first; `None` if another library has put in its own.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let handle = PrometheusBuilder::new().install_recorder();
        if let Err(error) = &handle {
            tracing::warn!(%error, "there will be no metrics");
        }
        describe_gauge!(LAG_GROUPS, "Committed groups a follower of the log has not consumed yet");
        describe_gauge!(LAG_SECONDS, "Age of the oldest of them, seconds");
        describe_gauge!(SET_ASIDE, "Entries a follower of the log refused, which were set aside");
        describe_gauge!(FAILING, "1 if a follower's last batch failed");
        describe_gauge!(SEARCH_READY, "1 if searches are answered");
        describe_gauge!(
            STALE_HITS,
            "Hits the index gave that the viewer is not shown, since the start"
        );
        describe_gauge!(CONNECTIONS, "WebSockets and SSE streams open");
        describe_gauge!(LIVE, "Conversations that have a running actor");
        handle.ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

/// What is known now, in the text format of Prometheus.
pub async fn render(State(state): State<HttpState>) -> Response {
    let Some(recorder) = recorder() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "there is no recorder").into_response();
    };
    if let Some(rooms) = state.executor.schema().data::<Rooms>() {
        look_around(rooms);
    }
    gauge!(CONNECTIONS).set(as_f64(state.open_connections() as u64));
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], recorder.render()).into_response()
}

fn look_around(rooms: &Rooms) {
    for lag in rooms.outbox.lags() {
        let consumer = [("consumer", lag.consumer)];
        gauge!(LAG_GROUPS, &consumer).set(as_f64(lag.groups));
        gauge!(LAG_SECONDS, &consumer).set(lag.age.as_secs_f64());
        gauge!(SET_ASIDE, &consumer).set(as_f64(lag.set_aside));
        gauge!(FAILING, &consumer).set(if lag.trouble.is_some() { 1.0 } else { 0.0 });
    }
    gauge!(SEARCH_READY).set(if rooms.search.state() == SearchState::Ready { 1.0 } else { 0.0 });
    gauge!(STALE_HITS).set(as_f64(rooms.search.stale_hits()));
    gauge!(LIVE).set(as_f64(rooms.conversations.live_count() as u64));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; nothing counted here is near 2^52"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}
