//! Promise 9 for each user: so many connections, so many subscriptions, whichever way they come, and no more.

use rialto_client::{Client, ClientError, Operation};
use serde_json::json;

use crate::raw::{figure, figure_until};
use crate::support::{EVENTS, Engine, next_event, start};

async fn subscribed(client: &Client, id: &str) -> Operation {
    let mut events = client.subscribe(EVENTS, json!({ "id": id }));
    next_event(&mut events).await;
    events
}

/// Status and body of a subscription asked for as an event stream; of one that begins only the status.
async fn stream(engine: &Engine, token: &str, id: &str) -> (reqwest::Response, String) {
    let body = json!({ "query": EVENTS, "variables": { "id": id } }).to_string();
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", engine.url))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(body);
    let mut answer = request.send().await.expect("an answer");
    let mut text = String::new();
    if answer.status() != 200 {
        let bytes = answer.chunk().await.expect("a body").unwrap_or_default();
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    (answer, text)
}

#[tokio::test]
async fn a_user_has_so_many_connections() {
    let engine = Engine::with(&[("RIALTO_LIMITS__CONNECTIONS_PER_USER", "3")]);
    engine.seed(1).await;
    let (ann, url) = (engine.token("ann", "user"), engine.ws_url());
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(Client::connect(&url, &ann).await.expect("room"));
    }
    let id = start(&open[0], "listing-0", "1", "Hello").await;
    let (third, _) = stream(&engine, &ann, &id).await;
    assert_eq!(third.status(), 200, "a stream counts like a socket");
    match Client::connect(&url, &ann).await {
        // Clients of this protocol take this code to mean "later"; 4429 would mean "never".
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1013),
        other => panic!("a fourth: {other:?}"),
    }
    let (refused, told) = stream(&engine, &ann, &id).await;
    assert_eq!(refused.status(), 429, "{told}");
    assert_eq!(refused.headers()["retry-after"], "5");
    assert!(told.contains("\"TOO_MANY_CONNECTIONS\"") && told.contains("retryAfterSeconds"));
    assert!(figure(&engine, "rialto_requests_refused_total", "TOO_MANY_CONNECTIONS").await >= 2.0);
    Client::connect(&url, &engine.token("bob", "user")).await.expect("others have their own");
    drop(third);
    figure_until(&engine, "rialto_connections", "sse", |open| open < 1.0).await;
    Client::connect(&url, &ann).await.expect("there is room again");
}

#[tokio::test]
async fn a_user_has_so_many_subscriptions_on_all_connections() {
    let engine = Engine::with(&[("RIALTO_LIMITS__SUBSCRIPTIONS_PER_USER", "4")]);
    engine.seed(1).await;
    let (first, second) = (engine.client("ann", "user").await, engine.client("ann", "user").await);
    let id = start(&first, "listing-0", "1", "Hello").await;
    let mut open = Vec::new();
    for client in [&first, &second] {
        open.push(subscribed(client, &id).await);
    }
    open.push(subscribed(&second, &id).await);
    let (fourth, _) = stream(&engine, &engine.token("ann", "user"), &id).await;
    assert_eq!(fourth.status(), 200);
    for client in [&first, &second] {
        let mut fifth = client.subscribe(EVENTS, json!({ "id": id }));
        let refused = fifth.next().await.expect("an answer").expect_err("a fifth");
        assert!(refused.to_string().contains("TOO_MANY_SUBSCRIPTIONS"), "{refused}");
    }
    let (refused, told) = stream(&engine, &engine.token("ann", "user"), &id).await;
    assert_eq!((refused.status().as_u16(), told.contains("TOO_MANY_SUBSCRIPTIONS")), (429, true));
    let sam = engine.client("sam", "user").await;
    let _others = subscribed(&sam, &id).await;
    open.pop();
    // Its `complete` and the next subscription go over the same socket, in order.
    let _again = subscribed(&second, &id).await;
}
