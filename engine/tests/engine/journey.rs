//! One message's journey: sent, judged, stored, delivered, read.

use serde_json::json;

use crate::support::{
    CONTACT, EVENTS, Engine, MESSAGES, all_messages, next_durable, next_event, send, start,
};

#[tokio::test]
async fn a_buyer_and_a_seller_talk() {
    let engine = Engine::start();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let mut inbox = sam.subscribe(
        "subscription { inboxEvents { __typename ... on InboxChanged { unreadCount conversation { id } } } }",
        json!({}),
    );
    let id = start(&ann, "listing-0", "1", "Is it still there?").await;
    let changed = inbox.next().await.expect("open").expect("no errors");
    assert_eq!(changed["inboxEvents"]["conversation"]["id"], json!(id));
    assert_eq!(changed["inboxEvents"]["unreadCount"], 1);

    let mut events = ann.subscribe(EVENTS, json!({ "id": id, "after": 0 }));
    assert_eq!(next_event(&mut events).await["__typename"], "ConversationSnapshot");
    assert_eq!(next_durable(&mut events).await["message"]["body"], "Is it still there?");
    let answer = send(&sam, &id, "1", "Yes, come by").await.expect("sent");
    assert_eq!(answer["message"]["status"], "SENT");
    let posted = next_durable(&mut events).await;
    assert_eq!(posted["seq"], 2);
    assert_eq!(posted["message"]["body"], "Yes, come by");
    assert_eq!(posted["message"]["sender"]["id"], "sam");
    assert!(posted["message"]["clientId"].is_null(), "client ids are the sender's own affair");

    sam.execute(
        "mutation($id: ID!) { setTyping(input: {conversationId: $id, typing: true}) { userErrors { code } } \
         markRead(input: {conversationId: $id, seq: 2}) { conversation { lastRead } userErrors { code } } }",
        json!({ "id": id }),
    )
    .await
    .expect("typing and read");
    let typing = next_event(&mut events).await;
    assert_eq!((&typing["typing"], &typing["user"]["id"]), (&json!(true), &json!("sam")));
    let read = next_event(&mut events).await;
    assert_eq!((&read["lastReadSeq"], &read["user"]["id"]), (&json!(2), &json!("sam")));

    let list = "{ viewer { unreadCount conversations(first: 10) { nodes { id unreadCount lastSeq \
        participants { user { id name } role } listing { title } } } } }";
    let mine = sam.execute(list, json!({})).await.expect("list");
    assert_eq!(mine["viewer"]["unreadCount"], 0);
    let conversation = &mine["viewer"]["conversations"]["nodes"][0];
    assert_eq!(conversation["id"], json!(id));
    assert_eq!(conversation["listing"]["title"], "Bicycle 0");
    let theirs = ann.execute(list, json!({})).await.expect("list");
    assert_eq!(theirs["viewer"]["unreadCount"], 1, "ann has not read the answer");
}

#[tokio::test]
async fn starting_twice_finds_the_same_conversation() {
    let engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    assert_eq!(start(&ann, "listing-0", "2", "Hello again").await, id);
    assert_eq!(start(&ann, "listing-0", "2", "Hello again").await, id);
    assert_eq!(all_messages(&ann, &id).await.len(), 2, "the retry added nothing");
}

#[tokio::test]
async fn support_answers_and_a_closed_conversation_takes_no_more() {
    let engine = Engine::start();
    engine.seed(0).await;
    let (ann, gil) = (engine.client("ann", "user").await, engine.client("gil", "agent").await);
    let answer =
        ann.execute(CONTACT, json!({ "clientId": "1", "body": "I was charged twice" })).await;
    let answer = answer.expect("contactSupport");
    let id = answer["contactSupport"]["conversation"]["id"].as_str().expect("an id").to_owned();
    let desk =
        "{ viewer { unreadCount conversations(first: 5) { nodes { id kind unreadCount } } } }";
    let seen = gil.execute(desk, json!({})).await.expect("the desk's list");
    assert_eq!(seen["viewer"]["conversations"]["nodes"][0]["id"], json!(id));
    assert_eq!(seen["viewer"]["unreadCount"], 1);
    let reply = send(&gil, &id, "1", "Looking into it: mail me at help@market.example").await;
    assert_eq!(reply.expect("sent")["message"]["status"], "SENT", "staff are not filtered");
    let close = "mutation($id: ID!) { closeConversation(input: {conversationId: $id}) \
        { conversation { state } userErrors { code } } }";
    let closed = gil.execute(close, json!({ "id": id })).await.expect("closed");
    assert_eq!(closed["closeConversation"]["conversation"]["state"], "CLOSED");
    let late = send(&ann, &id, "2", "Thanks").await.expect("an answer");
    assert_eq!(late["userErrors"][0]["code"], "CONVERSATION_CLOSED");
    let retry = ann.execute(CONTACT, json!({ "clientId": "1", "body": "I was charged twice" }));
    let retry = retry.await.expect("a retry is answered, closed or not");
    assert_eq!(retry["contactSupport"]["message"]["seq"], 1);
}

#[tokio::test]
async fn a_masked_message_has_three_projections_and_its_edit_is_judged_again() {
    let engine = Engine::start();
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let mut events = sam.subscribe(EVENTS, json!({ "id": id, "after": 1 }));
    assert_eq!(next_event(&mut events).await["__typename"], "ConversationSnapshot");
    let sent = send(&ann, &id, "2", "Call me: +44 7911 123456").await.expect("sent");
    assert_eq!(sent["message"]["status"], "MASKED", "{sent}");
    assert_eq!(sent["message"]["body"], "Call me: +44 7911 123456", "the sender sees their words");
    let seen = next_durable(&mut events).await;
    let body = seen["message"]["body"].as_str().expect("a body");
    assert!(body.starts_with("Call me: ") && !body.contains("123456"), "masked live: {body}");
    let listed = all_messages(&sam, &id).await;
    assert_eq!(listed[1]["body"], json!(body), "history shows what the stream showed");
    let mia = engine.client("mia", "moderator").await;
    let staff = "query($id: ID!) { conversation(id: $id, reason: \"a report\") { messages(last: 1) { nodes { body \
        verdict { action policyVersion signals { id filter filterVersion spans { start end } } } } } } }";
    let staff = mia.execute(staff, json!({ "id": id })).await.expect("staff may look");
    let message = &staff["conversation"]["messages"]["nodes"][0];
    assert_eq!(message["body"], "Call me: +44 7911 123456");
    assert_eq!(message["verdict"]["action"], "MASK");
    assert_eq!(message["verdict"]["signals"][0]["id"], "contact.phone");

    let edit = "mutation($id: ID!, $body: String!) { editMessage(input: {messageId: $id, body: $body}) \
        { message { body status } userErrors { code } } }";
    let message_id = sent["message"]["id"].clone();
    let edited = ann
        .execute(edit, json!({ "id": message_id, "body": "Let us talk here" }))
        .await
        .expect("edited");
    assert_eq!(edited["editMessage"]["message"]["status"], "SENT");
    let event = next_durable(&mut events).await;
    assert_eq!(event["__typename"], "MessageEdited");
    assert_eq!(event["message"]["body"], "Let us talk here");
    let theirs = sam
        .execute(edit, json!({ "id": message_id, "body": "mine now" }))
        .await
        .expect("an answer");
    assert_eq!(theirs["editMessage"]["userErrors"][0]["code"], "NOT_YOUR_MESSAGE");
    let retract = "mutation($id: ID!) { retractMessage(input: {messageId: $id}) \
        { message { status body } userErrors { code } } }";
    let retracted = ann.execute(retract, json!({ "id": message_id })).await.expect("retracted");
    assert_eq!(retracted["retractMessage"]["message"]["status"], "RETRACTED");
    assert_eq!(next_durable(&mut events).await["message"]["body"], "");
    let answer = sam.execute(MESSAGES, json!({ "id": id, "last": 1 })).await.expect("messages");
    assert_eq!(answer["conversation"]["messages"]["nodes"][0]["status"], "RETRACTED");
}

#[tokio::test]
async fn a_blocked_buyer_can_not_go_on() {
    let engine = Engine::start();
    engine.seed(2).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let block = "mutation($id: ID!) { blockParticipant(input: {conversationId: $id}) { userErrors { code } } }";
    let blocked = sam.execute(block, json!({ "id": id })).await.expect("blocked");
    assert_eq!(blocked["blockParticipant"]["userErrors"], json!([]));
    let refused = send(&ann, &id, "2", "Hello?").await.expect("an answer");
    assert_eq!(refused["userErrors"][0]["code"], "BLOCKED");
    let elsewhere = ann
        .execute(
            crate::support::START,
            json!({ "listingId": "listing-1", "clientId": "3", "body": "And this one?" }),
        )
        .await
        .expect("an answer");
    assert_eq!(elsewhere["startConversation"]["userErrors"][0]["code"], "BLOCKED");
    let unblock = "mutation($id: ID!) { unblockParticipant(input: {conversationId: $id}) { userErrors { code } } }";
    sam.execute(unblock, json!({ "id": id })).await.expect("unblocked");
    let again = send(&ann, &id, "2", "Hello?").await.expect("an answer");
    assert_eq!(again["userErrors"], json!([]));
    let history = all_messages(&ann, &id).await;
    assert_eq!(history.len(), 2);
}
