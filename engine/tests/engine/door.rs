//! Promise 9 at the door: connections that say nothing, say it slowly, or take nothing, are bounded in number and in time.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::raw::{RawSocket, address, connect, figure, figure_until, read_to_end};
use crate::support::{EVENTS, Engine, send, start};

const CUT: &str = "rialto_tcp_connections_cut_total";

/// Asks and reads the head of the answer, leaving the connection open.
async fn ask(stream: &mut TcpStream) -> Option<String> {
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await.ok()?;
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("secondsSinceBeat") {
        let mut block = [0; 4096];
        match stream.read(&mut block).await {
            Ok(count @ 1..) => seen.extend_from_slice(&block[..count]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&seen).into_owned())
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off_and_a_quiet_connection_is_not() {
    let engine =
        Engine::with(&[("RIALTO_LIMITS__HEAD_SECONDS", "1"), ("RIALTO_LIMITS__IDLE_SECONDS", "4")]);
    let mut quiet = connect(&engine).await;
    assert!(ask(&mut quiet).await.is_some());
    let asked = Instant::now();
    let mut slow = connect(&engine).await;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n").await.expect("written");
    let began = Instant::now();
    let (mut reading, mut writing) = slow.into_split();
    let trickle = tokio::spawn(async move {
        while writing.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut told = Vec::new();
    let _ = reading.read_to_end(&mut told).await;
    let (told, took) = (String::from_utf8_lossy(&told).into_owned(), began.elapsed());
    trickle.abort();
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("\"TIMEOUT\""), "{told:?}");
    assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert!(figure(&engine, CUT, "head").await >= 1.0);
    // Longer than a head may take, shorter than a connection may wait for its next request.
    tokio::time::sleep(Duration::from_secs(2).saturating_sub(asked.elapsed())).await;
    assert!(ask(&mut quiet).await.is_some(), "a connection between two requests has more time");
    let silent = Instant::now();
    assert_eq!(read_to_end(&mut quiet).await.as_deref(), Some(""), "closed without a word");
    let waited = silent.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_body_that_trickles_is_told_that_it_is_late() {
    let engine = Engine::with(&[("RIALTO_LIMITS__REQUEST_SECONDS", "1")]);
    let began = Instant::now();
    let mut slow = connect(&engine).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    slow.write_all(head.as_bytes()).await.expect("written");
    let (mut reading, mut writing) = slow.into_split();
    let trickle = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut told = [0; 4096];
    let count = reading.read(&mut told).await.expect("an answer");
    trickle.abort();
    let told = String::from_utf8_lossy(&told[..count]).into_owned();
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("\"TIMEOUT\""), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn bodies_that_arrive_slowly_fill_no_memory_together() {
    let engine = Engine::with(&[("RIALTO_LIMITS__BODIES_MIB", "2")]);
    let head = |length: usize| {
        format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let mut slow = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&engine).await;
        stream.write_all(head(900_000).as_bytes()).await.expect("written");
        stream.write_all(&vec![b' '; 850_000]).await.ok();
        slow.push(stream);
    }
    let mut told = String::new();
    for stream in &mut slow {
        let mut block = [0; 4096];
        let read = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut block)).await;
        if let Ok(Ok(count)) = read {
            told = String::from_utf8_lossy(&block[..count]).into_owned();
        }
    }
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("\"BUSY\""), "{told:?}");
    assert!(told.contains("retryAfterSeconds") && told.contains("retry-after: "), "{told:?}");
    drop(slow);
    let mut stream = connect(&engine).await;
    let body = " ".repeat(900_000) + r#"{"query":"{ __typename }"}"#;
    stream.write_all((head(body.len()) + &body).as_bytes()).await.expect("written");
    let mut block = [0; 4096];
    let count = stream.read(&mut block).await.expect("an answer");
    let told = String::from_utf8_lossy(&block[..count]).into_owned();
    assert!(told.starts_with("HTTP/1.1 200 "), "there is room again: {told}");
}

#[tokio::test]
async fn connections_that_never_speak_take_no_more_than_there_is() {
    let engine = Engine::with(&[("RIALTO_LIMITS__TCP_CONNECTIONS", "20")]);
    let mut silent = Vec::new();
    while silent.len() < 20 {
        silent.push(connect(&engine).await);
    }
    let mut one_more = connect(&engine).await;
    one_more.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let told = read_to_end(&mut one_more).await.expect("an answer and the end");
    assert!(told.starts_with("HTTP/1.1 503 "), "{told:?}");
    assert!(told.contains("\"TOO_MANY_CONNECTIONS\"") && told.contains("retry-after: "), "{told}");
    drop(silent);
    figure_until(&engine, "rialto_tcp_connections", "", |open| open < 3.0).await;
    assert!(figure(&engine, CUT, "full").await >= 1.0);
    assert!(ask(&mut connect(&engine).await).await.is_some(), "there is room again");
}

#[tokio::test]
async fn one_address_takes_no_more_than_its_share() {
    let engine = Engine::with(&[("RIALTO_LIMITS__TCP_CONNECTIONS_PER_ADDRESS", "5")]);
    let mut silent = Vec::new();
    while silent.len() < 5 {
        silent.push(connect(&engine).await);
    }
    let mut one_more = connect(&engine).await;
    one_more.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let told = read_to_end(&mut one_more).await.expect("an answer and the end");
    assert!(told.starts_with("HTTP/1.1 503 "), "{told:?}");
    let elsewhere = TcpSocket::new_v4().expect("a socket");
    if elsewhere.bind("127.0.0.2:0".parse().expect("an address")).is_err() {
        eprintln!("skipped: this system has one loopback address");
        return;
    }
    let mut elsewhere =
        elsewhere.connect(address(&engine).parse().expect("an address")).await.expect("connected");
    assert!(ask(&mut elsewhere).await.is_some(), "others are served");
}

#[tokio::test]
async fn who_takes_nothing_is_let_go() {
    let engine = Engine::with(&[("RIALTO_LIMITS__WRITE_SECONDS", "1")]);
    let mut greedy = connect(&engine).await;
    // Answers of some sixty kilobytes each, none of them read.
    for _ in 0..400 {
        let asked = greedy.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
        if tokio::time::timeout(Duration::from_millis(200), asked).await.is_err() {
            break;
        }
    }
    figure_until(&engine, CUT, "stalled", |cut| cut >= 1.0).await;
}

#[tokio::test]
async fn a_socket_whose_client_is_gone_without_a_word_is_let_go_with_all_it_had() {
    let engine = Engine::with(&[("RIALTO_LIMITS__PING_SECONDS", "1")]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let mut dead = RawSocket::signed_in(&engine, &engine.token("sam", "user")).await;
    let subscribe = serde_json::json!({ "id": "1", "type": "subscribe",
        "payload": { "query": EVENTS, "variables": { "id": id } } });
    dead.say(&subscribe.to_string()).await;
    assert_eq!(dead.hear().await.expect("a snapshot")["type"], "next");
    assert!(figure(&engine, "rialto_subscriptions", "conversationEvents").await >= 1.0);
    // From now on it neither reads nor answers pings; another client, whose library answers them, stays.
    figure_until(&engine, "rialto_subscriptions", "conversationEvents", |open| open < 1.0).await;
    figure_until(&engine, "rialto_connections_closed_total", "gone", |gone| gone >= 1.0).await;
    figure_until(&engine, "rialto_connections", "websocket", |open| open < 2.0).await;
    let payload = send(&ann, &id, "2", "Who answers pings stays").await.expect("still connected");
    assert_eq!(payload["message"]["status"], "SENT");
    drop(dead);
}
