//! GraphQL over WebSocket: the handshake. The protocol `graphql-transport-ws` is in `session`, its frames in `frames`.

mod end;
mod frames;
mod session;
mod updates;

use std::sync::Arc;

use axum::extract::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::HttpState;
use super::auth::Credentials;
use super::graphql::no_room;
use super::negotiate::Media;
use super::{failure, requests};
use crate::graphql::short_of_memory;
use crate::telemetry::live::{Connection, Transport};
use crate::telemetry::memory;
use session::Session;

/// The subprotocol.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes read and written in one go: small, because there are many sockets and most are idle.
const BUFFER: usize = 2 * 1024;
/// Bytes that may wait to be written to a client that does not read.
const MAX_WAITING: usize = 16 * 1024 * 1024;

/// Upgrades the connection if there is room for it.
pub fn accept(state: HttpState, upgrade: WebSocketUpgrade, headers: &HeaderMap) -> Response {
    if memory::is_short() {
        return failure(StatusCode::SERVICE_UNAVAILABLE, Media::Json, short_of_memory());
    }
    let Ok(permit) = Arc::clone(&state.connections).try_acquire_owned() else {
        return no_room(Media::Json);
    };
    let credentials = Credentials::of_socket(headers);
    let origin = requests::origin(headers);
    let most = state.config.limits.request_bytes;
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(MAX_WAITING)
        .max_message_size(most)
        .max_frame_size(most)
        .on_upgrade(move |socket| async move {
            let _connection = Connection::open(Transport::WebSocket);
            Box::new(Session::new(state, socket, credentials, origin)).run().await;
            drop(permit);
        })
}
