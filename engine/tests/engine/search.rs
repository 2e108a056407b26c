//! Search through the API: found in a moment, jumped to, gone when it is gone, and whole again after every accident.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rialto_client::Client;
use serde_json::{Value, json};

use crate::support::{CONTACT, Engine, PATIENCE, send, start};

pub const SEARCH: &str = "query($q: String!, $filter: MessageSearchFilter, $first: Int, $after: String, \
    $order: SearchOrder! = RELEVANCE, $reason: String) { \
    found: searchMessages(query: $q, filter: $filter, first: $first, after: $after, order: $order, \
        reason: $reason) { \
        nodes { conversationId seq snippet { text match } message { body status sender { id } } } \
        terms { kind text value } pageInfo { hasNextPage endCursor } } }";
const CONVERSATIONS: &str = "query($q: String!, $reason: String) { \
    found: searchConversations(query: $q, reason: $reason) { nodes { conversationId \
        conversation { id } title { text match } names { user { id } name { text match } } } } }";
pub const INDEX: &str = "{ index: searchIndex { kind state problem messages conversations setAside \
    lagSeconds build { conversationsDone } } }";

async fn search(client: &Client, query: &str) -> Value {
    search_with(client, json!({ "q": query })).await
}

pub async fn search_with(client: &Client, variables: Value) -> Value {
    client.execute(SEARCH, variables).await.expect("an answer")["found"].take()
}

/// The texts a query finds.
pub async fn texts(client: &Client, query: &str) -> Vec<String> {
    let found = search(client, query).await;
    let nodes = found["nodes"].as_array().expect("nodes").iter();
    nodes.map(|hit| hit["message"]["body"].as_str().expect("a text").to_owned()).collect()
}

/// Asks until the query finds this many, and no more.
async fn until_found(client: &Client, query: &str, count: usize) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = texts(client, query).await;
        if found.len() == count {
            return found;
        }
        assert!(Instant::now() < deadline, "`{query}` finds {found:?}, not {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many messages a query finds, page by page; none may come twice.
pub async fn count(client: &Client, query: &str) -> usize {
    let mut places = BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let page = search_with(client, json!({ "q": query, "first": 100, "after": after })).await;
        for hit in page["nodes"].as_array().expect("nodes") {
            let place = (hit["conversationId"].to_string(), hit["seq"].as_u64().expect("a number"));
            assert!(places.insert(place.clone()), "{place:?} comes twice");
        }
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            return places.len();
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

pub async fn index(engine: &Engine) -> Value {
    let admin = engine.client("boss", "admin").await;
    admin.execute(INDEX, Value::Null).await.expect("an answer")["index"].take()
}

pub async fn until_ready(engine: &Engine) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let index = index(engine).await;
        if index["state"] == "READY" && index["build"].is_null() {
            return;
        }
        assert!(Instant::now() < deadline, "search is not ready: {index}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_message_is_found_by_whom_it_is_for_as_it_is_now() {
    let engine = Engine::start();
    engine.seed(2).await;
    until_ready(&engine).await;
    let (ann, sam, eve) = (
        engine.client("ann", "user").await,
        engine.client("sam", "user").await,
        engine.client("eve", "user").await,
    );
    let id = start(&ann, "listing-0", "first", "Is the turquoise bicycle still here?").await;
    for (n, body) in ["It has a scratch", "Keys at the Café Müller"].iter().enumerate() {
        send(&sam, &id, &format!("s{n}"), body).await.expect("sent");
    }
    until_found(&sam, "turquoise", 1).await;
    let found = search(&sam, "turqoise bicyc").await;
    let hit = &found["nodes"][0];
    assert_eq!((&hit["conversationId"], &hit["seq"]), (&json!(id), &json!(1)), "where to jump to");
    let marked: Vec<&str> = hit["snippet"]
        .as_array()
        .expect("a snippet")
        .iter()
        .filter(|part| part["match"] == json!(true))
        .filter_map(|part| part["text"].as_str())
        .collect();
    assert!(marked[0] == "turquoise" && "bicycle".starts_with(marked[1]), "{marked:?}");
    assert_eq!(
        until_found(&sam, "cafe muller", 1).await,
        ["Keys at the Café Müller"],
        "no accents"
    );
    assert_eq!(texts(&eve, "turquoise").await, [] as [&str; 0], "not a stranger");
    // Operators, and what the query was understood as.
    let found = search(&ann, "from:me listing:\"bicycle 0\" -scratch here").await;
    assert_eq!(found["nodes"].as_array().map(Vec::len), Some(1), "{found}");
    let kinds: Vec<_> =
        found["terms"].as_array().expect("terms").iter().map(|t| &t["kind"]).collect();
    assert_eq!(kinds, ["FROM", "LISTING", "EXCLUDED", "WORD"]);
    assert_eq!(texts(&ann, "from:sam").await.len(), 2);
    assert_eq!(texts(&ann, "from:SAM has:attachment").await, [] as [&str; 0]);
    assert_eq!(texts(&ann, "before:yesterday").await, [] as [&str; 0]);
    let wrong = ann.execute(SEARCH, json!({ "q": "before:whenever" })).await;
    let wrong = wrong.expect_err("a date that is none").to_string();
    assert!(wrong.contains("before:whenever") && wrong.contains("2026-11-22"), "{wrong}");
    // An edit, and taking it back.
    let edit = "mutation($id: ID!, $body: String!) { editMessage(input: {messageId: $id, body: $body}) \
                { message { id } userErrors { message } } }";
    let message = format!("{}:1", id.replacen("conversation:", "message:", 1));
    let changed = ann.execute(edit, json!({ "id": message, "body": "Is the vermilion one here?" }));
    assert_eq!(changed.await.expect("edited")["editMessage"]["userErrors"], json!([]));
    until_found(&sam, "vermilion", 1).await;
    assert_eq!(texts(&sam, "turquoise").await, [] as [&str; 0], "the old text is gone");
    let retract =
        "mutation($id: ID!) { retractMessage(input: {messageId: $id}) { userErrors { message } } }";
    ann.execute(retract, json!({ "id": message })).await.expect("retracted");
    until_found(&ann, "vermilion", 0).await;
    // Conversations, by title and by name, also when they change.
    let rename = "mutation($u: [UserInput!]!, $l: [ListingInput!]!) { upsertUsers(input: {users: $u}) { userErrors { message } } \
                  upsertListings(input: {listings: $l}) { userErrors { message } } }";
    let backend = engine.client("backend", "service").await;
    let listing = json!([{ "externalId": "listing-0", "title": "Tandem", "sellerId": "sam", "category": "tandems" }]);
    let users = json!([{ "id": "sam", "name": "Samuel Pepys" }]);
    backend.execute(rename, json!({ "u": users, "l": listing })).await.expect("renamed");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found =
            ann.execute(CONVERSATIONS, json!({ "q": "tandem pepys" })).await.expect("found");
        let nodes = found["found"]["nodes"].as_array().expect("nodes").clone();
        if let [hit] = nodes.as_slice() {
            assert_eq!(hit["conversation"]["id"], json!(id));
            assert_eq!(hit["title"], json!([{ "text": "Tandem", "match": true }]));
            break;
        }
        assert!(Instant::now() < deadline, "new names are not found: {nodes:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A conversation keeps the category it was started with, as the API shows it.
    assert_eq!(until_found(&ann, "category:bike scratch", 1).await, ["It has a scratch"]);
    assert_eq!(texts(&ann, "category:tandems scratch").await, [] as [&str; 0]);
}

#[tokio::test]
async fn staff_say_why_they_search_and_it_is_kept() {
    let engine = Engine::start();
    engine.seed(1).await;
    until_ready(&engine).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let direct = start(&ann, "listing-0", "first", "ring me on +44 7911 123456").await;
    ann.execute(CONTACT, json!({ "clientId": "1", "body": "My payment is stuck" }))
        .await
        .expect("asked");
    let (agent, moderator) =
        (engine.client("agnes", "agent").await, engine.client("mo", "moderator").await);
    let refused = agent.execute(SEARCH, json!({ "q": "payment" })).await.expect_err("no reason");
    assert!(refused.to_string().contains("reason"), "{refused}");
    let ask = |q: &str| json!({ "q": q, "reason": "case 12" });
    let deadline = Instant::now() + PATIENCE;
    while search_with(&agent, ask("payment")).await["nodes"].as_array().map(Vec::len) != Some(1) {
        assert!(Instant::now() < deadline, "the agent finds the support conversation");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        search_with(&agent, ask("ring")).await["nodes"],
        json!([]),
        "private ones are not for agents"
    );
    let found = search_with(&moderator, ask("7911 verdict:mask")).await;
    assert_eq!(found["nodes"][0]["conversationId"], json!(direct), "{found}");
    assert_eq!(texts(&sam, "7911").await, [] as [&str; 0], "what is masked is not found");
    assert_eq!(texts(&ann, "7911").await.len(), 1, "but by who wrote it");
    let denied = sam.execute(SEARCH, json!({ "q": "verdict:mask" })).await.expect_err("staff only");
    assert!(denied.to_string().contains("staff"), "{denied}");
    let denied = sam.execute(INDEX, Value::Null).await.expect_err("staff only");
    assert!(denied.to_string().contains("staff"), "{denied}");
    let denied = moderator
        .execute("mutation { rebuildSearchIndex { userErrors { message } } }", Value::Null);
    assert!(denied.await.expect_err("admins only").to_string().contains("admins"));
}

/// `GET /health`
pub async fn health(engine: &Engine) -> Value {
    let answer = reqwest::get(format!("{}/health", engine.url)).await.expect("an answer");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

#[tokio::test]
async fn figures_of_followers_are_told_to_those_who_watch() {
    let engine = Engine::start();
    until_ready(&engine).await;
    let answer = reqwest::get(format!("{}/metrics", engine.url)).await.expect("an answer");
    let text = String::from_utf8(answer.bytes().await.expect("a body").to_vec()).expect("text");
    for line in [
        "rialto_outbox_lag_groups{consumer=\"search\"} 0",
        "rialto_outbox_lag_seconds{consumer=\"inbox\"} 0",
        "rialto_outbox_set_aside_entries{consumer=\"search\"} 0",
        "rialto_search_ready 1",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    let health = health(&engine).await;
    assert_eq!((&health["status"], &health["search"]), (&json!("ok"), &json!("ready")), "{health}");
}
