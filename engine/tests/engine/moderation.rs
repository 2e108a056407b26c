//! A held message and its moderators: one decision of two gets through, everybody is told in order, and it can be undone.

use std::time::Duration;

use rialto_client::{Client, Operation};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{EVENTS, Engine, PATIENCE, next_durable, send, start};

const POLICY: &str = r#"
failure_notice = "We are checking this."
[[row]]
signal = "contact.phone"
min_confidence = 0.2
action = "hold"
notice = "We are checking your message."
"#;
pub const NUMBER: &str = "please ring me on +44 7911 123456";

const QUEUE: &str = "query($order: QueueOrder) { moderationQueue(order: $order, first: 10) { totalCount \
    nodes { id severity heldSeconds message { body revision status verdict { signals { id spans { start end } } } } \
        conversation { id kind participants { role } } policyRows { table name action } \
        context { seq body } senderMessages { body } senderDecisions { undone decision { decision } } } } }";
const DECIDE: &str = "mutation($input: DecideInput!) { decide(input: $input) { message { id status revision body } \
    decision { decision seq by { id } reason } userErrors { code message field } } }";
const UNDO: &str = "mutation($input: UndoDecisionInput!) { undoDecision(input: $input) { message { status } \
    decision { decision } userErrors { code } } }";

/// An engine whose policy holds telephone numbers.
pub fn engine() -> (Engine, TempDir) {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("policy.toml");
    std::fs::write(&file, POLICY).expect("a policy");
    let file = file.to_str().expect("UTF-8").to_owned();
    (Engine::with(&[("RIALTO_FILTERS__POLICY_FILE", &file)]), dir)
}

pub async fn decide(client: &Client, input: Value) -> Value {
    let mut answer = client.execute(DECIDE, json!({ "input": input })).await.expect("an answer");
    answer["decide"].take()
}

async fn undo(client: &Client, message: &str, seq: &Value) -> Value {
    let input = json!({ "messageId": message, "decisionSeq": seq });
    let mut answer = client.execute(UNDO, json!({ "input": input })).await.expect("an answer");
    answer["undoDecision"].take()
}

async fn queue(client: &Client) -> Value {
    let mut answer = client.execute(QUEUE, json!({ "order": "OLDEST" })).await.expect("the queue");
    answer["moderationQueue"].take()
}

async fn events(client: &Client, id: &str, after: u64) -> Operation {
    let mut events = client.subscribe(EVENTS, json!({ "id": id, "after": after }));
    let snapshot = crate::support::next_event(&mut events).await;
    assert_eq!(snapshot["__typename"], "ConversationSnapshot");
    events
}

/// Polls the viewer's unread count until it is so.
async fn unread_becomes(client: &Client, expected: u64, why: &str) {
    let mut seen = Value::Null;
    for _ in 0..100 {
        let answer =
            client.execute("{ viewer { unreadCount } }", json!({})).await.expect("a count");
        seen = answer["viewer"]["unreadCount"].clone();
        if seen == json!(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{why}: {expected} unread, not {seen}");
}

#[tokio::test]
async fn a_released_message_reaches_its_recipient_in_order_and_can_be_taken_back() {
    let (mut engine, _policy) = engine();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let mia = engine.client("mia", "moderator").await;
    let id = start(&ann, "listing-0", "1", "Is it still there?").await;
    let (mut to_sam, mut to_ann) = (events(&sam, &id, 0).await, events(&ann, &id, 0).await);
    let mut to_queue = mia.subscribe(
        "subscription { queueEvents { __typename ... on QueueItemAdded { heldCount item { id } } \
         ... on QueueItemRemoved { heldCount messageId decision { decision } } } }",
        json!({}),
    );
    let held = send(&ann, &id, "2", NUMBER).await.expect("sent");
    assert_eq!(held["message"]["status"], "HELD");
    let message = held["message"]["id"].as_str().expect("an id").to_owned();
    send(&ann, &id, "3", "or write here").await.expect("sent");
    for expected in ["MessagePosted", "HiddenEvent", "MessagePosted"] {
        assert_eq!(next_durable(&mut to_sam).await["__typename"], expected);
        assert_eq!(next_durable(&mut to_ann).await["__typename"], "MessagePosted");
    }
    unread_becomes(&sam, 2, "what is held is not counted").await;
    let read = "mutation($id: ID!) { markRead(input: {conversationId: $id, seq: 3}) { userErrors { code } } }";
    sam.execute(read, json!({ "id": id })).await.expect("read");
    unread_becomes(&sam, 0, "all is read").await;

    let added = tokio::time::timeout(PATIENCE, to_queue.next()).await.expect("in time");
    let added = added.expect("open").expect("no errors")["queueEvents"].take();
    assert_eq!((&added["item"]["id"], &added["heldCount"]), (&json!(message), &json!(1)));
    let found = queue(&mia).await;
    assert_eq!(found["totalCount"], 1);
    let item = &found["nodes"][0];
    assert_eq!(item["message"]["body"], NUMBER);
    assert_eq!(item["message"]["verdict"]["signals"][0]["id"], "contact.phone");
    assert_eq!(
        item["policyRows"][0],
        json!({"table": "row", "name": "contact.phone", "action": "HOLD"})
    );
    let around: Vec<u64> = item["context"]
        .as_array()
        .expect("context")
        .iter()
        .map(|it| it["seq"].as_u64().expect("a number"))
        .collect();
    assert_eq!(around, [1, 2, 3], "the conversation around it");
    assert_eq!(item["senderMessages"].as_array().map(Vec::len), Some(2), "what else she said");

    // The sender changes the text while a moderator looks: what they saw is not what they would decide about.
    let seen = item["message"]["revision"].clone();
    let edit = "mutation($id: ID!) { editMessage(input: {messageId: $id, body: \"ring +44 7911 999999 now\"}) \
        { message { status } userErrors { code } } }";
    let edited = ann.execute(edit, json!({ "id": message })).await.expect("edited");
    assert_eq!(edited["editMessage"]["message"]["status"], "HELD", "{edited}");
    let stale = json!({"messageId": message, "decision": "RELEASE", "expectedRevision": seen});
    assert_eq!(decide(&mia, stale).await["userErrors"][0]["code"], "CONFLICT");
    next_durable(&mut to_sam).await;
    next_durable(&mut to_ann).await;

    let release = json!({"messageId": message, "decision": "RELEASE", "reason": "known dealer"});
    let done = decide(&mia, release.clone()).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    let decision = done["decision"]["seq"].clone();
    for (name, events) in [("sam", &mut to_sam), ("ann", &mut to_ann)] {
        let told = next_durable(events).await;
        assert_eq!(told["__typename"], "MessageDecided", "{name}");
        assert_eq!((&told["seq"], &told["message"]["seq"]), (&decision, &json!(2)), "{name}");
        assert_eq!(told["message"]["body"], "ring +44 7911 999999 now", "{name}: as it is now");
        assert_eq!(told["message"]["status"], "SENT", "{name}");
        assert!(told["decision"].is_null(), "{name} learns nothing of the moderator: {told}");
    }
    unread_becomes(&sam, 1, "a late message is unread, though later ones were read").await;
    assert_eq!(decide(&mia, release).await["decision"]["seq"], decision, "a retry changes nothing");
    assert_eq!(queue(&mia).await["totalCount"], 0);

    // Whoever was away when the engine died gets the same, in order.
    drop((to_sam, to_ann, to_queue, ann, sam, mia));
    engine.kill_and_restart();
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let max = engine.client("max", "moderator").await;
    let mut to_sam = events(&sam, &id, 3).await;
    assert_eq!(next_durable(&mut to_sam).await["__typename"], "HiddenEvent", "the edit");
    let replayed = next_durable(&mut to_sam).await;
    assert_eq!((&replayed["seq"], &replayed["message"]["seq"]), (&decision, &json!(2)));
    let mut to_ann = events(&ann, &id, 5).await;

    let other = json!({"messageId": message, "decision": "REMOVE"});
    let late = decide(&max, other).await;
    assert_eq!(late["userErrors"][0]["code"], "ALREADY_DECIDED");
    assert_eq!(late["decision"]["by"]["id"], "mia", "the second learns who was first");
    assert_eq!(late["decision"]["reason"], "known dealer");
    let undone = undo(&max, &message, &decision).await;
    assert_eq!(undone["message"]["status"], "HELD", "{undone}");
    assert_eq!(undo(&max, &message, &decision).await["userErrors"], json!([]), "a retry");
    for (events, message) in [(&mut to_sam, Value::Null), (&mut to_ann, json!("HELD"))] {
        let told = next_durable(events).await;
        assert_eq!(told["__typename"], "DecisionUndone");
        assert_eq!(told["message"]["status"], message);
    }
    unread_becomes(&sam, 0, "what is gone is not unread").await;
    let waiting = queue(&max).await;
    assert_eq!(waiting["nodes"][0]["senderDecisions"][0]["undone"], true, "{waiting}");

    let removed = decide(&max, json!({"messageId": message, "decision": "REMOVE"})).await;
    assert_eq!(removed["message"]["status"], "REMOVED", "{removed}");
    assert_eq!(next_durable(&mut to_sam).await["__typename"], "HiddenEvent", "he never knew");
    let told = next_durable(&mut to_ann).await;
    assert_eq!(told["message"]["status"], "REMOVED");
    assert_eq!(told["message"]["notice"], "A moderator removed this message.");
    let edited = ann.execute(edit, json!({ "id": message })).await.expect("an answer");
    assert_eq!(edited["editMessage"]["userErrors"][0]["code"], "MESSAGE_DECIDED");
}

#[tokio::test]
async fn a_delivered_message_is_masked_or_removed_after_the_fact() {
    let (engine, _policy) = engine();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let mia = engine.client("mia", "admin").await;
    let id = start(&ann, "listing-0", "1", "my word is swordfish").await;
    let mut to_sam = events(&sam, &id, 1).await;
    let message = id.replacen("conversation:", "message:", 1) + ":1";
    unread_becomes(&sam, 1, "it was delivered").await;
    let spans = json!([{"start": 11, "end": 20}]);
    let mask = json!({"messageId": message, "decision": "MASK", "spans": spans});
    let masked = decide(&mia, mask).await;
    assert_eq!(masked["message"]["body"], "my word is swordfish", "staff see it whole: {masked}");
    let told = next_durable(&mut to_sam).await;
    assert_eq!(told["message"]["body"], "my word is •••••••••");
    assert_eq!(told["message"]["status"], "MASKED");
    let nothing = json!({"messageId": message, "decision": "MASK", "expectedRevision": masked["message"]["revision"]});
    assert_eq!(decide(&mia, nothing).await["userErrors"][0]["field"], "spans", "nothing to hide");
    let remove = json!({"messageId": message, "decision": "REMOVE", "expectedRevision": masked["message"]["revision"]});
    let removed = decide(&mia, remove).await;
    let told = next_durable(&mut to_sam).await;
    assert_eq!(
        (&told["messageId"], &told["message"]),
        (&json!(message), &Value::Null),
        "he drops it"
    );
    unread_becomes(&sam, 0, "a removed message is not unread").await;
    undo(&mia, &message, &removed["decision"]["seq"]).await;
    let told = next_durable(&mut to_sam).await;
    assert_eq!(told["message"]["status"], "MASKED", "as it was before that decision: {told}");
    let refused =
        ann.execute(DECIDE, json!({"input": {"messageId": message, "decision": "RELEASE"}}));
    assert!(refused.await.is_err(), "users decide nothing");
    drop(engine);
}

#[tokio::test]
async fn of_two_moderators_one_gets_through_even_over_a_crash() {
    let (mut engine, _policy) = engine();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "0", "Hello").await;
    let mut held = Vec::new();
    for n in 0..6 {
        let sent = send(&ann, &id, &format!("held {n}"), NUMBER).await.expect("sent");
        held.push(sent["message"]["id"].as_str().expect("an id").to_owned());
    }
    let (mia, max) = (engine.client("mia", "moderator").await, engine.client("max", "admin").await);
    for message in &held[..3] {
        let (one, two) = tokio::join!(
            decide(&mia, json!({"messageId": message, "decision": "RELEASE"})),
            decide(&max, json!({"messageId": message, "decision": "REMOVE"})),
        );
        let lost = [&one, &two].iter().filter(|it| it["userErrors"] != json!([])).count();
        assert_eq!(lost, 1, "one wins: {one} {two}");
        assert_eq!(one["decision"], two["decision"], "and both know which");
        let loser = if one["userErrors"] == json!([]) { &two } else { &one };
        assert_eq!(loser["userErrors"][0]["code"], "ALREADY_DECIDED");
    }
    // The engine dies while a decision is under way: the retry finds it made, or makes it.
    drop((mia, max, ann));
    for message in &held[3..] {
        let mia = engine.client("mia", "moderator").await;
        let input = json!({"messageId": message, "decision": "RELEASE"});
        let under_way = mia.subscribe(DECIDE, json!({ "input": input }));
        tokio::time::sleep(Duration::from_millis(5)).await;
        engine.kill_and_restart();
        drop(under_way);
        let mia = engine.client("mia", "moderator").await;
        assert_eq!(decide(&mia, input).await["userErrors"], json!([]), "a retry is safe");
    }
    let sam = engine.client("sam", "user").await;
    let mut log = events(&sam, &id, 0).await;
    let mut decided = Vec::new();
    let mut shown = Vec::new();
    let last = 1 + 6 + 6;
    loop {
        let event = next_durable(&mut log).await;
        if event["__typename"] == "MessageDecided" {
            decided.push(event["messageId"].as_str().expect("an id").to_owned());
        }
        shown.push(event["seq"].as_u64().expect("a number"));
        if event["seq"] == json!(last) {
            break;
        }
    }
    assert_eq!(shown, (1..=last).collect::<Vec<u64>>(), "no gap, nothing twice");
    let crashed: Vec<_> = decided.iter().filter(|it| held[3..].contains(it)).collect();
    assert_eq!(crashed.len(), 3, "each was told once: {decided:?}");
}
