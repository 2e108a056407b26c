//! Promise 5: to a stranger, a conversation that exists and one that does not are the same.

use serde_json::{Value, json};

use crate::support::{CONTACT, EVENTS, Engine, start};

/// Every operation that takes a conversation or message, with `$id` or `$message`.
const OPERATIONS: [&str; 16] = [
    "query($id: ID!) { conversation(id: $id) { id lastSeq messages(last: 5) { nodes { body } } } }",
    "query($id: ID!) { node(id: $id) { id __typename } }",
    "query($id: ID!) { nodes(ids: [$id]) { id __typename } }",
    "query($message: ID!) { node(id: $message) { id __typename ... on Message { body } } }",
    "mutation($id: ID!) { sendMessage(input: {conversationId: $id, clientId: \"1\", body: \"hi\"}) \
     { message { id } userErrors { code message field retryAfterSeconds } } }",
    "mutation($id: ID!) { sendMessage(input: {conversationId: $id, clientId: \"first\", body: \"hi\"}) \
     { message { id } userErrors { code message field retryAfterSeconds } } }",
    "mutation($id: ID!) { markRead(input: {conversationId: $id, seq: 1}) \
     { conversation { id } userErrors { code message field } } }",
    "mutation($id: ID!) { setTyping(input: {conversationId: $id, typing: true}) \
     { userErrors { code message field } } }",
    "mutation($message: ID!) { editMessage(input: {messageId: $message, body: \"mine\"}) \
     { message { id } userErrors { code message field } } }",
    "mutation($message: ID!) { retractMessage(input: {messageId: $message}) \
     { message { id } userErrors { code message field } } }",
    "mutation($id: ID!) { blockParticipant(input: {conversationId: $id}) \
     { conversation { id } userErrors { code message field } } }",
    "mutation($id: ID!) { unblockParticipant(input: {conversationId: $id}) \
     { conversation { id } userErrors { code message field } } }",
    "mutation($id: ID!) { closeConversation(input: {conversationId: $id}) \
     { conversation { id } userErrors { code message field } } }",
    "mutation($id: ID!) { reopenConversation(input: {conversationId: $id}) \
     { conversation { id } userErrors { code message field } } }",
    "subscription($id: ID!) { conversationEvents(conversationId: $id, after: 0) { __typename } }",
    "subscription($id: ID!) { conversationEvents(conversationId: $id) { __typename } }",
];

/// The first answer to an operation, with the id it was about made anonymous.
async fn first_answer(client: &rialto_client::Client, operation: &str, id: &str) -> String {
    let message = format!("{}:1", id.replacen("conversation:", "message:", 1));
    let variables = if operation.contains("$message") {
        json!({ "message": message })
    } else {
        json!({ "id": id })
    };
    let answer = client.subscribe(operation, variables).next().await;
    let bare = id.trim_start_matches("conversation:");
    format!("{answer:?}").replace(bare, "<id>")
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_any_operation() {
    let engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let direct = start(&ann, "listing-0", "first", "Between us").await;
    let answer = ann.execute(CONTACT, json!({ "clientId": "first", "body": "Private" })).await;
    let support = answer.expect("contactSupport")["contactSupport"]["conversation"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let unknown = format!("conversation:{}", "0".repeat(32));
    // Who may not see which.
    let strangers = [
        ("eve", "user", vec![&direct, &support]),
        ("gil", "agent", vec![&direct]),
        ("shop", "service", vec![&direct, &support]),
    ];
    for (sub, role, hidden) in strangers {
        let stranger = engine.client(sub, role).await;
        for operation in OPERATIONS {
            let nothing = first_answer(&stranger, operation, &unknown).await;
            for id in &hidden {
                let answer = first_answer(&stranger, operation, id).await;
                assert_eq!(answer, nothing, "{role} asking {operation}");
                assert!(!answer.contains("Between us") && !answer.contains("Private"));
            }
        }
        let list = "{ viewer { unreadCount conversations(first: 10) { nodes { id } } } }";
        let list = stranger.execute(list, json!({})).await.expect("a list");
        let ids: Vec<&Value> = list["viewer"]["conversations"]["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| &node["id"])
            .collect();
        assert!(hidden.iter().all(|id| !ids.contains(&&json!(id))), "{role} lists {ids:?}");
    }
    let mut events = ann.subscribe(EVENTS, json!({ "id": direct, "after": 0 }));
    for expected in ["ConversationSnapshot", "MessagePosted"] {
        assert_eq!(crate::support::next_event(&mut events).await["__typename"], expected);
    }
}
