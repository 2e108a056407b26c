//! What an operation has to say on a socket, as frames ready to be written.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::time::timeout;

use super::frames::{complete, error, next};
use crate::graphql::{Answer, Prepared};
use crate::http::HttpState;
use crate::http::graphql::timed_out;

/// Something an operation has to say.
pub struct Update {
    /// The operation.
    pub id: Arc<str>,
    /// The frame's text.
    pub frame: String,
    /// The operation is over.
    pub last: bool,
}

/// A query's or mutation's: the answer and `complete`, or `error`.
pub fn of_operation(
    state: HttpState,
    id: Arc<str>,
    prepared: Prepared,
) -> BoxStream<'static, Update> {
    let wait = Duration::from_secs(state.config.limits.request_seconds);
    stream::once(async move {
        let answer = timeout(wait, state.executor.execute(prepared)).await;
        let answer = answer.unwrap_or_else(|_| Answer::refused(timed_out()));
        let updates = if answer.is_refused() {
            let frame = error(&id, &answer);
            [Some(Update { id, frame, last: true }), None]
        } else {
            let (frame, end) = (next(&id, &answer), complete(&id));
            let answer = Update { id: Arc::clone(&id), frame, last: false };
            [Some(answer), Some(Update { id, frame: end, last: true })]
        };
        stream::iter(updates.into_iter().flatten())
    })
    .flatten()
    .boxed()
}

/// A subscription's: `error` if it could not begin, else its events and `complete`.
pub fn of_subscription(
    state: &HttpState,
    id: Arc<str>,
    prepared: Prepared,
) -> BoxStream<'static, Update> {
    struct Progress {
        answers: BoxStream<'static, Answer>,
        id: Arc<str>,
        begun: bool,
        over: bool,
    }
    let answers = state.executor.stream(prepared);
    let progress = Progress { answers, id, begun: false, over: false };
    stream::unfold(progress, |mut progress| async move {
        if progress.over {
            return None;
        }
        let (id, answer) = (Arc::clone(&progress.id), progress.answers.next().await);
        let (frame, last) = match &answer {
            Some(answer) if !progress.begun && answer.is_failed() => (error(&id, answer), true),
            Some(answer) => (next(&id, answer), false),
            None => (complete(&id), true),
        };
        (progress.begun, progress.over) = (true, last);
        Some((Update { id, frame, last }, progress))
    })
    .boxed()
}
