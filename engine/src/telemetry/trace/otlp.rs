//! Sends finished spans to a collector: OTLP over HTTP, in JSON, in batches. Bounded: if the collector is slow or away, spans are
//! lost and counted, and nothing else notices.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::TRACING;
use super::context::Context;
use super::span::Attribute;

/// Spans waiting to be sent.
const WAITING: usize = 8_192;
/// Spans in one request, and how long the first of them waits for more.
const BATCH: (usize, Duration) = (1_024, Duration::from_secs(1));
/// Longest wait for the collector's answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for it when the engine stops.
const FAREWELL: Duration = Duration::from_secs(2);

static LOST: AtomicU64 = AtomicU64::new(0);

/// Counts spans that no collector will see.
pub(super) fn lost(spans: u64) {
    LOST.fetch_add(spans, Ordering::Relaxed);
}

/// How many so far.
pub fn lost_so_far() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// Why an endpoint can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no address.
    #[error("tracing.otlp_endpoint is no http:// or https:// address")]
    Address,
    /// No client could be made.
    #[error("tracing.otlp_endpoint: {0}")]
    Client(#[from] reqwest::Error),
}

/// A span that is over. Times are moments of `telemetry::now`.
#[derive(Debug)]
pub struct Finished {
    pub(super) context: Context,
    pub(super) parent: Option<u64>,
    pub(super) name: String,
    pub(super) from_outside: bool,
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) attributes: Vec<Attribute>,
    pub(super) links: Vec<Context>,
    pub(super) failed: bool,
}

/// The task that sends; to be finished when the engine stops.
#[derive(Debug)]
pub struct Exporting {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Sends what is waiting, but not for long.
    pub async fn finish(self) {
        drop(self.stop);
        if tokio::time::timeout(FAREWELL, self.task).await.is_err() {
            tracing::warn!("the last spans could not be sent in time");
        }
    }
}

/// Begins to send. An address without a path means the usual one, `/v1/traces`.
pub(super) fn start(endpoint: &str) -> Result<(mpsc::Sender<Finished>, Exporting), Unusable> {
    let mut url = Url::parse(endpoint).map_err(|_| Unusable::Address)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Unusable::Address);
    }
    if matches!(url.path(), "" | "/") {
        url.set_path("/v1/traces");
    }
    let builder =
        reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    // Over plain HTTP no certificates are needed, and a machine may have none.
    let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
    let client = builder.build()?;
    let (spans, finished) = mpsc::channel(WAITING);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run(client, url, finished, stopped));
    Ok((spans, Exporting { stop, task }))
}

async fn run(
    client: reqwest::Client,
    url: Url,
    mut finished: mpsc::Receiver<Finished>,
    mut stopped: oneshot::Receiver<()>,
) {
    let (mut away, mut stopping) = (false, false);
    loop {
        let mut batch = Vec::new();
        tokio::select! {
            first = finished.recv() => match first {
                Some(first) => batch.push(first),
                None => return,
            },
            _ = &mut stopped, if !stopping => {
                stopping = true;
                finished.close();
            }
        }
        let more = async {
            while batch.len() < BATCH.0 && finished.recv_many(&mut batch, BATCH.0).await > 0 {}
        };
        tokio::select! {
            () = more => {}
            () = tokio::time::sleep(BATCH.1) => {}
            _ = &mut stopped, if !stopping => {
                stopping = true;
                finished.close();
            }
        }
        let sent = send(&client, &url, &batch).await;
        if let Err(problem) = &sent {
            lost(batch.len() as u64);
            if !away {
                tracing::warn!(%problem, "spans can't be sent; more are tried and lost silently until one batch arrives");
            }
        } else if away {
            tracing::info!("spans are taken again");
        }
        away = sent.is_err();
    }
}

async fn send(client: &reqwest::Client, url: &Url, batch: &[Finished]) -> Result<(), String> {
    if batch.is_empty() {
        return Ok(());
    }
    let epoch = TRACING.get().map_or(0, |tracing| tracing.epoch);
    let body = request(batch, epoch).to_string();
    let request =
        client.post(url.clone()).header("content-type", "application/json").body(body).send();
    // An error's words may hold the address, and that a key.
    let answer = request.await.map_err(|error| error.without_url().to_string())?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("the collector answers {status}")) }
}

/// As OTLP's JSON encoding has it: ids in hexadecimal, numbers of 64 bits as texts.
fn request(batch: &[Finished], epoch: u64) -> Value {
    let word = |key: &str, word: &str| json!({ "key": key, "value": { "stringValue": word } });
    let spans: Vec<Value> = batch.iter().map(|finished| span(finished, epoch)).collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceSpans": [{
        "resource": { "attributes": [word("service.name", "rialto"), word("service.version", version)] },
        "scopeSpans": [{
            "scope": { "name": "rialto", "version": version },
            "spans": spans,
        }],
    }] })
}

fn span(it: &Finished, epoch: u64) -> Value {
    const INTERNAL: u8 = 1;
    const SERVER: u8 = 2;
    const ERROR: u8 = 2;
    let identity = |context: &Context| json!({ "traceId": format!("{:032x}", context.trace), "spanId": format!("{:016x}", context.span) });
    let attributes = it.attributes.iter().map(|attribute| match attribute {
        Attribute::Word(key, word) => json!({ "key": key, "value": { "stringValue": word } }),
        Attribute::Number(key, number) => {
            json!({ "key": key, "value": { "intValue": number.to_string() } })
        }
    });
    let mut span = identity(&it.context);
    let more = json!({
        "name": it.name,
        "kind": if it.from_outside { SERVER } else { INTERNAL },
        "startTimeUnixNano": (epoch + it.began).to_string(),
        "endTimeUnixNano": (epoch + it.ended).to_string(),
        "attributes": attributes.collect::<Vec<_>>(),
        "links": it.links.iter().map(identity).collect::<Vec<_>>(),
        "status": if it.failed { json!({ "code": ERROR }) } else { json!({}) },
    });
    if let (Some(span), Value::Object(mut more)) = (span.as_object_mut(), more) {
        span.append(&mut more);
        if let Some(parent) = it.parent {
            span.insert("parentSpanId".to_owned(), format!("{parent:016x}").into());
        }
    }
    span
}
