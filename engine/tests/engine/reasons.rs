//! Who learns why: staff the whole record, by an audited query; senders and recipients words, never the machinery.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use rialto_engine::app::Rooms;
use rialto_engine::config::Limits;
use rialto_engine::domain::{Clock, Role, Viewer};
use rialto_engine::graphql::{self, ApiSchema, Caller};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rooms::{client_id, listing, rooms, viewer};

const MASKED: &str = "please ring me on +44 7911 123456";
const REFUSED: &str = "write to ann@example.com";

const POLICY: &str = r#"
failure_notice = "We are checking this."
[[row]]
signal = "contact.email"
action = "refuse"
notice = { en = "No addresses, please.", de = "Bitte keine Adressen." }
[[row]]
signal = "contact.phone"
action = "mask"
notice = "Numbers are hidden."
warning = "A number is hidden."
"#;

/// Everything a participant can read of a conversation and its messages.
const READ: &str = "query($id: ID!) { conversation(id: $id) { lastMessage { body notice warning \
    verdict { action policyVersion signals { filter } } } messages { nodes { id body status notice \
    warning verdict { action policyVersion signals { filter filterVersion id confidence } } } } } }";
const SEND: &str = "mutation($id: ID!, $body: String!, $clientId: String!) { sendMessage(input: \
    {conversationId: $id, clientId: $clientId, body: $body}) { message { body notice warning verdict \
    { action } } userErrors { code message field } } }";
const DECISIONS: &str = "query($filter: DecisionFilter) { decisions(filter: $filter, first: 10) { \
    nodes { conversationId messageId sender { id } body notice micros verdict { action policyVersion \
    signals { filter id spans { start end } evidence { name } } } runs { filter version digest \
    configHash mode micros } } pageInfo { hasNextPage endCursor } } }";

pub fn schema(rooms: &Rooms) -> ApiSchema {
    let api = graphql::Rooms {
        store: rooms.store.clone(),
        conversations: rooms.conversations.clone(),
        outbox: rooms.outbox.clone(),
        inbox: rooms.inbox.clone(),
        search: rooms.search.clone(),
        releases: rooms.releases.clone(),
        backtests: rooms.backtests.clone(),
        moderation: rooms.moderation.clone(),
        insight: rooms.insight.clone(),
        staff: rooms.staff.clone(),
        clock: rooms.clock.clone(),
    };
    graphql::build_schema(&api, &Limits::default(), true).strict
}

pub async fn ask(schema: &ApiSchema, viewer: &Viewer, query: &str, variables: Value) -> Value {
    let request = Request::new(query)
        .variables(Variables::from_json(variables))
        .data(Caller(Some(Arc::new(viewer.clone()))));
    serde_json::to_value(schema.execute(request).await).expect("an answer")
}

#[tokio::test]
async fn participants_read_words_and_staff_read_reasons_under_audit() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("policy.toml");
    std::fs::write(&file, POLICY).expect("a policy file");
    let rooms =
        rooms(&dir, Clock::system(), |config| config.filters.policy_file = Some(file)).await;
    let schema = schema(&rooms);
    let (ann, sam) = (viewer("ann", Role::User), viewer("sam", Role::User));
    let started = rooms.conversations.start_direct(&ann, &listing(0), client_id(0), MASKED).await;
    let id = format!("conversation:{}", started.expect("started").view.conversation.id);
    let send = json!({ "id": id, "body": REFUSED, "clientId": "1" });
    let refused = ask(&schema, &ann, SEND, send).await;
    let told = &refused["data"]["sendMessage"]["userErrors"][0]["message"];
    assert_eq!(*told, json!("No addresses, please."), "{refused}");

    let seen_by_ann = ask(&schema, &ann, READ, json!({ "id": id })).await;
    let seen_by_sam = ask(&schema, &sam, READ, json!({ "id": id })).await;
    let message = |seen: &Value| seen["data"]["conversation"]["messages"]["nodes"][0].clone();
    assert_eq!(message(&seen_by_ann)["notice"], json!("Numbers are hidden."));
    assert_eq!(message(&seen_by_ann)["warning"], Value::Null, "is not for the sender");
    assert_eq!(message(&seen_by_sam)["warning"], json!("A number is hidden."));
    assert_eq!(message(&seen_by_sam)["notice"], Value::Null, "is not for the recipient");
    for seen in [&refused, &seen_by_ann, &seen_by_sam] {
        let text = seen.to_string();
        for internal in ["contact", "guard", "filterVersion", "policyVersion", "confidence"] {
            assert!(!text.contains(internal), "{internal} in {text}");
        }
    }

    let before = rooms.clock.now();
    for role in [Role::User, Role::Agent, Role::Senior, Role::Service] {
        let answer = ask(&schema, &viewer("eve", role), DECISIONS, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!((code, &answer["data"]["decisions"]), (&json!("FORBIDDEN"), &Value::Null));
    }
    let mo = viewer("mo", Role::Moderator);
    let filter = json!({ "filter": { "senderId": "ann", "filterName": "contact-guard" } });
    let answer = ask(&schema, &mo, DECISIONS, filter).await;
    let nodes = &answer["data"]["decisions"]["nodes"];
    assert_eq!(nodes.as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(nodes[0]["body"], json!(REFUSED), "the newest first, also one that was refused");
    assert_eq!(nodes[0]["messageId"], Value::Null, "which is no message");
    assert_eq!(nodes[1]["verdict"]["signals"][0]["id"], json!("contact.phone"));
    let run = &nodes[1]["runs"][0];
    let digest = run["digest"].as_str().expect("a digest");
    assert!(digest.len() == 64 && run["version"] == json!(1), "which version exactly: {run}");
    let audited = rooms.store.audit_log(before..=rooms.clock.now()).await.expect("the audit log");
    let looks: Vec<_> = audited.iter().filter(|entry| entry.action == "decisions.read").collect();
    assert_eq!(looks.len(), 1, "one entry, of the one who was let in: {audited:?}");
    assert_eq!(looks[0].target, "sender=ann filter=contact-guard");
    rooms.close().await.expect("closed");
}

#[test]
fn only_staffs_types_can_name_signals_and_filters() {
    let sdl = graphql::sdl();
    // Types a participant can reach, with the one field that is null for them, as the test above shows.
    for name in
        ["Conversation", "Participant", "MessagePosted", "MessageEdited", "UserError", "User"]
    {
        let body = sdl.split(&format!("type {name} ")).nth(1).and_then(|it| it.split("\n}").next());
        let body = body.unwrap_or_else(|| panic!("the schema has no type {name}"));
        for internal in ["Signal", "Verdict", "FilterRun", "Decision"] {
            let exposed = body.lines().any(|line| {
                !line.trim_start().starts_with('"') && line.contains(&format!(": {internal}"))
            });
            assert!(!exposed, "{name} shows a {internal}");
        }
    }
}
