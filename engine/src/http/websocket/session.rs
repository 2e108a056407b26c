//! One socket's life: sign in, run operations side by side, end at the token's expiry or the engine's stop.
//! Everything happens in one task: results wait in their operation until the socket takes them, so nothing queues up.

mod begin;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::future::BoxFuture;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, StreamExt};
use futures_util::{FutureExt, SinkExt};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::end::End;
use super::frames::{Close, Incoming, PONG};
use super::updates::Update;
use crate::domain::{UserId, Viewer};
use crate::http::HttpState;
use crate::http::auth::{self, Credentials};
use crate::http::tally::Counted;
use crate::insight::Present;
use crate::telemetry::live;
use crate::telemetry::operations::Origin;

/// Longest wait for `connection_init`.
const INIT_WAIT: Duration = Duration::from_secs(10);
/// Longest wait for a client to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);
/// Frames read or written in one go.
const BATCH: usize = 64;
/// Longest that a "come again later" waits for something to be sent with: where there are many, each on its own would cost
/// more than it took to refuse it.
const LATER: Duration = Duration::from_millis(20);

struct Running {
    abort: AbortHandle,
    /// Counts a subscription among its viewer's; `None` for what is none.
    subscription: Option<Counted<UserId>>,
}

/// One client's socket.
pub struct Session {
    state: HttpState,
    socket: WebSocket,
    /// What the upgrade request brought.
    credentials: Credentials,
    /// The upgrade request's id, and the trace that it or `connection_init` named.
    origin: Origin,
    /// Set by `connection_init`.
    viewer: Option<Arc<Viewer>>,
    /// Resolves when the session behind the socket is ended.
    ended: BoxFuture<'static, ()>,
    /// Counts the viewer among those connected.
    present: Option<Present>,
    /// Counts this among the viewer's connections.
    counted: Option<Counted<UserId>>,
    /// Operations under way, by the client's id.
    running: HashMap<Arc<str>, Running>,
    /// What they have to say.
    operations: SelectAll<BoxStream<'static, Update>>,
    /// Longest wait for the client to take what is written.
    write_wait: Duration,
    /// When the client last said anything.
    heard: Instant,
    /// Something is written and not flushed.
    unflushed: bool,
    /// Something is that may wait until then.
    flush_by: Option<tokio::time::Instant>,
    /// The engine's soft stop has begun.
    stopping: bool,
}

type Step = Result<(), End>;

impl Session {
    /// A socket that was just upgraded.
    pub fn new(
        state: HttpState,
        socket: WebSocket,
        credentials: Credentials,
        origin: Origin,
    ) -> Self {
        let write_wait = Duration::from_secs(state.config.limits.write_seconds);
        Self {
            state,
            socket,
            credentials,
            origin,
            viewer: None,
            ended: std::future::pending().boxed(),
            present: None,
            counted: None,
            running: HashMap::new(),
            operations: SelectAll::new(),
            write_wait,
            heard: Instant::now(),
            unflushed: false,
            flush_by: None,
            stopping: false,
        }
    }

    /// Runs until either side ends it. Boxed, as a task that takes it would have room for it twice.
    pub async fn run(mut self: Box<Self>) {
        let end = if self.socket.protocol().is_none() {
            End::Close(Close::NO_PROTOCOL)
        } else {
            self.serve().await
        };
        live::closed(end.code());
        (self.present, self.counted) = (None, None);
        // Operations end here, whatever becomes of the goodbye.
        self.running.clear();
        self.operations = SelectAll::new();
        let socket = &mut self.socket;
        let closing = async {
            let (farewell, mut readable) = match end {
                End::Close(close) => (Some(close), true),
                End::Unreadable(close) => (Some(close), false),
                // The answer to the client's goodbye goes out with the reading below.
                End::Goodbye => (None, true),
                End::Gone => return,
            };
            if let Some(Close(code, reason)) = farewell {
                let frame = CloseFrame { code, reason: reason.into() };
                if socket.send(Message::Close(Some(frame))).await.is_err() {
                    return;
                }
            }
            // Reading on until the other side is done too, or it might never see the close.
            while readable {
                let Some(read) = socket.recv().await else { return };
                readable = read.is_ok();
            }
            // Hanging up on what can't be read, such as the rest of a message too big, would be a reset that overtakes
            // the close.
            std::future::pending::<()>().await;
        };
        let _ = timeout(CLOSE_WAIT, closing).await;
    }

    async fn serve(&mut self) -> End {
        let stopped = self.state.stopped();
        // Until the client has signed in this is the wait for that, afterwards the token's expiry.
        let deadline = sleep(INIT_WAIT);
        let overdue = sleep(LATER);
        tokio::pin!(stopped, deadline, overdue);
        let mut pings = interval(Duration::from_secs(self.state.config.limits.ping_seconds));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        loop {
            let signed_in = self.viewer.is_some();
            let step = tokio::select! {
                message = self.socket.recv() => self.read(message).await,
                Some(update) = self.operations.next(), if !self.operations.is_empty() => {
                    self.write(update).await
                }
                () = &mut deadline => {
                    let close = if signed_in { Close::FORBIDDEN } else { Close::INIT_TIMEOUT };
                    Err(End::Close(close))
                }
                () = &mut self.ended => Err(End::Close(Close::SESSION_ENDED)),
                () = &mut overdue, if self.flush_by.is_some() => self.flush().await,
                _ = pings.tick() => self.ping().await,
                () = &mut stopped, if !self.stopping => {
                    self.stop();
                    Ok(())
                }
            };
            if let Err(end) = step {
                return end;
            }
            if let Some(viewer) = self.viewer.as_ref().filter(|_| !signed_in) {
                let good_for = auth::good_for(&self.state, viewer);
                deadline.as_mut().reset(tokio::time::Instant::now() + good_for);
            }
            if let Some(by) = self.flush_by.filter(|by| *by != overdue.deadline()) {
                overdue.as_mut().reset(by);
            }
            if self.stopping && self.running.is_empty() {
                return End::Close(Close::GOING_AWAY);
            }
        }
    }

    /// Ends subscriptions and lets queries and mutations finish; what comes from now on is not begun. Subscriptions get no
    /// `complete`: to a client that would mean that nothing more is to come, while after the close it connects and
    /// subscribes again.
    fn stop(&mut self) {
        self.stopping = true;
        self.running.retain(|_, running| {
            if running.subscription.is_some() {
                running.abort.abort();
            }
            running.subscription.is_none()
        });
    }

    async fn ping(&mut self) -> Step {
        let every = Duration::from_secs(self.state.config.limits.ping_seconds);
        if self.heard.elapsed() >= 2 * every {
            return Err(End::Gone);
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    /// Takes a message and what else has come, then flushes once.
    async fn read(&mut self, first: Option<Result<Message, axum::Error>>) -> Step {
        self.incoming(first).await?;
        for _ in 1..BATCH {
            let Some(next) = self.socket.recv().now_or_never() else { break };
            self.incoming(next).await?;
        }
        if self.unflushed { self.flush().await } else { Ok(()) }
    }

    async fn incoming(&mut self, message: Option<Result<Message, axum::Error>>) -> Step {
        self.heard = Instant::now();
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(End::Close(Close::INVALID)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(_))) => return Err(End::Goodbye),
            Some(Err(error)) => return Err(End::of(&error)),
            None => return Err(End::Gone),
        };
        match Incoming::parse(&text).ok_or(End::Close(Close::INVALID))? {
            // Boxed, as it would make every session's task larger for as long as it lives.
            Incoming::Init(payload) => self.sign_in(payload.as_ref()).boxed().await,
            Incoming::Ping => self.send(Message::text(PONG)).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { id, params } => self.begin(id.into(), *params).await,
            Incoming::Complete { id } => {
                if let Some(running) = self.running.remove(&*id) {
                    running.abort.abort();
                }
                Ok(())
            }
        }
    }

    /// Writes an update and what else is ready, then flushes once.
    async fn write(&mut self, first: Update) -> Step {
        let mut update = Some(first);
        let mut written = 0;
        while let Some(Update { id, frame, last }) = update {
            if last {
                self.running.remove(&id);
            }
            self.feed(Message::text(frame)).await?;
            written += 1;
            update = if written < BATCH && !self.operations.is_empty() {
                self.operations.next().now_or_never().flatten()
            } else {
                None
            };
        }
        self.flush().await
    }

    async fn feed(&mut self, message: Message) -> Step {
        let fed = timeout(self.write_wait, self.socket.feed(message)).await;
        fed.map_err(|_| End::Gone)?.map_err(|_| End::Gone)
    }

    async fn flush(&mut self) -> Step {
        (self.unflushed, self.flush_by) = (false, None);
        let flushed = timeout(self.write_wait, self.socket.flush()).await;
        flushed.map_err(|_| End::Gone)?.map_err(|_| End::Gone)
    }

    async fn send(&mut self, message: Message) -> Step {
        let sent = timeout(self.write_wait, self.socket.send(message)).await;
        sent.map_err(|_| End::Gone)?.map_err(|_| End::Gone)
    }
}
