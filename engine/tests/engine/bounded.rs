//! Promise 9: over a limit the answer is an error with a code, not growth.

use serde_json::{Value, json};

use crate::support::{Engine, send, start};

async fn first_error(client: &rialto_client::Client, query: &str) -> Value {
    match client.execute(query, json!({})).await {
        Err(rialto_client::ClientError::GraphQl(errors)) => errors[0]["extensions"]["code"].clone(),
        other => panic!("an error was expected: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_too_large_too_deep_or_too_much_is_refused_with_a_code() {
    let engine = Engine::with(&[
        ("RIALTO_LIMITS__SENDS_PER_SECOND", "5"),
        ("RIALTO_LIMITS__SEND_BURST", "5"),
        ("RIALTO_LIMITS__OPERATIONS_PER_SOCKET", "10"),
        ("RIALTO_LIMITS__BULK", "4"),
    ]);
    engine.seed(3).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;

    let long = "x".repeat(10_000);
    let payload = send(&ann, &id, "2", &long).await.expect("an answer");
    assert_eq!(payload["userErrors"][0]["code"], "BODY_TOO_LONG");
    let payload = send(&ann, &id, "3", " \n\t ").await.expect("an answer");
    assert_eq!(payload["userErrors"][0]["code"], "BODY_EMPTY");

    let pages = "{ viewer { conversations(first: 100) { nodes { messages(first: 100) { nodes { body \
        conversation { messages(first: 100) { nodes { body } } } } } } } } }";
    assert_eq!(first_error(&ann, pages).await, "TOO_COMPLEX");
    let deep = "{ viewer { conversations(first: 1) { nodes { lastMessage { conversation { lastMessage { \
        conversation { lastMessage { conversation { lastMessage { conversation { lastMessage { conversation { \
        lastMessage { conversation { lastMessage { body } } } } } } } } } } } } } } } } }";
    assert_eq!(first_error(&ann, deep).await, "TOO_DEEP");
    let aliases: String = (0..40).map(|n| format!("a{n}: __typename ")).collect();
    assert_eq!(first_error(&ann, &format!("{{ {aliases} }}")).await, "TOO_MANY_ALIASES");
    let page = "{ viewer { conversations(first: 1000) { nodes { id } } } }";
    assert_eq!(first_error(&ann, page).await, "BAD_USER_INPUT");

    let mut codes = Vec::new();
    for n in 0..20 {
        let payload = send(&ann, &id, &format!("burst-{n}"), "quick").await.expect("an answer");
        codes.push(payload["userErrors"][0].clone());
    }
    let limited = codes.iter().find(|error| error["code"] == "RATE_LIMITED").expect("a limit");
    assert!(limited["retryAfterSeconds"].as_u64().is_some_and(|seconds| seconds >= 1));

    let service = engine.client("backend", "service").await;
    let bulk = "mutation($users: [UserInput!]!) { upsertUsers(input: {users: $users}) { userErrors { code } } }";
    let users: Vec<Value> = (0..5).map(|n| json!({ "id": format!("u{n}"), "name": "U" })).collect();
    let answer = service.execute(bulk, json!({ "users": users })).await.expect("an answer");
    assert_eq!(answer["upsertUsers"]["userErrors"][0]["code"], "TOO_MANY");

    let query = "subscription($id: ID!) { conversationEvents(conversationId: $id) { __typename } }";
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut operation = ann.subscribe(query, json!({ "id": id }));
        operation.next().await.expect("open").expect("a snapshot");
        open.push(operation);
    }
    let mut eleventh = ann.subscribe(query, json!({ "id": id }));
    let refused = eleventh.next().await.expect("an answer").expect_err("a limit");
    assert!(refused.to_string().contains("TOO_MANY_OPERATIONS"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_engine_says_busy_and_recovers() {
    let engine = Engine::with(&[
        ("RIALTO_CONVERSATIONS__MAILBOX", "2"),
        ("RIALTO_CONVERSATIONS__INTAKE", "4"),
    ]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let sends: Vec<String> = (0..64).map(|n| format!("flood-{n}")).collect();
    let flood = sends.iter().map(|client_id| send(&ann, &id, client_id, "now"));
    let payloads = futures_util::future::join_all(flood).await;
    let mut busy = 0;
    for payload in &payloads {
        let payload = match payload {
            Ok(payload) => payload,
            // So much is under way that it was not even looked at.
            Err(rialto_client::ClientError::GraphQl(errors)) => {
                assert_eq!(errors[0]["extensions"]["code"], "BUSY", "{errors}");
                assert!(errors[0]["extensions"]["retryAfterSeconds"].is_number());
                busy += 1;
                continue;
            }
            Err(other) => panic!("an answer was expected: {other}"),
        };
        if payload["userErrors"][0]["code"] == "BUSY" {
            assert!(payload["userErrors"][0]["retryAfterSeconds"].is_number());
            busy += 1;
        } else {
            assert_eq!(payload["userErrors"], json!([]));
        }
    }
    assert!(busy > 0, "64 at once do not fit a mailbox of 2");
    let after = send(&ann, &id, "after", "calm again").await.expect("an answer");
    assert_eq!(after["message"]["status"], "SENT");
}
