//! A request of a form that was found valid before is answered just like one that is new, and does the same.

use serde_json::{Value, json};

use crate::support::{Engine, all_messages, start};

const MASK: &str = "Call me: 0176 12345678";

/// Documents that post one message: what they answer can be laid out in advance, or not.
const DOCUMENTS: [&str; 3] = [
    "mutation($id: ID!, $client: String!, $body: String!) { \
        sendMessage(input: { conversationId: $id, clientId: $client, body: $body }) { \
        message { id seq body status clientId notice sentAt sender { id name } } \
        userErrors { code field message retryAfterSeconds } } }",
    "mutation Post($id: ID!, $client: String!, $body: String!) { \
        posted: sendMessage(input: { body: $body, conversationId: $id, clientId: $client }) { \
        __typename message { ...Said } userErrors { code } message { place: seq } } } \
        fragment Said on Message { words: body status ... on Message { seq } }",
    "mutation($id: ID!, $client: String!, $body: String!) { \
        sendMessage(input: { conversationId: $id, clientId: $client, body: $body }) { \
        conversation { id state } message { seq body } userErrors { code } } }",
];

#[tokio::test]
async fn a_known_request_is_answered_like_a_new_one() {
    let engine = Engine::start();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let mut posted = 1;
    for (n, document) in DOCUMENTS.into_iter().enumerate() {
        let bodies = ["Is it still there?", "Where do you live?", MASK, "", " "];
        for (turn, body) in bodies.into_iter().enumerate() {
            let client = format!("{n}-{turn}");
            let asked = json!({ "id": id, "client": client, "body": body });
            let mut answers = Vec::new();
            // New in the first turn and known from then on; and then in other words, which nobody knows.
            let other = format!("{document}{}", " ".repeat(turn + 1));
            for text in [document, document, &other] {
                answers.push(ann.execute(text, asked.clone()).await.expect("an answer"));
            }
            let payload = &answers[0][if n == 1 { "posted" } else { "sendMessage" }];
            let is_posted = !payload["message"].is_null();
            assert_eq!(is_posted, !body.trim().is_empty(), "{payload}");
            assert_ne!(is_posted, payload["userErrors"] != json!([]), "{payload}");
            posted += u64::from(is_posted);
            if is_posted {
                assert_eq!(payload["message"]["seq"], posted, "once: {payload}");
            }
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        }
    }
    let stranger = engine.client("eve", "user").await;
    for (client, takes_part) in [(&stranger, false), (&sam, true)] {
        let asked = |id: &str| json!({ "id": id, "client": "x", "body": "Let me in, please." });
        for id in [&*id, "no-such-conversation"] {
            let known = client.execute(DOCUMENTS[0], asked(id)).await.expect("an answer");
            let new = format!("{} {}", DOCUMENTS[0], "#".repeat(3));
            let new = client.execute(&new, asked(id)).await.expect("an answer");
            let codes = known["sendMessage"]["userErrors"].as_array().map(Vec::len);
            let admitted = takes_part && id != "no-such-conversation";
            assert_eq!(codes, Some(usize::from(!admitted)), "{known}");
            assert_eq!(known, new);
        }
    }
    let mine = all_messages(&ann, &id).await;
    let seqs: Vec<&Value> = mine.iter().map(|message| &message["seq"]).collect();
    assert_eq!(seqs.len() as u64, posted + 1, "and Sam's: {seqs:?}");
}
