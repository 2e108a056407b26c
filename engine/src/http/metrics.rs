//! Figures for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::HttpState;
use crate::telemetry::process::{self, Process};
use crate::telemetry::{Page, conversations, door, live, sends};

/// What is known now, in the text format of Prometheus.
pub async fn render(State(state): State<HttpState>) -> Response {
    let process = tokio::task::spawn_blocking(Process::look).await.unwrap_or_default();
    let mut page = Page::default();
    state.executor.operations().write(&mut page);
    door::write(&mut page);
    live::write(&mut page);
    sends::write(&mut page);
    match state.executor.rooms() {
        Some(rooms) => {
            rooms.conversations.write_figures(&mut page);
            rooms.releases.write_figures(&mut page);
            rooms.store.write_figures(&mut page);
            rooms.outbox.write_figures(&mut page);
            rooms.search.write_figures(&mut page).await;
        }
        None => conversations::write(&mut page),
    }
    process::write_runtime(&mut page);
    process.write(&mut page, state.started);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], page.into_text()).into_response()
}
