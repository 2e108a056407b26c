//! What one subscriber made of an event is left to others, but never to those who should see something else.

use serde_json::{Value, json};

use crate::support::{Engine, next_durable, send, start};

const PLAIN: &str = "subscription($id: ID!) { conversationEvents(conversationId: $id) { \
    __typename ... on DurableEvent { seq } \
    ... on MessagePosted { message { body clientId notice sender { name } } } } }";
const SWITCHED: &str = "subscription($id: ID!, $names: Boolean!) { conversationEvents(conversationId: $id) { \
    __typename ... on DurableEvent { seq } ... on HiddenEvent { seq @include(if: $names) } \
    ... on MessagePosted { message { body sender { id name @include(if: $names) } } } } }";
const PRIVATE: &str = "subscription($id: ID!) { conversationEvents(conversationId: $id) { \
    __typename ... on DurableEvent { seq } \
    ... on MessagePosted { message { body conversation { unreadCount } verdict { action } } } } }";

#[tokio::test]
async fn every_subscriber_sees_what_it_would_see_alone() {
    let engine = Engine::start();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let staff = engine.client("mo", "moderator").await;
    let watched = format!("{{ conversation(id: \"{id}\", reason: \"a test\") {{ id }} }}");
    staff.execute(&watched, json!({})).await.expect("a reason");

    let mut subscribers = Vec::new();
    for client in [&ann, &sam, &staff] {
        for _ in 0..3 {
            subscribers.push(client.subscribe(PLAIN, json!({ "id": id })));
        }
        for names in [true, false] {
            subscribers.push(client.subscribe(SWITCHED, json!({ "id": id, "names": names })));
        }
        subscribers.push(client.subscribe(PRIVATE, json!({ "id": id })));
    }
    for subscriber in &mut subscribers {
        assert_eq!(
            crate::support::next_event(subscriber).await["__typename"],
            "ConversationSnapshot"
        );
    }
    // Masked for sam; then plain, after whatever was left of the first.
    let number = "Call me: 0176 12345678";
    for (client_id, body) in [("a", number), ("b", "Is it still there?")] {
        send(&ann, &id, client_id, body).await.expect("sent");
    }
    for (at, subscriber) in subscribers.iter_mut().enumerate() {
        let (who, kind) = (["ann", "sam", "mo"][at / 6], at % 6);
        for (seq, body) in [(2, number), (3, "Is it still there?")] {
            let event = next_durable(subscriber).await;
            let message = &event["message"];
            assert_eq!(event["seq"], seq, "{who} {kind}: {event}");
            let masked = who == "sam" && seq == 2;
            assert_eq!(message["body"] != body, masked, "{who} {kind}: {event}");
            let name = message["sender"].get("name");
            match kind {
                0..3 => {
                    let own = if seq == 2 { "a" } else { "b" };
                    let expected = if who == "ann" { json!(own) } else { Value::Null };
                    assert_eq!(message["clientId"], expected, "{who}: {event}");
                    assert!(name.is_some(), "{event}");
                }
                3 => assert!(name.is_some(), "asked for: {event}"),
                4 => assert!(name.is_none(), "left out: {event}"),
                _ => {
                    let unread = message["conversation"]["unreadCount"].as_u64().expect("a count");
                    assert_eq!(unread > 0, who == "sam", "{who}: {event}");
                    let verdict = message["verdict"].is_object();
                    assert_eq!(verdict, who == "mo" && seq == 2, "{who}: {event}");
                }
            }
        }
    }
}
