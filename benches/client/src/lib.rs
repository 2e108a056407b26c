//! A small client of `graphql-transport-ws`: many operations on one socket, for tests and load.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Operations = Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Value>>>>;

/// What can go wrong on the client's side.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The socket could not be opened or broke.
    #[error("socket: {0}")]
    Socket(#[from] tungstenite::Error),
    /// The server closed it.
    #[error("closed by the server: {code} {reason}")]
    Closed {
        /// WebSocket close code; 1006 if there was none.
        code: u16,
        /// The server's words.
        reason: String,
    },
    /// The server answered with GraphQL errors.
    #[error("GraphQL: {0}")]
    GraphQl(Value),
    /// The server sent what the protocol does not allow here.
    #[error("unexpected message: {0}")]
    Unexpected(String),
}

/// One authenticated socket. Dropping it closes the socket.
#[derive(Debug)]
pub struct Client {
    outgoing: mpsc::UnboundedSender<Message>,
    operations: Operations,
    closed: watch::Receiver<Option<(u16, String)>>,
    next_id: AtomicU64,
}

impl Client {
    /// Opens `ws://…/graphql` and says who we are.
    pub async fn connect(url: &str, token: &str) -> Result<Self, ClientError> {
        Self::connect_with(url, json!({ "authorization": format!("Bearer {token}") })).await
    }

    /// Opens the socket with this `connection_init` payload.
    pub async fn connect_with(url: &str, init: Value) -> Result<Self, ClientError> {
        Self::connect_as(url, &[], init).await
    }

    /// The same with further headers of the upgrade request, such as a cookie.
    pub async fn connect_as(
        url: &str,
        headers: &[(&'static str, &str)],
        init: Value,
    ) -> Result<Self, ClientError> {
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(tungstenite::http::Error::from);
            request.headers_mut().insert(*name, value.map_err(tungstenite::Error::from)?);
        }
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        let (mut socket, _) =
            tokio_tungstenite::connect_async_with_config(request, None, true).await?;
        let init = json!({ "type": "connection_init", "payload": init });
        socket.send(Message::text(init.to_string())).await?;
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) if text.contains("connection_ack") => break,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = close_reason(frame.as_ref());
                    return Err(ClientError::Closed { code, reason });
                }
                Some(Ok(other)) => return Err(ClientError::Unexpected(other.to_string())),
                Some(Err(error)) => return Err(error.into()),
                None => return Err(closed_without_word()),
            }
        }
        let operations = Operations::default();
        let (outgoing, queue) = unbounded();
        let (report, closed) = watch::channel(None);
        tokio::spawn(pump(socket, queue, Arc::clone(&operations), report));
        Ok(Self { outgoing, operations, closed, next_id: AtomicU64::new(0) })
    }

    /// Runs a query or mutation and returns its `data`.
    pub async fn execute(&self, query: &str, variables: Value) -> Result<Value, ClientError> {
        let mut operation = self.subscribe(query, variables);
        let Some(payload) = operation.next_payload().await else {
            return Err(self.close_error());
        };
        data(payload)
    }

    /// Starts an operation that gives many results.
    #[expect(clippy::needless_pass_by_value, reason = "callers write `json!` in place")]
    pub fn subscribe(&self, query: &str, variables: Value) -> Operation {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed).to_string();
        let (results, incoming) = unbounded();
        lock(&self.operations).insert(id.clone(), results);
        let payload = json!({ "query": query, "variables": variables });
        let subscribe = json!({ "id": id, "type": "subscribe", "payload": payload });
        if self.outgoing.send(Message::text(subscribe.to_string())).is_err() {
            lock(&self.operations).remove(&id);
        }
        Operation {
            id,
            incoming,
            operations: Arc::clone(&self.operations),
            outgoing: self.outgoing.clone(),
        }
    }

    /// Waits until the server closes the socket: its close code and words.
    pub async fn closed(&self) -> (u16, String) {
        let mut closed = self.closed.clone();
        match closed.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or((1006, String::new())),
            Err(_) => (1006, String::new()),
        }
    }

    fn close_error(&self) -> ClientError {
        let reason = self.closed.borrow().clone();
        reason
            .map_or_else(closed_without_word, |(code, reason)| ClientError::Closed { code, reason })
    }
}

/// A running operation. Dropping it completes it.
#[derive(Debug)]
pub struct Operation {
    id: String,
    incoming: mpsc::UnboundedReceiver<Value>,
    operations: Operations,
    outgoing: mpsc::UnboundedSender<Message>,
}

impl Operation {
    /// The next result's `data`; `None` when the operation or the socket ended.
    pub async fn next(&mut self) -> Option<Result<Value, ClientError>> {
        self.next_payload().await.map(data)
    }

    async fn next_payload(&mut self) -> Option<Value> {
        self.incoming.recv().await
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if lock(&self.operations).remove(&self.id).is_some() {
            let complete = json!({ "id": self.id, "type": "complete" });
            let _ = self.outgoing.send(Message::text(complete.to_string()));
        }
    }
}

/// The caller bounds what is in flight, as tests and load drivers know how much they ask for.
#[expect(clippy::disallowed_methods, reason = "see above")]
fn unbounded<T>() -> (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    mpsc::unbounded_channel()
}

/// Moves frames between the socket and the operations until either side ends.
async fn pump(
    mut socket: Socket,
    mut queue: mpsc::UnboundedReceiver<Message>,
    operations: Operations,
    report: watch::Sender<Option<(u16, String)>>,
) {
    let mut reason = (1006, String::new());
    loop {
        tokio::select! {
            outgoing = queue.recv() => {
                let Some(message) = outgoing else {
                    let _ = socket.close(None).await;
                    break;
                };
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            incoming = socket.next() => match incoming {
                Some(Ok(Message::Text(text))) => deliver(&text, &operations),
                Some(Ok(Message::Close(frame))) => {
                    reason = close_reason(frame.as_ref());
                    break;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
        }
    }
    report.send_replace(Some(reason));
    lock(&operations).clear();
}

fn deliver(text: &str, operations: &Operations) {
    let Ok(mut message) = serde_json::from_str::<Value>(text) else { return };
    let id = message["id"].as_str().unwrap_or_default().to_owned();
    match message["type"].as_str() {
        Some("next") => {
            if let Some(operation) = lock(operations).get(&id) {
                let _ = operation.send(message["payload"].take());
            }
        }
        Some("error") => {
            if let Some(operation) = lock(operations).remove(&id) {
                let _ = operation.send(json!({ "errors": message["payload"].take() }));
            }
        }
        Some("complete") => {
            lock(operations).remove(&id);
        }
        _ => {}
    }
}

fn data(mut payload: Value) -> Result<Value, ClientError> {
    if payload["errors"].is_null() {
        Ok(payload["data"].take())
    } else {
        Err(ClientError::GraphQl(payload["errors"].take()))
    }
}

fn close_reason(frame: Option<&tungstenite::protocol::CloseFrame>) -> (u16, String) {
    frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()))
}

fn closed_without_word() -> ClientError {
    ClientError::Closed { code: 1006, reason: "the connection broke".to_owned() }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
