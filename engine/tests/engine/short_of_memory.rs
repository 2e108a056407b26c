//! A ceiling of memory: above it what can come later is told to, what only reads is answered, and below it all is well again.

use rialto_client::{Client, ClientError};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::raw::{connect, figure};
use crate::support::{EVENTS, Engine, PATIENCE, SEND, send, start};

const MIB: u64 = 1024 * 1024;

async fn health(engine: &Engine) -> (u16, Value) {
    let answer = reqwest::get(format!("{}/health", engine.url)).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

async fn until_short(engine: &Engine, short: bool) -> Value {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let (status, body) = health(engine).await;
        if body["memory"]["short"] == json!(short) {
            assert_eq!(status, 200, "who reads is still served: {body}");
            return body;
        }
        assert!(std::time::Instant::now() < deadline, "it should be {short}: {body}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn post(engine: &Engine, token: &str, body: &Value) -> Value {
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", engine.url))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = request.send().await.expect("an answer");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

fn assert_busy(errors: &Value) {
    assert_eq!(errors[0]["extensions"]["code"], "BUSY", "{errors}");
    assert!(errors[0]["extensions"]["retryAfterSeconds"].is_number(), "{errors}");
}

/// A file of which the end is never sent.
async fn endless_upload(engine: &Engine, token: &str, bytes: usize) -> TcpStream {
    let mut stream = connect(engine).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n",
        bytes + 1_000_000
    );
    let part = |name: &str, content: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
    };
    let operations = part("operations", r#"{"query":"{ __typename }","variables":{"f":null}}"#);
    let map = part("map", r#"{"0":["variables.f"]}"#);
    let file = "--x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"f\"\r\n\r\n";
    stream.write_all(format!("{head}{operations}{map}{file}").as_bytes()).await.expect("written");
    // It is turned away before its end if memory is short by then.
    let _ = stream.write_all(&vec![b'x'; bytes]).await;
    stream
}

#[tokio::test]
async fn above_its_ceiling_the_engine_serves_who_reads_and_nobody_else() {
    let engine = Engine::with(&[("RIALTO_LIMITS__MEMORY_MIB", "1")]);
    let body = until_short(&engine, true).await;
    assert_eq!(body["status"], "degraded", "{body}");
    let ready = reqwest::get(format!("{}/health/ready", engine.url)).await.expect("an answer");
    assert_eq!(ready.status(), 200, "reads are served");
    let token = engine.token("ann", "user");
    let viewer = post(&engine, &token, &json!({ "query": "{ viewer { id } }" })).await;
    assert_eq!(viewer["errors"], Value::Null, "{viewer}");
    let variables = json!({ "id": "conversation:x", "clientId": "1", "body": "Hello" });
    let sent = post(&engine, &token, &json!({ "query": SEND, "variables": variables })).await;
    assert_busy(&sent["errors"]);
    let connected = Client::connect(&engine.ws_url(), &token).await;
    assert!(
        matches!(&connected, Err(ClientError::Socket(error)) if error.to_string().contains("503"))
    );
    assert!(figure(&engine, "rialto_busy_total", "memory").await >= 2.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_recovers_when_memory_is_free_again() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let idle = Engine::at(dir.path(), &[("RIALTO_LIMITS__MEMORY_MIB", "1")]);
    idle.log_until("memory is short").await;
    // What the engine takes when nobody asks anything of it, and some for what the test asks.
    let held = health(&idle).await.1["memory"]["heldBytes"].as_u64().expect("a number");
    drop(idle);
    let ceiling = (held / MIB + 60).to_string();
    let engine = Engine::at(dir.path(), &[("RIALTO_LIMITS__MEMORY_MIB", &ceiling)]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let _events = ann.subscribe(EVENTS, json!({ "id": id }));
    until_short(&engine, false).await;
    let admin = engine.token("boss", "admin");
    let mut uploads = Vec::new();
    for _ in 0..4 {
        uploads.push(endless_upload(&engine, &admin, 30 * 1024 * 1024).await);
    }
    until_short(&engine, true).await;
    match send(&ann, &id, "2", "Is there room?").await {
        Err(ClientError::GraphQl(errors)) => assert_busy(&errors),
        other => panic!("no room was expected: {other:?}"),
    }
    let mut second = ann.subscribe(EVENTS, json!({ "id": id }));
    match second.next().await {
        Some(Err(ClientError::GraphQl(errors))) => assert_busy(&errors),
        other => panic!("no room was expected: {other:?}"),
    }
    assert!(ann.execute("{ viewer { id } }", json!({})).await.is_ok(), "reads are served");
    drop(uploads);
    until_short(&engine, false).await;
    let payload = send(&ann, &id, "2", "Is there room?").await.expect("there is");
    assert_eq!(payload["message"]["status"], "SENT");
}
