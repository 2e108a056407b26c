//! Frames nobody should send: each ends its own socket with the code that says why, and the engine goes on.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::time::{Duration, sleep};

use crate::raw::{BINARY, CLOSE, CONTINUATION, PING, RawSocket, TEXT, figure_until, masked};
use crate::support::{Engine, send, start};

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x40;

#[tokio::test]
async fn each_breach_of_the_framing_ends_its_socket_with_its_code() {
    let engine = Engine::start();
    let token = engine.token("ann", "user");
    let huge = {
        let mut frame = vec![FIN | TEXT, 0x80 | 127];
        frame.extend_from_slice(&(1_u64 << 62).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame
    };
    let unmasked = [FIN | TEXT, 15].iter().chain(br#"{"type":"ping"}"#).copied().collect();
    let cases: [(&str, u16, Vec<u8>); 9] = [
        ("a binary frame", 4400, masked(FIN | BINARY, b"\x01\x02")),
        ("no UTF-8", 1007, masked(FIN | TEXT, b"{\"type\":\"\xff\xfe\"}")),
        ("a reserved bit", 1002, masked(FIN | RESERVED | TEXT, b"{}")),
        ("an unknown kind", 1002, masked(FIN | 3, b"")),
        ("a control frame in pieces", 1002, masked(PING, b"")),
        ("a control frame too long", 1002, masked(FIN | PING, &[0; 126])),
        ("a continuation of nothing", 1002, masked(FIN | CONTINUATION, b"x")),
        ("a client that doesn't mask", 1002, unmasked),
        ("a length of 2^62", 1009, huge),
    ];
    for (what, code, bytes) in cases {
        let mut socket = RawSocket::signed_in(&engine, &token).await;
        socket.bytes(&bytes).await;
        assert_eq!(socket.close_code().await, Some(code), "{what}");
        let mut unknown = RawSocket::open(&engine).await;
        unknown.bytes(&bytes).await;
        assert_eq!(unknown.close_code().await, Some(code), "{what}, before signing in");
    }
    figure_until(&engine, "rialto_connections", "websocket", |open| open < 1.0).await;
}

#[tokio::test]
async fn a_message_that_never_ends_is_cut_off_and_a_flood_of_pings_is_no_harm() {
    let engine = Engine::start();
    let token = engine.token("ann", "user");
    let mut endless = RawSocket::signed_in(&engine, &token).await;
    let mut taken = endless.frame(TEXT, &[b' '; 10_000]).await;
    let mut pieces = 1;
    while taken && pieces < 1_000 {
        taken = endless.frame(CONTINUATION, &[b' '; 10_000]).await;
        pieces += 1;
        // Past what a message may have.
        if pieces > 110 {
            break;
        }
    }
    assert_eq!(endless.close_code().await, Some(1009));
    let mut nothing = RawSocket::signed_in(&engine, &token).await;
    nothing.frame(TEXT, b"").await;
    for _ in 0..20_000 {
        assert!(nothing.frame(CONTINUATION, b"").await, "empty pieces take no room");
    }
    nothing.frame(FIN | CONTINUATION, br#"{"type":"ping"}"#).await;
    assert_eq!(nothing.hear().await.expect("an answer")["type"], "pong");
    let mut eager = RawSocket::signed_in(&engine, &token).await;
    for _ in 0..5_000 {
        assert!(eager.frame(FIN | PING, b"there?").await);
    }
    eager.say(r#"{"type":"ping"}"#).await;
    assert_eq!(eager.hear().await.expect("an answer")["type"], "pong");
    eager.frame(FIN | CLOSE, &1000_u16.to_be_bytes()).await;
    assert_eq!(eager.close_code().await, Some(1000));
}

#[tokio::test]
async fn who_still_sends_a_message_too_big_is_told_so_before_the_connection_ends() {
    let engine = Engine::start();
    let mut sender = RawSocket::signed_in(&engine, &engine.token("ann", "user")).await;
    let mut header = vec![FIN | TEXT, 0x80 | 127];
    header.extend_from_slice(&(1_u64 << 22).to_be_bytes());
    header.extend_from_slice(&[0; 4]);
    sender.bytes(&header).await;
    for _ in 0..3 {
        // A connection that was reset would take no more, and lose what came before.
        assert!(sender.frame(TEXT, &[b' '; 10_000]).await);
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(sender.close_code().await, Some(1009));
}

/// Cases; `PROPTEST_CASES` makes them more, as it does for every other test of this kind.
#[expect(clippy::disallowed_methods, reason = "a test's own switch; the engine never reads it")]
fn cases() -> u64 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// Something a client might say, whole or damaged.
fn utterance(random: &mut StdRng, token: &str) -> Vec<u8> {
    let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
    let query = json!({ "query": "{ viewer { id } }" });
    let watch = json!({ "query": "subscription { inboxEvents { __typename } }" });
    let texts = [
        init.to_string(),
        json!({ "type": "ping" }).to_string(),
        json!({ "id": "1", "type": "subscribe", "payload": query }).to_string(),
        json!({ "id": "2", "type": "subscribe", "payload": watch }).to_string(),
        json!({ "id": "2", "type": "complete" }).to_string(),
        json!({ "id": "3", "type": "subscribe", "payload": { "query": "{{{{", "variables": { "a": [[[]]] } } }).to_string(),
        "[".repeat(3_000),
        String::new(),
    ];
    let mut payload = texts.choose(random).expect("some").clone().into_bytes();
    if random.random_bool(0.3) && !payload.is_empty() {
        let at = random.random_range(0..payload.len());
        payload[at] = random.random();
    }
    let first = match random.random_range(0..12) {
        0 => random.random(),
        1 => TEXT,
        2 => CONTINUATION,
        3 => FIN | CONTINUATION,
        4 => FIN | PING,
        _ => FIN | TEXT,
    };
    let mut frame = masked(first, &payload);
    if random.random_bool(0.05) {
        frame.truncate(random.random_range(0..=frame.len()));
    }
    frame
}

#[tokio::test]
async fn whatever_is_said_in_whatever_order_the_engine_goes_on() {
    let engine = Engine::with(&[("RIALTO_LIMITS__OPERATIONS_PER_SOCKET", "4")]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let token = engine.token("bob", "user");
    for seed in 0..cases() {
        let mut random = StdRng::seed_from_u64(seed);
        let mut socket = if random.random_bool(0.7) {
            RawSocket::signed_in(&engine, &token).await
        } else {
            RawSocket::open(&engine).await
        };
        for _ in 0..random.random_range(1..12) {
            if !socket.bytes(&utterance(&mut random, &token)).await {
                break;
            }
        }
        if random.random_bool(0.5) {
            // Whatever came before, a close is answered, or was sent already; or a length that was cut short takes it for its own.
            socket.frame(FIN | CLOSE, &1000_u16.to_be_bytes()).await;
        }
    }
    figure_until(&engine, "rialto_connections", "websocket", |open| open < 2.0).await;
    let payload = send(&ann, &id, "2", "Still there?").await.expect("it goes on");
    assert_eq!(payload["message"]["status"], "SENT");
    let log = engine.log_so_far();
    assert!(!log.iter().any(|line| line.contains("panicked")), "{log:#?}");
}
