//! Whether the process lives, and whether it can do its work: what failed is named, what is private is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::HttpState;
use super::door::{self, Bounds};
use crate::graphql::Rooms;
use crate::graphql::errors::retry_error;
use crate::outbox::Lag;
use crate::search::SearchState;
use crate::telemetry::heartbeat::Heartbeat;
use crate::telemetry::memory;
use crate::telemetry::store::out_of_space_for;

/// A follower of the log that is further behind is worth a look.
const TOLERATED_LAG: Duration = Duration::from_secs(10);
/// Longest wait for the store.
const PATIENCE: Duration = Duration::from_secs(2);
/// Commits that have waited so long without a writer getting on are stuck.
const STALLED: Duration = Duration::from_secs(10);

/// What was looked at, in order, and the first that failed.
#[derive(Debug, Default)]
struct Checks {
    all: Map<String, Value>,
    failed: Option<&'static str>,
}

impl Checks {
    /// `problem`: what is wrong, in words for everybody. `detail`: figures.
    fn add(&mut self, name: &'static str, problem: Option<&'static str>, detail: Value) {
        let mut check = json!({ "ok": problem.is_none() });
        if let (Some(check), Value::Object(mut detail)) = (check.as_object_mut(), detail) {
            check.append(&mut detail);
            check.extend(problem.map(|problem| ("problem".to_owned(), problem.into())));
        }
        self.all.insert(name.to_owned(), check);
        self.failed = self.failed.or(problem);
    }

    fn code(&self) -> StatusCode {
        if self.failed.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }

    fn answer(self, good: &str, bad: &str, more: Value) -> Response {
        let code = self.code();
        let status = if self.failed.is_none() { good } else { bad };
        let mut body = json!({ "status": status, "reason": self.failed, "checks": self.all });
        if let (Some(body), Value::Object(mut more)) = (body.as_object_mut(), more) {
            body.append(&mut more);
        }
        (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

/// The runtime gets round to its tasks.
pub async fn live(State(state): State<HttpState>) -> Response {
    alive(&state.heartbeat)
}

fn alive(heartbeat: &Heartbeat) -> Response {
    let mut checks = Checks::default();
    let problem = heartbeat.is_stuck().then_some("the runtime is stuck");
    let detail = json!({ "secondsSinceBeat": heartbeat.silent_for().as_secs_f64() });
    checks.add("runtime", problem, detail);
    checks.answer("live", "stuck", Value::Null)
}

/// Messages can be taken: the engine is not stopping, the store answers, filters and policy are loaded, commits get on, and the
/// disk has room.
pub async fn ready(State(state): State<HttpState>) -> Response {
    look(&state).await.answer("ready", "unavailable", Value::Null)
}

/// The same with how far the followers of the log are, whether search answers and whether memory is short. Followers may lag
/// without harm to messages, and who is told `BUSY` may come again, so that alone leaves the status at 200: `degraded`.
pub async fn details(State(state): State<HttpState>) -> Response {
    let checks = look(&state).await;
    let (mut outbox, mut search) = (Vec::new(), None);
    if let Some(rooms) = state.executor.rooms() {
        outbox = rooms.outbox.lags();
        search = Some(rooms.search.state());
    }
    let behind = |lag: &Lag| lag.trouble.is_some() || lag.set_aside > 0 || lag.age > TOLERATED_LAG;
    let memory = memory::standing();
    let short = memory.is_some_and(|memory| memory.short);
    let degraded = short || outbox.iter().any(behind) || search != Some(SearchState::Ready);
    let outbox: Vec<_> = outbox.iter().map(lag_json).collect();
    let search = search.map(|state| match state {
        SearchState::Ready => "ready",
        SearchState::Building => "building",
        SearchState::Unavailable => "unavailable",
    });
    let good = if degraded { "degraded" } else { "ok" };
    let memory = memory
        .map(|it| json!({ "heldBytes": it.held, "ceilingBytes": it.ceiling, "short": it.short }));
    let more = json!({ "outbox": outbox, "search": search, "memory": memory });
    checks.answer(good, "unavailable", more)
}

/// Why a batch failed may name what is not for everybody: only that it did.
fn lag_json(lag: &Lag) -> Value {
    json!({
        "consumer": lag.consumer,
        "lagGroups": lag.groups,
        "lagSeconds": lag.age.as_secs_f64(),
        "setAside": lag.set_aside,
        "failing": lag.trouble.is_some(),
    })
}

async fn look(state: &HttpState) -> Checks {
    let mut checks = Checks::default();
    checks.add("running", state.stopping().then_some("stopping"), Value::Null);
    let Some(rooms) = state.executor.rooms() else {
        checks.add("store", Some("no store"), Value::Null);
        return checks;
    };
    let began = Instant::now();
    let problem = match tokio::time::timeout(PATIENCE, rooms.store.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the store does not answer");
            Some("the store does not answer")
        }
        Err(_) => Some("the store is slow"),
    };
    checks.add("store", problem, json!({ "seconds": began.elapsed().as_secs_f64() }));
    let (live, broken) = rooms.releases.judging();
    let problem = (!rooms.releases.is_loaded()).then_some("filters and policy are not loaded");
    checks.add("filters", problem, json!({ "live": live, "broken": broken }));
    let stalled = rooms.store.stalled();
    let problem = (stalled > STALLED).then_some("commits are stuck");
    checks.add("commits", problem, json!({ "stalledSeconds": stalled.as_secs_f64() }));
    checks.add("disk", disk(rooms).await, Value::Null);
    checks
}

/// After a commit failed for want of space nobody may send any more, so that no commit would tell that there is room again:
/// writing a little does.
async fn disk(rooms: &Rooms) -> Option<&'static str> {
    out_of_space_for()?;
    match tokio::time::timeout(PATIENCE, rooms.store.try_write()).await {
        Ok(Ok(())) => None,
        Ok(Err(_)) | Err(_) => Some("the disk is full"),
    }
}

/// How far the start has come; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Starting(Arc<AtomicU8>);

/// The steps of a start, in order: what each check of readiness waits for.
const STEPS: [(&str, &str); 2] =
    [("store", "the store is being opened"), ("filters", "filters and policy are being loaded")];

impl Starting {
    /// One more step is done.
    pub fn done(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn look(&self) -> Checks {
        let done = usize::from(self.0.load(Ordering::Relaxed));
        let mut checks = Checks::default();
        for (step, (name, doing)) in STEPS.into_iter().enumerate() {
            checks.add(name, (step >= done).then_some(doing), Value::Null);
        }
        checks.add("running", Some("starting"), Value::Null);
        checks
    }

    /// Answers at this address until `over`, when the engine itself does: that the process lives, that it is not ready and why
    /// not, and everything else with "try again".
    pub async fn serve(
        self,
        listener: TcpListener,
        bounds: Bounds,
        heartbeat: Heartbeat,
        over: impl Future<Output = ()> + Send + 'static,
    ) {
        let not_ready = move || {
            let answer = self.look().answer("", "starting", Value::Null);
            async move { answer }
        };
        let live = move || {
            let answer = alive(&heartbeat);
            async move { answer }
        };
        let app = Router::new()
            .route("/health", get(not_ready.clone()))
            .route("/health/ready", get(not_ready))
            .route("/health/live", get(live))
            .fallback(try_again);
        door::serve(listener, app, bounds, over).await;
    }
}

async fn try_again() -> Response {
    let error = retry_error("UNAVAILABLE", "The engine is starting. Try again shortly.", 1);
    super::failure(StatusCode::SERVICE_UNAVAILABLE, super::negotiate::Media::Json, error)
}
