//! The clock of a running engine jumps, forwards and back: order, windows, tokens, followers and figures hold.

use std::time::Duration;

use rialto_client::{Client, ClientError};
use serde_json::{Value, json};

use crate::healthy::until;
use crate::raw::figure_until;
use crate::shims::Dial;
use crate::support::{EVENTS, Engine, all_messages, next_durable, next_event, send, start};

const HOUR: i64 = 3_600;
const EDIT: &str = "mutation($id: ID!, $body: String!) { editMessage(input: {messageId: $id, body: $body}) { \
    message { body } userErrors { code } } }";
const FOUND: &str =
    "query($q: String!) { searchMessages(query: $q, first: 5) { nodes { message { seq } } } }";
const LISTED: &str = "{ viewer { conversations(first: 5) { nodes { id lastSeq } } } }";

async fn posted(client: &Client, id: &str, n: u64) -> Value {
    let payload = send(client, id, &format!("m{n}"), &format!("zebra number {n}")).await;
    let payload = payload.expect("an answer");
    assert_eq!(payload["message"]["seq"], n, "numbers go on: {payload}");
    payload["message"]["id"].clone()
}

async fn edited(client: &Client, message: &Value, body: &str) -> Value {
    let variables = json!({ "id": message, "body": body });
    let answer = client.execute(EDIT, variables).await.expect("an answer");
    answer["editMessage"]["userErrors"][0]["code"].clone()
}

#[tokio::test]
async fn an_hour_forwards_and_two_back_break_nothing() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let clock = Dial::of_clock(dir.path());
    let mut engine = Engine::with(&clock.settings());
    engine.seed(1).await;
    let long = engine.token_for("ann", "user", "30d");
    let short = engine.token_for("ann", "user", "30m");
    let ann = Client::connect(&engine.ws_url(), &long).await.expect("a socket");
    let sam = engine.client("sam", "user").await;
    let id = start(&ann, "listing-0", "m1", "zebra number 1").await;
    let mut events = sam.subscribe(EVENTS, json!({ "id": id, "after": 1 }));
    next_event(&mut events).await;
    let now = posted(&ann, &id, 2).await;

    clock.set(HOUR);
    let later = posted(&ann, &id, 3).await;
    assert_eq!(
        edited(&ann, &now, "zebra, late").await,
        "EDIT_WINDOW_OVER",
        "an hour ago, by this clock"
    );
    assert_eq!(edited(&ann, &later, "zebra, changed").await, Value::Null, "just now");
    let refused = Client::connect(&engine.ws_url(), &short).await;
    assert!(matches!(refused, Err(ClientError::Closed { code: 4403, .. })), "expired: {refused:?}");

    clock.set(-HOUR);
    posted(&ann, &id, 5).await;
    assert_eq!(
        edited(&ann, &later, "zebra, again").await,
        Value::Null,
        "a message of the future is no old one"
    );
    Client::connect(&engine.ws_url(), &short).await.expect("good again, by this clock");
    posted(&ann, &id, 7).await;
    // A retry of long ago, or of the future, gets its first answer.
    for (client_id, seq) in [("m2", 2), ("m3", 3), ("m7", 7)] {
        let again = send(&ann, &id, client_id, "something else").await.expect("an answer");
        assert_eq!(again["message"]["seq"], seq);
    }
    for seq in 2..=7 {
        assert_eq!(
            next_durable(&mut events).await["seq"],
            seq,
            "in order, whatever the clock says"
        );
    }
    // A search shows one moment, and messages of what is the future by this clock are not of it.
    followed(&engine, &sam, &id, 2).await;

    engine.kill_and_restart();
    let ann = Client::connect(&engine.ws_url(), &long).await.expect("a socket");
    posted(&ann, &id, 8).await;
    clock.set(0);
    posted(&ann, &id, 9).await;
    let seqs: Vec<u64> =
        all_messages(&ann, &id).await.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(seqs, [1, 2, 3, 5, 7, 8, 9], "in the order of their numbers");
    let sam = engine.client("sam", "user").await;
    followed(&engine, &sam, &id, 5).await;
}

/// Lists, search and figures have caught up.
async fn followed(engine: &Engine, sam: &Client, id: &str, messages: usize) {
    figure_until(engine, "rialto_outbox_lag_groups", "", |lag| lag < 1.0).await;
    let listed = sam.execute(LISTED, json!({})).await.expect("a list");
    assert_eq!(listed["viewer"]["conversations"]["nodes"][0]["id"], id, "{listed}");
    let mut found = Value::Null;
    for _ in 0..100 {
        found = sam.execute(FOUND, json!({ "q": "zebra" })).await.unwrap_or_default();
        if found["searchMessages"]["nodes"].as_array().is_some_and(|nodes| nodes.len() >= messages)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        found["searchMessages"]["nodes"].as_array().is_some_and(|it| it.len() >= messages),
        "{found}"
    );
    let staff = engine.client("desk", "agent").await;
    let mut live = staff.subscribe("subscription { liveStats { __typename } }", json!({}));
    assert!(matches!(live.next().await, Some(Ok(_))), "live figures are told");
    let health = until(&engine.url, "/health", |status, _| status == 200).await;
    assert_eq!(health["status"], "ok", "{health}");
}
