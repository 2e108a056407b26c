//! Answers as an event stream: `next` for each, `complete` at the end, comments to keep the connection alive.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, StreamExt};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::auth::{Admitted, ended, good_for};
use super::graphql::{no_room, too_many, too_many_subscriptions};
use super::negotiate::Media;
use super::tally::Counted;
use super::{HttpState, failure};
use crate::domain::UserId;
use crate::graphql::errors::request_error;
use crate::graphql::{Answer, Prepared, short_of_memory};
use crate::telemetry::live::{Connection, Transport};
use crate::telemetry::memory;

const KEEP_ALIVE: Duration = Duration::from_secs(12);
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// One answer, as a stream that is over at once.
pub fn once(answer: &Answer) -> Response {
    response(Body::from(format!("{}{COMPLETE}", next(answer))))
}

/// An operation's answers for as long as the client listens, the token is good and the engine runs.
pub fn stream(state: HttpState, mut prepared: Prepared, admitted: Option<Admitted>) -> Response {
    if memory::is_short() {
        return failure(StatusCode::SERVICE_UNAVAILABLE, Media::Json, short_of_memory());
    }
    let Ok(permit) = Arc::clone(&state.connections).try_acquire_owned() else {
        return no_room(Media::Json);
    };
    let counted = match count(&state, &prepared, admitted.as_ref()) {
        Ok(counted) => counted,
        Err(refused) => return refused,
    };
    prepared.ticket.over(Transport::Sse);
    let connection = Connection::open(Transport::Sse);
    let present = admitted.as_ref().map(|it| state.presence.enter(&it.viewer.id));
    let events = events(state, prepared, admitted).map(move |event| {
        // Held until the stream is dropped.
        let _ = (&permit, &counted, &present, &connection);
        Ok::<_, std::convert::Infallible>(Bytes::from(event))
    });
    response(Body::from_stream(events))
}

/// Counts the stream among its viewer's connections, and a subscription among their subscriptions.
#[expect(clippy::result_large_err, reason = "the error is the answer")]
fn count(
    state: &HttpState,
    prepared: &Prepared,
    admitted: Option<&Admitted>,
) -> Result<Vec<Counted<UserId>>, Response> {
    let (Some(admitted), limits) = (admitted, &state.config.limits) else { return Ok(Vec::new()) };
    let user = &admitted.viewer.id;
    let connection = state.connections_of.enter(user, limits.connections_per_user);
    let mut counted = vec![connection.ok_or_else(|| too_many(Media::Json))?];
    if prepared.kind == OperationType::Subscription {
        let subscription = state.subscriptions_of.enter(user, limits.subscriptions_per_user);
        counted.push(subscription.ok_or_else(|| {
            failure(StatusCode::TOO_MANY_REQUESTS, Media::Json, too_many_subscriptions(state))
        })?);
    }
    Ok(counted)
}

fn events(
    state: HttpState,
    prepared: Prepared,
    admitted: Option<Admitted>,
) -> impl Stream<Item = String> + Send + 'static {
    async_stream::stream! {
        let mut answers = state.executor.stream(prepared);
        let mut alive = interval(KEEP_ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let expiry = async {
            let Some(admitted) = &admitted else { return std::future::pending().await };
            tokio::select! {
                () = sleep(good_for(&state, &admitted.viewer)) => {}
                () = ended(&state, admitted) => {}
            }
        };
        let stopped = state.stopped();
        tokio::pin!(expiry, stopped);
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => yield next(&answer),
                    None => {
                        yield COMPLETE.to_owned();
                        return;
                    }
                },
                // The first tick comes at once and gets the headers out.
                _ = alive.tick() => yield ":\n\n".to_owned(),
                () = &mut expiry => {
                    let error = request_error("TOKEN_EXPIRED", "the token has expired");
                    yield next(&Answer::refused(error));
                    yield COMPLETE.to_owned();
                    return;
                }
                // Without `complete`, so that the client connects again.
                () = &mut stopped => return,
            }
        }
    }
}

fn next(answer: &Answer) -> String {
    // JSON holds no line breaks, so one data line is enough.
    let json = serde_json::to_string(answer).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be serialized");
        r#"{"errors":[{"message":"internal","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    });
    format!("event: next\ndata: {json}\n\n")
}

fn response(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, Media::EventStream.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    // Tells nginx not to hold events back.
    (StatusCode::OK, headers, [("x-accel-buffering", "no")], body).into_response()
}
